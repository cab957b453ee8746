"""Measures ``claims reconcile`` on runs of many sizes, made by ``bench/many.py``: seconds, memory, and what is joined.

Run ``python -m bench.scale [--claims N ...] [--full] [--doc FILE]``. Seconds of a machine that does other work too say little, so those of
the processor are given beside those of the clock; memory is the most that all processes hold together, what they share counted each time.
"""

from __future__ import annotations

import argparse
import itertools
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import NamedTuple

import msgspec

from bench.common import ROOT, write_table
from bench.many import Corpus
from bench.many_telling import Truth
from pipeline.run.results import FINDINGS, FLAGS

SCALE = "<!-- scale: make bench -->", "<!-- end of scale -->"
_SIZES = (3_000, 10_000, 30_000)
_FULL = (10_000, 30_000, 100_000, 300_000, 1_000_000)
_EVERY = 0.2
"""Seconds between two looks at the memory."""


class Joined(NamedTuple):
    """What was found of what is known."""

    recall: float
    """Share of the pairs of claims of one result that are in one finding."""
    precision: float
    flags: float
    """Share of the known flags that are raised."""


class Row(NamedTuple):
    """One size."""

    articles: int
    claims: int
    seconds: float
    processor: float
    megabytes: int
    joined: Joined


class _Ids(msgspec.Struct):
    claim_ids: list[str]


class _Place(msgspec.Struct):
    article_id: str


class _Flag(msgspec.Struct):
    rule: str
    places: list[_Place]


def measured(claims: int, folder: Path, workers: int) -> Row:
    """Makes a run of about so many claims in ``folder``, reconciles it, and scores it."""
    return reconciled(folder, Corpus(claims).write(folder), workers)


def reconciled(folder: Path, truth: Truth, workers: int) -> Row:
    """Reconciles the run in ``folder``, of which ``truth`` is known, and scores it."""
    counts = msgspec.json.decode((folder / "run.json").read_bytes())["counts"]
    command = [sys.executable, "-m", "pipeline.cli", "reconcile", str(folder), "--quiet", "--workers", str(workers)]
    before, began = getrusage(RUSAGE_CHILDREN), time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    memory = _Memory(process.pid)
    memory.start()
    code = process.wait()
    seconds = time.monotonic() - began
    memory.stop()
    if code:
        raise SystemExit(f"claims reconcile ended with {code}")
    after = getrusage(RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Row(counts["articles"], counts["claims"], seconds, processor, memory.most // 2**20, joined(folder, truth))


def joined(folder: Path, truth: Truth) -> Joined:
    """How the findings and flags in ``folder`` compare with what is known. Pairs are counted, not kept."""
    wanted: dict[str, int] = defaultdict(int)
    for key in truth.results.values():
        wanted[key] += 1
    found = right = 0
    for line in _lines(folder / FINDINGS):
        keys = [truth.results[one] for one in msgspec.json.decode(line, type=_Ids).claim_ids if one in truth.results]
        for one, other in itertools.combinations(keys, 2):
            found += 1
            right += one == other
    raised = {
        (flag.rule, place.article_id)
        for line in _lines(folder / FLAGS)
        for flag in (msgspec.json.decode(line, type=_Flag),)
        for place in flag.places
    }
    every = sum(count * (count - 1) // 2 for count in wanted.values())
    known = [tuple(flag) in raised for flag in truth.flags]
    return Joined(right / max(every, 1), right / max(found, 1), sum(known) / max(len(known), 1))


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from file


class _Memory(threading.Thread):
    """Looks how much memory a process and its descendants hold, again and again."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._ended = threading.Event()
        self.most = 0
        """Bytes."""

    def run(self) -> None:
        while not self._ended.wait(_EVERY):
            self.most = max(self.most, sum(map(_resident, _family(self._pid))))

    def stop(self) -> None:
        self._ended.set()
        self.join()


def _family(pid: int) -> Iterator[int]:
    """A process and its descendants."""
    yield pid
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text("ascii").split():
                yield from _family(int(child))
    except OSError:
        return  # it has ended


def _resident(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text("utf-8")
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS")), 0)


def table(rows: Sequence[Row]) -> list[str]:
    """The rows as Markdown."""
    lines = [
        "| claims | articles | seconds | of the processor | a thousand claims | memory | pairs joined | pairs right | flags found |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        lines.append(
            f"| {row.claims:,} | {row.articles:,} | {row.seconds:.0f} | {row.processor:.0f} | {1000 * row.processor / row.claims:.2f} "
            f"| {row.megabytes:,} MB | {row.joined.recall:.3f} | {row.joined.precision:.3f} | {row.joined.flags:.3f} |"
        )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--claims", type=int, nargs="+", default=list(_SIZES), help="how many claims each run has")
    parser.add_argument("--full", action="store_true", help="the whole curve, up to a million claims")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--folder", type=Path, help="where the runs are made; by default in a folder that goes at the end"
    )
    parser.add_argument("--doc", type=Path, help="write the table into this document")
    options = parser.parse_args()
    rows: list[Row] = []
    for claims in _FULL if options.full else options.claims:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            rows.append(measured(claims, Path(folder), options.workers))
        print(table(rows)[-1], flush=True)
    if options.doc is not None:
        write_table(options.doc, SCALE, table(rows))


if __name__ == "__main__":
    main()
