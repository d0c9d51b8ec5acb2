"""Make web archives of any size out of templates, with what is to be found in them known.

A set is a folder of WARC files and, beside it, a ``FOLDER.truth.jsonl``: one object a record, in order, that says what
it is (``article``, ``exact`` or ``near`` copy and of which record, ``language``, ``listing``, ``status``, ``type``,
``damaged`` …) and, of an article, its words and the claims written into it, each with its holder. Names and places are
invented. The same seed makes the same bytes, and a record depends on its number alone: a large set begins with the
small one. ``--words`` makes short articles of little more words than that, for large sets that are read in little time.

    python benchmarks/warc_maker.py FOLDER --documents 1000 --files 4 --seed 1
"""

from __future__ import annotations

import argparse
import datetime
import gzip
import html
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WORDS = json.loads((Path(__file__).parent / "warc_words.json").read_text("utf-8"))
SHARES = {
    "article": 0.42, "exact": 0.08, "near": 0.08, "language": 0.14, "listing": 0.10, "status": 0.07, "type": 0.07,
    "damaged": 0.02, "mended": 0.01, "stub": 0.01,
}  # fmt: skip
"""What a crawl of news sites is made of, by record."""
BACK = 200
"""How far back, in records, the article may lie that a copy is of."""


@dataclass(slots=True)
class Record:
    """What one record holds: its kind, its address, what is known of it, and its HTTP body."""

    kind: str
    url: str
    body: bytes
    truth: dict[str, Any] = field(default_factory=dict)
    status: str = "200 OK"
    type: str = "text/html; charset=utf-8"


@dataclass(slots=True)
class Story:
    """An article: its paragraphs, and the claims in them as (holder, content)."""

    title: str
    author: str
    published: str
    paragraphs: list[str]
    claims: list[tuple[str, str]]
    comments: list[tuple[str, str, int]]


def record(number: int, seed: int, words: int = 0) -> Record:
    """The record of that number; articles have a little more than ``words`` words (0: some 900)."""
    rng = random.Random(f"{seed} {number}")
    kind = rng.choices(list(SHARES), list(SHARES.values()))[0]
    if number < 3:
        kind = "article"
    site = rng.choice(WORDS["sites"])
    url = f"https://{site}/{2015 + number % 8}/{1 + number % 12:02}/{slug(rng)}-{number}"
    if kind in ("exact", "near"):
        return _copy(number, seed, rng, kind, url, words)
    if kind == "language":
        language = rng.choice(list(WORDS["languages"]))
        sentences = WORDS["languages"][language]
        text = [" ".join(rng.choices(sentences, k=5)) for _ in range(rng.randint(4, 12))]
        page = layout(
            rng, Story(rng.choice(sentences)[:60], "R. Santer", _day(rng, number), text, [], []), url, language
        )
        return Record(kind, url, page, {"language": language})
    if kind == "listing":
        return Record(kind, f"https://{site}/section/{slug(rng)}", listing(rng, site))
    if kind == "status":
        return Record(kind, url, b"<html><body><h1>Not found</h1></body></html>" * 20, status="404 Not Found")
    if kind == "type":
        return Record(kind, url + ".jpg", bytes(rng.randrange(256) for _ in range(2000)), type="image/jpeg")
    if kind == "stub":
        return Record(kind, url, b"<html><body>moved</body></html>")
    made = story(number, seed, words)
    truth = {"words": sum(len(p.split()) for p in made.paragraphs), "claims": made.claims, "published": made.published,
             "comments": len(made.comments), "title": made.title}  # fmt: skip
    return Record(kind, url, layout(rng, made, url), truth)


