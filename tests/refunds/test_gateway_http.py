"""Gateways described by data, against servers that behave by the shapes in docs/gateways."""

from __future__ import annotations

import copy
import json
import socket
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from accounts.problems import Invalid
from refunds.gateways import accounts, definitions
from refunds.gateways.addresses import NotAllowed, pinned
from refunds.gateways.base import BadSignature, LedgerAway, RefundCall, RefundOutcome
from refunds.gateways.http import HttpGateway
from tests.refunds.providers import SECRET, Israeli, Platform, Polish, Provider, serving

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "docs" / "gateways"
Json = dict[str, Any]
Start = Callable[[Provider], HttpGateway]
FILES = {Polish: "polish-provider", Israeli: "israeli-provider", Platform: "shop-platform"}


def example(provider: type[Provider]) -> Json:
    """A worked example."""
    return yaml.safe_load((EXAMPLES / f"{FILES[provider]}.yaml").read_text())  # type: ignore[no-any-return]


@pytest.fixture
def start(settings: Any) -> Iterator[Start]:
    """Serve a provider, and describe it by its example."""
    settings.WEBHOOK_ALLOWED_CIDRS = ["127.0.0.0/8"]
    with ExitStack() as stack:

        def described(provider: Provider) -> HttpGateway:
            document = example(type(provider))
            document["definition"]["base_url"] = stack.enter_context(serving(provider))
            definition = accounts.check(document["kind"], document["definition"])
            account = accounts.Account(document["code"], document["kind"], definition, definitions.seal(SECRET))
            gateway = accounts.KINDS[document["kind"]].build(account)
            assert isinstance(gateway, HttpGateway)
            return gateway

        yield described


def call(reference: str = "77:abc", amount: int = 1234, currency: str = "PLN", **more: Any) -> RefundCall:
    """A refund of 12.34."""
    return RefundCall(f"{uuid.uuid4()}-1", reference, amount, currency, order_number="1001/a", **more)


def test_the_polish_shape(start: Start) -> None:
    provider, asked = Polish(), call()
    gateway = start(provider)
    answer = gateway.refund(asked)
    assert (answer.outcome, answer.gateway_id) == (RefundOutcome.PENDING, "R1")
    assert json.loads(provider.seen[0][3])["refunds"] == [
        {"orderId": "77", "sessionId": "abc", "amount": 1234, "description": "1001/a"}
    ]
    assert gateway.look_up(asked).outcome == RefundOutcome.PENDING
    provider.settle(0)
    assert gateway.look_up(asked).outcome == RefundOutcome.SUCCEEDED
    assert gateway.look_up(call()).outcome == RefundOutcome.UNKNOWN
    provider.settle(0, failed=True)
    assert gateway.look_up(asked).outcome == RefundOutcome.FAILED
    assert gateway.key_window == timedelta(0)
    assert gateway.refunds_since(datetime.now(UTC)) is None


def test_sent_twice_is_refunded_once_and_unclear(start: Start) -> None:
    provider, asked = Polish(), call()
    gateway = start(provider)
    gateway.refund(asked)
    assert gateway.refund(asked).outcome == RefundOutcome.UNCLEAR
    assert len(provider.refunds) == 1


def test_a_definite_refusal_says_why(start: Start) -> None:
    answer = start(Polish()).refund(call(amount=100_001))
    assert answer.outcome == RefundOutcome.FAILED
    assert (answer.reason, answer.code) == ("Amount exceeds the payment", "400")
    wrong_currency = Polish()
    assert start(wrong_currency).refund(call(currency="EUR")).code == "currency"
    assert wrong_currency.seen == []


@pytest.mark.parametrize(
    ("fault", "moved"), [("before", 0), ("after", 1), ("cut", 1), ("nonsense", 1), ("redirect", 1)]
)
def test_what_is_not_clear_is_unclear_and_found_by_looking(start: Start, fault: str, moved: int) -> None:
    provider, asked = Israeli(), call("t1", currency="ILS")
    gateway = start(provider)
    provider.fault = fault
    assert gateway.refund(asked).outcome == RefundOutcome.UNCLEAR
    assert len(provider.refunds) == moved
    assert len(provider.seen) == 1
    found = gateway.look_up(asked).outcome
    assert found == (RefundOutcome.SUCCEEDED if moved else RefundOutcome.UNKNOWN)
    provider.fault = "before"
    assert gateway.look_up(asked).outcome == RefundOutcome.UNCLEAR


