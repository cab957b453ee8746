"""``claims parse`` and the option ``--model``."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest
import spacy

from pipeline.cli.app import run
from pipeline.cli.parse import _read
from pipeline.errors import UsageError
from pipeline.language.choice import ModelChoice
from pipeline.language.models import choose_model
from pipeline.run.extract import Settings, extract
from tests.support import page
from tests.unit.language.support import open_weights, shipped_rules, weights_folder
from tests.unit.language.test_models import build

TEXT = "After six weeks, 48% of the walkers slept well. Tea helps."


@pytest.fixture(autouse=True)
def rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules, loaded once for all tests."""
    import pipeline.rules.loader as loader

    monkeypatch.setattr(loader, "load_rules", lambda _folder, strict: shipped_rules())


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The weights that the tests run, as the program's own."""
    import pipeline.language.weights as weights

    open_weights()
    monkeypatch.setattr(weights, "shipped_weights", weights_folder)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("model") / "en_random", "tagger", "parser")


@pytest.mark.usefixtures("own")
def test_records_hold_the_whole_parse(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["parse", TEXT, "--json"]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert " ".join(record["text"] for record in records) == TEXT
    for record in records:
        assert record["text"] == TEXT[record["start"] : record["end"]]
        assert [token["number"] for token in record["tokens"]] == list(range(1, len(record["tokens"]) + 1))
        assert sum(token["head"] == 0 for token in record["tokens"]) == 1
        assert all(token["tag"] and token["pos"] and token["relation"] for token in record["tokens"])
        assert all(entity["text"] == TEXT[entity["start"] : entity["end"]] for entity in record["entities"])
    figures = [figure for record in records for figure in record["figures"]]
    share = next(figure for figure in figures if figure["text"] == "48%")
    assert sum(share["roles"].values()) == pytest.approx(1, abs=0.01)
    assert set(share["links"]) == {"group", "outcome", "time"}
    assert all(any(link["text"] is None for link in links) for links in share["links"].values())


@pytest.mark.usefixtures("own")
def test_the_table_is_for_people(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    file.write_text("\ufeff" + TEXT, "utf-8")
    assert run(["parse", str(file)]) == 0
    from_file = capsys.readouterr().out
    assert run(["parse", TEXT]) == 0
    assert capsys.readouterr().out == from_file
    assert "figure 48%: " in from_file
    assert "walkers" in from_file


def test_a_pipeline_of_the_user_s_parses(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["parse", TEXT, "--json", "--model", str(model)]) == 0
    printed = capsys.readouterr()
    records = [json.loads(line) for line in printed.out.splitlines()]
    assert {token["tag"] for record in records for token in record["tokens"]} <= {"NN", "VBD"}
    assert all(record["figures"] == [] for record in records)
    assert f"--model {model}: it has no entity recogniser" in printed.err


def test_what_steers_a_terminal_is_spelt_out(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["parse", "\x1b[31mRed\x1b[0m peas.", "--model", str(model)]) == 0
    printed = capsys.readouterr().out
    assert "\\x1b" in printed
    assert "\x1b" not in printed


@pytest.mark.parametrize("text", ["", "\n", "\x00", "a" * 5000, "/" + "a" * 5000, "no such file", "48%/52%"])
def test_what_names_no_file_is_text(text: str) -> None:
    assert _read(text) == text


def test_what_was_meant_as_a_file_is_not_parsed(tmp_path: Path) -> None:
    for text, told in (
        (str(tmp_path), "is a folder"),
        ("notes.txt", "no such file"),
        (f"{tmp_path}/a.HTML", "no such file"),
        ("caf\udce9 12%", "no UTF-8"),
    ):
        with pytest.raises(UsageError, match=told):
            _read(text)


def test_a_pipe_is_read_as_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("Tea helps.",))
    writer.start()
    assert _read(str(pipe)) == "Tea helps."
    writer.join()


@pytest.mark.usefixtures("own")
def test_a_word_without_end_does_not_widen_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["parse", "x" * 500 + " fell in May."]) == 0
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  ") and "VERB" in line]
    assert rows
    assert all(len(row) < 120 for row in rows)


@pytest.mark.usefixtures("own")
def test_figures_are_linked_within_what_the_model_saw_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    text = "; ".join(f"{number}% of the walkers slept" for number in range(200))
    assert run(["parse", text, "--json"]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    figures = [figure for record in records for figure in record["figures"]]
    assert [figure["text"] for figure in figures] == [f"{number}%" for number in range(200)]
    most = max(len(figure["links"]["group"]) for figure in figures)
    assert 1 < most < sum(len(record["entities"]) for record in records) / 2


def test_what_cannot_be_read_is_told(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "page.bin"
    file.write_bytes(b"\xff\xfe\x00")
    assert run(["parse", str(file), "--model", str(model)]) == 2
    assert "is no UTF-8 text" in capsys.readouterr().err
    assert run(["parse", TEXT, "--model", "en_core_web_none"]) == 2
    assert "python -m spacy download en_core_web_none" in capsys.readouterr().err


def test_weights_that_are_missing_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import pipeline.language.weights as weights

    monkeypatch.setattr(weights, "shipped_weights", lambda: tmp_path)
    assert run(["parse", TEXT]) == 5
    assert capsys.readouterr().err.count("\n") == 1


def test_the_model_is_part_of_what_results_depend_on(model: Path, tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "a.html").write_text(page("Of 80 gardeners, 62 percent slept well."), "utf-8")
    chosen = choose_model(shipped_rules(), str(model))

    def unchanged(choice: ModelChoice | None) -> int:
        settings = Settings(raw=raw, out=tmp_path / "out", workers=0, model=choice)
        return extract(settings, shipped_rules()).unchanged

    assert unchanged(None) == 0
    assert unchanged(chosen) == 0
    assert json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))["model"] == chosen.identity
    nlp = spacy.load(model)
    nlp.meta["version"] = "9.9"
    nlp.to_disk(model)
    assert unchanged(choose_model(shipped_rules(), str(model))) == 0


def test_extract_takes_a_model_and_says_what_it_lacks(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = tmp_path / "a.html"
    raw.write_text(page("Of 80 gardeners, 62 percent slept well."), "utf-8")
    arguments = ["extract", str(raw), "-o", str(tmp_path / "out"), "--workers", "0", "--model"]
    assert run([*arguments, str(model)]) == 0
    assert f"--model {model}: it has no entity recogniser" in capsys.readouterr().err
    assert run([*arguments, "en_core_web_none"]) == 2
