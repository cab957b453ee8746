"""How strong a whole sentence is, by the cue rules that set ``strength``, and which of them said so."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, get_args

from pipeline.claims.cues import Cue, CueRules
from pipeline.model import Strength
from pipeline.rules.items import Items, itemise
from pipeline.rules.ruleset import Ruleset
from pipeline.rules.templates import TemplateCompiler, compiler_for

_KEY = "strength"
_STRENGTHS: tuple[Strength, ...] = get_args(Strength)
_LEAST = 1e-6
"""Probabilities below this count as this."""


class Graded(NamedTuple):
    """The strength of a sentence, and why."""

    strength: Strength
    rules: tuple[str, ...]
    """Every rule that fired, the one that decided first, then by priority; empty where none fired, which is strength ``none``."""
    sure: bool
    """Whether the deciding rule is one of those that are seldom wrong (it produces ``sure``)."""


class StrengthRules:
    """Grades sentences; built once per process. The rule of highest priority decides, of several the earliest in the sentence."""

    def __init__(self, rules: Ruleset, compiler: TemplateCompiler | None = None) -> None:
        self._cues = CueRules(rules, compiler_for(rules) if compiler is None else compiler, (_KEY,))
        params = rules.params("strength-joined")
        self._worth = {name: float(params.get(name, 0.0)) for name in ("sure", "unsure", "silent")}

    def of(self, sentence: str) -> Graded:
        """The strength of ``sentence``, any text; numbers are words like others here."""
        return graded(self.find(itemise(sentence, 0, len(sentence), ())))

    def find(self, items: Items) -> list[Cue]:
        """The cues of a sentence that speak of strength."""
        return self._cues.find(items)

    def joined(self, found: Graded, probabilities: Sequence[float]) -> Strength:
        """What the rules (``found``) and a model come to together; ``probabilities`` are in the order of ``Strength``.

        The word of the rules is worth so much log-odds as the rule ``strength-joined`` says: ``sure`` or ``unsure``, and ``silent`` for
        ``none`` where no rule fired.
        """
        worth = self._worth["sure" if found.sure else "unsure" if found.rules else "silent"]
        scores = [math.log(max(probability, _LEAST)) for probability in probabilities]
        scores[_STRENGTHS.index(found.strength)] += worth
        return _STRENGTHS[scores.index(max(scores))]


def graded(cues: list[Cue]) -> Graded:
    """What ``cues`` come to; those that do not speak of strength do not count."""
    ranked = sorted(
        (cue for cue in cues if _KEY in cue.produces), key=lambda cue: (-cue.priority, cue.first, cue.rule, cue.last)
    )
    if not ranked:
        return Graded("none", (), False)
    best = ranked[0]
    strength: Strength = best.produces[_KEY]
    return Graded(strength, tuple(dict.fromkeys(cue.rule for cue in ranked)), bool(best.produces.get("sure")))
