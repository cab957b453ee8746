"""What the review page shows and changes: flags, and what was decided of them. Knows nothing of HTTP."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from pipeline.decisions.log import StaleDecisionError, append_decision, now, read_decisions
from pipeline.decisions.model import Decision, make_decision
from pipeline.decisions.standing import Decisions, Standing
from pipeline.errors import ClaimsError, UsageError
from pipeline.model import Flag, Record
from pipeline.run.results import FLAGS, numbered_records

_BETWEEN = "."
"""Between the figures and the decisions that a page has seen."""


class Asked(Record, frozen=True, kw_only=True):
    """What a page sends: a decision of one flag. ``seen`` is the flag's ``version`` that the page was given."""

    flag_id: str
    verdict: str = "undo"
    reason: str = ""
    until: str | None = None
    seen: str = ""


class Told(Record, frozen=True, kw_only=True):
    """What the page is answered. ``flags`` has, by id, ``version``, ``standing`` and ``comments``."""

    flags: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)
    error: str | None = None
    problems: tuple[str, ...] = ()
    """Damaged lines of the file of decisions."""


class Refusal(Exception):  # noqa: N818 - it ends a request, no more
    """A request that is not carried out: the status of HTTP that says so, and what to say."""

    def __init__(self, status: int, told: Told) -> None:
        super().__init__(told.error or str(status))
        self.status = status
        self.told = told


class ReviewState:
    """The flags in ``folder`` and the decisions in ``file``. Both are read anew when asked for, since a nightly run writes the one and
    colleagues the other; ``today`` tells the day. Safe to use from several threads."""

    def __init__(self, folder: Path, file: Path, who: str, today: Callable[[], datetime.date]) -> None:
        self.folder = folder
        self.file = file
        self.who = who
        self.today = today
        self._lock = threading.Lock()
        self._flags: dict[str, Flag] = {}
        self._stamp: tuple[int, ...] | None = None
        self._closed = False

    def flags(self) -> Mapping[str, Flag]:
        """The flags by id. Raises UsageError where they cannot be read."""
        path = self.folder / FLAGS
        with self._lock:
            found = stamp(path)
            if found is None or found != self._stamp:  # a file that is not there is told by the reader
                self._flags = {flag.flag_id: flag for _, flag in numbered_records(path, Flag)}
                self._stamp = found
            return self._flags

    def overview(self) -> Told:
        """How every flag stands."""
        decisions = read_decisions(self.file)
        return Told(flags=self._states(self.flags().values(), decisions), problems=decisions.problems)

    def decide(self, asked: Asked) -> Told:
        """Keeps a decision, on the disk when this returns. Raises Refusal where it is not kept."""
        flag = self.flags().get(asked.flag_id)
        if flag is None:
            raise Refusal(404, Told(error="there is no such flag any more; load the page again"))
        figures, _, version = asked.seen.partition(_BETWEEN)
        if figures and figures != flag.values_hash:
            raise Refusal(412, Told(error="the figures have changed since the page was loaded; load it again"))
        try:
            decision = self._decision(flag, asked)
        except UsageError as error:
            raise Refusal(422, Told(error=str(error))) from error
        with self._lock:
            if self._closed:
                raise Refusal(503, Told(error="the review was stopped"))
            try:
                decisions = append_decision(self.file, decision, seen=version)
            except StaleDecisionError as stale:
                told = Told(error=str(stale), flags=self._states([flag], stale.decisions))
                raise Refusal(409, told) from stale
            except UsageError as error:
                raise Refusal(422, Told(error=str(error))) from error
            except ClaimsError as error:
                raise Refusal(500, Told(error=str(error))) from error
        return Told(flags=self._states([flag], decisions))

    def close(self) -> None:
        """Waits for a decision that is being written, and lets no other begin."""
        with self._lock:
            self._closed = True

    def _decision(self, flag: Flag, asked: Asked) -> Decision:
        return make_decision(
            flag_id=flag.flag_id,
            verdict=asked.verdict,
            values_hash=flag.values_hash,
            at=now(),
            reason=asked.reason,
            who=self.who,
            until=asked.until or None,
        )

    def _states(self, flags: Iterable[Flag], decisions: Decisions) -> dict[str, dict[str, Any]]:
        today = self.today()
        return {
            flag.flag_id: {
                "version": f"{flag.values_hash}{_BETWEEN}{decisions.version(flag.flag_id)}",
                "standing": _standing(decisions.standing(flag, today)),
                "comments": [_remark(comment) for comment in decisions.comments(flag.flag_id)],
            }
            for flag in flags
        }


def stamp(path: Path) -> tuple[int, ...] | None:
    """What changes when a file is written anew or added to; None where there is none."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def _standing(standing: Standing | None) -> dict[str, Any] | None:
    if standing is None:
        return None
    return {
        "verdict": standing.verdict,
        "who": standing.who,
        "reason": standing.reason,
        "until": None if standing.until is None else standing.until.isoformat(),
        "at": standing.at.isoformat(),
        "suppresses": standing.suppresses,
    }


def _remark(comment: Decision) -> dict[str, Any]:
    return {"who": comment.who, "reason": comment.reason, "at": comment.at.isoformat()}
