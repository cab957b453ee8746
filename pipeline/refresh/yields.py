"""Which sources suddenly give less: as a rule not the articles have changed but the layout of their pages."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from pipeline.model import Article
from pipeline.run.results import ARTICLES, CLAIMS, Named, numbered_lines
from pipeline.run.yields import Fall, Yield, fallen

_WORDS = {"claims": "claims", "characters": "characters of text"}
_LAYOUT = "see whether the layout of the site has changed"


class Page(msgspec.Struct):
    """What of an article tells where it comes from and how much it gives, see :class:`pipeline.model.Article`."""

    article_id: str
    path: str
    text: str
    url: str | None = None
    publisher: str | None = None


class Given(NamedTuple):
    """What one article gives."""

    article_id: str
    source: str
    digest: bytes
    """Of its text."""
    characters: int
    claims: int


def given_in(folder: Path) -> list[Given]:
    """What each article of the results in ``folder`` gives; one is in memory at a time. Raises UsageError, with file and line."""
    owner = msgspec.json.Decoder(Named)
    claims = Counter(named.article_id for _, named in numbered_lines(folder / CLAIMS, owner.decode))
    page = msgspec.json.Decoder(Page)
    return given_by((article for _, article in numbered_lines(folder / ARTICLES, page.decode)), claims)


def given_by(articles: Iterable[Page | Article], claims: Mapping[str, int]) -> list[Given]:
    """What each of ``articles`` gives; ``claims`` is how many it has, by its id."""
    return [
        Given(
            article_id=article.article_id,
            source=source_of(article),
            digest=hashlib.blake2b(article.text.encode("utf-8", "surrogatepass"), digest_size=16).digest(),
            characters=len(article.text),
            claims=claims.get(article.article_id, 0),
        )
        for article in articles
    ]


def yield_drops(
    old: Sequence[Given], new: Sequence[Given], history: Sequence[Mapping[str, Yield]], params: Mapping[str, Any]
) -> Iterator[str]:
    """One line for each source that gives much less in ``new``, by the ``params`` of the rule ``source-yields``.

    First its articles are held against what the same ones gave in ``old``; then those that are new or changed against what its articles
    gave in the runs of ``history``, the latest last.
    """
    before = {article.article_id: article.digest for article in old}
    here = {article.article_id for article in new}
    fresh = {article.article_id for article in new if before.get(article.article_id) != article.digest}
    had, shared = yields_of(old), yields_of(old, here)
    same, news = yields_of(new, set(before)), yields_of(new, fresh)
    for source in sorted(had.keys() | news.keys()):
        told = _fresh(source, news, history, params)
        if source in had and (source in same or source not in news):
            told = _same(shared.get(source) or had[source], same.get(source, Yield()), params) or told
        if told is not None:
            yield f"{source}: {told}"


def _same(had: Yield, now: Yield, params: Mapping[str, Any]) -> str | None:
    """What the articles of the run before give less than then."""
    fall = fallen([had], now, params)
    if fall is None:
        return None
    if fall.what == "articles":
        return f"none of {fall.usual} articles is left; see whether the site has moved"
    return f"{fall.now} {_WORDS[fall.what]} where the run before found {fall.usual} in the same articles; {_LAYOUT}"


def _fresh(
    source: str, news: Mapping[str, Yield], history: Sequence[Mapping[str, Yield]], params: Mapping[str, Any]
) -> str | None:
    """What its new articles give less than those of earlier runs."""
    now = news.get(source, Yield())
    if now.articles < params.get("new_articles", 0):
        return None
    past = [run[source] for run in history if source in run]
    fall: Fall | None = fallen(past, now, params) if now.articles else None
    if fall is None:
        return None
    return (
        f"{fall.now} {_WORDS[fall.what]} in {now.articles} new articles where as many used to give {fall.usual} "
        f"(median of {min(len(past), int(params['runs']))} runs); {_LAYOUT}"
    )


def yields_of(given: Iterable[Given], among: set[str] | None = None) -> dict[str, Yield]:
    """What each source gives: all its articles, or those of ``among``, by their ids."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for article in given:
        if among is None or article.article_id in among:
            found[article.source].append((article.characters, article.claims))
    return {
        source: Yield(articles=len(sizes), characters=sum(size for size, _ in sizes), claims=sum(n for _, n in sizes))
        for source, sizes in sorted(found.items())
    }


def source_of(article: Page | Article) -> str:
    """Where an article comes from: its site, else its publisher, else its folder."""
    host = urlsplit(article.url).hostname if article.url is not None else None
    return host or article.publisher or article.path.rpartition("/")[0] or article.path
