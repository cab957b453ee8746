"""Pages made to do harm: floods, bombs, depth, and characters that programs stumble over.

``make(scale)`` gives each by its name. At scale 1 they are what a test bears; at 100 they reach the limits of ``pipeline/config.py``.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable

SENTENCE = "After six weeks, 48.2% of the tea group and 10.7% of the water group slept."


def _page(body: str, head: str = "") -> bytes:
    return f"<!DOCTYPE html><html><head><title>Tea</title>{head}</head><body><article>{body}</article></body></html>".encode(
        "utf-8", "surrogatepass"
    )


def _prose(text: str = SENTENCE) -> str:
    return f"<p>{text}</p>" * 3


def _warc(block: bytes, encoding: str = "") -> bytes:
    coded = f"Content-Encoding: {encoding}\r\n" if encoding else ""
    http = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{coded}\r\n".encode() + block
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Target-URI: https://a.example/\r\n"
        f"Content-Type: application/http\r\nContent-Length: {len(http)}\r\n\r\n"
    )
    return head.encode() + http + b"\r\n\r\n"


def _bomb(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    blank = b" " * 2**20
    return b"".join(
        [packer.compress(_page(_prose())), *(packer.compress(blank) for _ in range(megabytes)), packer.flush()]
    )


def _brotli(data: bytes) -> bytes:
    import brotli

    found: bytes = brotli.compress(data, quality=5)
    return found


def _objects(depth: int) -> bytes:
    return b'{"id": "a", "text": "Tea.", "x": ' + b'{"a": ' * depth + b"1" + b"}" * depth + b"}\n"


_MAKERS: dict[str, Callable[[int], bytes]] = {
    # Depth.
    "deep.html": lambda n: _page("<div>" * 2000 * n + SENTENCE + "</div>" * 2000 * n),
    "deep-inline.html": lambda n: _page("<p>" + "<b>" * 2000 * n + SENTENCE),
    "deep-lists.html": lambda n: _page("<ul><li>" * 1000 * n + SENTENCE),
    "deep-tables.html": lambda n: _page("<table><tr><td>" * 700 * n + SENTENCE),
    "deep-quotes.md": lambda n: (("> " * 500 * n + SENTENCE + "\n") * 3).encode(),
    "deep-lists.md": lambda n: "".join("  " * depth + "- " + SENTENCE + "\n" for depth in range(30 * n)).encode(),
    "brackets.md": lambda n: b"[" * 500 * n + SENTENCE.encode() + b"](" * 500 * n,
    "stars.md": lambda n: b"*a **b " * 300 * n + SENTENCE.encode(),
    "deep.jsonl": lambda n: _objects(500 * n) + json.dumps({"id": "b", "text": SENTENCE}).encode(),
    "brackets.jsonl": lambda n: b'{"id": ' + b"[" * 5000 * n + b"\n" + json.dumps({"id": "b", "text": SENTENCE}).encode(),
    "deep-front.md": lambda n: b"---\nx: " + b"[" * min(15_000, 1000 * n) + b"\n---\n" + SENTENCE.encode(),
    "aliases.md": lambda n: ("---\na: &a [x, x]\n" + "".join(f"{b}: &{b} [{('*' + a + ', ') * 9}*{a}]\n"
        for a, b in zip("abcdefgh", "bcdefghi", strict=True)) + f"title: *i\n---\n{SENTENCE}").encode(),
    # Floods.
    "tags.html": lambda n: _page("<i></i>" * 20_000 * n + _prose()),
    "breaks.html": lambda n: _page(f"<p>{SENTENCE}" + "<br>" * 20_000 * n),
    "attributes.html": lambda n: _page("<p " + " ".join(f"a{i}='{i}'" for i in range(5000 * n)) + f">{SENTENCE}"),
    "attribute.html": lambda n: _page(f"<p class='{'x ' * 50_000 * n}' style='{'a:b;' * 10_000}'>{SENTENCE}"),
    "entities.html": lambda n: _page(_prose() + "&amp;" * 1000 * n + "&#0;&#xD800;&#x110000;&nosuch;" * 200),
    "laughs.html": lambda n: b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "tea tea">'
        + b"".join(b'<!ENTITY %c "%s">' % (c, b"&%c;" % (c - 1) * 10) for c in range(98, 123)) + b"]>" + _page(_prose() + "&z;"),
    "outside.html": lambda n: b'<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + _page(_prose() + "<p>&x;</p>"),
    "table.html": lambda n: _page(_prose() + "<table>" + "<tr><td>1<td>2<td>48%</tr>" * 300 * n + "</table>"),
    "spans.html": lambda n: _page(_prose() + "<table><tr><td colspan=100000000 rowspan=100000000>48%<td>1</table>"),
    "marks.html": lambda n: _page(f"<p>{SENTENCE}" + "<sup>[1]</sup>" * 500 * n),
    "references.html": lambda n: _page(_prose() + "<h2>References</h2><ol>" + "".join(f"<li>Roe A. Tea {i}. J Tea. 2019;1:1-9."
        for i in range(100 * n)) + "</ol>"),
    "links.html": lambda n: _page(_prose() + "<a href='/a'>tea</a> " * 1500 * n),
    "metas.html": lambda n: _page(_prose(), "<meta property='og:title' content='Tea'>" * 5000 * n),
    "linked-data.html": lambda n: _page(_prose(), '<script type="application/ld+json">' + '{"@graph": [' * 3000 * n + "</script>"),
    "sidecars.html": lambda n: _page(_prose()),
    # What is begun and not ended.
    "unclosed.html": lambda n: "".join(f"<{tag}>"
        for tag in ("div", "p", "b", "a", "table", "td", "ul", "li", "select", "svg")).encode() * 500 * n + SENTENCE.encode(),
    "comment.html": lambda n: _page(_prose() + "<!-- " * 5000 * n),
    "data.html": lambda n: _page(_prose() + "<![CDATA[" * 5000 * n),
    "script.html": lambda n: _page(_prose() + "<script>" * 5000 * n),
    "quote.html": lambda n: _page(_prose() + "<a href='" * 5000 * n),
    "angle.html": lambda n: _page(_prose() + "<" * 50_000 * n),
    "plaintext.html": lambda n: _page(_prose() + "<plaintext>" * 2000 * n),
    # Characters.
    "nulls.html": lambda n: _page(_prose(SENTENCE.replace(" ", " \0")) + "\0" * 20_000 * n),
    "bidi.html": lambda n: _page(_prose("\u202e".join(SENTENCE)) + "\u2066\u202e\u2069" * 5000 * n),
    "zero-width.html": lambda n: _page(_prose("\u200b\u2060\ufeff".join(SENTENCE)) + "\u200b" * 50_000 * n),
    "accents.txt": lambda n: (SENTENCE + "e" + "\u0301" * 20_000 * n).encode(),
    "surrogates.jsonl": lambda n: b'{"id": "a", "text": "' + b"\\ud800 48% of \\udc00 40 slept. " * 10 * n + b'"}\n',
    "surrogates.txt": lambda n: (SENTENCE + "\ud800 48% of 40\udfff slept. " * 10 * n).encode("utf-8", "surrogatepass"),
    "blank.txt": lambda n: (SENTENCE + " \u2003\t\u00a0" * 20_000 * n + "\n" * 20_000 * n + SENTENCE).encode(),
    "utf-16.html": lambda n: _page(_prose()).decode().encode("utf-16"),
    "said-utf-16.html": lambda n: _page(_prose("café – 48%"), "<meta charset=utf-16>"),
    "said-utf-8.html": lambda n: _page("X").replace(b"X", "<p>Café: 48% of the 40 tea drinkers slept – “well”.</p>".encode("cp1252")),
    "said-ascii.html": lambda n: _page(_prose("日本語 48% of 40"), "<meta charset=us-ascii>"),
    "utf-7.html": lambda n: _page("+ADw-script+AD4-" + _prose(), "<meta charset=utf-7>"),
    # Numbers, words and sentences of great length.
    "digits.txt": lambda n: (f"{'1' * 1000 * n}% of 40 slept. 0.{'3' * 1000 * n} mg. " + SENTENCE).encode(),
    "commas.txt": lambda n: (f"{'1,234' * 200 * n} of 40 slept. " + SENTENCE).encode(),
    "exponent.txt": lambda n: (f"1e{'9' * 300 * n} of 10^{'9' * 300 * n} slept, 1E-99999. " + SENTENCE).encode(),
    "ranges.txt": lambda n: ("1-2-3–" * 100 * n + SENTENCE).encode(),
    "word.txt": lambda n: ("a" * 50_000 * n + " " + SENTENCE).encode(),
    "sentence.txt": lambda n: ("tea and " * 400 * n + SENTENCE).encode(),
    "figures.txt": lambda n: ("48% and " * 50 * n + SENTENCE).encode(),
    "parentheses.txt": lambda n: ("(" * 400 * n + SENTENCE + ")" * 400 * n).encode(),
    "quotes.txt": lambda n: ("“" * 400 * n + SENTENCE).encode(),
    "stops.txt": lambda n: ("." * 5000 * n + " ?! " * 500 * n + SENTENCE).encode(),
    "addresses.txt": lambda n: ("https://" + "a." * 500 * n + " a@" * 100 * n + SENTENCE).encode(),
    "names.txt": lambda n: ("A-1-B-2-" * 200 * n + SENTENCE).encode(),
    "title.html": lambda n: _page(_prose(), f"<title>{'Tea | ' * 5000 * n}</title><title>{' ' * 50_000 * n}</title>"),
    # Compressed.
    "bomb.html.gz": lambda n: _bomb(30 + n),
    "bomb-twice.html.gz": lambda n: gzip.compress(_bomb(30 + n), mtime=0),
    "bomb-thrice.html.gz": lambda n: gzip.compress(gzip.compress(_bomb(30 + n), mtime=0), mtime=0),
    "bomb.jsonl.gz": lambda n: gzip.compress(b'{"id": "a", "text": "' + b"a" * 2**20 * (25 + n) + b'"}\n'
        + json.dumps({"id": "b", "text": SENTENCE}).encode(), 1, mtime=0),
    "bomb.warc": lambda n: _warc(_bomb(30 + n), "gzip"),
    "bomb.warc.gz": lambda n: gzip.compress(_warc(_bomb(30 + n), "gzip"), mtime=0),
    "bomb-br.warc": lambda n: _warc(_brotli(_page(_prose()) + b" " * 2**20 * 30), "br"),
    "many.html.gz": lambda n: gzip.compress(b"", mtime=0) * 5000 * n + gzip.compress(_page(_prose()), mtime=0),
    # Formats.
    "types.jsonl": lambda n: b'{"id": 5}\n{"id": [1], "text": 3}\n{"text": NaN}\n{"text": {"a": 1}}\n[1]\nnull\n"x"\n1e999\n'
        b'{"id": "a", "text": "Tea.", "url": -0, "published": Infinity, "kind": {}}\n'
        + b'{"id": ' + b"9" * 5000 * n + b', "text": "Tea helps 5 of 40."}\n'
        + json.dumps({"id": "b", "text": SENTENCE}).encode(),
    "keys.jsonl": lambda n: ("{" + ",".join(f'"k{i}": {i}' for i in range(3000 * n)) + f', "id": "a", "text": "{SENTENCE}"}}\n').encode(),
    "same.jsonl": lambda n: (json.dumps({"id": "a", "text": SENTENCE}).encode() + b"\n") * 300 * n,
    "headers.warc": lambda n: b"WARC/1.0\r\n" + b"X: y\r\n" * 20_000 * n + _warc(_page(_prose())),
    "header.warc": lambda n: b"WARC/1.0\r\nX: " + b"y" * 100_000 * n + b"\r\n" + _warc(_page(_prose())),
    "huge.warc": lambda n: _warc(_page(_prose())) + b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 999999999999999\r\n\r\n"
        + b"x" * 1000,
    "empty.pdf": lambda n: b"%PDF-1.7\n",
    "pages.pdf": lambda n: b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj "
        b"2 0 obj<</Type/Pages/Count 99999999/Kids[2 0 R]>>endobj trailer<</Root 1 0 R>>%%EOF",
    "noise.pdf": lambda n: b"%PDF-1.4\n" + bytes((i * 7919) % 251 for i in range(20_000)),
}  # fmt: skip


def make(scale: int = 1) -> dict[str, bytes]:
    """Each page by its file name; ``NAME.meta.json`` is the sidecar of ``NAME``."""
    pages = {name: maker(scale) for name, maker in _MAKERS.items()}
    pages["sidecars.html.meta.json"] = b'{"title": ' + b"[" * 5000 * scale + b"}"
    return pages
