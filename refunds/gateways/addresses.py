"""Where a gateway described by data may be called: public addresses over HTTPS, and what the operator allows."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest
from requests.adapters import HTTPAdapter

Address = IPv4Address | IPv6Address
PORTS = (443, 8443)
NAT64 = ip_network("64:ff9b::/96")
COMPATIBLE = ip_network("::/96")
SIIT = ip_network("::ffff:0:0:0/96")
SITE_LOCAL = ip_network("fec0::/10")


class NotAllowed(ValueError):
    """An address that must not be called; the text says why."""


def pinned(url: str, allowed: Iterable[str]) -> HTTPAdapter:
    """What carries one call to `url`, to an address that was checked and no other. Raises NotAllowed.

    The name is resolved once and every address it has is checked; the connection goes to the first of them, so that
    an answer that changes meanwhile leads nowhere. `allowed`: networks that may be called although not public, and
    without TLS.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    if parts.scheme not in ("https", "http") or not host or parts.username or parts.password:
        raise NotAllowed("Only an address that begins with https:// can be called.")
    networks = [ip_network(text, strict=False) for text in allowed]
    found = _resolve(host, port)
    for address in found:
        if not any(address in network for network in networks):
            _check_public(address, parts.scheme, port)
    return PinnedAdapter(str(found[0]), host)


def _resolve(host: str, port: int) -> list[Address]:
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotAllowed(f"The name {host[:100]} has no address.") from error
    return [ip_address(str(row[4][0]).partition("%")[0]) for row in rows]


def _check_public(address: Address, scheme: str, port: int) -> None:
    if scheme != "https" or port not in PORTS:
        raise NotAllowed("Only https:// on port 443 or 8443 can be called; WEBHOOK_ALLOWED_CIDRS names exceptions.")
    if not all(_public(one) for one in _unwrapped(address)):
        raise NotAllowed(f"{address} is not a public address; WEBHOOK_ALLOWED_CIDRS names exceptions.")


def _public(address: Address) -> bool:
    return address.is_global and not address.is_multicast and address not in SITE_LOCAL


def _unwrapped(address: Address) -> list[Address]:
    """The address, and the IPv4 addresses that it may stand for."""
    if isinstance(address, IPv4Address):
        return [address]
    last = IPv4Address(int(address) & 0xFFFFFFFF)
    if address.ipv4_mapped is not None or any(address in network for network in (NAT64, COMPATIBLE, SIIT)):
        return [last]
    tunnelled = address.teredo or ((address.sixtofour,) if address.sixtofour else ())
    return [address, *tunnelled]


class PinnedAdapter(HTTPAdapter):
    """Connects to one address, whatever the name says by then; TLS still checks the name."""

    def __init__(self, address: str, host: str) -> None:
        self.address, self.host = address, host
        super().__init__(max_retries=0)

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        """Send with the name in the Host header."""
        request.headers["Host"] = urlsplit(request.url or "").netloc
        return super().send(request, *args, **kwargs)

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        """The address instead of the name, and the name for TLS."""
        host: Any
        pool: Any
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        if host["scheme"] == "https":
            pool |= {"server_hostname": self.host, "assert_hostname": self.host}
        return {**host, "host": self.address}, pool
