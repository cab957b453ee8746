"""PDF files."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pipeline.config import Limits
from tests.unit.readers.helpers import gzipped, pdf, read_bytes, reasons


@pytest.fixture
def _pdfium() -> None:
    pytest.importorskip("pypdfium2", reason="needs the pdf extra")


@pytest.mark.usefixtures("_pdfium")
def test_text_of_a_page(tmp_path: Path) -> None:
    for name, data in (
        ("a.pdf", pdf("Tea drinkers slept", "7.5 hours.")),
        ("b.pdf.gz", gzipped(pdf("Tea drinkers slept", "7.5 hours."))),
    ):
        documents, errors = read_bytes(tmp_path, name, data)
        assert errors == []
        assert documents[0].media == "text"
        assert documents[0].content.split() == ["Tea", "drinkers", "slept", "7.5", "hours."]
        assert "\r" not in documents[0].content


@pytest.mark.usefixtures("_pdfium")
def test_bytes_before_the_mark(tmp_path: Path) -> None:
    documents, errors = read_bytes(tmp_path, "a.pdf", b"\r\n\r\n" + pdf("Tea"))
    assert errors == []
    assert documents[0].content == "Tea"


@pytest.mark.usefixtures("_pdfium")
@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (pdf(), "is a PDF without text, perhaps a scan; run text recognition (OCR) on it first"),
        (b"%PDF-1.4\nand then nothing", "is a damaged PDF; fetch it again"),
        (pdf("Tea", encrypted=True), "is a PDF protected by a password; save it without one"),
        (pdf(*["Tea at nine"] * 30), "is larger than the 200 bytes an article may have; shorten it or split it"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, data: bytes, reason: str) -> None:
    documents, errors = read_bytes(tmp_path, "a.pdf", data, Limits(article_bytes=200))
    assert documents == []
    assert reasons(errors) == [reason]


def test_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    documents, errors = read_bytes(tmp_path, "a.pdf", pdf("Tea"))
    assert documents == []
    assert reasons(errors) == ["PDF needs one more package: pip install 'claims-pipeline[pdf]'"]
