"""The registry, the choice of a format by content and name, and what holds for files of every format."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from pipeline.config import Limits
from pipeline.readers.base import Source, file_key, formats, is_archive, read_source
from tests.unit.readers.helpers import PAGE, gzipped, jsonl, pdf, read_bytes, read_file, reasons, warc_record


def test_registered_formats() -> None:
    assert {entry.name: entry.suffixes for entry in formats()} == {
        "html": (".html", ".htm", ".xhtml"),
        "jsonl": (".jsonl", ".ndjson"),
        "markdown": (".md", ".markdown"),
        "pdf": (".pdf",),
        "text": (".txt", ".text"),
        "warc": (".warc",),
    }


def test_each_format_has_one_line_of_help() -> None:
    for entry in formats():
        assert entry.help.endswith(".")
        assert "\n" not in entry.help


@pytest.mark.parametrize(
    "name", ["a.html", "a.htm", "a.xhtml", "a.HTML", "a.html.gz", "a.txt", "a.md", "a.php", "a", "a.jsonl"]
)
def test_a_page_is_html_under_any_name(tmp_path: Path, name: str) -> None:
    documents, errors = read_bytes(tmp_path, name, PAGE.encode())
    assert errors == []
    assert [(document.media, document.content) for document in documents] == [("html", PAGE)]


@pytest.mark.parametrize(
    ("name", "data", "media"),
    [
        ("a.txt", b"Tea drinkers slept longer.", "text"),
        ("a", b"Tea drinkers slept longer.", "text"),
        ("a.html", b"Tea drinkers slept longer.\n\nBy 3 < 4 hours.", "text"),
        ("a.html", b"Knees <b>hurt</b> less.", "html"),
        ("a.txt", b"<p>Knees hurt less.</p>", "html"),
        ("a.txt", b"<!-- saved -->\n<div class=x>Knees</div>", "html"),
        ("a.md", b"# Knees\n\nThey hurt less.", "markdown"),
        ("a.md", b'<p align="center">Knees</p>\n\n# Less pain', "markdown"),
        ("a.md", PAGE.encode(), "html"),
        ("a.xhtml", b'<?xml version="1.0"?>\n<html xmlns="x"><body>Knees</body></html>', "html"),
        ("a.txt", jsonl({"id": "k", "text": "Knees hurt less."}), "text"),
        ("a.json", jsonl({"text": "Knees hurt less."}), "text"),
        ("a.html", pdf("Knees hurt less."), "text"),
        ("a.gz", gzipped(warc_record(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nKnees")), "text"),
    ],
)
def test_content_decides_before_the_name(tmp_path: Path, name: str, data: bytes, media: str) -> None:
    documents, errors = read_bytes(tmp_path, name, data)
    assert errors == []
    assert [document.media for document in documents] == [media]


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.html", b"", "is empty"),
        ("a.txt", b" \n\t\r\n", "is empty"),
        ("a.txt.gz", gzipped(b""), "is empty"),
        ("a.html", b"\xef\xbb\xbf", "is empty"),
        ("a.txt", b"\0" * 500, "is named .txt but holds nothing but NUL bytes"),
        ("a.txt", b"PK\x03\x04rest of it", "is named .txt but holds a ZIP archive or an office document"),
        ("a.html", b"\x89PNG\r\n\x1a\n....", "is named .html but holds a PNG image"),
        ("a.txt", bytes(range(256)) * 20, "is named .txt but holds binary data"),
        ("a.warc", b"Tea drinkers slept longer.", "is named .warc but holds plain text"),
        ("a.pdf", b"Not found", "is named .pdf but holds plain text"),
        ("a.txt", b'<?xml version="1.0"?><rss><item/></rss>', "is named .txt but holds XML that is not a page"),
        ("a.xlsx", b"PK\x03\x04rest of it", "not a format that can be read (.xlsx); use .html, "),
        ("a.csv", b"tea,hours\n1,7.5\n", "not a format that can be read (.csv); use .html, "),
        ("a", b"\x89PNG\r\n\x1a\n....", "holds a PNG image, which cannot be read; use .html, "),
        (
            "a.mhtml",
            b"From: <Saved by Blink>\r\nContent-Type: multipart/related;\r\n",
            "not a format that can be read (.mhtml)",
        ),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    documents, errors = read_bytes(tmp_path, name, data)
    assert documents == []
    assert len(errors) == 1
    assert errors[0].path == name
    assert errors[0].reason.startswith(reason)


def test_hash_is_of_the_bytes_as_stored(tmp_path: Path) -> None:
    for name, data in (("a.html", PAGE.encode()), ("b.html.gz", gzipped(PAGE.encode())), ("c.pdf", pdf("Knees"))):
        documents, _ = read_bytes(tmp_path, name, data)
        assert documents[0].sha256 == hashlib.sha256(data).hexdigest()


def test_compressed_twice(tmp_path: Path) -> None:
    documents, errors = read_bytes(tmp_path, "a.html.gz", gzipped(gzipped(PAGE.encode())))
    assert errors == []
    assert documents[0].content == PAGE


def test_members_and_padding(tmp_path: Path) -> None:
    documents, errors = read_bytes(tmp_path, "a.txt.gz", gzipped(b"Tea at nine. ", b"", b"Bed at ten.") + b"\0" * 600)
    assert errors == []
    assert documents[0].content == "Tea at nine. Bed at ten."


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda data: data[:-6], "the compressed data is cut short after "),
        (lambda data: data[:-8] + b"\1\2\3\4" + data[-4:], "the compressed data is damaged "),
        (lambda data: data + b"and more", "the compressed data is followed by bytes that are not gzip after "),
        (lambda data: data[:12], "the compressed data is cut short before anything could be read"),
    ],
)
def test_damaged_gzip_is_no_article(tmp_path: Path, spoil: object, reason: str) -> None:
    assert callable(spoil)
    documents, errors = read_bytes(tmp_path, "a.html.gz", spoil(gzipped(PAGE.encode() * 50)))
    assert documents == []
    assert len(errors) == 1
    assert errors[0].reason.startswith(reason)


def test_sizes(tmp_path: Path) -> None:
    limits = Limits(file_bytes=3000, article_bytes=2000)
    page = PAGE.encode()
    fits, _ = read_bytes(tmp_path, "fits.html", page + b" " * (2000 - len(page)), limits)
    assert len(fits) == 1
    assert read_bytes(tmp_path, "long.html", page + b" " * (2001 - len(page)), limits)[1]
    bomb = read_bytes(tmp_path, "bomb.html.gz", gzipped(page + b" " * 10_000_000), Limits(article_bytes=100_000))
    assert bomb[0] == []
    assert reasons(bomb[1]) == ["is larger than the 100,000 bytes an article may have; shorten it or split it"]
    assert read_bytes(tmp_path, "stored.html.gz", gzipped(page, os.urandom(3000)), limits)[0] == []


def test_a_file_that_has_gone(tmp_path: Path) -> None:
    documents, errors = read_file(tmp_path / "gone.html")
    assert documents == []
    assert reasons(errors) == ["cannot be read: no such file or directory"]


def test_a_folder_or_pipe_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "folder.html").mkdir()
    assert reasons(read_file(tmp_path / "folder.html")[1]) == ["is a folder, not a file with an article"]
    os.mkfifo(tmp_path / "pipe.html")
    assert reasons(read_file(tmp_path / "pipe.html")[1]) == ["is a special file, not a file with an article"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_no_permission(tmp_path: Path) -> None:
    file = tmp_path / "a.html"
    file.write_text(PAGE)
    file.chmod(0)
    assert reasons(read_file(file)[1]) == ["cannot be read: permission denied"]


def test_a_fault_in_a_library_costs_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> str:
        raise IndexError(f"in {tmp_path}")

    monkeypatch.setattr("pipeline.readers.html.decode", fail)
    documents, errors = read_bytes(tmp_path, "a.html", PAGE.encode())
    assert documents == []
    assert reasons(errors) == ["the reader failed on it (IndexError); please report this file"]


def test_the_file_is_closed_when_reading_stops_early(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(jsonl(*({"id": str(number), "text": "Tea."} for number in range(1000))))
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    articles = read_source(Source(path="a.jsonl", absolute=str(file)), Limits())
    next(articles)
    articles.close()  # type: ignore[attr-defined]
    after = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    assert after == before


def test_archives_are_told_by_content(tmp_path: Path) -> None:
    files = {
        "a.txt": (warc_record(b""), True),
        "b.warc": (PAGE.encode(), False),
        "c.jsonl.gz": (gzipped(jsonl({"text": "Tea."})), True),
        "d.html": (PAGE.encode(), False),
        "e.html": (b"", False),
        "f.zip": (b"PK\x03\x04", False),
    }
    for name, (data, expected) in files.items():
        (tmp_path / name).write_bytes(data)
        assert is_archive(Source(path=name, absolute=str(tmp_path / name))) is expected
    assert not is_archive(Source(path="gone", absolute=str(tmp_path / "gone")))


def test_file_key_follows_what_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.html"
    source = Source(path="a.html", absolute=str(file))
    keys = [file_key(source)]
    file.write_text(PAGE)
    keys.append(file_key(source))
    assert file_key(source) == keys[-1]
    (tmp_path / "a.meta.json").write_text('{"title": "Tea"}')
    keys.append(file_key(source))
    (tmp_path / "a.html.meta.json").write_text('{"title": "Tea"}')
    keys.append(file_key(source))
    file.write_bytes(pdf("Tea"))
    keys.append(file_key(source))
    monkeypatch.setattr("pipeline.readers.base._library_version", lambda name: "absent")
    keys.append(file_key(source))
    file.unlink()
    os.mkfifo(file)
    keys.append(file_key(source))
    assert len(set(keys)) == len(keys)


def test_a_name_of_full_length(tmp_path: Path) -> None:
    name = "t" * 250 + ".html"
    documents, errors = read_bytes(tmp_path, name, PAGE.encode())
    assert errors == []
    assert len(documents) == 1
