"""What users do: one function each, which pages and the API call alike.

All take the ``Site`` and ``Who`` does it first. Whether they may has been decided at the gate; what belongs to
somebody (a token, a session, a saved search, a reading under way) is checked here. Raised are the errors of
``sayso.errors`` and ``problems.Problem``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

import sqlalchemy as sa

from sayso.errors import FieldError
from sayso.ledger import Correction, Edit, Question, Resolution
from sayso.ledger.questions import Side
from sayso.posts import Kind, Range
from sayso.web import accounts, jobs, saved
from sayso.web.jobs import Form, Job, Options
from sayso.web.problems import NotAllowed, Problem
from sayso.web.rules import SCOPE_OF, SCOPES, Role, Scope
from sayso.web.site import Site
from sayso.web.who import Who

# Reading


def read_text(site: Site, who: Who, text: str, options: Options | None = None, *, key: str | None = None) -> Job:
    """Ask for a pasted text to be read. ``key`` names the attempt, here and below: a second does nothing."""
    if not text.strip():
        raise FieldError("text", "it is empty", "paste an article")
    data = text.encode("utf-8", "replace")
    if len(data) > site.settings.max_text:
        raise Problem(413, f"a text has at most {site.settings.max_text // 1_000_000} MB", "give it as a file")
    name = (options and options.title) or next(line.strip() for line in text.splitlines() if line.strip())
    return _submit(site, who, "text", name[:200], data, options, key)


def _is_url(text: str) -> bool:
    from sayso.intake.url import is_url  # with all that takes pages in, which is the readers' work

    return is_url(text)


def read_address(site: Site, who: Who, url: str, options: Options | None = None, *, key: str | None = None) -> Job:
    """Ask for the page at an address to be fetched and read."""
    url = url.strip()
    if not _is_url(url) or len(url) > 2_000 or any(c.isspace() for c in url):
        raise FieldError("url", f"{url[:80]!r} is no address of a page", "write it as https://…")
    return _submit(site, who, "address", url, url.encode("utf-8", "replace"), options, key)


def read_file(
    site: Site, who: Who, name: str, data: bytes, options: Options | None = None, *, key: str | None = None
) -> Job:
    """Ask for a file to be read: HTML, text, JSON Lines, each also as .gz. Of its name the last part counts."""
    if not data:
        raise FieldError(name or "file", "it is empty", "give a file with a text in it")
    if len(data) > site.settings.max_upload:
        raise Problem(413, f"a file has at most {site.settings.max_upload // 1_000_000} MB", "split it")
    plain = PurePosixPath(name.replace("\\", "/")).name
    plain = "".join(c for c in plain if c.isprintable())[-200:] or "file"
    return _submit(site, who, "file", plain, data, options, key)


def _submit(site: Site, who: Who, form: Form, name: str, data: bytes, options: Options | None, key: str | None) -> Job:
    most = site.settings.max_waiting

    def write(connection: sa.Connection) -> Job:
        given = options or Options(yardstick=saved.yardstick(connection))
        made = jobs.submit(
            connection, form, name, data, given, by=who.name, account=who.account, most_waiting=most, key=key
        )  # fmt: skip
        return jobs.find(connection, made)

    return site.ledger.database.write(write)


def cancel_reading(site: Site, who: Who, key: str) -> Job:
    """Give a reading up: one's own, or as an admin anybody's."""

    def write(connection: sa.Connection) -> Job:
        _own(who, jobs.find(connection, key).account)
        return jobs.cancel(connection, key)

    return site.ledger.database.write(write)


def retry_reading(site: Site, who: Who, key: str) -> Job:
    """Let a reading that has failed be tried again."""
    return site.ledger.database.write(lambda c: jobs.again(c, key))


def _own(who: Who, account: int | None) -> None:
    if account != who.account and not who.may("admin"):
        raise NotAllowed("this belongs to somebody else", "ask them, or an admin")


# Correcting


def correct_claim(site: Site, who: Who, claim: str, edit: Edit, *, key: str = "") -> Correction:
    """Change a claim's holder, kind, words, dates or odds."""
    return site.ledger.correct(claim, edit, by=who.name, token=key)


def split_claim(site: Site, who: Who, claim: str, parts: Sequence[Sequence[Range]], *, key: str = "") -> Correction:
    """Make several claims of one."""
    return site.ledger.split_claim(claim, parts, by=who.name, token=key)


