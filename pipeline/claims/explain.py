"""Why a claim is as it is: what the language model says of its sentence, which rules fired there, and which almost did."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import NamedTuple

from spacy.tokens import Doc

from pipeline.claims.analyze import Analyzer, Examined
from pipeline.claims.cues import Cue
from pipeline.claims.draft import identified
from pipeline.claims.evidence import Passage
from pipeline.claims.fits import CueFits, FigureFits, RuleFit
from pipeline.claims.grouping import bounds, part
from pipeline.claims.groups import GroupMention
from pipeline.components.classify import by_sentence
from pipeline.components.quantities import QuantityFinder
from pipeline.language.labels import LabelMap
from pipeline.model import Article, Claim, Mention, QuantityClass, Record
from pipeline.rules.items import Items, itemise
from pipeline.rules.ruleset import Ruleset
from pipeline.rules.templates import compiler_for

TEXT_GONE = "the text of its article is no longer in the results; its sentence is read by itself"
TEXT_MOVED = "its sentence is not at its place in the text of its article; it is read by itself"
NOT_FOUND = "this program with these rules and this model no longer makes this claim"
_ID = ("claim_id", "article_id", "values_hash")


class Word(Record, frozen=True, kw_only=True):
    """One word of the parse; ``number`` counts from 1, and ``head`` is the number of its head, 0 at the root."""

    number: int
    text: str
    tag: str
    relation: str
    head: int


class Named(Record, frozen=True, kw_only=True):
    """A passage that the model or a topic file names, with its label; also one that a figure may belong to."""

    text: str
    label: str
    score: float
    """0 to 1; of an entity how sure it is, of a link its probability."""
    id: str | None = None


class Link(Record, frozen=True, kw_only=True):
    """What a figure belongs to, the likeliest first."""

    kind: str
    """``group``, ``outcome`` or ``time``."""
    passages: tuple[Named, ...]
    none: float
    """The probability that the sentence tells none."""


class Figure(Record, frozen=True, kw_only=True):
    """One quantity of the sentence."""

    text: str
    start: int
    end: int
    """Both count into the text that was read."""
    form: str
    quantity_class: QuantityClass
    class_rule: str | None
    """What gave it its class; None where its form alone did, or nothing."""
    value: int | None
    """Which of the claim's values it is, from 1."""
    roles: dict[str, float]
    """Probability of each role by the model, the likeliest first."""
    links: tuple[Link, ...]
    group: str | None
    """The group that it was linked to, as the sentence names it."""
    group_by: str | None
    """What found the group: ``rule``, ``model`` or ``clause``."""
    fits: tuple[RuleFit, ...]


class Arm(Record, frozen=True, kw_only=True):
    """One group of the article's design."""

    name: str
    """As first named."""
    others: tuple[str, ...]
    """Its other names."""
    size: int | None
    score: float
    """Log-odds that it is the intervention and not what it is compared with."""
    reasons: dict[str, float]
    """What speaks for that, in log-odds, the weightiest first; the weights are the rule ``arm-weights``."""
    here: bool
    """Whether the claim's sentence names it."""


class Change(Record, frozen=True, kw_only=True):
    """A field of the claim that would be another now."""

    field: str
    stored: object
    now: object


class Explanation(Record, frozen=True, kw_only=True):
    """All that led to one claim."""

    claim: Claim
    """As the run wrote it."""
    notes: tuple[str, ...]
    """What stands in the way of a full explanation, one line each."""
    words: tuple[Word, ...]
    entities: tuple[Named, ...]
    figures: tuple[Figure, ...]
    groups: tuple[Arm, ...]
    cues: tuple[RuleFit, ...]
    strength: tuple[float, ...]
    """The probability of each strength by the add-on, in the order of ``pipeline.model.Strength``; empty without it."""
    signs: tuple[float, ...]
    """The probability of each of its signs, in the order of ``pipeline.language.strength.SIGNS``; empty without it."""
    changes: tuple[Change, ...]
    """Where today's program, rules and model would make the claim otherwise."""


