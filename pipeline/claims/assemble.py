"""Claims: the sentences of an article that report a result or claim an effect, with their values, roles and slots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from pipeline.claims.assertions import AssertionRules
from pipeline.claims.chance import ChanceRules
from pipeline.claims.confidence import Confidence
from pipeline.claims.cues import follows, shown
from pipeline.claims.design import Design
from pipeline.claims.directions import COMPARABLE, DirectionRules
from pipeline.claims.discourse import DiscourseRules
from pipeline.claims.draft import ClaimDraft
from pipeline.claims.evidence import COMPARATOR, FINITE, Evidence
from pipeline.claims.figureless import MODEL_ASSERTION, FigurelessClaims
from pipeline.claims.grouping import bounds, grouped, is_counterpart, is_row, is_told_with, part
from pipeline.claims.groups import GroupFinder, GroupMention, is_number
from pipeline.claims.reading import Figure, Sentence, SentenceReader
from pipeline.claims.roles import RoleRules, follow_their_groups
from pipeline.claims.sieve import Sieve
from pipeline.claims.slots import SlotFiller, Slots, Told
from pipeline.claims.values import Candidate, Named, ValueRules, value_of
from pipeline.claims.wording import LASTING, SHIFTS, WordingRules
from pipeline.model import ClaimKind, Mention, SampleSize
from pipeline.rules.items import PhraseSet, phrase_words
from pipeline.rules.ruleset import Ruleset
from pipeline.rules.templates import compiler_for
from pipeline.rules.terms import TermMatcher

_SIZE = "sample_size"
_SHORT = 3
"""Words between values that are listed one behind the other, at most."""
_EVEN = 0.5
"""How likely the model has to find that two figures are the beginning and the end of one group's."""
_GROUP_TERMS = ("intervention", "comparator", "group", "population")


