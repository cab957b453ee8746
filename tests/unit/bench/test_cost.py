"""What the command for costs says where there is nothing to measure, and how it measures."""

from pathlib import Path

import pytest

from bench import cost


def test_without_articles_nothing_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cost.main(["--shared", str(tmp_path)]) == 0
    assert "nothing was measured" in capsys.readouterr().out


def test_an_unknown_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as refused:
        cost.main(["prices", "--shared", str(tmp_path)])
    assert refused.value.code == 2


def test_each_way_is_timed_on_each_thing() -> None:
    done: list[tuple[str, int]] = []
    times = cost.in_turn([1, 2], lambda n: done.append(("one", n)), lambda n: done.append(("other", n)))
    assert len(times) == 2
    assert done.count(("one", 2)) == done.count(("other", 2)) == 3


def test_the_same_part_is_chosen_every_time() -> None:
    names = [f"article {number}" for number in range(400)]
    part = cost.chosen(names, 8, str)
    assert part == cost.chosen(list(reversed(names)), 8, str)[::-1]
    assert 20 < len(part) < 90


def test_a_line_of_the_table() -> None:
    told = cost.Measured("pages", "ours", "theirs", 1.234, "3 pages")
    assert told.line() == "| ours | theirs | 1.23 | at most 1.3 | 3 pages |"
    assert told._replace(ratio=None).line() == "| ours | theirs | not measured | at most 1.3 | 3 pages |"
