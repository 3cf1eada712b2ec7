"""The public verbs on a return; every write that is more than one row goes through one."""

from returns.actions.decide import (
    authorize_return,
    cancel_return,
    decline_return,
    reopen_return,
)
from returns.actions.expire import expire_returns, warn_of_expiry
from returns.actions.finish import close_return, close_short, report_lost
from returns.actions.keep import let_keep
from returns.actions.policies import (
    draft_policy,
    publish_policy,
    restore_policy,
    revise_draft,
    start_due_policies,
    stop_policy,
    try_policy,
)
from returns.actions.remarks import add_note, add_photo
from returns.actions.request import request_return
from returns.actions.ship import create_shipment, void_shipment
from returns.actions.track import announce_own_shipment, record_tracking
from returns.actions.wish import NotEligible, Wish
from returns.lifecycle import follow

__all__ = [
    "NotEligible",
    "Wish",
    "add_note",
    "add_photo",
    "announce_own_shipment",
    "authorize_return",
    "cancel_return",
    "close_return",
    "close_short",
    "create_shipment",
    "decline_return",
    "draft_policy",
    "expire_returns",
    "follow",
    "let_keep",
    "publish_policy",
    "record_tracking",
    "reopen_return",
    "report_lost",
    "request_return",
    "restore_policy",
    "revise_draft",
    "start_due_policies",
    "stop_policy",
    "try_policy",
    "void_shipment",
    "warn_of_expiry",
]
