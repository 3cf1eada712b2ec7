"""Coupons from the shop's own pool: loaded once, handed out once, told to the customer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from customers.models import Shop
from notifications.models import Message
from refunds.models import Coupon
from returns.models import Event, Return
from tests.builders import Api, Json, api_client, ask, place
from tests.notifications import story
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db
TODAY = datetime.now(UTC).date()


def pool(api: Api, *codes: str, **more: Any) -> Json:
    body = {"code": "THANKS", "name": "Thank you", "worth": "10 EUR off your next order", **more}
    made = api.post("/coupons/pools", body).made()
    if codes:
        api.post(f"/coupons/pools/{made['code']}/codes", {"codes": list(codes)}).ok()
    return made  # type: ignore[no-any-return]


def give(api: Api, rma: Json, name: str = "THANKS", **more: Any) -> Any:
    return api.post(f"/returns/{rma['rma']}/coupons", {"pool": name, **more})


class TestPool:
    def test_loaded_once(self, api: Api) -> None:
        pool(api)
        path = "/coupons/pools/THANKS/codes"
        assert api.post(path, {"codes": ["A1", "A2", "A1"]}).ok() == {"added": 2, "known": 0, "free": 2}
        assert api.post(path, {"codes": ["A2", "A3"]}).ok() == {"added": 1, "known": 1, "free": 3}
        assert [row["free"] for row in api.get("/coupons/pools").ok()["results"]] == [3]

    def test_opened_again_it_is_the_same(self, api: Api) -> None:
        pool(api)
        with unchanged():
            assert pool(api)["code"] == "THANKS"
            other = {"code": "THANKS", "name": "Thank you", "worth": "20 EUR off"}
            api.post("/coupons/pools", other).refused(409, "conflict")

    @pytest.mark.parametrize("codes", [[], [" "], ["x" * 61], [7]])
    def test_what_is_no_code(self, api: Api, codes: list[Any]) -> None:
        pool(api)
        with unchanged():
            api.post("/coupons/pools/THANKS/codes", {"codes": codes}).refused(422, "invalid")

    def test_no_such_pool_and_another_shops_pool(self, api: Api) -> None:
        Shop.objects.create(code="other", name="Other")
        pool(api, shop="other")
        with unchanged():
            api.post("/coupons/pools/THANKS/codes", {"codes": ["A1"]}).refused(404, "not_found")
            bound = api_client("refunds:write", shops=["main"])
            bound.post("/coupons/pools/THANKS/codes", {"codes": ["A1"], "shop": "other"}).refused(422, "invalid")
        assert api_client("refunds:read", shops=["main"]).get("/coupons/pools").ok()["results"] == []


class TestGiving:
    def test_the_next_one_once_for_a_return(self, api: Api, order: Json) -> None:
        pool(api, "A1", "A2")
        rma, other = ask(api, order, ("A", 1)), ask(api, order, ("A", 1))
        first = give(api, rma, reason="Thank you for the photos.").made()
        assert (first["code"], first["worth"]) == ("A1", "10 EUR off your next order")
        with unchanged():
            assert give(api, rma).ok() == first
        assert give(api, other).made()["code"] == "A2"
        assert Coupon.objects.filter(issued_at=None).count() == 0

    def test_the_log_does_not_hold_the_code(self, api: Api, order: Json) -> None:
        pool(api, "SECRET-1")
        give(api, ask(api, order)).made()
        event = Event.objects.get(kind="coupon.issued")
        assert "SECRET-1" not in str(event.data)

    def test_an_empty_pool_says_what_to_do(self, api: Api, order: Json) -> None:
        pool(api)
        rma = ask(api, order)
        with unchanged():
            assert "Load more" in give(api, rma).refused(409, "conflict")["detail"]

    def test_a_pool_that_is_over(self, api: Api, order: Json) -> None:
        pool(api, "A1", valid_until=str(TODAY - timedelta(days=1)))
        rma = ask(api, order)
        with unchanged():
            give(api, rma).refused(409, "conflict")

    def test_no_pool_and_no_return(self, api: Api, order: Json) -> None:
        rma = ask(api, order)
        with unchanged():
            give(api, rma).refused(404, "not_found")
            give(api, {"rma": "RMA-2222-2222"}).refused(404, "not_found")

    def test_the_customer_is_mailed_and_sees_it(self, api: Api) -> None:
        pool(api, "A1-B2")
        rma = story.a_request()
        give(api, {"rma": rma.code}, reason="For your patience").made()
        story.dispatch()
        mail = Message.objects.get(kind="coupon.issued")
        assert "A1-B2" in mail.text
        assert "10 EUR off your next order" in mail.subject
        assert "For your patience" in mail.html


class TestCommand:
    def load(self, tmp_path: Path, text: str, **options: Any) -> None:
        file = tmp_path / "codes.txt"
        file.write_text(text, "utf-8")
        call_command("load_coupons", "THANKS", str(file), verbosity=0, **options)

    def test_a_file_line_by_line(self, tmp_path: Path, capsys: Any) -> None:
        self.load(tmp_path, "A1\r\nA2\n\n A3 \n", worth="10 EUR off")
        self.load(tmp_path, "A3\nA4\n")
        assert capsys.readouterr().out.splitlines() == ["3 new, 0 known, 3 free", "1 new, 1 known, 4 free"]
        assert set(Coupon.objects.values_list("code", flat=True)) == {"A1", "A2", "A3", "A4"}

    def test_what_is_wrong_is_said(self, tmp_path: Path) -> None:
        with unchanged(), pytest.raises(CommandError, match="--worth"):
            self.load(tmp_path, "A1\n")
        with unchanged(), pytest.raises(CommandError, match="no shop"):
            self.load(tmp_path, "A1\n", shop="nowhere")
        with pytest.raises(CommandError, match="cannot be read"):
            call_command("load_coupons", "THANKS", str(tmp_path / "none"), worth="x")


def test_a_coupon_is_not_another_returns(api: Api, order: Json) -> None:
    pool(api, "A1")
    rma = ask(api, order)
    assert place(api)["number"] != order["number"]
    give(api, rma).made()
    assert Coupon.objects.get().rma == Return.objects.get(code=rma["rma"])
