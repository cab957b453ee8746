"""What ``claims reconcile`` makes of results that are damaged, empty, or made by another version."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset
from pipeline.run.extract import Settings, extract
from pipeline.run.reconcile import reconcile_folder, stage_findings
from pipeline.run.store import open_store

RULES = load_rules(Path(__file__).parents[3] / "rules")
FILES = ("articles.jsonl", "claims.jsonl", "statements.jsonl", "run.json")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    raw, out = tmp_path_factory.mktemp("raw"), tmp_path_factory.mktemp("out")
    for name, share in (("a.txt", 48), ("b.txt", 52)):
        text = f"In a trial with 55 runners, {share}% of the arnica group and 11% of the placebo group had no bruises."
        (raw / name).write_text(text, "utf-8")
    extract(Settings(raw=raw, out=out, workers=0), RULES)
    return out


@pytest.fixture
def folder(results: Path, tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).write_bytes((results / name).read_bytes())
    return tmp_path


def test_results_of_this_version_give_no_warning(folder: Path) -> None:
    assert reconcile_folder(folder, RULES).warnings == ()


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"version": "0.0.1"}, "were extracted by version 0.0.1"),
        ({"version": None}, "were extracted by version unknown"),
        ({"rules_extract": "0" * 64}, "were extracted with other rules"),
    ],
)
def test_results_of_another_version_are_used_and_told(folder: Path, keys: dict[str, object], told: str) -> None:
    record = {**json.loads((folder / "run.json").read_text("utf-8")), **keys}
    (folder / "run.json").write_text(json.dumps(record), "utf-8")
    (warning,) = reconcile_folder(folder, RULES).warnings
    assert told in warning
    assert "claims extract" in warning
    record = json.loads((folder / "run.json").read_text("utf-8"))
    assert record["reconcile"]["warnings"] == [warning]
    assert (folder / "flags.jsonl").exists()


@pytest.mark.parametrize("content", [None, "", "{", "[1]", "\0\0"])
def test_results_of_which_nothing_is_known_are_used_and_told(folder: Path, content: str | None) -> None:
    (folder / "run.json").unlink()
    if content is not None:
        (folder / "run.json").write_text(content, "utf-8")
    (warning,) = reconcile_folder(folder, RULES).warnings
    assert "it is not known what made these results" in warning


def test_no_articles_give_two_empty_files(folder: Path) -> None:
    for name in FILES[:3]:
        (folder / name).write_text("", "utf-8")
    done = reconcile_folder(folder, RULES)
    assert [*done.findings, *done.flags] == []
    assert [(folder / name).read_bytes() for name in ("findings.jsonl", "flags.jsonl")] == [b"", b""]


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        *((name, damage) for name in FILES[:3] for damage in ("cut", "nul", "deep", "other", "long")),
        ("articles.jsonl", "again"),
        ("claims.jsonl", "again"),
    ],
)
def test_a_damaged_line_is_told_by_its_number_and_results_stay(
    folder: Path, name: str, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.run.results.MOST_LINE", 200_000)
    (folder / "flags.jsonl").write_text("as before", "utf-8")
    lines = (folder / name).read_bytes().splitlines()
    last = {
        "cut": lines[-1][:-9],
        "nul": b"\0" * 30,
        "deep": b"[" * 100_000,
        "other": b'{"claim_id":1}',
        "again": lines[0],
        "long": b" " * 300_000 + b"{}",
    }[damage]
    (folder / name).write_bytes(b"\n".join([*lines, last]))
    with pytest.raises(UsageError) as problem:
        reconcile_folder(folder, RULES)
    told = str(problem.value)
    assert name in told
    assert damage == "again" or f"{name}:{len(lines) + 1}: " in told
    assert "claims extract" in told
    assert "\n" not in told
    assert len(told) < 500
    assert (folder / "flags.jsonl").read_text("utf-8") == "as before"


def test_a_statement_that_stands_elsewhere_is_told(folder: Path) -> None:
    path = folder / "statements.jsonl"
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    path.write_text("\n".join(json.dumps({**line, "start": line["start"] + 1}) for line in lines), "utf-8")
    with pytest.raises(UsageError, match=r"statements\.jsonl:1: does not stand in its article"):
        reconcile_folder(folder, RULES)


@pytest.mark.parametrize("name", ["articles", "claims", "statements"])
def test_a_file_that_lost_whole_lines_is_told(folder: Path, name: str) -> None:
    path = folder / f"{name}.jsonl"
    written = json.loads((folder / "run.json").read_text("utf-8"))["counts"].get(name, 0)
    if name == "articles":
        path.write_bytes(path.read_bytes() + path.read_bytes().splitlines(keepends=True)[0].replace(b"a.txt", b"c.txt"))
    else:
        path.write_bytes(b"")
    told = [warning for warning in reconcile_folder(folder, RULES).warnings if f"{name}.jsonl" in warning]
    assert len(told) == bool(written)
    assert not told or f"where {written} were written" in told[0]


def made(folder: Path) -> list[bytes]:
    return [(folder / name).read_bytes() for name in ("findings.jsonl", "flags.jsonl")]


def unchanged(folder: Path) -> bool:
    return bool(json.loads((folder / "run.json").read_text("utf-8"))["reconcile"]["unchanged"])


def test_what_has_not_changed_is_not_compared_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = reconcile_folder(folder, RULES)
    expected = made(folder)
    assert not unchanged(folder)
    monkeypatch.setattr("pipeline.run.reconcile.reconcile", None)
    again = reconcile_folder(folder, RULES)
    assert unchanged(folder)
    assert made(folder) == expected
    assert (again.articles, again.claims, again.statuses, again.rules, again.severities, again.warnings) == (
        (first.articles, first.claims, first.statuses, first.rules, first.severities, first.warnings)
    )


@pytest.mark.parametrize(
    "name", ["articles.jsonl", "claims.jsonl", "statements.jsonl", "findings.jsonl", "flags.jsonl"]
)
def test_what_has_changed_is_compared_anew(folder: Path, name: str) -> None:
    reconcile_folder(folder, RULES)
    expected = made(folder)
    with (folder / name).open("ab") as file:
        file.write(b"\n")
    reconcile_folder(folder, RULES)
    assert not unchanged(folder)
    assert made(folder) == expected


@pytest.mark.parametrize("name", ["findings.jsonl", "flags.jsonl", ".work/articles.sqlite"])
def test_what_is_gone_is_made_anew(folder: Path, name: str) -> None:
    reconcile_folder(folder, RULES)
    expected = made(folder)
    (folder / name).unlink()
    reconcile_folder(folder, RULES)
    assert not unchanged(folder)
    assert made(folder) == expected


def test_other_rules_and_another_program_compare_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reconcile_folder(folder, RULES)
    limits = dict(RULES.rules["match-limits"])
    limits["params"] = {**limits["params"], "least": 4.5}
    reconcile_folder(folder, Ruleset({**RULES.rules, "match-limits": limits}, RULES.topics))
    assert not unchanged(folder)
    monkeypatch.setattr("pipeline.run.compared.engine_digest", lambda _libraries: "other")
    reconcile_folder(folder, RULES)
    assert not unchanged(folder)


def test_a_run_killed_before_its_results_were_in_place_is_made_anew(folder: Path) -> None:
    """The note of what was compared is written first, so it may speak of findings that never came to be."""
    reconcile_folder(folder, RULES)
    expected = made(folder)
    text = (folder / "claims.jsonl").read_bytes()
    (folder / "claims.jsonl").write_bytes(text.splitlines(keepends=True)[0])
    with open_store(folder) as store:
        stage_findings(store, folder, RULES)
    assert made(folder) == expected
    reconcile_folder(folder, RULES)
    assert not unchanged(folder)
    assert made(folder) != expected


def test_an_extraction_that_changes_nothing_keeps_what_was_compared(tmp_path: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    (raw / "a.txt").write_text("Of 55 runners, 48% had no bruises with arnica and 11% with placebo.", "utf-8")
    for expected in (False, True):
        extract(Settings(raw=raw, out=out, workers=0), RULES)
        reconcile_folder(out, RULES)
        assert unchanged(out) is expected
