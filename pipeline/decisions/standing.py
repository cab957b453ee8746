"""Which decision holds for a flag, and why others no longer do."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from pipeline.claims.ids import digest
from pipeline.decisions.model import RULINGS, Decision, Verdict
from pipeline.model import Flag, Record, encode

State = Literal["holds", "replaced", "undone", "figures", "date", "gone", "comment", "undo"]
"""What has become of a decision: it holds; a later one took its place; it was undone; the figures changed; its day came; there is no such
flag; it is a comment, or takes back another, and so decides nothing."""


class Standing(Record, frozen=True, kw_only=True):
    """The decision that holds for a flag today."""

    verdict: Verdict
    who: str
    reason: str
    until: datetime.date | None
    at: datetime.datetime

    @property
    def suppresses(self) -> bool:
        """Whether the flag is to stay away; one that was accepted stays to be seen."""
        return self.verdict in ("dismiss", "snooze")


class Kept(NamedTuple):
    """A decision with the number of its line and what has become of it."""

    line: int
    decision: Decision
    state: State


class Decisions:
    """All decisions, in the order of the file. ``entries`` are pairs of line number and decision; ``problems`` tell of damaged lines."""

    def __init__(self, entries: Iterable[tuple[int, Decision]] = (), problems: Sequence[str] = ()) -> None:
        self.entries = tuple(entries)
        self.problems = tuple(problems)
        self._of: Mapping[str, list[tuple[int, Decision]]] = defaultdict(list)
        for line, decision in self.entries:
            self._of[decision.flag_id].append((line, decision))

    def of(self, flag_id: str) -> tuple[Decision, ...]:
        """Everything that was said of a flag, first to last."""
        return tuple(decision for _, decision in self._of.get(flag_id, ()))

    def version(self, flag_id: str) -> str:
        """A name for all that was said of a flag so far; empty while nothing was. Whoever decides says what he had seen."""
        said = self.of(flag_id)
        return digest("decisions", *(encode(decision).decode() for decision in said)) if said else ""

    def comments(self, flag_id: str) -> tuple[Decision, ...]:
        """The comments on a flag that were not taken back."""
        return tuple(decision for _, decision in self._kept(flag_id) if decision.verdict == "comment")

    def standing(self, flag: Flag, today: datetime.date) -> Standing | None:
        """What holds for ``flag``: the last ruling on these figures that was not undone, unless its day has come; None for nothing."""
        ruling = self._ruling(flag)
        if ruling is None or _is_over(ruling[1], today):
            return None
        decision = ruling[1]
        return Standing(
            verdict=decision.verdict,
            who=decision.who,
            reason=decision.reason,
            until=decision.until,
            at=decision.at,
        )

    def standings(self, flags: Iterable[Flag], today: datetime.date) -> dict[str, Standing]:
        """What holds for each of ``flags`` for which anything does, by id."""
        if not self._of:
            return {}  # nor need the flags be read, which may be very many
        found = ((flag.flag_id, self.standing(flag, today)) for flag in flags if flag.flag_id in self._of)
        return {flag_id: standing for flag_id, standing in found if standing is not None}

    def suppressed(self, flags: Iterable[Flag], today: datetime.date) -> dict[str, Standing]:
        """The flags that are to stay away, by id, with what keeps them."""
        found = self.standings(flags, today)
        return {flag_id: standing for flag_id, standing in found.items() if standing.suppresses}

    def last(self, flag_id: str) -> Decision | None:
        """What an undo would take back."""
        kept = self._kept(flag_id)
        return kept[-1][1] if kept else None

    def states(self, flags: Iterable[Flag], today: datetime.date) -> Iterator[Kept]:
        """Each decision with what has become of it, in the order of the file; ``flags`` are all that there are."""
        by_id = {flag.flag_id: flag for flag in flags}
        kept = {line for flag_id in self._of for line, _ in self._kept(flag_id)}
        rulings = {flag_id: self._ruling(flag) for flag_id, flag in by_id.items() if flag_id in self._of}
        for line, decision in self.entries:
            flag = by_id.get(decision.flag_id)
            ruling = rulings.get(decision.flag_id)
            yield Kept(line, decision, _state(line, decision, flag, ruling, line in kept, today))

    def _kept(self, flag_id: str) -> list[tuple[int, Decision]]:
        """What was said of a flag and not taken back. An undo takes back the last that is left; with nothing left it does nothing."""
        stack: list[tuple[int, Decision]] = []
        for line, decision in self._of.get(flag_id, ()):
            if decision.verdict != "undo":
                stack.append((line, decision))
            elif stack:
                stack.pop()
        return stack

    def _ruling(self, flag: Flag) -> tuple[int, Decision] | None:
        """The last ruling on the figures that the flag has now."""
        rulings = [
            (line, decision)
            for line, decision in self._kept(flag.flag_id)
            if decision.verdict in RULINGS and decision.values_hash == flag.values_hash
        ]
        return rulings[-1] if rulings else None


def _is_over(decision: Decision, today: datetime.date) -> bool:
    return decision.until is not None and decision.until <= today


def _state(
    line: int,
    decision: Decision,
    flag: Flag | None,
    ruling: tuple[int, Decision] | None,
    kept: bool,
    today: datetime.date,
) -> State:
    if decision.verdict == "undo":
        return "undo"
    if not kept:
        return "undone"
    if flag is None:
        return "gone"
    if decision.verdict == "comment":
        return "comment"
    if decision.values_hash != flag.values_hash:
        return "figures"
    if ruling is not None and ruling[0] != line:
        return "replaced"
    return "date" if _is_over(decision, today) else "holds"
