"""What every report is made of: the problems of a run, the results they are about, and the words on the pages that show them.

A report holds no clock and no path of the machine it was made on, so that the same results give the same bytes. ``start`` and ``end``
of a mark count Unicode code points into the quote that it stands in.
"""

from __future__ import annotations

from typing import Any, Literal

from pipeline.model import Family, FindingStatus, PlaceRole, Qualifier, Record, Role, Severity, SourceKind

State = Literal["new", "back", "open", "resolved"]
"""Against an earlier run: not there before; there again after it had gone; there as before; no longer there."""
MarkKind = Literal["figure", "sign"]
"""What a mark shows: a figure, or words that say something of the evidence."""


class Mark(Record, frozen=True, kw_only=True):
    """Words of a quote to be highlighted."""

    start: int
    end: int
    kind: MarkKind


class Source(Record, frozen=True, kw_only=True):
    """An article that the report speaks of."""

    article_id: str
    name: str
    """The publisher, else the title, else the path."""
    title: str | None
    kind: SourceKind
    published: str | None
    url: str | None
    """Where a person may follow it to; ``None`` where there is no address, or one that is not ``http`` or ``https``."""
    path: str
    problems: int
    """How many problems are about it."""


class Passage(Record, frozen=True, kw_only=True):
    """Words on a page."""

    source: int
    """Place in the report's ``sources``."""
    role: PlaceRole
    start: int
    end: int
    """Where the whole passage stands in the article's cleaned text, in code points; ``quote`` may be a part of it."""
    before: str
    quote: str
    after: str
    """What stands around it, and what it says."""
    marks: tuple[Mark, ...]
    link: str | None
    """To the very words on the page (a text fragment)."""


class Figure(Record, frozen=True, kw_only=True):
    """What one source states for one group."""

    source: int
    claim_id: str
    text: str
    value: float | None
    low: float | None
    high: float | None
    unit: str | None
    qualifier: Qualifier | None
    reference: bool
    """Whether it is what the best source states."""


class Group(Record, frozen=True, kw_only=True):
    """One group of a result, with the figures of all sources."""

    role: Role | None
    name: str | None
    figures: tuple[Figure, ...]


class Result(Record, frozen=True, kw_only=True):
    """One finding: what all sources say of one result."""

    finding_id: str
    label: str
    status: FindingStatus
    articles: int
    witnesses: int
    """How many of the articles are independent of each other."""
    topics: tuple[str, ...]
    groups: tuple[Group, ...]
    tellings: tuple[Passage, ...]
    """The sentences that report it, that of the best source first."""


class Ruling(Record, frozen=True, kw_only=True):
    """What a reviewer decided of a problem."""

    verdict: str
    """``accept``, ``dismiss`` or ``snooze``."""
    who: str
    reason: str
    until: str | None
    at: str
    """ISO 8601, as ``until``, which is a day."""

    @property
    def hides(self) -> bool:
        """Whether the problem is to be kept out of sight."""
        return self.verdict in ("dismiss", "snooze")


class Remark(Record, frozen=True, kw_only=True):
    """A reviewer's comment."""

    who: str
    reason: str
    at: str


class Problem(Record, frozen=True, kw_only=True):
    """One flag."""

    flag_id: str
    values_hash: str
    rule: str
    family: Family
    severity: Severity
    message: str
    finding_id: str | None
    topics: tuple[str, ...]
    passages: tuple[Passage, ...]
    details: dict[str, Any]
    state: State | None
    """``None`` where there is no earlier run to compare with."""
    changed: bool
    """Whether it was there before, and its figures, severity or evidence are others now."""
    ruling: Ruling | None
    comments: tuple[Remark, ...]

    @property
    def awaits(self) -> bool:
        """Whether it is there and nobody has put it away."""
        return self.state != "resolved" and (self.ruling is None or not self.ruling.hides)


class RuleHelp(Record, frozen=True, kw_only=True):
    """A rule that can raise a problem, and what it is for."""

    rule: str
    name: str
    why: str
    help: str
    """What to know of a problem that it raises, and to look up; empty where the rule does not say."""
    family: Family
    severity: Severity
    message: str
    """What it says, with the places that a problem fills in braces."""
    problems: int
    """How many it has raised here."""


class Move(Record, frozen=True, kw_only=True):
    """A claim that is not what it was in the earlier run."""

    kind: str
    """``changed``, ``reworded``, ``new``, ``gone`` or ``back``."""
    source: str
    """Name of the article it is in."""
    link: str | None
    old: str | None
    new: str | None
    """The sentence before and now."""
    figures: tuple[tuple[str | None, str | None], ...]
    """The figures that differ, before and now, as they are written."""


class Since(Record, frozen=True, kw_only=True):
    """What is different from an earlier run."""

    old: str
    """How the earlier run is called."""
    made: tuple[str, ...]
    """In which parts of the program the two runs differ: ``engine``, ``rules`` ... ."""
    counts: dict[str, dict[str, int]]
    """For ``articles``, ``claims``, ``findings`` and ``flags``, how many changes of each kind."""
    moves: tuple[Move, ...]
    """Changed figures first."""
    findings: tuple[str, ...]
    """What became of findings, one line each."""


class Unread(Record, frozen=True, kw_only=True):
    """An input that could not be used."""

    path: str
    reason: str


class Report(Record, frozen=True, kw_only=True):
    """All that a report says. Problems come in the order in which a reviewer should see them."""

    version: str
    """Of the program."""
    rules_digest: str
    today: str | None
    """The day that rulings were judged on; ``None`` where there are none."""
    articles: int
    claims: int
    findings: int
    """How many there are in the run."""
    several: int
    """Of the findings, how many are of several articles."""
    statuses: dict[str, int]
    """How many findings agree, disagree ..."""
    sources: tuple[Source, ...]
    """Those that problems and results speak of."""
    topics: tuple[str, ...]
    rules: tuple[RuleHelp, ...]
    problems: tuple[Problem, ...]
    results: tuple[Result, ...]
    """Those that problems are about, and of the others those of the most articles."""
    since: Since | None
    unread: tuple[Unread, ...]
    warnings: tuple[str, ...] = ()
    """What the run that made the results warned of."""

    def waiting(self) -> tuple[Problem, ...]:
        """The problems that a reviewer has to look at."""
        return tuple(problem for problem in self.problems if problem.awaits)
