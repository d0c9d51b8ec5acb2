"""A text as words in sentences and paragraphs: what the resolver of names looks things up in."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from sayso.reading.segment import outline

_WORD = re.compile(r"\d+(?:[.,]\d+)+|[^\W_]+(?:[.'’\-&][^\W_]+)*")
_CLITIC = re.compile(r"['’](re|ve|ll|d|m)$", re.IGNORECASE)
_CLITIC_IS = frozenset("he she it that who there here what where how let".split())
_POSSESSIVE = re.compile(r"['’]s$", re.IGNORECASE)
_APOSTROPHES = ("'", "’")


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
    (``possessive`` is set instead). ``sentence`` and ``paragraph`` number the words' sentences and paragraphs from 0;
    ``sentence_first`` is the first word of each sentence. ``quoted`` is set inside quotation marks and ``heading``
    for the words of lines in title case or capitals.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.words: list[str] = []
        self.lower: list[str] = []
        self.possessive: list[bool] = []
        self.sentence: list[int] = []
        self.paragraph: list[int] = []
        self.quoted: list[bool] = []
        self.heading: list[bool] = []
        self.sentence_first: list[int] = []
        self.paragraph_starts: list[int] = []
        for number, paragraph in enumerate(outline(text)):
            self.paragraph_starts.append(paragraph.start)
            first, sentence = len(self.words), len(self.sentence_first)
            for lo, hi in paragraph.sentences:
                before = len(self.words)
                self._sentence(lo, hi, number)
                if len(self.words) > before:
                    self.sentence_first.append(before)
            self._marks(first, paragraph.quotes, one=len(self.sentence_first) - sentence == 1)
        self.sentence_first.append(len(self.words))
        self._count = len(self.words)
        # Whether one space parts each word from the one before: nearly always, and asked for at every turn.
        self._spaced = [text[end:start] == " " for end, start in zip([0, *self.ends], self.starts)]

    def _sentence(self, lo: int, hi: int, paragraph: int) -> None:
        text, before = self.text, len(self.words)
        starts, words, possessive = self.starts, self.words, self.possessive
        start, found = lo, _WORD.findall(text, lo, hi)
        if text.find("'", lo, hi + 1) < 0 and text.find("’", lo, hi + 1) < 0:  # no word is more than its letters
            for word in found:
                start = text.find(word, start)
                starts.append(start)
                start += len(word)
            words += found
            possessive += [False] * len(found)
            found = []
        for word in found:
            start = text.find(word, start)  # no letter and no digit lies between
            after = start + len(word)
            owner, clitic = False, None
            if "'" in word or "’" in word:
                word, owner, clitic = _parted(word)
            if not owner and word[-1] in "sSxXzZ" and word[0].isupper():
                # The bare possessive of a name in s: Jones' campaign.
                end = start + len(word)
                owner = text[end : end + 1] in _APOSTROPHES and text[end + 1 : end + 2].isspace()
            starts.append(start)
            words.append(word)
            possessive.append(owner)
            if clitic is not None:  # "they've" are two words
                starts.append(start + len(word))
                words.append(clitic.replace("’", "'"))
                possessive.append(False)
            start = after
        made = words[before:]
        self.ends += [start + len(word) for start, word in zip(starts[before:], made)]
        self.lower += [word.lower() for word in made]
        self.sentence += [len(self.sentence_first)] * len(made)
        self.paragraph += [paragraph] * len(made)
        self.quoted += [False] * len(made)

    def _marks(self, first: int, quotes: Sequence[tuple[int, int]], *, one: bool) -> None:
        """Fill ``heading`` and ``quoted`` for the words of a paragraph, which begin at ``first``.

        A heading is ``one`` sentence of at most 30 words, most of its longer words with a capital.
        """
        count, heading = len(self.words) - first, False
        if one and 2 <= count <= 30:
            long = [w for w in self.words[first:] if len(w) > 3]
            raised = sum(w[0].isupper() or w[0].isdigit() for w in long)
            heading = raised > 0.7 * len(long) > 1
        self.heading += [heading] * count
        for lo, hi in quotes:
            for i in range(bisect_left(self.starts, lo, first), bisect_left(self.starts, hi, first)):
                self.quoted[i] = True

    def __len__(self) -> int:
        return self._count

    def at(self, offset: int) -> int:
        """The index of the first word that ends after ``offset`` (``len(self)`` past the last)."""
        return bisect_right(self.ends, offset)

    def within(self, start: int, end: int) -> range:
        """The indices of the words of ``text[start:end]``."""
        return range(self.at(start), bisect_left(self.starts, end))

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
        """Whether word i follows word i - 1 with nothing but white space (or the stop of an abbreviation) between."""
        if i <= 0 or i >= self._count or self.sentence[i] != self.sentence[i - 1]:
            return False
        if self._spaced[i]:
            return True
        gap = self.gap(i)
        return not gap or (gap == "." and len(self.words[i - 1]) <= 5)