def _copy(number: int, seed: int, rng: random.Random, kind: str, url: str, words: int) -> Record:
    """The same story elsewhere: as it was, or with another headline, a paragraph more, and the last one cut. Of a short
    story, in which a paragraph is much, nothing is cut, and the paragraph that is added is a line."""
    back = max(0, number - rng.randint(1, BACK))
    while record_kind(back, seed) != "article":
        back -= 1
    made = story(back, seed, words)
    truth: dict[str, Any] = {"of": back, "published": made.published}
    made.comments = []
    if kind == "near":
        more = story(number, seed, words)
        added = filled(rng, "With reports by @given @family in @places.") if words else more.paragraphs[1]
        made.title = more.title
        made.paragraphs.insert(rng.randint(1, len(made.paragraphs)), added)
        if not words:
            del made.paragraphs[len(made.paragraphs) - rng.randint(0, 1) :]
        truth["added"] = [made.title, added]
    return Record(kind, url, layout(rng, made, url), truth)


def record_kind(number: int, seed: int) -> str:
    if number < 3:
        return "article"
    return random.Random(f"{seed} {number}").choices(list(SHARES), list(SHARES.values()))[0]


def story(number: int, seed: int, words: int = 0) -> Story:
    """The story of that number, with its claims; of a little more than ``words`` words (0: of 6 to 22 paragraphs)."""
    rng = random.Random(f"story {seed} {number}")
    people = [
        (f"{rng.choice(WORDS['given'])} {rng.choice(WORDS['family'])}", rng.choice(WORDS["roles"])) for _ in "123"
    ]
    claims: list[tuple[str, str]] = []
    paragraphs: list[str] = []
    seen: set[str] = set()
    most = rng.randint(6, 22)
    enough = words and words * rng.uniform(0.5, 1.1)
    while len(paragraphs) < most and not (words and sum(len(p.split()) for p in paragraphs) >= enough):
        sentences = [narrative(rng) for _ in range(rng.randint(1, 3))]
        if rng.random() < 0.6:
            name, role = rng.choice(people)
            who = name.split()[1] if name in seen else f"the {role} {name}"
            seen.add(name)
            content, sentence = attributed(rng, who)
            claims.append((name, content))
            sentences.append(sentence)
        paragraphs.append(" ".join(sentences))
    title = " ".join(word.capitalize() for word in clause(rng).split()[:9])
    comments = []
    if rng.random() < 0.25:
        for at in range(rng.randint(1, 6)):
            text = f"{narrative(rng)} {clause(rng).capitalize()} by {rng.randint(2024, 2030)}, mark my words."
            comments.append(
                (rng.choice(WORDS["given"]).lower() + str(rng.randint(1, 99)), text, rng.randint(-1, at - 1))
            )
    author = f"{rng.choice(WORDS['given'])} {rng.choice(WORDS['family'])}"
    return Story(title, author, _day(rng, number), paragraphs, claims, comments)


def clause(rng: random.Random) -> str:
    return filled(rng, "the @adjectives @nouns will @verbs @determiners @adjectives @nouns in @places")


def narrative(rng: random.Random) -> str:
    form = (
        "@openings @places, @counts of the @adjectives @nouns| have @past @determiners @nouns of the @adjectives "
        "@nouns|, @links it was @determiners @adjectives @nouns that had @past # of the @nouns|."
    )
    text = re.sub(r"([^aeiou])y\|", r"\1ies", filled(rng, form))
    return text.replace("|", "s").replace("#", str(rng.randint(2, 990)))


def filled(rng: random.Random, form: str) -> str:
    """The form with a random word of its list for each name of a list."""
    return re.sub(r"@([a-z]+)", lambda match: str(rng.choice(WORDS[match[1]])), form)


def attributed(rng: random.Random, who: str) -> tuple[str, str]:
    """A claim, and the sentence that gives it to somebody."""
    said = clause(rng) + rng.choice(["", f" by {rng.randint(2024, 2032)}", " before the winter", " next year"])
    begin = who[0].upper() + who[1:]
    form = rng.randrange(4)
    if form == 0:
        return said, f"{begin} {rng.choice(['said', 'argued', 'predicted', 'insisted'])} that {said}."
    if form == 1:
        return said, f"“{said[0].upper()}{said[1:]},” {who} {rng.choice(['said', 'told reporters', 'added'])}."
    if form == 2:
        return said, f"According to {who}, {said}."
    return said, f"{begin} {rng.choice(['warned', 'expects', 'believes', 'claimed'])} that {said}."


