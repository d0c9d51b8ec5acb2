"""A text as words in sentences and paragraphs: what the resolver of names looks things up in."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from operator import itemgetter

from sayso.reading.segment import outline

_WORD = re.compile(r"(\d+(?:[.,]\d+)+|[^\W_]+(?:[.'’\-&][^\W_]+)*)")
_CLITIC = re.compile(r"['’](re|ve|ll|d|m)$", re.IGNORECASE)
_CLITIC_IS = frozenset("he she it that who there here what where how let".split())
_POSSESSIVE = re.compile(r"['’]s$", re.IGNORECASE)
_APOSTROPHES = ("'", "’")
_APOSTROPHE = re.compile("['’]")


@lru_cache(maxsize=4096)
def _parted(word: str) -> tuple[str, bool, str | None]:
    """A word with an apostrophe in it: without what follows, whether that makes it possessive, and the clitic."""
    clitic = _CLITIC.search(word)
    owner = clitic is None and _POSSESSIVE.search(word) is not None and len(word) > 2
    if owner and word[:-2].lower() in _CLITIC_IS:
        owner, clitic = False, _POSSESSIVE.search(word)
    if owner:
        return word[:-2], True, None
    if clitic is not None and clitic.start():
        return word[: clitic.start()], False, clitic.group()
    return word, False, None


class Layout:
    """The words of a text with their places; made once in time linear in its length.

    ``starts``, ``ends``, ``words`` and ``lower`` have one entry a word, the possessive "'s" cut off
    (``possessive`` is set instead); ``raised`` is set where a word begins with a capital. ``sentence`` and
    ``paragraph`` number the words' sentences and paragraphs from 0; ``sentence_first`` is the first word of each
    sentence. ``quoted`` is set inside quotation marks and ``heading`` for the words of lines in title case or capitals.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        parts = _WORD.split(text)  # by turns what stands between words, and words
        edges = list(accumulate(map(len, parts)))
        self.starts: list[int] = edges[:-1:2]
        self.ends: list[int] = edges[1::2]
        self.words: list[str] = parts[1::2]
        self.possessive: list[bool] = [False] * len(self.words)
        # Whether one space parts each word from the one before: nearly always, and asked for at every turn.
        self._spaced = [between == " " for between in parts[::2]]
        self._spaced[0] = self._spaced[-1] = False
        self._part_at_apostrophes()
        self.lower: list[str] = list(map(str.lower, self.words))
        self.raised: list[bool] = list(map(str.isupper, map(itemgetter(0), self.words)))
        self._count = len(self.words)
        self.sentence: list[int] = []
        self.paragraph: list[int] = []
        self.quoted: list[bool] = [False] * self._count
        self.heading: list[bool] = [False] * self._count
        self.sentence_first: list[int] = []
        self.paragraph_starts: list[int] = []
        for number, paragraph in enumerate(outline(text)):
            self.paragraph_starts.append(paragraph.start)
            first, sentence = len(self.sentence), len(self.sentence_first)
            for _, end in paragraph.sentences:
                before = len(self.sentence)
                count = bisect_left(self.starts, end, before) - before
                if count:
                    self.sentence += [len(self.sentence_first)] * count
                    self.sentence_first.append(before)
            self.paragraph += [number] * (len(self.sentence) - first)
            self._marks(first, paragraph.quotes, one=len(self.sentence_first) - sentence == 1)
        self._together = self._spaced.copy()
        for first in self.sentence_first:
            self._together[first] = False
        self.sentence_first.append(self._count)

    def _part_at_apostrophes(self) -> None:
        """Cut possessives off their words, and make two words of those with a clitic ("they've")."""
        text, starts, ends, words = self.text, self.starts, self.ends, self.words
        clitics: list[tuple[int, str]] = []
        last = -1
        for match in _APOSTROPHE.finditer(text):
            k = bisect_right(starts, match.start()) - 1
            if k <= last:
                continue
            last, word = k, words[k]
            owner, clitic = False, None
            if "'" in word or "’" in word:
                word, owner, clitic = _parted(word)
            if not owner and word[-1] in "sSxXzZ" and word[0].isupper():
                # The bare possessive of a name in s: Jones' campaign.
                end = starts[k] + len(word)
                owner = text[end : end + 1] in _APOSTROPHES and text[end + 1 : end + 2].isspace()
            if len(word) < len(words[k]):
                words[k], ends[k] = word, starts[k] + len(word)
                self._spaced[k + 1] = self._spaced[k + 1] and not owner
            self.possessive[k] = owner
            if clitic is not None:
                clitics.append((k, clitic.replace("’", "'")))
        if clitics:
            self._add_clitics(clitics)

    def _add_clitics(self, clitics: list[tuple[int, str]]) -> None:
        """Give each clitic its own place behind the word (by number) that it was cut off."""
        starts, ends, words, possessive, spaced = self.starts, self.ends, self.words, self.possessive, self._spaced
        self.starts, self.ends, self.words, self.possessive, self._spaced = [], [], [], [], []
        done = 0
        for k, clitic in [*clitics, (len(words), "")]:
            after = k + 1
            self.starts += starts[done:after]
            self.ends += ends[done:after]
            self.words += words[done:after]
            self.possessive += possessive[done:after]
            self._spaced += spaced[done:after]
            if clitic:
                self.starts.append(ends[k])
                self.ends.append(ends[k] + len(clitic))
                self.words.append(clitic)
                self.possessive.append(False)
                self._spaced.append(False)
            done = after

    def _marks(self, first: int, quotes: Sequence[tuple[int, int]], *, one: bool) -> None:
        """Fill ``heading`` and ``quoted`` for the words of a paragraph, which begin at ``first`` and are the last yet.

        A heading is ``one`` sentence of at most 30 words, most of its longer words with a capital.
        """
        last = len(self.sentence)
        if one and 2 <= last - first <= 30:
            long = [w for w in self.words[first:last] if len(w) > 3]
            raised = sum([w[0].isupper() or w[0].isdigit() for w in long])
            if raised > 0.7 * len(long) > 1:
                self.heading[first:last] = [True] * (last - first)
        for lo, hi in quotes:
            inside = slice(bisect_left(self.starts, lo, first), bisect_left(self.starts, hi, first))
            self.quoted[inside] = [True] * (inside.stop - inside.start)

    def __len__(self) -> int:
        return self._count

    def at(self, offset: int) -> int:
        """The index of the first word that ends after ``offset`` (``len(self)`` past the last)."""
        return bisect_right(self.ends, offset)

    def within(self, start: int, end: int) -> range:
        """The indices of the words of ``text[start:end]``."""
        return range(bisect_right(self.ends, start), bisect_left(self.starts, end))

    def paragraph_at(self, offset: int) -> int:
        """The number of the paragraph at an offset."""
        return max(0, bisect_right(self.paragraph_starts, offset) - 1)

    def gap(self, i: int) -> str:
        """What stands between word i - 1 and word i, without white space and a possessive mark."""
        if i <= 0 or i >= self._count:
            return "."
        if self._spaced[i]:
            return ""
        between = self.text[self.ends[i - 1] : self.starts[i]].strip()
        if self.possessive[i - 1]:
            between = between.removeprefix("'s").removeprefix("’s").lstrip("'’").strip()
        return between

    def close(self, i: int) -> bool:
        """Whether word i follows word i - 1 with nothing but white space (or the stop of an abbreviation) between.

        False past the last word, too.
        """
        if self._together[i]:
            return True
        if i <= 0 or i >= self._count or self.sentence[i] != self.sentence[i - 1]:
            return False
        gap = self.gap(i)
        return not gap or (gap == "." and len(self.words[i - 1]) <= 5)