class _Sentence(NamedTuple):
    start: int
    end: int
    items: Items
    mentions: Sequence[Mention]


class Explainer:
    """Explains claims with one ruleset and one language model; built once per process."""

    def __init__(self, rules: Ruleset, model: str | None = None) -> None:
        compiler = compiler_for(rules)
        self.analyzer = Analyzer(rules, model)
        self._labels = LabelMap(rules)
        self._finder = QuantityFinder(rules)
        self._figures = FigureFits(rules, compiler)
        self._cues = CueFits(rules, compiler)

    def explain(self, claim: Claim, article: Article | None) -> Explanation:
        """Why ``claim`` is as it is. ``article`` is the one it was found in, None where that is gone. Never raises but for a model
        that cannot be loaded (ModelError, UsageError)."""
        notes: list[str] = []
        if article is None:
            notes.append(TEXT_GONE)
        elif article.text[claim.start : claim.end] != claim.quote:
            notes.append(TEXT_MOVED)
        whole = article is not None and not notes
        text = article.text if article is not None and whole else claim.quote
        shift = 0 if whole else claim.start
        seen = self.analyzer.examine(text)
        sentence = _sentence_at(seen.doc, claim.start - shift, claim.end - shift)
        if sentence is None:
            sentence = _Sentence(0, 0, itemise(text, 0, 0, ()), ())
        changes: tuple[Change, ...] = ()
        if article is not None and whole:
            drafts = self.analyzer.conclude(seen, article.references).drafts
            now = next((c for c in identified(claim.article_id, drafts) if c.claim_id == claim.claim_id), None)
            if now is None:
                notes.append(NOT_FOUND)
            else:
                changes = _changes(claim, now)
        return Explanation(
            claim=claim,
            notes=tuple(notes),
            words=self._words(seen.doc, sentence),
            entities=tuple(
                _named(text, passage, passage.score)
                for passage in seen.evidence.passages(sentence.start, sentence.end, names=True)
            ),
            figures=self._read_figures(seen, sentence, claim, shift),
            groups=_arms(text, seen, sentence),
            cues=tuple(self._cues.of(text, sentence.items, lambda cues: _part(claim, sentence, cues, shift))),
            strength=tuple(seen.evidence.strength(sentence.start, sentence.end) or ()),
            signs=tuple(seen.evidence.signs(sentence.start, sentence.end, -inf) or ()),
            changes=changes,
        )

    def _words(self, doc: Doc, sentence: _Sentence) -> tuple[Word, ...]:
        span = doc.char_span(sentence.start, sentence.end, alignment_mode="expand") if sentence.end else None
        if span is None:
            return ()
        view = self._labels.view(span, self.analyzer.language.scheme)
        words = [at for at, token in enumerate(span) if not token.is_space]
        numbers = {at: number for number, at in enumerate(words, 1)}
        return tuple(
            Word(
                number=numbers[at],
                text=span[at].text,
                tag=span[at].tag_,
                relation=view.relations[at],
                head=numbers.get(int(view.heads[at]), 0),
            )
            for at in words
        )

    def _read_figures(self, seen: Examined, sentence: _Sentence, claim: Claim, shift: int) -> tuple[Figure, ...]:
        text = seen.doc.text
        place = sentence.start, sentence.end
        raw = [m for m in self._finder.find(text) if sentence.start <= m.start < sentence.end]
        before = itemise(text, *place, raw)
        raw_at = {(m.start, m.end): m for m in raw}
        values = {(v.start - shift, v.end - shift): number for number, v in enumerate(claim.values, 1)}
        linked = {
            (figure.candidate.mention.start, figure.candidate.mention.end): figure.linked
            for one in seen.sentences
            if one.start == sentence.start
            for figure in one.figures
        }
        found = []
        for mention in sentence.mentions:
            span = mention.start, mention.end
            said = seen.evidence.figure(*span, place)
            link = linked.get(span)
            group = link.group if link is not None else None
            fits: list[RuleFit] = []
            # Classes were given before there were any; all other rules see them.
            first = before.index_of(raw_at[span]) if span in raw_at else None
            if first is not None:
                fits += self._figures.of(text, before, first, ("class",))
            second = sentence.items.index_of(mention)
            if second is not None:
                kinds = ("measure", "value", "group", "pair", "size", "time")
                fits += self._figures.of(text, sentence.items, second, kinds)
            found.append(
                Figure(
                    text=mention.text,
                    start=mention.start,
                    end=mention.end,
                    form=mention.form,
                    quantity_class=mention.quantity_class,
                    class_rule=mention.rule,
                    value=values.get(span),
                    roles=dict(sorted(said.roles.items(), key=lambda role: (-role[1], role[0]))),
                    links=tuple(
                        Link(
                            kind=kind,
                            passages=tuple(_named(text, passage, score) for passage, score in scored),
                            none=said.unlinked.get(kind, 0.0),
                        )
                        for kind, scored in said.links.items()
                    ),
                    group=text[group.start : group.end] if group is not None else None,
                    group_by=link.group_by if link is not None else None,
                    fits=tuple(fits),
                )
            )
        return tuple(found)


