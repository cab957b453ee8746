"""JSON Lines: one article a line."""

from __future__ import annotations

import codecs
import hashlib
import io
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Literal

from pipeline.model import InputError, RawDocument, SourceMeta
from pipeline.readers.base import BY_CONTENT, CERTAIN, NOT_MINE, Format, Opened, RefusedError
from pipeline.readers.encoding import decode, tidy, unicode_form
from pipeline.readers.metadata import BadFieldError, filled, given_meta, json_type, parse_id
from pipeline.readers.problem import megabytes
from pipeline.readers.sidecar import parse_json
from pipeline.readers.sniff import Head, opens_as_page

SUFFIXES = (".jsonl", ".ndjson")
MAX_LISTED = 1000
"""So many broken lines of a file are listed one by one; the rest are counted."""
_SKIP_PIECE = 1024 * 1024
_SKIP_LIMIT = 2**30
"""A line longer than this is no line: the rest of the file is given up."""
_OBJECT_LINE = re.compile(r"^\s{0,100}\{", re.MULTILINE)


def claim(head: Head) -> int:
    if head.kind == "json":
        return CERTAIN
    return BY_CONTENT if head.suffix in SUFFIXES and head.kind == "text" else NOT_MINE


def read(opened: Opened) -> Iterator[RawDocument | InputError]:
    if opened.head.text.lstrip().startswith("["):
        raise RefusedError("is one JSON list instead of one article a line; convert it with: jq -c '.[]'")
    if not _OBJECT_LINE.search(opened.head.text):
        raise RefusedError("holds no JSON object at the start of a line, so it is not one article a line")
    seen: dict[str, int] = {}
    defaults = _shared_by_all(opened.given.meta)
    listed = unlisted = whole = 0
    for number, line in _lines(opened):
        if isinstance(line, bytes):
            whole += 1
            results = _article(opened, number, line, seen, defaults)
        else:
            results = iter((line,))
        for result in results:
            if isinstance(result, InputError):
                if listed == MAX_LISTED:
                    unlisted += 1
                    continue
                listed += 1
            yield result
    if unlisted:
        yield opened.error(f"has {unlisted:,} more problems of the kind listed before")
    if opened.layers.problem is not None:
        yield opened.error(
            f"{opened.layers.problem} after {whole:,} whole lines; these were read, fetch the file again for the rest"
        )


def _shared_by_all(meta: SourceMeta) -> SourceMeta:
    """What a sidecar can say of all articles in a file."""
    return SourceMeta(publisher=meta.publisher, kind=meta.kind, language=meta.language)


def _lines(opened: Opened) -> Iterator[tuple[int, bytes | InputError]]:
    """Each line that is not blank, without its end, by number from 1; or what is wrong with it."""
    stream = _as_utf8(opened)
    limit = opened.limits.article_bytes
    number = 0
    while line := stream.readline(limit + 2):
        number += 1
        if len(line.rstrip(b"\r\n")) > limit:
            skipped = _skip_line(stream, line)
            yield (
                number,
                opened.error(f"is a line of more than {megabytes(limit)}, too much for an article", f"line-{number}"),
            )
            if skipped > _SKIP_LIMIT:
                yield number, opened.error("is not read beyond that line, which has no end", f"line-{number}")
                return
        elif opened.layers.problem is not None and not line.endswith(b"\n"):
            return  # cut in the middle; told at the end
        else:
            stripped = line.rstrip(b"\r\n").removeprefix(codecs.BOM_UTF8 if number == 1 else b"")
            if stripped.strip():
                yield number, stripped


def _skip_line(stream: BinaryIO | _Recoded, line: bytes) -> int:
    skipped = len(line)
    while line and not line.endswith(b"\n") and skipped <= _SKIP_LIMIT:
        line = stream.readline(_SKIP_PIECE)
        skipped += len(line)
    return skipped


class _Recoded:
    """Lines of a file in UTF-16 or UTF-32 as UTF-8."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._text = io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline="\n")

    def readline(self, size: int) -> bytes:
        return self._text.readline(size).encode("utf-8", errors="replace")


def _as_utf8(opened: Opened) -> BinaryIO | _Recoded:
    form = unicode_form(opened.head.data)
    return opened.stream if form in (None, "utf-8-sig") else _Recoded(opened.stream, form)


def _article(
    opened: Opened, number: int, line: bytes, seen: dict[str, int], defaults: SourceMeta
) -> Iterator[RawDocument | InputError]:
    place = f"line-{number}"
    try:
        fields = _parse(line)
        input_id = parse_id("id", fields.get("id"))
        media, content = _content(fields)
    except (ValueError, BadFieldError) as error:
        yield opened.error(str(error), place)
        return
    name = " ".join(input_id.split()) if input_id is not None else place
    if name in seen:
        yield opened.error(
            f'has the id "{name}" that line {seen[name]} has already; ids are given once in a file', place
        )
        return
    seen[name] = number
    given = given_meta({**fields, "id": None})
    for clause in given.problems:
        yield opened.error(f"{clause}; the field is left out", name)
    yield RawDocument(
        path=f"{opened.source.path}#{name}",
        input_id=input_id,
        media=media,
        content=content,
        sha256=hashlib.sha256(line).hexdigest(),
        meta=filled(given.meta, defaults),
    )


def _parse(line: bytes) -> dict[str, Any]:
    try:
        fields = parse_json(decode(line))
    except ValueError as error:
        raise ValueError(f"is not valid JSON: {error}") from None
    if not isinstance(fields, dict):
        raise ValueError(f"is {json_type(fields)} instead of an object with an article")
    return fields


def _content(fields: dict[str, Any]) -> tuple[Literal["html", "text"], str]:
    """The article in a line; where both are given, the page wins, since it says more. Raises ``BadFieldError``."""
    for key in ("html", "text"):
        value = fields.get(key)
        if value is not None and type(value) is not str:
            raise BadFieldError(f'"{key}" is {json_type(value)} instead of a string')
    html, text = (tidy(fields.get(key) or "") for key in ("html", "text"))
    if html.strip():
        return "html", html
    if not text.strip():
        raise BadFieldError('has neither "text" nor "html" with anything in it')
    return ("html" if opens_as_page(text) else "text"), text


FORMAT = Format(
    name="jsonl",
    suffixes=SUFFIXES,
    help='JSON Lines, one article a line: {"id", "text" or "html", "url", "title", "publisher", "published", "kind"}.',
    claim=claim,
    read=read,
    archive=True,
)
