"""Splits cleaned text into sentences: a line break always ends one, a stop ends one unless it belongs to an abbreviation."""

from __future__ import annotations

import re
from typing import Any, cast

import numpy as np
from spacy.tokens import Doc

from pipeline.rules.ruleset import Ruleset

# A stop, question or exclamation mark, with the quotes and brackets that close behind it and the reference marks that follow.
_MARK = r"(?:[ ]{0,2}(?:\[\d{1,3}(?:[ ]?[,;–-][ ]?\d{1,3}){0,12}\]|\(\d{1,3}(?:[ ]?[,;–-][ ]?\d{1,3}){0,12}\)))"
_END = re.compile(rf"(?P<stop>[.!?…]{{1,6}})(?P<close>[\"'”’»)\]]{{0,4}})(?P<marks>{_MARK}{{0,6}})(?P<gap>[ \t]*)")
_WORD_BEFORE = re.compile(r"(?:[^\W\d_]|(?<=[^\W\d_])\.(?=[^\W\d_])){1,24}\Z")
_NEXT_WORD = re.compile(r"[\"'“‘«(\[]{0,3}(?P<word>[^\W_]+)")
_LINE = re.compile(r"[^\n]+")


class SentenceSplitter:
    """Finds sentence spans with the abbreviations of ``rules/lexicon/sentences.yaml``."""

    def __init__(self, rules: Ruleset) -> None:
        self._never = _folded(rules, "abbreviations-never-final")
        self._before_number = _folded(rules, "abbreviations-before-number")
        self._sometimes = _folded(rules, "abbreviations-sometimes-final")
        self._openers = frozenset(rules.lexicon("sentence-openers"))

    def spans(self, text: str) -> list[tuple[int, int]]:
        """``(start, end)`` of each sentence of ``text``, without the white space around it."""
        found: list[tuple[int, int]] = []
        for line in _LINE.finditer(text):
            start = line.start()
            for match in _END.finditer(text, line.start(), line.end()):
                if match.end() < line.end() and self._ends_sentence(text, match):
                    _add(found, text, start, match.end())
                    start = match.end()
            _add(found, text, start, line.end())
        return found

    def _ends_sentence(self, text: str, match: re.Match[str]) -> bool:
        following = _NEXT_WORD.match(text, match.end())
        if following is None:
            return False
        word = following["word"]
        before = text[max(0, match.start() - 30) : match.start()]
        if not match["gap"] and not match["marks"]:
            # "disorder.The next" lost its space; "p.m.The" and "example.Com" did not.
            return (
                before[-1:].islower()
                and word[:1].isupper()
                and word[1:2].islower()
                and match["stop"] in (".", "?", "!")
            )
        if match["stop"] != ".":
            # "Yahoo! offers" and a question inside a sentence go on in lower case.
            return not word[:1].islower()
        if word[:1].islower():
            return False
        abbreviation = _WORD_BEFORE.search(before)
        if abbreviation is None:
            return True
        last = abbreviation.group().casefold()
        previous = before[: abbreviation.start()].rstrip().rsplit(" ", 1)[-1].casefold()
        if last in self._never or f"{previous} {last}" in self._never:
            # A reference mark behind "et al. [4]" is part of the name, behind any other word it closes the sentence.
            return False
        if last in self._before_number and word[:1].isdigit():
            return False
        if last in self._sometimes:
            return word in self._openers
        # A single capital is an initial ("J. Smith") unless it stands for a thing of its own ("vitamin C. The").
        is_initial = len(last) == 1 and abbreviation.group().isupper() and not match["marks"]
        return not is_initial or word in self._openers


def _folded(rules: Ruleset, rule_id: str) -> frozenset[str]:
    return frozenset(entry.casefold() for entry in rules.lexicon(rule_id))


def _add(found: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        found.append((start, end))


class SentenceComponent:
    """spaCy component: sets ``Doc._.sentence_spans`` (character offsets) and the tokens' ``is_sent_start``."""

    def __init__(self, rules: Ruleset) -> None:
        self._splitter = SentenceSplitter(rules)

    def __call__(self, doc: Doc) -> Doc:
        spans = self._splitter.spans(doc.text)
        doc._.sentence_spans = spans
        # A token that straddles a boundary stays with the sentence it begins in. One array, since setting token by token asks the
        # whole document each time.
        begins = np.full(len(doc), -1, dtype="int64")
        following = iter([*(start for start, _ in spans), len(doc.text) + 1])
        start = next(following)
        for index, offset in enumerate(doc.to_array(["IDX"]) if len(doc) else ()):
            if offset >= start:
                begins[index] = 1
                while offset >= start:
                    start = next(following)
        if len(doc):
            doc.from_array(
                ["SENT_START"], cast(Any, begins.astype("uint64").reshape(-1, 1))
            )  # the stub wants thinc's own type
        return doc
