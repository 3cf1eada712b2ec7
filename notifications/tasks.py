"""The sender: hands due messages to their channels, outside of any transaction."""

from __future__ import annotations

import logging
import time

from celery import shared_task

from accounts.doorbell import nudge
from notifications.actions import claim_message, put_off, sent
from notifications.actions.sending import Receipt, outgoing
from notifications.actions.writing import SEND
from notifications.channels import open_channel
from notifications.channels.base import Channel, NotNow, ServerAway, Undelivered

logger = logging.getLogger(__name__)

LONGEST_RUN = 240.0
"""Seconds after which a run makes room and rings for the next one, well under the task's time limit."""


@shared_task(name=SEND)
def send_messages() -> int:
    """Send until nothing is due; returns how many were sent. A server that is away ends the run."""
    channels: dict[str, Channel] = {}
    count, until = 0, time.monotonic() + LONGEST_RUN
    try:
        while receipt := claim_message():
            try:
                _send(receipt, channels)
            except ServerAway:
                return count
            except Undelivered:
                continue
            count += 1
            if time.monotonic() > until:
                nudge(SEND)
                return count
    finally:
        for channel in channels.values():
            channel.close()
    return count


def _send(receipt: Receipt, channels: dict[str, Channel]) -> None:
    if receipt.channel not in channels:
        channels[receipt.channel] = open_channel(receipt.channel)
    try:
        channels[receipt.channel].send(outgoing(receipt.pk))
    except Undelivered as error:
        put_off(receipt, error)
        raise
    except Exception as error:
        # a label that cannot be drawn, a bug: it must not hold up everybody else's mail
        logger.exception("message %s could not be put together", receipt.pk)
        unclear = NotNow(f"{type(error).__name__}: {error}")
        put_off(receipt, unclear)
        raise unclear from error
    sent(receipt)
