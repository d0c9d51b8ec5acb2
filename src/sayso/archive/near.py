"""What is the same text, and what is nearly: digests and MinHash signatures.

Two texts are near copies when their sets of five-word shingles overlap by ``NEAR`` (Jaccard's index: shared by all).
The overlap is estimated by MinHash (Broder 1997) with 128 values, which has a standard error of 0.035 at 0.8. Pairs to
compare are those that agree in one of 21 bands of 6 values: a pair of overlap 0.8 is found with probability 0.998, one
of 0.7 with 0.93. benchmarks/archive.py measures both.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

import numpy as np
import numpy.typing as npt

from sayso.errors import MissingExtra
from sayso.posts import Post, Thread

NEAR = 0.8
VALUES, BANDS, ROWS = 128, 21, 6
SHINGLE, _SEED = 5, 20
_WORD = re.compile(r"\w+")
_MIX = np.array([0x9E3779B97F4A7C15 * (2 * n + 1) % 2**64 | 1 for n in range(ROWS)], dtype=np.uint64)


def same(text: str) -> bytes:
    """A digest of 16 bytes that texts share which differ in white space alone."""
    return hashlib.blake2b(" ".join(text.split()).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def signature(text: str) -> bytes:
    """The MinHash signature of a text, 128 unsigned integers of 32 bits; letters' case and punctuation do not count."""
    words = _WORD.findall(text.casefold())
    shingles = [" ".join(words[n : n + SHINGLE]) for n in range(max(1, len(words) - SHINGLE + 1))]
    made = _rensa().RMinHash(num_perm=VALUES, seed=_SEED)
    made.update([shingle.encode("utf-8", "replace").decode() for shingle in shingles])
    return np.array(made.digest(), dtype="<u4").tobytes()


def band_keys(signatures: npt.NDArray[np.uint32], band: int) -> npt.NDArray[np.uint64]:
    """Of n signatures (n, 128), one key each: those that agree in the band have the same."""
    part = signatures[:, band * ROWS : (band + 1) * ROWS].astype(np.uint64)
    mixed = (part + np.uint64(1)) * _MIX
    mixed ^= mixed >> np.uint64(29)
    keys: npt.NDArray[np.uint64] = (mixed * _MIX[::-1]).sum(axis=1, dtype=np.uint64)
    return keys


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text, in which copies are compared."""
    return [part for part in (line.strip() for line in text.split("\n")) if part]


def short(text: str) -> int:
    """A digest of 63 bits of a paragraph, white space aside."""
    digest = hashlib.blake2b(" ".join(text.split()).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1


def of_comment(post: Post) -> int:
    """A digest of a comment: who says what."""
    return short(f"{post.author or ''}\0{post.text}")


def marks(thread: Thread) -> tuple[list[int], list[int]]:
    """Digests of the article's paragraphs, and of the comments."""
    return [short(p) for p in paragraphs(thread.article.text)], [of_comment(post) for post in thread.posts[1:]]


def _rensa() -> Any:
    try:
        import rensa
    except ModuleNotFoundError as error:
        raise MissingExtra("Reading an archive", "archive") from error
    return rensa
