"""What only the portal does: photos that come before the return, and asking for it exactly once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.idempotency import Answer, fingerprint, once
from accounts.problems import Conflict
from customers.models import Order
from returns import events
from returns.actions.remarks import store_photo
from returns.actions.request import request_return
from returns.actions.wish import Wanted
from returns.models import Photo, Return
from returns.photos.reencode import reencode

MAX_DRAFT_PHOTOS = 10


def hold_photo(data: bytes, *, held: Sequence[str], actor: Actor) -> Photo:
    """Re-encode a picture and keep it for a return that is still being filled in. Raises Invalid."""
    if len(held) >= MAX_DRAFT_PHOTOS:
        raise Conflict(_("%(max)d photos of one item are enough.") % {"max": MAX_DRAFT_PHOTOS})
    return store_photo(reencode(data), kind="customer", actor=actor)


def ask_once(
    order: Order, wanted: Wanted, photos: Mapping[str, Sequence[str]], *, actor: Actor, visit: str, key: str
) -> Return:
    """Ask for the return of a filled-in form; a second press of the button gives the same return again.

    `photos` are ids of held photos by line. Raises what `request_return` raises.
    """

    def work() -> Answer:
        rma = request_return(order, wanted, actor=actor)
        _attach(rma, photos, actor)
        return 201, {"rma": rma.code}

    (_status, body), _replayed = once(f"visit:{visit}", key, fingerprint("portal", key), work)
    return Return.objects.select_related("order", "shop", "customer", "channel").get(code=body["rma"])


def _attach(rma: Return, photos: Mapping[str, Sequence[str]], actor: Actor) -> None:
    items = {item.line.external_id: item for item in rma.items.select_related("line")}
    wanted = {uid: line for line, uids in photos.items() for uid in uids if line in items}
    rows = list(Photo.objects.filter(uid__in=wanted, rma=None, kind="customer").order_by("pk"))
    for row in rows:
        row.rma, row.item = rma, items[wanted[str(row.uid)]]
    if rows:
        Photo.objects.bulk_update(rows, ["rma", "item"])
        events.log_all(
            rma,
            [("photo.added", {"photo": str(row.uid), "of": row.kind, "sha256": row.sha256}) for row in rows],
            actor=actor,
        )
