"""From plain text to a thread: what stands above and below the prose, and the comments at the end."""

from __future__ import annotations

import re

from sayso.errors import InputError
from sayso.intake.dates import find_date, plausible
from sayso.intake.labelled import Header, labelled_block
from sayso.intake.language import check_language
from sayso.intake.options import NO_OVERRIDES, Overrides
from sayso.intake.outline import split_thread
from sayso.intake.wrapping import unwrap
from sayso.posts import Post, Thread

_MAX_TITLE_WORDS = 35
_HEADER_LINES = 8
_MARKED_HEADING = re.compile(r"^#{1,6}[ \t]+(?=\S)", re.MULTILINE)
_EMPHASISED = re.compile(r"([*_])(?![\s_*]).*[^\s*_]\1|\*\*.*\*\*")
_PARTICLE = r"(?:de|del|della|der|den|di|da|dos|du|la|le|van|von|ter|ten|al|el|bin|ibn|ben|y|of)"
_NAME_WORD = r"(?:[^\W\d_a-zß-öø-ÿ][\w'’-]*\.?|al-\w+|d['’]\w+)"
NAME = rf"{_NAME_WORD}(?:[ \u00a0]+(?:{_PARTICLE}[ \u00a0]+)*{_NAME_WORD}){{0,4}}"
"""A regular expression for a person's name as bylines have it: capitalised words with initials and particles."""
_BYLINE = re.compile(
    rf"^(?i:(?:(?:posted|written|words|story|text|interview|interviewed|report|reported|analysis|opinion|commentary|column)"
    rf"[ \u00a0]+)?by:?)[ \u00a0]+(?P<name>{NAME}(?:(?:,| and| &)[ \u00a0]+{NAME})*)"
)
_NAME_AND_DATE = re.compile(rf"^(?P<name>{NAME})[\s.,|·•–—-]*$")
_LABELLED_NAME = re.compile(rf"^(?i:author):[ \u00a0]*(?P<name>{NAME})[ \u00a0]*$")
_DATE_WORDS = re.compile(
    r"\b(?:posted|published|updated|on|at|date|monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tue|wed|thu|"
    r"fri|sat|sun|gmt|utc|e[ds]t|p[ds]t|c[ds]t|bst)\b|[\s.,:|·•–—()-]",
    re.I,
)
_DATELINE = re.compile(r"^[^\W\d_][^–—\n]{1,60}?(?:\([A-Z][\w .]+\)\s*)?\s(?:[–—]|--?)\s")
_CAPITALS_DATELINE = re.compile(r"^(?:[A-Z][A-Z.'’]+[, ]+){1,4}")
_POSTING = re.compile(
    r"(?:(?<=[.!?…”\"’)])|^)[ \t\u00a0]*\n*(?:posted[ \t]+(?:by|at)[ \t]+)?"
    r"(?P<name>[^\W\d_][\w.'’-]*(?:[ \u00a0][^\W\d_][\w.'’-]*){0,4})?[ \u00a0]+(?:at|on)[ \u00a0]+"
    r"(?P<when>[^\n]{0,40}?\d{1,2}:\d\d(?::\d\d)?(?:[ \u00a0]?[ap]\.?m\.?)?[^\n]{0,12})\s*\Z",
    re.I | re.M,
)
_PRELUDE = re.compile(
    r"(?:for immediate release|(?:press|news|media) release|embargoed\b.*|(?:(?:press|media) )?contacts?:.*)",
    re.IGNORECASE,
)
"""What stands above the headline of a press release."""
_BREAK = re.compile(
    r"(?!(?:mrs?|ms|dr|st|sen|gov|gen|rep|prof|jr|sr|vs|no)\.)\b\w*[a-z]\)?[.!?][\"”’)]*(?:\[\d+\]|[*†‡¹²³])?\s+(?=[A-Z“\"])",
    re.IGNORECASE,
)
"""Where one sentence ends within a line and another begins."""
_SENTENCES = 12
"""Words from which a line with a break between sentences is prose."""
_FOOTNOTE = re.compile(r"(?:\[\d+\]|[*†‡¹²³])+$")
_NOT_NAME = frozenset(
    """the a an it he she they we i you this that meeting ends starts begins again was is and or but him her
    them""".split()
)


