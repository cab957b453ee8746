"""Runs that are kept, found, read, restored and forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from pipeline.errors import UsageError
from pipeline.history.keeping import keep_results, restore_results
from pipeline.history.runs import RUNS, History, earlier_of, named, results_of, too_old
from pipeline.model import encode
from pipeline.run.results import WholeResults, read_whole
from tests.unit.history.runs import claim, flag, run, write

NOW = datetime(2026, 3, 1, 2, 15, tzinfo=UTC)
FIRST = run({"a": ["Some 48 percent slept."]})
SECOND = run({"a": ["Some 50 percent slept."], "b": ["Their weight fell by 9 percent."]})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Results with two kept runs, the newer one as they lie there."""
    write(tmp_path / "out", FIRST)
    keep_results(tmp_path / "out", NOW)
    write(tmp_path / "out", SECOND)
    keep_results(tmp_path / "out", NOW + timedelta(days=1))
    return tmp_path / "out"


def read(name: str) -> WholeResults:
    with results_of(name) as folder:
        return read_whole(folder)


def test_a_run_comes_back_as_it_was(folder: Path) -> None:
    assert read(f"{folder}@previous").claims == FIRST.claims
    assert read(f"{folder}@last") == read_whole(folder)
    assert read(str(folder)) == read_whole(folder)


def test_a_run_says_what_it_was_made_of(folder: Path) -> None:
    kept = History(folder).run("20260301T021500Z")
    assert (kept.made.version, kept.made.rules, kept.made.checks) == ("1", "r1", "r2")
    assert kept.counts == {"articles": 1, "claims": 1, "findings": 0, "flags": 0, "errors": 0}


@pytest.mark.parametrize("name", ["last", "20260302T021500Z", "20260302", "20260302T02"])
def test_names_of_runs(folder: Path, name: str) -> None:
    assert named(f"{folder}@{name}") == (folder, "20260302T021500Z")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("2026", "may be any of"),
        ("1999", "no run 1999"),
        ("", "no run"),
        ("../../x", "no run"),
        ("nonsense", "claims runs list"),
    ],
)
def test_names_of_no_run_are_one_clear_line(folder: Path, name: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        named(f"{folder}@{name}")


def test_a_first_run_has_no_previous_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="too few runs"):
        named(f"{tmp_path}@last")
    with pytest.raises(UsageError, match="empty"):
        named("")


def test_a_folder_with_the_sign_in_its_name_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "x@last").mkdir()
    assert named(str(tmp_path / "x@last")) == (tmp_path / "x@last", None)


def test_ids_never_go_back_with_the_clock_and_are_told_apart_within_a_second(folder: Path) -> None:
    history = History(folder)
    assert history.new_id(NOW + timedelta(days=9)) == "20260310T021500Z"
    assert history.new_id(NOW) == "20260302T021500Z-2"
    for _ in range(11):
        keep_results(folder, NOW)
    assert history.ids()[-1] == "20260302T021500Z-12"
    assert history.ids()[1:4] == ["20260302T021500Z", "20260302T021500Z-2", "20260302T021500Z-3"]


