"""A disk that is full, and a folder that is read-only, in a real file system: one line, the right code, earlier results whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.small_disk import in_namespace

TRIAL = (
    "In a trial with 80 night nurses, {} of the valerian group and 11% of the placebo group slept through the night after six weeks. "
    "The nurses worked in four hospitals by the sea."
)


def go(steps: list[list[Any]]) -> list[Any]:
    try:
        return in_namespace(steps)
    except PermissionError as error:
        pytest.skip(f"nothing can be mounted here: {error}")


def commands(raw: Path, out: Path, kept: Path) -> list[list[Any]]:
    """Each command that writes."""
    return [
        ["claims", "extract", str(raw), "-o", str(out), "--workers", "0"],
        ["claims", "reconcile", str(out)],
        ["claims", "report", str(out), "--format", "html", "--format", "csv"],
        ["claims", "export", str(out), "--format", "csv", "--force", "-o", str(out / "table.csv")],
        ["claims", "refresh", str(raw), "-o", str(out), "--workers", "0", "--format", "json"],
        ["decide", str(out), "--verdict", "dismiss", "--reason", "known", "--who", "an editor", "--decisions", str(kept)],
    ]  # fmt: skip


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "a.txt").write_text(TRIAL.format("48%"), "utf-8")
    (folder / "b.txt").write_text(TRIAL.format("84%") + " It was in the news.", "utf-8")
    return folder


def test_a_full_disk(tmp_path: Path, raw: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    every = commands(raw, disk / "out", disk / "decisions.jsonl")
    results = go(
        [
            ["disk", str(disk), "4m"],
            *every[:4],
            ["files", str(disk / "out")],
            ["write", str(raw / "c.txt"), TRIAL.format("50%") + " Others said so too. " * 50],
            # What fails lets go of what it had written, so the disk is filled each time.
            *(step for command in every for step in (["fill", str(disk), 0], command)),
            ["files", str(disk / "out")],
            ["free", str(disk)],
            *every[:5],
        ]
    )
    first, before, full, after, last = results[1:5], results[5], results[8:19:2], results[19], results[21:]
    assert [code for code, _ in first] == [0, 0, 0, 0], first
    # The report would be the same, so that nothing has to be written.
    assert [code for code, _ in full] == [5, 5, 0, 5, 5, 5], full
    for _, err in (told for told in full if told[0]):
        assert len(err.splitlines()) == 1, err
        assert err.startswith("claims: "), err
        assert "No space left" in err or "full" in err, err
    assert before == after
    assert [code for code, _ in last] == [0] * 5, last


def test_a_read_only_folder(tmp_path: Path, raw: Path) -> None:
    out = tmp_path / "out"
    every = commands(raw, out, out / "decisions.jsonl")
    results = go(
        [
            *every[:4],
            ["files", str(out)],
            ["write", str(raw / "c.txt"), TRIAL.format("50%")],
            ["read-only", str(out)],
            *every,
            ["claims", "show", str(out)],
            ["claims", "diff", str(out), str(out)],
            ["files", str(out)],
            ["read-write", str(out)],
            *every[:5],
        ]
    )
    before, refused, shown, after, last = results[4], results[7:13], results[13:15], results[15], results[17:]
    assert before == after
    # The report would be the same, so that nothing has to be written.
    assert [code for code, _ in refused] == [5, 5, 0, 5, 5, 5], refused
    for _, err in (told for told in refused if told[0]):
        assert len(err.splitlines()) == 1, err
        assert "Read-only file system" in err, err
    assert [code for code, _ in shown] == [0, 0], shown
    assert [code for code, _ in last] == [0] * 5, last
