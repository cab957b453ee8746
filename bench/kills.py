"""Runs that are killed at random moments: does the next one end with the same bytes as a run that nobody disturbed?

``python -m bench.kills 50`` kills 50 runs, of refresh, extract and reconcile in turn, and prints what went wrong.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from bench.common import ROOT
from bench.fortnight import Fortnight, moment
from bench.site import SCRIPT
from pipeline.decisions.log import append_decision
from pipeline.decisions.model import make_decision
from pipeline.history.runs import FOLDER, History
from pipeline.rules.loader import load_rules
from pipeline.run.extract import Settings, extract
from pipeline.run.reconcile import reconcile_folder

_DECISION = make_decision(
    flag_id="0" * 16, verdict="comment", values_hash="0" * 16, at=moment(0), reason="not to be lost", who="an editor"
)
KINDS = ("refresh", "extract", "reconcile")
_SEED = 7
_NIGHT = 9
"""The night whose run is killed: an article is new, others are not, and a flag comes."""


def wrong_kills(
    folder: Path,
    kills: int,
    night: int = _NIGHT,
    seed: int = _SEED,
    kinds: Sequence[str] = KINDS,
) -> list[str]:
    """Kills so many runs (SIGKILL), of each of ``kinds`` in turn, and runs each again; one line for each problem.

    The runs are children of this process, which has loaded the program but not the language model, so that little of their time goes to
    starting.
    """
    base = folder / "base"
    base.mkdir()
    nights = Fortnight(base)
    for number in range(night):
        nights.prepare(number)
        _in_child(partial(nights.run, number))
    append_decision(nights.decisions, _DECISION)
    nights.prepare(night)
    scenes = {kind: _Scene(folder, base, kind, night) for kind in dict.fromkeys(kinds)}
    chance = random.Random(seed)
    wrong = []
    for kill in range(kills):
        scene = scenes[kinds[kill % len(kinds)]]
        after = chance.uniform(0.0, scene.seconds)
        place = folder / f"kill{kill}"
        wrong += [f"kill {kill} of {scene.kind} after {after:.2f} s: {problem}" for problem in scene.kill(place, after)]
        shutil.rmtree(place)
    return wrong


class _Scene:
    """One kind of run, with what it begins with and what it gives where nobody disturbs it."""

    def __init__(self, folder: Path, base: Path, kind: str, night: int) -> None:
        self.kind = kind
        self._night = night
        self._base = base
        if kind == "reconcile":
            self._base = folder / "extracted"
            shutil.copytree(base, self._base)
            _in_child(partial(_extract, self._base))
        whole = folder / f"whole-{kind}"
        shutil.copytree(self._base, whole)
        self.seconds = _in_child(self._run(whole))
        self._expected = _results(whole)

    def kill(self, place: Path, after: float) -> list[str]:
        """Kills a run in ``place`` after so many seconds, runs it again, and tells what is wrong then."""
        shutil.copytree(self._base, place)
        _in_child(self._run(place), after)
        refreshed = self.kind == "refresh"
        if not refreshed or len(History(place / "out").ids()) <= self._night or History(place / "out").untold():
            _in_child(self._run(place))  # else it was killed when all was done and told
        problems = [*History(place / "out").check(), *_strays(place / "out")]
        if _results(place) != self._expected:
            problems.append("other results than those of a run that nobody disturbed")
        return problems

    def _run(self, place: Path) -> Callable[[], object]:
        if self.kind == "refresh":
            return partial(Fortnight(place).run, self._night)
        return partial(_extract if self.kind == "extract" else _reconcile, place)


def _extract(place: Path) -> None:
    extract(Settings(raw=place / "raw", out=place / "out", workers=0), load_rules(ROOT / "rules"))


def _reconcile(place: Path) -> None:
    reconcile_folder(place / "out", load_rules(ROOT / "rules"))


def _in_child(run: Callable[[], object], kill_after: float | None = None) -> float:
    """Runs ``run`` in a process of its own, killed after so many seconds if that is asked for; returns how long it took."""
    began = time.monotonic()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setsid()
            run()
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
        raise RuntimeError("a run that nobody disturbed failed")
    return time.monotonic() - began


def _results(folder: Path) -> dict[str, bytes]:
    """All that a user sees, the decisions among it, but for ``run.json``, which holds times."""
    out = folder / "out"
    decisions = (folder / "decisions.jsonl").read_bytes()
    return {"decisions": decisions} | {
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


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.kills", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kills", type=count, nargs="?", default=50, help="how many runs to kill (50)")
    parser.add_argument(
        "--night", type=int, choices=range(1, len(SCRIPT)), default=_NIGHT, metavar="N",
        help=f"which night of bench/fortnight.py is killed, from 1 ({_NIGHT})",
    )  # fmt: skip
    parser.add_argument("--kind", choices=KINDS, action="append", help="what to kill; may be given again (all)")
    parser.add_argument("--seed", type=int, default=_SEED, help=f"of the moments ({_SEED})")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        wrong = wrong_kills(Path(name), options.kills, options.night, options.seed, options.kind or KINDS)
    print("\n".join(wrong) or f"{options.kills} runs killed, all made good")
    return 1 if wrong else 0


def count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError  # argparse tells it
    return number


if __name__ == "__main__":
    sys.exit(main())
