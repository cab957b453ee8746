"""How many took part in the study that the text tells of, sentence by sentence."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from pipeline.model import Mention, SampleSize

_PARAGRAPH = "\n\n"
_PARAGRAPHS_PER_STUDY = 3
_CELL = " | "


class Marks(NamedTuple):
    """What in a sentence may tell one study from another; empty where the sentence does not say."""

    references: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    """Of trials, such as acronyms with a number."""
    years: frozenset[str] = frozenset()
    treatments: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()
    """The words of their names, as the language model finds them."""


def references_and_years(mentions: Sequence[Mention], about_study: bool) -> tuple[frozenset[str], frozenset[str]]:
    """The reference marks of a sentence, as written, and its years, which count where it speaks of a study."""
    references = frozenset(mention.text for mention in mentions if mention.quantity_class == "citation")
    years = frozenset(mention.text for mention in mentions if mention.quantity_class == "year")
    return references, years if about_study else frozenset()


class StudySize:
    """The size of the study that the text tells of.

    The first whole that is stated holds until another study begins: where words say so, behind a heading, where a sentence names a
    trial, reference, year or condition other than those of the sized study, or more people than it had, or when the text has gone on
    for some paragraphs without it. A row of a table has a study of its own.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._size: SampleSize | None = None
        self._marks = Marks()
        self._at = 0

    @property
    def known(self) -> bool:
        """Whether a size holds now."""
        return self._size is not None

    def read(
        self, start: int, end: int, new_study: bool, totals: Collection[SampleSize], most: float, marks: Marks
    ) -> SampleSize | None:
        """The size that holds for the sentence at ``start`` to ``end``; ``totals`` are the wholes that it states, ``most`` the
        greatest number of people in it."""
        own = next(iter(totals), None)
        if _CELL in self._text[start:end]:
            return own
        if self._size is not None and self._size.value is not None and most > self._size.value:
            self._size = None
        if new_study or self._is_heading(end) or self._is_far(start) or self._is_other(marks):
            self._size = None
        if self._size is None and own is not None:
            self._size, self._at, self._marks = own, end, marks
        elif self._size is not None:
            self._marks = Marks(*(known or seen for known, seen in zip(self._marks, marks, strict=True)))
        return self._size

    def _is_heading(self, end: int) -> bool:
        return self._text[end : end + 2] == _PARAGRAPH and self._text[end - 1 : end].isalnum()

    def _is_far(self, start: int) -> bool:
        return self._size is not None and self._text.count(_PARAGRAPH, self._at, start) > _PARAGRAPHS_PER_STUDY

    def _is_other(self, marks: Marks) -> bool:
        """Whether the sentence names what the sized study is not; a treatment of the study outweighs another condition."""
        if self._size is None:
            return False
        pairs = zip(self._marks, marks, strict=True)
        *apart, _, conditions = (bool(known and seen and known.isdisjoint(seen)) for known, seen in pairs)
        return any(apart) or (conditions and not self._marks.treatments & marks.treatments)


def most_people(mentions: Sequence[Mention]) -> float:
    """The greatest number of people that a sentence states; 0 without one."""
    return max((mention.value or 0 for mention in mentions if mention.unit == "people"), default=0)
