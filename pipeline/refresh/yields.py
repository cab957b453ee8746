"""Which sources suddenly give less: as a rule not the articles have changed but the layout of their pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from pipeline.model import Article
from pipeline.run.results import Results
from pipeline.run.yields import Fall, Yield, fallen

_WORDS = {"claims": "claims", "characters": "characters of text"}
_LAYOUT = "see whether the layout of the site has changed"


def yield_drops(
    old: Results, new: Results, history: Sequence[Mapping[str, Yield]], params: Mapping[str, Any]
) -> Iterator[str]:
    """One line for each source that gives much less in ``new``, by the ``params`` of the rule ``source-yields``.

    First its articles are held against what the same ones gave in ``old``; then those that are new or changed against what its articles
    gave in the runs of ``history``, the latest last.
    """
    before = {article.article_id: article for article in old.articles}
    here = {article.article_id for article in new.articles}
    fresh = {a.article_id for a in new.articles if a.article_id not in before or before[a.article_id].text != a.text}
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


def yields_of(results: Results, among: set[str] | None = None) -> dict[str, Yield]:
    """What each source gives: all its articles, or those of ``among``, by their ids."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for article in results.articles:
        if among is None or article.article_id in among:
            found[source_of(article)].append((len(article.text), len(results.claims.get(article.article_id, ()))))
    return {
        source: Yield(articles=len(sizes), characters=sum(size for size, _ in sizes), claims=sum(n for _, n in sizes))
        for source, sizes in sorted(found.items())
    }


def source_of(article: Article) -> str:
    """Where an article comes from: its site, else its publisher, else its folder."""
    host = urlsplit(article.url).hostname if article.url is not None else None
    return host or article.publisher or article.path.rpartition("/")[0] or article.path
