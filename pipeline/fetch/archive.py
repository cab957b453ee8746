"""The archive of what was fetched: WARC files (ISO 28500), one a run, so that a reviewer can prove what a page said.

Each request and answer is one pair of records, each record a gzip member of its own, so that a page can be read by its offset. An answer
without its page (304, or the same bytes again) is a ``revisit`` that names the record with the page. While a run writes, its file
bears the name that it will have with ``.open`` behind; what a killed run leaves under such a name is cut after its last whole record
and kept.
"""

from __future__ import annotations

import io
import os
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from pipeline.errors import RunError
from pipeline.fetch.client import Answer, Headers
from pipeline.model import Record

OPEN_SUFFIX = ".open"
_SUFFIX = ".warc.gz"
_PIECE = 64 * 1024
_HOP_HEADERS = ("transfer-encoding", "connection", "keep-alive")
_NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"


class RecordRef(Record, frozen=True, kw_only=True):
    """Where a record of the archive is."""

    file: str
    """Below the archive folder, with ``/``."""
    offset: int
    """Of its gzip member, in bytes."""
    record_id: str
    """``<urn:uuid:...>``"""
    date: str
    """When the answer came, as the record says it."""

    @property
    def place(self) -> str:
        """``FILE#ID``, as paths of articles are written."""
        return f"{self.file}#{self.record_id.removeprefix('<urn:uuid:').removesuffix('>')}"


class Page(Record, frozen=True, kw_only=True):
    """What a record holds of a page."""

    headers: Headers
    wire: bytes


class Archive:
    """The file that one run writes, begun with the first record. Raises ``RunError`` where the disk fails."""

    def __init__(self, folder: Path, now: datetime, software: str) -> None:
        self._folder = folder
        self._stamp = now.strftime("%Y%m%dT%H%M%SZ")
        self._year = now.strftime("%Y")
        self._software = software
        self._file: BinaryIO | None = None
        self._name = ""
        self._end = 0
        """Up to here the file holds whole records."""

    @property
    def name(self) -> str | None:
        """The file below the folder; ``None`` as long as nothing was written."""
        return self._name or None

    def add(self, answer: Answer) -> RecordRef:
        """Writes the request and the answer."""
        from warcio.warcwriter import WARCWriter

        builder = WARCWriter(io.BytesIO(), gzip=True, warc_version="1.1")
        record = builder.create_warc_record(
            answer.url,
            "response",
            payload=io.BytesIO(answer.wire),
            length=len(answer.wire),
            warc_headers_dict=_about(answer),
            http_headers=_head(answer),
        )
        return self._write(answer, record)

    def add_revisit(self, answer: Answer, held: RecordRef, url: str) -> RecordRef:
        """Writes that ``answer`` brought nothing new beside the record ``held`` of the page at ``url``."""
        from warcio.utils import Digester
        from warcio.warcwriter import WARCWriter

        builder = WARCWriter(io.BytesIO(), gzip=True, warc_version="1.1")
        digester = Digester("sha1")
        digester.update(answer.wire)
        record = builder.create_revisit_record(
            answer.url,
            str(digester),
            url,
            held.date,
            http_headers=_head(answer),
            warc_headers_dict={**_about(answer), "WARC-Refers-To": held.record_id},
        )
        if answer.status == 304:
            record.rec_headers.replace_header("WARC-Profile", _NOT_MODIFIED)
            record.rec_headers.remove_header("WARC-Payload-Digest")
        return self._write(answer, record)

    def _write(self, answer: Answer, record: Any) -> RecordRef:
        from warcio.warcwriter import WARCWriter

        headers = record.rec_headers
        buffer = io.BytesIO()
        writer = WARCWriter(buffer, gzip=True, warc_version="1.1")
        writer.write_request_response_pair(_request(writer, answer), record)
        offset = self._append(buffer.getvalue())
        return RecordRef(
            file=self._name,
            offset=offset,
            record_id=headers.get_header("WARC-Record-ID"),
            date=headers.get_header("WARC-Date"),
        )

    def _append(self, data: bytes) -> int:
        """Writes ``data`` at the end, all of it or nothing; where it begins."""
        try:
            if self._file is None:
                self._file = self._begin()
            offset = self._end
            self._file.seek(offset)  # an interrupt may have left a part of a record there
            self._file.write(data)
            self._end = offset + len(data)
            return offset
        except OSError as error:
            raise _failure(self._folder, error) from error

    def _begin(self) -> BinaryIO:
        from warcio.warcwriter import WARCWriter

        (self._folder / self._year).mkdir(parents=True, exist_ok=True)
        name = self._free_name()
        file = open(self._folder / (name + OPEN_SUFFIX), "xb")  # noqa: SIM115 - open until the run ends
        writer = WARCWriter(file, gzip=True, warc_version="1.1")
        info = {"software": self._software, "format": "WARC File Format 1.1", "conformsTo": "ISO 28500:2017"}
        writer.write_record(writer.create_warcinfo_record(os.path.basename(name), info))
        self._name, self._end = name, file.tell()
        return file

    def _free_name(self) -> str:
        number = 0
        while True:
            name = f"{self._year}/{self._stamp}{f'-{number}' if number else ''}{_SUFFIX}"
            path = self._folder / name
            if not path.exists() and not path.with_name(path.name + OPEN_SUFFIX).exists():
                return name
            number += 1

    def sync(self) -> None:
        """Brings all that was written to the disk, so that what names it may be written."""
        if self._file is not None:
            try:
                self._file.flush()
                os.fsync(self._file.fileno())
            except OSError as error:
                raise _failure(self._folder, error) from error

    def close(self) -> None:
        """Ends the file and gives it its name."""
        if self._file is None:
            return
        file, self._file = self._file, None
        try:
            with file:
                file.truncate(self._end)
                file.flush()
                os.fsync(file.fileno())
            path = self._folder / self._name
            path.with_name(path.name + OPEN_SUFFIX).replace(path)
        except OSError as error:
            raise _failure(self._folder, error) from error


