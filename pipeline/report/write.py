"""Writes reports: each file whole or not at all."""

from __future__ import annotations

import contextlib
import datetime
import itertools
import os
from collections.abc import Sequence
from pathlib import Path

from pipeline.decisions.standing import Decisions
from pipeline.errors import RunError, UsageError
from pipeline.files import write_atomically
from pipeline.history.changes import RunDiff
from pipeline.model import Article
from pipeline.report import base
from pipeline.report.build import build_report
from pipeline.report.model import Report
from pipeline.rules.loader import find_rules_folder, load_rules
from pipeline.rules.ruleset import Ruleset
from pipeline.run.results import ARTICLES, numbered_records

FOLDER = "reports"
"""Name of the folder for reports within the results."""
_ARTICLES_LOOKED_FOR = 20
"""How many articles of the run are looked for in the folder of the reports, to know whether it is that of the articles."""
_DRAFT = ".part"
"""How the name of a file ends that is being written; before it stands who writes it."""


def write_reports(
    results_dir: Path,
    out_dir: Path,
    *,
    formats: Sequence[str] = (),
    diff: RunDiff | None = None,
    decisions: Decisions | None = None,
    today: datetime.date | None = None,
    rules: Ruleset | None = None,
    warnings: Sequence[str] = (),
) -> tuple[Report, tuple[Path, ...]]:
    """Writes the reports on the results in ``results_dir`` into ``out_dir``, and returns what they say and the files.

    ``formats`` are names, all where there are none; ``rules`` are by default those that every command takes; ``warnings`` are
    what the run told. A file that is already as it should be is left alone. Raises UsageError as :func:`build_report` does,
    for a format that does not exist and for a folder that holds the articles, RunError where a file cannot be written.
    """
    chosen = chosen_formats(formats)
    _require_other_place(results_dir, out_dir)
    ruleset = rules if rules is not None else load_rules(find_rules_folder())
    report = build_report(results_dir, ruleset, diff=diff, decisions=decisions, today=today, warnings=warnings)
    return report, write_report(report, out_dir, chosen)


def chosen_formats(names: Sequence[str]) -> tuple[str, ...]:
    """``names`` without doubles, sorted; all formats where it is empty. Raises UsageError for one that does not exist."""
    known = base.formats()
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UsageError(f"{unknown[0]}: no such format of reports; there are {', '.join(known)}")
    return tuple(sorted(set(names) or set(known)))


def _require_other_place(results_dir: Path, out_dir: Path) -> None:
    """Raises UsageError where ``out_dir`` holds the articles: the next run would read the reports as articles."""
    if not out_dir.is_dir():
        return
    for _, article in itertools.islice(numbered_records(results_dir / ARTICLES, Article), _ARTICLES_LOOKED_FOR):
        path = out_dir / article.path.partition("#")[0]
        with contextlib.suppress(OSError, ValueError):  # a name that no file can have
            if path.is_file():
                raise UsageError(f"{out_dir}: reports cannot go where the articles are; give another folder with -o")


def write_report(report: Report, out_dir: Path, names: Sequence[str]) -> tuple[Path, ...]:
    """Writes ``report`` in the formats ``names``; returns the files. Raises RunError where one cannot be written."""
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"{out_dir}: the folder cannot be made ({error.strerror or error})") from error
    written = []
    _sweep(out_dir)
    for name in names:
        entry = base.formats()[name]
        path = out_dir / entry.file
        _write(path, entry.render(report))
        written.append(path)
    return tuple(written)


def _sweep(out_dir: Path) -> None:
    """Removes what programs that were killed left behind."""
    for path in out_dir.glob(f".*{_DRAFT}"):
        writer = path.name.removesuffix(_DRAFT).rpartition(".")[2]
        if writer.isdigit() and not _runs(int(writer)):
            path.unlink(missing_ok=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _write(path: Path, data: bytes) -> None:
    """Puts ``data`` under the name ``path`` at once, so that whoever reads it sees the old file or the new one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}{_DRAFT}")
    try:
        if path.is_dir():
            raise RunError(f"{path}: is a folder where a report belongs; move it away and run again")
        if path.is_file() and path.read_bytes() == data:
            return
        write_atomically(path, data, draft=draft)
    except OSError as error:
        raise RunError(f"{path}: could not be written ({error.strerror or error}); the earlier report stays") from error
