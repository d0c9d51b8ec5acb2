"""Fetching a page for somebody else, who must not get at what only this server can reach (SSRF).

Every connection, also after a redirect, goes through one place: the name is looked up once, all its addresses are
judged, and the connection is made to an address that was judged, so that a second look-up cannot give another.
TLS still asks for the certificate of the name.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, Sequence
from typing import Any

import httpcore
import httpx

from sayso.errors import FetchError
from sayso.intake.url import Fetched, fetch

PORTS = frozenset((80, 443, 8000, 8080, 8443))
"""Ports on which pages are; others may be of services that a request could do harm to."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))


class Refused(OSError):
    """An address that pages are not fetched from."""


def networks(given: Iterable[str]) -> tuple[Network, ...]:
    """Networks in CIDR notation. Raises FetchError for what is none."""
    made = []
    for text in given:
        try:
            made.append(ipaddress.ip_network(text, strict=False))
        except ValueError as error:
            raise FetchError(text, "is no network", "write it as 10.1.0.0/16") from error
    return tuple(made)


def inside(address: Address) -> tuple[Address, ...]:
    """What an address leads to: itself, or the IPv4 addresses that it carries (mapped, NAT64, 6to4, Teredo)."""
    if isinstance(address, ipaddress.IPv4Address):
        return (address,)
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if any(address in network for network in _NAT64):
        return (ipaddress.IPv4Address(int(address) & 0xFFFFFFFF),)
    carried = (address.sixtofour, *(address.teredo or ()))
    return (address, *(each for each in carried if each is not None))


def is_public(address: Address, allowed: Sequence[Network] = ()) -> bool:
    """Whether everybody could reach this address as well, or it lies in one of the networks that are allowed."""
    if any(address in network for network in allowed if network.version == address.version):
        return True
    return all(each.is_global and not each.is_multicast and not each.is_reserved for each in inside(address))


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to public addresses alone. ``look_up`` and ``connect`` are the system's unless others are given."""

    def __init__(self, allowed: Sequence[Network] = (), *, ports: frozenset[int] = PORTS, look_up: Any = None) -> None:
        self._allowed, self._ports = allowed, ports
        self._look_up = look_up or socket.getaddrinfo
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first address of ``host`` that answers, if all are such as may be fetched from."""
        failure: Exception | None = None
        for address in self._addresses(host, port):
            try:
                return self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError("the name has no address")

    def _addresses(self, host: str, port: int) -> list[str]:
        try:
            rows = self._look_up(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"name resolution failed: {error}") from error
        found = list(dict.fromkeys(str(row[4][0]) for row in rows))
        for text in found:
            try:
                address = ipaddress.ip_address(text.partition("%")[0])
            except ValueError as error:
                raise Refused(text) from error
            listed = any(address in n for n in self._allowed if n.version == address.version)
            if not is_public(address, self._allowed) or (port not in self._ports and not listed):
                raise Refused(f"{text}:{port}")
        return found

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        """Never: what lies behind a path is this machine's."""
        raise Refused("a socket of this machine")


class GuardedTransport(httpx.HTTPTransport):
    """httpx over the guarded backend; takes no proxy from the environment, which would connect in its place."""

    def __init__(self, backend: httpcore.NetworkBackend) -> None:
        super().__init__(trust_env=False, retries=0)
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False), max_connections=4, network_backend=backend
        )


def guarded_fetch(
    url: str, *, allowed: Sequence[Network] = (), total_seconds: float = 60.0, backend: GuardedBackend | None = None
) -> Fetched:
    """``sayso.intake.url.fetch`` for an address that somebody else has named. Raises FetchError."""
    transport = GuardedTransport(backend or GuardedBackend(allowed))
    try:
        return fetch(url, total_seconds=total_seconds, transport=transport)
    except Refused as error:
        raise FetchError(
            url, "leads to an address that is not public", "save the page in a browser and give the file"
        ) from error
