"""The groups of people that a sentence names: the arms of a trial, its controls, those who were given something."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, cast

from spacy.lang.en.lex_attrs import like_num
from spacy.tokens import Doc, Token

from pipeline.claims.evidence import POPULATION, Evidence, Passage
from pipeline.model import Role
from pipeline.rules.items import Items, PhraseSet, phrase_words
from pipeline.rules.ruleset import Ruleset
from pipeline.rules.template_syntax import fold

Key = tuple[str, ...]
"""What tells one group from another: the words of its name that count, sorted."""
_LABEL = re.compile(r"[A-Z]\d?|\d|[IVX]{1,4}")
_WORD = re.compile(r"\w+(?:['’.+-]\w+)*|\+")
_LEFT = frozenset({"det", "amod", "compound", "nummod", "nmod", "advmod", "punct", "case", "nmod:poss", "obl:npmod"})
_PLURALS = ("NNS", "NNPS")
_MODIFIERS = ("NN", "JJ", "CD", "VBN", "HYPH", "VBG")
_MOST_MODIFIERS = 4
_SUBJECTS = ("nsubj", "nsubj:pass")
_MOST_LEFT = 8
_PLURAL_FROM = 4
_REACH = 3
"""Words between a noun for a group and the treatment that names it."""


class GroupMention(NamedTuple):
    """Characters ``start`` to ``end`` name a group."""

    start: int
    end: int
    key: Key
    label: str | None
    """What the model takes the words for; None where it is silent."""
    score: float
    is_control: bool
    """Whether the words say that others are compared with it."""
    is_arm: bool = False
    """Whether the words say that it got what is tested."""
    is_lettered: bool = False
    """Whether it is named by a letter or number alone (group A)."""
    id: str | None = None
    """The canonical name, where a topic file has one."""

    @property
    def role(self) -> Role | None:
        """The role of its values, where the words alone show it."""
        return "comparator" if self.is_control else "arm" if self.is_arm else None

    @property
    def is_population(self) -> bool:
        """Whether the words say who they are, not what was done with them."""
        return self.label == POPULATION and not self.is_control


class GroupFinder:
    """Finds groups by the model's entities, by nouns for a group with what stands before them, and by words for controls."""

    def __init__(self, rules: Ruleset) -> None:
        self._nouns = frozenset(fold(word) for word in rules.phrases("arm-nouns"))
        self.stops = frozenset(fold(word) for word in rules.phrases("arm-stops"))
        """Words of a group's name that do not tell it from another."""
        self._control = PhraseSet(rules.phrases("control-words"))
        self._kept = self._control.words | PhraseSet(rules.phrases("added-words")).words
        self._verbs = frozenset(rules.phrases("comparing-verbs"))
        self._against = frozenset(rules.phrases("comparing-prepositions"))
        self._arm_words = frozenset(rules.phrases("arm-words"))
        self._openers = frozenset(rules.phrases("control-openers"))
        self._relatives = frozenset(rules.phrases("relative-words"))
        self._joiners = frozenset(rules.phrases("letter-joiners"))
        self._auxiliaries = frozenset(rules.phrases("relative-auxiliaries"))
        self._labels = frozenset(
            label for entry in rules.lexicon("link-labels") if entry["link"] == "group" for label in entry["names"]
        )

    def is_control(self, words: str) -> bool:
        """Whether the words name what others are compared with."""
        found = phrase_words(words)
        if not self._openers.isdisjoint(found[:2]):
            return True
        if any(word in self._relatives and self._denies(found[at + 1 : at + 3]) for at, word in enumerate(found)):
            return True
        return self._control.within(found)

    def _is_denied_only(self, words: str) -> bool:
        """Whether nothing but "who did not ..." makes the words a control: people may be told so by what they do not have."""
        found = phrase_words(words)
        return self._openers.isdisjoint(found[:2]) and not self._control.within(found)

    def _denies(self, words: Sequence[str]) -> bool:
        """Whether the first of two words, or the second behind a verb such as "did", holds something back."""
        if not words:
            return False
        return words[0] in self._openers or (words[0] in self._auxiliaries and words[-1] in self._openers)

    def may_set_apart(self, items: Items) -> bool:
        """Whether a sentence has words for a control, so that it may tell what is compared with what."""
        if self._control.words.isdisjoint(items.vocabulary):
            return False
        return self._control.within([item.shouted or item.word for item in items.items])

    def is_bare_control(self, words: str) -> bool:
        """Whether the words say that it is the control and nothing of what it got."""
        left = self._control.words | self.stops
        return self.is_control(words) and left.issuperset(self.key(words))

    def key(self, words: str) -> Key:
        """What is left of a group's name without articles, prepositions and words such as group or patients."""
        found = [self._single(fold(word)) for word in _WORD.findall(words)]
        kept = tuple(sorted({word for word in found if word not in self.stops and word not in self._nouns}))
        return kept or tuple(sorted(set(found)))

    def trimmed(self, text: str, start: int, end: int) -> tuple[int, int]:
        """``start`` and ``end`` without words at the ends that only say that it is a group: "valerian" of "the valerian group"."""
        words = [
            (start + m.start(), start + m.end(), self._single(fold(m.group()))) for m in _WORD.finditer(text[start:end])
        ]
        kept = [(first, last) for first, last, word in words if word not in self.stops and word not in self._nouns]
        return (kept[0][0], kept[-1][1]) if kept else (start, end)

    def find(self, evidence: Evidence, start: int, end: int) -> list[GroupMention]:
        """The groups named in the sentence at ``start`` to ``end``, in text order, none inside another."""
        # What the model gives two labels is what it is surer of.
        best = {(p.start, p.end): p for p in sorted(evidence.passages(start, end), key=lambda p: p.score)}
        passages = [p for p in sorted(best.values()) if p.label in self._labels]
        spans: dict[tuple[int, int], Passage | None] = {}
        letters: dict[tuple[int, int], str] = {}
        for noun in self._group_nouns(evidence, start, end):
            for span, letter in _named_by(noun, end, self._joiners):
                if letter is not None:
                    letters[span] = letter
                    spans[span] = None
                    continue
                if not self.tells(evidence.text[slice(*span)]):
                    span = self._widened(noun, span, passages)
                inside = [p for p in passages if p.start < span[1] and span[0] < p.end]
                longest = max(inside, key=lambda p: (p.end - p.start, p.score), default=None)
                if longest is not None:
                    span = min(longest.start, span[0]), max(span[1], longest.end)
                spans[span] = longest
        for span in self._compared(evidence, start, end):
            inside = [p for p in passages if span[0] <= p.start and p.end <= span[1]]
            spans.setdefault(span, max(inside, key=lambda p: (p.end - p.start, p.score), default=None))
        for passage in passages:
            spans.setdefault((self._opened(evidence, start, passage), passage.end), passage)
        found = [self._mention(evidence.text, *span, spans[span], letters.get(span)) for span in _apart(spans)]
        # "both groups" are none of them.
        return [
            m
            for m in found
            if m.is_lettered
            or m.is_control
            or m.label == POPULATION
            or (m.is_arm and not self._nouns.isdisjoint(phrase_words(evidence.text[m.start : m.end])))
            or self.tells(evidence.text[m.start : m.end])
        ]

    def tells(self, words: str) -> bool:
        """Whether the words say which group it is, and not only that it is one, or how many are in it."""
        found = {self._single(fold(word)) for word in _WORD.findall(words)}
        return any(word not in self.stops and word not in self._nouns and not is_number(word) for word in found)

    def _single(self, word: str) -> str:
        """A plural without its s."""
        if len(word) < _PLURAL_FROM or not word.endswith("s") or word.endswith("ss") or word in self._kept:
            return word
        return word[:-1]

    def _widened(self, noun: Token, span: tuple[int, int], passages: Sequence[Passage]) -> tuple[int, int]:
        """``span`` with the treatment that is named right behind it ("the group given X")."""
        behind = next((p for p in passages if p.start >= span[1]), None)
        if behind is None:
            return span
        between = [token for token in noun.doc[noun.i + 1 : noun.i + 2 + _REACH] if token.idx < behind.start]
        if len(between) > _REACH or any(token.lower_ not in self.stops for token in between):
            return span
        return span[0], behind.end

    def _opened(self, evidence: Evidence, start: int, passage: Passage) -> int:
        """Where a treatment begins with the preposition right before it that says who did not get it: "without the jab"."""
        if passage.label == POPULATION:
            return passage.start
        before = [token for token in evidence.tokens(start, passage.start) or () if token.idx < passage.start][-2:]
        while before and before[-1].pos_ == "DET":
            before.pop()
        if before and before[-1].pos_ == "ADP" and before[-1].lower_ in self._openers:
            return before[-1].idx
        return passage.start

    def _compared(self, evidence: Evidence, start: int, end: int) -> Iterator[tuple[int, int]]:
        """What is compared, and with what, where a verb says so ("three cups were compared with one cup")."""
        for token in evidence.tokens(start, end) or ():
            if token.lower_ not in self._verbs or token.pos_ != "VERB":
                continue
            subjects = [child for child in token.children if child.dep_ in _SUBJECTS]
            others = [child for child in token.children if child.dep_ == "obl" and _case(child) in self._against]
            if subjects and others:
                yield from (_phrase(child) for child in (subjects[0], others[0]))

    def _group_nouns(self, evidence: Evidence, start: int, end: int) -> Iterator[Token]:
        for token in evidence.tokens(start, end) or ():
            if token.lower_ in self._nouns:
                yield token

    def _mention(self, text: str, start: int, end: int, passage: Passage | None, letter: str | None) -> GroupMention:
        words = text[start:end]
        key = self.key(words) if letter is None else (letter,)
        is_people = passage is not None and passage.label == POPULATION
        return GroupMention(
            start,
            end,
            key,
            passage.label if passage is not None else None,
            passage.score if passage is not None else 0.0,
            control := self.is_control(words) and not (is_people and self._is_denied_only(words)),
            not control and not self._arm_words.isdisjoint(fold(m.group()) for m in _WORD.finditer(words)),
            letter is not None,
            passage.id if passage is not None else None,
        )


