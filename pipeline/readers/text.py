"""Plain text."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.model import InputError, RawDocument
from pipeline.readers.base import BY_NAME, NOT_MINE, Format, Opened, RefusedError
from pipeline.readers.encoding import decode
from pipeline.readers.sniff import Head

SUFFIXES = (".txt", ".text")
# A page that holds no tag at all is text under a wrong name; so is an unnamed file.
_ALSO = ("", ".html", ".htm", ".xhtml")


def claim(head: Head) -> int:
    return BY_NAME if head.kind == "text" and head.suffix in SUFFIXES + _ALSO else NOT_MINE


def require_words(content: str) -> str:
    """``content`` if it is more than blanks. Raises ``RefusedError``."""
    if not content.strip():
        raise RefusedError("is empty")
    return content


def read(opened: Opened) -> Iterator[RawDocument | InputError]:
    data = opened.one_article(opened.limits.article_bytes)
    yield opened.document("text", require_words(decode(data, declared=opened.given.charset)))


FORMAT = Format(
    name="text",
    suffixes=SUFFIXES,
    help="Plain text, as exported from a page or typed.",
    claim=claim,
    read=read,
)
