"""Splits cleaned text into sentences: a line break always ends one, a stop ends one unless it belongs to an abbreviation.

What is longer than any sentence that people write, or has more figures, is a list or table without its lines, and is cut at its marks.
"""

from __future__ import annotations

import re
from typing import Any, cast

import numpy as np
from spacy.tokens import Doc

from pipeline.language.pieces import windows
from pipeline.language.text import text_of
from pipeline.rules.ruleset import Ruleset
from pipeline.shapes import SP, alternation

# Reference marks: [3, 4], (16), raised digits, and the plain digits that a lost superscript leaves ("sleep.12,13 The").
_NUMBERS = r"\d{1,3}(?:[ ]?[,;–-][ ]?\d{1,3}){0,12}"
_MARK = rf"(?:[ ]{{0,2}}(?:\[{_NUMBERS}\]|\({_NUMBERS}\))|[⁰¹²³⁴-⁹][⁰¹²³⁴-⁹⁻⁺,–-]{{0,24}})"
_PLAIN_MARK = rf"(?:(?<=[^\W\d_]\.)|(?<=[)\]%”\"’]\.)|(?<=[.!?][”\"’)])){_NUMBERS}(?=[ ])"
_CLOSING = r"[\"'”’»)\]]"
_OPENING = '"“'
_PICTOGRAPHS = r"(?:[ ]{0,2}[\u2600-\u27bf\U0001f300-\U0001faff][\ufe0f\u200d]?){0,6}"
_WORD_BEFORE = re.compile(r"(?:[^\W\d_]|(?<=[^\W\d_])\.(?=[^\W\d_])){1,24}\Z")
_NEXT_WORD = re.compile(r"[\"'“‘«(\[]{0,3}(?P<word>[^\W_]+)")
_ADDRESS = re.compile(r"@|\.[a-z]")
_LAST = re.compile(r"(?:[%)\]a-zß-öø-ÿ]|[A-Z]{2})\Z")
_ACRONYM = re.compile(r"[A-Z](?:\.[A-Z])+")
_ROMAN = re.compile(r"[IVX]{1,4}")
_ENUMERATOR = re.compile(r"[ \t(]{0,200}(?:\d{1,3}|[^\W\d_]|[ivx]{1,4})")
_LINE = re.compile(r"[^\n]+")
_PIECE = re.compile(r"[0-9](?:[0-9.,]*[0-9])?|[^\W\d]+|\S")
"""A figure, a word or a mark; between two of them a sentence that is too long may be cut."""
_LABEL_CHARS = 40


