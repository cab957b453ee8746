"""How many of the sources of a finding are witnesses: the pages of one publisher, and texts that copy each other, are one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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
    """The findings of ``results``, each with the number of its independent sources; ``flags`` are all that were raised."""
    copying = {rule["id"] for rule in rules.stage("check") if rule.get("check") == _COPIES}
    names = [source.article.article_id for source in sources]
    many = {_plain(name) for name in rules.phrases(_HOSTS)}
    origins = _Groups(names)
    for source in sources:
        publisher = publisher_key(source.article)
        if publisher and publisher not in many:
            origins.join(source.article.article_id, f"\0{publisher}")
    for flag in flags:
        if flag.rule in copying:
            first, *others = dict.fromkeys(place.article_id for place in flag.places)
            for other in others:
                origins.join(first, other)
    return [
        replace(result.record, witnesses=len({origins.of(names[at]) for at in result.sources})) for result in results
    ]


def publisher_key(article: Article) -> str:
    """A name for who published an article, the same however it is spaced or capitalised, and for a site however its address begins;
    empty where nobody is named."""
    return _plain(article.publisher or "")


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
