"""A folder of everything that goes wrong in practice: each costs one clear line, the rest is read."""

from __future__ import annotations

import os
import random
import resource
import sys
from pathlib import Path

import pytest

from pipeline.config import Limits
from pipeline.model import InputError, RawDocument, encode
from pipeline.readers.base import Source, read_source
from pipeline.run.discover import discover
from tests.unit.readers.helpers import PAGE, gzipped, http, jsonl, pdf, read_file, warc_record


def spoil(folder: Path) -> dict[str, int]:
    """Fill ``folder`` with bad input; how many articles can still be read from each file."""
    noise = random.Random(7).randbytes
    line = jsonl({"id": "good", "text": "Tea drinkers slept 7.5 hours."})
    record = warc_record(http(PAGE.encode()))
    files: dict[str, tuple[bytes, int]] = {
        "good.html": (PAGE.encode(), 1),
        "empty.html": (b"", 0),
        "blank.txt": (b"\n\n", 0),
        "noise.html": (noise(5000), 0),
        "noise.txt": (noise(5000), 0),
        "noise.pdf": (b"%PDF-1.7\n" + noise(5000), 0),
        "noise.html.gz": (b"\x1f\x8b\x08\0\0\0\0\0\0\0" + noise(5000), 0),
        "noise.warc": (b"WARC/1.0\r\n" + noise(5000), 0),
        "noise.jsonl": (line + noise(500).replace(b"\n", b"") + b"\n", 1),
        "cut.html.gz": (gzipped(PAGE.encode())[:-10], 0),
        "cut.jsonl.gz": (gzipped(line, line)[:-10], 1),
        "cut.warc": (record + record[:-50], 1),
        "cut.warc.gz": (gzipped(record, record)[:-20], 1),
        "cut.pdf": (pdf("Tea")[:200], 0),
        "brackets.jsonl": (line + b"[" * 50_000 + b"\n", 1),
        "zip.txt": (b"PK\x03\x04" + noise(100), 0),
        "image.html": (b"\x89PNG\r\n\x1a\n" + noise(100), 0),
    }
    for name, (data, _) in files.items():
        (folder / name).write_bytes(data)
    return {name: count for name, (_, count) in files.items()}


def test_one_line_for_each_and_the_rest_is_read(tmp_path: Path) -> None:
    expected = spoil(tmp_path)
    sources, errors = discover(tmp_path)
    assert errors == []
    assert [source.path for source in sources] == sorted(expected)
    for source in sources:
        results = list(read_source(source, Limits()))
        documents = [item for item in results if isinstance(item, RawDocument)]
        problems = [item for item in results if isinstance(item, InputError)]
        assert (source.path, len(documents)) == (source.path, expected[source.path])
        assert len(problems) == (source.path != "good.html"), problems
        for item in results:
            encode(item)
        for problem in problems:
            assert problem.path.partition("#")[0] == source.path
            assert str(tmp_path) not in problem.reason
            assert problem.reason.isprintable()


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    spoil(tmp_path)
    first, second = ([list(read_source(source, Limits())) for source in discover(tmp_path)[0]] for _ in range(2))
    assert first == second


def test_a_page_of_50_megabytes_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "huge.html"
    with file.open("wb") as out:
        out.write(PAGE.encode() + b" " * 2**17)
        out.truncate(50 * 2**20)  # sparse: reading it would take memory, refusing it must not
    documents, errors = read_file(file)
    assert documents == []
    assert [error.reason for error in errors] == ["is 50 MiB, more than the 20 MiB an article may have"]


def test_a_compressed_page_of_200_megabytes_is_refused_in_little_memory(tmp_path: Path) -> None:
    import zlib

    file = tmp_path / "bomb.html.gz"
    compress = zlib.compressobj(1, zlib.DEFLATED, 31)
    blank = b" " * 2**20
    file.write_bytes(
        b"".join([compress.compress(PAGE.encode()), *(compress.compress(blank) for _ in range(200)), compress.flush()])
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    documents, errors = read_file(file)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert documents == []
    assert len(errors) == 1
    if sys.platform == "linux":
        assert grown < 100 * 1024  # KiB; the page itself would be 200 MiB


def test_a_file_that_vanishes_between_walk_and_reading(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(PAGE)
    (source,) = discover(tmp_path)[0]
    os.unlink(source.absolute)
    assert [item.reason for item in read_source(source, Limits()) if isinstance(item, InputError)] == [
        "cannot be read: no such file or directory"
    ]


def test_a_file_that_turns_into_a_pipe_does_not_hang(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(PAGE)
    (source,) = discover(tmp_path)[0]
    os.unlink(source.absolute)
    os.mkfifo(source.absolute)
    assert len(list(read_source(source, Limits()))) == 1


@pytest.mark.parametrize("cut", range(0, 900, 37))
def test_a_cut_archive_never_gives_part_of_a_page(tmp_path: Path, cut: int) -> None:
    records = [warc_record(http(PAGE.encode()), number=number) for number in (1, 2)]
    for data in (b"".join(records), gzipped(*records)):
        file = tmp_path / "a.warc"
        file.write_bytes(data[: max(0, len(data) - cut)])
        results = list(read_source(Source(path="a.warc", absolute=str(file)), Limits()))
        assert {item.content for item in results if isinstance(item, RawDocument)} <= {PAGE}
        assert results
