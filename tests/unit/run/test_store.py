"""Results are replaced whole or not at all; the cache survives damage."""

import json
import os
from pathlib import Path

import pytest

from pipeline.errors import RunError
from pipeline.model import InputError
from pipeline.run.results import numbered_records
from pipeline.run.store import open_store


def record(text: str) -> InputError:
    return InputError(path=text, reason="")


def line(text: str) -> str:
    return f'{{"path":"{text}","reason":""}}\n'


def write(folder: Path, **files: str) -> None:
    with open_store(folder) as store:
        for name, text in files.items():
            with store.writer(name) as lines:
                lines.write(record(text))
        store.publish()


def test_published_files_are_the_results(tmp_path: Path) -> None:
    write(tmp_path / "out", a="one", b="two")
    assert (tmp_path / "out" / "a").read_text() == line("one")
    assert (tmp_path / "out" / "b").read_text() == line("two")


def test_a_run_that_fails_before_publishing_leaves_the_earlier_results(tmp_path: Path) -> None:
    write(tmp_path, a="old")

    def interrupted() -> None:
        with open_store(tmp_path) as store:
            with store.writer("a") as lines:
                lines.write(record("new"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert (tmp_path / "a").read_text() == line("old")
    with open_store(tmp_path):
        assert (tmp_path / "a").read_text() == line("old")


def test_a_run_killed_while_it_published_is_finished_by_the_next(tmp_path: Path) -> None:
    write(tmp_path, a="old", b="old")
    with open_store(tmp_path) as store:
        for name in ("a", "b"):
            with store.writer(name) as lines:
                lines.write(record("new"))
        # What publish() leaves when it is killed after the first of two moves.
        (store.work / "ready.json").write_text(json.dumps(["a", "b"]))
        (store.work / "staged" / "a").replace(tmp_path / "a")
    with open_store(tmp_path):
        assert [(tmp_path / name).read_text() for name in ("a", "b")] == [line("new"), line("new")]
    assert not (tmp_path / ".work" / "ready.json").exists()


def test_a_second_run_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    with open_store(tmp_path), pytest.raises(RunError, match="another run"), open_store(tmp_path):
        pass


def test_a_folder_that_cannot_be_made_is_one_clear_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(RunError, match="could not be written"), open_store(tmp_path / "file" / "out"):
        pass


def test_the_cache_keeps_what_it_is_told_to(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.cache.put("k1", b"one")
        store.cache.put("k2", b"")
        store.cache.keep_only(["k2", "k3"])
    with open_store(tmp_path) as store:
        assert store.cache.get("k1") is None
        assert store.cache.get("k2") == b""
        assert "k2" in store.cache
        assert "k1" not in store.cache


@pytest.mark.parametrize("damage", [b"", b"not a database", b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_damaged_cache_is_begun_anew(tmp_path: Path, damage: bytes) -> None:
    with open_store(tmp_path) as store:
        store.cache.put("k", b"v")
    (tmp_path / ".work" / "articles.sqlite").write_bytes(damage)
    with open_store(tmp_path) as store:
        assert store.cache.get("k") is None
        store.cache.put("k", b"w")
        assert store.cache.get("k") == b"w"


def test_whoever_reads_after_a_kill_finds_the_new_results_whole(tmp_path: Path) -> None:
    write(tmp_path, a="old", b="old")
    with open_store(tmp_path) as store:
        for name in ("a", "b"):
            with store.writer(name) as lines:
                lines.write(record("new"))
        (store.work / "ready.json").write_text(json.dumps(["a", "b"]))
        (store.work / "staged" / "a").replace(tmp_path / "a")
        assert [found.path for _, found in numbered_records(tmp_path / "b", InputError)] == ["old"]  # another is at it
    assert [found.path for _, found in numbered_records(tmp_path / "b", InputError)] == ["new"]
    assert not (tmp_path / ".work" / "ready.json").exists()


def test_files_in_folders_are_published_and_removed_with_the_others(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.write_json("reports/old.json", 1)
        store.write_json("reports/kept.json", 1)
        store.publish()
    with open_store(tmp_path) as store:
        store.write_json("reports/kept.json", 2)
        store.publish(removed=["reports/old.json", "reports/kept.json", "reports/never.json"])
    assert sorted(path.name for path in (tmp_path / "reports").iterdir()) == ["kept.json"]
    assert (tmp_path / "reports" / "kept.json").read_text() == "2\n"


def test_a_file_where_a_folder_belongs_replaces_nothing(tmp_path: Path) -> None:
    write(tmp_path, a="old", reports="mine")
    with open_store(tmp_path) as store:
        with store.writer("a") as lines:
            lines.write(record("new"))
        store.write_json("reports/x.json", 1)
        with pytest.raises(RunError, match="is a file where a folder"):
            store.publish()
    assert (tmp_path / "a").read_text() == line("old")


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "-../outside"])
def test_a_list_that_is_not_ours_touches_nothing_outside(tmp_path: Path, name: str) -> None:
    (tmp_path / "outside").write_text("mine")
    write(tmp_path / "out", a="old")
    with open_store(tmp_path / "out") as store:
        (store.work / "ready.json").write_text(json.dumps([name]))
    with open_store(tmp_path / "out"):
        assert (tmp_path / "outside").read_text() == "mine"


def test_who_holds_the_lock_is_told_and_forgotten(tmp_path: Path) -> None:
    with open_store(tmp_path, "claims refresh") as store:
        assert json.loads((store.work / "holder.json").read_bytes())["pid"] == os.getpid()
        with (
            pytest.raises(RunError, match=rf"claims refresh, process {os.getpid()} on .*, since 20"),
            open_store(tmp_path),
        ):
            pass
    assert not (tmp_path / ".work" / "holder.json").exists()
