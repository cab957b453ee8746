"""Keeping the results that lie in a folder as a run, and putting a kept run back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.history.runs import FOLDER, RESULTS, RUNS, History, KeptRun, made_from
from pipeline.model import Article, Claim, Finding, Flag, InputError, Record
from pipeline.run.results import ARTICLES, CLAIMS, ERRORS, FINDINGS, FLAGS, is_reconciled, numbered_records
from pipeline.run.store import open_store


def keep_results(folder: Path, now: datetime) -> KeptRun:
    """Keeps the results in ``folder`` as the newest run. Raises UsageError where there are none, RunError where the disk fails."""
    counts = _counts(folder)
    with open_store(folder, "claims runs keep") as store:
        history = History(folder)
        history.begin()
        moment = now.astimezone(UTC).isoformat(timespec="seconds")
        run = KeptRun(
            run_id=history.new_id(now),
            began=moment,
            ended=moment,
            made=made_from(folder),
            files=history.keep(folder),
            counts=counts,
        )
        store.write_json(f"{RUNS}/{run.run_id}.json", run)
        store.publish()
        history.settled()
        history.tell(run.run_id)
    return run


def _counts(folder: Path) -> dict[str, int]:
    """How many records of each kind there are; each is read. Raises UsageError, with file and line."""
    kinds: list[tuple[str, type[Record], bool]] = [(ARTICLES, Article, True), (CLAIMS, Claim, True)]
    kinds += [(FINDINGS, Finding, is_reconciled(folder)), (FLAGS, Flag, is_reconciled(folder))]
    kinds.append((ERRORS, InputError, (folder / ERRORS).is_file()))
    return {
        Path(name).stem: sum(1 for _ in numbered_records(folder / name, kind)) if there else 0
        for name, kind, there in kinds
    }


def _holds_results(folder: Path) -> bool:
    """Whether results or kept runs lie in ``folder``, be they whole or not."""
    return any((folder / name).exists() for name in (*RESULTS, FOLDER))


def restore_results(folder: Path, name: str, out: Path) -> str:
    """Writes the files of the run ``name`` of ``folder`` into ``out``, all or none; returns the id of the run.

    Raises UsageError where there is no such run, it is damaged, or ``out`` is a folder of something else;
    RunError where ``out`` cannot be written.
    """
    history = History(folder)
    run = history.run(history.find(name))
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out}: is no folder; give a folder for the results")
    if out.is_dir() and any(not path.name.startswith(".") for path in out.iterdir()) and not _holds_results(out):
        raise UsageError(f"{out}: holds other things than results; give an empty folder, a new one or one of results")
    with open_store(out, "claims runs restore") as store:
        history.unpack(run.run_id, store.staged)
        kept = {file.name for file in run.files}
        store.publish(removed=[name for name in RESULTS if name not in kept])
    return run.run_id