def join_claims(site: Site, who: Who, claims: Sequence[str], *, key: str = "") -> Correction:
    """Make one claim of several."""
    return site.ledger.join_claims(claims, by=who.name, token=key)


def delete_claim(site: Site, who: Who, claim: str, *, key: str = "") -> Correction:
    """Say that a claim is none."""
    return site.ledger.delete_claim(claim, by=who.name, token=key)


def add_claim(
    site: Site, who: Who, article: int, kind: Kind, edit: Edit, *, post: str | None = None, key: str = ""
) -> Correction:
    """Add a claim that was missed; ``edit`` has to have ``content`` and ``holder`` or ``chain``."""
    return site.ledger.add_claim(article, kind, edit, post=post, by=who.name, token=key)


def undo_correction(site: Site, who: Who, number: int, *, key: str = "") -> Correction:
    """Take a correction back."""
    return site.ledger.undo_correction(number, by=who.name, token=key)


_SPAN = re.compile(r"\s*(\d{1,9})\s*-\s*(\d{1,9})\s*")


def parse_spans(text: str) -> list[Range]:
    """Spans as forms send them: ``12-34,50-61``; nothing for an empty text. Raises FieldError."""
    found = []
    for piece in text.split(",") if text.strip() else ():
        match = _SPAN.fullmatch(piece)
        if match is None:
            raise FieldError("spans", f"{piece.strip()[:40]!r} is no range", "write ranges as 12-34,50-61")
        found.append((int(match[1]), int(match[2])))
    return found


# Settling


def resolve(
    site: Site,
    who: Who,
    target: str,
    value: str,
    *,
    evidence: Sequence[str] = (),
    note: str | None = None,
    on: str | None = None,
    key: str = "",
) -> Resolution:
    """Say how a claim or a question came out; added to its history. To take it back, resolve it as it was before."""
    shown = [address.strip() for address in evidence if address.strip()]
    for address in shown:
        if not _is_url(address) or len(address) > 2_000:
            raise FieldError("evidence", f"{address[:80]!r} is no address", "write it as https://…")
    return site.ledger.resolve(target, value, evidence=shown, note=note or None, on=on or None, by=who.name, token=key)


def ask(
    site: Site,
    who: Who,
    text: str,
    *,
    criteria: str | None = None,
    deadline: str | None = None,
    topic: str | None = None,
    id: str | None = None,
) -> Question:
    """Put a question."""
    return site.ledger.ask(
        text, criteria=criteria or None, deadline=deadline or None, topic=topic or None, id=id or None, by=who.name
    )


def attach(site: Site, who: Who, question: str, claims: Sequence[str], *, side: Side = "asserted") -> list[str]:
    """Hang forecasts on a question: the ids of the claims."""
    return [site.ledger.attach(question, claim, side=side) for claim in claims]


def detach(site: Site, who: Who, question: str, claims: Sequence[str]) -> list[str]:
    """Take forecasts off a question: the ids of the claims."""
    return [site.ledger.detach(question, claim) for claim in claims]


# People


def alias(site: Site, who: Who, person: str, name: str) -> int:
    """Give a person another name; gives the number of the step, as the following do."""
    return site.ledger.alias(person, name, by=who.name)


def link(site: Site, who: Who, person: str, value: str) -> int:
    """Say who a person is elsewhere: a Wikidata id or an address."""
    return site.ledger.link(person, value, by=who.name)


def merge(site: Site, who: Who, person: str, other: str) -> int:
    """Make two people one; also how a suggestion is accepted."""
    return site.ledger.merge(person, other, by=who.name)


def different(site: Site, who: Who, person: str, other: str) -> int:
    """Say that two people are not one; also how a suggestion is refused."""
    return site.ledger.different(person, other, by=who.name)


def split_person(site: Site, who: Who, person: str, *, name: str | None = None, thread: str | None = None) -> int:
    """Make one person two, by a name or a thread; gives the new one's number."""
    return site.ledger.split(person, name=name or None, thread=thread or None, by=who.name)


def undo_step(site: Site, who: Who, number: int) -> int:
    """Take back one of these steps."""
    return site.ledger.undo(number, by=who.name)


# Saved searches and settings


