"""W3C Web Annotation Data Model (Recommendation of 2017-02-23), JSON-LD: one collection with one page.

The target of each annotation is a passage of the article's cleaned text, which is named by its SHA-256 (RFC 6920), since that is what
the offsets count into; the page it comes from is the target's ``scope``. Offsets are in code points, as the model demands (4.2.4).
"""

from __future__ import annotations

import base64
import hashlib
import unicodedata
import uuid
from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from pipeline.export.marks import Mark, marked
from pipeline.export.source import Entry
from pipeline.model import Article

_CONTEXT = "http://www.w3.org/ns/anno.jsonld"
_NAMES = uuid.UUID("8f1c6a52-3f0e-5d0b-9a55-0d9c7b7c2e41")
"""Namespace of the UUIDs (version 5) that annotations are named with, so that the same claim keeps its name."""
_CONTEXT_LENGTH = 32
"""Characters of a prefix or suffix."""
_JOINER = "\u200d"


def write(entries: Iterator[Entry], out: BinaryIO) -> None:
    """Writes the collection, one annotation a line, one article in memory at a time."""
    out.write(
        b'{"@context":' + msgspec.json.encode(_CONTEXT) + b',"type":"AnnotationCollection","label":"claims",'
        b'"first":{"type":"AnnotationPage","startIndex":0,"items":['
    )
    digest = hashlib.sha256()
    total = 0
    for entry in entries:
        source = _source(entry.article)
        for mark in marked(entry).marks:
            line = msgspec.json.encode(_annotation(mark, entry.article, source))
            digest.update(line)
            out.write((b",\n" if total else b"\n") + line)
            total += 1
    # Names and number come last, since they are those of what went before, which is no longer in memory.
    page, collection = (_name(f"{kind} {digest.hexdigest()}") for kind in ("page", "collection"))
    end = {"id": collection, "total": total}
    out.write(b'\n],"id":' + msgspec.json.encode(page) + b"}," + msgspec.json.encode(end)[1:] + b"\n")


def _annotation(mark: Mark, article: Article, source: dict[str, Any]) -> dict[str, Any]:
    text = article.text
    body: list[dict[str, Any]] = [{"type": "TextualBody", "purpose": "tagging", "value": mark.label}]
    if mark.content is not None:
        record = {"claim_id": mark.claim_id} | msgspec.to_builtins(mark.content)
        body.append(
            {
                "type": "TextualBody",
                "purpose": "describing",
                "format": "application/json",
                "value": msgspec.json.encode(record).decode(),
            }
        )
    target: dict[str, Any] = {
        "type": "SpecificResource",
        "source": source,
        "selector": [
            {"type": "TextPositionSelector", "start": mark.start, "end": mark.end},
            {
                "type": "TextQuoteSelector",
                "exact": mark.text,
                "prefix": text[_edge(text, mark.start - _CONTEXT_LENGTH, mark.start) : mark.start],
                "suffix": text[mark.end : _edge(text, mark.end + _CONTEXT_LENGTH, mark.end + 2 * _CONTEXT_LENGTH)],
            },
        ],
    }
    if article.url is not None:
        target["scope"] = article.url
    return {
        "id": _name(mark.mark_id),
        "type": "Annotation",
        "motivation": "describing" if mark.content is not None else "tagging",
        "body": body,
        "target": target,
    }


def _source(article: Article) -> dict[str, Any]:
    digest = base64.urlsafe_b64encode(hashlib.sha256(article.text.encode()).digest()).rstrip(b"=").decode()
    source: dict[str, Any] = {
        "id": f"ni:///sha-256;{digest}",
        "type": "Text",
        "format": "text/plain",
        "dcterms:identifier": article.article_id,
    }
    for key, value in (("language", article.language), ("dcterms:title", article.title)):
        if value is not None:
            source[key] = value
    return source


def _edge(text: str, place: int, last: int) -> int:
    """``place``, moved on to where no character is torn from its combining marks, but not beyond ``last``."""
    place, last = max(place, 0), min(last, len(text))
    while place < last and (
        unicodedata.category(text[place])[0] == "M" or _JOINER in text[max(place - 1, 0) : place + 1]
    ):
        place += 1
    return min(place, last)


def _name(words: str) -> str:
    return uuid.uuid5(_NAMES, words).urn
