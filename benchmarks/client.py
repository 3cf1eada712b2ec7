"""A small client of the REST API: an Idempotency-Key on every POST, patience with a busy server."""

from __future__ import annotations

import time
import uuid
from typing import IO, Any

import requests

TRIES = 6
TIMEOUT = 120
BUSY = {"idempotency_in_flight", "rate_limited"}


class Refused(Exception):
    """The API refused a call: a problem document (RFC 9457)."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('code')}: {problem.get('detail')}")
        self.status = status
        self.code = str(problem.get("code", status))


class Api:
    """Calls below `{base}/api/v1`. The same run and step always send the same Idempotency-Key."""

    def __init__(self, base: str, key: str, run: uuid.UUID) -> None:
        self._root = f"{base.rstrip('/')}/api/v1"
        self._run = run
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {key}"
        self.calls = 0

    def get(self, path: str, **params: str) -> Any:
        """The JSON behind a path."""
        return self._send("GET", path, params=params).json()

    def file(self, path: str) -> bytes:
        """The bytes behind a path."""
        return self._send("GET", path).content

    def post(self, path: str, body: dict[str, Any], *, step: str) -> Any:
        """Do something once; `step` names it within the run."""
        return self._send("POST", path, json=body, headers=self._key(path, step)).json()

    def upload(self, path: str, data: IO[bytes], *, step: str) -> Any:
        """Send NDJSON from a file."""
        headers = self._key(path, step) | {"Content-Type": "application/x-ndjson"}
        return self._send("POST", path, data=data, headers=headers).json()

    def _key(self, path: str, step: str) -> dict[str, str]:
        return {"Idempotency-Key": str(uuid.uuid5(self._run, f"{path} {step}"))}

    def _send(self, method: str, path: str, **options: Any) -> requests.Response:
        for attempt in range(1, TRIES + 1):
            last, pause = attempt == TRIES, min(2**attempt / 4, 10)
            try:
                answer = self._once(method, path, options)
            except requests.ConnectionError:
                if last:
                    raise
            else:
                if answer.ok:
                    return answer
                problem = _problem(answer)
                if last or not _worth_waiting(answer, problem):
                    raise Refused(answer.status_code, problem)
                pause = _asked_pause(answer) or pause
            time.sleep(pause)
        raise AssertionError

    def _once(self, method: str, path: str, options: dict[str, Any]) -> requests.Response:
        if hasattr(options.get("data"), "seek"):
            options["data"].seek(0)
        self.calls += 1
        return self._session.request(method, f"{self._root}{path}", timeout=TIMEOUT, **options)


def _problem(answer: requests.Response) -> dict[str, Any]:
    try:
        problem = answer.json()
    except ValueError:
        return {"code": str(answer.status_code), "detail": answer.text[:200]}
    return problem if isinstance(problem, dict) else {"detail": str(problem)[:200]}


def _worth_waiting(answer: requests.Response, problem: dict[str, Any]) -> bool:
    return answer.status_code >= 500 or problem.get("code") in BUSY


def _asked_pause(answer: requests.Response) -> float:
    asked = answer.headers.get("Retry-After", "")
    return min(float(asked), 90) if asked.isdigit() else 0.0
