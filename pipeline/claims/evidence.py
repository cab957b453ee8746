"""What the language model says of a text, in characters: entities, the roles of figures, and what each figure belongs to."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from spacy.tokens import Doc, Span

from pipeline.language.encoder import LINKS
from pipeline.language.entities import ENTITIES, FOUND, TokenPlaces, read_entities
from pipeline.language.text import text_of

if TYPE_CHECKING:
    from pipeline.language.strength import Judged, StrengthModel


INTERVENTION, COMPARATOR, CONDITION = "INTERVENTION", "COMPARATOR", "CONDITION"
OUTCOME, POPULATION = "OUTCOME", "POPULATION"
"""Labels of the guide, see ``docs/annotation.md``."""
_RESULT = "result"
_NO_NAMES = ("timepoint", "duration", "age", "sample_size", "year")
"""Classes of quantities that are never the name of a treatment."""


_DESCRIBES = ("amod", "compound")
_REACH = 2
"""Words between a describing word and its noun."""
_SUBJECTS = ("nsubj", "nsubj:pass")
_COUNTED = ("nummod", "nmod", "conj", "parataxis", "appos", "compound", "dep", "flat", "goeswith")
"""By which a figure belongs to what it counts."""
_TELLS = ("VERB", "ADJ")
_JOINS = ("ADP", "DET", "CCONJ", "SCONJ", "PART", "PRON", "AUX")
"""Parts of speech that end no phrase."""
_GOES_ON = ("cc", "mark", "advcl", "parataxis", "case:than")
"""With which another clause begins."""
_MOST_SAID = 6
"""Words of a phrase behind its verb."""
_CLAUSE = "acl"
_RELATIVE = ("WDT", "WP")
_MOST_HEADS = 8
FINITE = ("VBD", "VBZ", "VBP", "MD")
"""Penn tags of finite verbs."""
_PAST, _PRESENT = "VBD", ("VBZ", "VBP")
_AROUND = 40
"""How many passages on each side of a figure may be what it belongs to; no sentence that people write has more."""
P = TypeVar("P", bound="Placed")


class Placed(Protocol):
    """What stands somewhere in a text."""

    @property
    def start(self) -> int:
        """The first character."""


def around(placed: Sequence[P], at: int) -> Sequence[P]:
    """Those of ``placed``, in text order, that stand nearest to ``at``, so that endless lists cost no more than their length."""
    if len(placed) <= 2 * _AROUND:
        return placed
    place = bisect_left(placed, at, key=lambda one: one.start)
    return placed[max(0, place - _AROUND) : place + _AROUND]


class Passage(NamedTuple):
    """Characters ``start`` to ``end`` of the text name something."""

    start: int
    end: int
    label: str
    """One of the guide's, see ``docs/annotation.md``."""
    score: float
    """0 to 1; 1 for names out of a topic file."""
    id: str | None = None
    """The canonical name, where a topic file has one."""


def is_inside(one: Passage, other: Passage) -> bool:
    """Whether all of ``one`` is part of ``other``."""
    return other.start <= one.start and one.end <= other.end


class FigureEvidence(NamedTuple):
    """What the model says of one figure; empty where it has no roles and links."""

    roles: dict[str, float]
    """Probability of each role."""
    links: dict[str, list[tuple[Passage, float]]]
    """For group, outcome and time the passages of its sentence that may be it, with the probability of each, the likeliest first."""
    unlinked: dict[str, float]
    """The probability that the sentence names no group, outcome, time."""


NO_EVIDENCE = FigureEvidence({}, {}, {})


