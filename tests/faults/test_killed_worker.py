"""A worker that is killed in the middle loses nothing and does nothing twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from notifications.models import Message
from notifications.tasks import send_messages
from refunds.models import Reimbursement
from returns.models import Event, Return, Shipment
from returns.outbox import dispatch_all
from tests.builders import api_client, ask, command, inspect, place, receive

ROOT = Path(__file__).resolve().parent.parent.parent
RETURNS, KILLS = (200, 60) if os.environ.get("FULL") else (12, 6)

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


def environment() -> dict[str, str]:
    """The settings of the test with the test's own database."""
    database = connection.settings_dict
    host = f"{database['HOST'] or '127.0.0.1'}:{database['PORT'] or 5432}"
    url = f"postgres://{database['USER']}@{host}/{database['NAME']}"
    return {
        **os.environ,
        "DATABASE_URL": url,
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
    }


def run_and_kill(after: float) -> int:
    """Start a dispatcher and kill it after so many seconds; its exit code."""
    process = subprocess.Popen([sys.executable, "-m", "tests.faults.dispatcher"], cwd=ROOT, env=environment())
    try:
        return process.wait(timeout=after)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        return process.wait()


def lives() -> None:
    """Returns in every step, with all their events still to be dispatched."""
    api = api_client("admin")
    for number in range(RETURNS):
        rma = ask(api, place(api), ("A", 1), requested_by="customer")
        if number % 3 == 0:
            command(api, rma, "cancel")
        elif number % 3 == 1:
            receive(api, rma)
            inspect(api, rma)


def test_everything_happens_once_however_often_the_worker_dies() -> None:
    lives()
    started = time.monotonic()
    chance = random.Random(7)
    codes = [run_and_kill(chance.uniform(0.6, 2.5)) for _n in range(KILLS)]
    assert -signal.SIGKILL in codes, f"nothing was killed in {time.monotonic() - started:.0f} s: {codes}"
    dispatch_all()
    Message.objects.filter(state="sending").update(next_attempt_at=timezone.now())
    send_messages()
    assert not Event.objects.filter(dispatched_at__isnull=True).exists()
    assert not Message.objects.exclude(state="sent").exists()
    twice = Counter(Message.objects.values_list("event", "recipient")) - Counter(
        set(Message.objects.values_list("event", "recipient"))
    )
    assert not twice
    for rma in Return.objects.all():
        assert Shipment.objects.filter(returns=rma).count() <= 1
        assert Reimbursement.objects.filter(rma=rma).count() == int(rma.items.filter(accepted__gt=0).exists())
