"""Commands in groups: questions, people, and the ledger itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sayso.ledger.terminal import by_option, chosen, facts, format_option, ledger_option, tell

if TYPE_CHECKING:
    from sayso.ledger import Ledger


def _opened(url: str | None) -> Ledger:
    from sayso.ledger import Ledger

    return Ledger(url, create=False)


@click.group("question", short_help="One wording for many forecasts.")
def question_group() -> None:
    """Put questions that can be settled, and attach forecasts to them: resolving one settles them all."""


@question_group.command("new")
@click.argument("text")
@ledger_option
@click.option("--criteria", metavar="TEXT", help="By what it is settled.")
@click.option("--deadline", metavar="DATE", help="Until when.")
@click.option("--topic", metavar="TOPIC", help="What scores can be asked for by.")
@click.option("--id", "key", metavar="ID", help="Default: made of the first words.")
@by_option
def question_new(
    text: str, url: str | None, criteria: str | None, deadline: str | None, topic: str | None, key: str | None,
    by: str | None,
) -> None:  # fmt: skip
    """Put a question; prints its id.

    \b
    sayso question new "Will the northern harbour open by 30 June 2026?" --deadline 2026-06-30 --topic ports
    """
    with _opened(url) as ledger:
        made = ledger.ask(text, criteria=criteria, deadline=deadline, topic=topic, id=key, by=by)
    click.echo(made.id)


@question_group.command("attach")
@click.argument("question")
@click.argument("claims", nargs=-1, required=True, metavar="CLAIM...")
@ledger_option
@click.option("--denied", is_flag=True, help="The claims say no.")
def question_attach(question: str, claims: tuple[str, ...], url: str | None, denied: bool) -> None:
    """Attach forecasts to a question: they say yes to it, or with --denied no."""
    with _opened(url) as ledger:
        for claim in claims:
            ledger.attach(question, claim, side="denied" if denied else "asserted")


@question_group.command("detach")
@click.argument("question")
@click.argument("claims", nargs=-1, required=True, metavar="CLAIM...")
@ledger_option
def question_detach(question: str, claims: tuple[str, ...], url: str | None) -> None:
    """Take forecasts off a question. What was said of them alone stays."""
    with _opened(url) as ledger:
        for claim in claims:
            ledger.detach(question, claim)


@question_group.command("list")
@ledger_option
@click.option("--topic", metavar="TOPIC", help="Of that topic.")
@click.option("--open", "only_open", is_flag=True, help="That nobody has resolved.")
@format_option
def question_list(url: str | None, topic: str | None, only_open: bool, form: str | None) -> None:
    """List the questions, those with the earliest deadline first."""
    with _opened(url) as ledger:
        found = ledger.questions(topic=topic, only_open=only_open)
        rows: list[dict[str, Any]] = [
            {
                "id": q.id,
                "text": q.text,
                "criteria": q.criteria,
                "deadline": q.deadline,
                "topic": q.topic,
                "by": q.asked_by,
                "asked_at": q.asked_at,
                "forecasts": q.forecasts,
                "value": q.value,
            }
            for q in found
        ]
    tell(rows, form, ("id", "text", "deadline", "forecasts", "value"), none="no questions")


@question_group.command("show")
@click.argument("question")
@ledger_option
@format_option
def question_show(question: str, url: str | None, form: str | None) -> None:
    """List the forecasts that are attached to a question."""
    with _opened(url) as ledger:
        rows = []
        for key, side in ledger.claims_on(question):
            claim = ledger.claim(key)
            odds = claim.forecast.probability.point if claim.forecast and claim.forecast.probability else None
            rows.append(
                {
                    "holder": claim.holder.name,
                    "side": side,
                    "probability": odds,
                    "forecast": claim.content.text,
                    "id": key,
                }
            )
    tell(rows, form, ("holder", "side", "probability", "forecast", "id"), none="no forecast is attached")


@click.group("people", short_help="Who is who.")
def people_group() -> None:
    """List people, and say who is one and who is not. Every step can be undone.

    NAME is a name, a number from the list with its # ('#12'), a Wikidata id or an address.
    """


@people_group.command("list")
@click.argument("text", required=False)
@ledger_option
@click.option("--limit", type=click.IntRange(min=1), help="At most that many.")
@format_option
def people_list(text: str | None, url: str | None, limit: int | None, form: str | None) -> None:
    """List people, those with most claims first; TEXT is part of a name."""
    with _opened(url) as ledger:
        rows = [
            {"person": f"#{n}", "name": name, "claims": claims}
            for n, name, claims in ledger.people(text=text, limit=limit)
        ]
    tell(rows, form, ("person", "name", "claims"), none="nobody")


@people_group.command("show")
@click.argument("name")
@ledger_option
@format_option
def people_show(name: str, url: str | None, form: str | None) -> None:
    """Show all names of a person and who it is elsewhere."""
    with _opened(url) as ledger:
        person = ledger.person(name)
    names = [{"name": n, "scope": scope or "everywhere"} for n, scope in person.names]
    links = [{"system": system, "value": value} for system, value in person.links]
    if chosen(form) == "jsonl":
        row = {"person": f"#{person.id}", "name": person.name, "names": names, "links": links, "claims": person.claims}
        tell([row], form, (), none="")
        return
    facts(
        [
            ("person", f"#{person.id}"),
            ("name", person.name),
            *(("goes by", f"{each['name']} ({each['scope']})") for each in names),
            *((each["system"], each["value"]) for each in links),
            ("claims", person.claims),
        ]
    )


@people_group.command("alias")
@click.argument("name")
@click.argument("other")
@ledger_option
@by_option
def people_alias(name: str, other: str, url: str | None, by: str | None) -> None:
    """Give a person another name: later documents that use it mean that person."""
    with _opened(url) as ledger:
        _step(ledger.alias(name, other, by=by))


@people_group.command("merge")
@click.argument("name")
@click.argument("other")
@ledger_option
@by_option
def people_merge(name: str, other: str, url: str | None, by: str | None) -> None:
    """Say that two people are one, shown under NAME."""
    with _opened(url) as ledger:
        _step(ledger.merge(name, other, by=by))


@people_group.command("split")
@click.argument("name")
@ledger_option
@click.option("--name", "borne", metavar="NAME", help="The name that belongs to somebody else.")
@click.option("--thread", metavar="ID", help="The document in which the name means somebody else.")
@by_option
def people_split(name: str, url: str | None, borne: str | None, thread: str | None, by: str | None) -> None:
    """Say that one person is two; prints the number of the new one."""
    with _opened(url) as ledger:
        click.echo(f"#{ledger.split(name, name=borne, thread=thread, by=by)}")


@people_group.command("link")
@click.argument("name")
@click.argument("value", metavar="QID|URL")
@ledger_option
@by_option
def people_link(name: str, value: str, url: str | None, by: str | None) -> None:
    """Say who a person is elsewhere: a Wikidata id or an address."""
    with _opened(url) as ledger:
        _step(ledger.link(name, value, by=by))


@people_group.command("different")
@click.argument("name")
@click.argument("other")
@ledger_option
@by_option
def people_different(name: str, other: str, url: str | None, by: str | None) -> None:
    """Say that two people are not one, so that it is not suggested again."""
    with _opened(url) as ledger:
        _step(ledger.different(name, other, by=by))


@people_group.command("suggest")
@ledger_option
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="At most that many.")
@format_option
def people_suggest(url: str | None, limit: int, form: str | None) -> None:
    """List who may be one person, with what speaks for and against it; `merge` says yes, `different` no."""
    with _opened(url) as ledger:
        rows = [
            {
                "one": f"#{s.one} {s.one_name}",
                "other": f"#{s.other} {s.other_name}",
                "reasons": list(s.reasons),
                "against": list(s.against),
            }
            for s in ledger.suggestions(limit=limit)
        ]
    tell(rows, form, ("one", "other", "reasons", "against"), none="nothing to suggest")


@people_group.command("history")
@click.argument("name", required=False)
@ledger_option
@format_option
def people_history(name: str | None, url: str | None, form: str | None) -> None:
    """List what was done to people, the oldest first."""
    with _opened(url) as ledger:
        rows = [
            {
                "step": e.id,
                "at": e.at,
                "by": e.by,
                "action": e.action,
                "person": e.detail.get("person"),
                "other": e.detail.get("other"),
                "what": e.detail.get("text") or e.detail.get("value"),
                "undone": e.undone,
            }
            for e in ledger.people_history(name)
        ]
    tell(rows, form, ("step", "at", "by", "action", "person", "other", "what", "undone"), none="nothing was done")


@people_group.command("undo")
@click.argument("step", type=int)
@ledger_option
@by_option
def people_undo(step: int, url: str | None, by: str | None) -> None:
    """Take back a step that `sayso people history` lists."""
    with _opened(url) as ledger:
        _step(ledger.undo(step, by=by))


def _step(number: int) -> None:
    click.echo(f"step {number}; to take it back: sayso people undo {number}", err=True)


@click.group("ledger", short_help="Look after the ledger.")
def ledger_group() -> None:
    """Look after the ledger: migrate, check, back up, restore, count."""


@ledger_group.command("migrate")
@ledger_option
def ledger_migrate(url: str | None) -> None:
    """Bring a ledger that an older Sayso wrote up to date."""
    from sayso.ledger.database import Database
    from sayso.ledger.location import ledger_url

    database = Database(ledger_url(url), checked=False)
    try:
        before, after = database.migrate()
    finally:
        database.close()
    click.echo("the ledger is up to date" if before == after else f"migrated from {before} to {after}")


@ledger_group.command("check")
@ledger_option
def ledger_check(url: str | None) -> int:
    """Look for damage, and whether a migration is due. Status 1: something was found."""
    from sayso.export.words import plain
    from sayso.ledger.care import check
    from sayso.ledger.database import Database
    from sayso.ledger.location import ledger_url

    database = Database(ledger_url(url), create=False, checked=False)
    try:
        found = check(database)
    finally:
        database.close()
    for each in found:
        click.echo(plain(f"{each.place}: {each.problem}; {each.remedy}"))
    click.echo("all is well" if not found else f"{len(found)} findings")
    return 1 if found else 0


@ledger_group.command("backup")
@click.argument("file")
@ledger_option
def ledger_backup(file: str, url: str | None) -> None:
    """Write the ledger to a new FILE, while others may write; FILE is a SQLite ledger itself."""
    with _opened(url) as ledger:
        ledger.backup(file)


@ledger_group.command("restore")
@click.argument("file")
@ledger_option
def ledger_restore(file: str, url: str | None) -> None:
    """Fill an empty ledger from a backup; either may be SQLite or PostgreSQL."""
    from sayso.ledger import Ledger

    with Ledger(url) as ledger:
        ledger.restore(file)


@ledger_group.command("stats")
@ledger_option
@format_option
def ledger_stats(url: str | None, form: str | None) -> None:
    """Show how much there is of everything."""
    with _opened(url) as ledger:
        found = ledger.stats()
    if chosen(form) == "jsonl":
        tell([found], form, (), none="")
    else:
        kinds = ", ".join(f"{count} {kind}" for kind, count in found.pop("by_kind").items())
        facts((key.replace("_", " "), value) for key, value in ({**found, "kinds": kinds}).items())
