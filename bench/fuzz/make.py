"""Makes inputs: good files with their bytes changed, and files of every format made by a grammar.

An input is told by seed and number alone, so that any one of thousands can be made again.
"""

from __future__ import annotations

import gzip
import json
import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from bench.fuzz.pieces import ATTRIBUTES, CHARACTERS, FIGURES, MARKUP, TAGS, VALUES, WORDS, pages

_SUFFIXES = (
    ".html",
    ".htm",
    ".txt",
    ".md",
    ".jsonl",
    ".warc",
    ".pdf",
    ".html.gz",
    ".jsonl.gz",
    ".warc.gz",
    ".xhtml",
    ".json",
    "",
)
_MOST_BYTES = 400_000


@dataclass(frozen=True)
class Made:
    """A file, and its sidecar where it has one."""

    name: str
    data: bytes
    sidecar: bytes | None = None


def made(seed: int, number: int) -> Made:
    """The input of this number."""
    chance = random.Random(f"{seed}/{number}")
    kind = chance.choice(_ORDER)
    suffix, data = _KINDS[kind](chance)
    for _ in range(chance.choice((0, 0, 0, 1, 3, 20))):
        data = _changed(data, chance)
    if chance.random() < 0.05:
        suffix = chance.choice(_SUFFIXES)
    if suffix.endswith(".gz") and not data.startswith(b"\x1f\x8b"):
        data = _squeezed(data, chance)
    sidecar = _json(chance).encode("utf-8", "surrogatepass") if chance.random() < 0.1 else None
    return Made(f"{number:06d}-{kind}{suffix}", data[:_MOST_BYTES], sidecar)


def _changed(data: bytes, chance: random.Random) -> bytes:
    """``data`` after one change of its bytes."""
    size = len(data)
    at = chance.randint(0, size)
    end = min(size, at + int(chance.expovariate(1 / 60)))
    match chance.randrange(8):
        case 0:
            return data[:at] + data[end:]
        case 1:
            return data[:at] + chance.randbytes(end - at) + data[end:]
        case 2:
            return data[:at] + data[at:end] * chance.choice((2, 2, 5, 40)) + data[end:]
        case 3:
            other = chance.choice(_good())
            start = chance.randint(0, len(other))
            return data[:at] + other[start : start + 2000] + data[end:]
        case 4:
            return data[:at]
        case 5 if size:
            spot = min(at, size - 1)
            return data[:spot] + bytes([data[spot] ^ (1 << chance.randrange(8))]) + data[spot + 1 :]
        case 6:
            piece = chance.choice((*MARKUP, *CHARACTERS, *FIGURES, *VALUES)) * (
                500 if chance.random() < 0.01 else chance.choice((1, 1, 3, 20))
            )
            return data[:at] + piece.encode("utf-8", "surrogatepass") + data[at:]
        case _:
            return data[:at] + data[end : end + 500] + data[at:end] + data[end + 500 :]


def _squeezed(data: bytes, chance: random.Random) -> bytes:
    packed = gzip.compress(data, 1, mtime=0)
    match chance.randrange(6):
        case 0:
            return packed[: chance.randint(0, len(packed))]
        case 1:
            return gzip.compress(packed, 1, mtime=0)
        case 2:
            return packed + packed
    return packed


def _text(chance: random.Random, most: int = 14) -> str:
    """Words, figures and bad characters in no order."""
    pools = (
        WORDS,
        WORDS,
        WORDS,
        FIGURES,
        FIGURES,
        CHARACTERS,
        (". ", ", ", "; ", " (", ") ", "\n", "\n\n", " – ", "-", "/"),
    )
    glue = chance.choice((" ", " ", " ", ""))
    return glue.join(chance.choice(chance.choice(pools)) for _ in range(chance.randint(0, most)))


def _sentence(chance: random.Random) -> str:
    """Prose that the program would read as a claim."""
    a, b = chance.choice(FIGURES), chance.choice(FIGURES)
    return chance.choice(
        (
            f"After six weeks, {a} of the tea group and {b} of the water group slept through the night.",
            f"In a trial of {a} adults, tea lowered pain by {b} compared with placebo (p < 0.05).",
            f"The {chance.choice(WORDS)} group lost {a} ({b}), {_text(chance, 6)}.",
        )
    )


def _body(chance: random.Random) -> str:
    return " ".join(_sentence(chance) if chance.random() < 0.6 else _text(chance) for _ in range(chance.randint(0, 12)))


def _attributes(chance: random.Random) -> str:
    count = 200 if chance.random() < 0.003 else chance.choice((0, 0, 0, 1, 2))
    found = ""
    for _ in range(count):
        mark, end = chance.choice(_QUOTES), chance.choice(_QUOTES)
        found += f" {chance.choice(ATTRIBUTES)}={mark}{chance.choice(VALUES)}{end}"
    return found


_QUOTES = ("", '"', "'")


