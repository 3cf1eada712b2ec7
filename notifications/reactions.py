"""What an event makes of itself in the customer's inbox: rows to send, nothing else."""

from __future__ import annotations

from django.utils.translation import override

from notifications.actions import write_credit_message, write_message
from notifications.actions.desk import write_shop_message
from notifications.actions.gifts import write_order_message
from notifications.actions.statements import write_statement_message
from notifications.catalogue import CATALOGUE, SHOP_MAILS, WITHDRAWALS
from notifications.channels.letters import language_of
from notifications.queries import STORIES, recipient_of
from notifications.queries.gifts import gift, order_locale, order_of
from notifications.queries.holders import credit_of, holder_of, locale_of
from notifications.queries.stories import CREDIT_STORIES
from returns.models import Event, Return, Withdrawal


def write_messages(event: Event) -> None:
    """Store the mail that this event sends its customer; the same event again stores nothing new.

    Nothing is written for a training channel, for a customer whose address a marketplace masks, and where the
    event's story says that there is nothing to tell.
    """
    if event.rma_id is None or event.kind not in CATALOGUE:
        return
    rma = Return.objects.select_related("shop", "channel", "order", "customer").get(pk=event.rma_id)
    if rma.channel.is_sandbox or not recipient_of(rma):
        return
    # a story quotes the policy, and the policy speaks whatever language is active
    with override(language_of(rma.locale)):
        facts = STORIES[event.kind](event, rma)
    if facts is not None:
        write_message(event, rma, facts)


def write_shop_messages(event: Event) -> None:
    """Store the mail that this event sends the shop's own support address; the same event again nothing new."""
    if event.rma_id is None or event.kind not in SHOP_MAILS:
        return
    rma = Return.objects.select_related("shop", "channel").get(pk=event.rma_id)
    if rma.shop.support_email and not rma.channel.is_sandbox:
        write_shop_message(event, rma)


def write_credit_messages(event: Event) -> None:
    """Store the mail that an event of a store credit's own stream sends to who holds it; the same again nothing new.

    What a return tells is told by `write_messages`.
    """
    credit = credit_of(event) if event.rma_id is None else None
    if credit is None or event.kind not in CREDIT_STORIES or not holder_of(credit):
        return
    with override(language_of(locale_of(credit))):
        facts = CREDIT_STORIES[event.kind](event, None)
    if facts is not None:
        write_credit_message(event, credit, facts)


def write_order_messages(event: Event) -> None:
    """Store the mail about goodwill on an order without a return; the same event again stores nothing new."""
    order = order_of(event) if event.rma_id is None else None
    if order is None or event.kind not in CATALOGUE or not (order.email or order.customer.email):
        return
    with override(language_of(order_locale(order))):
        facts = gift(event, None)
    if facts is not None:
        write_order_message(event, order, facts)


def write_withdrawal_messages(event: Event) -> None:
    """Store the acknowledgement of a statement of withdrawal, or our answer to it; the same again nothing new.

    A statement with a postal address gets its acknowledgement by hand.
    """
    kind, _colon, pk = event.stream.partition(":")
    if kind != "withdrawal" or event.kind not in WITHDRAWALS:
        return
    row = Withdrawal.objects.select_related("shop", "order__channel").get(pk=int(pk))
    if "@" in row.ack_to and not (row.order and row.order.channel.is_sandbox):
        write_statement_message(event, row)
