"""The verbs on a statement of withdrawal: received, matched, judged, acknowledged, answered, contested, proved."""

from returns.actions.withdrawals.acknowledge import acknowledged, posted, resend_acknowledgement, undelivered
from returns.actions.withdrawals.answer import answer_withdrawal, contest_withdrawal
from returns.actions.withdrawals.available import check_function, last_check
from returns.actions.withdrawals.match import find_candidate, guessed_too_often, match_withdrawal, suggestions
from returns.actions.withdrawals.proof import proof_of
from returns.actions.withdrawals.receive import receive_withdrawal
from returns.actions.withdrawals.seen import SEEN, note_seen
from returns.actions.withdrawals.statement import Statement

__all__ = [
    "SEEN",
    "Statement",
    "acknowledged",
    "answer_withdrawal",
    "check_function",
    "contest_withdrawal",
    "find_candidate",
    "guessed_too_often",
    "last_check",
    "match_withdrawal",
    "note_seen",
    "posted",
    "proof_of",
    "receive_withdrawal",
    "resend_acknowledgement",
    "suggestions",
    "undelivered",
]