def _day(rng: random.Random, number: int) -> str:
    """A crawl finds what is new: fifty records a day, mostly of the last three weeks."""
    age = rng.randint(0, 20) if rng.random() < 0.98 else rng.randint(0, 3_000)
    return (datetime.date(2015, 1, 1) + datetime.timedelta(days=number // 50 % 3_600 - age)).isoformat()


def slug(rng: random.Random) -> str:
    return f"{rng.choice(WORDS['adjectives'])}-{rng.choice(WORDS['nouns'])}-{rng.choice(WORDS['nouns'])}"


# Pages

SCRIPT = "<script>var q=[];function f(a,b){for(var i=0;i<a.length;i++){q.push(a[i]*b)}return q}" * 60 + "</script>"
STYLE = "<style>" + ".teaser{margin:0 auto;padding:4px 8px;color:#222}.lead{font-weight:600}" * 60 + "</style>"


def _menu(rng: random.Random, count: int) -> str:
    links = (f'<li><a href="/s/{n}">{rng.choice(WORDS["nouns"]).title()}</a></li>' for n in range(count))
    return f"<nav><ul>{''.join(links)}</ul></nav>"


def _teasers(rng: random.Random, count: int) -> str:
    cards = (f'<div class="card"><a href="/t/{n}"><h3>{clause(rng)[:60]}</h3></a></div>' for n in range(count))
    return f'<aside class="related">{"".join(cards)}</aside>'


def layout(rng: random.Random, made: Story, url: str, language: str = "en") -> bytes:
    """The story as one of four kinds of page."""
    form = rng.randrange(4)
    title, author = html.escape(made.title), html.escape(made.author)
    head = f'<meta charset="utf-8"><title>{title}</title><link rel="canonical" href="{url}">{SCRIPT}{STYLE}'
    paragraphs = [html.escape(p, quote=False) for p in made.paragraphs]
    if form == 0:
        about = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": made.title,
                 "datePublished": made.published, "author": {"@type": "Person", "name": made.author}}  # fmt: skip
        head += f'<script type="application/ld+json">{json.dumps(about)}</script>'
        body = f'<article><h1>{title}</h1><p class="byline">By {author}</p>'
        body += "".join(f"<p>{p}</p>" for p in paragraphs) + "</article>"
    elif form == 1:
        head += f'<meta property="og:type" content="article"><meta name="author" content="{author}">'
        head += f'<meta property="article:published_time" content="{made.published}T08:00:00Z">'
        body = f'<div class="wrap"><div class="hed"><h1>{title}</h1></div><div class="entry-content">'
        body += (
            "".join(f"<p>{p}</p>" + ("<h2>More</h2>" if n == 5 else "") for n, p in enumerate(paragraphs))
            + "</div></div>"
        )
    elif form == 2:
        head += f'<meta itemprop="datePublished" content="{made.published}">'
        body = f'<main><h1 itemprop="headline">{title}</h1><span rel="author">{author}</span>'
        body += f'<div itemprop="articleBody">{"".join(f"<p>{p}</p>" for p in paragraphs)}</div></main>'
    else:
        head += f'<meta property="article:published_time" content="{made.published}">'
        body = f'<div class="post"><h1 class="post-title">{title}</h1><div class="author">{author}</div>'
        body += f'<div class="post-body">{"".join(f"<p>{p}</p>" for p in paragraphs)}</div></div>'
    page = f'<!doctype html><html lang="{language}"><head>{head}</head><body>{_menu(rng, 40)}{body}'
    page += f"{_thread(made)}{_teasers(rng, 25)}<footer>{_menu(rng, 30)}</footer></body></html>"
    return page.encode()


def _thread(made: Story) -> str:
    """The comments, nested, as a common blog system writes them."""
    if not made.comments:
        return ""

    def below(parent: int) -> str:
        items = [
            f'<li id="comment-{n}" class="comment"><div class="comment-body"><div class="comment-author vcard">'
            f'<cite class="fn">{name}</cite></div><div class="comment-content"><p>{html.escape(text)}</p></div></div>'
            f"{below(n)}</li>"
            for n, (name, text, above) in enumerate(made.comments)
            if above == parent
        ]
        return f'<ol class="{"commentlist" if parent < 0 else "children"}">{"".join(items)}</ol>' if items else ""

    return f'<div id="comments" class="comments-area">{below(-1)}</div>'


def listing(rng: random.Random, site: str) -> bytes:
    return (
        f'<!doctype html><html lang="en"><head><title>{site}</title>{SCRIPT}{STYLE}</head><body>{_menu(rng, 60)}'
        f"{_teasers(rng, 60)}<footer>{_menu(rng, 40)}</footer></body></html>"
    ).encode()


# Files


def framed(number: int, made: Record) -> bytes:
    """The record as bytes of a WARC file, packed as a member of its own; damaged where it is to be."""
    answer = f"HTTP/1.1 {made.status}\r\nContent-Type: {made.type}\r\n\r\n".encode() + made.body
    length = len(answer) + (5_000 if made.kind == "mended" else 0)
    day = made.truth.get("published", "2022-12-31")
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{number:032x}>\r\n"
        f"WARC-Date: {day}T12:00:00Z\r\nWARC-Target-URI: {made.url}\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {length}\r\n\r\n"
    )
    packed = gzip.compress(head.encode() + answer + b"\r\n\r\n", 6, mtime=0)
    if made.kind == "damaged":
        middle = len(packed) // 2
        packed = packed[:middle] + b"\xff" * 64 + packed[middle + 64 :]
    return packed


