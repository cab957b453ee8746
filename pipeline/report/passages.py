"""Quotes with the words around them, the figures marked and a link to the page."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pipeline.model import Article, Claim, PlaceRole, Statement
from pipeline.report.links import text_link
from pipeline.report.model import Mark, MarkKind, Passage

_AROUND = 90
"""Characters of the text before and after a quote that are shown with it."""
_LONGEST = 700
"""Characters of a quote; of a longer passage, the part with its first mark is shown."""
_LEAD = 200
"""How many of them may stand before that mark."""
CUT = "…"


class Span(NamedTuple):
    """Words to be marked, by their place in the article."""

    start: int
    end: int
    kind: MarkKind


class Marks:
    """What can be marked in the articles of a run: the figures of claims and the signs of statements."""

    def __init__(self, claims: Mapping[str, Claim], statements: Iterable[Statement]) -> None:
        self._claims = claims
        self._statements: dict[str, list[Statement]] = {}
        for statement in statements:
            self._statements.setdefault(statement.article_id, []).append(statement)
        for found in self._statements.values():
            found.sort(key=lambda statement: (statement.start, statement.end))

    def within(
        self, article_id: str, start: int, end: int, claim_ids: Iterable[str], also: Iterable[Span] = ()
    ) -> list[Span]:
        """The figures of the claims of these ids from ``start`` to ``end``, and ``also``; without any, the signs that stand there."""
        own = (self._claims[claim_id] for claim_id in claim_ids if claim_id in self._claims)
        figures = [
            Span(value.start, value.end, "figure")
            for claim in own
            if claim.article_id == article_id
            for value in claim.values
            if start <= value.start and value.end <= end
        ]
        figures += also
        return _apart(figures or self._signs(article_id, start, end))

    def _signs(self, article_id: str, start: int, end: int) -> Iterator[Span]:
        statements = self._statements.get(article_id, [])
        for statement in statements[bisect_left(statements, start, key=lambda found: found.start) :]:
            if statement.start >= end:
                return
            for sign in statement.signs:
                if start <= sign.start and sign.end <= end:
                    yield Span(sign.start, sign.end, "sign")


def passage(
    article: Article, source: int, start: int, end: int, role: PlaceRole, spans: Sequence[Span] = ()
) -> Passage:
    """The passage ``text[start:end]`` of ``article``, cut to what can be read at a glance."""
    text = article.text
    start, end = max(start, 0), min(end, len(text))
    first, last = start, end
    if end - start > _LONGEST:
        first = max(start, min((span.start for span in spans), default=start) - _LEAD)
        first = first if first == start else _word_start(text, first, end)
        last = min(end, first + _LONGEST)
        last = last if last == end else _word_end(text, last, first)
    quote = text[first:last]
    marks = tuple(
        Mark(start=span.start - first, end=span.end - first, kind=span.kind)
        for span in spans
        if first <= span.start < span.end <= last
    )
    return Passage(
        source=source,
        role=role,
        start=start,
        end=end,
        before=f"{CUT} " if first > start else _before(text, start),
        quote=quote,
        after=f" {CUT}" if last < end else _after(text, end),
        marks=marks,
        link=text_link(article.url, quote),
    )


def _apart(spans: Iterable[Span]) -> list[Span]:
    """``spans`` in text order, without those that begin within an earlier one."""
    found: list[Span] = []
    for span in sorted(set(spans)):
        if span.start < span.end and (not found or span.start >= found[-1].end):
            found.append(span)
    return found


def _before(text: str, start: int) -> str:
    """The end of what stands before ``start`` in the same block."""
    block = text.rfind("\n", 0, start) + 1
    first = max(block, start - _AROUND)
    return text[first:start] if first == block else f"{CUT} " + text[_word_start(text, first, start) : start]


def _after(text: str, end: int) -> str:
    stop = text.find("\n", end)
    block = len(text) if stop < 0 else stop
    last = min(block, end + _AROUND)
    return text[end:last] if last == block else text[end : _word_end(text, last, end)] + f" {CUT}"


def _word_start(text: str, place: int, limit: int) -> int:
    """``place``, moved on to the start of a word, but not beyond ``limit``."""
    found = text.find(" ", place, limit)
    return place if found < 0 else found + 1


def _word_end(text: str, place: int, limit: int) -> int:
    found = text.rfind(" ", limit, place)
    return place if found < 0 else found
