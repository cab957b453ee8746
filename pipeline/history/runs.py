"""The runs that are kept beside the results, each with what it was made of (docs/operations.md).

``DIR/history/runs/`` has one small JSON file a run, ``DIR/history/pieces/`` what their files hold (:mod:`pipeline.history.pieces`). A
run is kept from the moment its file is in place; pieces without a run are left-overs that the next one sweeps away.
"""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from pipeline.errors import UsageError
from pipeline.files import write_atomically
from pipeline.history.changes import Earlier, Made
from pipeline.history.diff import made_of
from pipeline.history.pieces import Pieces
from pipeline.model import Record
from pipeline.run.results import (
    ARTICLES,
    CLAIMS,
    ERRORS,
    FINDINGS,
    FLAGS,
    QUANTITIES,
    RUN,
    STATEMENTS,
    SharedLines,
    WholeResults,
    read_run,
    read_whole,
)
from pipeline.run.yields import Yield

FOLDER = "history"
RUNS = f"{FOLDER}/runs"
"""Where the files of runs lie, below the results."""
RESULTS = (ARTICLES, CLAIMS, QUANTITIES, STATEMENTS, FINDINGS, FLAGS, ERRORS, RUN)
"""The files that a run is kept by."""
_TOLD = "told"
_SWEEP = "sweep"
_ID = re.compile(r"\d{8}T\d{6}Z(?:-\d+)?")
_STAMP = "%Y%m%dT%H%M%SZ"
_LAST, _PREVIOUS = "last", "previous"


class KeptFile(Record, frozen=True, kw_only=True):
    """One file of a kept run."""

    name: str
    bytes: int
    pieces: str
    """The name that :class:`Pieces` has for it."""


class KeptRun(Record, frozen=True, kw_only=True):
    """One run: when it was, what it was made of, what it said."""

    run_id: str
    """The time when it began, in UTC: ``20261122T021500Z``; ids sort by time."""
    began: str
    ended: str
    """ISO times, UTC."""
    made: Made
    files: tuple[KeptFile, ...]
    counts: dict[str, int] = msgspec.field(default_factory=dict)
    """Articles, claims, findings, flags and errors."""
    sources: Any = None
    """What fetching said of each source, where pages were fetched."""
    since: str | None = None
    """The run it was compared with."""
    changes: dict[str, dict[str, int]] = msgspec.field(default_factory=dict)
    """How many changes of each kind there were, see :meth:`RunDiff.counts`."""
    warnings: tuple[str, ...] = ()
    yields: dict[str, Yield] = msgspec.field(default_factory=dict)
    """What each source gave."""
    suppressed: tuple[str, ...] = ()
    """Flags that reviewers did not want to see when the run was made."""
    reports: tuple[str, ...] = ()
    """Names of the reports that were written with it."""


class _Named(msgspec.Struct):
    article_id: str | None = None
    claim_id: str | None = None
    flag_id: str | None = None


