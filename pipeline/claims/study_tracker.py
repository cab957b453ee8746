"""Follows the studies that a text tells of, sentence by sentence."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from pipeline.claims.draft import ClaimDraft
from pipeline.claims.study_mentions import Facts, Reading, StudyMention
from pipeline.clean.marks import Mark

_CELL = " | "
_BOUND = 60
"""Characters between the name of a study and the reference mark that is its own, at most."""
_NAMED = 2
"""A rank from which on words name a study well enough."""
_BESIDE = 3
"""Characters between two marks that are one, at most."""


class ToldStudy:
    """A study that the text tells of; what later sentences say of it holds for all its claims."""

    def __init__(self, cue: str | None = None, rank: int = -1, paragraph: int = 0) -> None:
        self.cue = cue
        self.rank = rank
        self.keys: tuple[str, ...] = ()
        self.doi: str | None = None
        self.facts = Facts()
        self.paragraph = paragraph
        """Where words last named it."""
        self.aside = False
        self.own = False
        """Whether it is that of the article's authors."""


class StudySentence(NamedTuple):
    """A sentence with the claims it makes, as indices into all, and the reference marks in it."""

    start: int
    end: int
    paragraph: int
    reading: Reading
    drafts: list[int]
    marks: list[Mark]
    timeless: bool


