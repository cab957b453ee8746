"""Cleaning of small texts with the shipped rules."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Literal

from pipeline.clean.clean import clean
from pipeline.clean.dates import dates_of
from pipeline.clean.entries import EntryLook
from pipeline.clean.html import HtmlReader
from pipeline.clean.reference_headings import ReferenceHeadings
from pipeline.config import Limits
from pipeline.model import Cleaned, RawDocument, SourceMeta
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset

ROOT = Path(__file__).parents[3]
LIMITS = Limits()


@functools.cache
def rules() -> Ruleset:
    return load_rules(ROOT / "rules")


@functools.cache
def page_reader(found: Ruleset) -> HtmlReader:
    return HtmlReader(found, EntryLook(found), ReferenceHeadings(found), dates_of(found))


def document(content: str, media: Literal["html", "text", "markdown"] = "text", **meta: str) -> RawDocument:
    return RawDocument(path="a.txt", media=media, content=content, sha256="", meta=SourceMeta(**meta))  # type: ignore[arg-type]


def cleaned(content: str, media: Literal["html", "text", "markdown"] = "text", **meta: str) -> Cleaned:
    return clean(document(content, media, **meta), rules(), LIMITS)


def alnum(text: str) -> str:
    """The letters and digits of ``text`` in small letters: what the scorers compare."""
    return "".join(c.lower()[0] for c in text if c.isalnum())
