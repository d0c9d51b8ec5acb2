"""Which language a text is in, so that what the model does not know is said to be so, not read as English."""

from __future__ import annotations

import functools
import re
from typing import Any

from sayso.errors import LanguageError
from sayso.intake.languages import ENGLISH_WORDS, LANGUAGES
from sayso.posts import Thread

READ = "en"
"""The language that the model reads (ISO 639-1)."""

MIN_WORDS = 15
"""A text of fewer words is not judged: names, slang and exclamations look like any language."""
_SLICE = 500
_SURE = 0.8
_SURE_OF_COMMENT = 0.95
_PLAINLY_ENGLISH = 0.2
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def check_language(thread: Thread) -> None:
    """Set the languages of a thread and its posts.

    Raises LanguageError where the article is in a language that the model does not read. A comment in one is kept
    and marked by its ``language``, so that it is not read.
    """
    article = thread.article
    article.language = thread.language = language_of(article.text, sure=_SURE)
    if article.language not in (None, READ):
        name = LANGUAGES.get(article.language, article.language)
        raise LanguageError(
            thread.id, f"looks like {name} ({article.language})", "the model reads English only: give it a translation"
        )
    for post in thread.posts[1:]:
        post.language = language_of(post.text, sure=_SURE_OF_COMMENT)


def language_of(text: str, *, sure: float = _SURE) -> str | None:
    """The ISO 639-1 code of a text's language; None where it is too short or the identifier less than ``sure``.

    Three slices of a long text are judged. Text of which a fifth are English function words needs no model; the
    rest goes to py3langid, which takes a second to load.
    """
    if len(text) > 3 * _SLICE:
        middle = len(text) // 2
        text = f"{text[:_SLICE]}\n{text[middle : middle + _SLICE]}\n{text[-_SLICE:]}"
    words = _WORD.findall(text.casefold())
    if len(words) < MIN_WORDS and not _unspaced(text):
        return None
    if words and sum(map(ENGLISH_WORDS.__contains__, words)) >= _PLAINLY_ENGLISH * len(words):
        return READ
    code, confidence = _identifier().classify(text)
    return str(code) if confidence >= sure else None


def _unspaced(text: str) -> bool:
    """Whether a text is long in a script that puts no spaces between words (Chinese, Japanese, Thai …)."""
    return sum("\u0e00" <= c <= "\u0eff" or "\u3040" <= c <= "\u9fff" for c in text) >= 2 * MIN_WORDS


@functools.cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    known = LanguageIdentifier.from_model_file(MODEL_FILE)
    known.set_languages(set(LANGUAGES) & set(known.labels))
    # It keeps the table of all its languages beside that of these, 20 MB; one made of the smaller table does not.
    return LanguageIdentifier(
        known.nb_ptc, known.nb_pc, known.nb_classes, known.tk_nextmove, known.tk_output, norm_probs=True,
        tk_row=known.tk_row,
    )  # fmt: skip