def _sentence_at(doc: Doc, start: int, end: int) -> _Sentence | None:
    """The sentence that shares most with ``start`` to ``end``."""
    spans: list[tuple[int, int]] = list(doc._.sentence_spans)
    shared = [(min(end, e) - max(start, s), -s, e) for s, e in spans]
    most, at, last = max(shared, default=(0, 0, 0))
    if most <= 0:
        return None
    first = -at
    inside = next((found for begin, _, found in by_sentence(spans, doc._.quantities) if begin == first), [])
    return _Sentence(first, last, itemise(doc.text, first, last, inside), inside)


def _part(claim: Claim, sentence: _Sentence, cues: list[Cue], shift: int) -> tuple[int, int, int | None]:
    """The items of the claim's part of its sentence, first and last, and that of its first value."""
    starts = {value.start - shift for value in claim.values}
    places = [at for at, item in enumerate(sentence.items.items) if item.mention is not None and item.start in starts]
    if not places:
        return 0, len(sentence.items), None
    first, last = part(bounds(sentence.items, cues), places[0], len(sentence.items))
    return first, max(last, places[-1]), places[0]


def _arms(text: str, seen: Examined, sentence: _Sentence) -> tuple[Arm, ...]:
    """The groups of the design: those of the sentence first, then the others, in both the likeliest intervention first."""
    mentions: dict[tuple[str, ...], list[GroupMention]] = {key: [] for key in seen.design.order}
    for one in seen.sentences:
        for group in one.groups:
            key = seen.design.arm(group.key)
            if key in mentions and not group.is_population:
                mentions[key].append(group)
    size = next((one.size for one in seen.sentences if one.start == sentence.start), None)
    study = size.value if size is not None else None
    found = []
    for key, groups in mentions.items():
        names = list(dict.fromkeys(" ".join(text[group.start : group.end].split()) for group in groups))
        reasons = sorted(seen.design.reasons(key).items(), key=lambda reason: (-abs(reason[1]), reason[0]))
        found.append(
            Arm(
                name=names[0] if names else " ".join(key),
                others=tuple(names[1:]),
                size=seen.design.size(key, study),
                score=seen.design.score(key),
                reasons=dict(reasons),
                here=any(sentence.start <= group.start < sentence.end for group in groups),
            )
        )
    return tuple(sorted(found, key=lambda arm: (not arm.here, -arm.score)))


def _named(text: str, passage: Passage, score: float) -> Named:
    return Named(text=text[passage.start : passage.end], label=passage.label, score=score, id=passage.id)


def _changes(stored: Claim, now: Claim) -> tuple[Change, ...]:
    return tuple(
        Change(field=name, stored=getattr(stored, name), now=getattr(now, name))
        for name in stored.__struct_fields__
        if name not in _ID and getattr(stored, name) != getattr(now, name)
    )
