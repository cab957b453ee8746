"""How many of the sources of a finding are witnesses: the pages of one publisher, and texts that copy each other, are one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from pipeline.model import Article, Finding, Flag
from pipeline.reconcile.corpus import Source
from pipeline.reconcile.findings import Result
from pipeline.rules.ruleset import Ruleset

_COPIES = "shared_origin"
"""The check whose flags say that one article copies another."""
_HOSTS = "hosts-of-many"
"""The rule that lists sites on which many publish."""


def with_witnesses(
    results: Iterable[Result], sources: Sequence[Source], flags: Iterable[Flag], rules: Ruleset
) -> list[Finding]:
    """The findings of ``results``, each with the number of its independent sources; ``flags`` are all that were raised.

    What other articles copy of each other makes the sources of a finding no fewer.
    """
    copying = {rule["id"] for rule in rules.stage("check") if rule.get("check") == _COPIES}
    many = {_plain(name) for name in rules.phrases(_HOSTS)}
    copies: dict[str, set[str]] = defaultdict(set)
    texts = _Groups(())
    for flag in flags:
        if flag.rule in copying:
            first, *others = dict.fromkeys(place.article_id for place in flag.places)
            copies[first].update(others)
            for other in others if flag.details.get("whole") else ():
                texts.join(first, other)
    return [
        replace(
            result.record,
            witnesses=_independent([sources[at].article for at in result.sources], copies, texts, many),
        )
        for result in results
    ]


def _independent(articles: Sequence[Article], copies: Mapping[str, set[str]], texts: _Groups, many: set[str]) -> int:
    """How many of ``articles`` are witnesses of their own; those in one group of ``texts`` are the same text."""
    if len(articles) == 1:
        return 1
    origins = _Groups(article.article_id for article in articles)
    for article in articles:
        origins.join(article.article_id, f"\0\0{texts.of(article.article_id)}")
        publisher = publisher_key(article.publisher)
        if publisher and publisher not in many:
            origins.join(article.article_id, f"\0{publisher}")
        for other in articles:
            if other.article_id in copies.get(article.article_id, ()):
                origins.join(article.article_id, other.article_id)
    return len({origins.of(article.article_id) for article in articles})


def publisher_key(publisher: str | None) -> str:
    """A name for who published an article, the same however it is spaced or capitalised, and for a site however its address begins;
    empty where nobody is named."""
    return _plain(publisher or "")


def _plain(name: str) -> str:
    name = " ".join(name.casefold().split())
    return name.removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")


class _Groups:
    """Names that are joined two at a time (union-find, halving paths)."""

    def __init__(self, names: Iterable[str]) -> None:
        self._parent = {name: name for name in names}

    def of(self, name: str) -> str:
        """The group of ``name``, as one of its members."""
        parent = self._parent
        parent.setdefault(name, name)
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    def join(self, one: str, other: str) -> None:
        a, b = self.of(one), self.of(other)
        self._parent[max(a, b)] = min(a, b)
