"""The page: the text whole and every claim in its place, hostile text harmless, colours legible, nothing fetched."""

import base64
import hashlib
import io
import json
import re
from dataclasses import replace
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from sayso.export.html import html_pieces, long_date, write_html
from sayso.posts import KINDS, Claim, Holder, Part, Post, Thread

from .sample import Reading, beside, reading


def page(*made: Reading) -> str:
    out = io.StringIO()
    write_html(made, out)
    return out.getvalue()


def tree(*made: Reading):
    return lxml_html.fromstring(page(*made))


def squeezed(text: str) -> str:
    return "".join(text.split())


def marked_spans(root, number: str, text: str) -> list[list[int]]:
    """The ranges of a post that the page marks as a claim's content, those with only white space between joined."""
    found: list[list[int]] = []
    for element in root.cssselect("[data-content]"):
        if number in element.get("data-content").split():
            start = int(element.get("data-at"))
            end = start + len(element.text_content())
            assert text[start:end] == element.text_content()
            if found and not text[found[-1][1] : start].strip():
                found[-1][1] = end
            else:
                found.append([start, end])
    return found


def test_the_text_is_whole_and_every_claim_in_place() -> None:
    made = reading()
    root = tree(made)
    posts = root.cssselect("article.post")
    assert len(posts) == 3
    for element, post in zip(posts, made.thread.posts, strict=True):
        parts = element.cssselect("h1, .body")
        assert squeezed("".join(part.text_content() for part in parts)) == squeezed(post.text)
    listed = {entry.get("id"): entry for entry in root.cssselect(".entry")}
    assert len(listed) == len(made.claims)
    for claim in made.claims:
        entry = listed[f"lc-{claim.id}"]
        assert marked_spans(root, entry.get("data-number"), claim.post.text) == [list(s) for s in claim.content.spans]
        names = [bdi.text_content() for bdi in entry.cssselect(".chain bdi")]
        assert names[-len(claim.chain) :] == [holder.name for holder in claim.chain]
        assert entry.cssselect(".kind")[0].text == claim.kind
        assert entry.cssselect(".content")[0].text_content() == claim.content.text
        assert json.loads(entry.get("data-people")) == [holder.name for holder in claim.chain]


def test_parts_of_a_forecast_are_told_and_marked() -> None:
    root = tree(reading())
    entry = root.get_element_by_id("lc-c06f")
    facts = [(d.cssselect("dt")[0].text, d.cssselect("dd")[0].text) for d in entry.cssselect(".facts div")]
    assert facts[:4] == [
        ("hinges on", "unless parliament votes the money"),
        ("hinges on", "the court keeps quiet"),
        ("when", "by next spring [9 Mar 2026 – 31 May 2027]"),
        ("how sure", "could, 30–60%, about 45%"),
    ]
    number = entry.get("data-number")
    for role, words in (("horizon", "by next spring"), ("certainty", "could"), ("source", "President Velde")):
        found = [e.text_content() for e in root.cssselect(f"[data-{role}]") if number in e.get(f"data-{role}").split()]
        assert found == [words]


def test_a_condition_beside_its_claim_is_marked_as_its_part() -> None:
    root = tree(beside())
    number = root.get_element_by_id("lc-mill").get("data-number")
    apart = {e.text_content(): e for e in root.cssselect("[data-apart]")}
    assert list(apart) == ["If the mill burns", "if the pit floods"]
    mill, pit = apart["If the mill burns"], apart["if the pit floods"]
    assert (mill.tag, mill.get("href"), mill.get("tabindex")) == ("a", "#lc-mill", None)  # reached by the keyboard
    assert (mill.get("data-condition"), mill.get("data-apart"), mill.get("data-content")) == (number, number, None)
    assert {"m", "apart", "of-prediction", "condition", "forecast", "prediction"} <= set(mill.get("class").split())
    assert not [c for c in mill.get("class").split() if c.startswith("l0")]  # no line: the words are not the claim's
    assert "Dov Arad" in mill.get("data-tip")
    # Inside what somebody else holds it is a part of the one and the words of the other.
    fear, ends = (root.get_element_by_id(f"lc-{name}").get("data-number") for name in ("fear", "ends"))
    assert (pit.get("data-content"), pit.get("data-apart"), pit.get("href")) == (fear, ends, "#lc-fear")
    assert {"fact", "l0-fact", "apart", "of-prediction", "condition"} <= set(pit.get("class").split())


