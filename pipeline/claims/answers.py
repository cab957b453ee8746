"""What a figure answers: the outcome of "And the average loss? Just over 15 percent." stands in the question."""

from __future__ import annotations

import re

from pipeline.claims.evidence import Evidence
from pipeline.model import Slot
from pipeline.rules.ruleset import Ruleset

_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_LONGEST_ANSWER = 10
"""Tokens of an answer that is no sentence."""
_MOST_WORDS = 5
"""Words of what a question is about."""
_SAYING = ("VERB", "AUX")


class AnswerRules:
    """Built once per process."""

    def __init__(self, rules: Ruleset) -> None:
        self._openers = frozenset(rules.phrases("question-openers"))
        self._changes = frozenset(rules.phrases("change-nouns"))

    def outcome(self, evidence: Evidence, start: int, end: int) -> Slot | None:
        """What the question right before the words from ``start`` to ``end`` asks for, where they are no sentence but an answer."""
        line = evidence.text[:start].rpartition("\n")[2].rstrip(' ”’"')
        if not line.endswith("?"):
            return None
        tokens = evidence.tokens(start, end) or ()
        if not 0 < len(tokens) <= _LONGEST_ANSWER or any(token.pos_ in _SAYING for token in tokens):
            return None
        began = max(line.rfind(mark, 0, len(line) - 1) for mark in (". ", "! ", "? ", ": ", "“")) + 1
        asked = line[began:-1]
        words = list(_WORD.finditer(asked))
        while words and words[0][0].lower() in self._openers:
            words.pop(0)
        if not 0 < len(words) <= _MOST_WORDS:
            return None
        return Slot(text=asked[words[0].start() : words[-1].end()])

    def is_change(self, outcome: Slot) -> bool:
        """Whether what was asked for is by how much something changed, not how many did something."""
        return not self._changes.isdisjoint(word.lower() for word in _WORD.findall(outcome.text))
