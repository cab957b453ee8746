"""``--profile``: where the time of a command went, for a person and for the tools that read profiles."""

from __future__ import annotations

import cProfile
import io
import pstats
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pipeline.cli.common import FilePath, log
from pipeline.cli.tables import aligned, counted
from pipeline.errors import RunError
from pipeline.files import write_atomically

if TYPE_CHECKING:
    from pipeline.run.extract import Summary

TEXT, STATS = "profile.txt", "profile.pstats"
"""The files that are written: to be read, and for pstats, snakeviz and the like."""
_FUNCTIONS = 30
F = TypeVar("F", bound=Callable[..., Any])


def profile_option(function: F) -> F:
    """Adds --profile."""
    return click.option(
        "--profile",
        "profile",
        metavar="FOLDER",
        type=FilePath(),
        help=f"Write where the time went into FOLDER: {TEXT} to read, {STATS} for tools. With --workers 0, what workers do is in it too.",
    )(function)


class Profile:
    """What a command tells of its time."""

    def __init__(self) -> None:
        self.stages: dict[str, float] = {}
        """Seconds by stage, one after the other."""
        self.workers: dict[str, float] = {}
        """Seconds by stage within ``articles``, all workers together."""
        self.slowest: Sequence[tuple[float, str]] = ()
        """Seconds and path of the inputs that took longest."""
        self.facts: list[str] = []

    def extracted(self, summary: Summary) -> None:
        """Takes over what extracting took."""
        self.stages = dict(summary.seconds)
        self.workers = {name: seconds for name, seconds in summary.workers.items() if seconds}
        self.slowest = summary.slowest
        done = summary.done
        self.facts.append(
            f"{counted(summary.articles, 'article')}: {summary.unchanged} unchanged, {done['cleaned']} cleaned, "
            f"{done['analysed']} analysed ({counted(done['sentences'], 'sentence')}, {counted(done['claims'], 'claim')})"
        )
        self.facts += rates_of(summary)


def rates_of(summary: Summary) -> list[str]:
    """How many articles, sentences and claims a second, in one line; in none where nothing was analysed."""
    rates = summary.per_second()
    return [", ".join(f"{rate:g} {name}" for name, rate in rates.items()) + " a second"] if rates else []


def log_extracted(summary: Summary) -> None:
    """The event that ends an extraction, in messages that programs read."""
    log(
        "extracted",
        f"{counted(summary.articles, 'article')}, {counted(summary.claims, 'claim')}",
        articles=summary.articles,
        unchanged=summary.unchanged,
        claims=summary.claims,
        quantities=summary.quantities,
        errors=len(summary.errors),
        foreign=summary.foreign,
        done=summary.done,
        seconds=summary.seconds,
        per_second=summary.per_second(),
    )


@contextmanager
def profiled(folder: Path | None, command: str) -> Iterator[Profile]:
    """Profiles what is done within, and writes it into ``folder``, also where it fails; does nothing where there is no folder.

    Raises RunError where the files cannot be written.
    """
    told = Profile()
    if folder is None:
        yield told
        return
    _make(folder)
    profiler = cProfile.Profile()
    began = time.perf_counter()
    profiler.enable()
    try:
        yield told
    finally:
        profiler.disable()
        _write(folder, command, time.perf_counter() - began, told, profiler)


def _make(folder: Path) -> None:
    """Makes the folder before any work is done for nothing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"--profile {folder}: the folder cannot be made ({error.strerror or error})") from error


def _write(folder: Path, command: str, seconds: float, told: Profile, profiler: cProfile.Profile) -> None:
    try:
        profiler.dump_stats(folder / STATS)
        text = "\n".join(_lines(command, seconds, told)) + f"\n\n{_functions(profiler)}"
        write_atomically(folder / TEXT, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise RunError(f"--profile {folder}: could not be written ({error.strerror or error})") from error


def _lines(command: str, seconds: float, told: Profile) -> Iterator[str]:
    yield f"claims {command}: {seconds:.2f} seconds"
    yield from told.facts
    yield ""
    rest = max(0.0, seconds - sum(told.stages.values()))
    rows = [("stage", "seconds", "share")]
    rows += [_row(name, part, seconds) for name, part in (*told.stages.items(), ("(the rest)", rest))]
    yield from aligned(rows)
    if told.workers:
        whole = sum(told.workers.values())
        yield ""
        yield from aligned(
            [("in articles, all workers", "seconds", "share"), *(_row(n, p, whole) for n, p in told.workers.items())]
        )
    if told.slowest:
        yield ""
        yield f"The {len(told.slowest)} slowest inputs"
        yield from (f"{taken:8.2f} s  {path}" for taken, path in told.slowest)


def _row(name: str, seconds: float, whole: float) -> tuple[str, str, str]:
    return name, f"{seconds:8.2f}", f"{100 * seconds / whole if whole else 0:4.0f} %"


def _functions(profiler: cProfile.Profile) -> str:
    """The functions of this process that took longest."""
    out = io.StringIO()
    pstats.Stats(profiler, stream=out).strip_dirs().sort_stats("tottime").print_stats(_FUNCTIONS)
    return out.getvalue()
