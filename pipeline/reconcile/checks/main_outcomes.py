"""What sentences tell of, and what a study was made for, as words."""

from __future__ import annotations

from pipeline.model import Claim, Statement
from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.register import Params
from pipeline.reconcile.corpus import Source
from pipeline.reconcile.words import Stems

_FIRST_WORDS = 6
"""Words of a sentence in which it names its outcome."""


def named_outcomes(case: Case, main: Statement, params: Params) -> list[Stems]:
    """What a sentence says that a study was for: the words of each name of it, or else all that it says."""
    words = case.corpus.words
    plain = words.stems(" ".join(str(word) for word in params["of_outcome"]))
    named = [words.stems(name.text) - plain for name in main.names if name.label == "OUTCOME"]
    return [stems for stems in named if stems] or [words.stems(main.quote) - plain]


def own_outcomes(case: Case, one: Claim | Statement, params: Params) -> list[Stems]:
    """What a sentence tells of: the outcome of its claim or the names in it, or else its first words."""
    words = case.corpus.words
    plain = words.stems(" ".join(str(word) for word in params["of_outcome"]))
    if isinstance(one, Statement):
        named = [words.stems(name.text) for name in one.names if name.label in ("OUTCOME", "CONDITION")]
    else:
        named = [words.stems(one.outcome.text)] if one.outcome is not None else []
    first = words.stems(" ".join(one.quote.split()[:_FIRST_WORDS]))
    return [stems for found in (named or [first]) if (stems := found - plain)]


def main_outcome(case: Case, other: Source, null: Statement, params: Params) -> list[Stems]:
    """What a study was made for, where ``null`` is of it: the words of each name of it."""
    return case.once((main_outcome, other.index, null.start), lambda: _find_main_outcome(case, other, null, params))


def _find_main_outcome(case: Case, other: Source, null: Statement, params: Params) -> list[Stems]:
    found = []
    for main in other.bearing("main-outcome"):
        named = named_outcomes(case, main, params)
        own = own_outcomes(case, null, params)
        if main.start == null.start or any(a & b for a in named for b in own):
            found += named
    return found
