"""What the OpenAPI document says before the first operation, so that a stranger needs no other page."""

from __future__ import annotations

DESCRIPTION = """\
Orders in, returns through their whole life, money out. Everything is JSON in `snake_case` over HTTPS.

## Keys

Send `Authorization: Bearer <key>` with every request. `manage.py create_api_key NAME --scopes ...` prints a
key once; only its hash is stored. Each operation names the scope it needs; a `write` scope includes its
`read`, `returns:read` reads everything from orders to events, and `admin` does all. A key may be bound to
shops or channels: what lies outside answers like what does not exist. Signed-in staff may call the API from
the browser with their own permissions and a CSRF token.

## A first return

1. `POST /api/v1/orders` stores an order (or `POST /api/v1/orders/import` many).
2. `POST /api/v1/returns` asks for a return and answers with its code, the `rma`. What policy or law refuses
   is kept as `declined` with its reasons; what is impossible is a 422.
3. `POST /api/v1/returns/{rma}/authorize`, if the answer said `requested`.
4. `POST /api/v1/returns/{rma}/shipments` makes the label: `GET /api/v1/shipments/{id}/label.pdf`.
5. `POST /api/v1/returns/{rma}/receipts` when the parcel is here, `POST /api/v1/returns/{rma}/inspections`
   when somebody has looked at it.
6. `POST /api/v1/returns/{rma}/reimbursements/preview`, then the same body to `.../reimbursements`. With the
   `manual` gateway, `POST /api/v1/refunds/{id}/mark-paid` says that the money has left, and the return is
   `resolved`.

## Doing it once

Every POST takes an `Idempotency-Key` of your choice, unique per key. The same key and body give the stored
answer again, with `Idempotent-Replayed: true`; another body is a 422 `idempotency_mismatch`; while the
first request still runs it is a 409 `idempotency_in_flight`. Answers are kept for 72 hours. 401, 403, 429
and 5xx are not kept: send the same request again.

## Problems

A refused request changes nothing and answers with `application/problem+json` (RFC 9457): `code` is for
programs, `detail` for people, in the language of `Accept-Language` (`en`, `he`, `pl`), and `errors` points
into the body (RFC 6901). Where it helps, `max`, `returnable`, `remaining` or `open_return` say what would
be possible. After 429 and 503 wait for `Retry-After` seconds and send the same again.

## Money, time and ids

Amounts are decimal strings with the currency's own number of decimals (`"12.50"` EUR, `"1250"` JPY,
`"1.250"` KWD), with `currency` beside them; never JSON numbers, never negative in a request. Tax rates are
fractions (`"0.23"`). Instants are RFC 3339 with an offset and answered in UTC, dates are ISO 8601. Ids are
UUIDs; orders also go by `channel` and `number`, returns by `rma`. Unknown members of a request are refused;
answers may gain members, so ignore those you do not know.

## Lists

A list is `{"results": [...], "next": url|null, "previous": url|null}`, newest first. `?limit=` says how many
rows a page has, 50 if left out and never more than 200. Follow `next` as it is; pages stay right while rows
are added. An empty query parameter counts as none.
"""

TAGS = {
    "Orders": "What was sold: stored by (`channel`, `number`), every version kept.",
    "Returns": "Asking, deciding, ending: the commands answer with the return.",
    "Shipments": "Labels and what carriers say.",
    "Warehouse": "Parcels, photos, findings and stock.",
    "Money": "What is paid back, how, and what is left.",
    "Withdrawals": "Statements under EU and Israeli law, acknowledged at once, each with its proof.",
    "Policy": "The shop's rules, as documents with versions.",
}
SECTIONS = {
    "Shipments": ("shipments", "own-shipment"),
    "Warehouse": ("receipts", "inspections", "photos", "locations", "stock-movements", "repairs"),
    "Money": (
        "reimbursements",
        "refunds",
        "refundable",
        "store-credits",
        "coupons",
        "goodwill",
        "exchange",
        "exchanges",
        "charges",
        "payout-files",
        "ledger",
        "register",
    ),
    "Withdrawals": ("withdrawals",),
    "Policy": ("policies",),
    "Orders": ("orders", "products", "jobs"),
    "Returns": ("returns", "eligibility"),
}


def section_of(path: str) -> str:
    """The section of the contract that a path belongs to."""
    words = path.split("/")
    return next(name for name, known in SECTIONS.items() if any(word in words for word in known))
