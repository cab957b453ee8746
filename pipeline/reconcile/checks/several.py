"""Articles that tell of several studies: whose figures a claim gives, by the study that its article names for it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.reconcile.corpus import Corpus, Source, Told
from pipeline.reconcile.rounding import Measured, significant_digits

_NAME = re.compile(r"(?<=\W)[A-ZÀ-Þ][\w’'-]+|\b[12]\d{3}\b")
"""A name or year within the words for a study."""
_LEAST_DIGITS = 2
_LEAST_SHARED = 2
"""So many figures in common show which of its studies an article shares with another."""


class SeveralStudies:
    """Tells which claims of an article are of another study than the one it shares with a second article."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._groups: dict[int, dict[str, list[Measured]]] = {}
        self._other: dict[tuple[int, str, int], bool] = {}

    def are_apart(self, one: Told, other: Told) -> bool:
        """Whether either of two claims is named after a study of which the other's article tells nothing, while its own article shares
        another study with it; or whether one article names two studies for them."""
        if one.source == other.source:
            return "" not in (_named(one), _named(other)) and _named(one) != _named(other)
        return self._is_of_another(one, other.source) or self._is_of_another(other, one.source)

    def are_of_two(self, one: Told, other: Told, sources: Iterable[Source]) -> bool:
        """Whether two claims of an article are named after two studies, or one of ``sources`` has figures of the study of one and none of
        the other's."""
        if self.are_apart(one, other):
            return True
        return any(self._is_of_another(t, source.index) for t in (one, other) for source in sources)

    def _is_of_another(self, one: Told, source: int) -> bool:
        name = _named(one)
        if not name:
            return False
        key = one.source, name, source
        if key not in self._other:
            self._other[key] = self._find(one.source, name, source)
        return self._other[key]

    def _find(self, own: int, name: str, source: int) -> bool:
        groups = self._figures(own)
        if len(groups) < 2:
            return False
        known = {
            (m.dimension, m.digits)
            for told in self._corpus.sources[source].told
            for m in told.measured
            if m is not None
        }
        shared = {
            study: len({(m.dimension, m.digits) for m in figures if (m.dimension, m.digits) in known})
            for study, figures in groups.items()
        }
        return shared.get(name, 0) == 0 and max(shared.values()) >= _LEAST_SHARED

    def _figures(self, source: int) -> dict[str, list[Measured]]:
        """The precise figures of an article by the study that is named for them."""
        if source not in self._groups:
            found: dict[str, list[Measured]] = {}
            for told in self._corpus.sources[source].told:
                figures = found.setdefault(_named(told), [])
                figures += [
                    measured
                    for value, measured in zip(told.claim.values, told.measured, strict=True)
                    if measured is not None
                    and measured.digits is not None
                    and len(significant_digits(value.text)) >= _LEAST_DIGITS
                ]
            self._groups[source] = found
        return self._groups[source]


def _named(one: Told) -> str:
    """The names and years in the words for the study of a claim; nothing where these could be any study's."""
    study = one.claim.study
    if study is None:
        return ""
    words = " ".join((*study.ref_keys, study.cue or ""))
    return " ".join(sorted(set(_NAME.findall(f" {words}"))))
