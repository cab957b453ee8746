"""Claims: the sentences of an article that report a result or claim an effect, with their values, roles and slots."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, cast

from pipeline.claims.assertions import Assertion, AssertionRules
from pipeline.claims.confidence import Confidence
from pipeline.claims.cues import Cue, CueRules, deciding, follows, shown
from pipeline.claims.design import Design, DesignReader, Telling
from pipeline.claims.directions import COMPARABLE, DirectionRules, nearest, of_ratio, of_values
from pipeline.claims.draft import ClaimDraft
from pipeline.claims.evidence import COMPARATOR, CONDITION, INTERVENTION, Evidence, Passage
from pipeline.claims.grouping import Pair, bounds, grouped, is_row, paired, part
from pipeline.claims.groups import GroupFinder, GroupMention, is_number
from pipeline.claims.linking import LAYOUT, RULE, Linked, by_layout, link
from pipeline.claims.roles import RoleRules
from pipeline.claims.slots import Filled, SlotFiller, Slots, Told
from pipeline.claims.strength import StrengthRules, graded
from pipeline.claims.study import Marks, StudySize, most_people, references_and_years
from pipeline.claims.times import in_days
from pipeline.claims.values import Candidate, Named, ValueRules, value_of
from pipeline.components.classify import by_sentence
from pipeline.model import (
    Certainty,
    ClaimKind,
    Direction,
    Measure,
    Mention,
    SampleSize,
    Strength,
    Timepoint,
    Value,
)
from pipeline.rules.items import Items, PhraseSet, itemise, phrase_words
from pipeline.rules.ruleset import Ruleset
from pipeline.rules.templates import compiler_for
from pipeline.rules.terms import TermMatcher

_NO_VALUES_CONFIDENCE = 0.5
_SHIFTS = ("relative_change", "difference", "ratio", "duration", "dose")
_FINITE = ("VBD", "VBZ", "VBP", "MD")
"""Tags of finite verbs."""
_LASTING = ("duration", "dose")
_ACRONYM = 3
_EVEN = 0.5
"""How likely a figure has to be one group's at least for the layout of its sentence to tell whose."""
_SHORT = 3
"""Words between values that are listed one behind the other, at most."""
_MODEL_ASSERTION = "assertion-by-model"
_BEHIND = 3
"""Characters between a group and its size in brackets."""
_GROUP_TERMS = ("intervention", "comparator", "group", "population")


class _Figure(NamedTuple):
    """One value of a sentence with all that is known of it before the whole article has been read."""

    candidate: Candidate
    linked: Linked
    named: Named | None
    """The group that a rule found."""


class Sentence(NamedTuple):
    """One sentence with all that its claims share. ``first`` and ``last`` of parts are item indices."""

    text: str
    """Of the article."""
    start: int
    end: int
    items: Items
    cues: list[Cue]
    size: SampleSize | None
    groups: list[GroupMention]
    figures: list[_Figure]
    sizes: list[tuple[GroupMention, int]]
    """How many are in a group."""
    pairs: dict[int, Pair]
    """Which figures are told with which, as indices into ``figures``."""