class History:
    """The kept runs of the results in ``results``. Whoever writes holds their lock."""

    def __init__(self, results: Path) -> None:
        self.results = results
        self._folder = results / FOLDER
        self.pieces = Pieces(self._folder / "pieces")

    def ids(self) -> list[str]:
        """The ids of all runs, the oldest first."""
        folder = self.results / RUNS
        found = (path.stem for path in folder.glob("*.json")) if folder.is_dir() else ()
        return sorted((name for name in found if _ID.fullmatch(name)), key=_order)

    def run(self, run_id: str) -> KeptRun:
        """The run of this id. Raises UsageError where there is none or its file is damaged."""
        path = self.results / RUNS / f"{run_id}.json"
        try:
            return msgspec.json.decode(path.read_bytes(), type=KeptRun)
        except FileNotFoundError:
            raise _unknown(self.results, run_id) from None
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}") from error
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{path}: is damaged ({error}); restore it from a backup or remove it") from error

    def runs(self) -> list[KeptRun]:
        """All runs, the oldest first. Raises UsageError as :meth:`run` does."""
        return [self.run(run_id) for run_id in self.ids()]

    def yields(self, runs: int) -> list[dict[str, Yield]]:
        """What each source gave in the last so many runs that can be read, the latest last."""
        found: list[dict[str, Yield]] = []
        for run_id in reversed(self.ids()):
            if len(found) >= runs:
                break
            with contextlib.suppress(UsageError):
                found.append(self.run(run_id).yields)
        return found[::-1]

    def find(self, name: str) -> str:
        """The id of the run that ``name`` means: the beginning of its id, ``last`` or ``previous``. Raises UsageError."""
        ids = self.ids()
        if name in (_LAST, _PREVIOUS):
            place = 1 if name == _LAST else 2
            if len(ids) < place:
                raise UsageError(f"{self.results}: too few runs are kept here ({len(ids)}) for a {name} one")
            return ids[-place]
        fitting = [run_id for run_id in ids if run_id == name] or [i for i in ids if name and i.startswith(name)]
        if not fitting:
            raise _unknown(self.results, name)
        if len(fitting) > 1:
            raise UsageError(f"{self.results}: {name} may be any of {', '.join(fitting[:4])}; give more of the id")
        return fitting[0]

    @contextmanager
    def unpacked(self, run_id: str) -> Iterator[Path]:
        """A folder with the files of the run, for as long as it is needed. Raises UsageError where one is damaged."""
        with tempfile.TemporaryDirectory(prefix="claims-") as folder:
            self.unpack(run_id, Path(folder))
            yield Path(folder)

    def unpack(self, run_id: str, folder: Path) -> None:
        """Writes the files of the run into ``folder``. Raises UsageError where one is damaged."""
        for file in self.run(run_id).files:
            with (folder / Path(file.name).name).open("wb") as out:
                for piece in self.pieces.get(file.pieces):
                    out.write(piece)

    def read(self, run_id: str, shared: SharedLines | None = None) -> WholeResults:
        """The results of the run, ``shared`` as for :func:`read_whole`.

        Raises UsageError where they are damaged, or of a version that this one cannot read.
        """
        with self.opened(run_id) as folder:
            return read_whole(folder, shared)

    @contextmanager
    def opened(self, run_id: str) -> Iterator[Path]:
        """As :meth:`unpacked`, for results that are to be read: what is wrong with them is told of the run."""
        run = self.run(run_id)
        with self.unpacked(run_id) as folder:
            try:
                yield folder
            except UsageError as error:
                if f"{folder}/" not in str(error):
                    raise
                reason = str(error).replace(f"{folder}/", "").partition("; ")[0]
                raise UsageError(
                    f"{self.results}: run {run_id} was made by version {run.made.version or 'unknown'} and cannot be read ({reason}); "
                    "name a later run"
                ) from error

    def is_file(self, kept: KeptFile, path: Path) -> bool:
        """Whether ``path`` holds the same bytes as the kept file. Raises UsageError where that is damaged."""
        if path.stat().st_size != kept.bytes:
            return False
        with path.open("rb") as file:
            return all(file.read(len(piece)) == piece for piece in self.pieces.get(kept.pieces)) and not file.read(1)

    def earlier(self, run_id: str) -> Earlier:
        """What this run and those before it had. Runs that cannot be read are passed over."""
        found: dict[str, set[str]] = {"article_id": set(), "claim_id": set(), "flag_id": set()}
        read: set[str] = set()
        suppressed: tuple[str, ...] = ()
        fields = {ARTICLES: "article_id", CLAIMS: "claim_id", FLAGS: "flag_id"}
        for kept in self.ids():
            if _order(kept) > _order(run_id):
                break
            try:
                run = self.run(kept)
                suppressed = run.suppressed
                for file in run.files:
                    if file.name in fields:
                        self._collect(file.pieces, fields[file.name], found, read)
            except (UsageError, msgspec.DecodeError):
                continue
        return Earlier(
            articles=frozenset(found["article_id"]),
            claims=frozenset(found["claim_id"]),
            flags=frozenset(found["flag_id"]),
            suppressed=frozenset(suppressed),
        )

    def _collect(self, file: str, field: str, found: dict[str, set[str]], read: set[str]) -> None:
        for piece, name in zip(self.pieces.get(file), self.pieces.names(file), strict=True):
            if name in read:
                continue
            read.add(name)
            for line in piece.splitlines():
                value = getattr(msgspec.json.decode(line, type=_Named), field)
                if value is not None:
                    found[field].add(value)

    def told(self) -> str | None:
        """The last run whose outcome was told to whoever started it; ``None`` where none was.

        A run that was killed after its results were in place, before it could say so, is not told: the next one compares with what was
        told last, so that no change goes by unseen.
        """
        ids = self.ids()
        try:
            name = (self._folder / _TOLD).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):  # a history that was restored, say
            return ids[-1] if ids else None
        if not name:
            return None
        return name if name in ids else max((i for i in ids if _order(i) <= _order(name)), key=_order, default=None)

    def untold(self) -> list[str]:
        """The runs after :meth:`told`: what nobody knows of, and the next run tells in their stead."""
        told = self.told()
        return [run_id for run_id in self.ids() if told is None or _order(run_id) > _order(told)]

    def tell(self, run_id: str) -> None:
        """Notes that the outcome of this run was told."""
        write_atomically(self._folder / _TOLD, f"{run_id}\n".encode())

    def begin(self) -> str | None:
        """Clears what a run that was killed left of itself; call with the lock held. Returns why it could not, in one line."""
        if not (self._folder / _TOLD).exists() and not self.ids():
            self.tell("")
        try:
            if (self._folder / _SWEEP).exists():
                self.sweep()
        except UsageError as error:  # what is damaged may still be mended from a backup, so nothing is deleted
            return str(error)
        return None

    def new_id(self, began: datetime) -> str:
        """An id for a run that began then; later than all that are kept, also where the clock was put back."""
        ids = self.ids()
        stem = began.astimezone(UTC).strftime(_STAMP)
        if ids:
            stem = max(stem, ids[-1].partition("-")[0])
        return next(name for name in _names(stem) if name not in ids)

    def keep(self, folder: Path) -> tuple[KeptFile, ...]:
        """Stores the result files in ``folder``. Until :meth:`settled` is called, they count as left-overs."""
        self._unsettle()
        return tuple(
            KeptFile(name=name, bytes=(folder / name).stat().st_size, pieces=self.pieces.put(folder / name))
            for name in RESULTS
            if (folder / name).is_file()
        )

    def _unsettle(self) -> None:
        """Notes that there may be left-overs, until :meth:`settled` is called."""
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / _SWEEP).touch()

    def settled(self) -> None:
        """Notes that the run whose files were stored is in place."""
        (self._folder / _SWEEP).unlink(missing_ok=True)

    def sweep(self) -> int:
        """Deletes what no run needs; returns how many pieces that were."""
        self._unsettle()
        gone = self.pieces.sweep(file.pieces for run in self.runs() for file in run.files)
        self.settled()
        return gone

    def remove(self, run_ids: Iterable[str]) -> int:
        """Forgets these runs; returns how many pieces went with them."""
        self._unsettle()
        for run_id in run_ids:
            (self.results / RUNS / f"{run_id}.json").unlink(missing_ok=True)
        return self.sweep()

    def check(self) -> list[str]:
        """What is damaged, one line each."""
        problems = []
        for run_id in self.ids():
            try:
                for file in self.run(run_id).files:
                    size = sum(len(piece) for piece in self.pieces.get(file.pieces))
                    if size != file.bytes:
                        problems.append(f"run {run_id}: {file.name} has {size} bytes and should have {file.bytes}")
            except UsageError as error:
                problems.append(f"run {run_id}: {error}")
        return problems

    def bytes(self) -> int:
        """How much disk the history takes."""
        return sum(path.stat().st_size for path in self._folder.rglob("*") if path.is_file())