class StudyTracker:
    """Follows the studies of one text, sentence by sentence."""

    def __init__(self, text: str, drafts: Sequence[ClaimDraft], reach: int, *, cited: bool) -> None:
        self.assigned: list[ToldStudy | None] = [None] * len(drafts)
        self._text = text
        self._drafts = drafts
        self._reach = reach
        self._cited = cited
        self._current: ToldStudy | None = None
        self._last: ToldStudy | None = None
        self._main: ToldStudy | None = None
        self._by_keys: dict[tuple[str, ...], ToldStudy] = {}
        self._told: list[ToldStudy] = []
        self.general: set[int] = set()
        """Where sentences begin that tell what holds in general: of no study, nor of those who took part in one."""
        self._waiting: list[tuple[int, int]] = []
        """Claims before any study was named, each with its paragraph."""

    def heading(self) -> None:
        """A heading ends what went before."""
        self._current = None

    def read(self, sentence: StudySentence) -> None:
        """Assigns the claims of ``sentence``."""
        before = self._current
        if before is not None and before.aside and before.paragraph < sentence.paragraph:
            before = self._current = next((told for told in reversed(self._told) if not told.aside), before)
        row = _CELL in self._text[sentence.start : sentence.end]
        mentions = sentence.reading.mentions
        told: list[ToldStudy] = []
        for place, mention in enumerate(mentions):
            told.append(self._resolve(mention, place, mentions, told, sentence))
        for mention, study in zip(mentions, told, strict=True):
            self._bind(mention, study, sentence, alone=len(set(map(id, told))) == 1)
        if sentence.reading.doi is not None and told and told[0].doi is None:
            told[0].doi = sentence.reading.doi
        if not mentions and (sentence.reading.general or sentence.timeless):
            self.general.add(sentence.start)
        if not mentions and (sentence.reading.general or row):
            self._current = before = None
        if before is not None and sentence.paragraph - before.paragraph > self._reach:
            before = None
            if not mentions:
                self._current = None
        for index in sentence.drafts:
            is_general = sentence.timeless and not mentions and not self._drafts[index].values
            self._assign(index, sentence, told, None if is_general else before)
        if sentence.marks and not sentence.drafts and not mentions:
            self._pass_marks(sentence)

    def _pass_marks(self, sentence: StudySentence) -> None:
        """A sentence without claims goes on to tell of a study, and ends with its mark, or cites another."""
        study, keys = self._current, _keys(sentence.marks)
        if study is None or study.own:
            return
        if not study.keys and study.rank >= _NAMED and study.paragraph == sentence.paragraph:
            self._mark(study, keys)
        elif study.keys and set(keys).isdisjoint(study.keys):
            self._current = None

    def _mark(self, study: ToldStudy, keys: tuple[str, ...]) -> None:
        study.keys = keys
        self._by_keys.setdefault(keys, study)

    # --- which study a mention means

    def _resolve(
        self,
        mention: StudyMention,
        place: int,
        mentions: Sequence[StudyMention],
        told: Sequence[ToldStudy],
        sentence: StudySentence,
    ) -> ToldStudy:
        study = self._meant(mention, place, mentions, told, sentence)
        if study.cue is None or (study.rank < _NAMED and mention.rank > study.rank):
            study.cue, study.rank = self._text[mention.start : mention.end], mention.rank
        study.facts = study.facts.joined(mention.facts)
        study.paragraph = sentence.paragraph
        if mention.kind == "several":
            if sentence.drafts:
                self._last, self._current = self._current or self._last, None
        else:
            self._current = self._last = study
        if mention.kind in ("main", "own") and self._main is None:
            self._main = study
        return study

    def _meant(
        self,
        mention: StudyMention,
        place: int,
        mentions: Sequence[StudyMention],
        told: Sequence[ToldStudy],
        sentence: StudySentence,
    ) -> ToldStudy:
        kind, facts = mention.kind, mention.facts
        if mention.keys:
            return self._by_keys.get(mention.keys) or self._begin(mention, sentence)
        known = self._known(facts)
        if known is not None:
            return known
        beside = told[-1] if told and not _apart(sentence.reading.bounds, mentions[place - 1], mention) else None
        if kind == "several":
            return ToldStudy(paragraph=sentence.paragraph)
        if kind in ("other", "aside"):
            return self._begin(mention, sentence)
        if kind == "new":
            if beside is not None and not (
                facts.years and beside.facts.years != facts.years and mentions[place - 1].kind == "same"
            ):
                return beside
            current = self._current
            weak = current is not None and current.rank == 0 and not current.keys and not current.own
            if weak and current is not None and sentence.paragraph - current.paragraph <= 1:
                return current
            return self._begin(mention, sentence)
        if kind in ("main", "own"):
            first = self._told[0] if self._told and not self._cited and kind == "main" else None
            main = self._main or first
            return main if main is not None and not _conflict(main.facts, facts) else self._begin(mention, sentence)
        candidate = beside or self._earlier(mention, sentence)
        if kind == "part" and (candidate is None or candidate.paragraph < sentence.paragraph):
            return self._begin(mention, sentence)
        if kind == "author" and beside is None and self._cited and candidate is not None:
            # A review tells of one author after the other; news names those of its one study late.
            candidate = candidate if candidate.paragraph == sentence.paragraph else None
            if candidate is None:
                return self._begin(mention, sentence)
        if candidate is None or _conflict(candidate.facts, facts):
            begun = self._begin(mention, sentence)
            if candidate is None and kind == "same" and mention.rank:
                self._reach_back(begun, sentence)
            return begun
        return candidate

    def _earlier(self, mention: StudyMention, sentence: StudySentence) -> ToldStudy | None:
        """The study that "the study" means."""
        study = self._current or self._last
        if study is not None and study.cue is None and (study.paragraph < sentence.paragraph or not mention.rank):
            # Only a reference mark told of it.
            study = next((told for told in reversed(self._told) if not told.aside), None)
        if study is not None and study.aside and sentence.paragraph > study.paragraph:
            return next((told for told in reversed(self._told) if not told.aside), study)
        return study

    def _known(self, facts: Facts) -> ToldStudy | None:
        """A study that was told of by the same trial name or author."""
        for study in reversed(self._told):
            if facts.names & study.facts.names:
                return study
            if facts.authors & study.facts.authors and (not facts.years or facts.years & study.facts.years):
                return study
        return None

    def _begin(self, mention: StudyMention, sentence: StudySentence) -> ToldStudy:
        study = ToldStudy(paragraph=sentence.paragraph)
        study.aside = mention.kind == "aside"
        study.own = mention.kind == "own"
        self._told.append(study)
        return study

    def _reach_back(self, study: ToldStudy, sentence: StudySentence) -> None:
        """ "The study" without any before it is what the text began with."""
        for index, paragraph in self._waiting:
            if sentence.paragraph - paragraph <= 1:
                self.assigned[index] = study
        self._waiting = []

    # --- which marks belong to what

    def _bind(self, mention: StudyMention, study: ToldStudy, sentence: StudySentence, *, alone: bool) -> None:
        """Gives ``study`` the reference mark behind its name, or, where a sentence without claims tells of it alone, all its marks."""
        if study.keys or mention.kind == "several":
            return
        keys = mention.keys or self._own_keys(mention, sentence)
        if not keys and alone and not sentence.drafts and not study.own:
            keys = _keys(sentence.marks)
        if keys:
            self._mark(study, keys)

    def _own_keys(self, mention: StudyMention, sentence: StudySentence) -> tuple[str, ...]:
        """The keys of the mark that stands behind a name with neither a value, a clause nor another name between them."""
        group = _group_from(sentence.marks, mention.end)
        if not group or group[0].start - mention.end > _BOUND or (mention.kind == "detail" and mention.rank == 0):
            return ()
        between = (mention.end, group[0].start)
        values = (value.start for index in sentence.drafts for value in self._drafts[index].values)
        stops = [*values, *sentence.reading.bounds, *(other.start for other in sentence.reading.mentions)]
        if any(between[0] <= stop < between[1] for stop in stops):
            return ()
        if not sentence.drafts and self._text[group[-1].end : sentence.end].strip(" .") == "":
            return _keys(group)
        if self._text[between[0] : between[1]].count(" ") > 6:
            return ()
        return _keys(group)

    def _assign(self, index: int, sentence: StudySentence, told: Sequence[ToldStudy], before: ToldStudy | None) -> None:
        draft = self._drafts[index]
        first = min((value.start for value in draft.values), default=sentence.start)
        last = max((value.end for value in draft.values), default=sentence.end)
        at = self._mention_for(first, sentence)
        mention = sentence.reading.mentions[at] if at is not None else None
        study = told[at] if at is not None else before
        bound = (mention.keys or self._own_keys(mention, sentence)) if mention is not None else ()
        keys = bound or self._marks_for(first, last, draft, sentence, study)
        if not keys:
            self.assigned[index] = study
            if study is None and not self._told and not sentence.reading.general:
                self._waiting.append((index, sentence.paragraph))
            return
        inherits = study is not None and study.rank >= _NAMED and study.paragraph == sentence.paragraph
        if study is not None and not study.own and (mention is not None or inherits):
            if not study.keys:
                self._mark(study, keys)
            if set(keys) <= set(study.keys):
                self.assigned[index] = study
                return
        self.assigned[index] = other = self._by_keys.get(keys) or ToldStudy(paragraph=sentence.paragraph)
        if not other.keys:
            other.keys = keys
            self._by_keys[keys] = other
            if mention is not None and study is not None:
                other.cue = study.cue
        if mention is None:
            self._current, self._last = None, other

    def _mention_for(self, place: int, sentence: StudySentence) -> int | None:
        """The mention whose study the value at ``place`` is told of: in its clause the last before it, else the first behind it; else
        the last in the clauses before, else the first of all."""
        mentions, bounds = sentence.reading.mentions, sentence.reading.bounds
        if not mentions:
            return None
        clause = bisect_right(bounds, place)
        here = [at for at, mention in enumerate(mentions) if bisect_right(bounds, mention.start) == clause]
        ahead = [at for at in here if mentions[at].start <= place]
        if here:
            return ahead[-1] if ahead else here[0]
        earlier = [at for at, mention in enumerate(mentions) if mention.start <= place]
        if not earlier and mentions[0].kind in ("other", "aside"):
            return None
        return earlier[-1] if earlier else 0

    def _marks_for(
        self, first: int, last: int, draft: ClaimDraft, sentence: StudySentence, study: ToldStudy | None
    ) -> tuple[str, ...]:
        """The keys of the nearest mark behind the claim, unless another study is named before it; else of the nearest before it."""
        if not draft.values:
            return _keys(sentence.marks)
        group = _group_from(sentence.marks, last)
        if group:
            clause = bisect_right(sentence.reading.bounds, last)
            for mention in sentence.reading.mentions:
                other = mention.kind in ("new", "other", "aside", "several") and mention.start > last
                if (
                    other
                    and mention.start < group[0].start
                    and bisect_right(sentence.reading.bounds, mention.start) > clause
                ):
                    return ()
            return _keys(group)
        if study is not None and study.own:
            return ()
        ahead = [mark for mark in sentence.marks if mark.start < last]
        return _keys(_group_to(ahead))


def _apart(bounds: Sequence[int], one: StudyMention, other: StudyMention) -> bool:
    """Whether a clause begins between two mentions."""
    return bisect_right(bounds, one.start) != bisect_right(bounds, other.start)


def _conflict(known: Facts, told: Facts) -> bool:
    """Whether one study can't be both."""
    pairs = (
        (known.authors, told.authors),
        (known.years, told.years),
        (known.journals, told.journals),
        (known.names, told.names),
    )
    return any(one and other and one.isdisjoint(other) for one, other in pairs)


def _group_from(marks: Sequence[Mark], place: int) -> list[Mark]:
    """The first mark from ``place`` on, with those beside it."""
    group: list[Mark] = []
    for mark in marks:
        if mark.start < place:
            continue
        if group and mark.start - group[-1].end > _BESIDE:
            break
        group.append(mark)
    return group


def _group_to(marks: Sequence[Mark]) -> list[Mark]:
    """The last of ``marks``, with those beside it."""
    group: list[Mark] = []
    for mark in reversed(marks):
        if group and group[0].start - mark.end > _BESIDE:
            break
        group.insert(0, mark)
    return group


def _keys(group: Sequence[Mark]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for mark in group for key in mark.keys))