class ClaimAssembler:
    """Makes claims of classified quantities, by the rules in ``rules/extract/`` and ``rules/context/`` and what the language model says."""

    def __init__(self, rules: Ruleset) -> None:
        compiler = compiler_for(rules)
        self._values = ValueRules(rules, compiler)
        self._terms = TermMatcher(rules)
        self._groups = GroupFinder(rules)
        self._roles = RoleRules(rules)
        self._sure = float(rules.params("arm-weights").get("clause_sure", 1.0))
        self._against = PhraseSet(rules.phrases("against-words"))
        self._slots = SlotFiller(rules, self._terms, self._groups)
        self._discourse = DiscourseRules(rules, self._groups)
        self._confidence = Confidence(rules)
        self._of = frozenset(rules.phrases("share-words"))
        directions = DirectionRules(rules)
        self.wording = WordingRules(rules, compiler, self._values, directions)
        self._chance = ChanceRules(rules)
        self.reader = SentenceReader(rules, compiler, self._values, self._groups)
        assertions = AssertionRules(rules, compiler, directions)
        self._figureless = FigurelessClaims(rules, assertions, self.wording)
        self.sieve = Sieve(rules, self.reader.cues, self._values, assertions, self._groups)

    def assemble(
        self, evidence: Evidence, read: Sequence[Sentence], design: Design, title: tuple[int, int] | None = None
    ) -> list[ClaimDraft]:
        """The claims of an article, in text order, of what the :attr:`reader` gives. Never raises."""
        told = [Told(s.start, s.end, bool(shown(s.cues, "new_study"))) for s in read]
        slots = self._slots.of(evidence, design, told, title)
        discourse = self._discourse.of(evidence, design, slots, self.wording)
        earlier: list[GroupMention] = []
        for sentence in read:
            made = list(self._drafts(sentence, evidence, design, slots, earlier)) if sentence.items.items else []
            discourse.add(sentence, made)
            apart = [group for group in sentence.groups if not group.is_population and sentence.is_chosen]
            arms = {design.arm(group.key) for group in apart}
            # "The difference from placebo was 3 points for the low dose" changes no order in which the groups are listed.
            listed = any(len({value.group for value in draft.values if value.group}) >= len(arms) for draft in made)
            if len(arms) > 1 and (listed or arms != {design.arm(group.key) for group in earlier}):
                earlier = apart
        return discourse.drafts

    def _drafts(
        self,
        sentence: Sentence,
        evidence: Evidence,
        design: Design,
        slots: Slots,
        earlier: Sequence[GroupMention],
    ) -> Iterator[ClaimDraft]:
        if not sentence.is_read or shown(sentence.cues, "no_claim"):
            return
        if all(figure.candidate.measure == _SIZE for figure in sentence.figures):
            # "A trial of 320 nurses showed that naps work" says both.
            for draft in self._figureless.of(sentence, evidence, slots):
                if not sentence.figures or draft.rule != MODEL_ASSERTION:
                    yield draft
        if not sentence.figures:
            return
        items, pairs = sentence.items, sentence.pairs
        candidates = [figure.candidate for figure in sentence.figures]
        named = [self._named(sentence.text, figure, design) for figure in sentence.figures]
        outcomes = [
            (one.outcome.start, one.outcome.end) if one.outcome is not None and one.outcome_score > self._sure else None
            for one in (figure.linked for figure in sentence.figures)
        ]
        edges = bounds(items, sentence.cues)

        def drafted(group: list[int]) -> ClaimDraft:
            return self._draft(
                sentence,
                evidence,
                design,
                slots,
                earlier,
                [sentence.figures[at] for at in group],
                [named[at] for at in group],
                edges,
                next((pairs[at].kind for at in group if at in pairs and pairs[at].kind), None),
                is_before=any(at in pairs and pairs[at].is_before for at in group),
            )

        members: list[list[int]] = []
        made: list[ClaimDraft] = []
        for group in grouped(items, candidates, named, edges, pairs, outcomes):
            draft = drafted(group)
            before = next((at for at in reversed(range(len(made))) if is_told_with(made[at], draft)), None)
            if before is not None and is_counterpart(made[before], draft):
                # Whose figure each is shows only once roles are known, and with that what belongs together.
                both = drafted([*members[before], *group])
                if {value.role for value in both.values} == {"arm", "comparator"}:
                    members[before], made[before] = [*members[before], *group], both
                    continue
            members.append(group)
            made.append(draft)
        yield from self._chance.applied(sentence, sorted(made, key=lambda draft: draft.values[0].start))

    def _named(self, text: str, figure: Figure, design: Design) -> Named | None:
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
        figures: list[Figure],
        named: list[Named | None],
        edges: list[int],
        told_as: ClaimKind | None,
        *,
        is_before: bool,
    ) -> ClaimDraft:
        """The claim of ``figures``, of which the first leads; ``named`` are the groups of people, ``told_as`` what pairs show,
        ``is_before`` whether their words say that the first figure is what the same group had before."""
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
        in_order = bool(shown(cues, "in_order", first, len(sentence.items)))
        if lead.design or (in_order and len(named) > 1 and all(name is None or name.is_population for name in named)):
            # "by 45 women (30%) and 60 women (40%), respectively": the people that are counted are no groups.
            named = [None] * len(named)
        if len(group) == 1 and named[0] is not None and self._is_elsewhere(evidence, lead.mention, named[0]):
            named = [None]
        if len(group) == 1 and lead.measure in SHIFTS:
            # "30% less likely than the placebo group": the figure is nobody's.
            named = [name if name is None or name.role != "comparator" else None for name in named]
        named = self._halved(sentence.text, group, named)
        if told_as == "change" and not is_before and _is_between(figures):
            told_as = None
        elif told_as == "change":
            named = _of_one(named, figures, sure=is_before)
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
            in_order=not timed
            and (in_order or follow_their_groups(evidence.text, group[0].mention.start, named, sentence.groups)),
        )
        named, stated_roles = told.named, told.roles
        if not any(named) and not lead.counts and _is_of_the_treated(lead, kind):
            people = self._people(sentence, design, first, last, lead)
            if people is not None:
                named, stated_roles = [people] * len(group), ["arm"] * len(group)
        if not any(named) and not lead.design and lead.measure in LASTING and not any(stated_roles):
            stated_roles = ["arm"] * len(group)
        if lead.design and (not lead.counts or lead.measure in LASTING):
            stated_roles = [None] * len(group)
        elif lead.counts:
            stated_roles = ["total" for _ in stated_roles]
        elif shown(cues, "baseline", first, last):
            stated_roles = ["baseline" if role in ("arm", "comparator") else role for role in stated_roles]
        elif lead.measure not in COMPARABLE and told_as != "change":
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
            lasting=lead.measure in LASTING and not lead.design,
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
            timepoint=self.wording.timepoint(sentence, first, last, lead) if told_of else None,
            sample_size=self._size_of(sentence, lead),
            direction=self.wording.direction(sentence, group, values, kind, (first, last), filled) if told_of else None,
            strength=self.wording.strength(sentence, evidence) if told_of else "none",
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
        return any(token.tag_ in FINITE for token in between)

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

    def _size_of(self, sentence: Sentence, lead: Candidate) -> SampleSize | None:
        """The size of the study; a claim that states a size of its own has that, or none where it is a group's."""
        if lead.measure != "sample_size":
            return sentence.size
        own = lead.mention
        total = self._values.is_total(sentence.items, lead.place)
        return SampleSize(text=own.text, value=own.value) if total else None


def _is_between(figures: Sequence[Figure]) -> bool:
    """Whether the first of two figures is rather what another group had than what one group began with: "the drug improved survival
    from 7 to 9 months"."""
    said = figures[0].linked.evidence.roles
    return said.get("comparator", 0.0) > said.get("baseline", 0.0)


def _of_one(named: list[Named | None], figures: Sequence[Figure], *, sure: bool) -> list[Named | None]:
    """``named`` where all are figures of one group: only one is named, or it is ``sure``, or the model knows them for its beginning and
    end."""
    groups = {name.words: name for name in named if name is not None}
    first, last = (figure.linked.evidence.roles for figure in (figures[0], figures[-1]))
    sure = sure or min(first.get("baseline", 0.0), last.get("followup", 0.0)) > _EVEN
    return [next(iter(groups.values()))] * len(named) if len(groups) == 1 or (groups and sure) else named


def _is_of_the_treated(lead: Candidate, kind: ClaimKind) -> bool:
    """Whether a figure of no named group can only be that of those who were treated: how long an effect lasts, a change of theirs."""
    return lead.measure == "duration" or (kind == "change" and lead.measure == "relative_change")


def _group_id(name: Named | None, slots: Slots) -> str | None:
    if name is None:
        return None
    return name.term.id if name.term is not None else slots.group(name.start, name.end)
