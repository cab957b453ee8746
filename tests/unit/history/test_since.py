"""What reports tell as new when nobody says since when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from pipeline.errors import UsageError
from pipeline.history.changes import RunDiff
from pipeline.history.keeping import keep_results
from pipeline.history.runs import RUNS, History
from pipeline.history.since import diff_since, kept_as
from pipeline.model import Flag, encode
from tests.unit.history.runs import claim, flag, run, write

NOW = datetime(2026, 3, 1, 2, 15, tzinfo=UTC)
FIRST = run({"a": ["Some 48 percent slept."]})
SECOND = run({"a": ["Some 50 percent slept."]})


def never(_flag: Flag) -> bool:
    return False


def since(folder: Path, name: str | None = None) -> RunDiff | None:
    return diff_since(folder, name, never)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Results as a refresh leaves them, which compared them with the run before."""
    out = tmp_path / "out"
    write(out, FIRST)
    first = keep_results(out, NOW)
    write(out, SECOND)
    second = keep_results(out, NOW + timedelta(days=1))
    (out / RUNS / f"{second.run_id}.json").write_bytes(encode(replace(second, since=first.run_id)))
    return out


def test_what_the_last_refresh_compared_with(folder: Path) -> None:
    diff = since(folder)
    assert diff is not None
    assert [change.kind for change in diff.claims] == ["changed"]
    assert (diff.old, diff.new) == ("20260301T021500Z", "20260302T021500Z")


def test_nothing_where_other_results_lie_there_now(folder: Path) -> None:
    write(folder, run({"a": ["Some 51 percent slept."]}))
    assert kept_as(folder) is None
    assert since(folder) is None


def test_nothing_where_no_run_is_kept_or_none_was_compared_with(tmp_path: Path) -> None:
    write(tmp_path / "out", FIRST)
    assert since(tmp_path / "out") is None
    keep_results(tmp_path / "out", NOW)
    assert since(tmp_path / "out") is None


def test_nothing_where_that_run_was_forgotten_or_is_damaged(folder: Path) -> None:
    History(folder).remove(["20260301T021500Z"])
    assert since(folder) is None
    for path in (folder / "history" / "pieces").rglob("*.gz"):
        path.write_bytes(b"")
    assert since(folder) is None


def test_a_run_that_is_named_goes_first_and_must_be_there(folder: Path) -> None:
    diff = since(folder, f"{folder}@last")
    assert diff is not None
    assert diff.quiet
    with pytest.raises(UsageError):
        since(folder, f"{folder}@1999")


def test_a_flag_that_an_earlier_run_had_is_back(folder: Path) -> None:
    raised = flag("rounded", claim(FIRST, "a"))
    out = folder.parent / "other"
    ids = []
    for number, results in enumerate((replace(FIRST, flags=(raised,)), FIRST, replace(FIRST, flags=(raised,)))):
        write(out, results)
        ids.append(keep_results(out, NOW + timedelta(days=number)).run_id)
    diff = since(out, f"{out}@{ids[1]}")
    assert diff is not None
    assert [change.status for change in diff.flags] == ["back"]
