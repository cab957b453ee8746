"""Builds ``raw/semaglutide/crawl-2024-03.warc.gz``, the WARC of the demonstration set, from the pages in ``demo_warc/``.

Usage: ``python -m tests.tools.make_demo_warc [FILE]``. Record ids and dates are fixed, so the same pages give the same records.
"""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

PAGES = Path(__file__).parent / "demo_warc"
TARGET = Path(__file__).parents[2] / "raw" / "semaglutide" / "crawl-2024-03.warc.gz"
_INFO_ID = "<urn:uuid:5f2d6c1e-0000-4d3a-9b1e-240304000000>"
_INFO = b"software: demonstration crawler\r\nformat: WARC File Format 1.0\r\ndescription: invented pages for demonstration\r\n"


@dataclass(frozen=True)
class Page:
    """One response record: the file with its HTML, and what the crawler noted of it."""

    name: str
    uri: str
    record_id: str
    date: str


CRAWL = (
    Page(
        "preprint.html",
        "https://papernest.example.org/abs/2402.00317",
        "5f2d6c1e-0001-4d3a-9b1e-240304000001",
        "2024-03-04T05:12:09Z",
    ),
    Page(
        "news.html",
        "https://dailytrumpet.example.com/health/jab-slashes-drinking",
        "5f2d6c1e-0002-4d3a-9b1e-240304000002",
        "2024-03-04T05:12:31Z",
    ),
    Page(
        "blog.html",
        "https://rootandritual.example.com/five-oclock-glass",
        "5f2d6c1e-0003-4d3a-9b1e-240304000003",
        "2024-03-04T05:13:02Z",
    ),
)


def build() -> bytes:
    """The archive, each record a gzip member of its own: a warcinfo record, then one response a page."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    info = {"WARC-Record-ID": _INFO_ID, "WARC-Date": "2024-03-04T05:12:00Z"}
    writer.write_record(
        writer.create_warc_record("", "warcinfo", payload=io.BytesIO(_INFO), length=len(_INFO), warc_headers_dict=info)
    )
    for page in CRAWL:
        body = (PAGES / page.name).read_bytes()
        http = StatusAndHeaders(
            "200 OK",
            [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))],
            protocol="HTTP/1.1",
        )
        headers = {"WARC-Record-ID": f"<urn:uuid:{page.record_id}>", "WARC-Date": page.date}
        writer.write_record(
            writer.create_warc_record(
                page.uri,
                "response",
                payload=io.BytesIO(body),
                length=len(body),
                http_headers=http,
                warc_headers_dict=headers,
            )
        )
    return out.getvalue()


def main(argv: list[str]) -> None:
    target = Path(argv[0]) if argv else TARGET
    target.write_bytes(build())


if __name__ == "__main__":
    main(sys.argv[1:])
