"""What the benchmark command says of the figures it measured."""

import json
from pathlib import Path

import pytest

from bench import __main__ as bench
from bench.common import written

FIGURES = {"tea: F1": 0.9129, "tea: recall": None}


def test_a_figure_below_its_floor_is_named() -> None:
    assert bench.below({"tea: F1": 0.90}, {"tea: F1": 0.91, "milk: F1": 0.5}) == [
        "tea: F1: 0.9 is below its floor 0.91"
    ]
    assert bench.below({"tea: F1": 0.91}, {"tea: F1": 0.91}) == []
    assert bench.below({"tea: F1": None}, {"tea: F1": 0.91}) != []


def test_floors_rise_freely_and_fall_only_when_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "FLOORS", tmp_path / "floors.json")
    bench.write_floors(FIGURES, {"tea: F1": 0.5}, lower=False)
    assert json.loads((tmp_path / "floors.json").read_text("utf-8")) == {"tea: F1": 0.91}
    bench.write_floors(FIGURES, {"tea: F1": 0.95}, lower=False)
    assert json.loads((tmp_path / "floors.json").read_text("utf-8")) == {"tea: F1": 0.95}
    bench.write_floors(FIGURES, {"tea: F1": 0.95}, lower=True)
    assert json.loads((tmp_path / "floors.json").read_text("utf-8")) == {"tea: F1": 0.91}


def test_every_figure_has_a_place_in_the_table() -> None:
    names = [f"{b.name}: {label}" for b in bench.BENCHMARKS for label, _, _ in b.figures]
    assert len(set(names)) == len(names)
    lines = bench.table(list(bench.BENCHMARKS), dict.fromkeys(names, 0.5), {})
    assert len(lines) == len(names) + 2
    assert all(line.count("|") == 6 for line in lines)


def test_a_table_is_written_between_its_marks_and_nowhere_else() -> None:
    document = "a\n<!-- x -->\nold\n<!-- y -->\nb\n"
    assert written(document, ("<!-- x -->", "<!-- y -->"), ["| new |"]) == "a\n<!-- x -->\n| new |\n<!-- y -->\nb\n"
    assert written(document, ("<!-- z -->", "<!-- y -->"), ["| new |"]) == document


def test_without_benchmarks_nothing_is_measured_and_nothing_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.main(["--shared", str(tmp_path / "nowhere")]) == 0
    assert "nothing was measured" in capsys.readouterr().out


def test_a_line_that_could_not_be_measured_stays_as_it_was() -> None:
    from bench.cost import Measured, kept_lines

    old = [
        Measured("peers", "ours", "theirs", 3.0, "then").line(),
        Measured("gone", "mine", "yours", None, "why").line(),
    ]
    now = [
        Measured("pages", "new", "other", 1.0, "now"),
        Measured("peers", "ours", "theirs", None, "not installed"),
        Measured("gone", "mine", "yours", None, "still"),
    ]
    assert list(kept_lines(now, "\n".join(old))) == [now[0].line(), old[0], now[2].line()]