def test_only_parts_beside_their_claim_are_apart() -> None:
    found = tree(reading()).cssselect("[data-apart], .apart")
    assert [e.text_content() for e in found] == ["I’d bet"]


def test_replies_are_nested_as_they_were() -> None:
    root = tree(reading())
    outer = root.cssselect(".text > ol.replies > li")
    assert len(outer) == 1
    assert [e.text for e in outer[0].cssselect("article .author")] == ["commenter 1", "Ada"]
    assert [e.text for e in outer[0].cssselect("ol.replies article .author")] == ["Ada"]
    assert root.cssselect(".quoted")[0].text_content() == "> I never admired the man."


def forest() -> Thread:
    """Two comments, the first with two replies, the second of them with one."""
    posts = [Post("a", "Article.")]
    for name, parent in (("1", "a"), ("1.1", "1"), ("1.2", "1"), ("1.2.1", "1.2"), ("2", "a")):
        posts.append(Post(name, f"Text {name}", "comment", parent, f"Author {name}"))
    return Thread("a", posts)


def test_branches_close_where_they_should() -> None:
    root = tree(Reading(forest()))
    for path, names in (
        (".text > ol > li > article .author", ["Author 1", "Author 2"]),
        (".text > ol > li > ol > li > article .author", ["Author 1.1", "Author 1.2"]),
        (".text > ol > li > ol > li > ol > li > article .author", ["Author 1.2.1"]),
    ):
        assert [e.text for e in root.cssselect(path)] == names


def test_links_stay_in_the_page_and_ids_are_unique() -> None:
    root = tree(reading(), reading())
    ids = [e.get("id") for e in root.cssselect("[id]")]
    assert len(ids) == len(set(ids))
    for link in root.cssselect("a[href]"):
        if link.get("href").startswith("#"):
            assert link.get("href")[1:] in ids
        else:
            assert link.text == "as published"
    for claim in reading().claims:
        assert f"c-{claim.id}" in ids
        assert f"c-{claim.id}-2" in ids
    assert len(root.cssselect("#contents li")) == 2


def test_nothing_is_fetched() -> None:
    text = page(reading())
    root = lxml_html.fromstring(text)
    assert not root.cssselect("img, iframe, object, embed, base, form, link:not([href='data:,'])")
    assert not root.cssselect("[src], [srcset], [style], [onclick], [onload], [onerror]")
    assert "@import" not in text
    assert "url(" not in text
    policy = root.cssselect("meta[http-equiv=Content-Security-Policy]")[0].get("content")
    assert policy.startswith("default-src 'none'")
    for tag in ("style", "script"):
        [element] = root.cssselect(tag)
        digest = base64.b64encode(hashlib.sha256(element.text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


EVIL = (
    "</p></script><script>alert(1)</script><img src=x onerror=alert(2)> \" ' & {{ 7*7 }} {% x %} --> \u202e אב 😀\x00"
)


def test_hostile_text_is_only_text() -> None:
    post = Post("<script>", EVIL + "\nOne claim here.", author=EVIL, posted=EVIL)
    reply = Post("r\" onmouseover='x'", EVIL, "comment", "<script>", EVIL, EVIL)
    thread = Thread(
        "<script>", [post, reply], url="javascript:alert(1)", title=EVIL, site=EVIL, published=EVIL, language='en" x="'
    )
    content = Part.of(post.text, [(0, 60), (70, len(EVIL) + 4)])
    claim = Claim('"><script>', thread, post, content, Part(EVIL, ((3, 9),)), None,
                  "direct", "attributed", (Holder(EVIL), Holder("<b>x</b>")), "fact")  # fmt: skip
    root = tree(Reading(thread, [claim]))
    assert len(root.cssselect("script")) == 1
    assert not root.cssselect("img, b > b, [onerror], [onmouseover], [x]")
    assert not [a for a in root.cssselect("a") if not a.get("href", "#").startswith("#")]
    shown = "".join(root.cssselect("article.article")[0].text_content().split())
    assert "<script>alert(1)</script>" in shown
    assert "{{7*7}}" in shown
    for element in root.cssselect("[data-content]"):
        assert element.get("data-content") == "1"


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), max_size=80), st.data())
def test_any_text_comes_through(text: str, data: st.DataObject) -> None:
    post = Post("t", text + " end.")
    start = data.draw(st.integers(0, len(text)))
    claim = Claim("x", Thread("t", [post]), post, Part.of(post.text, [(start, len(post.text))]), None, None, "indirect",
                  "own", (Holder("A"),), "fact")  # fmt: skip
    root = tree(Reading(claim.thread, [claim]))
    body = root.cssselect(".body")[0]
    assert squeezed(body.text_content()) == squeezed(post.text)
    marked = "".join(e.text_content() for e in body.cssselect("[data-content]"))
    assert squeezed(marked) == squeezed(claim.content.text)


