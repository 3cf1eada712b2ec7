"""The withdrawal function as data: its words by law and language, the content of a statement, what is acknowledged."""

from returns.policy.withdrawal.content import canonical, fingerprint
from returns.policy.withdrawal.texts import EU, IL, LAWS, Words, languages_of, version_of, words

__all__ = ["EU", "IL", "LAWS", "Words", "canonical", "fingerprint", "languages_of", "version_of", "words"]
