"""What the calculator is told: all amounts are minor units of the one currency of the order."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

Tender = Literal["original", "store_credit", "exchange", "bank_transfer", "cash"]
RefundOrder = Literal["last_first", "first_first"] | tuple[str, ...]
OWN_MONEY: Final = frozenset({"store_credit", "gift_card"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """An order line that carries money, and what already went back of it.

    `refunded_*` are the sums of unit shares (before fees and deductions); `goodwill_*` those of goodwill and
    price reductions. `withheld_*` is what deductions and fees kept of refunded units: only goodwill gives
    that back.
    """

    id: str
    quantity: int
    gross: int
    tax: int
    tax_rate: Decimal
    refunded_units: int = 0
    refunded_gross: int = 0
    refunded_tax: int = 0
    goodwill_gross: int = 0
    goodwill_tax: int = 0
    withheld_gross: int = 0
    withheld_tax: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeRule:
    """A restocking fee: `fixed` once per return item, `percent` (15 is 15%) of goods and shipping."""

    fixed: int = 0
    percent: Decimal = Decimal(0)
    keep_shipping: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Units of one return item to be paid; `parts` are (leaf, units per claimed unit): several for a kit.

    `payable` is the most units the caller allows; `fee_cap` the most the law allows, None without a limit;
    `fixed_taken` says that an earlier reimbursement of the item took the fixed fee.
    """

    item: str
    line: str
    units: int
    parts: tuple[tuple[str, int], ...]
    payable: int | None = None
    fee: FeeRule | None = None
    fee_cap: int | None = None
    fee_waived: bool = False
    fixed_taken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingRow:
    """A delivery charge as paid, and what already went back of it, goodwill included."""

    id: str
    gross: int
    tax: int
    tax_rate: Decimal
    refunded_gross: int = 0
    refunded_tax: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Deduction:
    """Money kept for what is wrong with an item (gross); never more than the item is refunded with."""

    item: str
    amount: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """Money without goods on leaves and delivery charges; `limit` narrows it, as for one unit of a line."""

    kind: Literal["goodwill", "price_reduction"]
    amount: int | Literal["rest"]
    leaves: tuple[str, ...] = ()
    shipping: tuple[str, ...] = ()
    item: str | None = None
    limit: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A payment of the order; `taken` is what refunds of any state but failed hold of it.

    `position` is the order of capture. `refundable` is what a `partial` one still takes back, None its rest.
    """

    id: str
    kind: str
    captured: int
    taken: int = 0
    refundability: str = "full"
    refundable: int | None = None
    position: int = 0

    @property
    def rest(self) -> int:
        """What was captured and has not gone back."""
        return max(0, self.captured - self.taken)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Everything one reimbursement depends on; equal requests have equal quotes.

    `shipping` is none, all, or an amount. `ceiling` is what is left of the order as a whole, None the rest of
    its payments. `clip` pays what is left instead of refusing when the lines make more than that. `fee_cap`
    limits all restocking fees together. `return_postage` is what the customer laid out for sending the goods,
    `postage_borne` what payments gave back of such earlier.
    `split` False asks for a quote only: no payment has to bear it, and without a ceiling there is none.
    `exchange_price` is what the replacement costs: an exchange keeps as much of the total for it and pays the
    rest back; its bonus only lowers what the customer would have to add. None keeps all of the total.
    """

    currency: str
    leaves: tuple[Leaf, ...]
    claims: tuple[Claim, ...] = ()
    shipping_rows: tuple[ShippingRow, ...] = ()
    shipping: Literal["none", "all"] | int = "none"
    deductions: tuple[Deduction, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    label_fee: int = 0
    label_fee_waived: bool = False
    fee_cap: int | None = None
    claw_back: int = 0
    return_postage: int = 0
    postage_borne: int = 0
    bonus_percent: Decimal = Decimal(0)
    payments: tuple[Payment, ...] = ()
    refund_order: RefundOrder = "last_first"
    ceiling: int | None = None
    clip: bool = False
    tender: Tender = "original"
    split: bool = True
    exchange_price: int | None = None
