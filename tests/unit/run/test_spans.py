"""Where records stand: a block at a time where all of it can be read, else line by line, with the same outcome."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.many import Corpus
from pipeline.errors import UsageError
from pipeline.model import Claim
from pipeline.run.results import ARTICLES, CLAIMS, numbered_records
from pipeline.run.span_index import indexed
from pipeline.run.spans import Chunk, Reader, Scanned, chunks, scan


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Corpus(300).write(tmp_path)
    return tmp_path


def scanned(path: Path, data: bytes) -> Scanned:
    path.write_bytes(data)
    (chunk,) = chunks(path)
    return scan(chunk)


def columns(found: Scanned) -> list[list[int]]:
    return [np.frombuffer(data, np.uint64).tolist() for data in found.columns]


def test_an_empty_line_changes_nothing_but_the_places_and_numbers_of_what_follows(folder: Path) -> None:
    data = (folder / CLAIMS).read_bytes()
    plain, spaced = scanned(folder / CLAIMS, data), scanned(folder / CLAIMS, b"\n" + data)
    assert plain.lines == data.count(b"\n")
    assert columns(plain)[2] == list(range(1, plain.lines + 1))
    assert [at + 1 for at in columns(plain)[0]] == columns(spaced)[0]
    assert [number + 1 for number in columns(plain)[2]] == columns(spaced)[2]
    for place in (1, 3, 4):
        assert columns(plain)[place] == columns(spaced)[place]


@pytest.mark.parametrize("second", [b'{"article_id":1}', b"[]", b"{}", b'{"article_id":"a"} {"article_id":"b"}', b"{"])
def test_the_first_line_that_is_no_record_is_told_by_its_number(tmp_path: Path, second: bytes) -> None:
    found = scanned(tmp_path / CLAIMS, b'{"article_id":"a","claim_id":"x"}\n' + second + b"\n")
    assert found.lines == 2
    assert found.problem is not None


def test_a_last_line_without_an_end_is_read(tmp_path: Path) -> None:
    found = scanned(tmp_path / CLAIMS, b'{"article_id":"a","claim_id":"x"}\n{"article_id":"a","claim_id":"y"}')
    assert (found.lines, found.problem, len(columns(found)[0])) == (2, None, 2)


def test_heads_come_with_the_lines_of_articles_alone(folder: Path) -> None:
    (articles,), (claims,) = chunks(folder / ARTICLES), chunks(folder / CLAIMS)
    heads = scan(articles).heads
    assert heads is not None
    assert len(heads) == scan(articles).lines
    assert scan(claims).heads is None
    whole = indexed(folder, 0).articles
    (folder / ARTICLES).write_bytes(b"\n" + (folder / ARTICLES).read_bytes())  # so that they are read one by one
    assert indexed(folder, 0).articles == whole


def test_the_claims_of_chosen_articles_are_read_in_the_order_asked_for(folder: Path) -> None:
    index = indexed(folder, 0)
    chosen = [5, 0, 9]
    with Reader(folder) as reader:
        read = [reader.read(where) for where in index.spans.where(chosen)]
    assert [article.article_id for article, _, _ in read] == [index.articles[at].article_id for at in chosen]
    every = [claim for _, claim in numbered_records(folder / CLAIMS, Claim)]
    for article, claims, _ in read:
        assert claims == [claim for claim in every if claim.article_id == article.article_id]
        assert claims


def test_a_line_that_went_bad_since_is_told_by_its_number(folder: Path) -> None:
    spans = indexed(folder, 0).spans
    data = (folder / CLAIMS).read_bytes()
    (folder / CLAIMS).write_bytes(data.replace(b'"claim_id"', b'"claim_ix"'))
    with Reader(folder) as reader, pytest.raises(UsageError, match=rf"{CLAIMS}:\d+: .*claim_id"):
        list(map(reader.read, spans.where(range(spans.count))))


def test_a_chunk_knows_its_place(tmp_path: Path) -> None:
    (tmp_path / CLAIMS).write_bytes(b'{"article_id":"a"}\n{"article_id":"b"}\n')
    found = scan(Chunk(tmp_path / CLAIMS, 19, 38))
    assert columns(found)[:3] == [[19], [19], [1]]
