"""Inputs that are made: the same for the same number, of every format, and told apart from what they must not harm."""

from __future__ import annotations

from pathlib import Path

from bench.common import Ended
from bench.fuzz.hostile import make
from bench.fuzz.make import made
from bench.fuzz.neighbours import write_neighbours
from bench.fuzz.runs import Told, _wrong


def test_an_input_is_told_by_its_number() -> None:
    some = [made(7, number) for number in range(200)]
    assert some == [made(7, number) for number in range(200)]
    assert some != [made(8, number) for number in range(200)]
    kinds = {one.name.split("-")[1].split(".")[0] for one in some}
    assert kinds == {"page", "html", "text", "markdown", "jsonl", "warc", "pdf", "noise"}
    assert len({one.name for one in some}) == 200


def test_hostile_pages_are_made_again_the_same() -> None:
    assert make() == make()


def test_neighbours_are_of_several_formats(tmp_path: Path) -> None:
    write_neighbours(tmp_path / "good")
    assert {path.suffix for path in (tmp_path / "good").iterdir()} == {".html", ".txt", ".md", ".jsonl"}


def test_what_goes_wrong_is_told() -> None:
    place = Path("from-0")
    assert _wrong(place, "extract", Ended(0, "claims: a: is empty\n", 1.0, 1.0, 0), (0, 3)) == []
    assert len(_wrong(place, "extract", Ended(1, "Traceback (most recent call last):\n", 1.0, 1.0, 0), (0, 3))) == 3
    told = Told(inputs=5, wrong=["x"])
    assert told.lines()[-1] == "1 wrong"
    assert all(line.count("|") == 4 for line in told.table())
    assert told.table()[-1].endswith("| 1 | 0 |")
