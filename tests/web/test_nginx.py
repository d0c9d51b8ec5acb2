"""The server behind nginx, with the very configuration that docs/serving.md gives."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sayso.ledger import Ledger
from sayso.web import accounts

from .conftest import PASSWORD
from .sample import fill

DOCS = Path(__file__).parents[2] / "docs" / "serving.md"
NAME = "sayso.example.org"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
OPENSSL = shutil.which("openssl")

pytestmark = pytest.mark.skipif(NGINX is None or OPENSSL is None, reason="no nginx or openssl here")


def port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def configuration(folder: Path, server: int, tls: int, plain: int) -> Path:
    """What the docs say, with ports and files of this test, in a main configuration that needs no rights."""
    found = re.search(r"<!-- nginx -->\n```\n(.*?)```\n<!-- /nginx -->", DOCS.read_text("utf-8"), re.DOTALL)
    assert found is not None
    site = found[1]
    for written, here in (
        ("127.0.0.1:8765", f"127.0.0.1:{server}"),
        ("listen 443 ssl", f"listen 127.0.0.1:{tls} ssl"),
        ("listen 80", f"listen 127.0.0.1:{plain}"),
        ("/etc/ssl/sayso.pem", str(folder / "cert.pem")),
        ("/etc/ssl/sayso.key", str(folder / "key.pem")),
    ):
        assert written in site, written
        site = site.replace(written, here)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"  {kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    own = "user root;\n" if os.getuid() == 0 else ""  # else its processes could not write to the test's folder
    main = folder / "nginx.conf"
    main.write_text(
        f"{own}daemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
        f"http {{\n  access_log off;\n{temporary}{site}}}\n",
        "utf-8",
    )
    return main


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx.Client]:
    """A browser that reaches a server through nginx under its name."""
    path = tmp_path / "ledger.sqlite"
    hashed = accounts.hashed(PASSWORD)
    with Ledger(path) as ledger:
        fill(ledger)
        ledger.database.write(lambda c: accounts.add(c, "nell", "admin", hashed))
    server, tls, plain = port(), port(), port()
    name = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    subprocess.run(
        [
            str(OPENSSL),
            *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *name,
            *("-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")),
        ],
        check=True,
        capture_output=True,
    )
    serve = ["serve", "--ledger", str(path), "--port", str(server), "--readers", "0", "--name", NAME]
    with (tmp_path / "serve.log").open("wb") as log:
        started = [subprocess.Popen([sys.executable, "-m", "sayso.cli", *serve], stderr=log)]
        started.append(
            subprocess.Popen([str(NGINX), "-c", str(configuration(tmp_path, server, tls, plain))], stderr=log)
        )
    try:
        trusted = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
        with httpx.Client(verify=trusted, base_url=f"https://127.0.0.1:{tls}", timeout=60) as made:
            # The name is that of the certificate and of the server, wherever it may lie.
            made.headers["host"] = NAME
            made.event_hooks["request"] = [lambda request: request.extensions.update(sni_hostname=NAME)]
            made.plain = f"http://127.0.0.1:{plain}"  # type: ignore[attr-defined]
            _wait(made, started, tmp_path)
            made.cookies.clear()
            yield made
    finally:
        for each in reversed(started):
            each.terminate()
            each.wait(60)


def _wait(client: httpx.Client, started: list[subprocess.Popen[bytes]], folder: Path) -> None:
    until = time.monotonic() + 120
    while True:
        try:
            if client.get("/login").status_code == 200:
                return
        except httpx.TransportError:
            pass
        logs = [file.read_text("utf-8") for file in (folder / "serve.log", folder / "error.log") if file.exists()]
        assert all(each.poll() is None for each in started), logs
        assert time.monotonic() < until, logs
        time.sleep(0.1)


def csrf(page: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
    assert found is not None
    return found[1]


def test_all_goes_through_nginx_as_the_docs_set_it_up(client: httpx.Client) -> None:
    # Without TLS one is sent to where it is.
    plain = httpx.get(client.plain + "/claims?text=ferry", headers={"host": NAME})  # type: ignore[attr-defined]
    assert (plain.status_code, plain.headers["location"]) == (301, f"https://{NAME}/claims?text=ferry")

    # Nobody is the one person at this machine for coming from this machine's proxy.
    assert client.get("/claims").headers["location"].startswith("/login")

    # Signing in: the form is known as our own, and the cookies are bound to the name and to TLS.
    page = client.get("/login")
    cookie = page.headers["set-cookie"]
    assert cookie.startswith("__Host-sayso_visit=")
    assert {"Secure", "HttpOnly"} <= {part.strip() for part in cookie.split(";")}
    assert page.headers["strict-transport-security"]
    given = {"csrf": csrf(page.text), "name": "nell", "password": PASSWORD, "next": "/due"}
    origin = {"origin": f"https://{NAME}"}
    signed = client.post("/login", data=given, headers=origin)
    assert (signed.status_code, signed.headers["location"]) == (303, "/due")
    session = next(x for x in signed.headers.get_list("set-cookie") if x.startswith("__Host-sayso_session="))
    assert "Secure" in session
    assert client.get("/claims").status_code == 200
    forged = client.post("/login", data=given, headers={"origin": "https://evil.example"})
    assert forged.status_code == 403

    # Addresses that the server writes itself have the name and the scheme that browsers use.
    feed = client.get("/claims.atom?text=ferry").text
    assert f"https://{NAME}/claims/" in feed
    assert "127.0.0.1" not in feed

    # What a browser has is not sent again.
    etag = client.get("/articles/1").headers["etag"]
    assert client.get("/articles/1", headers={"if-none-match": etag}).status_code == 304

    # Four files of the largest size are let through to the server, which reads them; more nginx refuses.
    token = csrf(client.get("/read").text)
    big = [("upload", (f"{n}.txt", b"The ferry sails. " * 520_000, "text/plain")) for n in range(4)]
    through = client.post("/read", data={"csrf": token}, files=big, headers=origin)
    assert through.status_code == 303, through.text
    five = client.post("/read", data={"csrf": token}, files=[*big, big[0]])
    assert five.status_code == 413
    assert "nginx" in five.text

    # A file of all that is found comes as it is made.
    with client.stream("GET", "/claims?format=csv") as answer:
        assert answer.status_code == 200
        assert len(list(answer.iter_lines())) == 5
