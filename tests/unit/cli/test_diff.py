"""``claims diff`` and ``claims runs``: what they print and the codes they end with."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from pipeline.cli.app import cli
from pipeline.errors import UsageError
from pipeline.history.keeping import keep_results
from tests.unit.history.runs import claim, finding, flag, run, write

NOW = datetime(2026, 3, 1, 2, 15, tzinfo=UTC)
FIRST = run({"a": ["Some 48 percent slept.", "It rained for days."], "b": ["Their weight fell by 9 percent."]})
SECOND = run({"a": ["Some 50 percent slept.", "It rained for many long days."], "c": ["Nobody was harmed."]})
RAISED = flag("value-mismatch", claim(SECOND, "a"), severity="error")


def call(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments], standalone_mode=False)
    if result.exception is not None and not isinstance(result.exception, UsageError):
        raise result.exception
    return result


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Results with two runs, the first only kept."""
    folder = tmp_path / "out"
    write(folder, replace(FIRST, findings=(finding("f1", claim(FIRST, "a")),)))
    keep_results(folder, NOW)
    write(folder, replace(SECOND, findings=(finding("f1", claim(SECOND, "a")),), flags=(RAISED,)))
    keep_results(folder, NOW + timedelta(days=1))
    return folder


def test_changed_figures_come_first_with_both_sentences(out: Path) -> None:
    lines = call("diff", f"{out}@previous", out).stdout.splitlines()
    assert "1 figure changed" in " ".join(lines[:3])
    heads = [line for line in lines if line and not line.startswith(" ") and "(" in line and "->" not in line]
    assert heads[0] == "changed figures (1)"
    assert heads[1] == "flags (1)"
    text = "\n".join(lines)
    assert "48 percent -> 50 percent" in text
    assert "- Some 48 percent slept." in text
    assert "+ Some 50 percent slept." in text
    assert "new error: value-mismatch in a [value-mismatch]" in text
    assert "b.html): gone, 1 claim" in text


def test_json_is_one_object_with_all_of_it(out: Path) -> None:
    found = json.loads(call("diff", f"{out}@previous", f"{out}@last", "--json").stdout)
    assert found["claims"][0]["kind"] == "changed"
    assert {change["kind"] for change in found["articles"]} == {"changed", "new", "gone"}
    assert found["old"].endswith("@previous")


def test_equal_runs_are_one_line(out: Path) -> None:
    assert call("diff", out, f"{out}@last").stdout.rstrip().endswith("no changes")


@pytest.mark.parametrize(
    ("fail_on", "code"), [("new-error", 1), ("new-warning", 1), ("error", 1), ("warning", 1), (None, 0)]
)
def test_the_code_tells_of_new_flags(out: Path, fail_on: str | None, code: int) -> None:
    asked = ["--fail-on", fail_on] if fail_on is not None else []
    assert call("diff", f"{out}@previous", out, "-q", *asked).return_value == code


def test_an_open_flag_is_not_new(out: Path) -> None:
    assert call("diff", out, out, "--fail-on", "new-error").return_value == 0
    assert call("diff", out, out, "--fail-on", "error").return_value == 1


def test_a_dismissed_flag_is_not_told(out: Path, tmp_path: Path) -> None:
    decision = {
        "flag_id": RAISED.flag_id, "verdict": "dismiss", "reason": "known", "who": "me", "until": None,
        "values_hash": RAISED.values_hash, "at": "2026-03-01T09:00:00Z",
    }  # fmt: skip
    file = tmp_path / "decisions.jsonl"
    file.write_text(json.dumps(decision) + "\n", "utf-8")
    done = call("diff", f"{out}@previous", out, "--decisions", file, "--fail-on", "new-error")
    assert done.return_value == 0
    assert "value-mismatch" not in done.stdout


@pytest.mark.parametrize("name", ["{out}@1999", "{out}/nothing", "", "{out}@"])
def test_a_run_that_is_not_there_is_one_clear_line(out: Path, name: str) -> None:
    result = call("diff", name.format(out=out), out)
    assert isinstance(result.exception, UsageError)
    assert "\n" not in str(result.exception)


def test_what_pages_say_cannot_steer_the_terminal(tmp_path: Path) -> None:
    write(tmp_path / "a", run({"a": ["Some 48 percent slept."]}))
    write(tmp_path / "b", run({"a": ["Some 48 percent slept.", "Then \x1b[2J\u202eall of 9 percent did."]}))
    shown = call("diff", tmp_path / "a", tmp_path / "b").stdout
    assert "\x1b[2J" not in shown
    assert "\u202e" not in shown


def test_long_lists_are_cut_without_all(tmp_path: Path) -> None:
    write(tmp_path / "a", run({"a": ["Some 48 percent slept."]}))
    names = [f"Group {chr(97 + i)} walked for {i + 1} percent of the way." for i in range(15)]
    write(tmp_path / "b", run({"a": ["Some 48 percent slept.", *names]}))
    assert "and 5 more (--all)" in call("diff", tmp_path / "a", tmp_path / "b").stdout
    assert "more (--all)" not in call("diff", tmp_path / "a", tmp_path / "b", "--all").stdout


def test_runs_are_listed_shown_checked_and_forgotten(out: Path) -> None:
    listed = call("runs", "list", out).stdout
    assert "20260301T021500Z" in listed
    assert json.loads(call("runs", "show", out, "last").stdout)["counts"]["articles"] == 2
    assert len(call("runs", "list", out, "--json").stdout.splitlines()) == 2
    assert "all whole" in call("runs", "check", out).stdout
    assert call("runs", "prune", out, "--keep-last", "1", "--dry-run").stdout == "20260301T021500Z\n"
    assert "kept: 1" in call("runs", "prune", out, "--keep-last", "1").stdout
    assert "20260301T021500Z" not in call("runs", "list", out).stdout


def test_a_run_is_restored(out: Path, tmp_path: Path) -> None:
    call("runs", "restore", out, "previous", "-o", tmp_path / "old")
    assert call("diff", f"{out}@previous", tmp_path / "old").stdout.rstrip().endswith("no changes")


def test_results_are_kept_by_hand(out: Path) -> None:
    assert "kept as run" in call("runs", "keep", out).stdout
    assert len(call("runs", "list", out, "--json").stdout.splitlines()) == 3


@pytest.mark.parametrize(
    "arguments",
    [
        ("list", "{out}/nothing"),
        ("show", "{out}", "1999"),
        ("prune", "{out}"),
        ("restore", "{out}", "last", "-o", "{out}/flags.jsonl"),
    ],
)
def test_wrong_use_of_runs_is_one_clear_line(out: Path, arguments: tuple[str, ...]) -> None:
    result = call("runs", *(argument.format(out=out) for argument in arguments))
    assert isinstance(result.exception, UsageError)


def test_a_damaged_run_is_told_and_the_others_are_listed(out: Path) -> None:
    (out / "history" / "runs" / "20260301T021500Z.json").write_text("{", "utf-8")
    listed = call("runs", "list", out)
    assert "is damaged" in listed.stderr
    assert "20260302T021500Z" in listed.stdout
    assert isinstance(call("runs", "check", out).exception, UsageError)