def recover(folder: Path) -> None:
    """Keeps what killed runs had archived. Only for whoever holds the lock. Raises ``RunError`` where the disk fails."""
    try:
        for left in sorted(folder.glob(f"*/*{_SUFFIX}{OPEN_SUFFIX}")):
            with left.open("r+b") as file:
                end = _whole_members(file)
                file.truncate(end)
                os.fsync(file.fileno())
            if end:
                left.replace(left.with_name(left.name.removesuffix(OPEN_SUFFIX)))
            else:
                left.unlink()
    except OSError as error:
        raise _failure(folder, error) from error


def read_page(folder: Path, ref: RecordRef) -> Page | None:
    """The page that ``ref`` names; ``None`` where the file is gone or damaged there."""
    from warcio.limitreader import LimitReader
    from warcio.statusandheaders import StatusAndHeadersParser

    try:
        with _opened(folder, ref.file) as file:
            file.seek(ref.offset)
            member = io.BytesIO(b"".join(_inflated(file)))
        parser = StatusAndHeadersParser([], verify=False)
        headers = parser.parse(member)
        if headers.get_header("WARC-Record-ID") != ref.record_id:
            return None
        block = LimitReader(member, int(headers.get_header("Content-Length") or -1))
        http = parser.parse(block)
        return Page(headers=tuple((str(name), str(value)) for name, value in http.headers), wire=block.read())
    except (OSError, ValueError, EOFError, zlib.error):
        return None


def _opened(folder: Path, name: str) -> BinaryIO:
    try:
        return (folder / name).open("rb")
    except FileNotFoundError:
        return (folder / (name + OPEN_SUFFIX)).open("rb")


def _inflated(file: BinaryIO) -> Iterator[bytes]:
    """The gzip member at which ``file`` stands. Raises ``ValueError`` where it is cut, ``zlib.error`` where it is damaged.

    Its length is what the program itself wrote: at most one page.
    """
    inflate = zlib.decompressobj(31)
    while not inflate.eof:
        piece = file.read(_PIECE)
        if not piece:
            raise ValueError("cut short")
        yield inflate.decompress(piece)


def _whole_members(file: BinaryIO) -> int:
    """Where the last whole gzip member of ``file`` ends, in bytes."""
    end = 0
    while True:
        file.seek(end)
        inflate = zlib.decompressobj(31)
        read = 0
        try:
            while not inflate.eof:
                piece = file.read(_PIECE)
                if not piece:
                    return end
                read += len(piece)
                data = piece
                while data and not inflate.eof:
                    inflate.decompress(data, _PIECE)
                    data = inflate.unconsumed_tail
        except zlib.error:
            return end
        end += read - len(inflate.unused_data)


def _about(answer: Answer) -> dict[str, str]:
    about = {"WARC-Date": answer.date.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
    if answer.address is not None:
        about["WARC-IP-Address"] = answer.address
    return about


def _head(answer: Answer) -> Any:
    from warcio.statusandheaders import StatusAndHeaders

    # The chunks of the body are put together, so a header that speaks of them must not stand as it was.
    headers = [
        (f"X-Archive-Orig-{name}" if name.lower() in _HOP_HEADERS else name, value) for name, value in answer.headers
    ]
    return StatusAndHeaders(f"{answer.status} {_ascii(answer.phrase)}".strip(), headers, protocol="HTTP/1.1")


def _request(writer: Any, answer: Answer) -> Any:
    from warcio.statusandheaders import StatusAndHeaders

    parts = urlsplit(answer.url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    head = StatusAndHeaders(f"GET {target} HTTP/1.1", [("Host", parts.netloc), *answer.sent], is_http_request=True)
    return writer.create_warc_record(answer.url, "request", warc_headers_dict=_about(answer), http_headers=head)


def _ascii(text: str) -> str:
    return text.encode("ascii", errors="replace").decode("ascii")


def _failure(folder: Path, error: OSError) -> RunError:
    return RunError(
        f"{folder}: the archive could not be written ({error.strerror or error}); earlier pages are as they were"
    )