def test_nobody_there_is_unclear(start: Start, settings: Any) -> None:
    gateway = start(Israeli())
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        away = copy.deepcopy(gateway.definition) | {"base_url": f"http://127.0.0.1:{taken.getsockname()[1]}"}
        gone = HttpGateway("x", away, SECRET)
        assert gone.refund(call(currency="ILS")).outcome == RefundOutcome.UNCLEAR
        assert gone.look_up(call(currency="ILS")).outcome == RefundOutcome.UNCLEAR
        with pytest.raises(LedgerAway):
            list(gone.refunds_since(datetime.now(UTC)) or ())


@pytest.mark.parametrize(("amount", "text"), [(1230, b'"sum": 12.30'), (100, b'"sum": 1.00'), (7, b'"sum": 0.07')])
def test_the_israeli_shape_sends_exact_decimals(start: Start, amount: int, text: bytes) -> None:
    provider = Israeli()
    asked = call("t1", amount, "ILS")
    answer = start(provider).refund(asked)
    assert (answer.outcome, answer.gateway_id, answer.code) == (RefundOutcome.SUCCEEDED, "1", "000")
    assert text in provider.seen[0][3]
    assert asked.key.encode() in provider.seen[0][3]


def test_the_israeli_shape_refuses_by_its_code(start: Start) -> None:
    provider = Israeli()
    assert start(provider).refund(call("t1", 200_000, "ILS")).outcome == RefundOutcome.FAILED


def test_the_ledger_is_read_to_its_end(start: Start) -> None:
    provider = Israeli()
    gateway = start(provider)
    asked = [call("t1", amount, "ILS") for amount in (100, 250, 33, 200_000)]
    for one in asked[:3]:
        gateway.refund(one)
    gateway.refund(asked[3])
    rows = list(gateway.refunds_since(datetime(2026, 11, 1, tzinfo=UTC)) or ())
    assert [(row.key, row.amount, row.currency) for row in rows] == [(one.key, one.amount, "ILS") for one in asked]
    assert [row.outcome for row in rows] == ["succeeded"] * 3 + ["failed"]
    assert rows[0].at == datetime(2026, 11, 20, 8, tzinfo=UTC)
    provider.fault = "before"
    with pytest.raises(LedgerAway):
        list(gateway.refunds_since(datetime(2026, 11, 1, tzinfo=UTC)) or ())


