"""What is named in different words: a heart attack, a myocardial infarction."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.reconcile.words import Stems, Words
from pipeline.rules.ruleset import Ruleset
from pipeline.rules.terms import Thesaurus


class Senses:
    """What words mean, by the lists of :class:`Thesaurus`; built once a run."""

    def __init__(self, rules: Ruleset, words: Words) -> None:
        self._words = words
        self._thesaurus = Thesaurus(rules)
        self._kin = float(rules.params("near-meaning").get("kin", 0.0))
        self._above = self._thesaurus.broader()

    def of(self, text: str) -> dict[str, Stems]:
        """What ``text`` names, each with the stems of the content words that name it."""
        found: dict[str, Stems] = {}
        for term in self._thesaurus.find(text):
            stems = self._words.stems(text[term.start : term.end])
            found[term.id] = found.get(term.id, frozenset()) | stems
        return found

    def treatments(self, text: str) -> dict[str, Stems]:
        """The treatments that ``text`` names, each with the stems of the words that name it."""
        kinds = {term.id for term in self._thesaurus.find(text) if term.type == "intervention"}
        return {sense: stems for sense, stems in self.of(text).items() if sense in kinds}

    def shared(self, one: Mapping[str, Stems], other: Mapping[str, Stems]) -> dict[str, float]:
        """The stems of ``one`` that name what ``other`` names too: 1 for the same, less where either is a kind of what the other is."""
        found: dict[str, float] = {}
        for sense, stems in one.items():
            alike = 1.0 if sense in other else self._kin if any(self._is_kin(sense, told) for told in other) else 0.0
            if alike:
                found.update((stem, max(alike, found.get(stem, 0.0))) for stem in stems)
        return found

    def _is_kin(self, one: str, other: str) -> bool:
        return other in self._above[one] or one in self._above[other]
