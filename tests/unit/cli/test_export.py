"""``claims export``."""

import csv
import io
import json
import sys
from pathlib import Path

import pytest

from pipeline.cli.app import run
from tests.unit.export.support import two_articles, write_results


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return write_results(tmp_path / "results", *two_articles())


def test_a_file_is_written_and_said(results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "claims.csv"
    assert run(["export", str(results), "--format", "csv", "-o", str(out)]) == 0
    assert "4 claims with 4 values of 2 articles" in capsys.readouterr().out
    assert len(list(csv.reader(io.StringIO(out.read_text("utf-8"), newline="")))) == 6
    assert run(["export", str(results), "--format", "csv", "-o", str(out)]) == 2
    assert "exists already" in capsys.readouterr().err
    assert run(["export", str(results), "--format", "csv", "-o", str(out), "--force", "-q"]) == 0
    assert capsys.readouterr().out == ""


def test_a_dash_is_standard_output(results: Path, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    out = tmp_path / "claims.json"
    assert run(["export", str(results), "--format", "webannotation", "-o", str(out), "-q"]) == 0
    assert run(["export", str(results), "--format", "webannotation", "-o", "-"]) == 0
    printed = capsysbinary.readouterr()
    assert printed.out == out.read_bytes()
    assert printed.err == b""
    assert json.loads(printed.out)["total"]


@pytest.mark.parametrize("name", ["csv", "labelstudio", "webannotation"])
def test_the_same_results_give_the_same_bytes(results: Path, tmp_path: Path, name: str) -> None:
    outs = [tmp_path / f"{number}.out" for number in (1, 2)]
    for out in outs:
        assert run(["export", str(results), "--format", name, "-o", str(out), "-q"]) == 0
    assert outs[0].read_bytes() == outs[1].read_bytes()


def test_a_folder_without_results_is_one_line_and_leaves_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "claims.csv"
    assert run(["export", str(tmp_path), "--format", "csv", "-o", str(out)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "claims.jsonl: No such file or directory; give the results folder of 'claims extract'" in line
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_line_is_one_line_and_the_file_stays_as_it_was(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "claims.csv"
    out.write_text("of yesterday")
    with (results / "claims.jsonl").open("ab") as file:
        file.write(b'{"claim_id":')
    assert run(["export", str(results), "--format", "csv", "-o", str(out), "--force"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "claims.jsonl:5: is no record" in line
    assert out.read_text() == "of yesterday"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["claims.csv", "results"]


def test_the_results_are_never_written_over(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    claims = results / "claims.jsonl"
    before = claims.read_bytes()
    assert run(["export", str(results), "--format", "csv", "-o", str(claims), "--force"]) == 2
    assert "is what the export reads" in capsys.readouterr().err
    assert claims.read_bytes() == before


def test_parquet_without_its_library_is_one_line(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # as if it were not installed
    assert run(["export", str(results), "--format", "parquet", "-o", str(tmp_path / "x")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "needs pyarrow, which is not installed: pip install 'claims-pipeline[parquet]'" in line
    assert not (tmp_path / "x").exists()


def test_an_unknown_format_is_wrong_use(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["export", str(results), "--format", "xlsx", "-o", "-"]) == 2
    assert "xlsx" in capsys.readouterr().err