def _element(chance: random.Random, depth: int) -> str:
    tag = chance.choice(TAGS)
    inner = "".join(
        _element(chance, depth - 1) if depth and chance.random() < 0.6 else _text(chance, 12)
        for _ in range(chance.randint(0, 3))
    )
    if chance.random() < 0.15:
        inner += chance.choice(MARKUP)
    end = "" if chance.random() < 0.2 else f"</{chance.choice(TAGS) if chance.random() < 0.1 else tag}>"
    return f"<{tag}{_attributes(chance)}>{inner}{end}"


def _deep(chance: random.Random) -> str:
    tag, depth = chance.choice(TAGS), chance.choice((10, 300, 3000, 20_000))
    return f"<{tag}>" * depth + _sentence(chance) + (f"</{tag}>" * depth if chance.random() < 0.5 else "")


def _table(chance: random.Random) -> str:
    span = chance.choice(("", "", " colspan=3", " rowspan=99999", " colspan=999999999", " rowspan=-1"))
    rows = (
        "<tr>"
        + "".join(
            f"<td{span if chance.random() < 0.1 else ''}>{chance.choice(FIGURES)}" for _ in range(chance.randint(0, 8))
        )
        for _ in range(chance.choice((1, 3, 10)))
    )
    return "<table>" + "\n".join(rows) + chance.choice(("</table>", ""))


def _html_text(chance: random.Random) -> str:
    head = "".join(
        (
            f"<title>{_text(chance, 8)}</title>",
            f"<meta {_attributes(chance)}>",
            f'<script type="application/ld+json">{_json(chance)}</script>',
        )
    )
    parts = []
    for _ in range(chance.randint(1, 3)):
        make = chance.choice((_element_of_some_depth, _element_of_some_depth, _prose, _prose, _table, _deep))
        parts.append(make(chance))
    return f"<!DOCTYPE html><html><head>{head}</head><body><article>{''.join(parts)}</article></body></html>"


def _element_of_some_depth(chance: random.Random) -> str:
    return _element(chance, 4)


def _prose(chance: random.Random) -> str:
    return "".join(f"<p>{_body(chance)}</p>" for _ in range(chance.randint(1, 2)))


def _html(chance: random.Random) -> tuple[str, bytes]:
    encoding = chance.choice(("utf-8", "utf-8", "utf-8", "cp1252", "utf-16", "utf-32", "cp932", "koi8-r"))
    return ".html", _html_text(chance).encode(encoding, "replace")


def _plain(chance: random.Random) -> tuple[str, bytes]:
    text = "\n\n".join(_body(chance) for _ in range(chance.randint(1, 4)))
    return ".txt", text.encode("utf-8", "surrogatepass")


_FRONT = (
    "date: 2024-02-31", "a: &a [*a, *a]", "x: !!python/object:os.system {}", "- " * 300, "{" * 300, "? [1]\n: 2", "id: *unknown",
    "title: 5: 6", "b: &b {<<: *b}", "id: [[[[1]]]]",
)  # fmt: skip


def _markdown(chance: random.Random) -> tuple[str, bytes]:
    marks = (
        "# ",
        "## ",
        "- ",
        "  - ",
        "1. ",
        "> ",
        "> > ",
        "```\n",
        "| a | b |\n|---|---|\n| ",
        "[^1]: ",
        "***",
        "![x](",
        "[x]: ",
        "    ",
        "<div>",
    )
    lines = (
        chance.choice(("", "", *marks)) * chance.choice((1, 1, 1, 40)) + _body(chance)
        for _ in range(chance.randint(1, 5))
    )
    front = ""
    if chance.random() < 0.6:
        fields = [
            chance.choice((*_FRONT, f"title: {_text(chance, 5)}", f"url: {chance.choice(VALUES)}")) for _ in range(4)
        ]
        front = "\n".join(("---", *fields, "---", ""))
    return ".md", (front + "\n".join(lines)).encode("utf-8", "surrogatepass")


def _value(chance: random.Random, depth: int) -> str:
    """A JSON value, or something near one."""
    match chance.randrange(9):
        case 0 if depth:
            return "[" + ",".join(_value(chance, depth - 1) for _ in range(chance.randint(0, 4))) + "]"
        case 1 if depth:
            return _json(chance, depth - 1)
        case 2:
            return chance.choice(
                ("NaN", "-Infinity", "1e999", "-0", "9" * 5000, "0." + "1" * 3000, "1E-9999", "01", "+1", ".5")
            )
        case 3:
            return chance.choice(
                (
                    "null",
                    "true",
                    "false",
                    "",
                    "undefined",
                    '"\\ud800"',
                    '"\\u0000"',
                    '"\\x"',
                    '"',
                    "[" * 3000,
                    '{"a":' * 3000,
                )
            )
        case 4:
            return str(chance.randint(-(2**70), 2**70))
        case _:
            return json.dumps(_body(chance) if chance.random() < 0.3 else chance.choice((*VALUES, *WORDS, *FIGURES)))


