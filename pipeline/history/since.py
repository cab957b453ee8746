"""The differences that go with the results in a folder: since a run that is named, else since the one that the last refresh told of."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import UsageError
from pipeline.history.changes import RunDiff, Suppressed
from pipeline.history.compare import compare, compare_named
from pipeline.history.runs import RESULTS, History, KeptRun
from pipeline.run.results import RUN


def diff_since(folder: Path, since: str | None, suppressed: Suppressed) -> RunDiff | None:
    """What is different in ``folder`` since the run that ``since`` names.

    Without a name: since the run that the last refresh compared with, if what it made is what lies in ``folder``; else ``None``. Raises
    UsageError where the run that is named cannot be read.
    """
    if since is not None:
        return compare_named(since, str(folder), suppressed).diff
    run = kept_as(folder)
    if run is None or run.since is None:
        return None
    history = History(folder)
    try:
        with history.opened(run.since) as before:
            return compare(before, folder, suppressed, history.earlier(run.since), names=(run.since, run.run_id)).diff
    except UsageError:  # forgotten meanwhile, damaged, or of another version
        return None


def kept_as(folder: Path) -> KeptRun | None:
    """The newest kept run, if the results in ``folder`` are still those that it made."""
    history = History(folder)
    ids = history.ids()
    try:
        run = history.run(ids[-1]) if ids else None
        if run is None:
            return None
        kept = {file.name: file for file in run.files if file.name != RUN}
        here = {name for name in RESULTS if name != RUN and (folder / name).is_file()}
        same = kept.keys() == here and all(history.is_file(file, folder / name) for name, file in kept.items())
    except UsageError:
        return None
    return run if same else None
