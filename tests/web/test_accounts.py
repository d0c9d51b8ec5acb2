"""Signing in, sessions, tokens, and that no form is taken from elsewhere."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from sayso.cli import cli
from sayso.errors import FieldError
from sayso.ledger import Ledger
from sayso.web import accounts, csrf
from sayso.web.signin import local_address

from .conftest import PASSWORD, Make, add_account, add_token, browser, csrf_of, sign_in
from .sample import SAIL


def session_of(client: TestClient) -> str | None:
    return client.cookies.get(csrf.SESSION)


def test_a_session_begins_and_ends(make: Make, ledger: Ledger, hashed: str) -> None:
    add_account(ledger, hashed, "Ada", "editor")
    app = make()
    client = sign_in(app, "ada")
    assert client.get("/api/v1/me").json() == {"name": "Ada", "role": "editor", "by": "session", "scope": None}
    old = session_of(client)
    client.post("/logout", data={"csrf": csrf_of(client, "/settings")})
    assert client.get("/api/v1/me").status_code == 401
    # Also for who has kept the cookie.
    client.cookies.set(csrf.SESSION, str(old))
    assert client.get("/api/v1/me").status_code == 401


def test_what_is_wrong_is_not_told(make: Make, ledger: Ledger, hashed: str) -> None:
    add_account(ledger, hashed, "ada", "editor")
    client = browser(make())
    said = set()
    for name, password in (("ada", "wrong"), ("nobody", "wrong"), ("nobody", PASSWORD), ("", "")):
        answer = client.post("/login", data={"csrf": csrf_of(client), "name": name, "password": password})
        assert answer.status_code == 401
        said.add(answer.text.replace(name, "").count("name or password is wrong"))
    assert said == {1}


def test_guessing_is_slowed_down(make: Make, ledger: Ledger, hashed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "fits", lambda password_hash, password: password == PASSWORD)
    add_account(ledger, hashed, "ada", "editor")
    client = browser(make())
    token = csrf_of(client)

    def attempt(name: str, password: str) -> int:
        return client.post("/login", data={"csrf": token, "name": name, "password": password}).status_code

    assert [attempt("ada", "guess") for _ in range(accounts.TRIES + 1)] == [401] * accounts.TRIES + [429]
    # Not even the right one, until the window has passed; another account is not concerned.
    assert attempt("ADA ", PASSWORD) == 429
    assert attempt("ben", "guess") == 401
    later = accounts.moment().replace("20", "19", 1)
    ledger.database.write(lambda c: c.exec_driver_sql(f"UPDATE sign_in SET since = '{later}'"))
    assert attempt("ada", PASSWORD) == 303
    # Trying one password on many accounts is guessing, too.
    client = browser(make())
    token = csrf_of(client)
    assert 429 in [attempt(f"account {number}", "guess") for number in range(accounts.TRIES_FROM + 1)]


def test_a_planted_session_is_not_taken_over(make: Make, ledger: Ledger, hashed: str) -> None:
    add_account(ledger, hashed, "ada", "editor")
    add_account(ledger, hashed, "mallory", "reader")
    app = make()
    mallory = sign_in(app, "mallory")
    planted = str(session_of(mallory))
    victim = browser(app)
    victim.cookies.set(csrf.SESSION, planted, domain="127.0.0.1", path="/")
    token = csrf_of(victim, "/settings")
    victim.post("/login", data={"csrf": token, "name": "ada", "password": PASSWORD})
    assert mallory.get("/api/v1/me").status_code == 401, "the planted session lives on"
    fresh = [c.value for c in victim.cookies.jar if c.name == csrf.SESSION]
    assert planted not in fresh[-1:]
    # A cookie that was made up is none.
    victim = browser(app)
    victim.cookies.set(csrf.SESSION, "made-up")
    assert victim.get("/api/v1/me").status_code == 401


def test_cookies(make: Make, ledger: Ledger, hashed: str) -> None:
    add_account(ledger, hashed, "ada", "editor")
    app = make(local=False)
    client = browser(app, "https://sayso.example")
    token = csrf_of(client)
    answer = client.post("/login", data={"csrf": token, "name": "ada", "password": PASSWORD})
    (cookie,) = [c for c in answer.headers.get_list("set-cookie") if csrf.SESSION in c and "Max-Age=0" not in c]
    assert cookie.startswith("__Host-")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= {part.strip() for part in cookie.split(";")}
    assert answer.headers["strict-transport-security"]
    # Where others can listen, they go over TLS alone, unless told otherwise.
    plain = browser(app, "http://sayso.example")
    assert "Secure" in plain.get("/login").headers["set-cookie"]
    assert (
        "Secure"
        not in browser(make(local=False, plain_http=True), "http://x.example").get("/login").headers["set-cookie"]
    )


def test_roles_passwords_and_removal_hold_at_once(make: Make, ledger: Ledger, hashed: str) -> None:
    add_account(ledger, hashed, "ada", "admin")
    add_account(ledger, hashed, "ben", "editor")
    app = make()
    ben, ada = sign_in(app, "ben"), sign_in(app, "ada")
    head = {"x-csrf-token": csrf_of(ada, "/settings")}
    assert ada.patch("/api/v1/accounts/ben", json={"role": "reader"}, headers=head).status_code == 204
    assert ben.get("/api/v1/me").json()["role"] == "reader"
    token = add_token(ledger, accounts_id(ledger, "ben"), "read")
    assert ada.patch("/api/v1/accounts/ben", json={"password": "another long one"}, headers=head).status_code == 204
    assert ben.get("/api/v1/me").status_code == 401
    assert browser(app).get("/api/v1/me", headers=token).status_code == 200
    assert ada.delete("/api/v1/accounts/ben", headers=head).status_code == 204
    assert browser(app).get("/api/v1/me", headers=token).status_code == 401
    # The last admin stays while there is somebody to look after.
    add_account(ledger, hashed, "cleo", "reader")
    assert ada.patch("/api/v1/accounts/ada", json={"role": "reader"}, headers=head).status_code == 422


def accounts_id(ledger: Ledger, name: str) -> int:
    return ledger.database.read(lambda c: accounts.account_named(c, name)).id


def test_what_belongs_to_somebody_else(make: Make, ledger: Ledger, hashed: str) -> None:
    add_account(ledger, hashed, "ada", "admin")
    number = add_account(ledger, hashed, "ben", "editor")
    other = add_account(ledger, hashed, "cleo", "editor")
    app = make()
    mine, theirs = add_token(ledger, number, "write"), add_token(ledger, other, "write")
    client = browser(app)
    made = client.post("/api/v1/searches", json={"name": "fares", "query": "text=fare"}, headers=mine).json()
    assert client.get("/api/v1/searches", headers=theirs).json()["items"] == []
    assert client.delete(f"/api/v1/searches/{made['id']}", headers=theirs).status_code == 404
    reading = client.post("/api/v1/readings", json={"text": "It will rain, he said."}, headers=mine).json()
    assert client.delete(f"/api/v1/readings/{reading['id']}", headers=theirs).status_code == 403
    assert client.delete(f"/api/v1/readings/{reading['id']}", headers=mine).json()["state"] == "cancelled"
    listed = client.get("/api/v1/tokens", headers=theirs).json()["items"]
    assert [each["account"] for each in listed] == [other]
    (token,) = client.get("/api/v1/tokens", headers=mine).json()["items"]
    assert client.delete(f"/api/v1/tokens/{token['id']}", headers=theirs).status_code == 404
    # Nobody makes a token that may do more than they may.
    for scope, status in (("read", 201), ("admin", 403)):
        answer = client.post("/api/v1/tokens", json={"name": "x", "scope": scope}, headers=mine)
        assert answer.status_code == status


def test_secrets_are_not_in_the_database(make: Make, ledger: Ledger, hashed: str, path: Path) -> None:
    number = add_account(ledger, hashed, "ada", "admin")
    app = make()
    client = sign_in(app, "ada")
    head = {"x-csrf-token": csrf_of(client, "/settings"), "idempotency-key": "one"}
    made = client.post("/api/v1/tokens", json={"name": "x", "scope": "read"}, headers=head).json()
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {made['secret']}"}).json()["by"] == "token"
    assert number == made["account"]
    # Asked again under the same key, the secret is not told a second time.
    assert client.post("/api/v1/tokens", json={"name": "x", "scope": "read"}, headers=head).status_code == 409
    with sqlite3.connect(path) as connection:
        whole = "\n".join(connection.iterdump())
    for secret in (PASSWORD, made["secret"], made["secret"].removeprefix(accounts.PREFIX), str(session_of(client))):
        assert secret not in whole
    assert "$argon2id$" in whole


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"x-csrf-token": "0" * 64},
    ],
)
def test_forms_from_elsewhere_are_refused(make: Make, ledger: Ledger, hashed: str, headers: dict[str, str]) -> None:
    add_account(ledger, hashed, "ada", "admin")
    app = make()
    client = sign_in(app, "ada")
    token = csrf_of(client, "/settings")
    before = ledger.history(SAIL)
    right = {"csrf": token} if "x-csrf-token" not in headers and headers else {}
    sent = client.post("/settings/yardstick", data={"name": "nato", **right}, headers=headers)
    assert sent.status_code == 403
    api = client.post(f"/api/v1/claims/{SAIL}/resolutions", json={"value": "true"}, headers=headers)
    assert api.status_code == 403
    assert ledger.history(SAIL) == before
    # Signing somebody in as somebody else is changing something.
    assert browser(app).post("/login", data={"name": "ada", "password": PASSWORD}, headers=headers).status_code == 403
    assert client.post("/settings/yardstick", data={"name": "nato", "csrf": token}).status_code == 303


def test_a_form_of_another_browser_is_refused(make: Make, ledger: Ledger, hashed: str) -> None:
    add_account(ledger, hashed, "ada", "admin")
    add_account(ledger, hashed, "ben", "admin")
    app = make()
    ada, ben = sign_in(app, "ada"), sign_in(app, "ben")
    answer = ada.post("/settings/yardstick", data={"name": "nato", "csrf": csrf_of(ben, "/settings")})
    assert answer.status_code == 403


def test_the_one_person_at_this_machine(make: Make, local: TestClient, ledger: Ledger, hashed: str) -> None:
    assert local.get("/api/v1/me").json() == {"name": None, "role": "admin", "by": "local", "scope": None}
    # A program of theirs may write; a page elsewhere may not, in whatever way it sends it.
    made = local.post(f"/api/v1/claims/{SAIL}/resolutions", json={"value": "true"})
    assert made.status_code == 201
    for headers in ({"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}):
        answer = local.post(f"/api/v1/claims/{SAIL}/resolutions", json={"value": "false"}, headers=headers)
        assert answer.status_code == 403
    text = local.post(
        f"/api/v1/claims/{SAIL}/resolutions", content='{"value": "false"}', headers={"content-type": "text/plain"}
    )
    assert text.status_code == 422
    # A name that leads here from elsewhere (DNS rebinding), or a proxy, is not this machine.
    for headers in ({"host": "evil.example"}, {"x-forwarded-for": "203.0.113.9"}, {"forwarded": "for=203.0.113.9"}):
        assert local.get("/api/v1/me", headers=headers).status_code == 403
    assert browser(make(), "http://localhost:8765").get("/").status_code == 200
    add_account(ledger, hashed, "ada", "admin")
    assert local.get("/api/v1/me").status_code == 401
    assert local.get("/read").headers["location"] == "/login?next=%2Fread"


def test_names_that_the_server_does_not_go_by(make: Make) -> None:
    client = browser(make(hosts=("sayso.example",), public=True), "http://sayso.example")
    assert client.get("/board").status_code == 200
    assert client.get("/board", headers={"host": "evil.example"}).status_code == 400


@pytest.mark.parametrize(
    ("given", "to"),
    [
        ("/claims?text=fare", "/claims?text=fare"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nSet-Cookie: x=1", "/"),
        ("", "/"),
        (None, "/"),
    ],
)
def test_after_signing_in_one_stays_here(given: str | None, to: str) -> None:
    assert local_address(given) == to


def test_the_commands(path: Path, ledger: Ledger) -> None:
    def run(*arguments: str, typed: str | None = None) -> str:
        done = CliRunner().invoke(cli, ["account", *arguments, "--ledger", str(path)], input=typed)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.output

    assert "there are no accounts" in run("list", "--format", "table")
    assert run("add", "Nell", "--role", "admin", typed=PASSWORD + "\n") == "Nell is admin\n"
    with pytest.raises(FieldError, match="already"):
        run("add", "nell", typed=PASSWORD + "\n")
    with pytest.raises(FieldError, match="characters"):
        run("add", "Ben", typed="short\n")
    run("role", "nell", "reader")
    assert '"role": "reader"' in run("list", "--format", "jsonl")
    _, before = ledger.database.read(lambda c: accounts.password_of(c, "nell"))
    run("password", "nell", typed="something else entirely\n")
    _, after = ledger.database.read(lambda c: accounts.password_of(c, "nell"))
    assert before != after
    assert accounts.fits(after, "something else entirely")
    run("remove", "nell")
    assert "there are no accounts" in run("list", "--format", "table")


def test_no_text_token_or_password_is_logged(
    make: Make, ledger: Ledger, hashed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    import logging.config

    from sayso.web import logs

    add_account(ledger, hashed, "ada", "admin")
    logging.config.dictConfig(logs.CONFIG)
    try:
        app = make()
        client = sign_in(app, "ada")
        head = {"x-csrf-token": csrf_of(client, "/settings")}
        client.post("/api/v1/readings", json={"text": "The zeppelin will land, he said."}, headers=head)
        client.get("/claims?text=zeppelin")
        client.get("/zeppelin/of/secrets")
        client.get("/api/v1/me", headers={"Authorization": "Bearer sayso_zeppelin"})
        client.post("/login", data={"csrf": csrf_of(browser(app)), "name": "ada", "password": "zeppelin"})
    finally:
        logging.getLogger("sayso").handlers.clear()
    told = capsys.readouterr().err
    assert '"route": "/api/v1/readings"' in told
    assert '"status": 404' in told
    for secret in ("zeppelin", PASSWORD, str(session_of(client)), head["x-csrf-token"], "ada"):
        assert secret not in told
