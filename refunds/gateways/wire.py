"""One small way to speak HTTP with a gateway: short time-outs, no redirects, a bounded answer, and no exceptions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

import requests
from requests.adapters import HTTPAdapter

CONNECT, READ, TOTAL = 1.0, 10.0, 10.0
"""Seconds."""
MOST_BYTES = 1 << 20
CHUNK = 16 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; `status` is 0 when nothing did, and then nobody knows whether the call was carried out."""

    status: int = 0
    body: bytes = b""
    error: str = ""

    @property
    def ok(self) -> bool:
        """A 2xx."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body as JSON; None when it is not."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def document(self) -> dict[str, Any]:
        """The body as a JSON object; empty when it is not one."""
        found = self.json()
        return found if isinstance(found, dict) else {}


def call(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    params: Mapping[str, str] | None = None,
    adapter: HTTPAdapter | None = None,
) -> Reply:
    """One request and its answer. Never raises for what the network or the other side does.

    `adapter` carries it where the address was checked before (refunds.gateways.addresses).
    """
    until = monotonic() + TOTAL
    try:
        # a session of its own and no environment: no proxy and no .netrc has a say in where money goes
        with requests.Session() as session:
            session.trust_env = False
            for scheme in ("https://", "http://") if adapter is not None else ():
                session.mount(scheme, adapter)  # type: ignore[arg-type]
            with session.request(
                method,
                url,
                headers=dict(headers or {}),
                data=body,
                params=dict(params or {}),
                timeout=(CONNECT, READ),
                allow_redirects=False,
                stream=True,
            ) as response:
                return _read(response, until)
    except (requests.RequestException, OSError, ValueError) as error:
        return Reply(error=f"{type(error).__name__}: {error}"[:500])


def _read(response: requests.Response, until: float) -> Reply:
    found = b""
    for chunk in response.iter_content(CHUNK):
        found += chunk
        if len(found) > MOST_BYTES:
            return Reply(error=f"The answer is longer than {MOST_BYTES} bytes.")
        if monotonic() > until:
            return Reply(error=f"The answer took longer than {TOTAL:.0f} seconds.")
    return Reply(response.status_code, found)
