"""Finds the names that topic files know in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from pipeline.rules.ruleset import Ruleset
from pipeline.rules.template_syntax import fold

_WORD = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")
_JOINERS = frozenset("-\u2010\u2011\u2013\u00ad")
# All capitals and this short: an abbreviation, which means nothing else only when it is written so.
_ABBREVIATION = re.compile(r"[A-Z][A-Z0-9]{1,5}s?")

THESAURUS = {
    "health-outcomes": "outcome",
    "health-conditions": "condition",
    "health-treatments": "intervention",
    "health-people": "population",
}
"""The rules that list names of one thing in different words, and the type of what each names."""


class Term(NamedTuple):
    """A name found in a text: ``text[start:end]`` names ``id``, which is of type ``type``."""

    start: int
    end: int
    type: str
    id: str
    better: str | None = None
    """Of an outcome: whether ``higher`` or ``lower`` is better, where the topic says so."""


class _Word(NamedTuple):
    start: int
    end: int
    raw: str


class _Node:
    def __init__(self) -> None:
        self.next: dict[str, _Node] = {}
        self.meanings: set[tuple[str, str, str | None]] = set()


class TermMatcher:
    """Finds names of topics, and those that are the same on every topic, by their words: without case, with or without hyphens, in
    singular or plural.

    The longest name wins. A variant ("high dose") that stands beside the name of an intervention joins it. Work is linear in the
    text: each word is looked at no more often than the longest name has words.
    """

    def __init__(self, rules: Ruleset) -> None:
        self._root = _Node()
        self._variants = _Node()
        bases = {term["id"] for topic in rules.topics for term in topic["terms"] if term["type"] == "intervention"}
        for topic in rules.topics:
            for term in topic["terms"]:
                meaning = (term["type"], term["id"], term.get("better"))
                for name in term["names"]:
                    _add(self._root, name, meaning)
            for variant in topic.get("variants", ()):
                for name in variant["names"]:
                    for base in sorted(variant.get("of") or bases):
                        _add(self._variants, name, (base, variant["suffix"], None))
        for term in rules.lexicon("generic-terms"):
            for name in term["names"]:
                _add(self._root, name, (term["type"], term["id"], term.get("better")), fallback=True)

    def find(self, text: str, start: int = 0, end: int | None = None) -> list[Term]:
        """The terms in ``text[start:end]``, in order; those that share a span are sorted by type and id."""
        words = _listed(text, start, end)
        found = _found(self._root, words)
        return [term for first, last, terms in found for term in self._with_variant(words, first, last, terms)]

    def variant(self, text: str, start: int, end: int, base: str) -> str | None:
        """The id of the variant of ``base`` that words in ``text[start:end]`` name without naming ``base`` itself; None without one."""
        words = _listed(text, start, end)
        for at in range(len(words)):
            _, meanings = _longest(self._variants, words, at)
            for of, suffix, _ in sorted(meanings, key=_order):
                if of == base:
                    return f"{base}_{suffix}"
        return None

    def _with_variant(self, words: list[_Word], first: int, last: int, terms: list[Term]) -> Iterator[Term]:
        """``terms`` at words ``first`` to ``last``, each joined with the variant that stands beside it."""
        if not self._variants.next:
            yield from terms
            return
        beside = []
        size, meanings = _longest(self._variants, words, last)
        if size:
            beside.append((terms[0].start, words[last + size - 1].end, meanings))
        for back in range(min(4, first), 0, -1):
            size, meanings = _longest(self._variants, words, first - back)
            if size == back:
                beside.append((words[first - back].start, terms[0].end, meanings))
                break
        for term in terms:
            joined = [
                Term(start, end, term.type, f"{term.id}_{suffix}")
                for start, end, meanings in beside
                for base, suffix, _ in sorted(meanings, key=_order)
                if base == term.id and term.type == "intervention"
            ]
            yield joined[0] if joined else term


class Thesaurus:
    """Finds the names of things that are called differently, as :class:`TermMatcher` finds those of topics. Which things these are, the
    rules :data:`THESAURUS` list; what is found is of no topic, and has no variants."""

    def __init__(self, rules: Ruleset) -> None:
        self._root = _Node()
        self._broader: dict[str, set[str]] = {}
        for thing in _things(rules):
            self._broader.setdefault(thing.id, set()).update(thing.broader)
            for name in thing.names:
                _add(self._root, name, (thing.type, thing.id, thing.better))

    def find(self, text: str) -> list[Term]:
        """The names in ``text``, in order; those that share a span are sorted by type and id."""
        return [term for _, _, terms in _found(self._root, _listed(text, 0, None)) for term in terms]

    def broader(self) -> dict[str, frozenset[str]]:
        """By the id of each thing all that it is a kind of, however far."""
        return {one: frozenset(_above(one, self._broader)) for one in self._broader}


@lru_cache(maxsize=20_000)
def _folded(raw: str) -> str:
    """``raw`` folded; most words of a text come again."""
    return fold(raw)


def _listed(text: str, start: int, end: int | None) -> list[_Word]:
    """The words and marks of the text, without the hyphens inside words."""
    found: list[_Word] = []
    for match in _WORD.finditer(text, start, len(text) if end is None else end):
        raw = match.group()
        first, behind = match.span()
        if raw in _JOINERS and text[first - 1 : first].isalnum() and text[behind : behind + 1].isalnum():
            continue
        found.append(_Word(first, behind, raw))
    return found


def _found(root: _Node, words: list[_Word]) -> list[tuple[int, int, list[Term]]]:
    """The longest names among ``words``: from which word to which, and their terms."""
    found: list[tuple[int, int, list[Term]]] = []
    at = 0
    first = root.next
    while at < len(words):
        raw = words[at].raw
        if raw not in first and _folded(raw) not in first:
            at += 1
            continue
        size, meanings = _longest(root, words, at)
        if size:
            span = words[at].start, words[at + size - 1].end
            terms = [Term(*span, kind, name, better) for kind, name, better in sorted(meanings, key=_order)]
            found.append((at, at + size, terms))
        at += size or 1
    return found


def _order(meaning: tuple[str, str, str | None]) -> tuple[str, str, str]:
    return (meaning[0], meaning[1], meaning[2] or "")


def _longest(root: _Node, words: list[_Word], at: int) -> tuple[int, set[tuple[str, str, str | None]]]:
    size, meanings, node = 0, set[tuple[str, str, str | None]](), root
    for index in range(at, len(words)):
        raw = words[index].raw
        following = node.next.get(raw) if raw[0].isupper() and _ABBREVIATION.fullmatch(raw) else None
        if following is None:
            following = node.next.get(_folded(raw))
        if following is None:
            break
        node = following
        if node.meanings:
            size, meanings = index - at + 1, node.meanings
    return size, meanings


def _above(one: str, broader: Mapping[str, set[str]]) -> Iterator[str]:
    """All that is broader than ``one``, however far."""
    seen: set[str] = set()
    waiting = sorted(broader.get(one, ()))
    while waiting:
        above = waiting.pop()
        if above not in seen:
            seen.add(above)
            yield above
            waiting.extend(sorted(broader.get(above, ())))


class _Thing(NamedTuple):
    type: str
    id: str
    names: tuple[str, ...]
    broader: tuple[str, ...]
    better: str | None


def _things(rules: Ruleset) -> Iterator[_Thing]:
    """What the rules :data:`THESAURUS` list; each of the ``kinds`` of an entry is a thing of its own, called by its first name."""
    for rule_id, kind in THESAURUS.items():
        for entry in rules.lexicon(rule_id):
            one, better = str(entry["id"]), entry.get("better")
            yield _Thing(kind, one, tuple(map(str, entry["names"])), tuple(map(str, entry.get("broader", ()))), better)
            for names in entry.get("kinds", ()):
                yield _Thing(kind, str(names[0]).lower(), tuple(map(str, names)), (one,), better)


def thesaurus_names(rules: Ruleset) -> Iterator[tuple[str, str, str | None]]:
    """The type, name and ``better`` of every name that the rules :data:`THESAURUS` list, in singular and plural."""
    for thing in _things(rules):
        for name in thing.names:
            for form in _forms([word.raw for word in _listed(name, 0, None)], name):
                yield thing.type, " ".join(form), thing.better


def _add(root: _Node, name: str, meaning: tuple[str, str, str | None], *, fallback: bool = False) -> None:
    """Adds ``name``; as a ``fallback`` only where it has no meaning yet."""
    for form in _forms([word.raw for word in _listed(name, 0, None)], name):
        node = root
        for word in form:
            key = word if _ABBREVIATION.fullmatch(word) else fold(word)
            node = node.next.setdefault(key, _Node())
        if form and not (fallback and node.meanings):
            node.meanings.add(meaning)


def _forms(words: list[str], name: str) -> Iterator[list[str]]:
    """``words`` in singular and plural, and closed up where the name is one hyphenated word."""
    if not words:
        return
    stem, last = words[:-1], words[-1]
    yield words
    if last[-1:].isalpha() and not fold(last).endswith("s"):
        plural = last[:-1] + "ies" if last[-1] == "y" and last[-2:-1] not in tuple("aeiou") else last + "s"
        yield [*stem, plural]
    if len(words) > 1 and " " not in name:
        yield ["".join(words)]


def term_record(term: Term, text: str) -> dict[str, Any]:
    """``term`` as examples in rule files state it."""
    return {"text": text[term.start : term.end], "type": term.type, "id": term.id}
