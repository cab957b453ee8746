"""How alike two names are as statements are compared: by rare words in common, and by what the thesaurus knows of both."""

from __future__ import annotations

from pipeline.reconcile.concepts import Concept
from pipeline.reconcile.corpus import Corpus


def likeness(corpus: Corpus, one: Concept, other: Concept) -> float:
    """0 to 1: 1 for the same name, else between the rare words in common of all that either has, and of the fewer."""
    pair = one, other
    known = corpus.likened.get(pair)
    if known is None:
        known = corpus.likened[pair] = _likeness(corpus, one, other)
    return known


def _likeness(corpus: Corpus, one: Concept, other: Concept) -> float:
    if not one or not other:
        return 0.0
    if one.id is not None and other.id is not None:
        return float(one.id == other.id)
    weigh = corpus.sentences.weight
    a, b = one.stems, other.stems
    if one.senses.keys() & other.senses.keys():
        # What both name counts as if both named it in the words of the one.
        named, said = (
            frozenset(stem for stem, alike in found.items() if alike == 1.0)
            for found in (corpus.shared_senses(one, other), corpus.shared_senses(other, one))
        )
        b = (b - said) | (named & a)
    fewest = min(weigh(a), weigh(b))
    return weigh(a & b) * (1 / weigh(a | b) + 1 / fewest) / 2 if fewest > 0 else 0.0
