"""``claims decide`` and ``claims decisions`` as a user runs them, and what ``claims reconcile`` makes of decisions."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from pipeline.cli.app import run
from tests.unit.cli.test_reconcile import PAGES

FIRST = "2026-03-02"


def extracted(folder: Path, pages: dict[str, str]) -> Path:
    raw, out = folder / "raw", folder / "out"
    raw.mkdir(exist_ok=True)
    for name, text in pages.items():
        (raw / name).write_text(text, "utf-8")
        kind = "primary" if name.startswith("abstract") else "news"
        about = {"kind": kind, "publisher": name.removesuffix(".txt").title()}
        (raw / f"{name}.meta.json").write_text(json.dumps(about), "utf-8")
    assert run(["extract", str(raw), "-o", str(out), "--workers", "0", "--quiet"]) == 0
    return out


def reconciled(folder: Path) -> Path:
    out = extracted(folder, PAGES)
    assert run(["reconcile", str(out), "--quiet"]) == 0
    return out


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return reconciled(tmp_path_factory.mktemp("run"))


@pytest.fixture
def file(tmp_path: Path) -> list[str]:
    return ["--decisions", str(tmp_path / "decisions.jsonl")]


def error_of(results: Path) -> str:
    flags = map(json.loads, (results / "flags.jsonl").read_text("utf-8").splitlines())
    return str(next(flag["flag_id"] for flag in flags if flag["severity"] == "error"))


def test_a_dismissed_flag_stays_away_and_is_counted(
    results: Path, file: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = (results / "flags.jsonl").read_bytes()
    flag_id = error_of(results)
    Path(file[1]).touch()
    assert run(["reconcile", str(results), *file, "--fail-on", "error"]) == 1
    assert flag_id in capsys.readouterr().out
    decide = ["decide", flag_id[:6], str(results), *file, "--who", "Ada"]
    assert run([*decide, "--verdict", "dismiss", "--reason", "two trials"]) == 0
    assert "dismiss by Ada: the flag is hidden" in capsys.readouterr().out
    assert run(["reconcile", str(results), *file, "--fail-on", "error"]) == 0
    shown = capsys.readouterr().out
    assert flag_id not in shown
    assert "0 errors" in shown
    assert "1 more suppressed" in shown
    assert run(["reconcile", str(results), *file, "--all"]) == 0
    assert "error, dismissed by Ada:" in capsys.readouterr().out
    assert run(["reconcile", str(results), *file, "--json"]) == 0
    assert flag_id not in capsys.readouterr().out
    assert (results / "flags.jsonl").read_bytes() == before
    assert run([*decide, "--verdict", "undo"]) == 0
    assert "the verdict of dismiss by Ada is taken back: the flag is shown" in capsys.readouterr().out
    assert run([*decide, "--verdict", "accept"]) == 0
    capsys.readouterr()
    assert run(["reconcile", str(results), *file, "--fail-on", "error"]) == 1
    assert "error, accepted by Ada:" in capsys.readouterr().out


def test_a_snooze_ends_on_its_day(results: Path, file: list[str]) -> None:
    decide = ["decide", error_of(results), str(results), *file, "--verdict", "snooze", "--until", "2999-01-02"]
    assert run(decide) == 0
    check = ["reconcile", str(results), *file, "--quiet", "--fail-on", "error", "--today"]
    assert [run([*check, day]) for day in ("2999-01-01", "2999-01-02")] == [0, 1]


def test_decisions_are_listed_with_what_became_of_them(
    results: Path, file: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    flag_id = error_of(results)
    assert (
        run(["decide", flag_id, str(results), *file, "--verdict", "dismiss", "--reason", "=1+1", "--who", "Ada"]) == 0
    )
    path = Path(file[1])
    for changed in ({"values_hash": "0"}, {"flag_id": "0000"}):
        line = json.dumps({**json.loads(path.read_text("utf-8").splitlines()[0]), **changed})
        path.write_text(path.read_text("utf-8") + line + "\n", "utf-8")
    path.write_text(path.read_text("utf-8") + "what is this\n", "utf-8")
    capsys.readouterr()
    assert run(["decisions", str(results), *file]) == 0
    told = capsys.readouterr()
    assert "3 decisions" in told.out
    assert "1 lapsed: the figures changed" in told.out
    assert "1 no such flag any more" in told.out
    assert f"{path}:4: is no decision" in told.err
    assert run(["decisions", str(results), *file, "--format", "json"]) == 0
    assert [json.loads(line)["state"] for line in capsys.readouterr().out.splitlines()] == ["holds", "figures", "gone"]
    assert run(["decisions", str(results), *file, "--format", "csv", "--lapsed"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["state"] for row in rows] == ["figures", "gone"]
    assert rows[0]["reason"] == "'=1+1"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["ffffffffffff", "--verdict", "accept"], "no such flag"),
        (["FLAG", "--verdict", "dismiss"], "needs a reason"),
        (["FLAG", "--verdict", "snooze", "--until", "31.3.2026"], "is no day"),
        (["FLAG", "--verdict", "snooze", "--until", "2020-01-01"], "must lie after"),
        (["FLAG", "--verdict", "undo"], "to take back"),
        (["FLAG", "--verdict", "maybe"], "maybe"),
    ],
)
def test_a_wrong_decision_is_one_line_and_keeps_nothing(
    results: Path, file: list[str], arguments: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    flag_id, *rest = arguments
    flag_id = error_of(results) if flag_id == "FLAG" else flag_id
    assert run(["decide", flag_id, str(results), *rest, *file]) == 2
    assert problem in capsys.readouterr().err
    assert not Path(file[1]).exists() or Path(file[1]).read_bytes() == b""


def test_a_run_that_was_not_reconciled_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["decisions", str(tmp_path)]) == 2
    assert "claims reconcile" in capsys.readouterr().err


def test_a_decision_survives_moved_text_and_lapses_with_the_figures(tmp_path: Path, file: list[str]) -> None:
    out = reconciled(tmp_path)
    assert run(["decide", error_of(out), str(out), *file, "--verdict", "dismiss", "--reason", "two trials"]) == 0
    fails = ["reconcile", str(out), *file, "--quiet", "--fail-on", "error"]
    moved = {**PAGES, "paper.txt": "Runners fall often, and bruises hurt.\n\n" + PAGES["paper.txt"]}
    extracted(tmp_path, moved)
    assert run(fails) == 0
    extracted(tmp_path, {**moved, "paper.txt": moved["paper.txt"].replace("84%", "85%")})
    assert run(fails) == 1