def _apart(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest of those that share words, in text order."""
    chosen: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0] - span[1], span)):
        if not any(start < other_end and other_start < end for other_start, other_end in chosen):
            chosen.append((start, end))
    return sorted(chosen)


def _named_by(noun: Token, limit: int, joiners: Collection[str]) -> Iterator[tuple[tuple[int, int], str | None]]:
    """The noun with what stands before it, and with the letters or numbers behind it: one span for each of these, and the letter."""
    doc, first = noun.doc, noun.i
    while (
        first > 0
        and noun.i - first < _MOST_LEFT
        and doc[first - 1].head.i in range(first - 1, noun.i + 1)
        and doc[first - 1].dep_.split(":")[0] in _LEFT
        and doc[first - 1].tag_ not in ("IN", "TO", "CC")
    ):
        first -= 1
    while first < noun.i and doc[first].is_punct:
        first += 1
    start, at = doc[first].idx, noun.i + 1
    letters: list[Token] = []
    while at < len(doc) and doc[at].idx < limit:
        token = doc[at]
        if _LABEL.fullmatch(token.text.rstrip(".")):
            letters.append(token)
        elif not letters or token.lower_ not in joiners:
            break
        at += 1
    if not letters:
        yield (start, noun.idx + len(noun)), None
        if noun.tag_ in _PLURALS:
            yield from ((span, None) for span in _coordinated(doc, first, joiners))
        return
    for at, letter in enumerate(letters):
        name = letter.text.rstrip(".")
        yield (start if at == 0 else letter.idx, letter.idx + len(name)), name.lower()


def _coordinated(doc: Doc, first: int, joiners: Collection[str]) -> Iterator[tuple[int, int]]:
    """What is joined to the modifiers of a noun for groups that begin at token ``first``: X and Y in "the X, Y and Z groups"."""
    at = first - 1
    while at > 0 and doc[at].lower_ in joiners:
        end = at
        at -= 1
        while at > 0 and doc[at].lower_ in joiners:
            end = at
            at -= 1
        begin = end
        while begin > 0 and end - begin < _MOST_MODIFIERS and doc[begin - 1].tag_.startswith(_MODIFIERS):
            begin -= 1
        if begin == end:
            return
        yield doc[begin].idx, doc[end - 1].idx + len(doc[end - 1])
        at = begin - 1


def is_number(word: str) -> bool:
    """Whether a word is a number, in digits or letters."""
    return bool(cast(Any, like_num)(word))


def _case(word: Token) -> str:
    return next((child.lower_ for child in word.children if child.dep_ == "case"), "")


def _phrase(head: Token) -> tuple[int, int]:
    """The words of a noun phrase up to its head, without preposition and comma."""
    left = [child for child in head.lefts if child.dep_ not in ("case", "punct", "cc", "mark")]
    first = left[0].left_edge if left else head
    return first.idx, head.idx + len(head)


def mention_at(mentions: Sequence[GroupMention], start: int, end: int) -> GroupMention | None:
    """The mention that shares most characters with ``start`` to ``end``."""
    shared = [(min(m.end, end) - max(m.start, start), m) for m in mentions]
    best = max((pair for pair in shared if pair[0] > 0), key=lambda pair: pair[0], default=None)
    return None if best is None else best[1]
