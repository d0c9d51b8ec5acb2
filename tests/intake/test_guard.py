"""What others have named is fetched from public addresses alone, whatever leads to one that is not."""

from __future__ import annotations

import http.server
import ipaddress
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sayso.errors import FetchError
from sayso.intake.guard import GuardedBackend, guarded_fetch, is_public, networks

LOCAL = networks(["127.0.0.0/8"])
ANY = frozenset(range(65_536))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::1", "::", "fe80::1", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:a00:1::1",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.215.14", "1.1.1.1", "2606:4700::1111", "64:ff9b::101:101"])
def test_addresses_that_are(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


def test_a_private_network_can_be_allowed() -> None:
    allowed = networks(["10.1.0.0/16"])
    assert is_public(ipaddress.ip_address("10.1.2.3"), allowed)
    assert not is_public(ipaddress.ip_address("10.2.2.3"), allowed)
    with pytest.raises(FetchError, match="no network"):
        networks(["intranet"])


class Inside(http.server.BaseHTTPRequestHandler):
    """What only this machine can reach; /to?ADDRESS redirects there."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if "/to?" in self.path:
            self.send_response(302)
            self.send_header("Location", self.path.partition("/to?")[2])
            self.end_headers()
            return
        body = b"The bridge will open, the minister said."
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def inside() -> Iterator[tuple[int, list[str]]]:
    """The port of a server on loopback, and what it was asked for."""
    handler = type("Handler", (Inside,), {"asked": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_port, handler.asked
    server.shutdown()
    server.server_close()
    thread.join()


def leads(*answers: str) -> Callable[..., list[Any]]:
    """A look-up of names that gives one answer after the other, the last for good."""
    waiting = list(answers)

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        address = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in address.split()]

    return look_up


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "017700000001", "127.1", "0177.0.0.1", "[::1]",
     "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0", "127.0.0.1.", "LOCALHOST"],
)  # fmt: skip
def test_ways_to_write_this_machine(inside: tuple[int, list[str]], host: str) -> None:
    port, asked = inside
    with pytest.raises(FetchError):
        guarded_fetch(f"http://{host}:{port}/", backend=GuardedBackend(ports=ANY))
    assert asked == []


def test_a_redirect_leads_nowhere_else(inside: tuple[int, list[str]]) -> None:
    port, asked = inside
    # The first address may be fetched from, as if it were public; where it leads may not.
    backend = GuardedBackend(networks(["127.0.0.1/32"]), ports=ANY)
    assert guarded_fetch(f"http://127.0.0.1:{port}/", backend=backend).data.startswith(b"The bridge")
    for to in (f"http://127.0.0.2:{port}/secret", "http://169.254.169.254/latest/meta-data", "http://[::1]/"):
        with pytest.raises(FetchError, match="not public"):
            guarded_fetch(f"http://127.0.0.1:{port}/to?{to}", backend=backend)
    with pytest.raises(FetchError):
        guarded_fetch(f"http://127.0.0.1:{port}/to?file:///etc/passwd", backend=backend)
    assert "/secret" not in asked


def test_a_name_that_changes_its_mind(inside: tuple[int, list[str]]) -> None:
    """The connection is made to the address that was judged: there is no second look-up to be lied to by."""
    port, asked = inside
    asks: list[str] = []
    first = leads("93.184.215.14", "127.0.0.1")

    def look_up(host: str, port: int, **more: Any) -> list[Any]:
        asks.append(host)
        return first(host, port, **more)

    tried: list[str] = []

    class Watched(GuardedBackend):
        def addresses(self, host: str, port: int) -> list[str]:
            found = super().addresses(host, port)
            tried.extend(found)
            # Nothing leaves this machine in a test: what was judged stands for what would be connected to.
            raise OSError("stop here")

    with pytest.raises(OSError, match="stop here"):
        guarded_fetch(f"http://rebinding.example:{port}/", backend=Watched(ports=ANY, look_up=look_up))
    assert (asks, tried) == (["rebinding.example"], ["93.184.215.14"])
    # The second answer is private, and so is refused.
    with pytest.raises(FetchError, match="not public"):
        guarded_fetch(f"http://rebinding.example:{port}/", backend=GuardedBackend(ports=ANY, look_up=look_up))
    assert asked == []


def test_one_private_address_among_public_ones_is_enough(inside: tuple[int, list[str]]) -> None:
    port, asked = inside
    backend = GuardedBackend(ports=ANY, look_up=leads("93.184.215.14 127.0.0.1"))
    with pytest.raises(FetchError, match="not public"):
        guarded_fetch(f"http://mixed.example:{port}/", backend=backend)
    assert asked == []


def test_ports_of_other_services(inside: tuple[int, list[str]]) -> None:
    for port in (22, 25, 5432, 6379):
        with pytest.raises(FetchError, match="port on which no pages are"):
            guarded_fetch(f"http://site.example:{port}/", backend=GuardedBackend(look_up=leads("93.184.215.14")))


def test_no_proxy_of_the_environment_is_taken(inside: tuple[int, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    port, asked = inside
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
    with pytest.raises(FetchError, match="not public"):
        guarded_fetch("http://site.example/", backend=GuardedBackend(look_up=leads("10.0.0.1")))
    assert asked == []


def test_a_proxy_is_asked_where_it_is_to_be(inside: tuple[int, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be the only one that knows a name; what is known not to be public does not get that far."""
    port, asked = inside
    monkeypatch.setenv("http_proxy", f"127.0.0.1:{port}")
    monkeypatch.setenv("no_proxy", "near.example")

    def unknown(host: str, port: int, **_: Any) -> list[Any]:
        raise socket.gaierror(-2, "Name or service not known")

    for look_up in (unknown, leads("93.184.215.14")):
        found = guarded_fetch("http://far.example/story", proxied=True, backend=GuardedBackend(look_up=look_up))
        assert found.data.startswith(b"The bridge")
    assert asked == ["http://far.example/story"] * 2
    for url in ("http://far.example/", "http://near.example/"):
        with pytest.raises(FetchError, match="not public"):
            guarded_fetch(url, proxied=True, backend=GuardedBackend(look_up=leads("10.0.0.1")))
    url = "http://far.example/to?http://inside.example/secret"
    with pytest.raises(FetchError, match="not public"):  # also where the proxy's answer leads there
        guarded_fetch(url, proxied=True, backend=GuardedBackend(look_up=leads("93.184.215.14", "10.0.0.1")))
    with pytest.raises(FetchError, match="name is not known"):
        guarded_fetch("http://near.example/", proxied=True, backend=GuardedBackend(look_up=unknown))
    assert len(asked) == 3


def test_what_is_refused_says_how_to_allow_it() -> None:
    with pytest.raises(FetchError, match=r"--fetch-from 10\.0\.0\.1"):
        guarded_fetch("http://site.example/", remedy="--fetch-from {address}",
                      backend=GuardedBackend(look_up=leads("10.0.0.1")))  # fmt: skip