def other(number: int, url: str) -> bytes:
    """A request record, as crawlers write one beside every answer."""
    asked = f"GET / HTTP/1.1\r\nHost: {url.split('/')[2]}\r\n\r\n".encode()
    head = (
        f"WARC/1.0\r\nWARC-Type: request\r\nWARC-Record-ID: <urn:uuid:{number:031x}f>\r\n"
        f"WARC-Date: 2022-12-31T12:00:00Z\r\nWARC-Target-URI: {url}\r\n"
        f"Content-Type: application/http; msgtype=request\r\nContent-Length: {len(asked)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + asked + b"\r\n\r\n", 1, mtime=0)


def truth_of(folder: Path) -> Path:
    """The file that says what is in a set; it stands beside the set's folder, which holds inputs alone."""
    return folder.with_name(f"{folder.name}.truth.jsonl")


def make(folder: Path, documents: int, files: int = 1, seed: int = 1, words: int = 0) -> Iterator[dict[str, Any]]:
    """Write ``files`` WARC files with ``documents`` records in all, and yield what is known of each; ``words`` as in
    ``record``."""
    folder.mkdir(parents=True, exist_ok=True)
    per_file = -(-documents // files)
    with truth_of(folder).open("w", encoding="utf-8") as told:
        for file in range(files):
            name = f"set-{file:05}.warc.gz"
            with (folder / name).open("wb") as out:
                for number in range(file * per_file, min(documents, (file + 1) * per_file)):
                    made = record(number, seed, words)
                    if number % 3 == 0:
                        out.write(other(number, made.url))
                    out.write(framed(number, made))
                    truth = {"number": number, "file": name, "kind": made.kind, "url": made.url} | made.truth
                    told.write(json.dumps(truth, ensure_ascii=False) + "\n")
                    yield truth


def main() -> None:
    parser = argparse.ArgumentParser(description="Make a set of web archives out of templates.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--documents", type=int, default=1_000)
    parser.add_argument("--files", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--words", type=int, default=0, help="of an article, a little more than this; 0: some 900")
    given = parser.parse_args()
    count = sum(1 for _ in make(given.folder, given.documents, given.files, given.seed, given.words))
    print(f"{count} records in {given.files} files in {given.folder}")


if __name__ == "__main__":
    main()
