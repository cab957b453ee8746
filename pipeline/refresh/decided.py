"""Reviewers' decisions as a refresh needs them: which flags to leave out, and how a decision goes on when a sentence is reworded."""

from __future__ import annotations

import datetime
from pathlib import Path

from pipeline.decisions.log import append_decision, read_decisions
from pipeline.decisions.model import Decision
from pipeline.model import Flag


class Decided:
    """The decisions in ``path`` as of ``today``. Raises UsageError where the file cannot be read."""

    def __init__(self, path: Path, today: datetime.date) -> None:
        self.path = path
        self._today = today
        self.decisions = read_decisions(path)

    def suppressed(self, flag: Flag) -> bool:
        """Whether a reviewer does not want to see ``flag`` with the figures that it has."""
        standing = self.decisions.standing(flag, self._today)
        return standing is not None and standing.suppresses

    def carry(self, old: Flag, new: Flag) -> None:
        """Lets what holds for ``old`` hold for ``new``, the same problem with the same figures in a sentence that was reworded.

        Raises RunError where the file cannot be written.
        """
        standing = self.decisions.standing(old, self._today)
        if standing is None or old.values_hash != new.values_hash:
            return
        decision = Decision(
            flag_id=new.flag_id,
            verdict=standing.verdict,
            reason=standing.reason,
            who=standing.who,
            until=standing.until,
            values_hash=new.values_hash,
            at=standing.at,
        )
        self.decisions = append_decision(self.path, decision)