def test_restore_puts_the_files_back_byte_for_byte(folder: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    restore_results(folder, "previous", folder)
    assert read_whole(folder).claims == FIRST.claims
    restore_results(folder, "last", folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before
    restore_results(folder, "last", tmp_path / "elsewhere")
    assert read_whole(tmp_path / "elsewhere") == read_whole(folder)


def test_nothing_is_restored_among_other_files(folder: Path, tmp_path: Path) -> None:
    articles = tmp_path / "raw"
    articles.mkdir()
    restore_results(folder, "last", articles)  # empty, so there is nothing to mix with
    for file in articles.glob("*.jsonl"):
        file.unlink()
    restore_results(folder, "last", articles)  # of results: their lock and cache lie there
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "a.txt").write_text("Some 48 percent slept.", "utf-8")
    with pytest.raises(UsageError, match="holds other things than results"):
        restore_results(folder, "last", pages)
    assert [path.name for path in pages.iterdir()] == ["a.txt"]


def test_a_damaged_run_restores_nothing(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    for path in (folder / "history" / "pieces").rglob("*.gz"):
        path.write_bytes(b"")
    with pytest.raises(UsageError, match="damaged"):
        restore_results(folder, "previous", folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before
    assert len(History(folder).check()) == 2


def test_what_is_forgotten_takes_only_its_own_pieces(folder: Path) -> None:
    history = History(folder)
    assert history.remove(["20260301T021500Z"]) > 0
    assert history.ids() == ["20260302T021500Z"]
    assert history.check() == []
    assert read(f"{folder}@last") == read_whole(folder)


def test_the_newest_run_is_never_too_old() -> None:
    ids = ["20260101T000000Z", "20260210T000000Z", "20260214T000000Z"]
    now = datetime(2026, 3, 1, tzinfo=UTC)
    assert too_old(ids, 30, now) == ids[:1]
    assert too_old(ids, 1, now) == ids[:2]
    assert too_old([], 1, now) == []
    assert too_old(ids, 10**6, now) == too_old(ids, 10**30, now) == []


def test_earlier_runs_are_remembered_up_to_the_one_named(folder: Path) -> None:
    raised = flag("rounded", claim(SECOND, "b"))
    write(folder, run({"c": ["It rained."]}, flags=[raised]))
    keep_results(folder, NOW + timedelta(days=2))
    history = History(folder)
    assert history.earlier("20260301T021500Z").articles == {"a"}
    assert history.earlier("20260302T021500Z").articles == {"a", "b"}
    everything = earlier_of(f"{folder}@last")
    assert everything.articles == {"a", "b", "c"}
    assert everything.flags == {raised.flag_id}
    assert claim(FIRST, "a").claim_id in everything.claims


def test_a_damaged_record_of_a_run_is_one_clear_line_and_the_others_stay(folder: Path) -> None:
    (folder / RUNS / "20260301T021500Z.json").write_text("{", "utf-8")
    history = History(folder)
    with pytest.raises(UsageError, match=r"20260301T021500Z\.json: is damaged"):
        history.run("20260301T021500Z")
    assert history.earlier("20260302T021500Z").articles == {"a", "b"}
    assert len(history.check()) == 1


def test_what_was_told_last_survives_pruning_and_a_lost_note(folder: Path) -> None:
    history = History(folder)
    assert (history.told(), history.untold()) == ("20260302T021500Z", [])
    history.tell("20260301T021500Z")
    assert (history.told(), history.untold()) == ("20260301T021500Z", ["20260302T021500Z"])
    history.remove(["20260301T021500Z"])
    assert history.told() is None
    (folder / "history" / "told").unlink()
    assert history.told() == "20260302T021500Z"


def test_left_overs_of_a_killed_run_go_with_the_next(folder: Path) -> None:
    history = History(folder)
    before = {path for path in (folder / "history").rglob("*") if path.is_file()}
    write(folder, run({"z": [f"Line {i}: {i} percent." for i in range(200)]}))
    history.keep(folder)  # and killed before the run itself was in place
    assert {path for path in (folder / "history").rglob("*") if path.is_file()} > before
    assert History(folder).begin() is None
    assert {path for path in (folder / "history").rglob("*") if path.is_file()} == before


def test_a_run_of_another_version_is_one_clear_line(folder: Path) -> None:
    (folder / "claims.jsonl").write_text('{"claim_id": "c1", "made_by": "a later version"}\n', "utf-8")
    history = History(folder)
    files = history.keep(folder)
    kept = replace(history.run("20260302T021500Z"), run_id="20260309T021500Z", files=files)
    (folder / RUNS / "20260309T021500Z.json").write_bytes(encode(kept))
    with pytest.raises(
        UsageError, match=r"run 20260309T021500Z was made by version 1 and cannot be read \(claims.jsonl:1"
    ):
        read(f"{folder}@last")