def searches(site: Site, who: Who) -> list[saved.Search]:
    """One's own saved searches."""
    return site.ledger.database.read(lambda c: saved.searches(c, who.account))


def save_search(site: Site, who: Who, name: str, query: str) -> saved.Search:
    """Save the query string of the page of claims under a name."""
    return site.ledger.database.write(lambda c: saved.save(c, who.account, name, query))


def forget_search(site: Site, who: Who, number: int) -> None:
    """Delete one's own saved search."""
    site.ledger.database.write(lambda c: saved.forget(c, who.account, number))


def yardstick(site: Site) -> str:
    """The yardstick in use."""
    return site.ledger.database.read(saved.yardstick)


def set_yardstick(site: Site, who: Who, name: str) -> None:
    """Choose the yardstick for what is read from now on."""
    site.ledger.database.write(lambda c: saved.set_yardstick(c, name))


# Accounts, sessions, tokens


def all_accounts(site: Site) -> list[accounts.Account]:
    """All accounts."""
    return site.ledger.database.read(accounts.accounts)


def add_account(site: Site, who: Who, name: str, role: Role, password: str) -> accounts.Account:
    """Make an account."""
    hashed = accounts.hashed(password)
    return site.ledger.database.write(lambda c: accounts.add(c, name, role, hashed))


def remove_account(site: Site, who: Who, name: str) -> None:
    """Take an account away."""
    site.ledger.database.write(lambda c: accounts.remove(c, name))


def set_role(site: Site, who: Who, name: str, role: Role) -> None:
    """Give an account another role."""
    site.ledger.database.write(lambda c: accounts.set_role(c, name, role))


def set_password(site: Site, who: Who, name: str, password: str) -> None:
    """Give somebody another password, as an admin; all their sessions end."""
    hashed = accounts.hashed(password)
    site.ledger.database.write(lambda c: accounts.set_password(c, name, hashed, keep=None))


def change_password(site: Site, who: Who, old: str, new: str) -> None:
    """Change one's own password; the other sessions end."""
    name = _name(who)
    _, password_hash = site.ledger.database.read(lambda c: accounts.password_of(c, name))
    if not accounts.fits(password_hash, old):
        raise FieldError("password", "the present password is wrong", "try again")
    hashed = accounts.hashed(new)
    site.ledger.database.write(lambda c: accounts.set_password(c, name, hashed, keep=who.session))


def _name(who: Who) -> str:
    if who.name is None or who.account is None:
        raise Problem(409, "this takes an account", "make one: sayso account add NAME")
    return who.name


def sessions(site: Site, who: Who) -> list[accounts.Session]:
    """One's own sessions; all of them to an admin."""
    mine = None if who.may("admin") else who.account
    return site.ledger.database.read(lambda c: accounts.sessions(c, mine))


def end_session(site: Site, who: Who, number: int) -> None:
    """End one's own session; an admin anybody's."""
    mine = None if who.may("admin") else who.account
    site.ledger.database.write(lambda c: accounts.end_session(c, number, mine))


def tokens(site: Site, who: Who) -> list[accounts.Token]:
    """One's own tokens; all of them to an admin."""
    mine = None if who.may("admin") else who.account
    return site.ledger.database.read(lambda c: accounts.tokens(c, mine))


def add_token(site: Site, who: Who, name: str, scope: Scope, *, days: int | None = None) -> accounts.Token:
    """Make a token, for no more than one may do oneself; its ``secret`` is told this once."""
    _name(who)
    number = who.account
    assert number is not None
    may = SCOPE_OF[who.role]
    if scope in SCOPES and (may is None or SCOPES.index(scope) > SCOPES.index(may)):
        raise NotAllowed(f"the role {who.role} goes no further than the scope {may}", "ask an admin")
    if who.scope is not None and scope in SCOPES and SCOPES.index(scope) > SCOPES.index(who.scope):
        raise NotAllowed(f"a token of the scope {who.scope} makes none of the scope {scope}")
    return site.ledger.database.write(lambda c: accounts.add_token(c, number, name, scope, days=days))


def end_token(site: Site, who: Who, number: int) -> None:
    """Revoke one's own token; an admin anybody's."""
    mine = None if who.may("admin") else who.account
    site.ledger.database.write(lambda c: accounts.end_token(c, number, mine))
