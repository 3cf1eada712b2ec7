"""What can be done with a return now: read off the transition table and the quantities, each saying what it does."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from returns import actions
from returns.actions.finish import UNFINISHED, WAITING
from returns.actions.keep import KEEPABLE
from returns.actions.ship import SHIPPABLE
from returns.forms import desk as forms
from returns.models import Return
from returns.models.rma import Status
from returns.views.desk.standing import Act, Given, Standing

__all__ = ["ACTS", "BY_NAME", "COMMENT", "NOTE", "offered"]


def _all_declined(standing: Standing) -> bool:
    return len({row.item_id for row in standing.against}) >= len(standing.items)


def _authorize(rma: Return, given: Given, actor: Actor) -> object:
    override = given.get("reason") or None
    return actions.authorize_return(rma, actor=actor, items=given["items"], override=override)


def _cancel(rma: Return, given: Given, actor: Actor) -> object:
    wish = "customer" if given["by_customer"] else "staff"
    return actions.cancel_return(rma, actor=actor, items=given["items"], requested_by=wish)


AUTHORIZE = Act(
    "authorize",
    "check",
    _("Authorize"),
    _("Mails the customer, with the label when there is one"),
    when=lambda s: s.undecided and not s.against,
    do=_authorize,
    said=_("Authorized. The customer is told."),
    form=forms.AuthorizeForm,
    asks=False,
)
ACTS: tuple[Act, ...] = (
    AUTHORIZE,
    Act(
        "authorize-some",
        "pencil",
        _("Authorize otherwise"),
        _("Fewer units, or against the policy with a reason; mails the customer"),
        when=lambda s: s.undecided and (not _all_declined(s) or s.actor.may("override_policy")),
        do=_authorize,
        said=AUTHORIZE.said,
        form=forms.AuthorizeForm,
        button=_("Authorize these"),
        url="authorize",
    ),
    Act(
        "decline",
        "ban",
        _("Decline…"),
        _("Mails the customer the reason and what is still possible"),
        when=lambda s: Status.DECLINED in s.commands,
        do=lambda rma, given, actor: actions.decline_return(rma, actor=actor, **given),
        said=_("Declined. The customer is told why."),
        form=forms.DeclineForm,
        button=_("Decline and mail"),
        stop=True,
    ),
    Act(
        "label",
        "printer",
        _("Make a label"),
        _("Mails it to the customer"),
        when=lambda s: s.rma.status in SHIPPABLE,
        do=lambda rma, given, actor: actions.create_shipment(rma, actor=actor, parcels=given["parcels"]),
        said=_("The label is made and on its way to the customer."),
        form=forms.LabelForm,
        button=_("Make the label"),
    ),
    Act(
        "own-shipment",
        "package",
        _("Customer sent it themselves"),
        _("Notes carrier and number as proof of sending, mails the customer"),
        when=lambda s: s.rma.status in SHIPPABLE,
        do=lambda rma, given, actor: actions.announce_own_shipment(rma, actor=actor, **given),
        said=_("Noted. It counts as proof of sending."),
        form=forms.OwnShipmentForm,
        button=_("Save"),
    ),
    Act(
        "lost",
        "circle-help",
        _("Lost on the way"),
        _("Pays the customer all the same, unless you say otherwise"),
        when=lambda s: s.rma.status in WAITING and s.awaited,
        do=lambda rma, given, actor: actions.report_lost(rma, actor=actor, **given),
        said=_("Noted as lost on the way."),
        form=forms.LostForm,
        button=_("It is lost"),
    ),
    Act(
        "keep",
        "gift",
        _("Let the customer keep it"),
        _("Pays without waiting for it, voids the label, mails the customer"),
        when=lambda s: s.rma.status in KEEPABLE and s.awaited,
        do=lambda rma, given, actor: actions.let_keep(rma, actor=actor, **given),
        said=_("The customer keeps it, and is told."),
        form=forms.KeepForm,
        button=_("Keep it and pay"),
        grant="override_policy",
    ),
    Act(
        "close-short",
        "minus",
        _("The rest never came"),
        _("Frees what is missing, goes on with what is here, no mail"),
        when=lambda s: s.rma.status in WAITING and s.awaited,
        do=lambda rma, given, actor: actions.close_short(rma, actor=actor, **given),
        said=_("We stop waiting for it."),
        form=forms.QuantityForm,
        button=_("Go on without it"),
    ),
    Act(
        "cancel",
        "x",
        _("Cancel…"),
        _("Frees the units, mails the customer when nothing is left"),
        when=lambda s: Status.CANCELLED in s.commands and not s.came and any(i.holding > i.waived for i in s.items),
        do=_cancel,
        said=_("Cancelled."),
        form=forms.CancelForm,
        button=_("Cancel these units"),
        stop=True,
    ),
    Act(
        "close",
        "lock",
        _("Close without more money…"),
        _("Writes off what is open, with a reason, no mail"),
        when=lambda s: s.rma.status in UNFINISHED and not s.rma.open_reimbursements,
        do=lambda rma, given, actor: actions.close_return(rma, actor=actor, **given),
        said=_("Closed."),
        form=forms.ReasonForm,
        button=_("Close the return"),
        stop=True,
    ),
    Act(
        "reopen",
        "rotate-ccw",
        _("Open again"),
        _("Checks first that the units are still free, no mail"),
        when=lambda s: not s.rma.is_open and bool({Status.REQUESTED, Status.INSPECTED} & s.commands),
        do=lambda rma, given, actor: actions.reopen_return(rma, actor=actor),
        said=_("Open again."),
        asks=False,
    ),
)
NOTE = Act(
    "note",
    "message-square",
    _("Add note"),
    _("Only staff see it"),
    when=lambda s: True,
    do=lambda rma, given, actor: actions.add_note(rma, given["text"], actor=actor),
    said=_("Note added."),
    form=forms.TextForm,
)
COMMENT = Act(
    "comment",
    "mail",
    _("Send to the customer"),
    _("The customer sees it and is mailed"),
    when=lambda s: True,
    do=lambda rma, given, actor: actions.add_note(rma, given["text"], actor=actor, visible_to_customer=True),
    said=_("Sent. The customer is mailed."),
    form=forms.TextForm,
)
BY_NAME = {act.name: act for act in (*ACTS, NOTE, COMMENT)}


def offered(standing: Standing) -> list[Act]:
    """The commands that this person can give now."""
    return [act for act in ACTS if standing.actor.may(act.grant) and act.when(standing)]
