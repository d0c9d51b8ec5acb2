"""From bytes to text: detect the encoding, or say that there is none.

Nothing is ever replaced by question marks: what cannot be decoded is a DecodingError.
"""

from __future__ import annotations

import codecs
import re

from sayso.errors import DecodingError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is the beginning of this one
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_META = re.compile(
    rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w:.-]+)|<\?xml[^>]{0,100}encoding\s*=\s*["']([\w:.-]+)""", re.I
)
# What pages mean by these names, after the WHATWG Encoding Standard (https://encoding.spec.whatwg.org/#names-and-labels).
_MEANT = {"ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "gb2312": "gb18030"}
_SEVEN_BIT = frozenset(("iso2022_jp", "iso2022_kr", "hz", "utf-7"))
_SAMPLE = 65_536
_MAX_CHAOS, _MIN_COHERENCE = 0.15, 0.1
_MAX_HIGH = 0.15
"""The share of bytes above ASCII in lines that have any, beyond which a text is not in Windows-1252."""
_SIGN_IN_WORD = re.compile(r"(?<=[^\W\d_])[¡¢£¤¥¦§¨©«¬®¯°±²³´µ¶¸¹»¼½¾¿×÷†‡‰‹›„‚ƒˆ˜™•€](?=[^\W\d_])")
_REMEDY = "save it as UTF-8"


def decode(data: bytes, *, input: str, declared: str | None = None, markup: bool = False) -> str:
    """The text of ``data``, by the first of these that fits:

    1. its byte order mark, or the zero bytes of UTF-16 without one;
    2. UTF-8, if every byte fits: other encodings practically never do, while labels are often wrong;
    3. the encoding ``declared`` outside (a Content-Type header) or, with ``markup``, by a ``<meta charset>``;
    4. Windows-1252, if the text then reads like Latin script, since English is what is read here;
    5. the best guess of charset-normalizer, if it is sure enough.

    Raises DecodingError, with the place, where none does.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _strict(data[len(mark) :], name, input)
    if wide := _wide(data):
        return _strict(data, wide, input)
    labels = [declared, _meta(data) if markup else None]
    names = [name for name in (_canonical(label) for label in labels) if name]
    for name in names:
        if name in _SEVEN_BIT:
            return _strict(data, name, input)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        failed = error
    if _damaged_utf8(data):
        line = data.count(b"\n", 0, failed.start) + 1
        raise DecodingError(input, f"is UTF-8 but for the byte at {failed.start} (line {line})", _REMEDY)
    for name in names:
        if name != "utf-8":
            try:
                return data.decode(name)
            except UnicodeDecodeError:
                continue
    return _guess(data, input)


def _strict(data: bytes, name: str, input: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        problem = f"is marked as {name.upper()}, but the bytes at {error.start} are not"
        raise DecodingError(input, problem, _REMEDY) from None


def _wide(data: bytes) -> str | None:
    """UTF-16 without a byte order mark: in Latin script every other byte is zero."""
    head = data[:2048]
    if len(head) < 4:
        return None
    even, odd = head[::2].count(0) / len(head[::2]), head[1::2].count(0) / len(head[1::2])
    if odd > 0.7 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 and odd < 0.1 else None


def _meta(data: bytes) -> str | None:
    match = _META.search(data[:4096])
    return (match[1] or match[2]).decode("ascii", "ignore") if match else None


def _canonical(label: str | None) -> str | None:
    if not label:
        return None
    try:
        info = codecs.lookup(label.strip())
    except (LookupError, ValueError):
        return None
    # codecs.lookup also knows "hex", "rot13" and the like, which are not encodings of text.
    return _MEANT.get(info.name, info.name) if getattr(info, "_is_text_encoding", True) else None


def _damaged_utf8(data: bytes) -> bool:
    """Whether the bytes are UTF-8 with a few broken places, which another encoding would turn into gibberish."""
    text = data.decode("utf-8", "surrogateescape")
    broken = sum(1 for c in text if "\udc80" <= c <= "\udcff")
    whole = sum(1 for c in text if c > "\x7f") - broken
    return whole >= broken


def _guess(data: bytes, input: str) -> str:
    """Windows-1252 where it reads like Latin script, else what charset-normalizer makes of it, where it is sure."""
    from charset_normalizer import from_bytes

    lines, size = [], 0
    for line in data.splitlines(keepends=True):
        if not line.isascii():
            lines.append(line[:_SAMPLE])
            size += len(lines[-1])
            if size > _SAMPLE:
                break
    sample = b"".join(lines)
    if _like_cp1252(sample):
        try:
            return data.decode("cp1252")
        except UnicodeDecodeError:
            pass
    for match in from_bytes(sample):
        if match.chaos <= _MAX_CHAOS and match.coherence >= _MIN_COHERENCE:
            try:
                return data.decode(match.encoding)
            except (UnicodeDecodeError, LookupError):
                continue
    raise DecodingError(input, "is in no encoding that could be detected", _REMEDY)


def _like_cp1252(sample: bytes) -> bool:
    """Whether the bytes above ASCII are few, and are letters or signs that may stand where they stand."""
    if sum(byte > 127 for byte in sample) > max(2, _MAX_HIGH * len(sample)):
        return False
    try:
        text = sample.decode("cp1252")
    except UnicodeDecodeError:
        return False
    return not _SIGN_IN_WORD.search(text)