_KEYS = (
    "id", "url", "title", "author", "publisher", "published", "kind", "language", "text", "html", "charset", "@type", "@graph",
    "headline", "datePublished", "name", "", "x",
)  # fmt: skip


def _json(chance: random.Random, depth: int = 3) -> str:
    fields = (f"{json.dumps(chance.choice(_KEYS))}:{_value(chance, depth)}" for _ in range(chance.randint(0, 6)))
    return "{" + ",".join(fields) + chance.choice(("}", "}", "}", "}", "}}", ""))


def _jsonl(chance: random.Random) -> tuple[str, bytes]:
    lines = []
    for number in range(chance.randint(1, 4)):
        if chance.random() < 0.5:
            lines.append(_json(chance))
        else:
            lines.append(json.dumps({"id": f"made-{number}", chance.choice(("text", "html")): _html_text(chance)}))
    return ".jsonl", chance.choice(("\n", "\n", "\r\n", "\n\n")).join(lines).encode("utf-8", "surrogatepass")


def _response(chance: random.Random) -> bytes:
    body = _html(chance)[1]
    encoding = chance.choice(("", "", "gzip", "deflate", "br", "zstd", "x" * 50))
    if encoding == "gzip":
        body = _squeezed(body, chance)
    elif encoding == "deflate":
        body = zlib.compress(body)[chance.choice((0, 2)) :]
    if chance.random() < 0.2:
        body = b"%x\r\n" % chance.choice((len(body), 0, 2**40, 5)) + body + b"\r\n0\r\n\r\n"
    status = chance.choice(("200 OK", "200", "404 Not Found", "", "200 " + "x" * 3000))
    chunked = "Transfer-Encoding: chunked\r\n" if chance.random() < 0.2 else ""
    kind = chance.choice(
        ("text/html", "text/html; charset=utf-7", "text/plain", "", "application/pdf", "text/markdown")
    )
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Encoding: {encoding}\r\n{chunked}\r\n"
    return head.encode() + body


def _warc(chance: random.Random) -> tuple[str, bytes]:
    records = []
    for number in range(chance.randint(1, 3)):
        block = _response(chance)
        length = chance.choice((len(block), len(block), len(block), len(block) + 50, 0, -1, 10**14, "x"))
        kind = chance.choice(("response", "response", "resource", "request", "conversion", "revisit", ""))
        head = (
            f"WARC/{chance.choice(('1.0', '1.1', '9.9'))}\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{number}>\r\n"
            f"WARC-Target-URI: https://made.example/{number}\r\nContent-Type: application/http\r\nContent-Length: {length}\r\n\r\n"
        )
        record = head.encode() + block + b"\r\n\r\n"
        records.append(_squeezed(record, chance) if chance.random() < 0.2 else record)
    return ".warc", b"".join(records)


def _pdf(chance: random.Random) -> tuple[str, bytes]:
    shown = _body(chance).encode("ascii", "replace").replace(b"(", b"").replace(b")", b"").replace(b"\\", b"")
    stream = b"BT /F1 12 Tf 50 700 Td (" + shown + b") Tj ET"
    data = (
        b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count "
    )
    data += chance.choice((b"1", b"1", b"99999999", b"-1")) + b" >>\nendobj\n"
    data += b"3 0 obj\n<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>\nendobj\n"
    length = chance.choice((len(stream), 0, 2**31))
    data += b"4 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (length, stream)
    data += b"5 0 obj\n<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>\nendobj\ntrailer\n<< /Size 6 /Root 1 0 R >>\n%%EOF\n"
    return ".pdf", data


def _noise(chance: random.Random) -> tuple[str, bytes]:
    return chance.choice(_SUFFIXES), chance.randbytes(chance.choice((0, 1, 50, 5000)))


def _good_page(chance: random.Random) -> tuple[str, bytes]:
    """A page of the demonstration set with some of its bytes changed."""
    data = chance.choice(_good())
    if chance.random() < 0.7:  # a part of it, which takes less time
        start = chance.randint(0, len(data))
        data = data[: chance.randint(0, 600)] + data[start : start + chance.randint(0, 1500)]
    for _ in range(chance.choice((1, 2, 10, 80))):
        data = _changed(data, chance)
    suffix = ".html" if b"<html" in data[:3000] else chance.choice((".txt", ".md", ".jsonl", ".warc"))
    return suffix, data


@cache
def _good() -> tuple[bytes, ...]:
    """Good files, the compressed ones also taken apart."""
    found = []
    for data in pages():
        found.append(data)
        if data.startswith(b"\x1f\x8b"):
            found.append(gzip.decompress(data))
    return tuple(found)


_KINDS: dict[str, Callable[[random.Random], tuple[str, bytes]]] = {
    "page": _good_page,
    "html": _html,
    "text": _plain,
    "markdown": _markdown,
    "jsonl": _jsonl,
    "warc": _warc,
    "pdf": _pdf,
    "noise": _noise,
}
_ORDER = ("page", "page", "html", *_KINDS)
"""What is most of what is read is made most often."""
