"""``claims explain`` and ``claims extract --text``."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from pipeline.cli.app import run
from pipeline.run.extract import Settings, extract
from tests.support import page, records
from tests.unit.language.support import open_weights, shipped_rules

SENTENCE = "At six weeks, 48% of the nettle group slept well compared with 11% of the placebo group."
IN_FORMER_TIMES = "In former times nobody drank it."


@pytest.fixture(autouse=True)
def rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules, loaded once for all tests."""
    import pipeline.rules.kept as kept

    open_weights()
    monkeypatch.setattr(kept, "load_kept_rules", lambda _folder, strict: shipped_rules())


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    open_weights()
    folder = tmp_path_factory.mktemp("run")
    (folder / "a.html").write_text(page(SENTENCE), "utf-8")
    extract(Settings(raw=folder / "a.html", out=folder / "out", workers=0), shipped_rules())
    return folder / "out"


@pytest.fixture
def results(finished: Path, tmp_path: Path) -> Path:
    for file in finished.glob("*.json*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def claim_id(folder: Path) -> str:
    return str(next(c["claim_id"] for c in records(folder, "claims") if len(c["values"]) == 2))


def test_every_part_is_printed(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", claim_id(finished), str(finished)]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    heads = [line.split(" (")[0] for line in printed.out.splitlines() if line and not line.startswith(" ")]
    assert heads[0] == f"Claim {claim_id(finished)}"
    assert heads[1:3] == ["Parse", "Entities"]
    assert {"Figures", "Groups of the article", "Cues that fired", "Record"} <= set(heads)
    assert "48%: class result by " in printed.out
    assert "\x1b" not in printed.out
    assert SENTENCE in " ".join(printed.out.split())


def test_lines_are_no_wider_than_the_terminal(
    finished: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "64")
    assert run(["explain", claim_id(finished), str(finished)]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 64


def test_the_folder_is_extracted_where_none_is_named_and_json_holds_all_of_it(
    results: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(results.parent)
    results.rename(results.parent / "extracted")
    assert run(["explain", claim_id(Path("extracted")), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["claim"] in records(Path("extracted"), "claims")
    assert {"words", "entities", "figures", "groups", "cues", "strength"} <= set(found)


def test_an_unknown_id_or_folder_is_one_line(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, told in (
        (["c0", str(results)], "c0: no such claim in "),
        (["c0", str(results / "none")], "give the results folder"),
    ):
        assert run(["explain", *arguments]) == 2
        printed = capsys.readouterr()
        assert told in printed.err
        assert printed.err.count("\n") == 1
        assert printed.out == ""


@pytest.mark.parametrize("damaged", [None, "{}\n"])
def test_without_its_article_it_is_explained_all_the_same(
    damaged: str | None, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if damaged is None:
        (results / "articles.jsonl").unlink()
    else:
        (results / "articles.jsonl").write_text(damaged, "utf-8")
    assert run(["explain", claim_id(results), str(results)]) == 0
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1
    assert "no longer in the results" in printed.err
    assert "48%: class result by " in printed.out


def test_what_changed_since_the_run_is_one_line(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = results / "run.json"
    stored = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps({**stored, "rules": "0", "engine": "0"}), "utf-8")
    assert run(["explain", claim_id(results), str(results)]) == 0
    changed = capsys.readouterr().err
    assert changed.count("\n") == 1
    assert "changed since the run: the rules, the program;" in changed
    file.write_text("[]", "utf-8")
    assert run(["explain", claim_id(results), str(results)]) == 0
    assert "run.json cannot be read" in capsys.readouterr().err


def test_a_claim_that_would_be_another_now_shows_both(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = claim_id(results)
    lines = [{**c, "certainty": "hedged"} for c in records(results, "claims")]
    (results / "claims.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    assert run(["explain", name, str(results)]) == 0
    printed = capsys.readouterr().out
    assert printed.rstrip().endswith('What the program would write now\n  certainty: "asserted"')


def test_text_is_shown_and_nothing_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["extract", "--text", SENTENCE]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    rows = [line.split() for line in printed.out.splitlines()]
    assert ["48", "percent", "arm"] in [row[:3] for row in rows]
    assert ["11", "percent", "comparator"] in [row[:3] for row in rows]
    assert "six weeks = 42 days" in printed.out
    assert list(tmp_path.iterdir()) == []


def test_text_comes_from_standard_input_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["extract", "--text", SENTENCE]) == 0
    given = capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(("\ufeff" + SENTENCE + "\n").encode())))
    assert run(["extract", "--text", "-"]) == 0
    assert capsys.readouterr().out == given
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"48\xff")))
    assert run(["extract", "--text", "-"]) == 2
    assert "standard input: is no UTF-8 text" in capsys.readouterr().err


def test_text_without_claims_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["extract", "--text", IN_FORMER_TIMES]) == 0
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "claims: no claims\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--text", ""], "nothing to read"),
        (["--text", " \n"], "nothing to read"),
        (["--text", "caf\udce9 12%"], "no UTF-8"),
        (["--text", SENTENCE, "raw"], "--text cannot go with 'RAW'"),
        (["--text", SENTENCE, "-o", "out"], "--text cannot go with '-o' / '--out'"),
        (["--text", SENTENCE, "--since", "old"], "--text cannot go with '--since'"),
        (["--text", SENTENCE, "--workers", "2"], "--text cannot go with '--workers'"),
        (["raw"], "Missing option '-o' / '--out'"),
        (["-o", "out"], "Missing argument 'RAW'"),
    ],
)
def test_wrong_use_of_extract(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["extract", *arguments]) == 2
    assert told in capsys.readouterr().err
