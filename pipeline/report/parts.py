"""The order in which reports tell problems: what is new first, then by severity, what was put away last."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from pipeline.report.model import Passage, Problem

_MANY = {"error": "errors", "warning": "warnings", "note": "notes"}


def part_of(problem: Problem) -> str:
    """The heading that a problem stands under."""
    if problem.state == "resolved":
        return "Resolved"
    if not problem.awaits:
        return "Put away by reviewers"
    many = _MANY[problem.severity]
    return f"New {many}" if problem.state in ("new", "back") else many.capitalize()


def parts(problems: tuple[Problem, ...]) -> Iterator[tuple[str, tuple[Problem, ...]]]:
    """Headings with the problems under each; ``problems`` come as the report has them."""
    for name, found in groupby(problems, key=part_of):
        yield name, tuple(found)


def subject_of(problem: Problem) -> Passage | None:
    """The passage that a problem is about."""
    return next((passage for passage in problem.passages if passage.role == "subject"), None)


def evidence_of(problem: Problem) -> tuple[Passage, ...]:
    """The passages that are held against it."""
    return tuple(passage for passage in problem.passages if passage.role == "evidence")


def ruling_words(problem: Problem) -> str:
    """What was decided, by whom and why; empty where nothing was."""
    ruling = problem.ruling
    if ruling is None:
        return ""
    who = f" by {ruling.who}" if ruling.who else ""
    until = f" until {ruling.until}" if ruling.until else ""
    why = f": {ruling.reason}" if ruling.reason else ""
    return f"{ruling.verdict}{who}{until}{why}"
