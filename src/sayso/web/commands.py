"""The server's commands: ``sayso serve``, ``sayso account``. ``register(cli)`` adds them to the command line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from sayso.ledger.commands import opened
from sayso.ledger.terminal import format_option, ledger_option, tell

if TYPE_CHECKING:
    from sayso.ledger import Ledger

ROLES = ("reader", "editor", "admin")


def register(cli: click.Group) -> None:
    """Add the commands to a group."""
    cli.add_command(serve)
    cli.add_command(account_group)


@click.command(short_help="Open the ledger in a browser, for yourself or for a team.")
@ledger_option
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8765, show_default=True, help="The port to listen on.")
@click.option("--public", is_flag=True, help="Let everybody read without signing in.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that answer.")
@click.option("--readers", type=click.IntRange(0, 64), default=1, show_default=True, help="Processes that read.")
@click.option("--name", "hosts", multiple=True, metavar="HOST",
              help="A name that the server goes by; others are refused. May be given more than once.")  # fmt: skip
@click.option("--certificate", metavar="FILE", help="A certificate for TLS; goes with --key.")
@click.option("--key", metavar="FILE", help="The key of the certificate.")
@click.option("--plain-http", is_flag=True, help="Let passwords and cookies go over HTTP where others can listen.")
@click.option("--fetch-from", "networks", multiple=True, metavar="NETWORK",
              help="A private network whose pages may be read by address: 10.1.0.0/16.")  # fmt: skip
def serve(
    url: str | None,
    host: str,
    port: int,
    public: bool,
    workers: int,
    readers: int,
    hosts: tuple[str, ...],
    certificate: str | None,
    key: str | None,
    plain_http: bool,
    networks: tuple[str, ...],
) -> None:
    """Open the ledger in a browser: read, check, correct, resolve, look people up; pages and an HTTP API.

    On this machine alone, and as long as there are no accounts, nobody has to sign in. On any other address the server
    starts when there is an account: sayso account add NAME --role admin. docs/serving.md tells how to run it for a
    team.

    \b
    sayso serve
    sayso serve --host 0.0.0.0 --certificate cert.pem --key key.pem
    """
    from sayso.errors import MissingExtra

    try:
        from sayso.web.serve import Place
        from sayso.web.serve import serve as run
        from sayso.web.settings import Settings, is_loopback
    except ModuleNotFoundError as error:
        raise MissingExtra("sayso serve", "web") from error

    if networks:
        from sayso.intake import guard

        guard.networks(networks)
    settings = Settings(
        ledger=url,
        local=is_loopback(host),
        public=public,
        plain_http=plain_http,
        hosts=tuple(name.casefold() for name in hosts),
        readers=readers,
        networks=networks,
    )
    place = Place(host=host, port=port, workers=workers, certificate=certificate, key=key)
    run(settings, place, told=lambda: click.echo(f"{place.url} (Ctrl-C ends it)", err=True))


@click.group("account", short_help="Who may use the server.")
def account_group() -> None:
    """Who may use the server, and in which role: a reader looks, an editor reads, corrects and resolves, an admin
    also keeps the accounts.
    """


_role = click.option(
    "--role", type=click.Choice(ROLES), default="editor", show_default=True, help="What the account may do."
)


@account_group.command("add", short_help="Make an account.")
@click.argument("name")
@_role
@ledger_option
def add(name: str, role: Any, url: str | None) -> None:
    """Make an account; the password is asked for, or read from the standard input.

    \b
    sayso account add nell --role admin
    """
    accounts = _accounts()
    with opened(url, create=True) as ledger:
        hashed = accounts.hashed(_password())
        made = ledger.database.write(lambda c: accounts.add(c, name, role, hashed))
    click.echo(f"{made.name} is {made.role}", err=True)


@account_group.command("list", short_help="List the accounts.")
@ledger_option
@format_option
def list_accounts(url: str | None, form: str | None) -> None:
    """List the accounts with their roles."""
    accounts = _accounts()
    with opened(url) as ledger:
        rows = [
            {"name": each.name, "role": each.role, "made_at": each.made_at}
            for each in ledger.database.read(accounts.accounts)
        ]
    tell(rows, form, ("name", "role", "made_at"), none="there are no accounts")


@account_group.command("remove", short_help="Take an account away.")
@click.argument("name")
@ledger_option
def remove(name: str, url: str | None) -> None:
    """Take an account away with its sessions, tokens and saved searches. What it has done keeps its name."""
    accounts = _accounts()
    _write(url, lambda c: accounts.remove(c, name))
    click.echo(f"{name} is gone", err=True)


@account_group.command("password", short_help="Set an account's password.")
@click.argument("name")
@ledger_option
def password(name: str, url: str | None) -> None:
    """Set an account's password, which is asked for or read from the standard input. Its sessions end."""
    accounts = _accounts()
    hashed = accounts.hashed(_password())
    _write(url, lambda c: accounts.set_password(c, name, hashed))
    click.echo(f"{name} has a new password, and has to sign in anew", err=True)


@account_group.command("role", short_help="Give an account another role.")
@click.argument("name")
@click.argument("role", type=click.Choice(ROLES))
@ledger_option
def set_role(name: str, role: Any, url: str | None) -> None:
    """Give an account another role; it holds from the next request on.

    \b
    sayso account role nell reader
    """
    accounts = _accounts()
    _write(url, lambda c: accounts.set_role(c, name, role))
    click.echo(f"{name} is {role}", err=True)


def _write(url: str | None, work: Any) -> None:
    ledger: Ledger
    with opened(url) as ledger:
        ledger.database.write(work)


def _accounts() -> Any:
    """The module, with what it needs."""
    from sayso.errors import MissingExtra

    try:
        import argon2  # noqa: F401

        from sayso.web import accounts
    except ModuleNotFoundError as error:
        raise MissingExtra("sayso account", "web") from error
    return accounts


def _password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")
