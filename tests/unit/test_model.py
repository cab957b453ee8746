"""Records and their JSON."""

import json

import msgspec
import pytest

from pipeline.model import Block, InputError, Reference, decode, encode, join_blocks


def test_a_record_is_one_line_for_every_reader() -> None:
    error = InputError(path="a\u2028b\u2029c\u0085d\ne", reason="é 10² \U0001f33f")
    line = encode(error).decode("utf-8")
    assert len(line.splitlines()) == 1
    assert json.loads(line) == {"path": error.path, "reason": error.reason}
    assert decode(line, InputError) == error


def test_records_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Block(kind="paragraph", text="tea").text = "water"  # type: ignore[misc]


def test_a_line_that_does_not_fit_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        decode('{"key": 7, "text": "x"}', Reference)


def test_blocks_are_laid_out_so_that_line_breaks_end_sentences() -> None:
    blocks = (
        Block(kind="heading", text="Tea", level=1),
        Block(kind="paragraph", text="It helps."),
        Block(kind="list_item", text="hot"),
        Block(kind="list_item", text="cold"),
        Block(kind="table_row", text="a | 1"),
        Block(kind="table_row", text="b | 2"),
        Block(kind="paragraph", text="End."),
    )
    assert join_blocks(blocks) == "Tea\n\nIt helps.\n\nhot\ncold\n\na | 1\nb | 2\n\nEnd."
    assert join_blocks(()) == ""
