"""The passages of an article that its claims are made of, as annotation tools mark them: a place, a label, links between them.

The sentence and the values of a claim have their places in its record. The words of a slot have none there: they are marked where they
stand exactly once in the claim's sentence, and else not at all, since a guess would be no exact offset.
"""

from __future__ import annotations

import unicodedata

from pipeline.export.source import Entry
from pipeline.model import Claim, Record, SampleSize, Slot, Timepoint, Value

CLAIM, VALUE, GROUP = "CLAIM", "VALUE", "GROUP"
SLOTS = ("intervention", "comparator", "condition", "outcome", "population", "timepoint", "sample_size")
"""Fields of a claim that hold words of the text; in capitals, the labels of those words."""
LABELS = (CLAIM, VALUE, GROUP, *(name.upper() for name in SLOTS))

Content = Claim | Value | Slot | Timepoint | SampleSize


class Mark(Record, frozen=True, kw_only=True):
    """One marked passage: ``text`` is ``article.text[start:end]``."""

    mark_id: str
    """Unique among all articles, and the same from night to night as long as the claim's id is."""
    label: str
    start: int
    end: int
    text: str
    claim_id: str
    """Of the claim it belongs to; of several that share a slot's words, the first."""
    content: Content | None = None
    """The record behind it; of a group, none."""


class Link(Record, frozen=True, kw_only=True):
    """A relation between two marks: from a claim to each of its values and slots, from a value to its group."""

    source: str
    target: str
    label: str


class Marked(Record, frozen=True, kw_only=True):
    """The marks of one article, by place, the longer of two that begin together first; and the links between them."""

    marks: tuple[Mark, ...]
    links: tuple[Link, ...]


def marked(entry: Entry) -> Marked:
    """All marks and links of one article."""
    found = _Marks()
    for claim in entry.claims:
        found.add(claim)
    return Marked(
        marks=tuple(sorted(found.marks, key=lambda mark: (mark.start, -mark.end, LABELS.index(mark.label)))),
        links=tuple(found.links),
    )


class _Marks:
    def __init__(self) -> None:
        self.marks: list[Mark] = []
        self.links: list[Link] = []
        self._mentions: dict[tuple[str, int, int], str] = {}
        """Marks of slots and groups by label and place: claims of one sentence share them."""

    def add(self, claim: Claim) -> None:
        self._mark(claim, claim.claim_id, CLAIM, claim.start, claim.quote, claim)
        for index, value in enumerate(claim.values):
            value_id = f"{claim.claim_id}-{index}"
            self._mark(claim, value_id, VALUE, value.start, value.text, value)
            self._link(claim.claim_id, value_id, VALUE)
            if value.group is not None:
                self._mention(claim, value_id, GROUP, value.group, None)
        for name in SLOTS:
            slot = getattr(claim, name)
            if slot is not None:
                self._mention(claim, claim.claim_id, name.upper(), slot.text, slot)

    def _mention(self, claim: Claim, source: str, label: str, words: str, content: Content | None) -> None:
        place = only_place(words, claim.quote)
        if place is None:
            return
        start = claim.start + place
        key = (label, start, start + len(words))
        if key not in self._mentions:
            self._mentions[key] = f"{claim.claim_id}-{label.lower()}-{place}"
            self._mark(claim, self._mentions[key], label, start, words, content)
        self._link(source, self._mentions[key], label)

    def _mark(self, claim: Claim, mark_id: str, label: str, start: int, words: str, content: Content | None) -> None:
        self.marks.append(
            Mark(
                mark_id=mark_id,
                label=label,
                start=start,
                end=start + len(words),
                text=words,
                claim_id=claim.claim_id,
                content=content,
            )
        )

    def _link(self, source: str, target: str, label: str) -> None:
        self.links.append(Link(source=source, target=target, label=label.lower()))


def only_place(words: str, sentence: str) -> int | None:
    """Where ``words`` stand in ``sentence``, not as a part of longer words; ``None`` where they do not, or more than once."""
    found: int | None = None
    place = sentence.find(words) if words else -1  # which takes linear time, as a regular expression may not
    while place >= 0:
        end = place + len(words)
        if not (_joined(sentence, place) or _joined(sentence, end)):
            if found is not None:
                return None
            found = place
        place = sentence.find(words, place + 1)
    return found


def _joined(sentence: str, place: int) -> bool:
    """Whether ``place`` lies within a word, or between a letter and its combining marks."""
    if not 0 < place < len(sentence):
        return False
    before, after = sentence[place - 1], sentence[place]
    return unicodedata.category(after)[0] == "M" or (before.isalnum() and after.isalnum())
