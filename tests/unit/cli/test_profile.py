"""--profile: where the time went, for a person and for tools; --decisions that name nothing."""

from __future__ import annotations

import pstats
import re
from pathlib import Path

import pytest

from pipeline.cli.app import run

TEXT = "In a trial with 55 runners, 48.2% of the arnica group and 10.7% of the placebo group had no bruises after two weeks."


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a raw folder, and results with a profile of how they were made."""
    folder = tmp_path_factory.mktemp("place")
    (folder / "raw").mkdir()
    for number in range(12):
        (folder / "raw" / f"{number}.txt").write_text(f"{TEXT} So it was told in {number} papers.", "utf-8")
    arguments = ["extract", str(folder / "raw"), "-o", str(folder / "out"), "--workers", "0", "-q"]
    assert run([*arguments, "--profile", str(folder / "profile" / "first")]) == 0
    return folder


def test_a_person_reads_stages_and_the_slowest_inputs(place: Path) -> None:
    text = (place / "profile" / "first" / "profile.txt").read_text("utf-8")
    assert text.startswith("claims extract: ")
    assert "12 articles: 0 unchanged, 12 cleaned, 12 analysed" in text
    for stage in ("discover", "articles", "write", "read", "clean", "extract"):
        assert re.search(rf"^{stage} +\d+\.\d\d +\d+ %$", text, re.MULTILINE), stage
    assert "The 10 slowest inputs" in text
    assert len(re.findall(r"^ +\d+\.\d\d s  \d+\.txt$", text, re.MULTILINE)) == 10
    assert "function calls" in text


def test_tools_read_the_same(place: Path) -> None:
    stats = pstats.Stats(str(place / "profile" / "first" / "profile.pstats"))
    assert any(name == "analyze" for _, _, name in stats.stats)  # type: ignore[attr-defined]


def test_reconcile_and_a_command_that_fails_are_profiled_too(place: Path) -> None:
    assert run(["reconcile", str(place / "out"), "-q", "--profile", str(place / "second")]) == 0
    assert "reconcile" in (place / "second" / "profile.txt").read_text("utf-8")
    assert run(["reconcile", str(place / "raw"), "-q", "--profile", str(place / "third")]) == 2
    assert (place / "third" / "profile.pstats").stat().st_size > 0


def test_a_profile_that_has_no_place_is_one_line(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = place / "raw" / "0.txt"
    assert run(["reconcile", str(place / "out"), "--profile", str(file)]) == 5
    assert capsys.readouterr().err.startswith(f"claims: --profile {file}: the folder cannot be made")


@pytest.mark.parametrize(
    ("name", "told"),
    [("raw", "is a folder"), ("nowhere/decisions.jsonl", "there is no folder"), ("none.jsonl", "no such file")],
)
def test_decisions_that_are_not_there_are_wrong_use(
    place: Path, capsys: pytest.CaptureFixture[str], name: str, told: str
) -> None:
    assert run(["reconcile", str(place / "out"), "-q", "--decisions", str(place / name)]) == 2
    assert told in capsys.readouterr().err


def test_a_refresh_may_name_a_file_of_decisions_that_is_yet_to_come(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["refresh", str(place / "raw"), "-o", str(tmp_path / "out"), "--workers", "0", "-q", "--decisions"]
    assert run([*arguments, str(tmp_path / "decisions.jsonl")]) == 0
    assert run([*arguments, str(tmp_path)]) == 2
    assert "is a folder" in capsys.readouterr().err
