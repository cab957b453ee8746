"""Entities of a text: names out of the topic files, and what a model finds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from spacy.tokens import Doc, Span, SpanGroup

from pipeline.rules.ruleset import Ruleset
from pipeline.rules.terms import TermMatcher

ENTITIES = "entities"
"""The key of all entities in ``Doc.spans``, also those that stand inside or across each other."""
FOUND = "found"
"""The key of those that the model found, whatever names there are."""


class Entity(NamedTuple):
    """Tokens ``start`` to ``end`` (exclusive) of a text have ``label``."""

    start: int
    end: int
    label: str
    score: float
    """0 to 1; 1 for names."""
    name: str = ""
    """The canonical id of a name out of a topic file, else empty."""


class EntityRuler:
    """Finds the names of the topic files; which type of name is which entity is the rule ``term-entities``."""

    def __init__(self, rules: Ruleset) -> None:
        self._matcher = TermMatcher(rules)
        self._labels: dict[str, str] = {}
        self._other: dict[str, frozenset[str]] = {}
        for entry in rules.lexicon("term-entities"):
            label = str(entry["label"])
            self._labels.update((str(name), label) for name in entry["names"])
            self._other[label] = self._other.get(label, frozenset()) | frozenset(map(str, entry.get("or", ())))

    def find(self, text: str, tokens: TokenPlaces, start: int, end: int) -> list[Entity]:
        """The names in ``text[start:end]``, widened to whole tokens; those of two types are two entities."""
        found: dict[Entity, None] = {}
        for term in self._matcher.find(text, start, end):
            label = self._labels.get(term.type)
            if label is not None:
                found[Entity(*tokens.range(term.start, term.end), label, 1.0, term.id)] = None
        return list(found)

    def merge(self, names: Sequence[Entity], found: Sequence[Entity]) -> list[Entity]:
        """:func:`merge`, but what is a treatment in one sentence is the control in another: there the model's label stands."""
        told: defaultdict[tuple[int, int], dict[str, float]] = defaultdict(dict)
        for entity in found:
            told[entity[:2]][entity.label] = entity.score
        return merge([self._relabelled(name, told.get(name[:2], {})) for name in names], found)

    def _relabelled(self, name: Entity, told: Mapping[str, float]) -> Entity:
        """``name`` with the likeliest of the labels that the model gives to its place, if its type may have that one too."""
        if not told:
            return name
        label = max(told, key=lambda label: (told[label], label))
        return name._replace(label=label) if label in self._other.get(name.label, ()) else name


class TokenPlaces:
    """Where the tokens of a text begin and end, in characters."""

    def __init__(self, doc: Doc) -> None:
        arrays = doc.to_array(["IDX", "LENGTH"]).astype(np.int64).reshape(-1, 2)
        self.starts: npt.NDArray[np.int64] = arrays[:, 0]
        self.ends: npt.NDArray[np.int64] = arrays.sum(axis=1)

    def range(self, start: int, end: int) -> tuple[int, int]:
        """The tokens that share a character with ``start`` to ``end``, as ``(first, behind the last)``."""
        return int(np.searchsorted(self.ends, start, "right")), int(np.searchsorted(self.starts, end, "left"))


def merge(names: Sequence[Entity], found: Iterable[Entity]) -> list[Entity]:
    """Names and what a model found, sorted; a name goes before what crosses it, or has its place, or repeats its label inside it."""
    at: defaultdict[int, list[Entity]] = defaultdict(list)
    for name in names:
        for token in range(name.start, name.end):
            at[token].append(name)
    kept = [
        entity
        for entity in found
        if not any(_excludes(name, entity) for token in range(entity.start, entity.end) for name in at.get(token, ()))
    ]
    return sorted({*names, *kept}, key=lambda entity: (entity.start, -entity.end, entity.label, entity.name))


def _excludes(name: Entity, entity: Entity) -> bool:
    """Whether ``entity``, which shares a token with ``name``, has to go."""
    if entity.start <= name.start and name.end <= entity.end:
        return entity[:2] == name[:2]
    return not (name.start <= entity.start and entity.end <= name.end) or entity.label == name.label


def apart(entities: Iterable[Entity]) -> list[Entity]:
    """Entities of which none share a token, in text order: names first, then the longest, then the most certain."""
    chosen: list[Entity] = []
    taken: set[int] = set()
    order = sorted(entities, key=lambda e: (not e.name, e.start - e.end, -e.score, e.start, e.label, e.name))
    for entity in order:
        if taken.isdisjoint(range(entity.start, entity.end)):
            taken.update(range(entity.start, entity.end))
            chosen.append(entity)
    return sorted(chosen)


def read_entities(doc: Doc, key: str = ENTITIES) -> list[Entity]:
    """The entities that :func:`write_entities` has written, or those that the model found: :data:`FOUND`."""
    group = doc.spans.get(key)
    if group is None:
        return []
    scores = group.attrs["scores"]
    return [Entity(s.start, s.end, s.label_, score, s.id_) for s, score in zip(group, scores, strict=True)]


def write_entities(doc: Doc, entities: Sequence[Entity], found: Sequence[Entity]) -> None:
    """Sets ``doc.spans["entities"]`` and, with what the model ``found``, ``doc.spans["found"]``, both with ``attrs["scores"]`` in their
    order, and ``doc.ents``. ``Span.id_`` is the id of a name."""
    for key, chosen in ((ENTITIES, entities), (FOUND, found)):
        spans = [Span(doc, e.start, e.end, label=e.label, span_id=e.name) for e in chosen]
        doc.spans[key] = SpanGroup(doc, name=key, attrs={"scores": [e.score for e in chosen]}, spans=spans)
    doc.set_ents([Span(doc, e.start, e.end, label=e.label, span_id=e.name) for e in apart(entities)])
