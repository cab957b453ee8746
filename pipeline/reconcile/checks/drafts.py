"""What a check gives back: problems, each with the passages that it is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pipeline.reconcile.corpus import Told
from pipeline.reconcile.findings import Result

_MOST_QUOTED = 160
"""Characters of a passage that a message quotes."""


class Spot(NamedTuple):
    """A passage of an article that a flag is about: a claim's sentence, or any other."""

    source: int
    start: int
    end: int
    claim_id: str | None = None

    @classmethod
    def of(cls, told: Told) -> Spot:
        """Where a claim stands."""
        return cls(told.source, told.claim.start, told.claim.end, told.claim.claim_id)


@dataclass(frozen=True)
class Draft:
    """One problem: what it is about, what shows it, and what the message says."""

    subject: Sequence[Spot]
    evidence: Sequence[Spot] = ()
    result: Result | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    """What the placeholders of the rule's message stand for."""
    details: Mapping[str, Any] = field(default_factory=dict)
    figures: Sequence[float] = ()
    """Numbers that it rests on and that stand outside the passages, such as the size of the study."""


def each_sentence_once(ways: Iterable[Iterable[Draft]]) -> Iterator[Draft]:
    """What several ways to look for one problem find; of a sentence of which one has spoken, those after it say nothing."""
    raised: set[tuple[int, int]] = set()
    for drafts in ways:
        before = frozenset(raised)
        for draft in drafts:
            at = draft.subject[0].source, draft.subject[0].start
            if at not in before:
                raised.add(at)
                yield draft


def fill(template: str, words: Mapping[str, str]) -> str:
    """``template`` with ``words`` in place of its ``{placeholders}``; loading lets none through that the check does not know."""
    return " ".join(template.format_map(words).split())


def excerpt(text: str) -> str:
    """A passage for a message: in one line, cut at a word where it is long, without the full stop that the message itself has."""
    text = " ".join(text.split())
    if len(text) > _MOST_QUOTED:
        return text[: _MOST_QUOTED + 1].rsplit(" ", 1)[0] + " …"
    return text[:-1] if text.endswith(".") and not text.endswith("..") else text
