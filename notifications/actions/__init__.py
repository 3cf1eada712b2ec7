"""What can be done with messages: write, claim, send, put off, park, send again."""

from notifications.actions.again import MayNotResend, resend_message, retry_parked
from notifications.actions.answers import answer_letter, answers_a_complaint
from notifications.actions.sending import Receipt, claim_message, put_off, sent
from notifications.actions.writing import write_credit_message, write_message

__all__ = [
    "MayNotResend",
    "Receipt",
    "answer_letter",
    "answers_a_complaint",
    "claim_message",
    "put_off",
    "resend_message",
    "retry_parked",
    "sent",
    "write_credit_message",
    "write_message",
]
