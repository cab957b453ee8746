"""Statements without a figure that claim an effect, an association or safety: what of what, and how firmly."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from pipeline.claims.cues import Cue, shown
from pipeline.claims.directions import DirectionRules
from pipeline.claims.evidence import CONDITION, OUTCOME, Passage, is_inside
from pipeline.claims.strength import graded
from pipeline.model import Certainty, Direction, Strength
from pipeline.rules.items import Item, Items, PhraseSet, phrase_words
from pipeline.rules.ruleset import Ruleset
from pipeline.rules.templates import Template, TemplateCompiler, compiler_for

_KEY = "assertion"
_NONE = "none"
"""The sort of the rules that say a sentence claims nothing."""
_CALLED = ("efficacy", "safety")
"""Sorts of assertions that say what a thing is, not what it does to another."""
_LIMIT = "limit"
"""The sort of what is not known, or what a study cannot show."""
_OF, _OBJECT = "of", "object"
"""Of rules that say so the words before the match are what it happens to, not what brings it about."""
_UNDIRECTED = ("safety", _LIMIT)
"""Sorts of assertions that tell neither more nor less of anything."""
_BY_STRENGTH = "assertion-by-strength"
_NEAR = 4
"""How many words from the match a negation or a word of more or less may stand."""
_MOST_WORDS = 10
"""How many words around the match are a subject or an object, where no model says what names something."""
_CUT = 1
"""So many words the model may leave off the end of what a rule takes for one name."""
_UNNAMED = 0.15
"""How much less sure an assertion is of which neither subject nor object is known."""

Place = tuple[int, int]
"""Characters, counted into the text."""


class Assertion(NamedTuple):
    """What a sentence claims without a figure."""

    subject: Place | None
    """The words for what brings the effect: a treatment, habit or exposure. None where only a pronoun or nothing names it."""
    object: Place | None
    """The words for what it acts on or goes with: an outcome, condition or population."""
    direction: Direction | None
    certainty: Certainty
    sort: str
    """``safety``, ``efficacy``, ``effect``, ``association``, ``difference``, or ``limit`` for what is not known."""
    rule: str
    confidence: float
    """0 to 1: how likely a reviewer calls the sentence a claim, and believes what is said to act on what."""


class _Predicate(NamedTuple):
    """Items ``first`` to ``last`` (inclusive) say what is claimed."""

    first: int
    last: int
    rule: str
    says: dict[str, Any]
    captures: dict[str, Place]


class AssertionRules:
    """The rules that produce ``assertion``; built once per process.

    The rule of highest priority decides, of several the earliest in the sentence. Where none fires, the strength of the sentence
    decides together with what the language model found in it, as the rule ``assertion-by-strength`` says.
    """

    def __init__(
        self, rules: Ruleset, compiler: TemplateCompiler | None = None, directions: DirectionRules | None = None
    ) -> None:
        compiler = compiler_for(rules) if compiler is None else compiler
        self._templates: dict[str, list[Template]] = {
            rule["id"]: [compiler.compile(template) for template in _list(rule.get("match"))]
            for rule in rules.stage("context")
            if _KEY in rule.get("produces", ())
        }
        params = rules.params(_BY_STRENGTH)
        self._params: dict[str, Any] = dict(params)
        self._directions = DirectionRules(rules) if directions is None else directions
        self._strengths: frozenset[Strength] = frozenset(params.get("strengths", ()))
        self._verbs = _listed(rules, params.get("verbs", ())) - _listed(rules, params.get("light", ()))
        self._by_model = frozenset(map(str, rules.params("assertion-by-model").get("cues", ())))
        self._min_score = float(params.get("min_score", 0.5))
        self._subjects = frozenset(params.get("subjects", ()))
        self._objects = frozenset(params.get("objects", ()))
        self._people = frozenset(params.get("people", ()))
        self._pronouns = _words(rules, "effect-pronouns")
        self._referring = _words(rules, "referring-words")
        self._nouns = _words(rules, "treatment-nouns")
        self._both = PhraseSet(rules.phrases("both-groups"))
        self._no_exposure = _words(rules, "no-exposure")
        self._studied = _words(rules, "study-subjects")
        self._breaks = _words(rules, "subject-breaks")
        self._small = _words(rules, "small-words")
        self._joiners = _words(rules, "clause-joiners")

    def find(
        self, text: str, start: int, end: int, items: Items, passages: Sequence[Passage] | None, cues: Sequence[Cue]
    ) -> Assertion | None:
        """What the sentence ``text[start:end]`` claims above all, or None, see :meth:`find_all`."""
        return next(self.find_all(text, start, end, items, passages, cues), None)

    def find_all(
        self, text: str, start: int, end: int, items: Items, passages: Sequence[Passage] | None, cues: Sequence[Cue]
    ) -> Iterator[Assertion]:
        """What the sentence ``text[start:end]`` claims, the weightiest first, and what else its other parts say of other outcomes.

        ``items`` are those of the sentence, ``passages`` what the language model names in it, ``cues`` all that ``CueRules.find``
        finds. None for ``passages`` says that the model has no labels of ours: then the words around the match tell what is
        claimed of what.
        """
        named = [p for p in passages or () if p.score >= self._min_score and start <= p.start and p.end <= end]
        found = list(cues)
        predicate = self._stated(items, found)
        if predicate is None:
            predicate = self._graded(items, found, None if passages is None else named)
        if predicate is None or predicate.says.get("sort", _NONE) == _NONE:
            return
        said = self._said(text, items, found, predicate, named)
        yield said
        if named and said.sort != _LIMIT:
            yield from self._beside(text, items, found, predicate, named, said)

    def _beside(
        self, text: str, items: Items, cues: list[Cue], first: _Predicate, named: list[Passage], said: Assertion
    ) -> Iterator[Assertion]:
        """What parts of the sentence other than that of ``first`` say of outcomes of their own: "less pain, but did not sleep better"."""
        joints = [at for at, item in enumerate(items.items) if item.word in self._joiners]
        if not joints:
            return
        taken: list[_Predicate] = [first]
        objects = {said.object}
        for predicate in [*self._others(items, cues), *self._acting(items, cues)]:
            if not all(_are_apart(predicate, other, joints) for other in taken):
                continue
            begins = max((at for at in joints if at < predicate.first), default=0)
            following = min((other.first for other in taken if other.first > predicate.last), default=None)
            ends = len(items.items) - 1 if following is None else max(at for at in joints if at < following)
            place = items.items[begins].start, items.items[ends].end
            inside = [p for p in named if place[0] <= p.start and p.end <= place[1]]
            if not any(p.label == OUTCOME for p in inside):
                continue
            other = self._said(text, items, cues, predicate, inside)
            told = other.object is not None and any(
                p.label == OUTCOME and p.start < other.object[1] and other.object[0] < p.end for p in inside
            )
            if not told or other.direction is None or other.object in objects:
                continue
            taken.append(predicate)
            objects.add(other.object)
            yield other._replace(subject=said.subject) if other.subject is None else other

    def _others(self, items: Items, cues: list[Cue]) -> Iterator[_Predicate]:
        """What the rules say, the one of highest priority first."""
        for cue in sorted(cues, key=lambda cue: (-cue.priority, cue.first, cue.rule, cue.last)):
            sort = cue.produces.get(_KEY, {}).get("sort", _NONE)
            if sort not in (_NONE, _LIMIT) and not self._asked(cues, cue):
                yield self._predicate(items, cue)

    def _said(
        self, text: str, items: Items, found: list[Cue], predicate: _Predicate, named: list[Passage]
    ) -> Assertion:
        certainty = self._certainty(found, predicate)
        subject, object_ = self._slots(items, predicate, named)
        confidence = float(predicate.says.get("confidence", 0.5)) - (_UNNAMED if subject is None is object_ else 0.0)
        return Assertion(
            subject,
            object_,
            self._directions.of(
                _direction(found, predicate, certainty), text[slice(*object_)] if object_ is not None else None
            ),
            certainty,
            str(predicate.says["sort"]),
            predicate.rule,
            round(max(confidence, 0.0), 3),
        )

    def refers(self, items: Items) -> bool:
        """Whether words of the sentence may stand for a treatment that was named before: a pronoun, "the drug", "both groups"."""
        return self._both.within([item.word for item in items.items]) or any(
            item.word in self._pronouns
            or (
                item.word in self._referring
                and place + 1 < len(items.items)
                and items.items[place + 1].word in self._nouns
            )
            for place, item in enumerate(items.items)
        )

    def is_told_of(self, word: str) -> bool:
        """Whether ``word`` is for who speaks or what is studied, so that it names no treatment: "results", "doctors"."""
        return word in self._no_exposure or word in self._studied

    def is_barred(self, items: Items, cues: Sequence[Cue]) -> bool:
        """Whether a rule says that the sentence claims nothing: advice, plans, history, questions."""
        predicate = self._stated(items, list(cues))
        return predicate is not None and predicate.says.get("sort", _NONE) == _NONE

    def may_claim(self, items: Items, cues: list[Cue]) -> bool:
        """Whether the words of a sentence admit a claim without a figure, whatever the language model finds in it."""
        predicate = self._stated(items, cues)
        if predicate is not None:
            return bool(predicate.says.get("sort", _NONE) != _NONE)
        if any(cue.rule in self._by_model for cue in cues):
            return True
        return any(True for _ in self._actions(items, cues))

    def _stated(self, items: Items, cues: list[Cue]) -> _Predicate | None:
        """What the rule of highest priority among those that produce ``assertion`` says."""
        best = min(
            (
                cue
                for cue in cues
                if _KEY in cue.produces and (cue.produces[_KEY].get("sort") == _NONE or not self._asked(cues, cue))
            ),
            key=lambda cue: (-cue.priority, cue.first, cue.rule, cue.last),
            default=None,
        )
        return None if best is None else self._predicate(items, best)

    def _predicate(self, items: Items, cue: Cue) -> _Predicate:
        captures: dict[str, Place] = {}
        for template in self._templates.get(cue.rule, ()):
            for match in template.find(items):
                if (match.first, match.last) == (cue.first, cue.last):
                    captures.update(match.captures)
        return _Predicate(cue.first, cue.last, cue.rule, dict(cue.produces[_KEY]), captures)

    def _graded(self, items: Items, cues: list[Cue], named: list[Passage] | None) -> _Predicate | None:
        """What the strength of the sentence says, where it names what such a claim is about."""
        for predicate in self._acting(items, cues):
            if named is not None:
                if self._labelled(items, predicate, named):
                    return predicate
            elif self._worded(items, predicate):
                return predicate._replace(says={**predicate.says, "confidence": self._params.get("unlabelled", 0.5)})
        return None

    def _acting(self, items: Items, cues: list[Cue]) -> Iterator[_Predicate]:
        """The same as :meth:`_actions`, as predicates."""
        says = {"sort": self._params.get("sort", "effect"), "confidence": self._params.get("confidence", 0.5)}
        for first, last in self._actions(items, cues):
            yield _Predicate(first, last, _BY_STRENGTH, says, {})

    def _actions(self, items: Items, cues: list[Cue]) -> Iterator[tuple[int, int]]:
        """The items, first and last, that say with some strength what is done to something, the weightiest first."""
        if graded(cues).strength == "none":
            return
        for cue in sorted(cues, key=lambda cue: (-cue.priority, cue.first, cue.rule)):
            if cue.produces.get("strength") not in self._strengths and "acts" not in cue.produces:
                continue
            verbs = [at for at in range(cue.first, cue.last + 1) if items.items[at].word in self._verbs]
            if "acts" in cue.produces and not verbs:
                verbs = [cue.last]
            if verbs and not self._asked(cues, cue):
                yield cue.first, verbs[-1]

    def _labelled(self, items: Items, predicate: _Predicate, named: list[Passage]) -> bool:
        """Whether the model names what acts before the match, or a pronoun does, and behind it what is acted on."""
        first = items.items[predicate.first]
        at = self._passed(items, predicate.first)
        acts = any(p.label in self._subjects and p.start < first.start for p in named) or (
            at >= 0 and items.items[at].word in self._pronouns
        )
        return acts and any(p.label in self._objects and p.end > first.end for p in named)

    def _worded(self, items: Items, predicate: _Predicate) -> bool:
        """The same, where no model says what names something."""
        subject = self._words_before(items, predicate.first)
        if self._words_behind(items, predicate.last) is None:
            return False
        at = self._passed(items, predicate.first)
        if subject is None:
            return at >= 0 and items.items[at].word in self._pronouns
        words = [item.word for item in items.items if subject[0] <= item.start < subject[1]]
        return words[-1] not in self._studied and not any(word in self._no_exposure for word in words)

    @staticmethod
    def _asked(cues: list[Cue], cue: Cue) -> bool:
        """Whether ``cue`` stands in what is only asked."""
        return bool(shown(cues, "open", place=cue.first))

    def _certainty(self, cues: list[Cue], predicate: _Predicate) -> Certainty:
        stated: Certainty | None = predicate.says.get("certainty")
        if stated in ("negated", "hedged"):
            return stated
        if stated is None and _near(cues, "negates", predicate, behind=0) is not None:
            return "negated"
        hedged = shown(cues, "certainty", place=predicate.last + 1) == "hedged"
        if hedged or graded(cues).strength == "conditional_causal":
            return "hedged"
        return "asserted"

    def _slots(self, items: Items, predicate: _Predicate, named: list[Passage]) -> tuple[Place | None, Place | None]:
        """The words for what acts and for what it acts on."""
        first, last = items.items[predicate.first], items.items[predicate.last]
        things = [p for p in named if p.label in self._objects and not self._is_part(p, named)]
        if predicate.says.get("sort") in _CALLED:
            # What is called safe or useful is so for what is told behind it.
            things = [p for p in things if p.label != CONDITION or p.start >= first.start]
        subject, object_ = predicate.captures.get("subject"), predicate.captures.get("object")
        if named:
            subject = self._narrowed(items, subject, named, self._subjects)
            object_ = self._narrowed(items, object_, things, self._objects)
            if subject is None:
                subject = _nearest([p for p in named if p.label in self._subjects], first.start, object_, before=True)
            for told in (things, [p for p in named if p.label in self._people]):
                if object_ is None:
                    object_ = _nearest(told, first.start, subject, before=False)
            return subject, object_
        if predicate.says.get("sort") == _LIMIT:
            return subject, object_  # the words around it speak of knowing, not of what acts
        if predicate.says.get(_OF) == _OBJECT:
            return subject, object_ if object_ is not None else self._words_before(items, predicate.first)
        if subject is None:
            subject = self._words_before(items, predicate.first)
        if object_ is None:
            object_ = self._words_behind(items, predicate.last)
        elif subject is None:
            subject = self._words_behind(items, predicate.last)
        return subject, object_ if last.end > first.start else None

    def _is_part(self, condition: Passage, named: Sequence[Passage]) -> bool:
        """Whether a condition only tells who the people are or what is given: "adults with gout", "the flu jab"."""
        whole = (p for p in named if p.label in self._people or p.label in self._subjects)
        return condition.label == CONDITION and any(is_inside(condition, p) for p in whole)

    def _narrowed(
        self, items: Items, place: Place | None, named: Sequence[Passage], labels: Collection[str]
    ) -> Place | None:
        """What the model names in the words at ``place``; None where these hold a pronoun and no name."""
        if place is None:
            return None
        inside = [p for p in named if p.label in labels and place[0] <= p.start and p.end <= place[1]]
        if inside:
            best = max(inside, key=lambda p: (p.end - p.start, -p.start))
            after = sum(best.end <= item.start and item.end <= place[1] for item in items.items)
            # "side" of "side effects" names nothing
            return place if 0 < after <= _CUT and best.start == place[0] else (best.start, best.end)
        around = [p for p in named if p.label in labels and p.start <= place[0] and place[1] <= p.end]
        if around:
            return min((p.start, p.end) for p in around)
        words = [item.word for item in items.items if place[0] <= item.start < place[1]]
        unnamed = self._pronouns | self._breaks | self._no_exposure
        return place if unnamed.isdisjoint(words) else None

    def _words_before(self, items: Items, place: int) -> Place | None:
        """The words before item ``place`` and in its clause; auxiliaries beside it are passed over."""
        at = self._passed(items, place)
        chosen: list[Item] = []
        while at >= 0 and len(chosen) < _MOST_WORDS and self._goes_on(items.items[at]):
            chosen.insert(0, items.items[at])
            at -= 1
        return self._named_by(chosen)

    def _passed(self, items: Items, place: int) -> int:
        """The item before item ``place``, when auxiliaries and the like are passed over; -1 where there is none."""
        at = place - 1
        while at >= 0 and items.items[at].word in self._breaks and items.items[at].word not in self._pronouns:
            at -= 1
        return at

    def _words_behind(self, items: Items, place: int) -> Place | None:
        """The words behind item ``place`` and in its clause."""
        chosen: list[Item] = []
        for item in items.items[place + 1 :]:
            if len(chosen) >= _MOST_WORDS or not self._goes_on(item):
                break
            if chosen or item.word not in self._small:
                chosen.append(item)
        return self._named_by(chosen)

    def _goes_on(self, item: Item) -> bool:
        return (item.is_word or item.mention is not None) and item.word not in self._breaks

    def _named_by(self, chosen: list[Item]) -> Place | None:
        if all(item.word in self._no_exposure or item.word in self._small for item in chosen):
            return None
        return chosen[0].start, chosen[-1].end


def _are_apart(one: _Predicate, other: _Predicate, joints: Sequence[int]) -> bool:
    """Whether a word that joins clauses stands between ``one`` and ``other``."""
    return any(one.last < at < other.first or other.last < at < one.first for at in joints)


def _direction(cues: list[Cue], predicate: _Predicate, certainty: Certainty) -> str | None:
    stated: str | None = predicate.says.get("direction")
    if stated is not None:
        return stated
    if predicate.says["sort"] in _UNDIRECTED:
        return None
    if certainty == "negated":
        return "equal"
    toward: str | None = _near(cues, "toward", predicate, behind=_NEAR)
    return toward


def _near(cues: list[Cue], key: str, predicate: _Predicate, *, behind: int) -> Any:
    """What the cue nearest to the match shows for ``key``, if it stands within reach."""
    inside = [
        cue
        for cue in cues
        if key in cue.produces and cue.last >= predicate.first - _NEAR and cue.first <= predicate.last + behind
    ]
    best = min(
        inside,
        key=lambda cue: (
            max(predicate.first - cue.last, cue.first - predicate.last, 0),
            cue.first - cue.last,
            cue.first,
            cue.rule,
        ),
        default=None,
    )
    return None if best is None else best.produces[key]


def _nearest(passages: Sequence[Passage], place: int, other: Place | None, *, before: bool) -> Place | None:
    """The passage nearest to ``place`` on the wanted side, else on the other; never one that overlaps ``other``; of those that overlap each
    other the longest."""
    free = [p for p in passages if other is None or p.end <= other[0] or other[1] <= p.start]
    outer = [p for p in free if not any(q.start <= p.start and p.end <= q.end and q[:2] != p[:2] for q in free)]
    best = min(
        outer,
        key=lambda p: ((p.start < place) is not before, abs(place - (p.end if before else p.start)), p.start),
        default=None,
    )
    return None if best is None else (best.start, best.end)


def _listed(rules: Ruleset, names: Collection[str]) -> frozenset[str]:
    """The words of several lists."""
    return frozenset(word for name in names for word in _words(rules, name))


def _words(rules: Ruleset, name: str) -> frozenset[str]:
    return frozenset(word for phrase in rules.phrases(name) for word in phrase_words(phrase))


def _list(stated: str | list[str] | None) -> list[str]:
    return [stated] if isinstance(stated, str) else list(stated or ())
