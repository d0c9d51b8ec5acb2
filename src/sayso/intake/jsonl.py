"""Documents as JSON Lines: one object a line, read one at a time; their texts are never changed.

``{"id", "text"}`` and optionally ``url, title, author, published, site`` and ``comments``, a list of
``{"id", "parent", "author", "posted", "text"}``. A comment's ``parent`` is the id of the comment it answers, or the
document's or null for the article.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from sayso.errors import DecodingError, FieldError, InputError
from sayso.intake.comments.found import Found, to_posts, without_loops
from sayso.intake.dates import valid_date
from sayso.intake.language import check_language
from sayso.intake.markup import merge, quoted_lines
from sayso.intake.options import NO_OVERRIDES, Overrides
from sayso.posts import Post, Thread

MAX_LINE = 64_000_000
"""Bytes that one line may have, so that a file without line ends does not fill the memory."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_SHAPE = 'write one JSON object a line, {"id": …, "text": …}'


def threads_from_lines(
    stream: BinaryIO, *, input: str, overrides: Overrides = NO_OVERRIDES, languages: bool = True
) -> Iterator[Thread | InputError]:
    """Yield a thread for each line of ``stream``, or the error that names ``input:line``; empty lines are passed over.

    One line is held in memory at a time. A stream that breaks off (a damaged .gz) is yielded as an error, the last.
    """
    number = read = 0
    while True:
        number += 1
        place = f"{input}:{number}"
        try:
            line = stream.readline(MAX_LINE + 1)
            if len(line) > MAX_LINE:
                while (rest := stream.readline(1 << 20)) and not rest.endswith(b"\n"):
                    pass
                yield InputError(place, f"is a line of more than {MAX_LINE // 1_000_000} MB", _SHAPE)
                continue
        except (OSError, EOFError, zlib.error) as error:
            yield InputError(place, f"breaks off here ({error})", "get the file again")
            return
        if not line:
            break
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line.strip():
            continue
        read += 1
        try:
            yield thread_from_document(_parse(line, place), input=place, overrides=overrides, languages=languages)
        except InputError as error:
            yield error
    if not read:
        yield InputError(input, "is empty", _SHAPE)


def thread_from_document(
    document: Mapping[str, Any],
    *,
    input: str | None = None,
    overrides: Overrides = NO_OVERRIDES,
    languages: bool = True,
) -> Thread:
    """The thread that a document of the shape above is. ``input`` names it in errors, else its id does.

    Raises FieldError, naming the field, where a value cannot be; InputError where there is no text in it;
    LanguageError.
    """
    if not isinstance(document, Mapping):
        raise InputError(input or "document", "is no JSON object", _SHAPE)
    place = input or str(document.get("id") or "document")
    id = _name(document, "id", place, "")
    if id is None:
        raise FieldError(place, 'the field "id" is missing', "give each document an id of its own")
    text = _string(document, "text", place, "")
    if text is None:
        raise FieldError(place, 'the field "text" is missing', _SHAPE)
    comments = _comments(document, id, place)
    if not text.strip() and not comments:
        raise InputError(place, "has no text in it", "give it a text, or leave it out")
    title, url, site = (_string(document, name, place, "") for name in ("title", "url", "site"))
    author = overrides.author or _string(document, "author", place, "") or None
    published = overrides.published or valid_date(document.get("published"), field="published", input=place)
    article = Post(id, text, author=author, posted=published)
    thread = Thread(
        id,
        [article, *comments],
        url=overrides.url or url or None,
        title=overrides.title or title or None,
        site=site or None,
        published=published,
    )
    if languages:
        try:
            check_language(thread)
        except InputError as error:
            raise type(error)(place, error.problem, error.remedy) from None
    return thread


def _parse(line: bytes, place: str) -> dict[str, Any]:
    try:
        value = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise DecodingError(place, f"is not UTF-8 at byte {error.start}", "save it as UTF-8") from None
    except RecursionError:
        raise InputError(place, "is nested too deeply", _SHAPE) from None
    except json.JSONDecodeError as error:
        raise InputError(place, f"is no JSON ({error.msg} at character {error.pos + 1})", _SHAPE) from None
    except ValueError as error:  # a number of too many digits
        raise InputError(place, f"is no JSON ({error})", _SHAPE) from None
    if not isinstance(value, dict):
        raise InputError(place, "is no JSON object", _SHAPE)
    return value


def _comments(document: Mapping[str, Any], id: str, place: str) -> list[Post]:
    rows = document.get("comments")
    if rows is None:
        return []
    if not isinstance(rows, list):
        raise FieldError(place, 'the field "comments" is no list', _SHAPE)
    places: dict[str, int] = {}
    found: list[Found] = []
    named: list[str | None] = []
    for number, row in enumerate(rows):
        where = f"comments[{number}]."
        if not isinstance(row, Mapping):
            raise FieldError(place, f'the field "comments[{number}]" is no object', _SHAPE)
        key = _name(row, "id", place, where)
        text = _string(row, "text", place, where)
        if text is None:
            raise FieldError(place, f'the field "{where}text" is missing', "give it a text, or leave the comment out")
        if key is not None:
            if key in places:
                raise FieldError(
                    place, f'the field "{where}id" is {key!r:.60} for the second time', "give each its own"
                )
            places[key] = number
        posted = valid_date(row.get("posted"), field=f"{where}posted", input=place)
        author = _string(row, "author", place, where)
        found.append(Found(text, key, None, author or None, posted, merge(quoted_lines(text))))
        named.append(_name(row, "parent", place, where))
    for comment, parent in zip(found, named, strict=True):
        # The document's id means the article; so does an id that is not there, as of a comment that was deleted.
        comment.parent = places.get(parent) if parent is not None else None
    _refuse_loops(found, place)
    return to_posts(found, id)


def _refuse_loops(found: list[Found], place: str) -> None:
    parents = [comment.parent for comment in found]
    for number, (before, after) in enumerate(zip(parents, without_loops(parents), strict=True)):
        if before != after:
            raise FieldError(
                place,
                f'the field "comments[{number}].parent" makes a comment answer itself',
                "name the comment it answers",
            )


def _string(row: Mapping[str, Any], name: str, place: str, where: str) -> str | None:
    value = row.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise FieldError(
            place, f'the field "{where}{name}" is {value!r:.60}, not a string', "put it in quotation marks"
        )
    if match := _SURROGATE.search(value):
        problem = f'the field "{where}{name}" has half a character (a lone surrogate) at {match.start()}'
        raise FieldError(place, problem, "write the character whole")
    return value


def _name(row: Mapping[str, Any], name: str, place: str, where: str) -> str | None:
    """An id, which may be a number."""
    value = row.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return _string(row, name, place, where) or None
