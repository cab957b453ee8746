"""JSON Lines."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from pipeline.config import Limits
from pipeline.model import SourceMeta
from pipeline.readers import jsonl as reader
from tests.unit.readers.helpers import PAGE, gzipped, jsonl, read_bytes, reasons

FULL = {
    "id": "tea-1",
    "text": "Tea drinkers slept 7.5 hours.",
    "url": "https://garden.example/tea",
    "title": " Tea \n and sleep ",
    "author": "A. Leaf",
    "publisher": "Garden Daily",
    "published": "2024-05-31",
    "kind": "news",
    "language": "en-GB",
    "unknown": {"kept": False},
}


def test_a_whole_line(tmp_path: Path) -> None:
    documents, errors = read_bytes(tmp_path, "a.jsonl", jsonl(FULL))
    assert errors == []
    assert documents[0].path == "a.jsonl#tea-1"
    assert documents[0].input_id == "tea-1"
    assert documents[0].media == "text"
    assert documents[0].content == "Tea drinkers slept 7.5 hours."
    assert documents[0].sha256 == hashlib.sha256(jsonl(FULL).rstrip(b"\n")).hexdigest()
    assert documents[0].meta == SourceMeta(
        url="https://garden.example/tea",
        title="Tea and sleep",
        author="A. Leaf",
        publisher="Garden Daily",
        published="2024-05-31",
        kind="news",
        language="en",
    )


def test_html_wins_over_text_and_blank_html_does_not(tmp_path: Path) -> None:
    data = jsonl(
        {"text": "Tea.", "html": PAGE}, {"text": "Tea.", "html": "  "}, {"text": PAGE}, {"html": None, "text": "Tea."}
    )
    documents, errors = read_bytes(tmp_path, "a.jsonl", data)
    assert errors == []
    assert [(document.media, document.content) for document in documents] == [
        ("html", PAGE),
        ("text", "Tea."),
        ("html", PAGE),
        ("text", "Tea."),
    ]


def test_lines_without_id_and_blank_lines(tmp_path: Path) -> None:
    data = b'\xef\xbb\xbf{"text": "One."}\r\n\n  \n{"text": "Two.", "id": " "}'
    documents, errors = read_bytes(tmp_path, "a.jsonl", data)
    assert errors == []
    assert [(document.path, document.input_id) for document in documents] == [
        ("a.jsonl#line-1", None),
        ("a.jsonl#line-4", None),
    ]


@pytest.mark.parametrize(
    ("written", "input_id"), [("7", "7"), ("7.10", "7.10"), ("9" * 200, "9" * 200), ('"a b"', "a b")]
)
def test_ids_as_written(tmp_path: Path, written: str, input_id: str) -> None:
    documents, errors = read_bytes(tmp_path, "a.jsonl", f'{{"text": "Tea.", "id": {written}}}\n'.encode())
    assert errors == []
    assert documents[0].input_id == input_id


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"text": "Tea."', "is not valid JSON: Expecting ',' delimiter at character 16"),
        ('["text", "Tea."]', "is a list instead of an object with an article"),
        ("7", "is a number instead of an object with an article"),
        ("null", "is null instead of an object with an article"),
        ("{}", 'has neither "text" nor "html" with anything in it'),
        ('{"text": ""}', 'has neither "text" nor "html" with anything in it'),
        ('{"text": 7}', '"text" is a number instead of a string'),
        ('{"text": "Tea.", "html": ["x"]}', '"html" is a list instead of a string'),
        ('{"text": "Tea.", "id": true}', '"id" is true or false instead of a string'),
        ('{"text": "Tea.", "id": ["x"]}', '"id" is a list instead of a string'),
        ('{"text": "Tea.", "id": "' + "x" * 400 + '"}', '"id" is longer than 300 characters'),
        ("[" * 100_000, "is not valid JSON: it is nested too deeply"),
        ('{"text": "Tea.", "id": "first"}', 'has the id "first" that line 1 has already; ids are given once in a file'),
        ("\x00\x01", "is not valid JSON: Expecting value at character 1"),
    ],
)
def test_a_broken_line_costs_that_line(tmp_path: Path, line: str, reason: str) -> None:
    data = b'{"text": "One.", "id": "first"}\n' + line.encode() + b'\n{"text": "Three.", "id": 3}\n'
    documents, errors = read_bytes(tmp_path, "a.jsonl", data)
    assert [document.input_id for document in documents] == ["first", "3"]
    assert [(error.path, error.reason) for error in errors] == [("a.jsonl#line-2", reason)]


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        (
            "kind",
            "blog",
            '"kind" is none of primary, review, news, press, clinic, reference, other; the field is left out',
        ),
        ("kind", 3, '"kind" is a number instead of a string; the field is left out'),
        ("title", ["x"], '"title" is a list instead of a string; the field is left out'),
        ("title", "x" * 5000, '"title" is longer than 2000 characters; the field is left out'),
        ("url", "javascript:alert(1)", '"url" is no http or https address; the field is left out'),
        ("published", "last spring", '"published" is no date of the form 2024-05-31; the field is left out'),
        ("published", "03/04/2020", '"published" is no date of the form 2024-05-31; the field is left out'),
        ("published", "2024-02-30", '"published" is no date of the form 2024-05-31; the field is left out'),
        ("language", "English!", '"language" is no language code such as en; the field is left out'),
    ],
)
def test_a_bad_field_costs_that_field(tmp_path: Path, field: str, value: object, reason: str) -> None:
    documents, errors = read_bytes(
        tmp_path, "a.jsonl", jsonl({"id": "t", "text": "Tea.", "publisher": "Garden", field: value})
    )
    assert [(error.path, error.reason) for error in errors] == [("a.jsonl#t", reason)]
    assert documents[0].meta == SourceMeta(publisher="Garden")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2024", "2024"),
        ("2024-05", "2024-05"),
        ("2024/05/31", "2024-05-31"),
        ("2024-05-31T08:00:00Z", "2024-05-31"),
        ("Fri, 31 May 2024 08:00:00 GMT", "2024-05-31"),
        (2024, "2024"),
        ("25/04/2020", "2020-04-25"),
        # The names of months are rules, which cleaning reads.
        ("March 2019", "March 2019"),
        ("", None),
        (None, None),
    ],
)
def test_dates(tmp_path: Path, given: object, kept: str | None) -> None:
    documents, errors = read_bytes(tmp_path, "a.jsonl", jsonl({"text": "Tea.", "published": given}))
    assert errors == []
    assert documents[0].meta.published == kept


def test_kind_in_any_case_and_several_authors(tmp_path: Path) -> None:
    documents, errors = read_bytes(
        tmp_path, "a.jsonl", jsonl({"text": "Tea.", "kind": " Press ", "author": ["A. Leaf", "B. Root"]})
    )
    assert errors == []
    assert documents[0].meta == SourceMeta(kind="press", author="A. Leaf, B. Root")


def test_odd_characters_survive(tmp_path: Path) -> None:
    line = b'{"id": "a\\ud800", "text": "5\\u0000mg, \\ud83c\\udf75 and \\udc00", "score": NaN, "n": -Infinity, "b": "raw\ttab\x00"}\n'
    documents, errors = read_bytes(tmp_path, "a.jsonl", line)
    assert errors == []
    assert documents[0].content == "5\ufffdmg, 🍵 and \ufffd"
    assert documents[0].path == "a.jsonl#a\ufffd"


def test_encodings(tmp_path: Path) -> None:
    line = '{"id": "1", "text": "20 °C – “tea”"}\n{"id": "2", "text": "½ cup"}\n'
    for name, encoding in (
        ("a.jsonl", "utf-8"),
        ("b.jsonl", "utf-16"),
        ("c.jsonl", "utf-16-le"),
        ("d.jsonl", "cp1252"),
    ):
        documents, errors = read_bytes(tmp_path, name, line.encode(encoding))
        assert errors == []
        assert [document.content for document in documents] == ["20 °C – “tea”", "½ cup"]


def test_a_line_too_long_is_skipped(tmp_path: Path) -> None:
    data = jsonl({"id": 1, "text": "Tea."}, {"id": 2, "text": "x" * 5000}, {"id": 3, "text": "Tea."})
    documents, errors = read_bytes(tmp_path, "a.jsonl", data, Limits(article_bytes=1000, file_bytes=2000))
    assert [document.input_id for document in documents] == ["1", "3"]
    assert [error.path for error in errors] == ["a.jsonl#line-2"]
    assert "too much for an article" in errors[0].reason


def test_a_line_at_the_limit_is_read(tmp_path: Path) -> None:
    line = json.dumps({"text": "x" * 100})
    for end in ("\n", "\r\n", ""):
        limits = Limits(article_bytes=len(line))
        assert len(read_bytes(tmp_path, "a.jsonl", (line + end).encode(), limits)[0]) == 1
        assert len(read_bytes(tmp_path, "a.jsonl", (line + end).encode(), Limits(article_bytes=len(line) - 1))[1]) == 1


def test_a_line_without_end_gives_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_SKIP_LIMIT", 100_000)
    monkeypatch.setattr(reader, "_SKIP_PIECE", 10_000)
    data = gzipped(jsonl({"text": "Tea."}) + b'{"text": "' + b"x" * 1_000_000)
    documents, errors = read_bytes(tmp_path, "a.jsonl.gz", data, Limits(article_bytes=1000))
    assert len(documents) == 1
    assert reasons(errors)[-1] == "is not read beyond that line, which has no end"


def test_cut_gzip_gives_the_whole_lines(tmp_path: Path) -> None:
    lines = jsonl(
        *({"id": number, "text": f"Bed {number} grew {number * 7919 % 997} beans."} for number in range(3000))
    )
    data = gzipped(lines)
    documents, errors = read_bytes(tmp_path, "a.jsonl.gz", data[: len(data) // 2])
    assert 1000 < len(documents) < 2000
    assert reasons(errors) == [
        f"the compressed data is cut short after {len(documents):,} whole lines; these were read, fetch the file again for the rest"
    ]


def test_json_that_is_no_json_lines(tmp_path: Path) -> None:
    listed = read_bytes(tmp_path, "a.jsonl", b'[\n  {"text": "Tea."}\n]\n')
    assert reasons(listed[1]) == ["is one JSON list instead of one article a line; convert it with: jq -c '.[]'"]
    prose = read_bytes(tmp_path, "b.jsonl", b"Tea drinkers slept longer.\n" * 100)
    assert reasons(prose[1]) == ["holds no JSON object at the start of a line, so it is not one article a line"]


def test_many_broken_lines_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_LISTED", 3)
    documents, errors = read_bytes(tmp_path, "a.jsonl", b"{\n" * 8 + jsonl({"text": "Tea."}))
    assert len(documents) == 1
    assert len(errors) == 4
    assert (errors[-1].path, errors[-1].reason) == ("a.jsonl", "has 5 more problems of the kind listed before")