class ClaimAssembler:
    """Makes claims of classified quantities, by the rules in ``rules/extract/`` and ``rules/context/`` and what the language model says."""

    def __init__(self, rules: Ruleset) -> None:
        compiler = compiler_for(rules)
        self._values = ValueRules(rules, compiler)
        self._cues = CueRules(rules, compiler)
        self._terms = TermMatcher(rules)
        self._groups = GroupFinder(rules)
        self._designs = DesignReader(rules)
        self._roles = RoleRules(rules)
        weights = rules.params("arm-weights")
        self._result = float(weights.get("result_sure", 1.0))
        self._sure = float(weights.get("clause_sure", 1.0))
        by_model = rules.params("assertion-by-model")
        self._most_none = float(by_model.get("most_none", 0.0))
        self._by_model_right = float(by_model.get("right", 0.5))
        self._subjects = frozenset(by_model.get("subjects", ()))
        self._objects = frozenset(by_model.get("objects", ()))
        self._against = PhraseSet(rules.phrases("against-words"))
        self._slots = SlotFiller(rules, self._terms, self._groups)
        self._confidence = Confidence(rules)
        self._directions = DirectionRules(rules)
        self._assertions = AssertionRules(rules, compiler)
        self._strengths = StrengthRules(rules, compiler)
        self._of = frozenset(rules.phrases("share-words"))
        self._study_words = frozenset(rules.phrases("study-words"))

    def assemble(
        self, evidence: Evidence, read: Sequence[Sentence], design: Design, title: tuple[int, int] | None = None
    ) -> list[ClaimDraft]:
        """The claims of an article, in text order, of what :meth:`read` gives. Never raises."""
        told = [Told(s.start, s.end, bool(shown(s.cues, "new_study"))) for s in read]
        slots = self._slots.of(evidence, design, told, title)
        drafts: list[ClaimDraft] = []
        earlier: list[GroupMention] = []
        for sentence in read:
            if sentence.items.items:
                drafts.extend(self._drafts(sentence, evidence, design, slots, earlier))
            apart = [group for group in sentence.groups if not group.is_population]
            if len({design.arm(group.key) for group in apart}) > 1:
                earlier = apart
        return drafts

    def read(
        self,
        evidence: Evidence,
        sentences: Sequence[tuple[int, int]],
        mentions: Sequence[Mention],
        title: tuple[int, int] | None = None,
    ) -> tuple[list[Sentence], Design]:
        """What each sentence says by itself, and the design that they tell together.

        ``sentences`` are spans of the text, ``mentions`` have their classes; both are sorted; ``title`` is the span of the sentence that
        is the title.
        """
        read = list(self._read(evidence, sentences, mentions))
        tellings = [_telling(s, is_title=(s.start, s.end) == title and not s.figures) for s in read]
        return read, self._designs.read(tellings)

    def _read(
        self, evidence: Evidence, sentences: Sequence[tuple[int, int]], mentions: Sequence[Mention]
    ) -> Iterator[Sentence]:
        """What each sentence says by itself, but for the size of the study, which earlier ones may tell."""
        text = evidence.text
        study = StudySize(text)
        with_mentions = {start: inside for start, _, inside in by_sentence(sentences, mentions)}
        for start, end in sentences:
            inside = with_mentions.get(start, [])
            groups = self._groups.find(evidence, start, end)
            items = itemise(text, start, end, inside)
            cues = self._cues.find(items)
            new_study = bool(shown(cues, "new_study"))
            marks = self._marks(text, items, cues, inside, evidence.passages(start, end))
            size = study.read(start, end, new_study, self._totals(items), most_people(inside), marks)
            figures, pairs = self._figures(evidence, text, (start, end), items, groups, cues) if inside else ([], {})
            sizes = self._sizes(evidence, (start, end), items, groups)
            yield Sentence(text, start, end, items, cues, size, groups, figures, sizes, pairs)

    def _figures(
        self,
        evidence: Evidence,
        text: str,
        sentence: tuple[int, int],
        items: Items,
        groups: list[GroupMention],
        cues: list[Cue],
    ) -> tuple[list[_Figure], dict[int, Pair]]:
        picked = self._values.pick(items, functools.partial(self._is_result, evidence, sentence))
        candidates, pairs = paired(picked, functools.partial(self._values.partner, items))
        figures = []
        for candidate in candidates:
            named = self._values.group(text, items, candidate.place)
            certain = (named.start, named.end) if named is not None else None
            place = candidate.mention.start, candidate.mention.end
            clause = _clause(items, cues, candidate.place, candidates)
            linked = link(evidence, sentence, place, groups, certain, clause, self._sure)
            figures.append(_Figure(candidate, linked, named))
        for at, pair in pairs.items():
            first, second = (candidates[index].mention.start for index in (pair.earlier, at))
            if pair.kind == "comparison" and not any(first < g.start < second for g in groups):
                return figures, pairs  # "in X 5% v 3%": the figures do not take turns with the groups
        told = [figure for figure in figures if not figure.candidate.design]
        owners = by_layout(text, [(f.candidate.mention.start, f.candidate.mention.end) for f in told], groups)
        owner = {f.candidate.place: g for f, g in zip(told, owners, strict=True) if g is not None}
        return [_owned(figure, owner.get(figure.candidate.place)) for figure in figures], pairs

    def _sizes(
        self, evidence: Evidence, sentence: tuple[int, int], items: Items, groups: Sequence[GroupMention]
    ) -> list[tuple[GroupMention, int]]:
        """How many are in each group: what stands in brackets behind its name, or what the model links to it."""
        found = []
        for index, item in enumerate(items.items):
            mention = item.mention
            if mention is None or mention.quantity_class != "sample_size" or mention.unit not in (None, "people"):
                continue
            if mention.value is None or not mention.value.is_integer() or self._values.is_total(items, index):
                continue
            behind = next((g for g in groups if 0 <= mention.start - g.end <= _BEHIND), None)
            if mention.form == "n" and behind is not None:
                found.append((behind, int(mention.value)))
                continue
            place = mention.start, mention.end
            mass = [(evidence.link("group", place, (g.start, g.end)), g) for g in groups if not g.is_population]
            best = max(mass, key=lambda pair: (pair[0], -pair[1].start), default=None)
            if best is not None and best[0] > self._sure:
                found.append((best[1], int(mention.value)))
        return found

    def _is_result(self, evidence: Evidence, sentence: tuple[int, int], mention: Mention) -> bool:
        """Whether the model takes a figure of which no rule is sure for the result of a group, in an outcome that it can name."""
        said = evidence.figure(mention.start, mention.end, sentence)
        told = said.roles.get("arm", 0.0) + said.roles.get("comparator", 0.0)
        linked = [1.0 - said.unlinked.get(kind, 1.0) for kind in ("group", "outcome")]
        return min(told, *linked) > self._result

    def _totals(self, items: Items) -> list[SampleSize]:
        """The sizes of whole studies that a sentence states."""
        return [
            SampleSize(text=item.mention.text, value=item.mention.value)
            for index, item in enumerate(items.items)
            if item.mention is not None and self._values.is_total(items, index)
        ]

    def _marks(
        self, text: str, items: Items, cues: list[Cue], mentions: Sequence[Mention], passages: Sequence[Passage]
    ) -> Marks:
        """What in a sentence may tell its study from another."""
        about_study = not self._study_words.isdisjoint(items.vocabulary)
        references, years = references_and_years(mentions, about_study)
        names = frozenset(_numbered(items)).union(
            *(_shouted(items, cue.first, cue.last) for cue in cues if "study_name" in cue.produces)
        )
        sure = [(p.label, text[p.start : p.end]) for p in passages if p.score > self._sure]
        treatments, conditions = (
            frozenset(
                word
                for label, words in sure
                if label == wanted and not self._groups.is_control(words)
                for word in self._groups.key(words)
            )
            for wanted in (INTERVENTION, CONDITION)
        )
        return Marks(references, names, years, treatments, conditions)

    def strength(self, sentence: Sentence, evidence: Evidence) -> Strength:
        """The strength of the whole sentence: the rules and the add-on together."""
        rules = graded(sentence.cues)
        likely = evidence.strength(sentence.start, sentence.end)
        return rules.strength if likely is None else self._strengths.joined(rules, likely)

    def _drafts(
        self,
        sentence: Sentence,
        evidence: Evidence,
        design: Design,
        slots: Slots,
        earlier: Sequence[GroupMention],
    ) -> Iterator[ClaimDraft]:
        if shown(sentence.cues, "no_claim"):
            return
        if not sentence.figures:
            draft = self._without_values(sentence, evidence, slots) or self._assertion(sentence, evidence, slots)
            if draft is not None:
                yield draft
            return
        items, pairs = sentence.items, sentence.pairs
        candidates = [figure.candidate for figure in sentence.figures]
        named = [self._named(sentence.text, figure, design) for figure in sentence.figures]
        outcomes = [
            (one.outcome.start, one.outcome.end) if one.outcome is not None and one.outcome_score > self._sure else None
            for one in (figure.linked for figure in sentence.figures)
        ]
        edges = bounds(items, sentence.cues)
        made = [
            self._draft(
                sentence,
                evidence,
                design,
                slots,
                earlier,
                [sentence.figures[at] for at in group],
                [named[at] for at in group],
                edges,
                next((pairs[at].kind for at in group if at in pairs and pairs[at].kind), None),
            )
            for group in grouped(items, candidates, named, edges, pairs, outcomes)
        ]
        made = [draft for draft in made if not _tells_nothing(draft)]
        yield from sorted(made, key=lambda draft: draft.values[0].start)

    def _named(self, text: str, figure: _Figure, design: Design) -> Named | None:
        """The group of a figure, its ``words`` being the name that the article's design has for it."""
        group = figure.linked.group
        if group is None:
            named = figure.named
            if named is None or named.role is not None or named.term is not None:
                return named
            return named if self._groups.tells(text[named.start : named.end]) else None
        terms = [t for t in self._terms.find(text, group.start, group.end) if t.type in _GROUP_TERMS]
        words = " ".join(design.arm(group.key))
        return Named(group.start, group.end, terms[0] if terms else None, group.role, words, group.is_population)

    def _draft(
        self,
        sentence: Sentence,
        evidence: Evidence,
        design: Design,
        slots: Slots,
        earlier: Sequence[GroupMention],
        figures: list[_Figure],
        named: list[Named | None],
        edges: list[int],
        told_as: ClaimKind | None,
    ) -> ClaimDraft:
        """The claim of ``figures``, of which the first leads; ``named`` are the groups of people, ``told_as`` what pairs show."""
        lead = figures[0].candidate
        order = sorted(range(len(figures)), key=lambda index: figures[index].candidate.place)
        figures, named = [figures[index] for index in order], [named[index] for index in order]
        group = [figure.candidate for figure in figures]
        first, last = part(edges, group[0].place, len(sentence.items))
        last = max(last, group[-1].place)
        cues = sentence.cues
        if any(name is not None and not name.is_population for name in named):
            # A population is none of the groups that are set against each other.
            named = [None if name is not None and name.is_population else name for name in named]
        if lead.design:
            named = [None] * len(named)
        if len(group) == 1 and named[0] is not None and self._is_elsewhere(evidence, lead.mention, named[0]):
            named = [None]
        if len(group) == 1 and lead.measure in _SHIFTS:
            # "30% less likely than the placebo group": the figure is nobody's.
            named = [name if name is None or name.role != "comparator" else None for name in named]
        named = self._halved(sentence.text, group, named)
        names = [name.words if name is not None else None for name in named]
        kind = told_as or self._kind(sentence, lead, names, first, last)
        # "by 4% and 9% at two and three years, respectively": the figures come in the order of the times.
        timed = len(group) > 1 and self._times(sentence, first, len(sentence.items)) >= len(group)
        told = self._roles.assign(
            [figure.linked for figure in figures],
            named,
            kind,
            design,
            () if timed else sentence.groups,
            () if timed else earlier,
            in_order=not timed and bool(shown(cues, "in_order", first, len(sentence.items))),
        )
        named, stated_roles = told.named, told.roles
        if not any(named) and not lead.counts and _is_of_the_treated(lead, kind):
            people = self._people(sentence, design, first, last, lead)
            if people is not None:
                named, stated_roles = [people] * len(group), ["arm"] * len(group)
        if not any(named) and not lead.design and lead.measure in _LASTING and not any(stated_roles):
            stated_roles = ["arm"] * len(group)
        if lead.design and (not lead.counts or lead.measure in _LASTING):
            stated_roles = [None] * len(group)
        elif lead.counts:
            stated_roles = ["total" for _ in stated_roles]
        elif shown(cues, "baseline", first, last):
            stated_roles = ["baseline" if role in ("arm", "comparator") else role for role in stated_roles]
        elif lead.measure not in COMPARABLE:
            stated_roles = [role if role in ("arm", "comparator") else None for role in stated_roles]
        if kind == "single" and lead.measure == "count":
            # So many people of no group are all of them.
            stated_roles = [
                "total" if role is None and name is None and one.mention.unit == "people" else role
                for role, name, one in zip(stated_roles, named, group, strict=True)
            ]
        if "comparator" in stated_roles:
            kind = "comparison"
        elif kind == "comparison" and set(stated_roles) == {"total"}:
            kind = "single"  # a share of all people is set against nothing
        values = tuple(
            value_of(
                candidate.mention,
                role,
                sentence.text[name.start : name.end] if name else None,
                _group_id(name, slots),
                design.size(tuple(name.words.split(" ")), sentence.size.value if sentence.size else None)
                if name is not None
                else None,
            )
            for candidate, role, name in zip(group, stated_roles, named, strict=True)
        )
        stretch = sentence.items.items[first].start, sentence.items.items[last].end
        filled = slots.fill(
            (sentence.start, sentence.end),
            stretch,
            [figure.linked for figure in figures],
            named,
            values,
            kind,
            self._slots.counted(sentence.text, lead.mention.start, lead.mention.end, lead.counts)
            if lead.counts
            else None,
            sure_of_none=lead.measure in COMPARABLE or lead.design,
            lasting=lead.measure in _LASTING and not lead.design,
        )
        values = slots.identified(values, named, filled, kind)
        told_of = not lead.design
        stated = min(candidate.confidence for candidate in group)
        return ClaimDraft(
            quote=sentence.text[sentence.start : sentence.end],
            start=sentence.start,
            end=sentence.end,
            kind=kind,
            measure=lead.measure,
            values=values,
            timepoint=self._timepoint(sentence, first, last, lead) if told_of else None,
            sample_size=self._size_of(sentence, lead),
            direction=self._direction(sentence, group, values, kind, (first, last), filled) if told_of else None,
            strength=self.strength(sentence, evidence) if told_of else "none",
            certainty=shown(cues, "certainty", first, last, lead.place) or "asserted" if told_of else "asserted",
            rule=lead.rule,
            confidence=stated if not told_of else self._confidence.of([f.linked for f in figures], told.sure, stated),
            intervention=filled.intervention,
            comparator=filled.comparator,
            condition=filled.condition,
            outcome=filled.outcome,
            population=filled.population,
        )

    def _is_elsewhere(self, evidence: Evidence, mention: Mention, name: Named) -> bool:
        """Whether the words of a lone figure say of whom it is, and ``name`` is told of them: in "40% of deaths were in men" the men are
        no group of which it is a share; nor has "9,000 donors" any people but the donors."""
        if not name.is_population or name.start < mention.end:
            return False
        if mention.unit == "people" and mention.value is not None:
            last = mention.text.split()[-1]
            return last.isalpha() and not is_number(last)
        between = evidence.tokens(mention.end, name.start)
        if mention.unit != "percent" or between is None or not len(between) or between[0].lower_ not in self._of:
            return False
        return any(token.tag_ in _FINITE for token in between)

    @staticmethod
    def _times(sentence: Sentence, first: int, last: int) -> int:
        """How many points in time items ``first`` to ``last`` tell."""
        mentions = [item.mention for item in sentence.items.items[first : last + 1]]
        return sum(mention is not None and mention.quantity_class == "timepoint" for mention in mentions)

    def _halved(self, text: str, values: Sequence[Candidate], named: list[Named | None]) -> list[Named | None]:
        """``named`` where words set one half of the values against the other ("5% and 3% versus 4% and 2%"): each half is one group's."""
        half, odd = divmod(len(values), 2)
        if half < 2 or odd or named[0] is None or named[-1] is None or named[0].words == named[-1].words:
            return named
        gaps = [phrase_words(text[one.mention.end : other.mention.start]) for one, other in pairwise(values)]
        if any(len(words) > _SHORT for words in gaps):
            return named
        against = [at for at, words in enumerate(gaps) if self._against.within(words)]
        return named[:1] * half + named[-1:] * half if against == [half - 1] else named

    def _people(self, sentence: Sentence, design: Design, first: int, last: int, lead: Candidate) -> Named | None:
        """The nearest group in the claim's part of its sentence that is not what others are compared with."""
        items = sentence.items.items
        start, end = items[first].start, items[last].end
        inside = [g for g in sentence.groups if start <= g.start < end and not g.is_control and g.label != COMPARATOR]
        best = min(inside, key=lambda g: (abs(g.start - lead.mention.start), g.start), default=None)
        if best is None:
            return None
        terms = [t for t in self._terms.find(sentence.text, best.start, best.end) if t.type == "intervention"]
        return Named(
            best.start, best.end, terms[0] if terms else None, None, " ".join(design.arm(best.key)), best.is_population
        )

    def _kind(
        self, sentence: Sentence, lead: Candidate, names: Sequence[str | None], first: int, last: int
    ) -> ClaimKind:
        """Groups are compared where two are named for one outcome, or words say so; a table's row says nothing of the kind. A figure
        that stands alone is compared only by what follows it."""
        if len({name for name in names if name is not None}) > 1:
            return "comparison"
        if is_row(sentence.items) or lead.design:
            return "single"
        kind: ClaimKind = shown(sentence.cues, "kind", first, last, lead.place) or "single"
        alone = len(names) == 1 and lead.measure in COMPARABLE
        if kind == "comparison" and alone and not follows(sentence.cues, "kind", kind, lead.place, last):
            return "single"
        return kind

    def _direction(
        self,
        sentence: Sentence,
        group: Sequence[Candidate],
        values: Sequence[Value],
        kind: ClaimKind,
        part: tuple[int, int],
        filled: Filled,
    ) -> Direction | None:
        """The direction that the values show, or else the words, where the claim is one that has any and its values do not belie them."""
        cues, lead, (first, last) = sentence.cues, group[0], part
        if kind != "single" and _is_equal(cues, first, last, lead.place):
            return "equal"
        measure = lead.measure
        by_values = of_values(measure, values)
        if by_values is not None or (kind == "single" and measure not in _SHIFTS):
            return by_values
        if measure == "duration":
            last = lead.place
        outcome = sentence.text[slice(*filled.outcome_at)] if filled.outcome_at is not None else None
        place = (lead.mention.start, lead.mention.end)
        if measure in _SHIFTS and measure not in _LASTING:
            told = shown(cues, "direction", first, last, lead.place, nearest=True)
        else:
            inside = [c for c in cues if deciding([c], "direction", first, last, lead.place) is not None]
            told = nearest(inside, sentence.items, "direction", filled.outcome_at or place, (first, last))
        if told is None and measure in _LASTING:
            told = shown(cues, "lasting", first, last)
        if told is None:
            return of_ratio(measure, values)
        direction = self._directions.of(told, outcome)
        stated = [candidate.mention.value for candidate in group]
        if kind != "comparison" or measure not in COMPARABLE or len(stated) != 2:
            return direction
        one, other = stated
        if one is None or other is None or one == other:
            return direction
        return direction if direction == ("higher" if one > other else "lower") else None

    def _told_direction(self, sentence: Sentence, filled: Filled) -> Direction | None:
        """What the words show in a claim without figures."""
        outcome = sentence.text[slice(*filled.outcome_at)] if filled.outcome_at is not None else None
        everything = 0, len(sentence.items.items)
        told = "equal" if shown(sentence.cues, "direction") == "equal" else None
        if told is None and filled.outcome_at is not None:
            told = nearest(sentence.cues, sentence.items, "direction", filled.outcome_at, everything)
        return self._directions.of(told or shown(sentence.cues, "direction"), outcome)

    def _size_of(self, sentence: Sentence, lead: Candidate) -> SampleSize | None:
        """The size of the study; a claim that states a size of its own has that, or none where it is a group's."""
        if lead.measure != "sample_size":
            return sentence.size
        own = lead.mention
        total = self._values.is_total(sentence.items, lead.place)
        return SampleSize(text=own.text, value=own.value) if total else None

    def _assertion(self, sentence: Sentence, evidence: Evidence, slots: Slots) -> ClaimDraft | None:
        """A claim without a figure."""
        whole = sentence.start, sentence.end
        named = slots.telling(whole)
        known = evidence.has_entities
        said = self._assertions.find(
            sentence.text, sentence.start, sentence.end, sentence.items, named if known else None, sentence.cues
        )
        if said is None:
            said = self._by_model(sentence, evidence, named)
        if said is None:
            return None
        compares = said.sort == "difference" or shown(sentence.cues, "kind") == "comparison"
        filled = slots.fill(
            whole,
            whole,
            [],
            [],
            (),
            "comparison" if compares else "single",
            inherits=self._assertions.refers(sentence.items),
        )
        subject, thing = said.subject, said.object
        intervention = slots.stated(*subject, ("intervention",)) if subject is not None else filled.intervention
        outcome = filled.outcome
        if thing is not None:
            outcome = slots.stated(*thing, ("outcome",))
        by_model = said.rule == _MODEL_ASSERTION
        return ClaimDraft(
            quote=sentence.text[sentence.start : sentence.end],
            start=sentence.start,
            end=sentence.end,
            kind="assertion",
            measure="other",
            values=(),
            timepoint=self._timepoint(sentence, 0, len(sentence.items), None),
            sample_size=sentence.size,
            direction=self._told_direction(sentence, filled._replace(outcome_at=thing)) if by_model else said.direction,
            strength=self.strength(sentence, evidence),
            certainty=said.certainty,
            rule=said.rule,
            confidence=said.confidence,
            intervention=intervention,
            comparator=filled.comparator,
            condition=filled.condition,
            outcome=outcome,
            population=filled.population,
        )

    def _by_model(self, sentence: Sentence, evidence: Evidence, named: Sequence[Passage]) -> Assertion | None:
        """What the strength add-on takes for a claim although no rule does, where the sentence names what it could be about."""
        sure = [p for p in named if p.score > self._sure]
        pairs = [
            (one, other)
            for one in sure
            for other in sure
            if one.label in self._subjects
            and other.label in self._objects
            and (one.end <= other.start or other.end <= one.start)
        ]
        if not pairs:
            return None
        subject, thing = max(
            pairs,
            key=lambda pair: (
                pair[0].label == INTERVENTION,
                pair[0].score * pair[1].score,
                -pair[0].start,
                -pair[1].start,
            ),
        )
        if self._assertions.is_barred(sentence.items, sentence.cues):
            return None
        likely = evidence.strength(sentence.start, sentence.end)
        if likely is None or likely[0] > self._most_none or self.strength(sentence, evidence) == "none":
            return None
        certainty = cast(Certainty, shown(sentence.cues, "certainty") or "asserted")
        confidence = round((1 - likely[0]) * self._by_model_right, 2)
        acts = (subject.start, subject.end) if subject.label == INTERVENTION else None
        return Assertion(acts, (thing.start, thing.end), None, certainty, "effect", _MODEL_ASSERTION, confidence)

    def _without_values(self, sentence: Sentence, evidence: Evidence, slots: Slots) -> ClaimDraft | None:
        """A claim that tells how groups differ and states only when, or in how many, it was seen."""
        if not shown(sentence.cues, "finding"):
            return None
        mentions = [item.mention for item in sentence.items.items if item.mention is not None]
        if not any(mention.quantity_class in ("timepoint", "sample_size") and mention.rule for mention in mentions):
            return None
        measure: Measure = shown(sentence.cues, "measure") or "other"
        whole = sentence.start, sentence.end
        filled = slots.fill(whole, whole, [], [], (), "comparison")
        return ClaimDraft(
            quote=sentence.text[sentence.start : sentence.end],
            start=sentence.start,
            end=sentence.end,
            kind="comparison",
            measure=measure,
            values=(),
            timepoint=self._timepoint(sentence, 0, len(sentence.items), None),
            sample_size=sentence.size,
            direction=self._told_direction(sentence, filled),
            strength=self.strength(sentence, evidence),
            certainty=shown(sentence.cues, "certainty") or "asserted",
            rule="cue-finding",
            confidence=_NO_VALUES_CONFIDENCE,
            intervention=filled.intervention,
            comparator=filled.comparator,
            condition=filled.condition,
            outcome=filled.outcome,
            population=filled.population,
        )

    def _timepoint(self, sentence: Sentence, first: int, last: int, lead: Candidate | None) -> Timepoint | None:
        """The time that is stated in the claim's part of the sentence, the nearest to its first value; else the only one of all."""
        items = sentence.items.items
        times = [
            at
            for at, item in enumerate(items)
            if item.mention is not None and item.mention.quantity_class == "timepoint"
        ]
        inside = [at for at in times if first <= at <= last]
        if not inside and len(times) == 1 and times[0] < first:
            inside = times
        if not inside:
            return self._time_of_effect(sentence, lead)
        place = lead.place if lead is not None else 0
        # Of several in a row ("at 24 hours, 3 and 7 days") the first stands for all.
        at = min(inside, key=lambda index: (abs(index - place) if lead is not None else index, index))
        mention = items[at].mention
        assert mention is not None
        start, end = self._values.time_of(sentence.items, at)
        value = mention.value if mention.value is not None else mention.high
        return Timepoint(text=sentence.text[start:end], days=in_days(value, mention.unit))

    def _time_of_effect(self, sentence: Sentence, lead: Candidate | None) -> Timepoint | None:
        if lead is None or lead.measure != "duration":
            return None
        span = self._values.time_told_by(sentence.items, lead.place)
        days = in_days(lead.mention.value, lead.mention.unit)
        return None if span is None else Timepoint(text=sentence.text[slice(*span)], days=days)


