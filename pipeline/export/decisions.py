"""Reviewers' decisions as a flat table, with what has become of each."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping

from pipeline.decisions.standing import Kept
from pipeline.export.csv import defused
from pipeline.export.rows import Cell
from pipeline.model import Flag

COLUMNS = ("flag_id", "verdict", "who", "at", "until", "state", "reason", "rule", "message", "values_hash", "line")


def decision_rows(kept: Iterable[Kept], flags: Mapping[str, Flag]) -> Iterator[dict[str, Cell]]:
    """A row a decision, with every column; ``flags`` are those that there are, by id."""
    for line, decision, state in kept:
        flag = flags.get(decision.flag_id)
        yield {
            "flag_id": decision.flag_id,
            "verdict": decision.verdict,
            "who": decision.who,
            "at": decision.at.isoformat(),
            "until": None if decision.until is None else decision.until.isoformat(),
            "state": state,
            "reason": decision.reason,
            "rule": flag.rule if flag is not None else None,
            "message": flag.message if flag is not None else None,
            "values_hash": decision.values_hash,
            "line": line,
        }


def decisions_csv(kept: Iterable[Kept], flags: Mapping[str, Flag]) -> str:
    """The rows as CSV, in which no spreadsheet finds a formula."""
    out = io.StringIO(newline="")
    table = csv.DictWriter(out, COLUMNS, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    table.writeheader()
    table.writerows({name: defused(cell) for name, cell in row.items()} for row in decision_rows(kept, flags))
    return out.getvalue()