class Evidence:
    """Reads an encoded text; see :meth:`pipeline.language.annotate.LanguageModel.encode`."""

    def __init__(self, doc: Doc, labels: Mapping[str, tuple[str, ...]], strength: StrengthModel | None = None) -> None:
        """``labels`` tells which labels each link may lead to; ``strength`` is the add-on, where there is one."""
        self._doc = doc
        self.text = text_of(doc)
        self._strength = strength
        self._judged: dict[tuple[int, int], Judged] = {}
        self._labels = labels
        self._places = TokenPlaces(doc)
        self._named = self._read(ENTITIES)
        self._found = self._read(FOUND) if self.has_entities else self._named
        self._starts = {
            True: [passage.start for passage in self._named],
            False: [passage.start for passage in self._found],
        }
        self._quantities = [(q.start, q.end, q.quantity_class) for q in doc._.quantities or ()]

    @property
    def has_entities(self) -> bool:
        """Whether the model finds entities of our labels; names out of topic files do not count."""
        return bool(self._doc._.figure_scores)

    def _characters(self, start: int, end: int) -> tuple[int, int]:
        return int(self._places.starts[start]), int(self._places.ends[end - 1])

    def is_quantity(self, start: int, end: int) -> bool:
        """Whether a time or a number of people fills the words at ``start`` to ``end``."""
        at = bisect_right(self._quantities, (start, end, "")) - 1
        nearby = self._quantities[max(at, 0) : at + 2]
        return any(first <= start and end <= last and kind in _NO_NAMES for first, last, kind in nearby)

    def is_result(self, start: int) -> bool:
        """Whether the words at ``start`` begin with a figure that is a result, so that they name no treatment ("30 percent relapsed")."""
        at = bisect_left(self._quantities, (start, start, ""))
        return at < len(self._quantities) and self._quantities[at][0] == start and self._quantities[at][2] == _RESULT

    def _read(self, key: str) -> list[Passage]:
        return sorted(
            Passage(*self._characters(e.start, e.end), e.label, e.score, e.name or None)
            for e in read_entities(self._doc, key)
        )

    def passages(self, start: int, end: int, *, names: bool = False) -> Sequence[Passage]:
        """The entities that begin in ``start`` to ``end``, in text order: those that the model found, or with ``names`` those of topic
        files too, which then go before the model's.

        Names only tell ids, so that all else is the same on a topic that no file knows. A model without labels of ours finds none.
        """
        passages, starts = (self._named if names else self._found), self._starts[names]
        return passages[bisect_left(starts, start) : bisect_left(starts, end)]

    def figure(self, start: int, end: int, sentence: tuple[int, int]) -> FigureEvidence:
        """What the model says of the figure at ``start`` to ``end`` in ``sentence``."""
        span = self.tokens(start, end)
        roles = span._.role_scores if span is not None else None
        if span is None or roles is None:
            return NO_EVIDENCE
        nearby = around(self.passages(*sentence), start)
        links: dict[str, list[tuple[Passage, float]]] = {}
        unlinked: dict[str, float] = {}
        for kind in LINKS:
            scored = [
                (passage, float(span._.link_score(kind, self.tokens(passage.start, passage.end)) or 0.0))
                for passage in nearby
                if passage.label in self._labels.get(kind, ())
            ]
            links[kind] = sorted(scored, key=lambda pair: (-pair[1], pair[0]))
            unlinked[kind] = float(span._.link_score(kind, None) or 0.0)
        return FigureEvidence(roles, links, unlinked)

    def strength(self, start: int, end: int) -> Sequence[float] | None:
        """The probability of each strength of the sentence at ``start`` to ``end``, by the add-on; None without it."""
        judged = self._judge(start, end)
        return None if judged is None else [float(p) for p in judged.strength]

    def signs(self, start: int, end: int, least: float) -> Sequence[float] | None:
        """The probability of each of the add-on's signs in the sentence at ``start`` to ``end``.

        None without the add-on, and for a sentence that it was not asked of before and that at a glance bears none: whose log-odds are
        below ``least``.
        """
        if (start, end) not in self._judged and (
            self._strength is None or self._strength.glance(self._words(start, end)) < least
        ):
            return None
        judged = self._judge(start, end)
        return None if judged is None else [float(p) for p in judged.signs]

    def known(self, start: int, end: int) -> Judged | None:
        """What the add-on says of the sentence at ``start`` to ``end``; None where it was not asked of it before."""
        return self._judged.get((start, end))

    def _words(self, start: int, end: int) -> list[str]:
        return [token.text for token in self.tokens(start, end) or () if not token.is_space]

    def _judge(self, start: int, end: int) -> Judged | None:
        if (start, end) in self._judged:
            return self._judged[start, end]
        words = self._words(start, end)
        if self._strength is None or not words:
            return None
        judged = self._judged[start, end] = self._strength.judge(words)
        return judged

    def link(self, kind: str, figure: tuple[int, int], words: tuple[int, int]) -> float:
        """The probability that the ``kind`` (group, outcome, time) of ``figure`` is told by ``words``, any of its sentence."""
        span = self.tokens(*figure)
        return 0.0 if span is None else float(span._.link_score(kind, self.tokens(*words)) or 0.0)

    def whole(self, start: int, end: int) -> int:
        """Where the words at ``start`` to ``end`` end when the noun that they only describe is taken to them ("adverse" of "adverse
        events")."""
        span = self.tokens(start, end)
        if span is None or span[-1].dep_ not in _DESCRIBES or not 0 < span[-1].head.i - span[-1].i <= _REACH:
            return end
        head = span[-1].head
        between = span.doc[span[-1].i + 1 : head.i + 1]
        if head.pos_ != "NOUN" or any(t.is_punct for t in between):
            return end
        return self._characters(span.start, head.i + 1)[1]

    def subject(self, start: int, end: int) -> tuple[int, int] | None:
        """The head of what does, or undergoes, that of which the words at ``start`` to ``end`` tell: the subject of their verb, or the noun
        that their clause describes. None where the parse shows none."""
        span = self.tokens(start, end)
        token = span.root if span is not None and self._doc.has_annotation("DEP") else None
        for _ in range(_MOST_HEADS):
            if token is None or token.head == token:
                break
            token = token.head
            subject = next((child for child in token.lefts if child.dep_ in _SUBJECTS), None)
            if token.dep_.startswith(_CLAUSE) and (subject is None or subject.tag_ in _RELATIVE):
                return token.head.idx, token.head.idx + len(token.head)
            if subject is not None:
                return subject.idx, subject.idx + len(subject)
        return None

    def predicate(self, start: int, end: int, besides: Collection[str]) -> tuple[int, int] | None:
        """What is said of those whom the words at ``start`` to ``end`` count: the verb, or the adjective, of which they are the subject,
        with what follows it in its phrase, up to the next figure or mark. None where they are no subject, or of one of the verbs
        ``besides``."""
        span = self.tokens(start, end)
        token = span.root if span is not None and self._doc.has_annotation("DEP") else None
        for _ in range(_MOST_HEADS):
            if token is None or token.dep_ in _SUBJECTS or token.head == token or token.dep_ not in _COUNTED:
                break
            token = token.head
        if token is None or token.dep_ not in _SUBJECTS or token.i > token.head.i:
            return None
        told = token.head
        if told.pos_ not in _TELLS or told.lower_ in besides:
            return None
        last = told.i
        for following in self._doc[told.i + 1 : told.i + 1 + _MOST_SAID]:
            if (
                following.is_punct
                or following.like_num
                or following.dep_ in _GOES_ON
                or not told.is_ancestor(following)
            ):
                break
            if following.pos_ not in _JOINS:
                last = following.i
        return self._characters(told.i, last + 1)

    def has_verb(self, start: int, end: int) -> bool:
        """Whether the words at ``start`` to ``end`` hold a finite verb, without which nothing is said; true where the model tags no
        words."""
        span = self.tokens(start, end)
        return span is not None and (not self._doc.has_annotation("TAG") or any(t.tag_ in FINITE for t in span))

    def is_timeless(self, start: int, end: int, reporting: Collection[str]) -> bool:
        """Whether the words tell what holds at all times: verbs in the present tense or the perfect, none in the past but those of
        ``reporting`` ("said") and those that say who a person is ("who led it"); never where the model tags no words."""
        span = self.tokens(start, end)
        if span is None or not self._doc.has_annotation("TAG"):
            return False
        past = [t for t in span if t.tag_ == _PAST and t.lower_ not in reporting]
        told = [
            t for t in past if not any(before.tag_ in _RELATIVE for before in self._doc[max(0, t.i - _REACH) : t.i])
        ]
        return not told and any(t.tag_ in _PRESENT for t in span)

    def tokens(self, start: int, end: int) -> Span | None:
        """The tokens that share a character with ``start`` to ``end``; None where there are none."""
        first, behind = self._places.range(start, end)
        return self._doc[first:behind] if behind > first else None
