"""PDF files, read with pypdfium2 where it is installed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.model import InputError, RawDocument
from pipeline.readers.base import CERTAIN, NOT_MINE, Format, Opened, RefusedError
from pipeline.readers.encoding import tidy
from pipeline.readers.problem import too_large
from pipeline.readers.sniff import Head

# PDFium marks a hyphen that only breaks a word at the end of a line with one of these.
_BROKEN_WORD = re.compile("[\ufffe\x02]\\s?\n?")


def claim(head: Head) -> int:
    if head.data.startswith(b"%PDF-"):
        return CERTAIN
    # Some servers put blanks or a header of their own in front; readers accept that within the first 1024 bytes.
    return CERTAIN if head.suffix == ".pdf" and b"%PDF-" in head.data[:1024] else NOT_MINE


def read(opened: Opened) -> Iterator[RawDocument | InputError]:
    content = _text(opened.one_article(opened.limits.file_bytes), opened.limits.article_bytes)
    yield opened.document("text", content)


def _text(data: bytes, limit: int) -> str:
    try:
        import pypdfium2
    except ImportError:
        raise RefusedError("PDF needs one more package: pip install 'claims-pipeline[pdf]'") from None
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise RefusedError("is a PDF protected by a password; save it without one") from None
        raise RefusedError("is a damaged PDF; fetch it again") from None
    pages: list[str] = []
    size = 0
    with document:
        for number in range(len(document)):
            try:
                page = document[number].get_textpage().get_text_bounded()
            except pypdfium2.PdfiumError:
                raise RefusedError(f"is a PDF whose page {number + 1} is damaged; fetch it again") from None
            size += len(page)
            if size > limit:
                raise RefusedError(too_large(limit))
            pages.append(_BROKEN_WORD.sub("", tidy(page)).strip())
    text = "\n\n".join(page for page in pages if page)
    if not text:
        raise RefusedError("is a PDF without text, perhaps a scan; run text recognition (OCR) on it first")
    return text


FORMAT = Format(
    name="pdf",
    suffixes=(".pdf",),
    help="PDF with a text layer; needs the pdf extra.",
    claim=claim,
    read=read,
    library="pypdfium2",
)
