"""The worker dies at every step around the call of a gateway: no money twice, none missing, everything final.

`make faults ARGS=tests/faults/test_killed_money.py` tries every fault of the gateway at every step, and then kills
at random.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from django.db.models import Sum

from customers.models import OrderPayment
from refunds.models import Break, Refund, Reimbursement
from tests.builders import Json, api_client
from tests.faults.money_worker import STEPS
from tests.faults.test_killed_worker import ROOT, environment
from tests.refunds.fakery import SECRET, begun
from tests.servers import free_port

FULL = bool(os.environ.get("FULL"))
MODES = ("ok", "error_after", "timeout_after", "error_before", "forget_keys", "pending") if FULL else ("ok",)
KILLS, REFUNDS = (60, 200) if FULL else (3, 8)

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(1800),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


@contextmanager
def gateway(book: Path, port: int) -> Iterator[str]:
    """The fake gateway as its own process."""
    command = [sys.executable, "manage.py", "fake_gateway", "--port", str(port), "--db", str(book)]
    command += ["--hang", "0.1", "--settle-after", "0.5", "--secret", SECRET]
    process = subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert "listens" in process.stdout.readline()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def worker(url: str, step: str = "") -> subprocess.Popen[bytes]:
    """A worker that dies at a step, or works to the end."""
    command = [sys.executable, "-m", "tests.faults.money_worker", *([step] if step else [])]
    return subprocess.Popen(command, cwd=ROOT, env={**environment(), "FAKE_GATEWAY_URL": url})


def whole(url: str, refunds: int) -> None:
    """Our ledger and the gateway's are the same to the cent."""
    found: Json = requests.get(f"{url}/ledger", timeout=5).json()
    assert set(Refund.objects.values_list("state", flat=True)) == {"succeeded"}
    assert set(Reimbursement.objects.values_list("state", flat=True)) == {"settled"}
    ours = Refund.objects.aggregate(n=Sum("amount"))["n"]
    assert found["succeeded"] == {"refunds": refunds, "amount": ours}
    assert (found["twice"], found["over_captured"]) == ([], [])
    assert OrderPayment.objects.aggregate(n=Sum("refunded"))["n"] == ours
    theirs = requests.get(f"{url}/refunds", timeout=5).json()["results"]
    assert {row["id"]: row["amount"] for row in theirs} == dict(
        Refund.objects.values_list("gateway_refund_id", "amount")
    )
    assert not Break.objects.filter(closed_at=None).exists()


@pytest.mark.parametrize("mode", MODES)
def test_killed_at_every_step(tmp_path: Path, settings: object, mode: str) -> None:
    settings.FAKE_GATEWAY_URL = "http://127.0.0.1:1"  # type: ignore[attr-defined]
    for _step in STEPS:
        begun(api_client("admin"), mode)
    with gateway(tmp_path / "book", free_port()) as url:
        codes = {step: worker(url, step).wait(60) for step in STEPS}
        never = () if mode == "ok" else STEPS
        assert {step: code for step, code in codes.items() if code != -signal.SIGKILL and step not in never} == {}
        assert worker(url).wait(60) == 0
        whole(url, len(STEPS))


def test_killed_at_random_with_every_fault(tmp_path: Path, settings: object) -> None:
    settings.FAKE_GATEWAY_URL = "http://127.0.0.1:1"  # type: ignore[attr-defined]
    modes = ("ok", "error_after", "timeout_after", "error_before", "forget_keys", "pending")
    for number in range(REFUNDS):
        begun(api_client("admin"), modes[number % len(modes)])
    chance = random.Random(11)
    with gateway(tmp_path / "book", free_port()) as url:
        for _n in range(KILLS):
            process = worker(url)
            time.sleep(chance.uniform(1.2, 2.6))
            process.kill()
            process.wait()
        assert worker(url).wait(120) == 0
        whole(url, REFUNDS)
