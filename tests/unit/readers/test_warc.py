"""WARC archives."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from pathlib import Path

import pytest

from pipeline.config import Limits
from pipeline.model import SourceMeta
from tests.unit.readers.helpers import PAGE, gzipped, http, read_bytes, reasons, record_name, warc_record

NO_PAGE = "holds no page: no record with HTML or text and status 200"
INFO = warc_record(
    b"software: a crawler\r\n", kind="warcinfo", content_type="application/warc-fields", uri=None, number=900
)


def test_a_page(tmp_path: Path) -> None:
    data = INFO + warc_record(http(PAGE.encode()))
    documents, errors = read_bytes(tmp_path, "a.warc", data)
    assert errors == []
    assert len(documents) == 1
    assert documents[0].path == f"a.warc#{record_name(1)}"
    assert documents[0].input_id is None
    assert documents[0].media == "html"
    assert documents[0].content == PAGE
    assert documents[0].meta == SourceMeta(url="https://garden.example/tea")
    assert documents[0].sha256 == hashlib.sha256(PAGE.encode()).hexdigest()


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz", "a.bin"])
def test_compression_by_record_or_as_a_whole(tmp_path: Path, name: str) -> None:
    records = [INFO, warc_record(http(PAGE.encode()), number=1), warc_record(http(PAGE.encode()), number=2)]
    for data in (b"".join(records), gzipped(*records), gzipped(b"".join(records))):
        documents, errors = read_bytes(tmp_path, name, data)
        assert errors == []
        assert [document.path for document in documents] == [f"{name}#{record_name(1)}", f"{name}#{record_name(2)}"]


@pytest.mark.parametrize(
    "record",
    [
        warc_record(http(PAGE.encode(), status="404 Not Found")),
        warc_record(http(PAGE.encode(), status="301 Moved")),
        warc_record(http(b"\x89PNG\r\n\x1a\n", content_type="image/png")),
        warc_record(http(b"body {}", content_type="text/css")),
        warc_record(http(PAGE.encode()), kind="revisit"),
        warc_record(b"GET / HTTP/1.1\r\n\r\n", kind="request", content_type="application/http; msgtype=request"),
        warc_record(b"a: b", kind="metadata", content_type="application/warc-fields"),
        warc_record(http(b"User-agent: *", content_type="text/plain"), uri="https://garden.example/robots.txt"),
        warc_record(
            b"--level=3", kind="resource", content_type="text/plain", uri="metadata://crawler.example/arguments.txt"
        ),
        warc_record(http(b"")),
        warc_record(b""),
    ],
)
def test_other_records_are_passed_over(tmp_path: Path, record: bytes) -> None:
    assert reasons(read_bytes(tmp_path, "a.warc", INFO + record)[1]) == [NO_PAGE]
    documents, errors = read_bytes(tmp_path, "b.warc", record + warc_record(http(PAGE.encode()), number=2))
    assert errors == []
    assert len(documents) == 1


@pytest.mark.parametrize(
    ("content_type", "body", "media"),
    [
        ("text/html", PAGE, "html"),
        ("TEXT/HTML", PAGE, "html"),
        ("application/xhtml+xml", PAGE, "html"),
        ("text/plain", "Tea drinkers slept longer.", "text"),
        ("text/plain", PAGE, "html"),
        ("text/markdown", "# Tea", "markdown"),
        ("", PAGE, "html"),
    ],
)
def test_media(tmp_path: Path, content_type: str, body: str, media: str) -> None:
    documents, errors = read_bytes(tmp_path, "a.warc", warc_record(http(body.encode(), content_type=content_type)))
    assert errors == []
    assert [document.media for document in documents] == [media]


def test_resource_and_conversion_records(tmp_path: Path) -> None:
    data = warc_record(PAGE.encode(), kind="resource", content_type="text/html", number=1)
    data += warc_record(b"Knees hurt less.", kind="conversion", content_type="text/plain", number=2)
    documents, errors = read_bytes(tmp_path, "a.warc", data)
    assert errors == []
    assert [document.media for document in documents] == ["html", "text"]


def test_names_without_a_record_id(tmp_path: Path) -> None:
    data = warc_record(http(PAGE.encode()), record_id=False)
    data += warc_record(http(PAGE.encode()), record_id=False, uri=None)
    data += warc_record(http(PAGE.encode()), record_id=False, uri="<https://garden.example/knees>")
    data += warc_record(http(PAGE.encode()), record_id=False)
    documents, errors = read_bytes(tmp_path, "a.warc", data)
    assert [document.path for document in documents] == [
        "a.warc#https://garden.example/tea",
        "a.warc#record-2",
        "a.warc#https://garden.example/knees",
    ]
    assert [document.meta.url for document in documents] == [
        "https://garden.example/tea",
        None,
        "https://garden.example/knees",
    ]
    assert reasons(errors) == ["has a record id that an earlier record has already"]


def chunked(body: bytes, size: int = 40) -> bytes:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@pytest.mark.parametrize(
    "response",
    [
        http(gzip.compress(PAGE.encode(), mtime=0), Content_Encoding="gzip"),
        http(gzip.compress(PAGE.encode(), mtime=0)),
        http(PAGE.encode(), Content_Encoding="gzip"),
        http(PAGE.encode(), Content_Encoding="br"),
        http(zlib.compress(PAGE.encode()), Content_Encoding="deflate"),
        http(zlib.compress(PAGE.encode())[2:-4], Content_Encoding="deflate"),
        http(PAGE.encode(), Content_Encoding="deflate"),
        http(chunked(PAGE.encode()), Transfer_Encoding="chunked"),
        http(PAGE.encode(), Transfer_Encoding="chunked"),
        http(chunked(gzip.compress(PAGE.encode(), mtime=0)), Transfer_Encoding="Chunked", Content_Encoding="gzip"),
    ],
)
def test_encodings_of_the_body(tmp_path: Path, response: bytes) -> None:
    documents, errors = read_bytes(tmp_path, "a.warc", warc_record(response))
    assert errors == []
    assert [document.content for document in documents] == [PAGE]


def test_charset_of_the_header(tmp_path: Path) -> None:
    body = "<html><p>Ćwiczenia w ogrodzie</p></html>"
    documents, _ = read_bytes(
        tmp_path, "a.warc", warc_record(http(body.encode("cp1250"), content_type="text/html; charset=windows-1250"))
    )
    assert documents[0].content == body


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (http(b"\x89PNG\r\n\x1a\n1234"), "is served as text/html but holds a PNG image"),
        (
            http(gzip.compress(PAGE.encode(), mtime=0)[:-9]),
            "the compressed data is cut short, so the article is not whole",
        ),
        (
            http(bytes(range(256)), Content_Encoding="br"),
            "is compressed with br, which is not read; crawl it with gzip",
        ),
        (http(PAGE.encode() + b" " * 5000), "is a record of more than 4,000 bytes, too much for an article"),
        (
            http(gzip.compress(b" " * 9000, mtime=0)),
            "is more than 4,000 bytes when decompressed, too much for an article",
        ),
        (http(zlib.compress(b" " * 9000), Content_Encoding="deflate"), "is more than 4,000 bytes when decompressed"),
    ],
)
def test_a_bad_record_costs_that_record(tmp_path: Path, response: bytes, reason: str) -> None:
    data = warc_record(response, number=1) + warc_record(http(PAGE.encode()), number=2)
    documents, errors = read_bytes(tmp_path, "a.warc", data, Limits(article_bytes=4000))
    assert [document.path for document in documents] == [f"a.warc#{record_name(2)}"]
    assert [error.path for error in errors] == [f"a.warc#{record_name(1)}"]
    assert errors[0].reason.startswith(reason)


@pytest.mark.parametrize("compressed", [False, True])
def test_cut_archive_gives_the_whole_records(tmp_path: Path, compressed: bool) -> None:
    records = [warc_record(http(PAGE.encode() * 20), number=number) for number in range(1, 6)]
    data = gzipped(*records) if compressed else b"".join(records)
    documents, errors = read_bytes(tmp_path, "a.warc", data[: int(len(data) * 0.7)])
    assert len(documents) == 3
    assert len(errors) == 1
    assert errors[0].path == "a.warc"
    assert "cut short in record 4 at byte " in errors[0].reason
    assert errors[0].reason.endswith("; 3 records before it were read; fetch it again for the rest")


def test_cut_in_a_header(tmp_path: Path) -> None:
    data = warc_record(http(PAGE.encode()), number=1) + b"WARC/1.0\r\nWARC-Type: resp"
    documents, errors = read_bytes(tmp_path, "a.warc", data)
    assert len(documents) == 1
    assert len(errors) == 1
    assert errors[0].reason.startswith("the file is cut short in record 2 at byte ")


@pytest.mark.parametrize(
    "damage",
    [
        b"something that is no record\r\n" * 10,
        warc_record(http(PAGE.encode()), number=7, length="many"),
        warc_record(http(PAGE.encode()), number=7, length=-5),
        b"WARC/1.0\r\nWARC-Type: response\r\n\r\nno length\r\n\r\n",
        b"WARC/1.0\r\n" + b"X-Filler: tea\r\n" * 100_000 + b"\r\n\r\n",
    ],
)
def test_reading_goes_on_after_damage(tmp_path: Path, damage: bytes) -> None:
    data = warc_record(http(PAGE.encode()), number=1) + damage + warc_record(http(PAGE.encode()), number=2)
    documents, errors = read_bytes(tmp_path, "a.warc", data)
    assert [document.path for document in documents] == [f"a.warc#{record_name(1)}", f"a.warc#{record_name(2)}"]
    assert len(errors) == 1
    assert errors[0].path == "a.warc"


def test_a_line_without_end_needs_no_memory(tmp_path: Path) -> None:
    data = gzipped(b"WARC/1.0 " + b"x" * 5_000_000)
    documents, errors = read_bytes(tmp_path, "a.warc.gz", data)
    assert documents == []
    assert len(errors) == 1


def test_odd_addresses(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for uri in ("https://[broken/tea", "https://garden.example/a b", "tea", "file:///home/reader/tea.html"):
        documents, errors = read_bytes(tmp_path, "a.warc", warc_record(http(PAGE.encode()), uri=uri))
        assert errors == []
        assert len(documents) == 1
        assert documents[0].meta.url == (uri if uri.startswith("https") else None)
    assert capfd.readouterr().err == ""
