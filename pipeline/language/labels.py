"""One view of parses and entities, whatever scheme the model that made them speaks.

The names of the schemes are the rules ``rules/lexicon/dependency-labels.yaml``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from spacy.tokens import Doc, Span

from pipeline.language.trees import ROOT, ClearConverter, Tree, derive_subtypes
from pipeline.rules.ruleset import Ruleset

Scheme = str
UNIVERSAL, CLEAR = "universal", "clear"


class View(NamedTuple):
    """The tree of N tokens as rules see it."""

    heads: npt.NDArray[np.int64]
    """[N] index of each token's head, counted from the first of the N; -1 at roots and where nothing was parsed"""
    relations: tuple[str, ...]
    """Universal Dependencies relations; ``root`` at roots, empty where nothing was parsed. The subtypes ``pass``, ``agent``, ``poss``,
    ``prt`` and ``relcl`` are there where the parser or, with tags, the structure shows them; no others are"""


class LabelMap:
    """What the labels of other schemes are called here. Immutable once built."""

    def __init__(self, rules: Ruleset) -> None:
        self._relations = _by_name(rules, "relation-names", "relation")
        self._subtypes = frozenset(map(str, rules.lexicon("relation-subtypes")))
        self._entities = _by_name(rules, "entity-names", "label")
        self._clear = frozenset(map(str, rules.lexicon("clear-relations")))
        self._passives = _folded(rules, "passive-auxiliaries")
        self._agents = _folded(rules, "agent-prepositions")
        steps = {str(entry["step"]): tuple(entry["names"]) for entry in _entries(rules, "clear-structure")}
        self._converter = ClearConverter(
            prepositions=steps.get("preposition", ()),
            objects=steps.get("object", ()),
            clauses=steps.get("clause", ()),
            complements=steps.get("complement", ()),
            agents=steps.get("agent", ()),
            copulas=_folded(rules, "copulas"),
        )

    def scheme(self, relations: Iterable[str]) -> Scheme:
        """The scheme of a parser by its labels: CLEAR if one of them is its alone."""
        return UNIVERSAL if self._clear.isdisjoint(relations) else CLEAR

    def entity(self, label: str) -> str | None:
        """The label of ``docs/annotation.md`` for the ``label`` of another scheme; None for those that are none of ours."""
        return self._entities.get(label.upper())

    def view(self, tokens: Doc | Span, scheme: Scheme | None = None) -> View:
        """The tree over ``tokens``. Without ``scheme`` it is told by the labels of the whole text, which may be too short to show it."""
        heads = [token.head.i - tokens[0].i for token in tokens]
        relations = [token.dep_ for token in tokens]
        size = len(heads)
        heads = [
            ROOT if head == index or not relations[index] or not 0 <= head < size else head
            for index, head in enumerate(heads)
        ]
        tree = Tree(
            words=[token.lower_ for token in tokens],
            tags=[token.tag_ for token in tokens],
            classes=[token.pos_ for token in tokens],
            heads=heads,
            relations=relations,
        )
        if scheme is None:
            doc = tokens.doc if isinstance(tokens, Span) else tokens
            scheme = self.scheme(token.dep_ for token in doc)
        if scheme == CLEAR:
            self._converter.convert(tree)
        tree.relations = [self.relation(relation) for relation in tree.relations]
        derive_subtypes(tree, self._passives, self._agents)
        tree.relations = [
            "root" if head == ROOT and relation else relation
            for head, relation in zip(tree.heads, tree.relations, strict=True)
        ]
        return View(np.array(tree.heads, np.int64), tuple(tree.relations))

    def relation(self, relation: str) -> str:
        """The Universal Dependencies relation for that of another scheme, as far as its name alone tells."""
        name = relation.lower()
        name = self._relations.get(name, name)
        base, _, subtype = name.partition(":")
        return name if subtype in self._subtypes else base


def _entries(rules: Ruleset, rule_id: str) -> Iterable[Mapping[str, Any]]:
    return (entry for entry in rules.lexicon(rule_id) if isinstance(entry, Mapping))


def _by_name(rules: Ruleset, rule_id: str, key: str) -> dict[str, str]:
    return {str(name): str(entry[key]) for entry in _entries(rules, rule_id) for name in entry["names"]}


def _folded(rules: Ruleset, rule_id: str) -> Collection[str]:
    return frozenset(str(entry).lower() for entry in rules.lexicon(rule_id))
