"""A mail server of our own: keeps what it takes as bytes, and refuses what it is told to."""

from __future__ import annotations

import email
import email.policy
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class PostOffice:
    """What arrived, in order; `on_recipient` and `on_data` may answer with a refusal, or die."""

    host: str = "127.0.0.1"
    port: int = 0
    taken: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    seen: list[bytes] = field(default_factory=list)
    on_recipient: Callable[[str], str | None] = lambda address: None
    on_data: Callable[[bytes], str | None] = lambda data: None
    _controller: Controller | None = None

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        """Answer to RCPT TO."""
        if answer := self.on_recipient(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Answer to the message itself."""
        self.seen.append(envelope.original_content)
        if answer := self.on_data(envelope.original_content):
            return answer
        self.taken.append(envelope.original_content)
        self.recipients += envelope.rcpt_tos
        return "250 Taken"

    def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        if not self.port:
            with socket.socket() as probe:
                probe.bind((self.host, 0))
                self.port = probe.getsockname()[1]
        self._controller = Controller(self, hostname=self.host, port=self.port)
        self._controller.start()

    def stop(self) -> None:
        """Go away."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    @property
    def mails(self) -> list[EmailMessage]:
        """What was taken, parsed by Python's own reader."""
        return [email.message_from_bytes(data, policy=email.policy.default) for data in self.taken]
