"""The flat table, as CSV and as Parquet."""

import csv
import io
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.export.csv import defused
from pipeline.export.rows import COLUMNS
from tests.unit.export.support import FORMULA, TEXT, article, claim, exported, write_results

ROOT = Path(__file__).parents[3]


def read(data: bytes) -> list[dict[str, str]]:
    """The rows as a stranger reads them, with the apostrophes taken off that stand before text."""
    table = csv.DictReader(io.StringIO(data.decode("utf-8"), newline=""))
    return [{name: cell.removeprefix("'") for name, cell in row.items()} for row in table]


def test_a_row_a_value_and_one_for_a_claim_without(results: Path) -> None:
    rows = read(exported(results, "csv"))
    assert [(row["claim_id"], row["value_index"]) for row in rows] == [
        ("c1", "0"),
        ("c1", "1"),
        ("c2", "0"),
        ("c3", ""),
        ("c4", "0"),
    ]
    assert all(list(row) == list(COLUMNS) for row in rows)


def test_every_span_is_the_text_at_its_offsets(results: Path) -> None:
    for row in read(exported(results, "csv")):
        assert TEXT[int(row["quote_start"]) : int(row["quote_end"])] == row["quote"]
        if row["value_index"]:
            assert TEXT[int(row["value_start"]) : int(row["value_end"])] == row["value_text"]


def test_slots_stand_in_their_columns(results: Path) -> None:
    first = read(exported(results, "csv"))[0]
    wanted = {
        "value": "12.0",
        "low": "",
        "n": "40",
        "role": "arm",
        "intervention": "cafe\u0301 tea",
        "intervention_id": "tea",
        "comparator": "",
        "timepoint_days": "42.0",
        "sample_size_value": "40.0",
        "study_ref_keys": "1; Marl et al., 2020",
        "study_doi": "",
        "direction": "lower",
        "publisher": "'Morning'",
    }
    assert {name: first[name] for name in wanted} == wanted


def test_no_text_cell_begins_a_formula_and_numbers_stay_numbers(results: Path) -> None:
    data = exported(results, "csv").decode()
    rows = list(csv.DictReader(io.StringIO(data, newline="")))
    assert rows[0]["title"] == "'+Tea, and 𝛃"
    assert rows[1]["group_id"] == "'-x"
    assert rows[3]["quote"] == "'" + FORMULA
    assert rows[2]["value"] == "-3.1"
    assert '"-3.1"' not in data
    for row in rows:
        for name, kind in COLUMNS.items():
            assert kind != "text" or not row[name].startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@a", "\tx", "\rx", "\nx", "＝1", "'quoted'", "''", "plain", "", "−5"]
)
def test_defused_text_can_be_had_back(text: str) -> None:
    cell = defused(text)
    assert isinstance(cell, str)
    assert cell.removeprefix("'") == text


def test_line_ends_and_quotes_in_cells_come_back(results: Path, tmp_path: Path) -> None:
    quote = 'He said "a, b"\r\nand\rthen; \u2028left\x00.'
    folder = write_results(tmp_path / "odd", [article("a", quote)], [claim("a", "c", quote, quote)])
    assert read(exported(folder, "csv"))[0]["quote"] == quote


def test_an_empty_run_is_a_header(empty: Path) -> None:
    assert exported(empty, "csv").decode() == ",".join(f'"{name}"' for name in COLUMNS) + "\n"


def test_the_docs_name_every_column_in_order() -> None:
    docs = (ROOT / "docs" / "exports.md").read_text("utf-8")
    places = [docs.find(f"`{name}`", docs.index("## csv")) for name in COLUMNS]
    assert -1 not in places
    assert all(first < second for first, second in pairwise(places))


def test_parquet_holds_the_same_table_with_types(results: Path, empty: Path) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow, the extra parquet, is not installed")
    import pyarrow as pa
    import pyarrow.parquet as pq

    data = exported(results, "parquet")
    table = pq.read_table(io.BytesIO(data))
    assert table.column_names == list(COLUMNS)
    assert table.schema.field("value").type == pa.float64()
    assert table.schema.field("value_start").type == pa.int64()
    rows = table.to_pylist()
    strings = [{name: "" if cell is None else str(cell) for name, cell in row.items()} for row in rows]
    assert strings == read(exported(results, "csv"))
    for row in rows:
        assert TEXT[row["quote_start"] : row["quote_end"]] == row["quote"]
        assert row["value_index"] is None or TEXT[row["value_start"] : row["value_end"]] == row["value_text"]
    assert exported(results, "parquet") == data
    assert pq.read_table(io.BytesIO(exported(empty, "parquet"))).num_rows == 0
