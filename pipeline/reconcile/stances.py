"""Whether statements of several articles contradict each other."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.reconcile.corpus import Corpus, Told
from pipeline.reconcile.sayings import EFFICACY, SAFETY


def disagree(corpus: Corpus, told: Sequence[Told]) -> bool:
    """Whether statements of two articles contradict each other: safe and harmful, an effect and none."""
    stances = {
        (one.source, stance) for one in told if not one.is_result and (stance := _stance(corpus, one)) is not None
    }
    return any(source != other and good != bad for source, good in stances for other, bad in stances)


def _stance(corpus: Corpus, one: Told) -> bool | None:
    """Whether a statement speaks for the treatment, or against it; None where it does neither."""
    if one.sort == SAFETY:
        params = corpus.rules.params("match-statements")
        statement = corpus.sources[one.source].statement_at.get(one.claim.start)
        if statement is None:
            return None
        good, bad = (statement.bears(*params.get(name, ())) for name in ("speaks_for", "speaks_against"))
        return good if good != bad else None
    if one.claim.direction == "equal" or one.claim.certainty == "negated":
        return False
    return True if one.claim.direction is not None or one.sort == EFFICACY else None
