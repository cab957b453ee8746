"""Runs the program over folders of made inputs, and tells what went wrong."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from bench.common import ROOT, Ended, command
from bench.fuzz.make import made
from bench.fuzz.neighbours import ids_of, records_of, write_neighbours
from bench.fuzz.pieces import CHARACTERS

_FAULTS = ("please report", "fault of the program")
"""What stands in the reason where the program, not the input, is to blame."""
_SLOW = "took longer than"
_MEMORY = ("of memory", "more memory")
_ENDED = "ended the process"


@dataclass
class Told:
    """What the runs gave."""

    inputs: int = 0
    articles: int = 0
    refused: int = 0
    slow: int = 0
    memory: int = 0
    ended: int = 0
    peak_bytes: int = 0
    """Of the largest process."""
    slowest_seconds: float = 0.0
    """Of the slowest folder."""
    wrong: list[str] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)

    def lines(self) -> list[str]:
        """For people."""
        return [
            f"{self.inputs} inputs: {self.articles} articles read, {self.refused} problems told",
            f"stopped by a limit: {self.slow} for time, {self.memory} for memory, {self.ended} for the end of their process",
            f"largest process {self.peak_bytes / 2**20:.0f} MiB, slowest folder {self.slowest_seconds:.1f} s",
            *self.wrong,
            f"{len(self.wrong)} wrong",
        ]

    def table(self) -> list[str]:
        """As a Markdown table."""
        rows = (
            ("made inputs, read beside good articles", f"{self.inputs:,}", ""),
            ("articles read, problems told", f"{self.articles:,}, {self.refused:,}", ""),
            ("stopped by a limit: time, memory, end of the process", f"{self.slow}, {self.memory}, {self.ended}", ""),
            ("largest process", f"{self.peak_bytes / 2**20:,.0f} MiB", ""),
            ("slowest folder", f"{self.slowest_seconds:,.0f} s", ""),
            ("went wrong: tracebacks, faults, other exit codes, good articles harmed", str(len(self.wrong)), "0"),
        )
        return [
            "| made inputs | measured | to reach |",
            "| --- | --- | --- |",
            *(f"| {' | '.join(row)} |" for row in rows),
        ]


def fuzz(
    folder: Path,
    numbers: Iterable[int],
    seed: int,
    size: int = 100,
    workers: int = 2,
    progress: Callable[[Told], None] = lambda _told: None,
) -> Told:
    """Makes the inputs of these ``numbers``, and reads them ``size`` at a time with good articles beside them.

    Folders that gave trouble are left under ``folder``, others removed.
    """
    told = Told()
    write_neighbours(folder / "alone" / "raw" / "good")
    alone = folder / "alone" / "out"
    done = command("extract", folder / "alone" / "raw", "-o", alone, "--workers", "1")
    done = done if done.code else command("reconcile", alone)
    if done.code:
        raise RuntimeError(f"the good articles alone could not be read: {done.err}")
    ids = ids_of(alone)
    expected = records_of(alone, ids)
    waiting = list(numbers)
    for start in range(0, len(waiting), size):
        batch = waiting[start : start + size]
        place = folder / f"from-{batch[0]}"
        before = len(told.wrong)
        _write(place / "raw", batch, seed)
        _read(place, told, workers, ids, expected)
        _go_on(place, told, alone)
        _rules(place, told, seed, batch[0])
        told.inputs += len(batch)
        if len(told.wrong) == before:
            shutil.rmtree(place)
        progress(told)
    return told


def _write(raw: Path, numbers: list[int], seed: int) -> None:
    write_neighbours(raw / "good")
    (raw / "made").mkdir()
    for number in numbers:
        one = made(seed, number)
        (raw / "made" / one.name).write_bytes(one.data)
        if one.sidecar is not None:
            (raw / "made" / f"{one.name}.meta.json").write_bytes(one.sidecar)


def _read(place: Path, told: Told, workers: int, ids: frozenset[str], expected: dict[str, list[bytes]]) -> None:
    out = place / "out"
    done = command("extract", place / "raw", "-o", out, "--workers", str(workers))
    told.slowest_seconds = max(told.slowest_seconds, done.seconds)
    told.wrong += _wrong(place, "extract", done, (0, 3))
    if not (out / "errors.jsonl").is_file():
        told.wrong.append(f"{place.name}: extract wrote no results")
        return
    for line in (out / "errors.jsonl").read_bytes().splitlines():
        error = json.loads(line)
        told.refused += 1
        reason = error["reason"]
        told.slow += _SLOW in reason
        told.memory += any(words in reason for words in _MEMORY)
        told.ended += _ENDED in reason
        if any(words in reason for words in _FAULTS) or str(place) in line.decode():
            told.wrong.append(f"{place.name}: {error['path']}: {reason}")
        elif _SLOW in reason or _ENDED in reason:
            told.reasons[f"{place.name}: {error['path']}: {reason}"] += 1
    told.articles += len((out / "articles.jsonl").read_bytes().splitlines())
    if records_of(out, ids) != expected:
        told.wrong.append(f"{place.name}: the good articles have other records than alone")
    told.peak_bytes = max(told.peak_bytes, done.peak_bytes)


def _go_on(place: Path, told: Told, alone: Path) -> None:
    """What else is run over the results; ``alone`` has those of the good articles without others."""
    for name, arguments in (
        ("reconcile", ()),
        ("report", ("--format", "json", "--format", "csv", "--format", "html")),
        ("export", ("--format", "csv", "-o", place / "table.csv")),
        ("diff", (alone,)),
    ):
        told.wrong += _wrong(place, name, command(name, place / "out", *arguments), (0, 1))


def _rules(place: Path, told: Told, seed: int, number: int) -> None:
    """Checks a copy of the rules of which one file is changed."""
    chance = random.Random(f"rules {seed}/{number}")
    rules = place / "rules"
    shutil.copytree(ROOT / "rules", rules)
    target = chance.choice(sorted(rules.rglob("*.yaml")))
    data = target.read_bytes()
    for _ in range(chance.choice((1, 2, 10))):
        at = chance.randint(0, len(data))
        piece = chance.choice((*_YAML, *CHARACTERS)) * chance.choice((1, 1, 50))
        data = data[:at] + piece.encode("utf-8", "surrogatepass") + data[at + chance.choice((0, 1, 30)) :]
    target.write_bytes(data)
    told.wrong += _wrong(place, "rules check", command("rules", "check", rules), (0, 2, 4))


_YAML = (
    "&a [*a, *a]", "!!python/object/apply:os.system [true]", "- ", "  ", "\t", "{", "}", "[", "]", ": ", "? ", "|", ">", "'", '"', "#",
    "---\n", "...\n", "%YAML 9.9\n", "<<: *b\n", "1e999", "null", "~", "no", "-" * 300, "[" * 300, "{a: " * 40, "(" * 99, "(a+)+$", "[^",
    "(?P<x>", "\\", "{{", "}}", "{% for", "id: x\n", "- id: x\n  stage: nowhere\n", "x" * 3000, "1" * 400,
)  # fmt: skip


def _wrong(place: Path, name: str, done: Ended, codes: tuple[int, ...]) -> list[str]:
    found = []
    if done.code not in codes:
        found.append(f"{place.name}: {name} ended with {done.code}: {done.err[-300:].strip()}")
    if "Traceback" in done.err:
        found.append(f"{place.name}: {name} printed a traceback")
    odd = [line for line in done.err.splitlines() if not line.startswith("claims: ")]
    if odd:
        found.append(f"{place.name}: {name} printed {odd[0][:200]!r}")
    return found
