"""Builders for the inputs that reader tests need."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.config import Limits
from pipeline.model import InputError, RawDocument
from pipeline.readers.base import Source, read_source

PAGE = "<!DOCTYPE html><html><head><title>Tea and sleep</title></head><body><p>Tea drinkers slept 7.5 hours.</p></body></html>"

Result = tuple[list[RawDocument], list[InputError]]


def read_file(file: Path, limits: Limits | None = None) -> Result:
    """The documents and the errors that reading ``file`` gives; every error is checked for form."""
    results = list(read_source(Source(path=file.name, absolute=str(file)), limits or Limits()))
    errors = [item for item in results if isinstance(item, InputError)]
    for error in errors:
        assert error.reason
        assert "\n" not in error.reason
        assert str(file.parent) not in error.reason
    return [item for item in results if isinstance(item, RawDocument)], errors


def read_bytes(folder: Path, name: str, data: bytes, limits: Limits | None = None) -> Result:
    """What reading ``data`` under ``name`` gives."""
    file = folder / name
    file.write_bytes(data)
    return read_file(file, limits)


def reasons(errors: list[InputError]) -> list[str]:
    return [error.reason for error in errors]


def jsonl(*lines: Mapping[str, Any]) -> bytes:
    return b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)


def http(body: bytes, content_type: str = "text/html; charset=utf-8", status: str = "200 OK", **headers: str) -> bytes:
    """An HTTP response; underscores in header names stand for hyphens."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def warc_record(
    block: bytes,
    *,
    number: int = 1,
    kind: str = "response",
    content_type: str = "application/http; msgtype=response",
    uri: str | None = "https://garden.example/tea",
    record_id: bool = True,
    length: int | str | None = None,
) -> bytes:
    """One WARC record; ``length`` overrides the true one."""
    lines = ["WARC/1.0", f"WARC-Type: {kind}", f"Content-Type: {content_type}"]
    if record_id:
        lines.append(f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012d}>")
    if uri is not None:
        lines.append(f"WARC-Target-URI: {uri}")
    lines.append(f"Content-Length: {len(block) if length is None else length}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def record_name(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def gzipped(*members: bytes) -> bytes:
    return b"".join(gzip.compress(member, mtime=0) for member in members)


def pdf(*lines: str, encrypted: bool = False) -> bytes:
    """A PDF of one page with the ASCII ``lines`` below each other."""
    shown = b" T* ".join(b"(" + line.encode("ascii") + b") Tj" for line in lines)
    stream = b"BT /F1 12 Tf 14 TL 50 700 Td " + shown + b" ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    if encrypted:
        secret = b"<" + b"41" * 32 + b">"
        objects.append(b"<< /Filter /Standard /V 1 /R 2 /O %s /U %s /P -4 >>" % (secret, secret))
    data = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"/Size %d /Root 1 0 R" % (len(objects) + 1)
    if encrypted:
        trailer += b" /Encrypt 6 0 R /ID [<41> <41>]"
    return data + b"trailer\n<< %s >>\nstartxref\n%d\n%%%%EOF\n" % (trailer, table)
