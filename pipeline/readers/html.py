"""Web pages."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.model import InputError, RawDocument
from pipeline.readers.base import BY_CONTENT, BY_NAME, CERTAIN, NOT_MINE, Format, Opened
from pipeline.readers.encoding import decode
from pipeline.readers.sniff import Head
from pipeline.readers.text import require_words

SUFFIXES = (".html", ".htm", ".xhtml")


def claim(head: Head) -> int:
    if head.kind == "html":
        return CERTAIN
    if head.suffix in SUFFIXES and head.kind in ("markup", "xml", "text"):
        return BY_CONTENT if head.has_tags or head.kind == "xml" else NOT_MINE
    return BY_NAME if head.kind == "markup" else NOT_MINE


def read(opened: Opened) -> Iterator[RawDocument | InputError]:
    data = opened.one_article(opened.limits.article_bytes)
    yield opened.document("html", require_words(decode(data, declared=opened.given.charset, markup=True)))


FORMAT = Format(
    name="html",
    suffixes=SUFFIXES,
    help="Web pages as saved by a browser or crawler.",
    claim=claim,
    read=read,
)