def _unknown(results: Path, run: str) -> UsageError:
    return UsageError(f"{results}: no run {run} is kept here; 'claims runs list {results}' has those that are")


@contextmanager
def results_of(name: str) -> Iterator[Path]:
    """The folder with the results that ``name`` means, for as long as it is needed: itself, or ``DIR@RUN`` for a kept run. Raises
    UsageError."""
    folder, run_id = named(name)
    if run_id is None:
        yield folder
    else:
        with History(folder).opened(run_id) as unpacked:
            yield unpacked


def earlier_of(name: str) -> Earlier:
    """What the run that ``name`` means and those kept before it had; nothing where it is no kept run. Raises UsageError."""
    folder, run_id = named(name)
    return History(folder).earlier(run_id) if run_id is not None else Earlier()


def named(name: str) -> tuple[Path, str | None]:
    """The folder and the id of the kept run that ``name`` means; no id where it is a folder of results. Raises UsageError."""
    if not name:
        raise UsageError("the name of a run is empty; give a folder of results, or DIR@RUN")
    path, at, run = name.rpartition("@")
    if at and path and not Path(name).exists():
        return Path(path), History(Path(path)).find(run)
    return Path(name), None


def summary_counts(results: WholeResults) -> dict[str, int]:
    """How many of everything a run has."""
    return {
        "articles": len(results.articles),
        "claims": sum(map(len, results.claims.values())),
        "findings": len(results.findings),
        "flags": len(results.flags),
        "errors": len(results.errors),
    }


def made_from(folder: Path) -> Made:
    """What the results in ``folder`` were made with."""
    return made_of(read_run(folder))


def too_old(ids: Iterable[str], keep_days: float, now: datetime) -> list[str]:
    """Which runs began more than ``keep_days`` days before ``now``; never the last."""
    ids = sorted(ids, key=_order)
    try:
        limit = (now - timedelta(days=keep_days)).astimezone(UTC).strftime(_STAMP)
    except OverflowError:  # before the year 1: nothing is older
        return []
    return [run_id for run_id in ids[:-1] if run_id < limit]


def _names(stem: str) -> Iterator[str]:
    yield stem
    number = 2
    while True:
        yield f"{stem}-{number}"
        number += 1


def _order(run_id: str) -> tuple[str, int]:
    stem, _, number = run_id.partition("-")
    return stem, int(number) if number.isdigit() else 1
