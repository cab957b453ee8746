"""``python -m bench.fuzz --count 10000``: so many made inputs, read with good articles beside them; 1 if anything went wrong."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from bench.common import write_table
from bench.fuzz.make import made
from bench.fuzz.runs import Told, fuzz

TABLE = "<!-- fuzz: make bench -->", "<!-- end of fuzz -->"
"""Where in the document the table stands."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="inputs to make (200)")
    parser.add_argument("--first", type=int, default=0, help="number of the first (0)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--size", type=int, default=100, help="inputs in a folder (100)")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="leave the folders that gave trouble here")
    parser.add_argument("--doc", type=Path, help="also write the table into this Markdown file, between its markers")
    parser.add_argument("--write", type=Path, help="only write the inputs into this folder")
    given = parser.parse_args(arguments)
    numbers = range(given.first, given.first + given.count)
    if given.write is not None:
        given.write.mkdir(parents=True, exist_ok=True)
        for number in numbers:
            one = made(given.seed, number)
            (given.write / one.name).write_bytes(one.data)
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) if given.keep is None else given.keep
        folder.mkdir(parents=True, exist_ok=True)
        told = fuzz(folder, numbers, given.seed, given.size, given.workers, _progress)
    print("\n".join([*told.lines(), *told.reasons]))
    if given.doc is not None:
        write_table(given.doc, TABLE, told.table())
    return 1 if told.wrong else 0


def _progress(told: Told) -> None:
    """Long runs are watched, and stopped by hand."""
    print(f"{told.inputs} inputs, {len(told.wrong)} wrong", *told.wrong[-3:], sep="\n", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