class SentenceSplitter:
    """Finds sentence spans with the words of ``rules/lexicon/sentences.yaml``."""

    def __init__(self, rules: Ruleset) -> None:
        self._never = _folded(rules, "abbreviations-never-final")
        self._before_number = _folded(rules, "abbreviations-before-number")
        self._sometimes = _folded(rules, "abbreviations-sometimes-final")
        self._final = _folded(rules, "abbreviations-final")
        self._known = self._never | self._before_number | self._sometimes | self._final
        self._lettered = _folded(rules, "lettered-nouns")
        self._openers = frozenset(rules.lexicon("sentence-openers"))
        self._caption = re.compile(
            rf"(?i:{alternation(rules.phrases('caption-labels'))})\.?{SP}{{0,2}}[^\W_]{{1,4}}(?:[.-][0-9]{{1,3}})?"
        )
        limits = rules.params("sentence-limits")
        self._characters, self._figures = int(limits.get("characters", 0)), int(limits.get("figures", 0))
        self._breaks = tuple(frozenset(map(str, entry["names"])) for entry in rules.lexicon("window-breaks"))
        # A stop with the quotes and brackets that close behind it and the reference marks that follow, or a face.
        self._end = re.compile(
            rf"(?:(?P<stop>[.!?…]{{1,6}})(?P<close>{_CLOSING}{{0,4}})(?P<marks>{_PLAIN_MARK}|{_MARK}{{0,6}}){_PICTOGRAPHS}"
            rf"|(?<=\s){alternation(rules.phrases('token-emoticons'))}(?=\s))(?P<gap>{SP}{{0,8}})"
        )

    def spans(self, text: str) -> list[tuple[int, int]]:
        """``(start, end)`` of each sentence of ``text``, without the white space around it."""
        found: list[tuple[int, int]] = []
        for line in _LINE.finditer(text):
            start = line.start()
            for match in self._end.finditer(text, line.start(), line.end()):
                if match.end() < line.end() and self._ends_sentence(text, line.start(), match):
                    _add(found, text, start, match.end())
                    start = match.end()
            _add(found, text, start, line.end())
        return [part for start, end in found for part in self._cut(text, start, end)]

    def _cut(self, text: str, start: int, end: int) -> list[tuple[int, int]]:
        """The sentence in parts that hold no more than the rule ``sentence-limits`` admits of characters and figures together."""
        if not (self._characters and self._figures) or end - start <= min(self._characters, 2 * self._figures):
            return [(start, end)]
        pieces = [match.span() for match in _PIECE.finditer(text, start, end)]
        figures = [text[first].isdigit() for first, _ in pieces]
        behind = [first for first, _ in pieces[1:]] + [end]
        sizes = [
            (until - first) * self._figures + is_figure * self._characters
            for (first, _), until, is_figure in zip(pieces, behind, figures, strict=True)
        ]
        limit = self._characters * self._figures
        if sum(sizes) <= limit:
            return [(start, end)]
        words = [text[first:last] for first, last in pieces]
        return [(pieces[low][0], pieces[high - 1][1]) for low, high in windows(words, sizes, limit, self._breaks)]

    def _ends_sentence(self, text: str, line_start: int, match: re.Match[str]) -> bool:
        following = _NEXT_WORD.match(text, match.end())
        if following is None:
            return False
        word = following["word"]
        before = text[max(line_start, match.start() - 30) : match.start()]
        if not match["gap"] and not match["marks"]:
            return self._lost_space(before, match, following)
        if match["stop"] != ".":
            # "Yahoo! offers" and a question inside a sentence go on in lower case.
            return not _is_lower(word)
        if _is_lower(word) or self._is_label(text, line_start, match.start()):
            return False
        abbreviation = _WORD_BEFORE.search(before)
        return abbreviation is None or self._ends_behind(
            abbreviation.group(), before[: abbreviation.start()], match, following
        )

    def _ends_behind(self, last: str, before: str, match: re.Match[str], following: re.Match[str]) -> bool:
        """Whether a sentence ends behind the word ``last`` and its stop, where ``following`` may open the next."""
        if "." in last and not _ACRONYM.fullmatch(last.upper()) and last.casefold() not in self._known:
            # "ended.Fig. 2" lost a space before.
            before, last = before + last.rpartition(".")[0], last.rpartition(".")[2]
        folded, word = last.casefold(), following["word"]
        previous = before.rstrip().rsplit(" ", 1)[-1].lstrip('([“"').casefold()
        if folded in self._never or f"{previous} {folded}" in self._never:
            return False
        if folded in self._before_number and (word[:1].isdigit() or match["marks"]) and not previous[-1:].isdigit():
            # "in wk. 12", but not "lasted 6 wk. 12 people".
            return False
        if folded in self._final:
            return True
        if folded in self._sometimes or _ACRONYM.fullmatch(last):
            return self._opens(following) or following.group()[0] in _OPENING
        if previous in self._lettered and (len(last) == 1 or _ROMAN.fullmatch(last)):
            return True
        # A single capital is an initial ("J. Smith") unless it stands for a thing of its own ("vitamin C. The").
        is_initial = len(last) == 1 and last.isupper() and not match["marks"]
        return not is_initial or self._opens(following)

    def _opens(self, following: re.Match[str]) -> bool:
        """Whether the word of ``following`` usually opens a sentence; the "A" of "A. Orr" does not."""
        word = following["word"]
        return word in self._openers and not (
            len(word) == 1 and following.string[following.end() : following.end() + 1] == "."
        )

    def _lost_space(self, before: str, match: re.Match[str], following: re.Match[str]) -> bool:
        """Whether a sentence ends where no space follows: in "disorder.The next", not in "www.Moss.org", "A.Orr@b.org"."""
        word = following["word"]
        if match["stop"] not in (".", "?", "!") or _ADDRESS.match(following.string, following.end()):
            return False
        if not (word[:1].isupper() and word[1:2].islower()) and not self._opens(following):
            return False
        return bool(match["close"]) or _LAST.search(before) is not None

    def _is_label(self, text: str, line_start: int, stop: int) -> bool:
        """Whether all that stands before the stop in its line is a number in a list ("2.") or the label of a caption ("Table 2.")."""
        if stop - line_start > _LABEL_CHARS:
            return False
        return any(pattern.fullmatch(text, line_start, stop) for pattern in (_ENUMERATOR, self._caption))


def _is_lower(word: str) -> bool:
    """Whether ``word`` can't open a sentence since it begins in lower case; "mRNA", "iPhone" and "pH" can."""
    return word[:1].islower() and not any(character.isupper() for character in word[1:4])


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
        text = text_of(doc)
        spans = self._splitter.spans(text)
        doc._.sentence_spans = spans
        # A token that straddles a boundary stays with the sentence it begins in. One array, since setting token by token asks the
        # whole document each time.
        begins = np.full(len(doc), -1, dtype="int64")
        following = iter([*(start for start, _ in spans), len(text) + 1])
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
