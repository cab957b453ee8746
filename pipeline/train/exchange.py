"""Names put in each other's places, so that few sentences teach what stands around a name and not the name itself.

Mention replacement (Dai and Adel, "An Analysis of Simple Data Augmentation for Named Entity Recognition", COLING 2020).
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pipeline.train.examples import Example, Figure, Span

EXCHANGED = ("INTERVENTION", "COMPARATOR", "CONDITION", "ORGANISATION", "INTV", "OC")
"""Labels whose mentions are nouns nearly always, so that one fits where another stood."""
_LONGEST = 4
"""Words of a name that may stand in for another."""
Words = tuple[str, ...]


class Name(NamedTuple):
    """A mention that may be put somewhere else."""

    words: Words
    spaces: tuple[bool, ...]


Names = dict[str, list[Name]]


def names_of(examples: Iterable[Example]) -> Names:
    """Every name in ``examples``, by label, each once, in the order met; those that hold figures or other entities are left out."""
    found: dict[str, dict[Words, Name]] = {}
    for example in examples:
        for span in _movable(example):
            words = example.words[span.start : span.end]
            if len(words) <= _LONGEST:
                kept = found.setdefault(span.label, {})
                kept.setdefault(words, Name(words, example.spaces[span.start : span.end]))
    return {label: list(names.values()) for label, names in found.items()}


def exchanged(example: Example, names: Names, part: float, rng: random.Random) -> Example:
    """``example`` with about ``part`` of its names replaced by others of the same label; trees and tags are dropped if one was.

    The same words in one sentence become the same words again.
    """
    chosen: dict[tuple[str, Words], Name] = {}
    moves: list[tuple[Span, Name]] = []
    for span in _movable(example):
        key = (span.label, example.words[span.start : span.end])
        if key not in chosen and names.get(span.label) and rng.random() < part:
            chosen[key] = rng.choice(names[span.label])
        if key in chosen:
            moves.append((span, chosen[key]))
    if not moves:
        return example
    words, spaces = list(example.words), list(example.spaces)
    for span, name in sorted(moves, key=lambda move: move[0].start, reverse=True):
        put = list(name.words)
        if span.start == 0 and words[0][:1].isupper():
            put[0] = put[0][:1].upper() + put[0][1:]
        elif words[span.start].islower() and put[0].istitle() and len(put) > 1 and put[1].islower():
            put[0] = put[0].lower()
        after = spaces[span.end - 1]
        words[span.start : span.end] = put
        spaces[span.start : span.end] = [*name.spaces[:-1], after]
    place = _places(len(example.words), moves)

    def moved(pairs: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
        return tuple((place[start], place[end]) for start, end in pairs)

    def spans(layer: Sequence[Span] | None) -> tuple[Span, ...] | None:
        if layer is None:
            return None
        return tuple(Span(start=place[s.start], end=place[s.end], label=s.label) for s in layer)

    figures = None
    if example.figures is not None:
        figures = tuple(
            Figure(
                start=place[figure.start],
                end=place[figure.end],
                role=figure.role,
                group=moved(figure.group),
                outcome=moved(figure.outcome),
                time=moved(figure.time),
            )
            for figure in example.figures
        )
    return Example(
        id=example.id,
        words=tuple(words),
        spaces=tuple(spaces),
        entities=spans(example.entities),
        labelled=example.labelled,
        figures=figures,
        measured=spans(example.measured),
    )


def _movable(example: Example) -> list[Span]:
    """The spans of an exchanged label that neither hold nor cut anything else that is marked, and no digit."""
    marked = [(s.start, s.end) for s in (*(example.entities or ()), *(example.measured or ()))]
    marked += [(figure.start, figure.end) for figure in example.figures or ()]
    return [
        span
        for span in (*(example.entities or ()), *(example.measured or ()))
        if span.label in EXCHANGED
        and not any(character.isdigit() for word in example.words[span.start : span.end] for character in word)
        and all(
            end <= span.start or start >= span.end or (start <= span.start and end >= span.end) for start, end in marked
        )
        and marked.count((span.start, span.end)) == 1
    ]


def _places(words: int, moves: Sequence[tuple[Span, Name]]) -> list[int]:
    """Where each edge between words comes to stand; of an edge inside a replaced name nothing is asked."""
    grown = [0] * (words + 1)
    for span, name in moves:
        for edge in range(span.end, words + 1):
            grown[edge] += len(name.words) - (span.end - span.start)
    return [edge + extra for edge, extra in enumerate(grown)]
