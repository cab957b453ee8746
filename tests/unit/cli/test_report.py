"""``claims report`` as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.cli.app import run
from pipeline.report.base import formats
from tests.unit.report.support import STORY, results, write


def test_it_writes_every_format_and_says_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = results(tmp_path / "out")
    assert run(["report", str(folder)]) == 0
    shown = capsys.readouterr().out
    assert "2 problems to review (1 error, 1 warning, 0 notes)" in shown
    names = sorted(path.name for path in (folder / "reports").iterdir())
    assert names == sorted(entry.file for entry in formats().values())
    assert all(name in shown for name in names)


def test_running_it_again_changes_no_byte_and_touches_no_file(tmp_path: Path) -> None:
    folder = results(tmp_path / "out")
    assert run(["report", str(folder), "-q"]) == 0
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in (folder / "reports").iterdir()}
    assert run(["report", str(folder), "-q", "--today", "2030-01-01"]) == 0
    assert before == {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in (folder / "reports").iterdir()}


def test_one_format_into_another_folder(tmp_path: Path) -> None:
    folder = results(tmp_path / "out")
    assert run(["report", str(folder), "-q", "--format", "json", "-o", str(tmp_path / "a" / "b")]) == 0
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["report.json"]


def test_reports_do_not_go_where_the_articles_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = results(tmp_path / "out")
    path = json.loads((folder / "articles.jsonl").read_text("utf-8").splitlines()[0])["path"].partition("#")[0]
    (tmp_path / "raw" / path).parent.mkdir(parents=True)
    (tmp_path / "raw" / path).write_text("An article.", "utf-8")
    assert run(["report", str(folder), "-o", str(tmp_path / "raw")]) == 2
    assert "reports cannot go where the articles are" in capsys.readouterr().err
    assert [file.name for file in (tmp_path / "raw").rglob("*") if file.is_file()] == [Path(path).name]


def test_since_an_earlier_run(tmp_path: Path) -> None:
    old = results(tmp_path / "old", story=STORY.replace("84", "48"))
    new = results(tmp_path / "new")
    write(old, "flags")
    assert run(["report", str(new), "-q", "--format", "json", "--since", str(old)]) == 0
    told = json.loads((new / "reports" / "report.json").read_text("utf-8"))
    assert {problem["state"] for problem in told["problems"]} == {"new"}
    assert told["since"]["moves"][0]["figures"] == [["48 percent", "84 percent"]]


def test_what_was_dismissed_is_counted_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = results(tmp_path / "out")
    decision = {
        "flag_id": "a1",
        "verdict": "dismiss",
        "reason": "no",
        "values_hash": "2" * 16,
        "at": "2026-05-01T00:00:00Z",
    }
    (tmp_path / "d.jsonl").write_text(json.dumps(decision) + "\n", "utf-8")
    assert run(["report", str(folder), "--decisions", str(tmp_path / "d.jsonl"), "--today", "2026-05-02"]) == 0
    assert "1 problem to review (0 errors, 1 warning, 0 notes); 1 put away" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing"], "claims reconcile"),
        (["out", "--since", "nothing"], "nothing"),
        (["out", "--format", "doc"], "doc"),
    ],
)
def test_wrong_use_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    words: str,
) -> None:
    results(tmp_path / "out")
    monkeypatch.chdir(tmp_path)
    assert run(["report", *arguments]) == 2
    told = capsys.readouterr().err
    assert words in told
    assert "Traceback" not in told


def test_a_folder_in_the_way_is_told_and_nothing_is_left_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = results(tmp_path / "out")
    (folder / "reports" / "report.html").mkdir(parents=True)
    assert run(["report", str(folder), "-q"]) == 5
    assert "move it away" in capsys.readouterr().err
    assert not [name for name in os.listdir(folder / "reports") if name.endswith(".part")]


def test_what_a_killed_program_left_is_swept_away(tmp_path: Path) -> None:
    folder = results(tmp_path / "out")
    (folder / "reports").mkdir()
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for writer in (gone.pid, os.getppid()):
        (folder / "reports" / f".report.html.{writer}.part").write_text("half", "utf-8")
    assert run(["report", str(folder), "-q", "--format", "json"]) == 0
    left = sorted(path.name for path in (folder / "reports").iterdir())
    assert left == [f".report.html.{os.getppid()}.part", "report.json"]


def test_an_empty_run_gives_reports_that_say_so(tmp_path: Path) -> None:
    for name in ("articles", "claims", "findings", "flags", "statements", "errors"):
        write(tmp_path, name)
    assert run(["report", str(tmp_path), "-q"]) == 0
    assert "Nothing to review" in (tmp_path / "reports" / "report.html").read_text("utf-8")