def _shouted(items: Items, first: int, last: int) -> Iterator[str]:
    """The acronyms of some length among items ``first`` to ``last``, each with the number behind it (STEP 1)."""
    for index in range(first, last + 1):
        shouted = items.items[index].shouted
        if shouted and len(shouted) >= _ACRONYM:
            following = items.items[index + 1].word if index + 1 < len(items) else ""
            yield f"{shouted} {following}" if following.isdigit() else shouted


def _numbered(items: Items) -> Iterator[str]:
    """The acronyms of a sentence that have a number behind them: so named are trials, whether it says so or not."""
    return (name for name in _shouted(items, 0, len(items) - 1) if " " in name)


def _tells_nothing(draft: ClaimDraft) -> bool:
    """Whether it is a share in words ("half a bottle of wine") of which neither whose nor of what is known: a manner of speaking."""
    value = draft.values[0]
    return (
        len(draft.values) == 1
        and draft.measure == "proportion"
        and draft.outcome is None
        and value.group is None
        and value.role is None
        and not any(letter.isdigit() for letter in value.text)
    )


def _is_equal(cues: list[Cue], first: int, last: int, place: int) -> bool:
    """Whether words say that there is no difference in what the figure at ``place`` tells."""
    told = deciding(cues, "direction", first, last, place)
    if told is None or told.produces["direction"] != "equal":
        return False
    return not any(
        "turn" in cue.produces and min(told.last, place) < cue.first < max(told.first, place) for cue in cues
    )


