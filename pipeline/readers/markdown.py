"""Markdown, with metadata from its front matter."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from pipeline.model import InputError, RawDocument
from pipeline.readers.base import BY_CONTENT, NOT_MINE, Format, Opened
from pipeline.readers.encoding import decode
from pipeline.readers.metadata import GivenMeta, filled, given_meta
from pipeline.readers.sniff import Head
from pipeline.readers.text import require_words

SUFFIXES = (".md", ".markdown")
_MAX_FRONT_MATTER = 16_000
_FENCE = re.compile(r"---[ \t]{0,40}\n")
_FENCE_END = re.compile(r"^(?:---|\.\.\.)[ \t]{0,40}$", re.MULTILINE)

_FIELD = re.compile(r"([A-Za-z_-]{1,40}):(?:[ \t]+(.*))?$")


def claim(head: Head) -> int:
    # A Markdown file may well open with an HTML tag; only a whole page is none.
    return BY_CONTENT if head.suffix in SUFFIXES and head.kind in ("text", "markup") else NOT_MINE


def read(opened: Opened) -> Iterator[RawDocument | InputError]:
    text = decode(opened.one_article(opened.limits.article_bytes), declared=opened.given.charset)
    front, content = split_front_matter(text)
    given = opened.given
    yield RawDocument(
        path=opened.source.path,
        input_id=given.input_id if given.input_id is not None else front.input_id,
        media="markdown",
        content=require_words(content),
        sha256=opened.sha256(),
        meta=filled(given.meta, front.meta),
    )


def split_front_matter(text: str) -> tuple[GivenMeta, str]:
    """The metadata in a YAML block at the very start, and the text after it. A block that holds no ``name: value`` stays text."""
    opening = _FENCE.match(text)
    if opening is None:
        return GivenMeta(), text
    closing = _FENCE_END.search(text, opening.end(), opening.end() + _MAX_FRONT_MATTER)
    if closing is None:
        return GivenMeta(), text
    try:
        # All scalars as strings: a date stays as written.
        fields = yaml.load(text[opening.end() : closing.start()], Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError, ValueError):
        # Such as a title with a colon and no quotation marks.
        fields = _plain_fields(text[opening.end() : closing.start()])
    if not isinstance(fields, dict):
        return GivenMeta(), text
    if "published" not in fields and "date" in fields:
        fields["published"] = fields["date"]
    # Written for the site's own software, so a field that does not fit is no mistake worth reporting.
    return given_meta(fields), text[closing.end() :].lstrip("\n")


def _plain_fields(block: str) -> dict[str, str] | None:
    """The lines ``name: value`` of a block of which each line that is not indented is one; else ``None``."""
    fields: dict[str, str] = {}
    for line in block.splitlines():
        field = _FIELD.match(line)
        if field is not None:
            fields[field.group(1).casefold()] = (field.group(2) or "").strip().strip("\"'")
        elif line.strip() and not line.startswith((" ", "\t", "-", "#")):
            return None
    return fields or None


FORMAT = Format(
    name="markdown",
    suffixes=SUFFIXES,
    help="Markdown; url, title, date and the like may stand in YAML front matter.",
    claim=claim,
    read=read,
)
