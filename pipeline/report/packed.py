"""The report model as the page carries it: each passage once, nothing that it does not show, and no names of fields that repeat.

A browser reads a page at some megabytes a second, so what is not there is what opens fast. ``base.js`` is the other side of it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from pipeline.report.model import Figure, Passage, Problem, Report, Result

_ROLES = ("subject", "evidence")
_KINDS = ("figure", "sign")


def packed(report: Report) -> bytes:
    """JSON for the page's own program."""
    passages = _Passages(report)
    data = {
        "sources": [
            _short(source, "article_id", "name", "title", "kind", "published", "url") for source in report.sources
        ],
        "rules": [_short(rule, "rule", "name", "why", "help") for rule in report.rules],
        "problems": [_problem(problem, passages) for problem in report.problems],
        "results": [_result(result, passages) for result in report.results],
        "passages": passages.rows,
    }
    return msgspec.json.encode(data)


class _Passages:
    """Passages by their place in a list, each once."""

    def __init__(self, report: Report) -> None:
        self.rows: list[list[Any]] = []
        self._places: dict[tuple[Any, ...], int] = {}
        self._urls = [source.url or "" for source in report.sources]

    def place(self, passage: Passage) -> int:
        key = (passage.source, passage.start, passage.end, passage.quote, passage.marks)
        if key not in self._places:
            self._places[key] = len(self.rows)
            url = self._urls[passage.source]
            link = passage.link or ""
            marks = [[mark.start, mark.end, _KINDS.index(mark.kind)] for mark in passage.marks]
            # What is the source's own address is not told again.
            end = link[len(url) :] if link.startswith(url) else ""
            self.rows.append(
                [passage.source, passage.before, passage.quote, passage.after, marks, int(bool(link)), end]
            )
        return self._places[key]


def _problem(problem: Problem, passages: _Passages) -> dict[str, Any]:
    row = _short(
        problem,
        "flag_id",
        "rule",
        "severity",
        "message",
        "finding_id",
        "topics",
        "state",
        "changed",
        "ruling",
        "comments",
    )
    row["passages"] = [[passages.place(passage), _ROLES.index(passage.role)] for passage in problem.passages]
    return row


def _result(result: Result, passages: _Passages) -> dict[str, Any]:
    row = _short(result, "finding_id", "label", "status", "articles", "witnesses", "topics")
    row["groups"] = [
        {**_short(group, "role", "name"), "figures": [_figure(figure) for figure in group.figures]}
        for group in result.groups
    ]
    row["tellings"] = [passages.place(telling) for telling in result.tellings]
    return row


def _figure(figure: Figure) -> list[Any]:
    row = [
        figure.source,
        figure.text,
        int(figure.reference),
        figure.unit,
        figure.value,
        figure.low,
        figure.high,
        figure.qualifier,
    ]
    while row[-1] is None:
        row.pop()
    return row


def _short(record: msgspec.Struct, *names: str) -> dict[str, Any]:
    """These fields of ``record``; those that say nothing are left out."""
    fields = ((name, getattr(record, name)) for name in names)
    return {name: value for name, value in fields if value is not None and value is not False and value != ()}
