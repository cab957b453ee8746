"""What a claim is about: intervention, comparator, condition, outcome and population, from its sentence or else from its article."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from pipeline.claims.design import Design
from pipeline.claims.evidence import COMPARATOR, CONDITION, INTERVENTION, OUTCOME, POPULATION, Evidence, Passage
from pipeline.claims.groups import GroupFinder, Key
from pipeline.claims.linking import Linked
from pipeline.claims.times import in_days
from pipeline.claims.values import Named
from pipeline.model import ClaimKind, Slot, Value
from pipeline.rules.ruleset import Ruleset
from pipeline.rules.terms import Term, TermMatcher

_TITLE_COUNTS = 3
_ITEM = 60
_LISTED = re.compile(r"[,;)] (?:and |or )?[^\W\d][^\d,;()%]*\Z")
_BRACKET = 2
"""Characters between a word and the figure in the bracket behind it."""
_BESIDE = 25
"""Characters between a figure and what it measures, where the model knows nothing that it does."""
_STOPS = frozenset(",;:.()—")
_HYPHENS = "-‐‑–"
_NOUNS = ("NOUN", "PROPN", "PRON", "NUM")
_NAMING = ("VBG",)
_TOLD = ("VBD", "MD")
"""Tags of verbs that tell what happened."""
_DOUBTFUL = 0.5
"""How sure the model is of an outcome at most that gives way to the only one which a topic file knows."""


class Told(NamedTuple):
    """A sentence of the article: where it stands, and whether it begins to tell of another study."""

    start: int
    end: int
    new_study: bool


class Filled(NamedTuple):
    """The slots of one claim."""

    intervention: Slot | None
    comparator: Slot | None
    condition: Slot | None
    outcome: Slot | None
    population: Slot | None


class SlotFiller:
    """Built once per process; :meth:`of` reads an article."""

    def __init__(self, rules: Ruleset, terms: TermMatcher, groups: GroupFinder) -> None:
        self.terms = terms
        self.groups = groups
        self.generic = {
            str(when): str(entry["id"]) for entry in rules.lexicon("generic-outcomes") for when in entry["names"]
        }
        """Ids of outcomes that are the same on every topic, by what is counted."""
        self.sure = float(rules.params("arm-weights").get("treatment_sure", 0.0))
        """How sure the model has to be of a treatment that is not the topic's."""
        self.no_outcome = float(rules.params("arm-weights").get("no_outcome", 1.0))
        """How sure the model has to be that a sentence does not say what a figure measures."""

    def of(self, evidence: Evidence, design: Design, sentences: Sequence[Told], title: tuple[int, int] | None) -> Slots:
        """The slots of the claims of one article; ``sentences`` are those that were looked at."""
        return Slots(self, evidence, design, sentences, title)

    def counted(self, text: str, start: int, end: int, kind: str) -> Slot:
        """What ``text[start:end]`` counts, a ``kind`` of thing such as studies."""
        return Slot(text=text[start:end], id=self.generic.get(kind))


