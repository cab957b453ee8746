"""Which study each claim of an article rests on."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence

import msgspec

from pipeline.claims.draft import ClaimDraft
from pipeline.claims.evidence import Passage
from pipeline.claims.study_mentions import Reading, StudyMention, StudyMentions
from pipeline.claims.study_references import ReferenceIndex
from pipeline.claims.study_tracker import StudySentence, StudyTracker, ToldStudy
from pipeline.clean.marks import Mark
from pipeline.model import Mention, Reference, Study
from pipeline.rules.items import itemise
from pipeline.rules.ruleset import Ruleset
from pipeline.rules.templates import compiler_for

_PARAGRAPH = "\n\n"
_HEADING = 120
"""Characters of a heading at most."""


class StudyFinder:
    """Assigns studies by the rules of ``rules/context/studies.yaml``."""

    def __init__(self, rules: Ruleset) -> None:
        self._mentions = StudyMentions(rules, compiler_for(rules))
        self._own_headings = frozenset(phrase.casefold() for phrase in rules.phrases("study-own-headings"))
        self._small = frozenset(phrase.casefold() for phrase in rules.phrases("study-name-joins"))
        self.reporting = frozenset(rules.phrases("reporting-verbs"))
        """Past forms of verbs by which people are quoted."""
        self._reach = int(rules.params("study-own-headings").get("paragraphs", 0))

    def assign(
        self,
        text: str,
        sentences: Sequence[tuple[int, int]],
        drafts: Sequence[ClaimDraft],
        marks: Sequence[Mark],
        references: Sequence[Reference],
        passages: Sequence[Passage] = (),
        timeless: Collection[int] = (),
    ) -> list[ClaimDraft]:
        """``drafts``, in their order, each with the study it rests on, or ``None``. All of ``sentences``, ``drafts``, ``marks`` and
        ``passages`` are sorted and count characters of ``text``; ``timeless`` are where sentences with a draft begin that tell what holds
        at all times, so that what they say without a figure is no result of the study told before. A draft that has a study keeps it.
        Never raises."""
        if not drafts:
            return []
        tracker = StudyTracker(text, drafts, self._reach, cited=bool(marks))
        by_start: dict[int, list[int]] = {}
        for index, draft in enumerate(drafts):
            by_start.setdefault(draft.start, []).append(index)
        mark_starts = [mark.start for mark in marks]
        passage_starts = [passage.start for passage in passages]
        paragraph, at = 0, 0
        for start, end in sentences:
            paragraph, at = paragraph + text.count(_PARAGRAPH, at, start), start
            inside = list(marks[bisect_left(mark_starts, start) : bisect_left(mark_starts, end)])
            nearby = passages[bisect_left(passage_starts, start) : bisect_left(passage_starts, end)]
            skipped = [Mention(start=m.start, end=m.end, text=m.text, quantity_class="citation") for m in inside]
            items = itemise(text, start, end, skipped)
            reading = self._mentions.read(text, start, end, items, nearby)
            if self._is_heading(text, start, end):
                tracker.heading()
            tracker.read(
                StudySentence(
                    start,
                    end,
                    paragraph,
                    _with_named_marks(reading, inside),
                    by_start.get(start, []),
                    inside,
                    start in timeless,
                )
            )
        entries = ReferenceIndex(references, self._small)
        known = {reference.key: reference for reference in references}
        out = []
        for draft, told in zip(drafts, tracker.assigned, strict=True):
            if draft.study is None and told is not None:
                draft = msgspec.structs.replace(draft, study=_study(told, entries, known))
            size = draft.sample_size
            if told is None and size is not None and draft.start in tracker.general and size.text not in draft.quote:
                draft = msgspec.structs.replace(draft, sample_size=None)
            out.append(draft)
        return out

    def _is_heading(self, text: str, start: int, end: int) -> bool:
        # What begins in lower case is an item of a list or goes on from the line before.
        alone = (start == 0 or text[start - 1] == "\n") and not text[start : start + 1].islower()
        if (
            not alone
            or text[end : end + 2] != _PARAGRAPH
            or not text[end - 1 : end].isalnum()
            or end - start > _HEADING
        ):
            return False
        return text[start:end].casefold() not in self._own_headings


def _study(told: ToldStudy, index: ReferenceIndex, known: Mapping[str, Reference]) -> Study:
    """The record of ``told``. DOI and PMID are those of its reference, where it has one only."""
    keys = told.keys
    if not keys and (found := index.find(told.facts)) is not None:
        keys = (found.key,)
    only = known.get(keys[0]) if len(keys) == 1 else None
    doi = only.doi if only is not None else None
    return Study(ref_keys=keys, doi=doi or told.doi, pmid=only.pmid if only is not None else None, cue=told.cue)


def _with_named_marks(reading: Reading, marks: Sequence[Mark]) -> Reading:
    """``reading`` with the marks that are words of the sentence: "Roe et al. (2019) found"."""
    named = [
        StudyMention(mark.start, mark.end, "new", 3, keys=mark.keys)
        for mark in marks
        if mark.text[:1] not in ("(", "[")
    ]
    if not named:
        return reading
    apart = [m for m in reading.mentions if not any(n.start < m.end and m.start < n.end for n in named)]
    return reading._replace(mentions=sorted([*apart, *named]))
