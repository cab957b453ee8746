"""CSV (RFC 4180, UTF-8, lines that end in a newline): a row a value. Text is quoted, numbers are not."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from pipeline.export.rows import COLUMNS, Cell, rows
from pipeline.export.source import Entry

_ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")
"""What a cell begins with that a spreadsheet runs as a formula (OWASP, CSV Injection), and the mark that says it shall not."""


def write(entries: Iterator[Entry], out: BinaryIO) -> None:
    """Writes a header and the rows of ``entries``, one article in memory at a time."""
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    try:
        # QUOTE_NONNUMERIC, since not every version of the module quotes a lone carriage return by itself.
        table = csv.DictWriter(text, COLUMNS, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
        table.writeheader()
        for entry in entries:
            table.writerows({name: defused(cell) for name, cell in row.items()} for row in rows(entry))
    finally:
        text.detach()


def defused(cell: Cell) -> Cell:
    """``cell`` as no spreadsheet takes it for a formula: text that might be one has an apostrophe before it.

    So has text that begins with an apostrophe, so that a reader who takes one away from every cell that has one gets the very text.
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_ACTIVE) else cell