class Slots:
    """Fills the slots of the claims of one article.

    A slot is filled by what its claim's own sentence says; else by what was last said of the study that the text tells of; else, for
    intervention and condition, by what the article speaks of most.
    """

    def __init__(
        self,
        filler: SlotFiller,
        evidence: Evidence,
        design: Design,
        sentences: Sequence[Told],
        title: tuple[int, int] | None,
    ) -> None:
        self._text, self._evidence, self._design = evidence.text, evidence, design
        self._terms, self._groups, self._generic, self._sure = filler.terms, filler.groups, filler.generic, filler.sure
        self._no_outcome = filler.no_outcome
        self._is_about_one = False
        """Whether at least half of the treatments that are named are one and the same."""
        self._main = {label: self._most(label, sentences, title) for label in (INTERVENTION, CONDITION)}
        self._frames = self._read(sentences)

    def fill(
        self,
        sentence: tuple[int, int],
        part: tuple[int, int],
        linked: Sequence[Linked],
        named: Sequence[Named | None],
        values: Sequence[Value],
        kind: ClaimKind,
        counted: Slot | None = None,
        *,
        sure_of_none: bool = False,
        inherits: bool = True,
    ) -> Filled:
        """The slots of the claim with ``values``, whose groups are ``named`` and which stands in ``part`` of its sentence; ``counted`` is
        what it counts, where that is no outcome of people; ``sure_of_none`` lets the model say that the sentence names no outcome;
        ``inherits`` tells whether the treatment may be one that was named before."""
        frame = self._frames.get(sentence[0], {})
        passages = self.usable(sentence)
        place = values[0].start if values else sentence[0]
        arm = self._of_role(named, values, "arm")
        comparator = self._of_role(named, values, "comparator")
        totals = any(value.role == "total" for value in values)
        if arm is None and not (totals and counted is None):
            arm = self._treatment(passages, place, frame if inherits else None)
        if comparator is None and kind != "single":
            comparator = self._control(passages, part, place, kind, frame)
        conditions = [p for p in passages if p.label == CONDITION]
        own = [p for p in conditions if part[0] <= p.start < part[1]]
        if arm is not None and comparator is not None and (comparator.id or comparator.text) == (arm.id or arm.text):
            comparator = None
        condition = self._nearest(own or conditions, place, ("condition",))
        if condition is None and not (totals and counted is None):
            held = frame.get(CONDITION)
            condition = self._slot(held, ("condition",)) if held is not None else self._main[CONDITION]
        return Filled(
            arm,
            comparator,
            condition,
            counted or self._outcome(passages, part, linked, place, values, sure_of_none),
            self._nearest([p for p in passages if p.label == POPULATION], place, ("population",)),
        )

    def stated(self, start: int, end: int, types: Collection[str]) -> Slot:
        """A slot of the words ``start`` to ``end``, or of the one name in them that is of ``types``."""
        best = self._term(start, end, types)
        if best is None:
            return Slot(text=self._text[start:end])
        return Slot(text=self._text[best.start : best.end], id=best.id)

    def _read(self, sentences: Sequence[Told]) -> dict[int, dict[str, Passage]]:
        """For the start of each sentence what was last named in its study, label by label, before it."""
        frames: dict[int, dict[str, Passage]] = {}
        held: dict[str, Passage] = {}
        for sentence in sentences:
            if sentence.new_study:
                held = {}
            frames[sentence.start] = dict(held)
            for passage in self.usable((sentence.start, sentence.end)):
                words = self._words(passage)
                label = passage.label
                if label == INTERVENTION and (self._groups.is_control(words) or self._odds(passage) < 0):
                    label = COMPARATOR
                known = held.get(label)
                if known is not None and label == COMPARATOR and self._groups.is_bare_control(words):
                    continue  # "the control group" is what was named before
                if known is None or known.id is None or self._slot(passage, (label.lower(),)).id is not None:
                    held[label] = passage
        return frames

    def _odds(self, passage: Passage) -> float:
        """How much speaks for a treatment being the intervention, by the article's design."""
        return self._design.score(self._groups.key(self._words(passage)))

    def usable(self, sentence: tuple[int, int]) -> list[Passage]:
        """The entities of a sentence whose words can be what their label says: a treatment has a name, and is no number."""
        return [
            p
            for p in self._evidence.passages(*sentence)
            if (
                p.label not in (INTERVENTION, COMPARATOR)
                or (self._groups.tells(self._words(p)) and not self._evidence.is_quantity(p.start, p.end))
            )
            and (p.id is not None or p.label == OUTCOME or self._names(p))
        ]

    def telling(self, sentence: tuple[int, int]) -> list[Passage]:
        """Those of :meth:`usable` that may be what a statement without a figure is about: no controls, and only what has a noun."""
        return [
            p
            for p in self.usable(sentence)
            if (p.id is not None or p.label != OUTCOME or self._says(p))
            and not (p.label in (INTERVENTION, COMPARATOR) and self._groups.is_control(self._words(p)))
        ]

    def _says(self, passage: Passage) -> bool:
        """Whether the words are more than a description of what they leave out ("more effective")."""
        tokens = self._evidence.tokens(passage.start, passage.end) or ()
        return any(token.pos_ in (*_NOUNS, "VERB", "") for token in tokens)

    def _names(self, passage: Passage) -> bool:
        """Whether the words name something: they are whole words, one of them is a noun, and they do not tell what happened."""
        before, behind = (
            self._text[max(0, passage.start - 2) : passage.start],
            self._text[passage.end : passage.end + 2],
        )
        joined = (len(before) == 2 and before[1] in _HYPHENS and before[0].isalnum()) or (
            len(behind) == 2 and behind[0] in _HYPHENS and behind[1].isalnum()
        )
        if joined and passage.label != COMPARATOR:
            return False
        tokens = self._evidence.tokens(passage.start, passage.end)
        if tokens is None or not any(token.pos_ for token in tokens):
            return tokens is not None
        names = (*_NAMING, "JJR") if passage.label == COMPARATOR else _NAMING
        return any(token.pos_ in _NOUNS or token.tag_ in names for token in tokens) and tokens[0].tag_ not in _TOLD

    def _treatment(self, passages: Sequence[Passage], place: int, frame: Mapping[str, Passage] | None) -> Slot | None:
        treated = [p for p in passages if p.label == INTERVENTION and not self._groups.is_control(self._words(p))]
        main = self._main[INTERVENTION]
        known = [p for p in treated if p.id is not None]
        if not known and main is not None and main.id is not None:
            # Where the topic's treatment is known, another has to be named clearly to take its place.
            treated = [p for p in treated if p.score >= self._sure]
        tested = [p for p in known or treated if self._odds(p) >= 0]
        found = self._nearest(tested or known or treated, place, ("intervention",))
        if found is not None:
            return found
        if frame is None:
            return None
        held = None if self._is_about_one else frame.get(INTERVENTION)
        if held is not None and (held.id is not None or main is None or main.id is None):
            return self._slot(held, ("intervention",))
        return main

    def _control(
        self,
        passages: Sequence[Passage],
        part: tuple[int, int],
        place: int,
        kind: ClaimKind,
        frame: Mapping[str, Passage],
    ) -> Slot | None:
        types = ("comparator", "intervention")
        own = self._nearest([p for p in passages if p.label == COMPARATOR], place, types)
        named = [t for t in self._terms.find(self._text, *part) if t.type == "comparator"]
        if own is None and named:
            best = min(named, key=lambda t: (abs(t.start - place), t.start))
            return Slot(text=self._text[best.start : best.end], id=best.id)
        if own is None and kind == "comparison":
            held = frame.get(COMPARATOR)
            if held is None or not (held.id or held.score > self._sure or self._groups.is_control(self._words(held))):
                return None
            return self._slot(held, types)
        return own

    def _outcome(
        self,
        passages: Sequence[Passage],
        part: tuple[int, int],
        linked: Sequence[Linked],
        place: int,
        values: Sequence[Value],
        sure_of_none: bool,
    ) -> Slot | None:
        totals = any(value.role == "total" for value in values)
        told = max((one for one in linked if one.outcome is not None), key=lambda one: one.outcome_score, default=None)
        best = told.outcome if told is not None else None
        outcomes = [p for p in passages if p.label == OUTCOME]
        share = bool(values) and values[0].unit == "percent"
        if best is not None and best.label == CONDITION and share and _is_within(best, linked, passages):
            best = None  # what the people have of whom it is a share
        if best is not None and best.label == CONDITION and totals:
            # So many have it: the condition is what is counted.
            return Slot(text=self._words(best), id=self._generic.get("condition"))
        inside = [p for p in outcomes if part[0] <= p.start < part[1]]
        if best is not None and best.label == CONDITION and inside:
            best = None
        if self._is_listed(place):
            # "nausea (12%), rash (9%)": what stands before the bracket, never what another figure stands beside.
            beside = [p for p in passages if p.label in (OUTCOME, CONDITION) and 0 < place - p.end <= _BRACKET]
            if beside:
                best = max(beside, key=lambda p: (p.label == OUTCOME, p.end - p.start))
            elif best is not None and ")" in self._text[best.end : place]:
                return None
        if best is not None:
            found = self._slot(best, ("outcome",))
            known = [p for p in inside if p.id is not None]
            over = [p for p in known if best.start < p.end and p.start < best.end]
            doubtful = told is not None and told.outcome_score < _DOUBTFUL
            if found.id is None and (over or (doubtful and len({p.id for p in known}) == 1)):
                return self._slot((over or known)[0], ("outcome",))
            return found
        if totals and not inside:
            conditions = [
                p
                for p in passages
                if p.label == CONDITION
                and not (share and _is_within(p, linked, passages))
                and _STOPS.isdisjoint(self._text[place : p.start])
            ]
            had = min(conditions, key=lambda p: _distance(p, place), default=None)
            if had is not None:
                return Slot(text=self._words(had), id=self._generic.get("condition"))
        if sure_of_none and any(one.evidence.unlinked.get("outcome", 0.0) > self._no_outcome for one in linked):
            # The model is sure that no words say it: so only those that stand beside the figure can.
            outcomes = [p for p in outcomes if self._is_beside(p, place)]
            inside = []
        if values and in_days(1.0, values[0].unit) is not None and not sure_of_none:
            # What lasts is told before how long it lasts.
            inside = [p for p in inside if p.end <= place] or inside
        return self._nearest(inside or outcomes, place, ("outcome",))

    def _is_listed(self, place: int) -> bool:
        """Whether the figure at ``place`` stands in a bracket behind words that hold no other figure."""
        if self._text[max(0, place - 1) : place] != "(":
            return False
        return _LISTED.search(self._text[max(0, place - _ITEM) : place - 1]) is not None

    def _is_beside(self, passage: Passage, place: int) -> bool:
        between = self._text[min(passage.end, place) : max(passage.start, place)]
        return len(between) <= _BESIDE and _STOPS.isdisjoint(between)

    def _of_role(self, named: Sequence[Named | None], values: Sequence[Value], role: str) -> Slot | None:
        for name, value in zip(named, values, strict=True):
            if name is not None and value.role == role and not name.is_population:
                if name.term is not None:
                    return Slot(text=self._text[name.term.start : name.term.end], id=name.term.id)
                labels = (INTERVENTION, COMPARATOR)
                inside = [
                    p
                    for p in self._evidence.passages(name.start, name.end)
                    if p.label in labels
                    and p.end <= name.end
                    and (p.id is not None or self._groups.tells(self._words(p)))
                ]
                best = max(inside, key=lambda p: p.end - p.start, default=None)
                found = self._slot(best, ("intervention", "comparator")) if best is not None else None
                if found is not None and found.id is not None:
                    return found
                words = (
                    found.text if found is not None else self._text[slice(*self._groups.trimmed(self._text, *name[:2]))]
                )
                return Slot(text=words, id=self.variant(name.start, name.end))
        return None

    def variant(self, start: int, end: int) -> str | None:
        """The canonical name of words that name a variant of what the article treats ("the higher dose"), if any."""
        main = self._main[INTERVENTION]
        if main is None or main.id is None:
            return None
        return self._terms.variant(self._text, start, end, main.id)

    def _nearest(self, passages: Sequence[Passage], place: int, types: Collection[str]) -> Slot | None:
        best = min(passages, key=lambda p: (_distance(p, place), -p.score, p.start), default=None)
        return None if best is None else self._slot(best, types)

    def _slot(self, passage: Passage, types: Collection[str]) -> Slot:
        start, end = passage.start, passage.end
        if passage.label in (INTERVENTION, COMPARATOR):
            start, end = self._groups.trimmed(self._text, start, end)
        known = None if passage.id else self._term(passage.start, passage.end, types)
        if passage.label == OUTCOME and known is None and passage.id is None:
            end = self._evidence.whole(start, end)
        return Slot(text=self._text[start:end], id=known.id if known is not None else passage.id)

    def _term(self, start: int, end: int, types: Collection[str]) -> Term | None:
        """The longest canonical name in ``start`` to ``end`` that is of ``types``."""
        terms = [t for t in self._terms.find(self._text, start, end) if t.type in types]
        return max(terms, key=lambda t: (t.end - t.start, -t.start), default=None)

    def _most(self, label: str, sentences: Sequence[Told], title: tuple[int, int] | None) -> Slot | None:
        """What the article speaks of most: by canonical name, else by words; the title counts as several."""
        counts: Counter[Key] = Counter()
        first: dict[Key, Passage] = {}
        for sentence in sentences:
            for passage in self.usable((sentence.start, sentence.end)):
                words = self._words(passage)
                if passage.label != label or self._groups.is_control(words):
                    continue
                slot = self._slot(passage, (label.lower(),))
                key = (slot.id,) if slot.id is not None else self._groups.key(words)
                counts[key] += _TITLE_COUNTS if (sentence.start, sentence.end) == title else 1
                first.setdefault(key, passage)
        if not counts:
            return None
        best = max(counts, key=lambda key: (counts[key], -first[key].start))
        if counts[best] < 2:
            return None
        if label == INTERVENTION:
            self._is_about_one = 2 * counts[best] >= counts.total()
        return self._slot(first[best], (label.lower(),))

    def _words(self, passage: Passage) -> str:
        return self._text[passage.start : passage.end]


def _is_within(passage: Passage, linked: Sequence[Linked], passages: Sequence[Passage]) -> bool:
    """Whether the words are part of those for the people whose figures are ``linked``."""
    people = [(one.group.start, one.group.end) for one in linked if one.group is not None]
    people += [(p.start, p.end) for p in passages if p.label == POPULATION]
    return any(start <= passage.start and passage.end <= end for start, end in people)


def _distance(passage: Passage, place: int) -> int:
    return max(passage.start - place, place - passage.end, 0)
