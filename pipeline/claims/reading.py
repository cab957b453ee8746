"""What each sentence of an article says by itself: its figures, the groups that they belong to, the size of its study."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeline.claims.cues import Cue, CueRules, shown
from pipeline.claims.design import Design, DesignReader, Telling
from pipeline.claims.evidence import CONDITION, INTERVENTION, Evidence, Passage
from pipeline.claims.grouping import Pair, bounds, paired, part
from pipeline.claims.groups import GroupFinder, GroupMention
from pipeline.claims.linking import LAYOUT, RULE, Linked, by_layout, link
from pipeline.claims.sifted import Sifted
from pipeline.claims.study import Marks, StudySize, most_people, references_and_years
from pipeline.claims.values import Candidate, Named, ValueRules
from pipeline.components.classify import by_sentence
from pipeline.model import Mention, SampleSize
from pipeline.rules.items import Items, itemise
from pipeline.rules.ruleset import Ruleset
from pipeline.rules.templates import TemplateCompiler

_ACRONYM = 3
_RATE = re.compile(r"(?:per |/)\d")
"""In a unit: so many per so many."""
_EVEN = 0.5
"""How likely a figure has to be one group's at least for the layout of its sentence to tell whose."""
_BEHIND = 3
"""Characters between a group and its size in brackets."""


class Figure(NamedTuple):
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
    figures: list[Figure]
    sizes: list[tuple[GroupMention, int]]
    """How many are in a group."""
    pairs: dict[int, Pair]
    """Which figures are told with which, as indices into ``figures``."""
    is_read: bool = True
    """Whether the language model has read it; else it makes no claim."""
    is_chosen: bool = True
    """Whether it is one of those that the model is there for; else it makes no claim on the model's word alone, and what the model says
    of it tells nothing of other sentences."""


class SentenceReader:
    """Reads sentences one by one, by the rules in ``rules/extract/`` and ``rules/context/`` and what the language model says; built once
    per process."""

    def __init__(self, rules: Ruleset, compiler: TemplateCompiler, values: ValueRules, groups: GroupFinder) -> None:
        self._values = values
        self._groups = groups
        self.cues = CueRules(rules, compiler)
        self._designs = DesignReader(rules)
        weights = rules.params("arm-weights")
        self._result = float(weights.get("result_sure", 1.0))
        self._sure = float(weights.get("clause_sure", 1.0))
        self._study_words = frozenset(rules.phrases("study-words"))

    def read(
        self,
        evidence: Evidence,
        sentences: Sequence[tuple[int, int]],
        mentions: Sequence[Mention],
        title: tuple[int, int] | None = None,
        sifted: Sifted | None = None,
    ) -> tuple[list[Sentence], Design]:
        """What each sentence says by itself, and the design that they tell together.

        ``sentences`` are spans of the text, ``mentions`` have their classes; both are sorted; ``title`` is the span of the sentence that
        is the title, ``sifted`` tells which sentences the language model has read; without it all.
        """
        read = list(self._read(evidence, sentences, mentions, sifted))
        tellings = [_telling(s, is_title=(s.start, s.end) == title and not s.figures) for s in read]
        return read, self._designs.read(tellings)

    def _read(
        self,
        evidence: Evidence,
        sentences: Sequence[tuple[int, int]],
        mentions: Sequence[Mention],
        sifted: Sifted | None,
    ) -> Iterator[Sentence]:
        """What each sentence says by itself, but for the size of the study, which earlier ones may tell."""
        text = evidence.text
        known = sifted.known if sifted is not None else {}
        study = StudySize(text)
        with_mentions = {start: inside for start, _, inside in by_sentence(sentences, mentions)}
        for start, end in sentences:
            inside = with_mentions.get(start, [])
            is_chosen = sifted is None or sifted.is_chosen(start)
            is_read = is_chosen or (sifted is not None and sifted.everything)
            groups = _outside_rates(self._groups.find(evidence, start, end), inside) if is_read else []
            if (start, end) in known:
                items, cues = known[start, end]
            else:  # the model parted it from another
                items = itemise(text, start, end, inside)
                cues = self.cues.find(items)
            new_study = bool(shown(cues, "new_study"))
            marks = self._marks(text, items, cues, inside, evidence.passages(start, end) if is_chosen else ())
            size = study.read(start, end, new_study, self._totals(items), most_people(inside), marks)
            figures, pairs = (
                self._figures(evidence, text, (start, end), items, groups, cues) if inside and is_read else ([], {})
            )
            sizes = self._sizes(evidence, (start, end), items, groups)
            yield Sentence(text, start, end, items, cues, size, groups, figures, sizes, pairs, is_read, is_chosen)

    def _figures(
        self,
        evidence: Evidence,
        text: str,
        sentence: tuple[int, int],
        items: Items,
        groups: list[GroupMention],
        cues: list[Cue],
    ) -> tuple[list[Figure], dict[int, Pair]]:
        picked = self._values.pick(items, functools.partial(self._is_result, evidence, sentence))
        candidates, pairs = paired(picked, functools.partial(self._values.partner, items))
        figures = []
        for candidate in candidates:
            named = self._values.group(text, items, candidate.place)
            certain = (named.start, named.end) if named is not None else None
            place = candidate.mention.start, candidate.mention.end
            clause = _clause(items, cues, candidate.place, candidates)
            linked = link(evidence, sentence, place, groups, certain, clause, self._sure)
            figures.append(Figure(candidate, linked, named))
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


def _outside_rates(groups: Sequence[GroupMention], mentions: Sequence[Mention]) -> list[GroupMention]:
    """The groups but for those that what a rate is per only seems to name: 18.1 per 1,000 ventilator days."""
    rates = [(m.start, m.end) for m in mentions if m.unit is not None and _RATE.search(m.unit)]
    return [g for g in groups if not any(start < g.start and g.end <= end for start, end in rates)]


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


def _clause(items: Items, cues: Sequence[Cue], place: int, figures: Sequence[Candidate]) -> tuple[int, int]:
    """The characters from the beginning of the clause that item ``place`` is in to its first figure; what stands in brackets is never
    parted."""
    first, _ = part(bounds(items, cues, "clause"), place, len(items))
    until = min(figure.place for figure in figures if first <= figure.place <= place)
    return items.items[first].start, items.items[until].start


def _owned(figure: Figure, owner: GroupMention | None) -> Figure:
    """The figure as ``owner``'s, where its sentence is laid out so and nothing more certain speaks."""
    said = figure.linked.evidence.roles
    if owner is None or figure.linked.group == owner or figure.linked.group_by == RULE:
        return figure
    if said.get("arm", 0.0) + said.get("comparator", 0.0) < _EVEN:
        return figure
    return figure._replace(linked=figure.linked._replace(group=owner, group_by=LAYOUT))


def _telling(sentence: Sentence, is_title: bool) -> Telling:
    if not sentence.is_chosen:
        return Telling(sentence.text, sentence.start, sentence.end, (), ())
    figures = [(figure.linked.group, figure.linked.evidence.roles) for figure in sentence.figures]
    study = sentence.size.value if sentence.size is not None else None
    return Telling(
        sentence.text, sentence.start, sentence.end, sentence.groups, figures, is_title, sentence.sizes, study
    )
