"""Fetching a page that somebody else has named, who must not get at what only this machine can reach (SSRF).

Every connection, also after a redirect, goes through one place: the name is looked up once, all its addresses are
judged, and the connection is made to an address that was judged, so that a second look-up cannot give another.
TLS still asks for the certificate of the name.

Where the environment's proxies are to be used, a proxy looks names up by itself, and what it may reach is its own to
guard; what is not public by this machine's look-up is refused before it is asked.
"""

from __future__ import annotations

import contextlib
import functools
import ipaddress
import socket
import ssl
import urllib.request
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
    """An address that pages are not fetched from, and what is wrong with it."""

    def __init__(self, address: str, problem: str = "leads to an address that is not public") -> None:
        super().__init__(f"{problem} ({address})")
        self.address, self.problem = address, problem


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
        for address in self.addresses(host, port):
            try:
                return self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError("the name has no address")

    def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a name. Raises Refused where one of them is not to be fetched from."""
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
            if not is_public(address, self._allowed):
                raise Refused(text)
            if port not in self._ports and not any(address in n for n in self._allowed if n.version == address.version):
                raise Refused(text, f"leads to a port on which no pages are ({port})")
        return found

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        """Never: what lies behind a path is this machine's."""
        raise Refused("a socket of this machine")


class GuardedTransport(httpx.HTTPTransport):
    """httpx over the guarded backend; takes no proxy from the environment, which would connect in its place."""

    def __init__(self, backend: httpcore.NetworkBackend) -> None:
        super().__init__(verify=_certificates(), trust_env=False, retries=0)
        self._pool = httpcore.ConnectionPool(ssl_context=_certificates(), max_connections=4, network_backend=backend)


class ProxiedTransport(httpx.BaseTransport):
    """As the environment says: by its proxy, after a look at where the name leads, or over the guarded backend."""

    def __init__(self, backend: GuardedBackend) -> None:
        self._backend, self._direct = backend, GuardedTransport(backend)
        self._by_proxy: dict[str, httpx.HTTPTransport] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer. Raises Refused."""
        host, scheme = request.url.host, request.url.scheme
        proxies = urllib.request.getproxies()
        proxy = proxies.get(scheme) or proxies.get("all")
        if not proxy or urllib.request.proxy_bypass(host):
            return self._direct.handle_request(request)
        with contextlib.suppress(httpcore.ConnectError):  # a name that only the proxy knows
            self._backend.addresses(host, request.url.port or {"https": 443}.get(scheme, 80))
        if proxy not in self._by_proxy:
            address = proxy if "://" in proxy else f"http://{proxy}"
            self._by_proxy[proxy] = httpx.HTTPTransport(verify=_certificates(), proxy=address)
        return self._by_proxy[proxy].handle_request(request)

    def close(self) -> None:
        """End all connections."""
        for transport in (self._direct, *self._by_proxy.values()):
            transport.close()


@functools.cache
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context()


def guarded_fetch(
    url: str,
    *,
    allowed: Sequence[Network] = (),
    proxied: bool = False,
    remedy: str = "save the page in a browser and give the file",
    backend: GuardedBackend | None = None,
    **asked: Any,
) -> Fetched:
    """``sayso.intake.url.fetch``, with what else it takes, for an address that somebody else has named.

    Networks that are ``allowed`` are fetched from all the same, on every port; ``remedy`` is what the error says of
    others, with the address for ``{address}``. With ``proxied``, the environment's proxies are used. Raises FetchError.
    """
    backend = backend or GuardedBackend(allowed)
    transport = ProxiedTransport(backend) if proxied else GuardedTransport(backend)
    try:
        return fetch(url, transport=transport, **asked)
    except Refused as error:
        raise FetchError(url, error.problem, remedy.format(address=error.address)) from error
