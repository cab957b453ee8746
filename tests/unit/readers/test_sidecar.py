"""Sidecars and front matter."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.model import SourceMeta
from tests.unit.readers.helpers import PAGE, http, jsonl, read_bytes, reasons, record_name, warc_record

GIVEN = {"id": "tea-1", "url": "https://garden.example/tea", "publisher": "Garden Daily", "kind": "news", "note": 1}
META = SourceMeta(url="https://garden.example/tea", publisher="Garden Daily", kind="news")


@pytest.mark.parametrize(
    ("article", "sidecar"),
    [
        ("a.html", "a.html.meta.json"),
        ("a.html", "a.meta.json"),
        ("a.html.gz", "a.html.gz.meta.json"),
        ("a.html.gz", "a.html.meta.json"),
        ("a.html.gz", "a.meta.json"),
        ("a.b.txt", "a.b.meta.json"),
        ("a.md", "a.meta.json"),
        ("a", "a.meta.json"),
    ],
)
def test_names(tmp_path: Path, article: str, sidecar: str) -> None:
    (tmp_path / sidecar).write_text(json.dumps(GIVEN))
    documents, errors = read_bytes(tmp_path, article, PAGE.encode())
    assert errors == []
    assert documents[0].input_id == "tea-1"
    assert documents[0].meta == META


def test_the_full_name_comes_first(tmp_path: Path) -> None:
    (tmp_path / "a.html.meta.json").write_text('{"title": "full"}')
    (tmp_path / "a.meta.json").write_text('{"title": "stem"}')
    assert read_bytes(tmp_path, "a.html", PAGE.encode())[0][0].meta == SourceMeta(title="full")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "is not valid JSON: Expecting property name enclosed in double quotes at character 2"),
        ("", "is not valid JSON: Expecting value at character 1"),
        ("[1]", "holds a list instead of an object with url, title and the like"),
        (
            '{"kind": "blog"}',
            '"kind" is none of primary, review, news, press, clinic, reference, other; the field is left out',
        ),
        ("[" * 100_000, "is not valid JSON: it is nested too deeply"),
        (" " * 2_000_000, "is larger than 1 MiB, too much for a sidecar"),
    ],
)
def test_a_broken_sidecar_does_not_cost_the_article(tmp_path: Path, content: str, reason: str) -> None:
    (tmp_path / "a.html.meta.json").write_text(content)
    documents, errors = read_bytes(tmp_path, "a.html", PAGE.encode())
    assert [(error.path, error.reason) for error in errors] == [("a.html.meta.json", reason)]
    assert [document.meta for document in documents] == [SourceMeta()]


def test_what_is_right_in_a_sidecar_is_used(tmp_path: Path) -> None:
    (tmp_path / "a.html.meta.json").write_text('{"kind": 7, "title": "Tea", "id": 12}')
    documents, errors = read_bytes(tmp_path, "a.html", PAGE.encode())
    assert reasons(errors) == ['"kind" is a number instead of a string; the field is left out']
    assert documents[0].meta == SourceMeta(title="Tea")
    assert documents[0].input_id == "12"


def test_a_linked_sidecar_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text('{"title": "secret"}')
    (tmp_path / "a.html.meta.json").symlink_to(tmp_path / "elsewhere")
    documents, errors = read_bytes(tmp_path, "a.html", PAGE.encode())
    assert reasons(errors) == ["is no plain file, so it is not read"]
    assert documents[0].meta == SourceMeta()


def test_archives_take_only_what_fits_all_their_articles(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.meta.json").write_text(json.dumps(GIVEN))
    documents, _ = read_bytes(
        tmp_path, "a.jsonl", jsonl({"text": "Tea."}, {"text": "Knees.", "kind": "press", "id": "k"})
    )
    assert [document.input_id for document in documents] == [None, "k"]
    assert [document.meta for document in documents] == [
        SourceMeta(publisher="Garden Daily", kind="news"),
        SourceMeta(publisher="Garden Daily", kind="press"),
    ]
    (tmp_path / "b.warc.meta.json").write_text(json.dumps(GIVEN))
    documents, _ = read_bytes(tmp_path, "b.warc", warc_record(http(PAGE.encode()), uri="https://garden.example/own"))
    assert documents[0].meta == SourceMeta(url="https://garden.example/own", publisher="Garden Daily", kind="news")
    assert documents[0].path == f"b.warc#{record_name(1)}"


def test_front_matter(tmp_path: Path) -> None:
    text = "---\ntitle: Tea\ndate: 2024-05-31\nkind: 12\ntags: [a, b]\n---\n\n# Tea\n\nIt helps."
    documents, errors = read_bytes(tmp_path, "a.md", text.encode())
    assert errors == []
    assert documents[0].content == "# Tea\n\nIt helps."
    assert documents[0].meta == SourceMeta(title="Tea", published="2024-05-31")
    (tmp_path / "a.meta.json").write_text('{"title": "Knees"}')
    assert read_bytes(tmp_path, "a.md", text.encode())[0][0].meta == SourceMeta(title="Knees", published="2024-05-31")


@pytest.mark.parametrize(
    "text",
    [
        "---\nJust a rule above.\n---\nMore.",
        "---\n\ttitle: [\n---\nMore.",
        "---\ntitle: no end\n\nMore.",
        "- tea\n---\nMore.",
    ],
)
def test_what_only_looks_like_front_matter_stays(tmp_path: Path, text: str) -> None:
    documents, errors = read_bytes(tmp_path, "a.md", text.encode())
    assert errors == []
    assert documents[0].content == text


def test_front_matter_alone_is_empty(tmp_path: Path) -> None:
    assert reasons(read_bytes(tmp_path, "a.md", b"---\ntitle: Tea\n---\n")[1]) == ["is empty"]


def test_front_matter_that_is_no_yaml_is_read_line_by_line(tmp_path: Path) -> None:
    text = "---\ntitle: Tea: a long sleep\nauthor: Jane Roe\ndate: 2024-05-31\n---\n\n# Tea\n\nIt helps."
    documents, errors = read_bytes(tmp_path, "a.md", text.encode())
    assert errors == []
    assert documents[0].meta == SourceMeta(title="Tea: a long sleep", author="Jane Roe", published="2024-05-31")
    assert documents[0].content == "# Tea\n\nIt helps."


def test_a_rule_at_the_start_is_no_front_matter(tmp_path: Path) -> None:
    text = "---\nTea: it helps, and 'milk\nSaid one.\n---\n\nIt helps."
    documents, _ = read_bytes(tmp_path, "a.md", text.encode())
    assert documents[0].content == text
