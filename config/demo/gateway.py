"""The strict fake gateway beside the demo shop: a child process that ends with it, and what was done there by hand."""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

from django.conf import settings

from customers.models import OrderPayment
from refunds.actions.reconcile import reconcile_all
from refunds.gateways import wire

HOST = "127.0.0.1"
BY_HAND = "refunded-at-the-gateway-s-own-desk"
PATIENCE = 40
ORDER = "TW-48232"
"""Of this order somebody gave money back at the gateway itself, so that the page of differences has one to show."""


@contextlib.contextmanager
def fake_gateway(shop_port: int) -> Iterator[None]:
    """Run it on a free port, with its book beside the shop's data; nothing where the environment names one."""
    if settings.FAKE_GATEWAY_URL:
        yield
        return
    port, secret = _free_port(), secrets.token_urlsafe(24)
    settings.FAKE_GATEWAY_URL, settings.FAKE_GATEWAY_SECRET = f"http://{HOST}:{port}", secret
    book = settings.VAR / "fake-gateway.sqlite3"
    hook = f"http://{HOST}:{shop_port}/hooks/gateways/fake"
    command = [sys.executable, "manage.py", "fake_gateway", "--attached", "--port", str(port), "--db", str(book)]
    command += ["--webhooks", hook, "--webhook-delay", "2", "--secret", secret]
    # in a group of its own, so that Ctrl-C reaches it only through us; it ends when its standard input does
    child = subprocess.Popen(
        command, cwd=settings.ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield
    finally:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(5)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def refund_by_hand() -> None:
    """Somebody refunds at the gateway and not through us; once, as its key is always the same."""
    payment = OrderPayment.objects.filter(order__number=ORDER, gateway="fake").first()
    if payment is None:
        return
    body = {
        "payment": payment.reference,
        "amount": payment.captured // 10,
        "currency": payment.order.currency,
        "captured": payment.captured,
    }
    headers = {"Content-Type": "application/json", "Idempotency-Key": BY_HAND}
    data = json.dumps(body).encode()
    for _try in range(PATIENCE):
        reply = wire.call("POST", f"{settings.FAKE_GATEWAY_URL}/refunds", headers=headers, body=data)
        if reply.status:
            break
        time.sleep(0.25)
    reconcile_all()
