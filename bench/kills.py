"""Runs that are killed at random moments: does the next one end with the same bytes as a run that nobody disturbed?

``python -m bench.kills 50`` kills 50 runs, and prints what went wrong.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from bench.fortnight import Fortnight
from pipeline.history.runs import FOLDER, History

_NIGHT = 9
"""The night whose run is killed: an article is new, others are not, and a flag comes."""


def wrong_kills(folder: Path, kills: int, night: int = _NIGHT, seed: int = 7) -> list[str]:
    """Kills so many runs (SIGKILL) and runs each again; one line for each problem, which begins with the moment of the kill.

    The runs are children of this process, which has loaded the program but not the language model, so that little of their time goes to
    starting.
    """
    base = folder / "base"
    base.mkdir()
    nights = Fortnight(base)
    for number in range(night):
        nights.prepare(number)
        _in_child(nights, number)
    nights.prepare(night)
    shutil.copytree(base, folder / "whole")
    seconds = _in_child(Fortnight(folder / "whole"), night)
    expected = _results(folder / "whole")
    chance = random.Random(seed)
    wrong = []
    for kill in range(kills):
        place = folder / f"kill{kill}"
        shutil.copytree(base, place)
        after = chance.uniform(0.0, seconds)
        _in_child(Fortnight(place), night, after)
        _in_child(Fortnight(place), night)
        problems = [*History(place / "out").check(), *_strays(place / "out")]
        if _results(place) != expected:
            problems.append("other results than those of a run that nobody disturbed")
        wrong += [f"kill {kill} after {after:.2f} s: {problem}" for problem in problems]
        shutil.rmtree(place)
    return wrong


def _in_child(nights: Fortnight, number: int, kill_after: float | None = None) -> float:
    """Runs one night in a process of its own, killed after so many seconds if that is asked for; returns how long it took."""
    began = time.monotonic()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setsid()
            nights.run(number)
            code = 0
        finally:
            os._exit(code)
    if kill_after is not None:
        while (
            time.monotonic() < began + kill_after
            and os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
        ):
            time.sleep(0.002)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if kill_after is None and status != 0:
        raise RuntimeError(f"night {number} failed")
    return time.monotonic() - began


def _results(folder: Path) -> dict[str, bytes]:
    """All that a user sees, but for ``run.json``, which holds times."""
    out = folder / "out"
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.relative_to(out).parts[0] not in (".work", FOLDER) and path.name != "run.json"
    }


def _strays(out: Path) -> list[str]:
    """What a killed run left behind."""
    names = [
        path.relative_to(out) for path in out.rglob("*") if path.suffix in (".tmp", ".part") or path.name == "sweep"
    ]
    names += [
        name.relative_to(out)
        for name in (out / ".work").iterdir()
        if name.name in ("staged", "ready.json", "holder.json")
    ]
    return [f"{name} is left over" for name in names]


def main() -> int:
    kills, *rest = map(int, sys.argv[1:])
    with tempfile.TemporaryDirectory() as name:
        wrong = wrong_kills(Path(name), kills, *rest)
    print("\n".join(wrong) or f"{kills} runs killed, all made good")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
