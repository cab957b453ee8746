"""WARC archives (ISO 28500): the pages among their records.

Headers and chunks are parsed by warcio; its iterator is not used, as it writes to stderr, holds lines of any length and says
nothing of a record that is cut short.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Literal
from urllib.parse import urlsplit

from pipeline.model import InputError, RawDocument, SourceMeta
from pipeline.readers.base import CERTAIN, NOT_MINE, Format, Opened
from pipeline.readers.encoding import charset_of, decode, tidy
from pipeline.readers.metadata import filled
from pipeline.readers.problem import megabytes
from pipeline.readers.sniff import HEAD_BYTES, Head, sniff
from pipeline.readers.stream import GZIP_MAGIC, Layers, TooLargeError, inflate, read_at_most

if TYPE_CHECKING:
    from warcio.limitreader import LimitReader
    from warcio.statusandheaders import StatusAndHeaders

_MAX_HEADER_BYTES = 1024 * 1024
_MAX_LINE_BYTES = 64 * 1024
_PIECE = 64 * 1024
_RECORD_TYPES = ("response", "resource", "conversion")
_MEDIA: dict[str, Literal["html", "text", "markdown"]] = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/plain": "text",
    "text/markdown": "markdown",
}
# Files for crawlers, by fixed names at the root of a site (RFC 9309, RFC 8615).
_NO_ARTICLE = re.compile(r"/(?:robots|ads|app-ads|humans|security|llms)\.txt|/\.well-known/.{0,2000}")
_RECORD_START = re.compile(rb"^WARC/[01]\.[0-9]", re.MULTILINE)
_ID_FRAME = re.compile(r"^<?(?:urn:uuid:)?|>$")
_SIZE = re.compile(r"[0-9]{1,15}")
_MAX_PLACE_CHARS = 500


class DamagedError(Exception):
    """The archive cannot be followed at this place; the text says why."""


@dataclass(frozen=True)
class _Page:
    """A record that holds a page: its body as stored and what the headers say."""

    place: str
    url: str | None
    mime: str
    charset: str | None
    body: bytes
    transfer_encoding: str
    content_encoding: str


def claim(head: Head) -> int:
    if head.data.startswith(b"WARC/"):
        return CERTAIN
    # Under its own name also with something else in front, which is told and skipped.
    return CERTAIN if head.suffix == ".warc" and _RECORD_START.search(head.data) else NOT_MINE


def read(opened: Opened) -> Iterator[RawDocument | InputError]:
    seen: set[str] = set()
    found = False
    for item in _records(opened):
        result: RawDocument | InputError | None
        if isinstance(item, InputError):
            result = item
        elif item.place in seen:
            result = opened.error("has a record id that an earlier record has already", item.place)
        else:
            seen.add(item.place)
            result = _document(opened, item)
        if result is not None:
            found = True
            yield result
    if not found:
        yield opened.error("holds no page: no record with HTML or text and status 200")


def _records(opened: Opened) -> Iterator[_Page | InputError]:
    """The pages of the archive in order; errors where it is damaged, after which reading goes on with the next record."""
    stream = _Lines(opened.stream)
    number = 0
    while (first_line := _next_start(stream)) is not None:
        start = stream.position - len(first_line)
        if not first_line.startswith(b"WARC/"):
            lost = len(first_line) + _resync(stream)
            yield opened.error(f"is damaged at byte {start:,}; {lost:,} bytes up to the next record were skipped")
            continue
        number += 1
        try:
            page = _record(opened, stream, first_line, number)
        except DamagedError as error:
            where = f"record {number} at byte {start:,}"
            if stream.at_end:
                cut = opened.layers.problem or "the file is cut short"
                yield opened.error(
                    f"{cut} in {where}; {number - 1:,} records before it were read; fetch it again for the rest"
                )
                return
            _resync(stream)
            yield opened.error(f"{where} {error}; it is left out")
            continue
        if page is not None:
            yield page
    if opened.layers.problem is not None:
        yield opened.error(f"{opened.layers.problem} after record {number:,}; what comes before was read")


def _record(opened: Opened, stream: _Lines, first_line: bytes, number: int) -> _Page | InputError | None:
    """The page in the record that begins with ``first_line``; ``None`` if it holds none. Raises ``DamagedError``."""
    from warcio.limitreader import LimitReader

    headers = _headers(stream, stream, first_line)
    length = (headers.get_header("Content-Length") or "").strip()
    if _SIZE.fullmatch(length) is None:
        raise DamagedError("has no usable Content-Length")
    body = LimitReader(stream, int(length))
    result = _page(opened, stream, headers, body, number)
    while body.read(_PIECE):
        pass
    if body.limit:  # the bytes that should still come
        raise DamagedError("is cut short")
    return result


def _headers(stream: _Lines, source: Any, first_line: bytes | None = None) -> StatusAndHeaders:
    """The status line and headers at the start of ``source``, a part of ``stream``. Raises ``DamagedError``."""
    from warcio.statusandheaders import StatusAndHeadersParser

    stream.begin_header()
    try:
        return StatusAndHeadersParser([], verify=False).parse(source, first_line)
    except EOFError:
        raise DamagedError("is cut short") from None
    finally:
        stream.end_header()


def _page(
    opened: Opened, stream: _Lines, headers: StatusAndHeaders, content: LimitReader, number: int
) -> _Page | InputError | None:
    uri = (headers.get_header("WARC-Target-URI") or "").strip("<> ")
    if (headers.get_header("WARC-Type") or "").strip().lower() not in _RECORD_TYPES or not _may_be_article(uri):
        return None
    content_type = headers.get_header("Content-Type")
    transfer_encoding = content_encoding = ""
    if (content_type or "").strip().lower().startswith("application/http"):
        if content.limit == 0:
            return None
        http = _headers(stream, content)
        if http.get_statuscode() != "200":
            return None
        content_type = http.get_header("Content-Type")
        transfer_encoding = (http.get_header("Transfer-Encoding") or "").strip().lower()
        content_encoding = (http.get_header("Content-Encoding") or "").strip().lower()
    mime = (content_type or "").split(";")[0].strip().lower()
    if mime and mime not in _MEDIA:
        return None
    record_id = _ID_FRAME.sub("", (headers.get_header("WARC-Record-ID") or "").strip())
    place = " ".join(tidy(record_id or uri).split())[:_MAX_PLACE_CHARS] or f"record-{number}"
    try:
        body = read_at_most(content, opened.limits.article_bytes)
    except TooLargeError as error:
        return opened.error(f"is a record of more than {megabytes(error.limit)}, too much for an article", place)
    if content.limit:
        return None  # cut short, which is told for the record as a whole
    return _Page(
        place=place,
        url=tidy(uri) if uri.lower().startswith(("http://", "https://")) else None,
        mime=mime,
        charset=charset_of(content_type),
        body=body,
        transfer_encoding=transfer_encoding,
        content_encoding=content_encoding,
    )


def _document(opened: Opened, page: _Page) -> RawDocument | InputError | None:
    """The article in a record; ``None`` for an empty body, and for one that is no text though no header said so."""
    try:
        data = _decoded(page, opened.limits.article_bytes)
    except TooLargeError as error:
        return opened.error(
            f"is more than {megabytes(error.limit)} when decompressed, too much for an article", page.place
        )
    except ValueError as error:
        return opened.error(str(error), page.place)
    head = sniff(data[:HEAD_BYTES], "")
    if head.kind == "empty" or (not page.mime and head.kind in ("binary", "xml", "json")):
        return None
    if head.kind == "binary":
        return opened.error(f"is served as {page.mime} but holds {head.label}", page.place)
    stated = _MEDIA.get(page.mime)
    media = "html" if head.kind == "html" or (head.kind == "markup" and stated != "markdown") else stated or "text"
    shared = opened.given.meta
    meta = SourceMeta(url=page.url)
    return RawDocument(
        path=f"{opened.source.path}#{page.place}",
        media=media,
        content=decode(data, declared=page.charset, markup=media == "html"),
        sha256=hashlib.sha256(page.body).hexdigest(),
        meta=filled(meta, SourceMeta(publisher=shared.publisher, kind=shared.kind, language=shared.language)),
    )


def _decoded(page: _Page, limit: int) -> bytes:
    """The body with its transfer and content encodings taken off. Raises ``TooLargeError``, and ``ValueError`` with a clause."""
    from warcio.bufferedreaders import ChunkedDataReader

    data = page.body
    if page.transfer_encoding == "chunked":
        # A body that is not chunked after all comes back as it is: many crawlers store it so.
        data = ChunkedDataReader(io.BytesIO(data)).read()
    if data.startswith(GZIP_MAGIC):  # whatever the header says
        layers = Layers(io.BytesIO(data))
        data = read_at_most(layers.stream, limit)
        if layers.problem is not None:
            raise ValueError(f"{layers.problem}, so the article is not whole")
    elif page.content_encoding == "deflate":
        with contextlib.suppress(zlib.error):  # stored decompressed
            data = inflate(data, limit)
    elif page.content_encoding in ("br", "zstd") and sniff(data[:HEAD_BYTES], "").kind == "binary":
        raise ValueError(f"is compressed with {page.content_encoding}, which is not read; crawl it with gzip")
    return data


def _may_be_article(uri: str) -> bool:
    """Whether a record of this address can hold a page, and not notes of the crawler or a file for crawlers."""
    if not uri:
        return True
    try:
        parts = urlsplit(uri)
    except ValueError:
        return True
    return parts.scheme.lower() in ("http", "https", "ftp", "file", "") and not _NO_ARTICLE.fullmatch(parts.path)


def _next_start(stream: _Lines) -> bytes | None:
    """The next line that is not blank, or its first ``_MAX_LINE_BYTES``; ``None`` at the end."""
    while line := stream.readline(_MAX_LINE_BYTES):
        if line.strip():
            return line
    return None


def _resync(stream: _Lines) -> int:
    """Skip to the next line that begins a record; how many bytes that took."""
    start = stream.position
    while line := stream.readline(_MAX_LINE_BYTES):
        if line.startswith((b"WARC/1.", b"WARC/0.")):
            stream.unread(line)
            break
    return stream.position - start


class _Lines:
    """The stream warcio reads from: counts bytes, takes back a line, and bounds the headers of a record."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._taken_back = b""
        self._header_left: int | None = None
        self.position = 0
        """In decompressed bytes."""
        self.at_end = False

    def begin_header(self) -> None:
        self._header_left = _MAX_HEADER_BYTES

    def end_header(self) -> None:
        self._header_left = None

    def unread(self, line: bytes) -> None:
        self._taken_back = line
        self.position -= len(line)

    def tell(self) -> int:
        return self.position

    def read(self, size: int = -1) -> bytes:
        return self._count(self._stream.read(size), size)

    def readline(self, size: int | None = None) -> bytes:
        if self._taken_back:
            line, self._taken_back = self._taken_back, b""
            self.position += len(line)
            return line
        limit = _MAX_LINE_BYTES if size is None else min(size, _MAX_LINE_BYTES)
        line = self._count(self._stream.readline(limit), limit)
        if self._header_left is not None:
            self._header_left -= len(line)
            if self._header_left < 0:
                raise DamagedError("has a header without an end")
        return line

    def _count(self, data: bytes, size: int) -> bytes:
        self.position += len(data)
        self.at_end = self.at_end or (size != 0 and not data)
        return data


FORMAT = Format(
    name="warc",
    suffixes=(".warc",),
    help="WARC archives: responses and resources with HTML or text; others are passed over.",
    claim=claim,
    read=read,
    archive=True,
)
