"""Results are replaced whole or not at all; the cache survives damage."""

import json
from pathlib import Path

import pytest

from pipeline.errors import RunError
from pipeline.model import InputError
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