def test_a_ledger_that_leads_elsewhere_is_not_followed(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = Israeli()
    gateway = start(provider)
    gateway.refund(call("t1", 100, "ILS"))
    monkeypatch.setattr(provider, "_page", lambda path: {"transactions": provider.refunds, "next": "http://10.0.0.1/"})
    with pytest.raises(LedgerAway):
        list(gateway.refunds_since(datetime(2026, 11, 1, tzinfo=UTC)) or ())


def test_a_signed_notification_of_the_polish_shape(start: Start) -> None:
    provider, asked = Polish(), call()
    gateway = start(provider)
    gateway.refund(asked)
    body = provider.settle(0)
    (notice,) = gateway.notices(body, {})
    assert (notice.key, notice.gateway_id, notice.outcome) == (asked.key, "R1", "succeeded")
    assert (notice.amount, notice.currency, notice.about) == (1234, "PLN", "refund")
    assert gateway.notices(provider.settle(0, failed=True), {})[0].outcome == "failed"
    for changed in (body.replace(b"1234,", b"9999,"), b"{}", b"", b"not json", body.replace(b'"sign"', b'"sing"')):
        with pytest.raises(BadSignature):
            gateway.notices(changed, {})


def test_a_signed_notification_of_the_israeli_shape(start: Start) -> None:
    provider, asked = Israeli(), call("t1", 1230, "ILS")
    gateway = start(provider)
    gateway.refund(asked)
    body, headers = provider.notification(0)
    (notice,) = gateway.notices(body, headers)
    assert (notice.event_id, notice.kind, notice.key, notice.amount) == ("e0", "credit", asked.key, 1230)
    for forged in ({}, {**headers, "X-Api-Request-Time": "1700000001"}, {**headers, "X-Api-Signature": "YQ=="}):
        with pytest.raises(BadSignature):
            gateway.notices(body, forged)
    with pytest.raises(BadSignature):
        HttpGateway("x", gateway.definition, "").notices(body, headers)


def test_through_the_shop_platform(start: Start) -> None:
    provider, asked = Platform(), call("pay/1", 1234, "EUR")
    gateway = start(provider)
    answers = [gateway.refund(asked) for _ in range(2)]
    assert [answer.outcome for answer in answers] == [RefundOutcome.SUCCEEDED] * 2
    assert len(provider.refunds) == 1
    assert provider.seen[0][1] == "/orders/1001%2Fa/refunds"
    assert provider.refunds[0]["amount"] == "12.34"
    assert gateway.look_up(asked).gateway_id == "gid-1"
    assert gateway.look_up(call("pay/1", 1234, "EUR")).outcome == RefundOutcome.UNKNOWN


def test_what_an_order_says_stays_data(start: Start) -> None:
    """Placeholders, slashes and quotes in a number or a reference are letters like any other."""
    provider = Platform()
    asked = RefundCall("k-1", "{secret}", 1, "EUR", order_number='../{secret}?a=b#c"')
    assert start(provider).refund(asked).outcome == RefundOutcome.SUCCEEDED
    assert provider.seen[0][1] == "/orders/..%2F%7Bsecret%7D%3Fa%3Db%23c%22/refunds"
    assert json.loads(provider.seen[0][3])["payment"] == "{secret}"


@pytest.mark.parametrize("number", [".", ".."])
def test_no_order_number_leads_to_another_address(start: Start, number: str) -> None:
    provider = Platform()
    asked = RefundCall("k-1", "p", 1, "EUR", order_number=number)
    assert start(provider).refund(asked).outcome == RefundOutcome.UNCLEAR
    assert provider.seen == []


def changed(path: str, value: Any) -> Json:
    """An example with one thing changed, or taken away for None."""
    definition: Json = copy.deepcopy(example(Israeli)["definition"])
    *way, last = path.split("/")
    place: Any = definition
    for step in way:
        place = place[int(step)] if step.isdigit() else place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return definition


@pytest.mark.parametrize(
    ("path", "value", "pointer"),
    [
        ("base_url", "ftp://x", "/base_url"),
        ("base_url", "https://user:pw@x", "/base_url"),
        ("base_url", None, "/base_url"),
        ("amounts", "cents", "/amounts"),
        ("auth", {"kind": "magic"}, "/auth/kind"),
        ("auth", {"kind": "basic"}, "/auth/user"),
        ("key_window_hours", "24", "/key_window_hours"),
        ("key_window_hours", None, "/key_window_hours"),
        ("refund/method", "DELETE", "/refund/method"),
        ("refund/path", "//elsewhere", "/refund/path"),
        ("refund/path", "/{payment.__class__}", "/refund/path"),
        ("refund/path", "/{", "/refund/path"),
        ("refund/body/sum", "{total}", "/refund/body"),
        ("refund/body/user_defined", {"deep": ["{key.format}"]}, "/refund/body"),
        ("refund/headers/X-Api-Nonce", "{body}", "/refund/headers/X-Api-Nonce"),
        ("refund/id", "id", "/refund/id"),
        ("refund/answers", [], "/refund/answers"),
        ("refund/answers/0/outcome", "done", "/refund/answers/0/outcome"),
        ("refund/answers/0/outcome", "unknown", "/refund/answers/0/outcome"),
        ("refund/answers/2/status", [400, 500], "/refund/answers/2"),
        ("refund/answers/2/status", [409], "/refund/answers/2"),
        ("refund/answers/0/in", None, "/refund/answers/0"),
        ("refund/sign/algorithm", "rot13", "/refund/sign/algorithm"),
        ("refund/sign/into", {}, "/refund/sign/into"),
        ("refund/sign/fields", [], "/refund/sign/fields"),
        ("refund/sign/fields/0/value", "{setting.nothing}", "/settings"),
        ("look_up/match", None, "/look_up"),
        ("list/row/statuses", {"won": ["000"]}, "/list/row/statuses"),
        ("webhook/sign/header", None, "/webhook/sign"),
        ("settings/Bad-Name", "x", "/settings"),
        ("refund/eval", "1+1", "/refund/eval"),
        ("extra", 1, "/extra"),
    ],
)
def test_a_wrong_description_is_refused_where_it_is_wrong(path: str, value: Any, pointer: str) -> None:
    with pytest.raises(Invalid) as refusal:
        definitions.check(changed(path, value))
    assert pointer in {error.pointer for error in refusal.value.errors}


def test_a_platform_has_to_be_told_the_order() -> None:
    document = example(Platform)["definition"]
    document["refund"]["path"] = "/refunds"
    with pytest.raises(Invalid):
        accounts.check("shop", document)
    with pytest.raises(Invalid):
        accounts.check("carrier-pigeon", document)


@pytest.mark.parametrize(
    ("url", "allowed", "right"),
    [
        ("https://127.0.0.1/", [], False),
        ("https://127.0.0.1/", ["127.0.0.0/8"], True),
        ("http://127.0.0.1:8123/", ["127.0.0.0/8"], True),
        ("https://127.0.0.1/", ["10.0.0.0/8"], False),
        ("https://10.1.2.3/", [], False),
        ("https://169.254.169.254/", [], False),
        ("https://[::1]/", [], False),
        ("https://[::ffff:127.0.0.1]/", [], False),
        ("https://[::ffff:0:10.0.0.1]/", [], False),
        ("https://[::10.0.0.1]/", [], False),
        ("https://[64:ff9b::10.0.0.1]/", [], False),
        ("https://[2002:a00:1::1]/", [], False),
        ("https://[fec0::1]/", [], False),
        ("https://[2001:0:a00:1::f5ff:fffe]/", [], False),
        ("https://0x7f.1/", [], False),
        ("https://2130706433/", [], False),
        ("http://93.184.216.34/", [], False),
        ("https://93.184.216.34:22/", [], False),
        ("https://93.184.216.34/", [], True),
        ("https://93.184.216.34:8443/", [], True),
        ("https://a:b@93.184.216.34/", [], False),
        ("ftp://93.184.216.34/", [], False),
        ("https:///x", [], False),
        ("https://name.invalid/", [], False),
    ],
)
def test_only_public_addresses_are_called(url: str, allowed: list[str], right: bool) -> None:
    if right:
        assert pinned(url, allowed).address
    else:
        with pytest.raises(NotAllowed):
            pinned(url, allowed)


def test_one_private_address_among_others_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(0, 0, 0, "", ("93.184.216.34", 443)), (0, 0, 0, "", ("10.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: rows)
    with pytest.raises(NotAllowed):
        pinned("https://provider.example/", [])


def test_the_name_is_resolved_once_and_the_call_goes_there(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that changes its address after the check leads nowhere."""
    provider, real, asked = Platform(), socket.getaddrinfo, []
    gateway = start(provider)
    port = gateway.definition["base_url"].rpartition(":")[2].partition("/")[0]

    def resolve(host: str, *args: Any, **kwargs: Any) -> Any:
        if host == "platform.example":
            asked.append(host)
            return real("127.0.0.1" if len(asked) == 1 else "127.9.9.9", *args, **kwargs)
        return real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    named = gateway.definition | {"base_url": f"http://platform.example:{port}/api"}
    assert HttpGateway("x", named, SECRET).refund(call("p", 1, "EUR")).outcome == RefundOutcome.SUCCEEDED
    assert asked == ["platform.example"]
    assert provider.seen[0][2]["host"] == f"platform.example:{port}"


def test_nothing_inside_is_called_unless_allowed(start: Start, settings: Any) -> None:
    provider = Platform()
    gateway = start(provider)
    settings.WEBHOOK_ALLOWED_CIDRS = []
    assert gateway.refund(call("p", 1, "EUR")).outcome == RefundOutcome.UNCLEAR
    assert provider.seen == []


def test_a_sealed_secret_opens_and_says_nothing() -> None:
    sealed = definitions.seal(SECRET)
    assert SECRET not in sealed
    assert definitions.unseal(sealed) == SECRET
    assert definitions.seal("") == definitions.unseal("") == ""
