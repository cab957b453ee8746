"""Articles as they are compared: what each claim speaks of, whom to trust, and by what a story is known from another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import msgspec

from pipeline.model import Article, Claim, Sign, Statement
from pipeline.reconcile.concepts import NOTHING, Concept
from pipeline.reconcile.rounding import Measured
from pipeline.reconcile.words import Stems

EFFECTS = ("proportion", "ratio", "relative_change", "difference", "mean", "median", "rate", "count", "score")
"""Measures of what became of people."""
RELATIVE = ("relative_change", "ratio")
"""Measures of one group against another that tell no share of either."""


class Told(msgspec.Struct, frozen=True, eq=False):
    """One claim as the matcher sees it. Equal to itself alone."""

    claim: Claim
    source: int
    """Index of its article."""
    concepts: Mapping[str, Concept]
    words: Mapping[str, str]
    """Of the whole sentence, numbers apart, by their stems."""
    stems: Stems
    measured: tuple[Measured | None, ...]
    """Of each value."""
    days: float | None
    size: float | None
    marks: frozenset[str]
    """The percentages of its sentence that are none of its values: what "lost 5% or more" asks for."""
    sort: str | None
    """What an assertion claims: ``safety``, ``efficacy`` ...; None for claims with figures."""
    is_result: bool
    """Whether it states figures of an outcome, not who took part or what it cost."""
    of_each: bool = False
    """Whether it tells by how many percent each of two groups changed, not the one against the other."""


class TextRead(msgspec.Struct, frozen=True, gc=False):
    """What was found in the text of an article, as it is kept for when the article is read again."""

    numbers: list[str]
    """As :attr:`Source.counts` counts them."""
    specifics: list[str]
    """See :class:`Source`."""
    run: int
    """How many words each of the runs has."""
    runs: bytes
    """[runs] uint64, see :class:`pipeline.reconcile.shingles.Shingler`."""


@dataclass(frozen=True)
class Source:
    """One article."""

    index: int
    article: Article
    rank: int
    """How near to the study itself it stands: 0 for a primary source."""
    name: str
    """How messages call it."""
    told: tuple[Told, ...]
    statements: tuple[Statement, ...]
    counts: Mapping[str, int] = field(repr=False)
    """How often it has each stem."""
    specifics: Stems = field(repr=False)
    """Names and printed numbers, by which a story is known from another on the same subject."""
    main: Concept = NOTHING
    """The treatment or exposure that it is about."""
    read: TextRead | None = field(default=None, repr=False)
    """What was found in its text before, where that is known."""

    def signs(self, *names: str) -> Sequence[tuple[Statement, Sign]]:
        """The signs of these names, in text order."""
        if names not in self._signs:
            self._signs[names] = [(s, sign) for s in self.bearing(*names) for sign in s.signs if sign.sign in names]
        return self._signs[names]

    def bearing(self, *names: str) -> Sequence[Statement]:
        """The statements with a sign of one of these names, in text order."""
        found = self._bearing.get(names)
        if found is None:
            bearers = self._bearers
            places = {at for name in names if name in bearers for at in bearers[name]}
            found = self._bearing[names] = [self.statements[at] for at in sorted(places)] if places else ()
        return found

    @cached_property
    def _signs(self) -> dict[tuple[str, ...], Sequence[tuple[Statement, Sign]]]:
        """What was asked for, which most checks ask of most articles."""
        return {}

    @cached_property
    def _bearing(self) -> dict[tuple[str, ...], Sequence[Statement]]:
        return {}

    @cached_property
    def _bearers(self) -> Mapping[str, Sequence[int]]:
        """The places of statements by the signs that they bear."""
        found: dict[str, list[int]] = defaultdict(list)
        for at, statement in enumerate(self.statements):
            for sign in statement.signs:
                found[sign.sign].append(at)
        return found

    @cached_property
    def stems(self) -> Stems:
        return frozenset(self.counts)

    @cached_property
    def leads(self) -> frozenset[str]:
        """The claims of the sentence that tells the first result of a comparison, which mostly is the one that the article is about."""
        own = [told for told in self.told if told.is_result and told.claim.measure in EFFECTS]
        compared = [t for t in own if t.claim.kind == "comparison" or t.claim.measure in RELATIVE]
        first = next(iter(compared or own), None)
        return frozenset(t.claim.claim_id for t in own if first is not None and t.claim.start == first.claim.start)

    @cached_property
    def told_at(self) -> Mapping[int, Sequence[Told]]:
        """The claims by where their sentence begins."""
        found: dict[int, list[Told]] = defaultdict(list)
        for told in self.told:
            found[told.claim.start].append(told)
        return found

    @cached_property
    def statement_at(self) -> Mapping[int, Statement]:
        """The statements by where they begin."""
        return {statement.start: statement for statement in self.statements}


def name_of(article: Article, *, is_alone: bool) -> str:
    """How messages call an article: by its publisher, and by its title too unless it is the only one of the publisher."""
    title = f"“{article.title}”" if article.title else article.path.rsplit("/", 1)[-1]
    if article.publisher is None:
        return title
    return article.publisher if is_alone else f"{article.publisher} ({title})"
