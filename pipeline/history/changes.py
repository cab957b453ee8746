"""What is different between two runs, as records: what ``claims diff --json`` prints and what reports are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, Literal

from pipeline.model import Claim, FindingStatus, Flag, Record, Severity, Value

Cause = Literal["page", "program"]
"""Whether the article says something else, or the program (its rules, its model) reads the same words in another way."""
ArticleKind = Literal["new", "back", "changed", "renamed", "failed", "gone"]
ClaimKind = Literal["changed", "new", "back", "gone", "reworded", "moved"]
FindingKind = Literal["status", "joined", "split", "new", "grown", "shrunk", "gone"]
FlagStatus = Literal["new", "back", "open", "suppressed", "resolved"]
FailOn = Literal["error", "warning", "new-error", "new-warning"]
FAIL_ON: tuple[FailOn, ...] = ("error", "warning", "new-error", "new-warning")

GRAVITY: dict[Severity, int] = {"error": 2, "warning": 1, "note": 0}
"""How grave a severity is; the greater, the graver."""


class Made(Record, frozen=True, kw_only=True):
    """What a run was made with; two runs that differ in it may differ where no page has changed."""

    version: str | None = None
    engine: str | None = None
    """Digest of the program's code and of the libraries that results depend on."""
    rules: str | None = None
    """Digest of the rules that the claims were extracted with."""
    checks: str | None = None
    """Digest of the rules that the sources were compared with."""
    model: Any = None
    """The language model, where one was named."""


class ArticleChange(Record, frozen=True, kw_only=True):
    """An article that is new, back (an earlier run than the one before had it), gone, changed in its words, found under another name,
    or there but not to be read (``failed``)."""

    kind: ArticleKind
    article_id: str
    """In the new run; in the old one where it is no more."""
    old_id: str | None
    """In the old run; ``None`` of a new one."""
    path: str
    """Where it lies now, or lay last."""
    old_path: str | None
    url: str | None
    title: str | None
    publisher: str | None
    claims: int
    """How many claims it has; had, where it is no more."""
    reason: str | None = None
    """Why it could not be read."""


class FigureChange(Record, frozen=True, kw_only=True):
    """One figure of a claim: what it was and what it is. ``None`` where there was or is none in its place."""

    old: Value | None
    new: Value | None


class ClaimChange(Record, frozen=True, kw_only=True):
    """A claim that is not what it was.

    ``changed`` states another figure; ``reworded`` the same in other words; ``moved`` stands elsewhere among the claims of its article
    and is otherwise the same; ``back`` is new since the run before but an earlier run had it.
    """

    kind: ClaimKind
    cause: Cause
    claim_id: str
    """In the new run; in the old one where it is gone."""
    old_claim_id: str | None
    """In the old run; ``None`` of a new one."""
    article_id: str
    """In the new run; in the old one where it is gone."""
    old: Claim | None
    new: Claim | None
    figures: tuple[FigureChange, ...] = ()
    """The figures that differ, in text order."""
    slots: tuple[str, ...] = ()
    """The other fields of the record that differ: ``certainty``, ``outcome`` ..., of a claim whose words differ."""


class FindingChange(Record, frozen=True, kw_only=True):
    """A finding whose sources are not what they were.

    ``joined`` has claims that were in several findings, ``split`` is now several; ``grown`` has claims that are new, ``shrunk`` has
    lost some that are gone; ``status`` is another: sources that agreed disagree, say. A finding may change in two of these ways.
    """

    kind: FindingKind
    finding_id: str
    """In the new run; of several the one with most claims of the old; in the old run where it is gone."""
    label: str
    old_ids: tuple[str, ...]
    new_ids: tuple[str, ...]
    old_status: FindingStatus | None
    new_status: FindingStatus | None
    claim_ids: tuple[str, ...]
    """The claims that make the change: those that came, or went (ids of the old run), else all."""


class FlagChange(Record, frozen=True, kw_only=True):
    """Where a flag stands. Every flag of both runs is told of once.

    ``open`` was there and is; ``back`` is here again after it was resolved or suppressed; ``suppressed`` a reviewer does not want to
    see; ``resolved`` is no more.
    """

    status: FlagStatus
    cause: Cause
    flag_id: str
    """In the new run; in the old one where it is resolved."""
    old_flag_id: str | None
    """In the old run; it is another one where the sentence was reworded."""
    flag: Flag
    changed: bool = False
    """Of one that was there before: whether its figures, severity or evidence are others now."""


class RunDiff(Record, frozen=True, kw_only=True):
    """All that differs between two runs. What is not named here is as it was."""

    old: str
    """How the old run is called: its folder or its id."""
    new: str
    made: tuple[str, ...]
    """The fields of :class:`Made` in which the runs differ."""
    reconciled: bool
    """Whether both runs have findings and flags; without, only articles and claims are compared."""
    articles: tuple[ArticleChange, ...]
    claims: tuple[ClaimChange, ...]
    """Changed figures first; then by article, in text order."""
    findings: tuple[FindingChange, ...]
    flags: tuple[FlagChange, ...]
    """New ones first, then by severity, the graver first."""

    @property
    def quiet(self) -> bool:
        """Whether there is nothing to tell: no word, claim, finding or flag differs but in its place."""
        return not (
            any(change.kind != "renamed" for change in self.articles)
            or any(change.kind != "moved" for change in self.claims)
            or self.findings
            or any(change.status not in ("open", "suppressed") or change.changed for change in self.flags)
        )

    def counts(self) -> dict[str, dict[str, int]]:
        """How many changes of each kind, in the order in which they are told."""
        return {
            "articles": dict(Counter(change.kind for change in self.articles)),
            "claims": dict(Counter(change.kind for change in self.claims)),
            "findings": dict(Counter(change.kind for change in self.findings)),
            "flags": dict(Counter(change.status for change in self.flags)),
        }

    def fails(self, fail_on: FailOn | None) -> bool:
        """Whether there is a flag that ``--fail-on`` asks for: of that severity or graver; with ``new-``, one that came or came back."""
        if fail_on is None:
            return False
        fresh = fail_on.startswith("new-")
        least = GRAVITY["error" if fail_on.endswith("error") else "warning"]
        standing = ("new", "back") if fresh else ("new", "back", "open")
        return any(change.status in standing and GRAVITY[change.flag.severity] >= least for change in self.flags)


Suppressed = Callable[[Flag], bool]
"""Whether a reviewer has asked not to see this flag, with the figures that it has now."""


class Earlier(Record, frozen=True, kw_only=True):
    """What is known of the runs up to the old one, so that what comes back is not called new."""

    articles: frozenset[str] = frozenset()
    claims: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    """Ids that any of these runs had."""
    suppressed: frozenset[str] = frozenset()
    """Flags of the old run that were suppressed then."""
