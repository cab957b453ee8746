"""Where what is known of the articles contradicts itself. Each article is taken at its word all the same; a person is told."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from pipeline.reconcile.witnesses import publisher_key

_DATE = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")
_MOST_NAMED = 3


class Described(Protocol):
    """What is known of an article beside its text."""

    @property
    def article_id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def url(self) -> str | None: ...
    @property
    def publisher(self) -> str | None: ...
    @property
    def published(self) -> str | None: ...


def contradictions(articles: Iterable[Described]) -> Iterator[str]:
    """A line for each: a date that is none, a page that is there more than once and described otherwise each time."""
    pages: dict[str, list[Described]] = defaultdict(list)
    for article in articles:
        if article.published is not None and not _DATE.fullmatch(article.published):
            yield f"{article.article_id}: its date of publication, {article.published!r}, is none; write it as 2026-03-31"
        if article.url:
            pages[article.url].append(article)
    for url, group in sorted(pages.items()):
        if differing := ", ".join(_differing(group)):
            yield f"{url}: {len(group)} articles are of this page, but {differing}; each is taken at its word, so correct what is wrong"


def _differing(group: Sequence[Described]) -> Iterator[str]:
    """What is said otherwise of the articles of one page."""
    kinds = sorted({article.kind for article in group})
    publishers = {
        publisher_key(article.publisher): article.publisher for article in group if publisher_key(article.publisher)
    }
    dates = sorted({article.published for article in group if article.published})
    for name, values in (("kind", kinds), ("publisher", sorted(map(str, publishers.values()))), ("published", dates)):
        if len(values) > 1:
            yield f"{name} {' and '.join(values[:_MOST_NAMED])}"
