"""Flags and decisions made by hand."""

from __future__ import annotations

import datetime

from pipeline.decisions.model import Decision, make_decision
from pipeline.model import Flag

AT = datetime.datetime(2026, 3, 2, 9, 30, tzinfo=datetime.UTC)
TODAY = datetime.date(2026, 3, 2)


def flag(flag_id: str = "f1", values_hash: str = "h1") -> Flag:
    return Flag(
        flag_id=flag_id,
        family="disagreement",
        rule="value-mismatch",
        severity="error",
        finding_id=None,
        claim_ids=(),
        places=(),
        message="Courier gives 84%.",
        details={},
        values_hash=values_hash,
    )


def decision(
    verdict: str = "dismiss",
    flag_id: str = "f1",
    values_hash: str = "h1",
    until: str | None = None,
    reason: str = "another trial",
    who: str = "Ada",
) -> Decision:
    return make_decision(
        flag_id=flag_id, verdict=verdict, values_hash=values_hash, at=AT, reason=reason, who=who, until=until
    )
