"""Apache Parquet, written by pyarrow: the table of ``csv`` with types, and nothing defused."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from itertools import chain, islice
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import UsageError
from pipeline.export.rows import COLUMNS, rows
from pipeline.export.source import Entry

_ROWS = 10_000
"""Rows of a row group, which is what is in memory at a time."""


def write(entries: Iterator[Entry], out: BinaryIO) -> None:
    """Writes the rows of ``entries``. Raises UsageError where a number of a record does not fit into 64 bits."""
    if out.seekable() and out.tell() == 0:
        _write(entries, out)
        return
    # The format counts bytes from the beginning of its file, which a pipe cannot tell.
    with tempfile.TemporaryFile() as file:
        _write(entries, file)
        file.seek(0)
        shutil.copyfileobj(file, out)


def _write(entries: Iterator[Entry], out: BinaryIO) -> None:
    types = {"text": pa.string(), "integer": pa.int64(), "number": pa.float64()}
    schema = pa.schema([(name, types[kind]) for name, kind in COLUMNS.items()])
    waiting = chain.from_iterable(map(rows, entries))
    with pq.ParquetWriter(out, schema) as table:
        while group := list(islice(waiting, _ROWS)):
            try:
                batch = pa.RecordBatch.from_pylist(group, schema=schema)
            except (OverflowError, pa.ArrowInvalid) as error:
                raise UsageError(f"a number does not fit into 64 bits ({error}); export to csv instead") from error
            table.write_batch(batch)
