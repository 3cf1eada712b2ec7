"""A small, quick HTTP client: connections that stay open, requests as bytes, as many as fit into a time."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any


class Failed(Exception):
    """The server answered otherwise than the measurement needs."""


class Connection:
    """One keep-alive connection to the server."""

    def __init__(self, port: int, key: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.head = f"Host: 127.0.0.1\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"
        self.rest = b""

    def send(self, method: str, path: str, body: Any = None, *, status: int = 200) -> bytes:
        """One request; the body of its answer. Raises Failed for another status."""
        data = b"" if body is None else json.dumps(body).encode()
        start = f"{method} {path} HTTP/1.1\r\n{self.head}Content-Length: {len(data)}\r\n\r\n"
        self.socket.sendall(start.encode() + data)
        head = self._until(b"\r\n\r\n")
        found = int(head[9:12])
        answer = self._take(int(_header(head, b"content-length")))
        if found != status:
            raise Failed(f"{method} {path}: {found} {answer[:400].decode(errors='replace')}")
        return answer

    def _until(self, mark: bytes) -> bytes:
        while mark not in self.rest:
            self._more()
        head, _mark, self.rest = self.rest.partition(mark)
        return head

    def _take(self, size: int) -> bytes:
        while len(self.rest) < size:
            self._more()
        found, self.rest = self.rest[:size], self.rest[size:]
        return found

    def _more(self) -> None:
        chunk = self.socket.recv(65536)
        if not chunk:
            raise Failed("The server closed the connection.")
        self.rest += chunk


def _header(head: bytes, name: bytes) -> bytes:
    for line in head.split(b"\r\n")[1:]:
        key, _colon, value = line.partition(b":")
        if key.lower() == name:
            return value.strip()
    raise Failed(f"No {name.decode()} in the answer.")


Work = Callable[[Connection, int], None]


def per_second(connections: list[Connection], work: Work, seconds: float, turns: Iterator[int]) -> float:
    """How often `work` was done in a second by all connections together; `turns` numbers what is done."""
    done: list[int] = []
    failures: list[BaseException] = []
    lock = threading.Lock()
    end = time.perf_counter() + seconds

    def run(connection: Connection) -> None:
        count = 0
        try:
            while time.perf_counter() < end:
                with lock:
                    turn = next(turns)
                work(connection, turn)
                count += 1
        except BaseException as error:
            failures.append(error)
        done.append(count)

    start = time.perf_counter()
    threads = [threading.Thread(target=run, args=(each,)) for each in connections]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return sum(done) / (time.perf_counter() - start)
