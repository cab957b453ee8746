"""What a file holds, judged by its first bytes (cf. https://mimesniff.spec.whatwg.org)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from pipeline.readers.encoding import unicode_form

HEAD_BYTES = 64 * 1024

Kind = Literal["empty", "html", "markup", "xml", "json", "text", "binary"]
"""``html`` opens as a page does; ``markup`` opens with some other HTML tag; ``json`` is a line that holds an article."""

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF file"),
    (b"WARC/", "a WARC file"),
    (b"\x1f\x8b\x08", "gzip data"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"PK\x05\x06", "a ZIP archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old office document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"II*\0", "a TIFF image"),
    (b"MM\0*", "a TIFF image"),
    (b"OggS", "an audio or video file"),
    (b"ID3", "an audio file"),
    (b"\x1aE\xdf\xa3", "a video file"),
    (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ\0", "xz data"),
    (b"\x28\xb5\x2f\xfd", "Zstandard data"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
    (b"%!PS", "a PostScript file"),
)
_TAR_MAGIC = slice(257, 262)

# Leading blanks, comments and XML declarations, each bounded so that a long false start costs little.
_PROLOGUE = re.compile(r"(?:\s+|<!--(?:(?!-->).){0,4000}-->|<\?xml[^>]{0,300}>)", re.DOTALL)
_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body|title|meta|frameset)\b", re.IGNORECASE)
_TAG = re.compile(
    r"<(?:/?(?:h[1-6]|p|br|b|i|em|strong|a|div|span|table|ul|ol|li|tr|td|article|section|main|header|nav|footer|aside"
    r"|script|style|link|iframe|img|figure|font|center|blockquote|pre)|!--)(?=[\s/>-])",
    re.IGNORECASE,
)
_JSON_LINE = re.compile(r"\{\s{0,100}\"")
_JSON_ARTICLE = re.compile(r"\"(?:text|html)\"\s{0,20}:\s{0,20}\"")
_CONTROLS = bytes(code for code in range(0x20) if code not in b"\t\n\r\f\v\x1b")
_MHTML = re.compile(r"^(?:From|MIME-Version|Content-Type):[^\n]{0,300}$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Head:
    """The start of a file, decompressed, and what it looks like."""

    data: bytes
    """At most ``HEAD_BYTES``."""
    suffix: str
    """In lower case, with the dot, that of the compression left out; ``""`` if the name has none."""
    kind: Kind
    label: str
    """What the content is, for messages: ``a PNG image``."""
    has_tags: bool
    """Whether an HTML tag stands anywhere in it."""
    text: str
    """``data`` decoded in a rough way: good for looking at ASCII characters only."""


def sniff(data: bytes, suffix: str) -> Head:
    """What the bytes at the start of a file say it is."""
    text = _rough_text(data)
    kind, label = _classify(data, text)
    has_tags = kind in ("html", "markup") or _TAG.search(text) is not None
    return Head(data=data, suffix=suffix, kind=kind, label=label, has_tags=has_tags, text=text)


def opens_as_page(text: str) -> bool:
    """Whether decoded ``text`` begins as an HTML page or with a common HTML tag."""
    start = _skip_prologue(text[:20_000])
    return _PAGE.match(start) is not None or _TAG.match(start) is not None


def _rough_text(data: bytes) -> str:
    form = unicode_form(data)
    if form is None:
        return data.decode("latin-1")
    return data.decode(form, errors="replace").removeprefix("\ufeff")


def _skip_prologue(text: str) -> str:
    position = 0
    while match := _PROLOGUE.match(text, position):
        position = match.end()
    return text[position:]


def _classify(data: bytes, text: str) -> tuple[Kind, str]:
    if not data.strip(b"\0"):
        return ("binary", "nothing but NUL bytes") if data else ("empty", "empty")
    for magic, label in _MAGIC:
        if data.startswith(magic):
            return "binary", label
    if data[_TAR_MAGIC] == b"ustar":
        return "binary", "a tar archive"
    if data.startswith(b"RIFF") and data[8:12] in (b"WEBP", b"WAVE", b"AVI "):
        return "binary", "an image, audio or video file"
    if data[4:8] == b"ftyp":
        return "binary", "an image or video file"
    if _opens_as_json_article(text):
        return "json", "JSON Lines"
    if _is_binary(text):
        return "binary", "binary data"
    return _classify_text(text)


def _opens_as_json_article(text: str) -> bool:
    line = text.lstrip().split("\n", 1)[0]
    return _JSON_LINE.match(line) is not None and _JSON_ARTICLE.search(line) is not None


def _classify_text(text: str) -> tuple[Kind, str]:
    if not text.strip():
        return "empty", "empty"
    start = _skip_prologue(text)
    if _PAGE.match(start):
        return "html", "an HTML page"
    if text.lstrip().startswith("<?xml"):
        return "xml", "XML that is not a page"
    if _TAG.match(start):
        return "markup", "HTML"
    if "multipart/related" in text[:4000].lower() and _MHTML.match(text):
        return "binary", "a page saved as MHTML (save it as HTML instead)"
    return "text", "plain text"


def _is_binary(text: str) -> bool:
    """Whether control characters are too many for text; a stray one is not."""
    sample = text[:8192]
    data = sample.encode("utf-8", "replace")
    return len(data) - len(data.translate(None, _CONTROLS)) > len(sample) * 0.03
