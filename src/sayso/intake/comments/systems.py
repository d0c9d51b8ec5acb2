"""What comment systems look like: one entry a system, the selectors in CSS. Data only; ``walk`` applies it.

The most particular systems come first. Where a page fits several, the one that finds the most comments is taken,
and the first of equals.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class System:
    """How one comment system marks up a thread.

    ``comment`` selects the element of each comment. The other selectors are looked for inside it (or after it, up to
    the next comment, if ``flat``), each a list in order of preference: ``body``, ``author`` and ``time``; ``drop`` is
    what stands inside a body without belonging to it, ``quote`` what repeats another comment there.

    Who answers whom is read from the first of these that says it: an attribute of the comment that holds the other's
    id (``parent``); a comment inside a comment; and for comments that stand side by side, how far they are indented:
    a number in the class of the comment or of an element around or in it (``level``, a regular expression for
    ``level_at``), or the number of ``indent`` elements around it. ``ids`` are attributes that may hold the id.
    """

    name: str
    comment: str
    body: tuple[str, ...]
    author: tuple[str, ...]
    time: tuple[str, ...]
    drop: str = ""
    quote: str = "blockquote, .quote, .bbcode_quote, .quoted-text"
    ids: tuple[str, ...] = ("id", "data-comment-id", "data-id")
    parent: tuple[str, ...] = ()
    level_at: str = ""
    level_in: tuple[str, ...] = ("class",)
    level: str = ""
    indent: str = ""
    flat: bool = False


_PARENTS = ("data-parent-id", "data-parent", "data-parent-comment-id", "data-parent_id", "data-reply-to")
_DROP = (
    ".reply, .comment-reply, .comment-reply-link, .comment-actions, .comment-footer, .comment-edit-link, .says, "
    ".screen-reader-text, .sr-only, .visually-hidden, .avatar, .vote, .votes, .likes, .permalink, form, nav, "
    ".comment-awaiting-moderation, .comment-metadata, .comment-meta, .comment-notes"
)

SYSTEMS: tuple[System, ...] = (
    System(
        "disqus",
        comment="li.post[id^=post-], li.post:has(.post-message), div.post[data-role=post]",
        body=(".post-message", "[data-role=message]", ".post-body"),
        author=(".author a", ".author", ".publisher-anchor-color a", "[data-role=username]"),
        time=("a.time-ago", ".time-ago", "[data-role=relative-time]"),
        drop=".post-meta, .parent-link, .comment-footer, .see-more, [data-role=menu], .post-menu, footer, form",
        ids=("id", "data-post-id"),
        parent=("data-parent", "data-parent-id"),
    ),
    System(
        "coral",
        comment="[data-testid^=comment-], .coral-comment",
        body=(".coral-comment-content", "[data-testid=comment-content]", "[class*=HTMLContent]", ".coral-content"),
        author=(".coral-comment-username", ".coral-username", "[data-testid=comment-username]", "[class*=Username]"),
        time=("time", ".coral-comment-timestamp", ".coral-timestamp"),
        drop="button, .coral-comment-actionBar, .coral-comment-topBar, .coral-comment-footer",
        ids=("data-comment-id", "data-testid", "id"),
        level_at="[class*=coral-indent-]",
        level=r"coral-indent-(\d+)",
    ),
    System(
        "blogger",
        comment="#comments .comment-thread li.comment, .comment-thread li.comment, .comment-replies li.comment",
        body=("p.comment-content", ".comment-content", ".comment-body"),
        author=("cite.user", ".user", ".comment-author"),
        time=("span.datetime", ".datetime", "time", ".comment-timestamp"),
        drop=".comment-actions, .comment-header, .continue, .icon, .thread-toggle",
    ),
    System(
        "blogger-old",
        comment="dl#comments-block > dt, #comments-block dt.comment-author, dl.comments-block > dt",
        body=("dd.comment-body", "dd"),
        author=("a[rel=nofollow]", "dt.comment-author", "dt"),
        time=("span.comment-timestamp", "dd.comment-footer", ".comment-timestamp"),
        drop=".comment-footer, .comment-timestamp, .comment-delete, .item-control",
        ids=("id", "data-id", "name"),
        flat=True,
    ),
    System(
        "reddit",
        comment="div.thing.comment, shreddit-comment",
        body=(".usertext-body .md", ".usertext-body", "[slot=comment]"),
        author=("p.tagline a.author", "a.author", "[slot=commentMeta] a", "faceplate-tracker a"),
        time=("p.tagline time", "time"),
        drop="ul.buttons, .flat-list, form",
        ids=("data-fullname", "thingid", "id"),
        parent=("parentid",),
        level_at="shreddit-comment",
        level_in=("depth",),
        level=r"^(\d+)$",
    ),
    System(
        "hacker-news",
        comment="tr.athing.comtr",
        body=(".commtext", ".comment"),
        author=("a.hnuser",),
        time=("span.age",),
        drop=".reply, .navs",
        level_at="td.ind",
        level_in=("indent",),
        level=r"^(\d+)$",
    ),
    System(
        "wordpress",
        comment=(
            "ol.comment-list li.comment, ol.commentlist li.comment, ul.commentlist li.comment, "
            "ul.comment-list li.comment, .comment-list .comment[id*=comment-], .commentlist .comment[id*=comment-], "
            "#comments li[id*=comment-]:not(.pingback):not(.trackback), "
            "li.comment[class*=depth-], div.comment[class*=depth-], article.comment[class*=depth-], "
            "#comments .comment[id^=comment-], .comments-area .comment[id*=comment-], .wp-block-comment-template > li"
        ),
        body=(
            ".comment-content",
            ".wp-block-comment-content",
            ".comment-text",
            ".comment_text",
            ".comment-entry",
            ".comment_content",
            ".commententry",
            ".comment-body",
            ".comment-inner",
        ),
        author=(
            ".comment-author .fn",
            "cite.fn",
            ".fn",
            ".wp-block-comment-author-name",
            ".comment-author-name",
            ".comment-author-link",
            ".comment-author cite",
            ".comment_author",
            ".comment-author",
            ".author",
            "cite",
        ),
        time=(
            ".comment-metadata time",
            "time.comment-date",
            ".wp-block-comment-date time",
            "time",
            ".comment-metadata a",
            ".comment-date",
            ".commentmetadata a",
            ".commentmetadata",
            ".comment-meta a",
            ".comment_date",
            ".date",
            ".comment-meta",
        ),
        drop=_DROP + ", .commentmetadata, .comment-author, .vcard",
        parent=_PARENTS,
        level_at="[class*=depth-]",
        level=r"(?:^|\s)depth-(\d+)",
    ),
    System(
        "drupal",
        comment="#comments article.comment, #comments div.comment, .comment-wrapper .comment, article.js-comment",
        body=(".field--name-comment-body", ".field-name-comment-body", ".comment__content .text-formatted", ".content"),
        author=(
            ".comment__author .username",
            ".comment__author",
            ".submitted .username",
            ".author .username",
            ".username",
        ),
        time=(".comment__time", "time", ".submitted [datetime]", ".submitted", ".comment-time"),
        drop="ul.links, .links, .comment__permalink, h3, .new, .user-picture, .submitted, footer",
        ids=("id", "data-comment-id", "about"),
        indent=".indented",
    ),
    System(
        "microdata",
        comment="[itemtype$='schema.org/Comment'], [itemtype$='schema.org/UserComments']",
        body=("[itemprop=text]", "[itemprop=commentText]", "[itemprop=articleBody]", "[itemprop=description]"),
        author=(
            "[itemprop=author] [itemprop=name]",
            "[itemprop=creator] [itemprop=name]",
            "[itemprop=author]",
            "[itemprop=creator]",
        ),
        time=("[itemprop=dateCreated]", "[itemprop=datePublished]", "[itemprop=commentTime]", "time"),
        drop=_DROP + ", [itemprop=upvoteCount], [itemprop=interactionStatistic]",
        ids=("id", "data-comment-id", "data-id", "itemid"),
        parent=_PARENTS,
    ),
)

GENERIC = System(
    "generic",
    comment="",
    body=(
        "[class*=comment-text], [class*=comment-body], [class*=comment-content], [class*=commentText]",
        "[class*=comment__body], [class*=comment__text], [class*=comment__content], [class*=reply-text]",
        "[class*=message-text], [class*=message-body], [class*=message], [class*=text]",
        "[class*=content], [class*=body], blockquote.comment",
    ),
    author=(
        "[rel=author]",
        "[class*=author-name], [class*=user-name], [class*=username], [class*=userName], [class*=authorName]",
        "[class*=author], [class*=commenter], [class*=nickname], [class*=display-name]",
        "[class*=user], [class*=name], cite, [class*=poster]",
        "[class*=nick]",
    ),
    time=("time", "[datetime]", "[class*=timestamp], [class*=date], [class*=posted-on]", "[class*=time], [class*=ago]"),
    drop=_DROP + ", [class*=action], [class*=vote], [class*=like], [class*=share], [class*=toolbar], footer",
    parent=_PARENTS,
    level_at="[class*=depth], [class*=level], [class*=indent], [data-depth], [data-level]",
    level_in=("data-depth", "data-level", "class"),
    level=r"(?:^|(?:depth|level|indent)[-_]*)(\d+)(?:\s|$)",
)
"""For pages of no known system: ``generic`` finds the comments, this says where their parts may be."""

AREAS = (
    "#comments, #comment, #disqus_thread, #respond, #responses, #replies, #discussion, [id^=comments-], "
    "[id$=-comments], [id*=comment-list], [id*=commentlist], [class*=comments], [class*=comment-list], "
    "[class*=comment-section], [class*=comment-thread], [class*=commentlist], [class*=replies], [class*=responses], "
    "[class*=discussion], [class*=talkback], [class*=reader-letters], [aria-label*=omments]"
)
"""Where the generic rule looks: elements called after comments, replies or responses."""

NOT_AREAS = (
    "nav, header, [class*=recent-comments], [class*=recent_comments], [class*=recentcomments], [id*=recent-comments], "
    "[id*=recentcomments], [class*=sidebar], [id*=sidebar], [class*=latest-comments], [class*=related]"
)
"""Where it does not look: lists of the latest comments on other pages, and the like."""

AREA_NAME = (
    r"(?:^|[\s_-])"
    r"(?:comments?|commentlist|disqus|coral|respond|responses?|repl(?:y|ies)|discussion|talkback)"
    r"(?:$|[\s_-])"
)
"""A regular expression for the ids and classes of an element that holds a thread and its trimmings."""

ARTICLE_MARKS = (
    "h1, [itemprop=articleBody], .entry-content, .post-content:not([data-role]), "
    ".article-body, .article-content, .story-body"
)
"""What an element that holds the article has in it; such an element is no comment and no comment area."""

UNNAMED = frozenset(("anonymous", "guest", "unknown", "deleted", "[deleted]", "user", "commenter", "anonymous user"))
"""What systems write in place of a name."""