def _is_of_the_treated(lead: Candidate, kind: ClaimKind) -> bool:
    """Whether a figure of no named group can only be that of those who were treated: how long an effect lasts, a change of theirs."""
    return lead.measure == "duration" or (kind == "change" and lead.measure == "relative_change")


def _group_id(name: Named | None, slots: Slots) -> str | None:
    if name is None:
        return None
    return name.term.id if name.term is not None else slots.group(name.start, name.end)


def _clause(items: Items, cues: Sequence[Cue], place: int, figures: Sequence[Candidate]) -> tuple[int, int]:
    """The characters from the beginning of the clause that item ``place`` is in to its first figure; what stands in brackets is never
    parted."""
    first, _ = part(bounds(items, cues, "clause"), place, len(items))
    until = min(figure.place for figure in figures if first <= figure.place <= place)
    return items.items[first].start, items.items[until].start


def _owned(figure: _Figure, owner: GroupMention | None) -> _Figure:
    """The figure as ``owner``'s, where its sentence is laid out so and nothing more certain speaks."""
    said = figure.linked.evidence.roles
    if owner is None or figure.linked.group == owner or figure.linked.group_by == RULE:
        return figure
    if said.get("arm", 0.0) + said.get("comparator", 0.0) < _EVEN:
        return figure
    return figure._replace(linked=figure.linked._replace(group=owner, group_by=LAYOUT))


def _telling(sentence: Sentence, is_title: bool) -> Telling:
    figures = [(figure.linked.group, figure.linked.evidence.roles) for figure in sentence.figures]
    study = sentence.size.value if sentence.size is not None else None
    return Telling(
        sentence.text, sentence.start, sentence.end, sentence.groups, figures, is_title, sentence.sizes, study
    )