def thread_from_text(text: str, *, id: str, overrides: Overrides = NO_OVERRIDES, languages: bool = True) -> Thread:
    """The article of a plain text, and the comments under it if it ends in a thread. ``id`` names it in errors.

    The text of the article is the input's own up to the thread, with "\\n" for every line end; a title, a byline and a
    dateline stay in it, a posting line ("ann example at 4:10 AM") at its end and the empty lines around it do not.
    Lines that were broken to a width are joined to paragraphs.

    1. Make line ends alike; leave out NUL characters, the byte order mark and the marks of Markdown's headings.
    2. Take off a block of labelled lines at the top (``labelled``): a mail's header, the front matter of a page.
    3. Split the thread off (``outline``), and the posting line.
    4. Read title, byline and date from the first lines.
    5. Join hard-wrapped lines (``wrapping``).
    6. With ``languages``, refuse what the model cannot read.

    Raises InputError where there is no text, and LanguageError.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").removeprefix("\ufeff")
    if not text.strip():
        raise InputError(id, "has no text in it", "give a text to read")
    about, text = labelled_block(text)
    text = _MARKED_HEADING.sub("", text)
    prose, comments = split_thread(text, id, ends_posting=lambda part: _POSTING.search(part[-200:]) is not None)
    prose, posting_author = _cut_posting(prose.strip("\n").rstrip())
    header = header_of(prose)
    published = overrides.published or about.published or header.published
    author = overrides.author or about.author or header.author or posting_author
    article = Post(id, unwrap(prose), author=author, posted=published)
    title = overrides.title or about.title or header.title
    thread = Thread(id, [article, *comments], url=overrides.url, title=title, published=published)
    if languages:
        check_language(thread)
    return thread


def _cut_posting(prose: str) -> tuple[str, str | None]:
    """Take a posting line off the end of an article; its name is the author's."""
    tail = prose[-200:]
    match = _POSTING.search(tail)
    if match is None or not prose[: len(prose) - len(tail) + match.start()].strip():
        return prose, None
    name = match["name"]
    if name and any(word.casefold() in _NOT_NAME for word in name.split()):
        return prose, None
    rest = prose[: len(prose) - len(tail) + match.start()].rstrip()
    if not name:
        return rest, None
    # Blogs write the name in small letters here.
    return rest, " ".join(word if word[:1].isupper() else word.title() for word in name.split())


def header_of(prose: str) -> Header:
    """Title, author and date as far as the lines before the prose say them."""
    lines: list[str] = []
    places: list[int] = []
    for number, line in enumerate(prose.split("\n")):
        line = " ".join(line.split())
        lines.append(line[1:-1].strip("*") if _EMPHASISED.fullmatch(line) else line)
        if line:
            places.append(number)
            if len(places) == _HEADER_LINES:
                break
    while places and _PRELUDE.fullmatch(lines[places[0]]):
        places.pop(0)
    if len(places) < 2:
        return Header(published=_dateline(lines[places[0]]) if places else None)
    author = published = title = None
    first = places[0]
    alone = not lines[first + 1] or _is_header(lines[first + 1])
    at = 0
    if alone and _like_title(lines[first]) and not _is_header(lines[first]):
        title, at = lines[first], 1
    for number in places[at:]:
        line = lines[number]
        if not _is_header(line):
            break
        name, date = _name_and_date(line)
        author, published = author or name, published or plausible(date)
    for number in places[at:]:
        published = published or _dateline(lines[number])
    return Header(title, author, published)


def _dateline(line: str) -> str | None:
    """The day of a dateline, which stands before the prose, if there is a year in it."""
    match = _DATELINE.match(line)
    found = find_date(match.group()) if match else None
    return plausible(found[0]) if found else None


def _is_header(line: str) -> bool:
    """Whether a line is a byline, a date or both, and nothing else."""
    name, date = _name_and_date(line)
    return name is not None or date is not None


def is_dated_header(line: str) -> bool:
    """Whether a line is a date, alone or with a name beside it, and nothing else."""
    return _name_and_date(" ".join(line.split()))[1] is not None


def _name_and_date(line: str) -> tuple[str | None, str | None]:
    """The name and the date of a header line; (None, None) for any other line."""
    if len(line) > 150:
        return None, None
    found = find_date(line)
    rest = line
    if found:
        date, (start, end) = found
        rest = (line[:start] + " " + line[end:]).strip()
        if not _DATE_WORDS.sub("", rest):
            return None, date
        if (
            re.search(r"[^\W\d_]", line[end:])
            and _DATE_WORDS.sub("", line[end:])
            and not re.match(r"\W*by\b", line[end:], re.I)
        ):
            return None, None  # the line goes on after the date: prose, or a dateline
    else:
        date = None
    for pattern in (_BYLINE, _LABELLED_NAME):
        if (match := pattern.match(rest)) and len(rest[match.end() :].split()) <= 6 and not rest.endswith(("?", "!")):
            return " ".join(match["name"].split()), date
    if date:
        bare = re.sub(
            r"[\s.,|·•–—(-]+(?:(?:posted|published|updated)(?: on| at)?)?[\s.,:|·•–—()-]*$", "", rest, flags=re.I
        )
        if (match := _NAME_AND_DATE.match(bare)) and 2 <= len(match["name"].split()) <= 5:
            return match["name"].rstrip(".,"), date
    return None, None


def _like_title(line: str) -> bool:
    """Whether a first line is a headline: short, and without a full stop or with most of its long words capitalised."""
    words = line.split()
    if len(words) > _SENTENCES and _BREAK.search(line):
        return False
    line = _FOOTNOTE.sub("", line)
    if not 1 < len(words) <= _MAX_TITLE_WORDS or (_CAPITALS_DATELINE.match(line) and _DATELINE.match(line)):
        return False
    if not line.endswith((".", ",", ";", ":", "…")):
        return True
    long = [word for word in words if len(word) > 3 and word[0].isalpha()]
    return not line.endswith((",", ";", ":")) and len(long) > 2 and sum(w[0].isupper() for w in long) >= 0.7 * len(long)
