"""Prodigy: JSON Lines for ``spans.manual``, one task an article.

Prodigy draws a span over whole tokens, so the tokens are in the task: those of the program's own tokenizer, cut wherever a span begins
or ends within one. With one space behind each that has ``ws``, they are the text. Format: "Annotation interfaces" in its manual;
``token_end`` is the last token of a span, not the one behind it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import BinaryIO

from spacy.tokens import Doc

from pipeline.export.marks import Mark, marked
from pipeline.export.source import Entry
from pipeline.language.tokenizer import make_nlp
from pipeline.model import Record, Role, Value, encode
from pipeline.rules.loader import find_rules_folder, load_rules


class Token(Record, frozen=True, kw_only=True):
    text: str
    start: int
    end: int
    id: int
    ws: bool
    """Whether a space follows."""


class Span(Record, frozen=True, kw_only=True, omit_defaults=True):
    start: int
    end: int
    token_start: int
    token_end: int
    label: str
    text: str
    claim_id: str
    role: Role | None = None


class Meta(Record, frozen=True, kw_only=True):
    """What Prodigy shows below a task."""

    article_id: str
    title: str | None
    url: str | None


class Task(Record, frozen=True, kw_only=True):
    """One line of the file."""

    text: str
    tokens: tuple[Token, ...]
    spans: tuple[Span, ...]
    meta: Meta


def write(entries: Iterator[Entry], out: BinaryIO) -> None:
    """Writes one task a line, one article in memory at a time. Raises UsageError where there are no rules to make tokens with."""
    tokenizer = make_nlp(load_rules(find_rules_folder())).tokenizer
    for entry in entries:
        out.write(encode(task(entry, tokenizer)) + b"\n")


def task(entry: Entry, tokenizer: Callable[[str], Doc]) -> Task:
    """The task of one article."""
    article = entry.article
    marks = [mark for mark in marked(entry).marks if mark.start < mark.end]  # a span of no tokens cannot be drawn
    tokens = _tokens(tokenizer(article.text), {place for mark in marks for place in (mark.start, mark.end)})
    starts = [token.start for token in tokens]
    return Task(
        text=article.text,
        tokens=tokens,
        spans=tuple(_span(mark, starts) for mark in marks),
        meta=Meta(article_id=article.article_id, title=article.title, url=article.url),
    )


def _tokens(doc: Doc, cuts: set[int]) -> tuple[Token, ...]:
    """The tokens of ``doc``, cut at ``cuts``."""
    tokens: list[Token] = []
    for token in doc:
        end = token.idx + len(token)
        places = [token.idx, *(place for place in range(token.idx + 1, end) if place in cuts), end]
        for start, stop in pairwise(places):
            text = token.text[start - token.idx : stop - token.idx]
            spaced = stop == end and bool(token.whitespace_)
            tokens.append(Token(text=text, start=start, end=stop, id=len(tokens), ws=spaced))
    return tuple(tokens)


def _span(mark: Mark, starts: list[int]) -> Span:
    return Span(
        start=mark.start,
        end=mark.end,
        token_start=bisect_left(starts, mark.start),
        token_end=bisect_left(starts, mark.end) - 1,
        label=mark.label,
        text=mark.text,
        claim_id=mark.claim_id,
        role=mark.content.role if isinstance(mark.content, Value) else None,
    )
