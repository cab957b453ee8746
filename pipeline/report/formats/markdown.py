"""Markdown (GitHub's), for a pull request or a mail: as much as fits into one, what matters most first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pipeline.report.base import Format
from pipeline.report.model import Move, Passage, Problem, Report, Since
from pipeline.report.parts import parts, ruling_words
from pipeline.report.words import clipped, counted, one_line

_MOST = 60_000
"""Characters of the whole; GitHub takes 65,536 for the text of a pull request."""
_MOST_MOVES = 30
_LONGEST = 400
_SPECIAL = re.compile(r"([\\`*_\[\]<>|~$&])")
_NAMING = re.compile(r"[@#](?=\w)")
"""What calls a person or an issue."""


def render(report: Report) -> bytes:
    """The report as text. What does not fit is counted."""
    rules = [*_rules(report)]
    room = _MOST - sum(len(line) + 1 for line in rules)
    lines: list[str] = []
    left = 0
    for line, problem in _body(report):
        if left or len(line) > room:
            left += problem
            continue
        room -= len(line) + 1
        lines.append(line)
    if left:
        lines.append(f"\n… and {counted(left, 'more problem')}; the HTML and CSV reports have them all.\n")
    return ("\n".join([*lines, *rules]).strip() + "\n").encode()


def _body(report: Report) -> Iterator[tuple[str, bool]]:
    """Pieces of the report, and whether each is a problem."""
    waiting = report.waiting()
    told = ", ".join(f"{count:,} {status}" for status, count in report.statuses.items() if status != "single")
    yield "# Evidence report\n", False
    yield (
        f"{counted(len(waiting), 'problem')} to review in {counted(report.articles, 'article')} with {counted(report.claims, 'claim')}"
        f"; {counted(report.several, 'result')} of several articles{f' ({told})' if told else ''}.\n",
        False,
    )
    if report.warnings:
        yield (
            "\n".join(f"- Warning: {escaped(one_line(warning))}" for warning in report.warnings[:_MOST_MOVES]) + "\n",
            False,
        )
    if report.since is not None:
        yield "\n".join(_since(report.since)), False
    shown = tuple(problem for problem in report.problems if problem.awaits or problem.state == "resolved")
    names = {rule.rule: rule.name for rule in report.rules}
    for name, problems in parts(shown):
        yield f"## {name} ({len(problems):,})\n", False
        for problem in problems:
            yield "\n".join(_problem(problem, report, names)), True
    away = sum(1 for problem in report.problems if problem.state != "resolved" and not problem.awaits)
    if away:
        yield f"{counted(away, 'problem')} put away by reviewers.\n", False
    if report.unread:
        yield f"{counted(len(report.unread), 'input')} could not be used.\n", False


def _since(since: Since) -> Iterator[str]:
    yield f"## Since {escaped(since.old)}\n"
    for what, kinds in since.counts.items():
        if kinds:
            yield f"- {what}: " + ", ".join(f"{count:,} {kind}" for kind, count in kinds.items())
    yield ""
    for move in since.moves[:_MOST_MOVES]:
        yield _move(move)
    if len(since.moves) > _MOST_MOVES:
        yield f"- … and {counted(len(since.moves) - _MOST_MOVES, 'more changed claim')}"
    for line in since.findings[:_MOST_MOVES]:
        yield f"- {escaped(line)}"
    yield ""


def _move(move: Move) -> str:
    source = linked(move.source, move.link)
    figures = ", ".join(
        f"**{escaped(old) if old else 'nothing'} → {escaped(new) if new else 'nothing'}**" for old, new in move.figures
    )
    quote = escaped(clipped(move.new or move.old or "", _LONGEST))
    return f"- {move.kind}: {source}{' ' + figures if figures else ''}: “{quote}”"


def _problem(problem: Problem, report: Report, names: Mapping[str, str]) -> Iterator[str]:
    name = names.get(problem.rule, problem.rule)
    state = f", {problem.state}" if problem.state in ("new", "back", "resolved") else ""
    yield f"- **{name}** ({problem.severity}{state}) {escaped(one_line(problem.message))} `{problem.flag_id}`"
    if ruling_words(problem):
        yield f"  - _{escaped(one_line(ruling_words(problem)))}_"
    if problem.state != "resolved":
        for passage in problem.passages[:3]:
            yield f"  - {_quoted(passage, report)}"
    yield ""


def _quoted(passage: Passage, report: Report) -> str:
    source = report.sources[passage.source]
    return f"{linked(source.name, passage.link)} ({source.kind}): “{escaped(clipped(passage.quote, _LONGEST))}”"


def _rules(report: Report) -> Iterator[str]:
    yield "\n## What is checked\n"
    yield "| rule | what it finds | severity | here |"
    yield "| --- | --- | --- | --- |"
    for rule in report.rules:
        yield f"| {rule.name} (`{rule.rule}`) | {escaped(rule.why)} {escaped(rule.help)} | {rule.severity} | {rule.problems} |"


def linked(words: str, link: str | None) -> str:
    """``words`` as a link, where there is one."""
    text = escaped(clipped(words, 80))
    return f"[{text}](<{link.replace('>', '%3E').replace('<', '%3C')}>)" if link else text


def escaped(text: str) -> str:
    """``text`` of a page as plain text: no mark-up, no HTML, and nothing that would call a person or an issue."""
    return _NAMING.sub(lambda found: found[0] + "\u2060", _SPECIAL.sub(r"\\\1", one_line(text)))


FORMAT = Format("markdown", "report.md", "text for a pull request or a mail, what matters most first", render)
