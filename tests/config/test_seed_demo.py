"""The demo shop has something for every page to show, and is built once."""

from __future__ import annotations

import tempfile
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.test import TestCase, override_settings
from django.utils import timezone

from accounts.actors import SYSTEM_ACTOR
from config.demo.people import STAFF
from config.demo.week import TRY
from customers.models import Customer, Order, OrderLine, Product, Shop
from inspections.models import Receipt, RepairJob, StockMovement
from notifications.models import Message
from refunds.actions.documents_in import without_document
from refunds.models import Coupon, Document, Exchange, Refund, RegisterEntry, Reimbursement, StoreCredit
from returns.models import Event, Note, Photo, PolicyDecision, Return, ReturnPolicy, Withdrawal
from returns.models.rma import Status

STORY = "TW-48213"


def seed(password: str = "first-password") -> str:
    said = StringIO()
    call_command("seed_demo", password=password, stdout=said)
    return said.getvalue()


class TestDemo(TestCase):
    """One seeded shop; what a test changes in it is rolled back."""

    said = ""

    @classmethod
    def setUpTestData(cls) -> None:
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.enterClassContext(override_settings(MEDIA_ROOT=folder.name))
        cls.said = seed()

    def test_every_status_is_there(self) -> None:
        assert set(Return.objects.values_list("status", flat=True)) == set(Status.values)
        assert Return.objects.count() >= 30
        assert Order.objects.count() >= 40

    def test_the_mockups_story_is_told_to_the_cent(self) -> None:
        rma = Return.objects.get(order__number=STORY)
        money = Reimbursement.objects.get(rma=rma)
        lines = list(money.lines.order_by("position").values_list("kind", "gross"))
        assert lines == [("item", 17010), ("item", 2520), ("deduction", -2551)]
        assert (money.total, money.tax, rma.refunded, rma.status) == (16979, 3175, 16979, "resolved")
        assert {photo.kind for photo in rma.photos.all()} == {"customer", "receipt", "inspection"}
        assert rma.inspections.filter(grade="B", photos__caption="Left cuff, 3 cm stain").exists()

    def test_it_is_told_in_other_money_too(self) -> None:
        assert Reimbursement.objects.get(rma__order__number="TW-48211").total == 78120

    def test_three_languages_and_three_currencies(self) -> None:
        assert set(Return.objects.values_list("locale", flat=True)) == {"en", "he", "pl"}
        assert set(Order.objects.values_list("currency", flat=True)) == {"EUR", "ILS", "PLN"}
        # a statement of withdrawal is acknowledged in its own language
        assert set(Message.objects.values_list("locale", flat=True)) == {"de", "en", "he", "pl"}

    def test_statements_of_withdrawal_are_matched_and_not(self) -> None:
        assert set(Withdrawal.objects.values_list("channel", "verdict", "ack_state")) == {
            ("function_web", "accept", "queued"),
            ("function_web", "reject", "queued"),
            ("il_link", "accept", "queued"),
            ("function_web", "", "queued"),
            ("letter", "", "to_post"),
        }

    def test_the_israeli_statement_speaks_hebrew(self) -> None:
        row = Withdrawal.objects.select_related("order").get(law="il")
        assert (row.locale, row.zone, row.order and row.order.country) == ("he", "Asia/Jerusalem", "IL")
        assert Message.objects.get(event__stream=row.stream).locale == "he"

    def test_every_kind_of_order_is_there(self) -> None:
        assert Order.objects.filter(lines__parent__isnull=False).exists()
        assert Order.objects.filter(payments__kind="gift_card").exists()
        assert Order.objects.filter(deliveries_known=False).exists()
        assert Order.objects.filter(deliveries__isnull=True, deliveries_known=True).exists()
        assert Order.objects.filter(shipping__isnull=False).exists()
        assert Product.objects.filter(image_url__endswith=".svg").count() == Product.objects.count() > 5

    def test_exchanges_and_a_repair_are_on_their_way(self) -> None:
        states = set(Exchange.objects.values_list("state", flat=True))
        assert states >= {"awaiting_goods", "awaiting_payment", "ready"}
        assert RepairJob.objects.filter(state="open").exists()

    def test_every_desk_tab_has_something(self) -> None:
        today = timezone.localdate()
        assert Return.objects.to_decide().count() >= 5
        assert Return.objects.to_inspect().count() >= 4
        assert Return.objects.to_reimburse().count() >= 3
        assert [rma for rma in Return.objects.to_decide() if rma.refund_due_on and rma.refund_due_on < today]
        assert Refund.objects.filter(state=Refund.State.MANUAL_PENDING).count() >= 3
        assert Receipt.objects.filter(rma__isnull=True, photos__isnull=False).count() >= 3
        assert Note.objects.filter(visible_to_customer=True).exists()
        assert Note.objects.filter(visible_to_customer=False).exists()

    def test_decisions_name_their_rules(self) -> None:
        assert set(PolicyDecision.objects.values_list("outcome", flat=True)) == {"authorized", "review", "declined"}
        codes = {code for row in PolicyDecision.objects.all() for code in row.codes}
        assert codes >= {"rule_declined", "rule_review", "window_over", "right_outlives_window", "unknown_delivery"}
        policy = ReturnPolicy.objects.get(shop__code="main", state=ReturnPolicy.State.PUBLISHED)
        assert policy.version == 2
        assert len(policy.document["rules"]) >= 5

    def test_goods_and_money_of_every_kind_moved(self) -> None:
        assert StoreCredit.objects.get(reimbursement__isnull=False).entries.filter(kind="bonus").exists()
        assert StoreCredit.objects.filter(pending__gt=0).exists()
        assert Coupon.objects.filter(rma__isnull=False).exists()
        assert StockMovement.objects.exists()
        assert Return.objects.filter(inspections__disposition="return_to_customer").exists()
        assert Return.objects.filter(method="keep", status="resolved").exists()
        assert Receipt.objects.filter(lines__damaged__gt=0).exists()
        assert Receipt.objects.filter(lines__item__isnull=True, rma__isnull=False).exists()

    def test_accounting_has_something_to_look_at(self) -> None:
        assert RegisterEntry.objects.get().reimbursement.order.number == "TW-48194"
        assert Document.objects.filter(kind="credit_note").count() >= 3
        assert without_document(SYSTEM_ACTOR).count() == 1

    def test_everything_was_told_and_nothing_is_from_tomorrow(self) -> None:
        assert not Event.objects.filter(dispatched_at__isnull=True).exists()
        assert not Event.objects.exclude(last_error="").exists()
        assert not Event.objects.filter(at__gt=timezone.now()).exists()
        assert not Message.objects.filter(created_at__gt=timezone.now()).exists()
        for stream in Event.objects.order_by().values_list("stream", flat=True).distinct():
            moments = list(Event.objects.filter(stream=stream).order_by("seq").values_list("at", flat=True))
            assert moments == sorted(moments)

    def test_the_second_shop_keeps_to_itself(self) -> None:
        oak = Shop.objects.get(code="oak")
        assert Return.objects.filter(shop=oak).count() == 2
        assert Customer.objects.filter(shop=oak).count() == 2
        assert all(rma.code.startswith("OAK-") for rma in Return.objects.filter(shop=oak))

    def test_nothing_of_the_orders_to_try_was_returned(self) -> None:
        for number in TRY.values():
            assert not Return.objects.filter(order__number=number).exists()
            assert number in self.said
        assert self.said.count("/r/") == 3

    def test_staff_can_log_in(self) -> None:
        for role, (email, _name) in STAFF.items():
            user = authenticate(username=email, password="first-password")
            assert user is not None
            assert list(user.groups.values_list("name", flat=True)) == [role]

    def test_again_changes_passwords_and_nothing_else(self) -> None:
        tables = (Order, Return, Event, Message, Photo, ReturnPolicy, Refund, Receipt, Note, Product, Shop)
        before = [table.objects.count() for table in tables]
        seed("second-password")
        assert [table.objects.count() for table in tables] == before
        assert authenticate(username="agent@demo.test", password="second-password") is not None
        assert authenticate(username="agent@demo.test", password="first-password") is None

    def test_pictures_follow_the_port(self) -> None:
        with override_settings(BASE_URL="http://127.0.0.1:8099"):
            seed()
        for table in (OrderLine, Product):
            assert not table.objects.exclude(image_url__startswith="http://127.0.0.1:8099/static/demo/").exists()

    def test_a_made_up_password_is_told(self) -> None:
        said = StringIO()
        call_command("seed_demo", stdout=said)
        password = said.getvalue().rpartition("password: ")[2].strip()
        assert authenticate(username="manager@demo.test", password=password) is not None

    def test_an_installation_with_orders_is_left_alone(self) -> None:
        Order.objects.filter(number="TW-48170").update(number="renamed")
        try:
            with pytest.raises(CommandError, match="orders of its own"):
                seed()
        finally:
            Order.objects.filter(number="renamed").update(number="TW-48170")
