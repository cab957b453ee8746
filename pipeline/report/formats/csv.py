"""CSV (RFC 4180, UTF-8): a row a problem, with the rule's name and help. No cell is taken for a formula by a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from pipeline.export.csv import defused
from pipeline.report.base import Format
from pipeline.report.model import Passage, Problem, Report
from pipeline.report.parts import evidence_of, subject_of

_PLACE = ("source", "kind", "published", "url", "quote")
COLUMNS = (
    "flag_id",
    "state",
    "severity",
    "family",
    "rule",
    "rule_name",
    "rule_why",
    "rule_help",
    "topics",
    "result",
    "result_status",
    "message",
    *_PLACE,
    *(f"against_{name}" for name in _PLACE),
    "verdict",
    "who",
    "reason",
    "until",
    "values_hash",
)


def render(report: Report) -> bytes:
    """A header and the problems in the report's order. The ``url`` leads to the words on the page."""
    out = io.StringIO(newline="")
    table = csv.DictWriter(out, COLUMNS, lineterminator="\n", quoting=csv.QUOTE_ALL, restval="")
    table.writeheader()
    for row in _rows(report):
        table.writerow({name: defused(cell) for name, cell in row.items()})
    return out.getvalue().encode()


def _rows(report: Report) -> Iterator[dict[str, str]]:
    helps = {rule.rule: rule for rule in report.rules}
    results = {result.finding_id: result for result in report.results}
    for problem in report.problems:
        known = helps.get(problem.rule)
        result = results.get(problem.finding_id) if problem.finding_id is not None else None
        against = evidence_of(problem)
        yield {
            "flag_id": problem.flag_id,
            "state": problem.state or "",
            "severity": problem.severity,
            "family": problem.family,
            "rule": problem.rule,
            "rule_name": known.name if known is not None else problem.rule,
            "rule_why": known.why if known is not None else "",
            "rule_help": known.help if known is not None else "",
            "topics": "; ".join(problem.topics),
            "result": result.label if result is not None else "",
            "result_status": result.status if result is not None else "",
            "message": problem.message,
            **_place(subject_of(problem), report, ""),
            **_place(against[0] if against else None, report, "against_"),
            **_ruling(problem),
            "values_hash": problem.values_hash,
        }


def _place(passage: Passage | None, report: Report, prefix: str) -> dict[str, str]:
    if passage is None:
        return {}
    source = report.sources[passage.source]
    cells = (source.name, source.kind, source.published or "", passage.link or source.url or "", passage.quote)
    return {prefix + name: cell for name, cell in zip(_PLACE, cells, strict=True)}


def _ruling(problem: Problem) -> dict[str, str]:
    ruling = problem.ruling
    if ruling is None:
        return {}
    return {"verdict": ruling.verdict, "who": ruling.who, "reason": ruling.reason, "until": ruling.until or ""}


FORMAT = Format("csv", "report.csv", "a table with one row a problem, for spreadsheets", render)