def test_a_claim_id_is_no_selector() -> None:
    made = reading()
    made.claims = [
        replace(made.claims[0], id="a b/é#1"),
        replace(made.claims[1], id="a b/é#2"),
        replace(made.claims[2], id="é"),
    ]
    anchors = [e.get("id") for e in tree(made).cssselect("span.a")]
    assert anchors == ["c-a-b-1", "c-a-b-2", "c-"]


def test_a_long_thread_nests_only_so_deep() -> None:
    posts = [Post("a", "Article.")]
    posts += [Post(f"{n}", "Reply.", "comment", f"{n - 1}" if n else "a", f"A{n}") for n in range(3000)]
    text = page(Reading(Thread("a", posts)))
    root = lxml_html.fromstring(text)
    assert len(root.cssselect("article.comment")) == 3000
    assert text.count('<ol class="replies">') == 12
    assert len(re.findall(r"<li\b", text)) == text.count("</li>")


def test_pieces_come_as_threads_are_read() -> None:
    asked = []

    def readings():
        for number in range(4):
            asked.append(number)
            made = reading()
            made.thread.id = f"thread {number}"
            yield made

    seen: dict[str, int] = {}
    text = ""
    for piece in html_pieces(readings()):
        assert type(piece) is str
        text += piece
        for name in re.findall(r'id="t-thread-([0-9])"', text):
            seen.setdefault(name, len(asked))
    # The second is read ahead, to know whether the page needs a table of contents.
    assert seen == {"0": 2, "1": 2, "2": 3, "3": 4}


def test_empty() -> None:
    assert "Nothing was read." in page()
    thread = Thread("t", [Post("t", "Nothing is claimed.")])
    assert "No claim was found." in page(Reading(thread))


def test_what_was_not_read_says_so() -> None:
    made = reading()
    made.thread.posts[2].language = "he"
    assert [e.text for e in tree(made).cssselect(".unread")] == ["not read: language he"]


def test_without_a_script_each_claim_tells_itself() -> None:
    tip = tree(reading()).cssselect("[data-content].horizon")[0].get("data-tip").split("\n")
    assert tip[0] == "Vera Whitlock ‹ Marta Havlik – prediction, carried over, 61%"
    assert "how sure: likely, 55–80%, about 70%" in tip


def test_each_claim_can_be_reached_once_by_keyboard() -> None:
    root = tree(reading())
    stops = [e for e in root.cssselect(".body a.m, h1 a.m") if e.get("tabindex") != "-1"]
    assert len([e for e in stops if e.get("data-content")]) == len(reading().claims)
    assert [e.text_content() for e in stops if not e.get("data-content")] == ["I’d bet"]


@pytest.mark.parametrize(
    ("moment", "words"),
    [("2026-03-09", "9 Mar 2026"), ("2026-03-09T18:20:00+01:00", "9 Mar 2026, 18:20"), ("soon", "soon")],
)
def test_dates_for_people(moment: str, words: str) -> None:
    assert long_date(moment) == words


def luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1..21, by WCAG 2.2."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mixed(colour: str, paper: str, share: float) -> str:
    pairs = ((int(colour[i : i + 2], 16), int(paper[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_are_legible(scheme: str) -> None:
    css = files("sayso.export").joinpath("static/marks.css").read_text("utf-8")
    blocks = re.findall(r":root \{([^}]*--paper[^}]*)\}", css)
    colours = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", blocks[0 if scheme == "light" else 1]))
    assert set(KINDS) <= set(colours)
    for paper in (colours["paper"], colours["panel"]):
        for name in (*KINDS, "ink", "soft", "link"):
            assert contrast(colours[name], paper) >= 4.5, (name, paper)
    for kind in KINDS:
        # The text on the strongest wash, and a kind's words on an entry that is pointed at.
        assert contrast(colours["ink"], mixed(colours[kind], colours["paper"], 0.34)) >= 4.5, kind
        assert contrast(colours[kind], mixed(colours[kind], colours["paper"], 0.11)) >= 4.5, kind
        assert contrast(colours["soft"], mixed(colours[kind], colours["paper"], 0.11)) >= 4.5, kind
