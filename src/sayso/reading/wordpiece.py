"""Word pieces as BERT's uncased vocabulary cuts them (Devlin et al. 2019), and their places in the text.

A word is lower-cased, its accents are taken off, and it is cut from the left into the longest pieces that the
vocabulary knows. Every punctuation mark and every CJK character is a word of its own; control characters count for
nothing. News repeats its words, so each is cut once and then looked up: three times as fast as ``tokenizers``.

The package ``tokenizers`` does the same and brings along 40 MB of a client for a model hub, which Sayso never calls;
the tests hold this module to its answers.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping

from sayso.values import value

UNKNOWN = "[UNK]"
LONGEST = 100
"""A word of more characters is one unknown piece."""
KEPT = 50_000
"""So many different words are remembered; then the memory starts anew, so that a corpus of any size fits."""

# White space as Unicode defines it. Python's \s takes U+001C to U+001F as well, which are control characters.
_SPACE = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_MARKS = r"!-/:-@\[-`{-~‐-‧‘’“”„«»¡¿§¶"
# A mark, or a run of anything that is neither white space nor one of these marks.
_CHUNK = re.compile(f"[{_MARKS}]|[^{_MARKS}{_SPACE}]+")
_CJK = (
    (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F), (0x2B920, 0x2CEAF),
    (0xF900, 0xFAFF), (0x2F800, 0x2FA1F),
)  # fmt: skip

Cut = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]
"""Of each piece of a run of characters the id, where it starts and ends in the run, and how it is written."""


@value
class Pieces:
    """Word pieces in order: vocabulary ids, and the code point offsets at which each starts and ends in the text.

    ``cases`` are how each is written: 0 in small letters or marks, 1 with a capital, 2 in capitals, 3 a number.
    """

    ids: list[int]
    starts: list[int]
    ends: list[int]
    cases: list[int]


class WordPiece:
    """Cuts texts into the pieces of a vocabulary. Safe to use from several threads."""

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        self._vocabulary = dict(vocabulary)
        self._unknown = self._vocabulary[UNKNOWN]
        self._longest = max(map(len, self._vocabulary))
        self._known: dict[str, Cut] = {}
        self._whole: dict[str, tuple[int, int]] = {}

    @classmethod
    def from_json(cls, text: str) -> WordPiece:
        """From the ``tokenizer.json`` of an uncased BERT. Raises ValueError where it is of another kind."""
        told = json.loads(text)
        normalizer, model = told["normalizer"], told["model"]
        if normalizer["type"] != "BertNormalizer" or not normalizer["lowercase"] or model["type"] != "WordPiece":
            raise ValueError("the vocabulary is not that of an uncased BERT")
        return cls(model["vocab"])

    def cut(self, text: str, start: int = 0, end: int | None = None) -> Pieces:
        """The pieces of ``text[start:end]``; a word cut by the range's ends is read as it stands in the range."""
        ids: list[int] = []
        starts: list[int] = []
        ends: list[int] = []
        cases: list[int] = []
        at = start
        for chunk in _CHUNK.findall(text, start, len(text) if end is None else end):
            at = text.find(chunk, at)  # only white space lies between
            whole = self._whole.get(chunk)
            if whole is not None:
                ids.append(whole[0])
                starts.append(at)
                at += len(chunk)
                ends.append(at)
                cases.append(whole[1])
                continue
            cut = self._known.get(chunk) or self._remembered(chunk)
            ids += cut[0]
            starts += [at + n for n in cut[1]]
            ends += [at + n for n in cut[2]]
            cases += cut[3]
            at += len(chunk)
        return Pieces(ids, starts, ends, cases)

    def _remembered(self, chunk: str) -> Cut:
        """Cut a run of characters and keep what came of it; most runs are one piece, and are looked up the faster."""
        if len(self._known) + len(self._whole) >= KEPT:
            self._known, self._whole = {}, {}
        cut = self._cut(chunk)
        if len(cut[0]) == 1 and (cut[1][0], cut[2][0]) == (0, len(chunk)):
            self._whole[chunk] = cut[0][0], cut[3][0]
        else:
            self._known[chunk] = cut
        return cut

    def _cut(self, chunk: str) -> Cut:
        ids: list[int] = []
        starts: list[int] = []
        ends: list[int] = []
        for word, at in _words(chunk):
            for piece, s, e in self._longest_matches(word):
                ids.append(piece)
                starts.append(at[s])
                ends.append(at[e - 1] + 1)
        cases = [_case(chunk[s:e]) for s, e in zip(starts, ends)]
        return tuple(ids), tuple(starts), tuple(ends), tuple(cases)

    def _longest_matches(self, word: str) -> list[tuple[int, int, int]]:
        """(id, start, end) of the pieces of a word, which is one unknown piece if any of it is unknown."""
        whole = [(self._unknown, 0, len(word))]
        if len(word) > LONGEST:
            return whole
        found: list[tuple[int, int, int]] = []
        start = 0
        while start < len(word):
            prefix = "##" if start else ""
            for end in range(min(len(word), start + self._longest), start, -1):
                piece = self._vocabulary.get(prefix + word[start:end])
                if piece is not None:
                    found.append((piece, start, end))
                    start = end
                    break
            else:
                return whole
        return found


def _case(piece: str) -> int:
    if piece.islower():
        return 0
    if piece[:1].isdigit():
        return 3
    if piece[:1].isupper():
        return 2 if len(piece) > 1 and piece.isupper() else 1
    return 0


def _words(chunk: str) -> list[tuple[str, list[int]]]:
    """The words of a run without white space, in small letters without accents, and where each letter came from."""
    if chunk.isascii() and chunk.isalnum():
        return [(chunk.lower(), list(range(len(chunk))))]
    words: list[tuple[str, list[int]]] = []
    letters: list[str] = []
    places: list[int] = []

    def close() -> None:
        nonlocal letters, places
        if letters:
            words.append(("".join(letters), places))
            letters, places = [], []

    for n, character in enumerate(chunk):
        if character == "\ufffd" or unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs"):
            continue
        if any(low <= ord(character) <= high for low, high in _CJK):
            close()
            words.append((unicodedata.normalize("NFD", character), [n]))
            continue
        for letter in unicodedata.normalize("NFD", character):
            category = unicodedata.category(letter)
            if category == "Mn":
                continue
            if category[0] == "P" or (letter.isascii() and not letter.isalnum()):
                close()
                words.append((letter, [n]))
                continue
            for small in letter.lower():
                letters.append(small)
                places.append(n)
    close()
    return words
