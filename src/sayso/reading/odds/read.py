"""Words of estimative probability to a number with its interval."""

from __future__ import annotations

import re

from sayso.errors import FieldError
from sayso.posts import Kind, Probability
from sayso.reading.odds.numbers import read_number
from sayso.reading.odds.tables import YARDSTICKS, Phrase, Tables, Worth, Yardstick, load
from sayso.values import value

_SAME = str.maketrans({"’": "'", "‘": "'", "–": "-", "—": "-", "‑": "-", "\u00a0": " "})
_CONDITIONAL = ("if", "unless", "whether", "once", "when", "should")
_CONDITION = re.compile(rf"\b(?:{'|'.join(_CONDITIONAL)})\b[^,;]{{0,160}}[,;]")
_SIGNS = ("chance", "probability", "likelihood", "odds", "likely", "sure", "certain", "times out of")
"""Beside a number one of these tells that it is a probability; some in their plural too."""
_SIGN = re.compile(r"\b(?:chances?|probability|likelihood|odds|likely|sure|certain|times out of)\b")
_REACH = 40
_NEAR_SIGN = re.compile(rf"[^.;,]{{0,{_REACH}}}{_SIGN.pattern}[^.;,]{{0,{_REACH}}}")
_WORD = re.compile(r"[a-z']+")
_EMPTY = frozenset("it is that this he she they we i the a an seems seem be very at all to are was so and".split())
_HEDGE_REACH = 60


@value
class Step:
    """One phrase that was weighed: by which table, and its worth to the outcome and to what the sentence asserts."""

    phrase: Phrase | None
    table: str
    rule: str
    outcome: Worth
    asserted: Worth


def read_odds(
    certainty: str | None,
    *,
    sentence: str,
    kind: Kind = "prediction",
    yardstick: Yardstick = "survey",
    cue: str | None = None,
) -> Probability:
    """The probability, with its interval, of what a forecast asserts.

    ``certainty`` are its words of certainty, None where it has none: then the modal verb of ``sentence`` (the content)
    decides. ``cue`` are the words of attribution ("hopes", "doubts"), which decide where the content has no words of
    certainty. ``yardstick`` is the table for the words that it has; the survey fills in for the others. ``kind`` is
    accepted for pledges as well, which are read alike.

    "Will not" and "unlikely to win" assert that something will not come about, and the probability is that of this
    assertion; words alone, without an outcome they could be about ("unlikely"), are worth what they say of an outcome.
    0 ≤ low ≤ point ≤ high ≤ 1 always. ``rule`` is the path of the ids of the rules, with the table in brackets.

    Raises ``FieldError`` for a yardstick that is not known.
    """
    return _probability(weigh(certainty, sentence=sentence, yardstick=yardstick, cue=cue))


def _probability(steps: list[Step]) -> Probability:
    # Stacked hedges: the one that leaves the assertion the least probable governs.
    chosen = min(steps, key=lambda step: step.asserted.point)
    worth = chosen.asserted
    low, point, high = (min(1.0, max(0.0, round(v, 4))) for v in (worth.low, worth.point, worth.high))
    rule = " + ".join(dict.fromkeys(step.rule for step in steps))
    return Probability(point, min(low, point), max(high, point), rule)


def lowered(text: str) -> str:
    """The text in lower case with plain quotes and dashes."""
    low = text.lower()
    return low if low.isascii() else low.translate(_SAME)


def weigh(
    certainty: str | None, *, sentence: str, yardstick: Yardstick = "survey", cue: str | None = None
) -> list[Step]:
    """The phrases that decide the odds of a forecast, each with its worth; see :func:`read_odds`. Never empty."""
    if yardstick not in YARDSTICKS:
        raise FieldError("yardstick", f"{yardstick!r} is not known", f"give one of {', '.join(YARDSTICKS)}")
    tables = load()
    text = lowered(sentence)
    if certainty is not None and (words := lowered(certainty).strip()):
        steps = _words(words, text, tables, yardstick)
        if steps:
            return steps
    elif (number := _stated(text)) is not None:
        return [Step(None, "number", number[1], number[0], number[0])]
    if cue is not None:
        for phrase, _, _ in tables.cues.find(lowered(cue)):
            worth, table = tables.worth(phrase, yardstick)
            return [Step(phrase, table, f"{phrase.id} ({table})", worth, worth)]
    return [_modal(text, tables, yardstick)]


