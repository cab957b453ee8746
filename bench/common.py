"""What the measurements share: where the project is, how the program is run, and how a table gets into a document."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.language.strength import StrengthModel
    from pipeline.rules.ruleset import Ruleset

ROOT = Path(__file__).resolve().parent.parent
_SECONDS = 7200.0
"""Nothing hangs where no limit of an article holds."""


@dataclass(frozen=True)
class Ended:
    """A command that has run."""

    code: int
    """-9 where it had to be killed."""
    err: str
    """What it wrote to standard error."""
    seconds: float
    """By the clock."""
    cpu: float
    """Seconds of the processor, with all that it started."""
    peak_bytes: int
    """Of memory, of the largest of its processes."""


def command(*arguments: object, seconds: float = _SECONDS) -> Ended:
    """Runs ``claims`` with these arguments; kills it, with all that it started, after so many seconds."""
    began = time.monotonic()
    with tempfile.TemporaryFile() as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "pipeline.cli", *map(str, arguments)],
            cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL, stderr=err, start_new_session=True,
        )  # fmt: skip
        while True:
            done, status, usage = os.wait4(process.pid, os.WNOHANG)
            if done:
                break
            if time.monotonic() - began > seconds:
                os.killpg(process.pid, signal.SIGKILL)
            time.sleep(0.02)
        process.returncode = os.waitstatus_to_exitcode(status)
        err.seek(0)
        said = err.read().decode("utf-8", "replace")
    # In KiB (getrusage(2)).
    peak = usage.ru_maxrss * 1024
    return Ended(process.returncode, said, time.monotonic() - began, usage.ru_utime + usage.ru_stime, peak)


def average_precision(ranked: Iterable[bool]) -> float:
    """The mean of the precision at each place that is right, of places with the likeliest first; 0 where none is."""
    hits, gathered = 0, 0.0
    for place, is_right in enumerate(ranked, 1):
        hits += is_right
        gathered += is_right * hits / place
    return gathered / max(hits, 1)


def strength_model(rules: Ruleset) -> StrengthModel:
    """The strength add-on as installed. Ends the program with one line where there is none."""
    from pipeline.claims.analyze import Analyzer  # most measurements run the program as a user does

    model = Analyzer(rules).language.strength
    if model is None:
        raise SystemExit("bench: the strength add-on is not installed")
    return model


def written(document: str, marks: tuple[str, str], lines: Sequence[str]) -> str:
    """``document`` with ``lines`` in place of what stands between ``marks``; as it is where it has no such place."""
    begin, end = marks
    head, found, rest = document.partition(begin)
    _, closed, tail = rest.partition(end)
    return "\n".join([head + begin, *lines, end + tail]) if found and closed else document


def write_table(path: Path, marks: tuple[str, str], lines: Sequence[str]) -> None:
    """Writes ``lines`` into the document ``path``, between ``marks``."""
    path.write_text(written(path.read_text("utf-8"), marks, lines), "utf-8")
