"""One decision of a reviewer, a line of ``decisions.jsonl``."""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Literal, get_args

import msgspec

from pipeline.errors import UsageError
from pipeline.model import Record

Verdict = Literal["accept", "dismiss", "snooze", "comment", "undo"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
RULINGS: frozenset[Verdict] = frozenset(("accept", "dismiss", "snooze"))
"""The verdicts that say what becomes of a flag; of these the last one counts."""
MOST_WORDS = 4000
"""Characters of a reason, at most."""
MOST_NAME = 200
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

Id = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z_-]{1,80}$")]


class Decision(Record, frozen=True, kw_only=True):
    """What one person said of one flag at one time."""

    flag_id: Id
    verdict: Verdict
    reason: Annotated[str, msgspec.Meta(max_length=MOST_WORDS)] = ""
    who: Annotated[str, msgspec.Meta(max_length=MOST_NAME)] = ""
    until: datetime.date | None = None
    """The first day on which it no longer holds."""
    values_hash: Annotated[str, msgspec.Meta(max_length=80)]
    """That of the flag when it was decided on."""
    at: datetime.datetime
    """When, with its time zone."""


def make_decision(
    *,
    flag_id: str,
    verdict: str,
    values_hash: str,
    at: datetime.datetime,
    reason: str = "",
    who: str = "",
    until: str | datetime.date | None = None,
) -> Decision:
    """A decision as a person gave it, checked. Raises UsageError, one line, where it says too little or what cannot be.

    ``until`` is a day, ISO 8601 where it is text; a snooze needs one, a comment and a dismissal a reason.
    """
    if verdict not in VERDICTS:
        raise UsageError(f"verdict {verdict!r}: no such verdict; use one of {', '.join(VERDICTS)}")
    reason = _CONTROL.sub(" ", reason).strip()
    who = " ".join(_CONTROL.sub(" ", who).split())
    if verdict in ("dismiss", "comment") and not reason:
        raise UsageError(f"a verdict of {verdict} needs a reason, so that others understand it later")
    if len(reason) > MOST_WORDS or len(who) > MOST_NAME:
        raise UsageError(f"a reason has at most {MOST_WORDS} characters, a name {MOST_NAME}; shorten it")
    day = day_of(until) if isinstance(until, str) else until
    if verdict == "snooze" and day is None:
        raise UsageError("a verdict of snooze needs the day until which the flag is to stay away")
    if day is not None and verdict not in ("snooze", "dismiss"):
        raise UsageError(
            f"a verdict of {verdict} holds for good; only snooze and dismiss take a day until which they hold"
        )
    if day is not None and day <= at.date():
        raise UsageError(f"{day}: a day until which something is to hold must lie after {at.date()}")
    try:
        return msgspec.convert(
            {
                "flag_id": flag_id,
                "verdict": verdict,
                "reason": reason,
                "who": who,
                "until": day,
                "values_hash": values_hash,
                "at": at,
            },
            Decision,
        )
    except msgspec.ValidationError as error:
        raise UsageError(f"no decision can be made of this: {error}") from error


def day_of(text: str) -> datetime.date:
    """The day that ``text`` names as ``YYYY-MM-DD``. Raises UsageError where it names none."""
    try:
        if _DAY.fullmatch(text):
            return datetime.date.fromisoformat(text)
    except ValueError:
        pass
    raise UsageError(f"{text!r}: is no day; write it as 2026-03-31")