def _stated(text: str) -> tuple[Worth, str] | None:
    """A probability that a sentence states as a number, right beside a word such as chance."""
    near = _near_sign(text)
    return read_number(near) if near is not None else None


def _near_sign(text: str) -> str | None:
    """The stretch of a clause around its first word such as chance: what _NEAR_SIGN finds, from where it can begin."""
    if not any(word in text for word in _SIGNS) or (sign := _SIGN.search(text)) is None:
        return None
    begin = max(sign.start() - _REACH, *(text.rfind(stop, 0, sign.start()) + 1 for stop in ".;,"))
    near = _NEAR_SIGN.match(text, begin)
    return near[0] if near is not None else None


def _words(words: str, text: str, tables: Tables, yardstick: str) -> list[Step]:
    """Weigh words of certainty: a number in them, else their phrases and the hedge that follows them."""
    if (number := read_number(words)) is not None:
        return [Step(None, "number", number[1], number[0], number[0])]
    place = text.find(words)
    rest = text[:place] + " " + text[place + len(words) :] if place >= 0 else text
    alone = all(word in _EMPTY for word in _WORD.findall(rest))
    phrases = [phrase for phrase, _, _ in tables.words.find(words)]
    if not all(phrase.modal for phrase in phrases):  # beside other words, of the modal verbs only hedges count
        phrases = [phrase for phrase in phrases if not phrase.modal or (phrase.weak and phrase.id != "can")]
    steps = [_step(phrase, alone, tables, yardstick) for phrase in phrases]
    if not steps or place < 0:
        return steps
    if (
        len(steps) == 1
        and not (steps[0].phrase and steps[0].phrase.weak)
        and (hedge := _hedge(text, place + len(words), tables))
    ):
        steps.append(_step(hedge, alone, tables, yardstick))
    return steps


def _hedge(text: str, at: int, tables: Tables) -> Phrase | None:
    """The weak modal verb of the clause that follows words of certainty, if its first modal verb is a weak one."""
    clause = re.split(r"[,;.:]", text[at : at + _HEDGE_REACH], maxsplit=1)[0]
    first = next(tables.modals.find(clause), None)
    return first[0] if first is not None and first[0].weak and first[0].id != "can" else None


def _step(phrase: Phrase, alone: bool, tables: Tables, yardstick: str) -> Step:
    worth, table = tables.worth(phrase, yardstick)
    outcome = asserted = worth
    rule = f"{phrase.id} ({table})"
    if phrase.against:
        if phrase.asserted:
            outcome = worth.against()
            asserted = outcome if alone else worth
        elif not alone:
            asserted = worth.against()
        if not alone:
            rule = f"against: {rule}"
    return Step(phrase, table, rule, outcome, asserted)


def _modal(text: str, tables: Tables, yardstick: str) -> Step:
    """The modal verb of a sentence outside its conditions, else in them; "none" where there is none."""
    outside = _CONDITION.sub(" ", text) if any(word in text for word in _CONDITIONAL) else text
    phrase = _first_modal(outside, tables)
    if phrase is None and outside != text:
        phrase = _first_modal(text, tables)
    if phrase is None:
        phrase = next(p for p in tables.phrases if p.id == "none")
    worth, table = tables.worth(phrase, yardstick)
    return Step(phrase, table, f"{phrase.id} ({table})", worth, worth)


def _first_modal(text: str, tables: Tables) -> Phrase | None:
    """The first modal verb of a text but for "should", or that where there is no other."""
    first = None
    for phrase, _, _ in tables.modals.find(text):
        if phrase.id != "should":
            return phrase
        first = first or phrase
    return first
