"""The grammar of horizon words, loaded once from ``rules.toml`` and compiled to regular expressions.

Each table of rules becomes one alternation, which says at a place of a text whether any of them applies and which is
the first that does; the rule's own expression then gives its parts.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from sayso.reading.alternatives import joined, number_of

Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its id, its compiled expression and the fields it was written with."""

    id: str
    regex: re.Pattern[str]
    says: str
    fields: Table = field(repr=False)


class Rules:
    """A table of rules in the order in which they are tried."""

    def __init__(self, tables: list[Table], *, key: str, vocabulary: Mapping[str, str], after: str = r"(?!\w)") -> None:
        sources = [compile_source(table[key], vocabulary) + after for table in tables]
        self.rules = [
            Rule(table["id"], re.compile(source), table.get("says", ""), table)
            for table, source in zip(tables, sources, strict=True)
        ]
        self.any = re.compile(joined([anonymous(source) for source in sources], name="r"))

    def match(self, text: str, at: int) -> Iterator[tuple[Rule, re.Match[str]]]:
        """Yield the rules that apply at a place of the text, in order, each with its match."""
        found = self.any.match(text, at)
        if found is None:
            return
        for rule in self.rules[number_of(found) :]:
            match = rule.regex.match(text, at)
            if match is not None:
                yield rule, match


def compile_source(pattern: str, vocabulary: Mapping[str, str]) -> str:
    """The regular expression that a pattern of the data files stands for: {names} filled in, spaces widened."""
    filled = re.sub(r"\{([a-z]+)\}", lambda m: vocabulary[m.group(1)], pattern)
    widened = filled.replace("[ ]?", r"\s*").replace("[ -]", r"[\s-]").replace(" ?", r"\s*")
    return f"(?:{widened.replace(' ', chr(92) + 's+')})"


def anonymous(source: str) -> str:
    """The expression without names for its groups (back references to them match anything as short)."""
    return re.sub(r"\(\?P=\w+\)", "[/.-]", re.sub(r"\(\?P<\w+>", "(?:", source))


@dataclass(frozen=True, eq=False)
class Grammar:
    """The rules and the conventions of ``rules.toml``."""

    bounds: Rules
    parts: Rules
    closings: Rules
    leaves: Rules
    vague: Rules
    conventions: Table
    vocabulary: Mapping[str, str]
    duration: re.Pattern[str]
    trigger: re.Pattern[str]
    says: Mapping[str, str]


def _names(words: Table, *, plural: bool = False) -> str:
    """Names of months or weekdays as alternatives; a short form may have its full stop."""
    ordered = sorted(words, key=len, reverse=True)
    short = {w for w in words if any(o != w and o.startswith(w) for o in words)}
    return "|".join(rf"{w}\.?" if w in short else w + ("s?" if plural else "") for w in ordered)


def vocabulary_of(table: Table) -> dict[str, str]:
    """The expressions that patterns may name in braces."""
    counts = sorted(table["count"], key=len, reverse=True)
    figure = r"\d+(?:,\d\d\d)*(?:\.\d+)?"
    count = f"(?:{figure}|{'|'.join(counts)})"
    unit = "(?:" + "|".join(sorted(table["unit"], key=len, reverse=True)) + r")\b"
    units = "(?:" + "|".join(u if u != "century" else "centurie" for u in table["plural"]) + r")s\b"
    many = unit.replace(r")\b", r"|centurie)s?\b")
    months = f"(?:{_names(table['months'])})(?![a-z])"
    duration = (
        rf"(?:{count}(?: (?:to|or|and|-) ?{count}| ?[-–] ?{count})?(?: more| full| short| additional)?[ -]?{many}"
        rf"(?:,? and (?:a half|{count} {many}))?(?: or two| and a half)?(?!-old)|(?:a|one|this) {unit} or two)"
    )
    return {
        "year": r"(?:1[6-9]|20|21)\d\d(?!\d)",
        "century": r"(?:1[6-9]|20|21)",
        "count": count,
        "unit": unit.replace(r")\b", r"|centurie)s?\b"),
        "units": units,
        "month": months,
        "weekday": f"(?:{_names(table['weekdays'], plural=True)})(?![a-z])",
        "season": "(?:" + "|".join(sorted(table["seasons"], key=len, reverse=True)) + r")(?![a-z])",
        "duration": duration,
    }


@cache
def load() -> Grammar:
    """The grammar that is shipped with Sayso."""
    table = tomllib.loads(files(__package__).joinpath("rules.toml").read_text(encoding="utf-8"))
    vocabulary = vocabulary_of(table)
    bounds = Rules(table["bound"], key="words", vocabulary=vocabulary, after=r"(?!\w)")
    parts = Rules(table["part"], key="words", vocabulary=vocabulary, after=r"(?:\s+|(?<=-)|$)")
    closings = Rules(table["closing"], key="words", vocabulary=vocabulary)
    leaves = Rules(table["leaf"], key="pattern", vocabulary=vocabulary)
    vague = Rules(table["vague"], key="pattern", vocabulary=vocabulary)
    says = {rule.id: rule.says for rules in (bounds, parts, closings, leaves, vague) for rule in rules.rules}
    openers = {*table["openers"]["words"], *table["months"], *table["weekdays"], *table["seasons"]}
    opening = joined(sorted(openers), name="o")
    before = "the|these|my|our|his|her|their|its"
    return Grammar(
        bounds=bounds,
        parts=parts,
        closings=closings,
        leaves=leaves,
        vague=vague,
        conventions=table,
        vocabulary=vocabulary,
        duration=re.compile(compile_source(vocabulary["duration"], vocabulary)),
        trigger=re.compile(rf"(?<![\w'])(?:(?:{before})\s+)?(?:(?:{opening})s?\b|[\d'])"),
        says=says,
    )
