"""What the slots of claims name, as names are compared: by canonical name, by the stems of their words, by what the thesaurus knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from pipeline.reconcile.words import Stems

SLOTS = ("intervention", "comparator", "condition", "outcome", "population")
"""The slots of a claim that are compared."""


@dataclass(frozen=True, eq=False)
class Concept:
    """What a slot names: its canonical name, where there is one, and the stems of its words."""

    text: str
    id: str | None
    words: Mapping[str, str]
    """By their stems."""
    senses: Mapping[str, Stems] = field(default_factory=dict)
    """What the thesaurus knows of what it names, each with the stems that name it."""

    @cached_property
    def in_words(self) -> Concept:
        """The same without what the thesaurus knows of it."""
        return replace(self, senses={}) if self.senses else self

    @cached_property
    def stems(self) -> Stems:
        return frozenset(self.words)

    @cached_property
    def said(self) -> tuple[frozenset[tuple[str, str]], frozenset[tuple[str, Stems]]]:
        """Its words and senses, the same for all names that have them."""
        return frozenset(self.words.items()), frozenset(self.senses.items())

    def __bool__(self) -> bool:
        return self.id is not None or bool(self.words)

    @cached_property
    def key(self) -> str:
        """A name for what it names, the same in whatever order the words are told; empty for nothing."""
        return self.id if self.id is not None else " ".join(sorted(self.words))

    def names(self) -> Sequence[str]:
        """Its canonical name and its stems, one of which most of what names the same has too."""
        return self._names

    def all_names(self) -> Sequence[str]:
        """The same, and what the thesaurus knows of it."""
        return self._all_names

    @cached_property
    def _names(self) -> Sequence[str]:
        return (*([self.id] if self.id is not None else ()), *sorted(self.stems))

    @cached_property
    def _all_names(self) -> Sequence[str]:
        return (*self._names, *(f"={sense}" for sense in sorted(self.senses)))


NOTHING = Concept("", None, {})
