"""Finds the words of a sentence that name a study: "a 2020 trial in The Lancet", "the researchers", "Roe and colleagues"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pipeline.claims.evidence import Passage
from pipeline.rules.items import Item, Items
from pipeline.rules.ruleset import Ruleset
from pipeline.rules.template_syntax import fold
from pipeline.rules.templates import Match, Template, TemplateCompiler, TemplateSets
from pipeline.shapes import DOI, YEAR

_YEAR = re.compile(YEAR)
_DOI = re.compile(rf"\b{DOI}")
_PHRASE = 14
"""Items of a noun phrase before its noun."""
_NAME = 6
"""Items of a name."""
_NEAR = 2
"""Items between a noun and what is told of it, as in "a study, published in ..."."""
_ACRONYM = 3
_MENTIONS = ("same", "main", "own", "new", "other", "aside", "part", "several", "author", "detail")


class Facts(NamedTuple):
    """What words tell of a study, folded."""

    authors: frozenset[str] = frozenset()
    """Surnames."""
    years: frozenset[str] = frozenset()
    journals: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    """Names behind "in", which may be those of journals."""
    names: frozenset[str] = frozenset()
    """Of trials: acronyms and registry numbers."""

    def joined(self, other: Facts) -> Facts:
        """The facts of both."""
        return Facts(*(one | two for one, two in zip(self, other, strict=True)))


class StudyMention(NamedTuple):
    """``start`` to ``end`` of the text name a study.

    ``kind`` says which: a ``new`` one, an ``other`` than before, one mentioned in passing (``aside``), the ``same`` as before, the
    ``main`` one of the text, its authors' ``own``, ``several`` at once, one that may be ``part`` of a review; or it tells an
    ``author`` or another ``detail``.
    """

    start: int
    end: int
    kind: str
    rank: int
    """How well it names the study: 0 only those who made it, 1 a noun, 2 a noun with more, 3 a proper name."""
    facts: Facts = Facts()
    keys: tuple[str, ...] = ()
    """Of the reference mark that it is."""


class Reading(NamedTuple):
    """What a sentence says of studies."""

    mentions: list[StudyMention]
    bounds: list[int]
    """Where its clauses begin, but for the first; characters of the text."""
    general: bool
    """Whether it tells what holds in general, not what one study found."""
    doi: str | None


class StudyMentions:
    """Reads sentences by the rules of ``rules/context/studies.yaml``."""

    def __init__(self, rules: Ruleset, compiler: TemplateCompiler) -> None:
        self._rules: list[tuple[str, Mapping[str, Any], list[Template]]] = []
        matches = []
        for rule in rules.stage("context"):
            if "study" in rule.get("produces", ()) and "match" in rule:
                match, unless = (
                    [compiler.compile(template) for template in _list(rule.get(key))] for key in ("match", "unless")
                )
                self._rules.append((rule["produces"]["study"], rule["produces"], unless))
                matches.append(match)
        self._sets = TemplateSets(matches)
        self._nouns = _words(rules, "study-nouns")
        self._people = _words(rules, "study-people")
        self._determiners = _kinds(rules, "study-determiners")
        self._modifiers = _kinds(rules, "study-modifiers")
        self._qualities = _words(rules, "study-qualities")
        self._stops = _words(rules, "study-phrase-stops")
        self._copulas = _words(rules, "study-copulas")
        self._heads = _words(rules, "study-heads")
        self._no_names = _words(rules, "study-no-names")
        self._joins = _words(rules, "study-name-joins")
        self._into = _words(rules, "study-tails")
        self._registries = tuple(str(entry) for entry in rules.lexicon("study-registries"))
        params = rules.params("study-nouns")
        self._min_score = float(params.get("min_score", 1.0))

    def read(self, text: str, start: int, end: int, items: Items, passages: Sequence[Passage]) -> Reading:
        """What ``text[start:end]`` says of studies; ``items`` are its own, ``passages`` those that begin in it."""
        found: list[StudyMention] = []
        bounds: list[int] = []
        barred: list[tuple[int, int]] = []
        general = False
        for place, hits in self._sets.find(items):
            kind, produces, unless = self._rules[place]
            if unless:
                excepted = [(hit.first, hit.last) for template in unless for hit in template.find(items)]
                hits = [hit for hit in hits if not any(hit.first <= b and a <= hit.last for a, b in excepted)]
            if kind == "clause":
                bounds.extend(items.items[hit.first].start for hit in hits)
            elif kind == "none":
                general = general or bool(hits)
            elif kind == "bar":
                barred.extend((items.items[hit.first].start, items.items[hit.last].end) for hit in hits)
            elif kind in _MENTIONS:
                found.extend(self._told(text, items, hit, kind, int(produces.get("rank", 0))) for hit in hits)
        found.extend(self._phrases(text, items, passages))
        found.extend(self._registered(items))
        found = [mention for mention in found if not any(a < mention.end and mention.start < b for a, b in barred)]
        doi = _DOI.search(text, start, end)
        mentions = _joined(
            sorted(found, key=lambda mention: (mention.start, -mention.end, -mention.rank, mention.kind))
        )
        return Reading(mentions, sorted(set(bounds)), general, doi.group().rstrip(".,;)") if doi else None)

    def _told(self, text: str, items: Items, hit: Match, kind: str, rank: int) -> StudyMention:
        """The mention that a template found."""
        opening = next((at for at in range(hit.first, hit.last) if items.items[at].is_word), hit.last)
        start, end = items.items[opening].start, items.items[hit.last].end
        facts: dict[str, frozenset[str]] = {}
        for name, (opens, _) in sorted(hit.captures.items()):
            if name == "cue":
                start = opens
                continue
            first = next(at for at, item in enumerate(items.items) if item.start >= opens)
            last = self._name_end(text, items, first, joins=name == "journal")
            end = max(end, items.items[last].end)
            if name == "journal":
                facts["journals"] = frozenset((_folded(text, items, first, last),))
            elif name == "author":
                surname = items.items[last].word
                facts["authors"] = frozenset((surname.removesuffix("'s"),))
            elif name == "name":
                facts["names"] = self._acronyms(items, first, last)
            elif name == "year":
                facts["years"] = frozenset(_YEAR.findall(text, opens, items.items[first].end))
        return StudyMention(start, end, kind, rank, Facts(**facts))

    def _name_end(self, text: str, items: Items, first: int, *, joins: bool) -> int:
        """The last item of the name that begins at ``first``: capitals, initials and, in a title, what joins them."""
        last = first
        for at in range(first + 1, min(len(items), first + _NAME + 1)):
            item, before = items.items[at], items.items[at - 1]
            if item.is_capital and (before.word != "." or len(items.items[at - 2].word) == 1):
                last = at
            elif not (item.word == "." and len(before.word) == 1) and not (joins and item.word in self._joins):
                break
        return last

    def _phrases(self, text: str, items: Items, passages: Sequence[Passage]) -> Iterable[StudyMention]:
        """Noun phrases whose noun is a study or those who made it."""
        named = {passage.end for passage in passages if passage.label == "STUDY" and passage.score >= self._min_score}
        for at, item in enumerate(items.items):
            if item.word in self._nouns or item.end in named:
                mention = self._phrase(text, items, at, people=False)
            elif item.word in self._people:
                mention = self._phrase(text, items, at, people=True)
            else:
                continue
            if mention is not None:
                yield mention

    def _phrase(self, text: str, items: Items, noun: int, *, people: bool) -> StudyMention | None:
        first, kind, facts = self._walk(text, items, noun)
        between = items.items[first:noun]
        shifts = [self._modifiers[item.word] for item in between if item.word in self._modifiers]
        definite = kind in ("same", "own")
        behind = items.items[noun + 1].word if noun + 1 < len(items) else ""
        if kind == "several":
            return None
        if behind in self._heads:
            kind, definite = "same", True
        elif kind is None and not facts.names and not shifts and not facts.authors:
            if not people:
                return None
            kind = "same"
        elif first > 0 and items.items[first - 1].word in self._copulas:
            kind = "same"
        elif "other" in shifts or "aside" in shifts:
            kind = "other" if "other" in shifts else "aside"
        elif "main" in shifts:
            kind = kind if kind == "own" else "main" if definite else "new"
        elif "next" in shifts and definite:
            kind = "other"
        elif kind is None:
            kind = "same"
        if people and kind == "new":
            kind = "same"
        last, places = (noun, frozenset[str]()) if people else self._tail(text, items, noun)
        facts = facts._replace(places=places)
        rank = 0 if people else 3 if facts.names or facts.authors or places else 2 if kind != "same" else 1
        return StudyMention(items.items[first].start, items.items[last].end, kind, rank, facts)

    def _walk(self, text: str, items: Items, noun: int) -> tuple[int, str | None, Facts]:
        """From ``noun`` to the left: where its phrase begins, the kind that its determiner shows, and what it tells."""
        years: set[str] = set()
        names: frozenset[str] = frozenset()
        at = noun - 1
        while at >= 0 and noun - at <= _PHRASE:
            item = items.items[at]
            if item.word == ")" and at in items.opening and at - items.opening[at] <= _NAME:
                names |= self._acronyms(items, items.opening[at] + 1, at - 1)
                at = items.opening[at] - 1
                continue
            if item.word == ",":
                if at == 0 or items.items[at - 1].word not in self._qualities:
                    break
            elif not item.is_word or item.word in self._stops:
                break
            elif item.word in self._determiners:
                return at, self._determiners[item.word], Facts(years=frozenset(years), names=names)
            elif item.word.endswith("'s"):
                authors = frozenset((item.word.removesuffix("'s"),)) if item.is_capital else frozenset()
                return at, "same", Facts(years=frozenset(years), names=names, authors=authors)
            elif _YEAR.fullmatch(item.word):
                years.add(item.word)
            names |= self._acronyms(items, at, at)
            at -= 1
        first = at + 1
        while first < noun and not items.items[first].is_word:
            first += 1
        # Without a determiner only what belongs to the noun by sight: a name, or a word such as "recent".
        known = [
            place
            for place in range(first, noun)
            if items.items[place].word in self._modifiers or self._acronyms(items, place, place)
        ]
        return (known[0] if known else noun), None, Facts(years=frozenset(years), names=names)

    def _acronyms(self, items: Items, first: int, last: int) -> frozenset[str]:
        """Acronyms that may name a trial, each with the number behind it."""
        found = set()
        for at in range(first, last + 1):
            item = items.items[at]
            if item.shouted is None or len(item.word) < _ACRONYM or not item.word[0].isalpha():
                continue
            if item.word not in self._no_names:
                after = items.items[at + 1].word if at + 1 < len(items) else ""
                found.add(f"{item.word} {after}" if after.isdigit() and len(after) == 1 else item.word)
        return frozenset(found)

    def _tail(self, text: str, items: Items, noun: int) -> tuple[int, frozenset[str]]:
        """Where a phrase ends, with a name behind "in" or "from" that belongs to it."""
        at = noun + 1
        if at < len(items) and items.items[at].word in self._into:
            at += 1
            if at < len(items) and items.items[at].word in self._joins:
                at += 1
            if at < len(items) and items.items[at].is_capital:
                last = self._name_end(text, items, at, joins=True)
                return last, frozenset((_folded(text, items, at, last),))
        return noun, frozenset()

    def _registered(self, items: Items) -> Iterable[StudyMention]:
        """Registry numbers."""
        for item in items.items:
            if item.is_capital and item.word[-1].isdigit() and _raw(item).startswith(self._registries):
                yield StudyMention(item.start, item.end, "detail", 3, Facts(names=frozenset((item.word,))))


def _joined(mentions: list[StudyMention]) -> list[StudyMention]:
    """``mentions`` without overlap, and those about one study that stand side by side made one."""
    kept: list[StudyMention] = []
    for mention in mentions:
        if (
            not kept
            or mention.start >= kept[-1].end + _NEAR + 1
            or (mention.start >= kept[-1].end and "detail" not in (mention.kind, kept[-1].kind))
        ):
            kept.append(mention)
            continue
        before = kept[-1]
        leading = (
            before if before.kind != "detail" and (before.rank >= mention.rank or mention.kind == "detail") else mention
        )
        if mention.start >= before.end and mention.kind != "detail":
            kept.append(mention)
            continue
        rank, facts = max(before.rank, mention.rank), before.facts.joined(mention.facts)
        if rank and (facts.authors or facts.journals):
            rank = max(rank, 3)
        kept[-1] = StudyMention(before.start, max(before.end, mention.end), leading.kind, rank, facts)
    return kept


def _folded(text: str, items: Items, first: int, last: int) -> str:
    return fold(" ".join(text[items.items[first].start : items.items[last].end].split()))


def _raw(item: Item) -> str:
    return item.shouted or item.word.upper()


def _words(rules: Ruleset, rule_id: str) -> frozenset[str]:
    return frozenset(fold(phrase) for phrase in rules.phrases(rule_id))


def _kinds(rules: Ruleset, rule_id: str) -> dict[str, str]:
    return {
        fold(str(name)): str(entry["kind"])
        for entry in rules.lexicon(rule_id)
        if isinstance(entry, Mapping)
        for name in entry.get("names", ())
    }


def _list(stated: str | list[str] | None) -> list[str]:
    return [stated] if isinstance(stated, str) else list(stated or ())
