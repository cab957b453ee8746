"""Sentences that say something of the evidence which a check may rest on: how large it is, whom it covers, what it leaves open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from pipeline.claims.cues import Cue, shown
from pipeline.claims.evidence import Evidence, Passage
from pipeline.claims.learnt_signs import LearntSigns
from pipeline.model import Certainty, Naming, Sign, Statement, Strength
from pipeline.rules.items import Items

if TYPE_CHECKING:
    from pipeline.claims.reading import Sentence

KEY = "sign"
"""What the rules of stage ``context`` produce that tell of the evidence."""
_MIN_SCORE = 0.5
"""How sure the language model must be that words name something: more likely than not."""


def statements_of(
    evidence: Evidence,
    sentences: Iterable[Sentence],
    strength: Callable[[Sentence, Evidence], Strength],
    learnt: LearntSigns,
) -> Iterator[Statement]:
    """The sentences of an article that bear a sign, by the rules or as ``learnt``, in text order, without the article's id."""
    for sentence in sentences:
        signs = signs_of(sentence.items, sentence.cues)
        signs += learnt.beside(sentence, evidence, signs)
        if not signs:
            continue
        certainty: Certainty = shown(sentence.cues, "certainty") or "asserted"
        yield Statement(
            article_id="",
            start=sentence.start,
            end=sentence.end,
            quote=evidence.text[sentence.start : sentence.end],
            certainty=certainty,
            strength=strength(sentence, evidence),
            signs=tuple(signs),
            names=tuple(_names(evidence.text, evidence.passages(sentence.start, sentence.end, names=True))),
        )


def signs_of(items: Items, cues: Sequence[Cue]) -> list[Sign]:
    """The signs that ``cues`` show, by place; one rule's overlapping matches count once, as the longest."""
    found: list[Sign] = []
    for cue in sorted((c for c in cues if KEY in c.produces), key=lambda c: (c.first, -c.last, c.rule)):
        start, end = items.items[cue.first].start, items.items[cue.last].end
        if not any(sign.rule == cue.rule and sign.start < end and start < sign.end for sign in found):
            found.append(Sign(sign=str(cue.produces[KEY]), start=start, end=end, rule=cue.rule))
    return found


def _names(text: str, passages: Sequence[Passage]) -> Iterator[Naming]:
    """What the sentence names, each passage once for each label."""
    for p in sorted(p for p in passages if p.score >= _MIN_SCORE):
        yield Naming(label=p.label, start=p.start, end=p.end, text=text[p.start : p.end], id=p.id)
