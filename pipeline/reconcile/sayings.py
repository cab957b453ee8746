"""Claims as statements are compared: the treatment, what it is said to do, and of which sort that is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from pipeline.model import Slot
from pipeline.reconcile.corpus import NOTHING, Concept, Corpus, Told

SAFETY = "safety"
EFFICACY = "efficacy"
"""Sorts of claims without a figure: on harm, and on whether a treatment works."""
_LIMIT = "limit"
"""The sort of claims that something is not known."""
_OBJECTS = ("OUTCOME",)


@dataclass(frozen=True, slots=True)
class Saying:
    """One claim as statements are compared."""

    told: Told
    treatment: Concept
    is_named: bool
    """Whether its sentence names the treatment."""
    condition: Concept
    """NOTHING where a statement does not name it."""
    about: tuple[Concept, ...]
    """The outcome, the danger, or the condition that the treatment is for; then what else its sentence names."""
    is_safety: bool
    is_verdict: bool
    """Whether it sums up what is known."""
    apart: frozenset[str]
    """Signs that both of two statements must have, or neither: mice, an open question."""
    kind: int
    """The same for all that are alike in all this, whatever their article and words."""


class Node:
    """Claims that are one already: a finding of figures, or one statement."""

    __slots__ = ("first", "is_statement", "sayings", "sort", "sources")

    def __init__(self, sayings: tuple[Saying, ...]) -> None:
        self.sayings = sayings
        self.first = first = sayings[0]
        self.is_statement = not first.told.is_result
        self.sort = first.is_safety, first.told.sort == _LIMIT
        """Whether it is told of safety, and whether of a limit: what nodes that tell the same have in common."""
        self.sources = frozenset([saying.told.source for saying in sayings])


class SayingReader:
    """Reads the claims of a corpus as statements are compared."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        params = corpus.rules.params("match-statements")
        self._verdicts = frozenset(str(sign) for sign in params.get("verdicts", ()))
        self._apart = frozenset(str(sign) for sign in params.get("apart", ()))
        self._topics = [
            Concept(str(entry["topic"]), str(entry["topic"]), corpus.words.content(" ".join(entry["names"])))
            for entry in corpus.rules.lexicon("statement-topics")
        ]
        self._measured = {
            str(term["id"]): str(term["measured_as"])
            for topic in corpus.rules.topics
            for term in topic["terms"]
            if "measured_as" in term
        }
        """By the id of a condition that of the outcome which a treatment of it changes."""
        self._vague = corpus.words.stems(" ".join(corpus.rules.phrases("vague-treatments")))
        self._plain: dict[Concept, Concept] = {}
        self._meant: dict[Concept, Concept] = {}
        self._kinds: dict[tuple[Any, ...], int] = {}
        self._at_large = corpus.words.stems(" ".join(corpus.rules.phrases("statement-subjects")))

    def read(self, one: Told) -> Saying:
        """A claim, with what its sentence and its article say of it."""
        is_safety = one.sort == SAFETY
        slot = one.claim.intervention
        own = self._corpus.concept(slot).stems
        treatment = one.concepts["intervention"]
        main = self._corpus.sources[one.source].main
        if is_safety and treatment.id is None and treatment.stems & self._at_large:
            treatment = main  # the risks, our doses
        told_of_main = treatment is main
        if treatment.id is None and treatment.stems - self._vague:
            treatment = self._without_vague(treatment)  # a daily tablet of aspirin
        named = (is_safety and told_of_main) or bool(own & one.stems)
        statement = self._corpus.sources[one.source].statement_at.get(one.claim.start)
        signs = frozenset(sign.sign for sign in statement.signs) if statement is not None else frozenset()
        condition = one.concepts["condition"]
        if not one.is_result and not condition.stems & one.stems:
            condition = NOTHING  # told of what was spoken of before
        found = (
            treatment,
            named,
            condition,
            self._about(one, is_safety),
            is_safety,
            bool(signs & self._verdicts),
            signs & self._apart,
        )
        kind = *found, one.is_result, one.claim.direction
        return Saying(one, *found, self._kinds.setdefault(kind, len(self._kinds)))

    def _without_vague(self, treatment: Concept) -> Concept:
        if treatment not in self._plain:
            words = {stem: word for stem, word in treatment.words.items() if stem not in self._vague}
            self._plain[treatment] = replace(treatment, words=words)
        return self._plain[treatment]

    def _about(self, one: Told, is_safety: bool) -> tuple[Concept, ...]:
        outcome, condition = one.concepts["outcome"], one.concepts["condition"]
        if is_safety and self._topics:
            return (
                next(
                    (t for words in (outcome.stems, one.stems) for t in self._topics if words & t.stems),
                    self._topics[-1],
                ),
            )
        if (outcome and outcome.stems <= condition.stems) or (
            not outcome and one.sort == EFFICACY and condition.stems & one.stems
        ):
            outcome = condition  # good for depression
        found = [self._measure(outcome)] if outcome else []
        statement = self._corpus.sources[one.source].statement_at.get(one.claim.start)
        for name in statement.names if statement is not None and one.sort is not None else ():
            if name.label in _OBJECTS:
                concept = self._measure(self._corpus.concept(Slot(text=name.text, id=name.id)))
                if concept and all(concept.key != other.key for other in found):
                    found.append(concept)
        return tuple(found)

    def _measure(self, concept: Concept) -> Concept:
        """The outcome that is meant where a treatment acts on a condition."""
        if concept.id not in self._measured:
            return concept
        if concept not in self._meant:
            self._meant[concept] = replace(concept, id=self._measured[concept.id])
        return self._meant[concept]
