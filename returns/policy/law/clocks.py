"""The clocks of a profile over the facts of one case: until when the right lasts, and when money has to be back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from returns.policy.facts import Case, OrderFacts
from returns.policy.law.calendars import EVERYWHERE, add_months, after, region_code, rolled
from returns.policy.law.facts import LawFacts
from returns.policy.law.profiles import Clock, LawBook, LawWindow, Profile, Span
from returns.policy.window import DOUBT, ESTIMATED, KNOWN, UNKNOWN, Start, end_of, local_day, start_of, zone


@dataclass(frozen=True, slots=True)
class Right:
    """How long a right lasts before any roll: `raw` where every fact is taken as the trader would, `doubtful` where
    unknown facts are taken for the consumer; None is open, and `doubt` is the code of what is unknown. `sure` is the
    last day about which there is no such doubt, where it is earlier than `raw`."""

    start: date | None
    raw: date | None
    doubt: str = ""
    doubtful: date | None = None
    sure: date | None = None


@dataclass(frozen=True, slots=True)
class RefundClock:
    """When money has to be back: `operational` without any roll, `latest` with it; None while nothing runs."""

    operational: date | None
    latest: date | None
    withhold: str


class Clocks:
    """One case under one profile."""

    def __init__(self, book: LawBook, profile: Profile, case: Case, facts: LawFacts) -> None:
        self.profile, self.case, self.facts = profile, case, facts
        self.order: OrderFacts = case.order
        self.country = case.order.country or ""
        self.region = region_code(self.country, facts.region)
        window = profile.window or profile.if_not_displayed
        self.calendar = book.calendar(window.calendar if window else "", self.country)

    def day(self, instant: datetime) -> date:
        """The local day of an instant at the delivery address."""
        return local_day(instant, self.order.time_zone)

    @property
    def sent_at(self) -> datetime:
        """When the statement left the consumer: sent in time is in time (CRD art. 11(2)).

        A complaint that came earlier shows that the defect was there then; it is no statement of withdrawal.
        """
        sent = self.facts.submitted_at or self.case.asked_at
        complained = None if "change_of_mind" in self.profile.reasons else self.facts.complaint_received_at
        return min(sent, self.facts.dispatched_at or sent, complained or sent)

    @property
    def informed_at(self) -> datetime:
        """When the trader learned of it."""
        return self.facts.informed_at or self.facts.submitted_at or self.case.asked_at

    def roll(self, day: date) -> date:
        """The consumer's last day after the roll; an unknown place counts as one with the holiday."""
        region = self.region
        if self.calendar.regional and region is None:
            region = EVERYWHERE
        return rolled(day, self.calendar, self.country, region, anywhere=True)

    def roll_surely(self, day: date) -> date:
        """The trader's last day after the roll: only over what is surely a holiday at the address."""
        return rolled(day, self.calendar, self.country, self.region)

    def still_open(self, last_day: date | None) -> bool:
        """Whether the statement was sent before the end of that local day."""
        return last_day is None or self.sent_at < end_of(last_day, self.order.time_zone)

    def unknown_place(self, raw: date | None) -> str:
        """What of the place is unknown and alone keeps the right open: its code."""
        if raw is None:
            return ""
        end = end_of(self.roll(raw), self.order.time_zone)
        if zone(self.order.time_zone) is None and end - DOUBT <= self.sent_at < end:
            return "time_zone_unknown"
        if not self.still_open(self.roll_surely(raw)):
            return "region_unknown"
        return ""

    def right(self, window: LawWindow) -> Right:
        """How long the right of this profile lasts."""
        start = self._start(window)
        if start.day is None:
            return Right(None, None, "delivery_unknown" if start.certainty == UNKNOWN else "")
        first_end = after(start.day, self._span(self._length(window)), self.country, self.region)
        found = self._informed(window, start.day, first_end) or self._lasting(window, start.day, first_end)
        if start.certainty == ESTIMATED and found.raw is not None:
            return replace(found, doubt=found.doubt or "delivery_estimated", doubtful=None)
        return found

    def _lasting(self, window: LawWindow, start: date, first_end: date) -> Right:
        """The end of a right about which nobody had to be informed."""
        last = self._paused(window, first_end)
        if last is None:
            return Right(start, None)
        if window.claim_months:
            return Right(start, last, "defect_day_unknown", add_months(last, window.claim_months))
        if window.by_region and self.region is None:
            spans = [window.span, *window.by_region.values()]
            shortest = min(after(start, self._span(each), self.country) for each in spans)
            return Right(start, last, "region_unknown", last, sure=shortest)
        return Right(start, last)

    def _length(self, window: LawWindow) -> Span:
        """The length where the consumer lives."""
        return window.by_region.get(self.region or "", window.span)

    def _span(self, span: Span) -> Span:
        """The length of the right; choosing a repair adds to it once (Dir. (EU) 2024/1799 art. 16)."""
        bonus, since = self.profile.repair_bonus, self.profile.repair_bonus_from
        if bonus is None or since is None or self.facts.repair_chosen_at is None:
            return span
        if self.day(self.order.placed_at) < since:
            return span
        return Span(span.days, span.months + bonus.months, span.unit)

    def _start(self, window: LawWindow) -> Start:
        if window.event in ("purchase", "contract"):
            return Start(self.day(self.order.placed_at), KNOWN)
        if window.event == "refusal":
            return Start(self.day(self.sent_at), KNOWN)
        if self.facts.regular_delivery:
            return self._first_delivery()
        return start_of("delivered", self.order)

    def _first_delivery(self) -> Start:
        """Regular deliveries count from the first one (CRD art. 9(2)(b)(iii))."""
        days = [self.day(p.delivered_at) for p in self.order.parcels or () if p.delivered_at]
        return Start(min(days), KNOWN) if days else start_of("delivered", self.order)

    def _informed(self, window: LawWindow, start: date, first_end: date) -> Right | None:
        """What late or unknown information about the right does to its end; None where it was given in time."""
        given = self.facts.information_given_at
        if window.extension is None and not window.open_until_informed:
            return None
        if given is None:
            longest = self._longest(window, first_end) if window.extension else None
            return Right(start, first_end, "information_unknown", longest)
        told = self.day(given)
        if told <= start:
            return None
        if window.open_until_informed:
            return Right(told, after(told, window.span, self.country, self.region))
        longest = self._longest(window, first_end)
        if told > add_months(start, window.extension.months if window.extension else 0):
            return Right(start, longest)
        return Right(start, max(first_end, told + timedelta(days=window.cure_days)))

    def _longest(self, window: LawWindow, first_end: date) -> date:
        """Where nobody told the consumer: months after the end of the first period, as it rolled (CRD art. 10(1))."""
        return add_months(self.roll(first_end), window.extension.months if window.extension else 0)

    def _paused(self, window: LawWindow, last: date) -> date | None:
        """The short-term right stops while a repair is awaited (CRA 2015 s. 22(6)-(8)); None while it still is."""
        chosen = self.facts.repair_chosen_at
        if window.pause_days is None or chosen is None or self.day(chosen) > last:
            return last
        if self.facts.repair_ended_at is None:
            return None
        began, ended = self.day(chosen), self.day(self.facts.repair_ended_at)
        waited = (ended - began).days + 1
        return max(ended + timedelta(days=window.pause_days), last + timedelta(days=waited))

    def clock(self) -> Clock | None:
        """The clock of what is asked for: a price that comes down may have one of its own."""
        reduced = self.case.request.resolution == "price_reduction" and self.profile.reduction
        return reduced or self.profile.refund

    def refund(self, clock: Clock) -> RefundClock:
        """When the money is due and whether the trader may wait for the goods."""
        withhold = self._withhold(clock)
        start = self._refund_start(clock)
        if start is None:
            return RefundClock(None, None, withhold)
        if clock.event == "agreed_beginning":
            start -= timedelta(days=1)  # "beginning with the day": it is day one (CRA 2015 s. 20(15))
        first = start + timedelta(days=clock.span.days)
        if clock.span.unit != "calendar":
            first = after(start, replace(clock.span, unit="non_rest"), self.country)
        last = after(start, clock.span, self.country)
        back = self._back()
        if clock.event == "informed" and clock.withhold != "never" and back is not None and not self._collects():
            first, last = max(first, back), max(last, back)
        return RefundClock(first, self.roll_surely(last) if clock.span.unit == "calendar" else last, withhold)

    def _collects(self) -> bool:
        return bool(self.facts.collection_offered)

    def _back(self) -> date | None:
        """The goods or the proof that they were sent, whichever came first."""
        proof = None if self._of_goods_only() else self.facts.proof_of_sending_at
        known = [at for at in (self.facts.goods_received_at, proof) if at is not None]
        return self.day(min(known)) if known else None

    def _of_goods_only(self) -> bool:
        clock = self.profile.refund
        return clock is not None and clock.withhold == "until_goods"

    def _withhold(self, clock: Clock) -> str:
        if clock.withhold == "never" or self._collects() or self._back() is not None:
            return "not_allowed"
        return "allowed"

    def _refund_start(self, clock: Clock) -> date | None:
        if clock.event == "agreed_beginning":
            return None if self.facts.agreed_at is None else self.day(self.facts.agreed_at)
        if clock.event == "goods_or_proof":
            if clock.informed_if_collecting and self._collects():
                return self.day(self.informed_at)
            return self._back()
        return self.day(self.informed_at)
