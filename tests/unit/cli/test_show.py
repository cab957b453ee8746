"""Figures as people read them, and which of them are asked for."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli.show import command, figure
from pipeline.model import Value


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"value": 48.2, "unit": "percent"}, "48.2 percent"),
        ({"value": 50.0, "unit": "percent", "qualifier": "nearly"}, "just under 50 percent"),
        ({"value": 0.0, "unit": "percent", "group": "the tea group"}, "0 percent (the tea group)"),
        ({"low": 2.0, "high": 3.0, "unit": "times"}, "2 to 3 times"),
        ({"low": 40.0, "unit": "percentage_points"}, "40 to ? percentage points"),
        ({"value": 15_000_000.0, "unit": "people", "qualifier": "over"}, "> 15,000,000 people"),
        ({"text": "several weeks", "unit": "weeks"}, "several weeks"),
        ({"value": 0.47}, "0.47"),
    ],
)
def test_figure(fields: dict[str, object], shown: str) -> None:
    empty = dict.fromkeys(("value", "low", "high", "unit", "qualifier"))
    value = Value(**{"text": "x", "start": 0, "end": 1, **empty, **fields})  # type: ignore[arg-type]
    assert figure(value) == shown


def test_a_measure_that_is_none_is_told(tmp_path: Path) -> None:
    done = CliRunner().invoke(command, [str(tmp_path), "--measure", "proportions"])
    assert done.exit_code == 2
    assert "relative change" in done.output
