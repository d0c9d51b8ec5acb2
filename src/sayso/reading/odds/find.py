"""Find words of certainty in a text where nobody has marked them, each as people mark it."""

from __future__ import annotations

import re

from sayso.reading.odds.tables import load

_SAME = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‑": "-", "\u00a0": " "})
_N = (
    r"(?:\d+(?:\.\d+)?|one|two|three|four|five|six|seven|eight|nine|ten|twenty|fifty|ninety|a hundred|"
    r"one[ -]hundred)"
)
_NUMBER = re.compile(
    r"(?:(?:there is |there's |has |have |had )?an? |about |roughly |around |at least |more than |less than |"
    rf"better than )*{_N}(?:\s*(?:-|to)\s*{_N})?(?:\s*%|[ -]percent|[ -]per cent)"
    r"(?:[ -](?:chance|probability|likelihood|odds|sure|certain(?:ty|ly)?|shot|confident))"
    rf"|(?:about |roughly )?(?:an? )?(?:{_N}[ -](?:in|out of)[ -](?:every[ -])?{_N} (?:chance|shot|odds)"
    rf"|{_N} times out of {_N})"
    rf"|(?:with |the )?odds (?:are|of) (?:about )?{_N}(?:[ -]to[ -]|/|:| in ){_N}"
    r"|(?:100|one[- ]hundred) ?(?:percent|%)(?=[ .,]|$)"
)
_SIGNS = ("%", "cent", "out of", "odds", "chance", "shot")
"""A number of _NUMBER's stands with one of these."""
# What belongs to the words although it is no part of the phrase: who is sure, and the verb of a denial.
_BEFORE = re.compile(
    r"(?:\b(?:i|we)(?:'m|'re| am| are|'ve| have|'d| would| do| can| really| also| still| certainly| absolutely| very"
    r"| fully| completely| all| not)*"
    r"|\b(?:do|does|did|is|are|was|were|would|could|can|has|have)(?=n't$| not$)) ?$"
)
_DENIED = re.compile(r"\b(?:i |we )?(?:is|are|was|were|do|does|did|wo|would|could|ca|has|have)$")
_HEAD = re.compile(r"(?:(?:is|are|was|were|be|been|being|had|it's|that|there|there's|has|have|an?|the)\s+)+(?=\w)")
_TAIL = re.compile(r"\s+(?:that|this|like|to|you that|for)$")
_KEEPS_TO = re.compile(r"\b(?:set|bound|due|about|going|promises|on) to$")
_WHOLE = frozenset(("realistic-possibility", "very-good-chance"))
_OWN_VERBS = frozenset(
    ("confident", "certain", "fairly-sure", "expected", "doubt", "not-think", "think", "hopefully", "fears")
)
_ADVERBS = (
    "certainly",
    "definitely",
    "surely",
    "undoubtedly",
    "inevitabl",
    "assuredly",
    "clearly",
    "obviously",
    "of course",
    "always",
    "hopefully",
    "expectation",
    "fears",
    "optimism",
    "doubts",
    "no ",
    "without",
    "proves",
    "has to",
)


def find_odds(text: str) -> list[tuple[int, int, str]]:
    """The words of certainty in a text, in its order: where they start and end, and the id of their phrase.

    Plain will and would are none. A phrase is given as people mark it: "likely" out of "is likely to", but "I am
    confident" and "isn't likely" whole; a probability written as a number is ``number``.
    """
    low = text.lower()
    if len(low) != len(text):
        low = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    low = low.translate(_SAME)
    found: list[tuple[int, int, str]] = []
    if any(sign in low for sign in _SIGNS):
        found = [(m.start(), m.end(), "number") for m in _NUMBER.finditer(low)]
    for phrase, start, end in load().hedges.find(low):
        if all(end <= a or b <= start for a, b, _ in found):
            start, end = _as_marked(low, start, end, phrase.id)
            found.append((start, end, phrase.id))
    return sorted(found)


def _as_marked(low: str, start: int, end: int, phrase: str) -> tuple[int, int]:
    if low.startswith("n't", start) and start and low[start - 1].isalpha():
        denied = _DENIED.search(low, max(0, start - 16), start)
        start = denied.start() if denied else start
    elif phrase not in _WHOLE and (head := _HEAD.match(low, start, end)) is not None:
        start = head.end()
    if not _KEEPS_TO.search(low, start, end):
        while (tail := _TAIL.search(low[:end], start)) is not None and tail.start() > start:
            end = tail.start()
    if phrase in _OWN_VERBS and not low.startswith(_ADVERBS, start):
        before = _BEFORE.search(low[:start], max(0, start - 32))
        start = before.start() if before else start
    return start, end
