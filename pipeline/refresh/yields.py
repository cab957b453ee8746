"""Which sources suddenly give less: as a rule not the articles have changed but the layout of their pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import urlsplit

import msgspec

from pipeline.config import YieldLimits
from pipeline.model import Article
from pipeline.run.results import Results


class _Yield(msgspec.Struct):
    """What one source gives."""

    articles: int = 0
    characters: int = 0
    claims: int = 0


def yield_drops(old: Results, new: Results, limits: YieldLimits) -> Iterator[str]:
    """One line for each source whose articles give much less in ``new``: less text, fewer claims, or none of several is left."""
    known = {article.article_id for article in old.articles}
    still = {article.article_id for article in new.articles} & known
    before, after = _yields(old, known), _yields(new, still)
    shared = _yields(old, still)
    for source, had in sorted(before.items()):
        has, same = after.get(source, _Yield()), shared.get(source, _Yield())
        if has.articles == 0:
            if had.articles >= limits.articles:
                yield f"{source}: none of {had.articles} articles is left; see whether the site has moved"
        elif same.claims >= limits.claims and has.claims <= limits.share * same.claims:
            yield (
                f"{source}: {has.claims} claims where the run before found {same.claims} in the same articles; "
                "see whether the layout of the site has changed"
            )
        elif same.characters >= limits.characters and has.characters <= limits.share * same.characters:
            yield (
                f"{source}: {has.characters} characters of text where the run before found {same.characters} in the same articles; "
                "see whether the layout of the site has changed"
            )


def _yields(results: Results, among: set[str]) -> dict[str, _Yield]:
    found: dict[str, _Yield] = defaultdict(_Yield)
    for article in results.articles:
        if article.article_id in among:
            one = found[source_of(article)]
            one.articles += 1
            one.characters += len(article.text)
            one.claims += len(results.claims.get(article.article_id, ()))
    return found


def source_of(article: Article) -> str:
    """Where an article comes from: its site, else its publisher, else its folder."""
    host = urlsplit(article.url).hostname if article.url is not None else None
    return host or article.publisher or article.path.rpartition("/")[0] or article.path
