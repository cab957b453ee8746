"""Bytes to text: the encoding that is stated, unless the bytes say otherwise.

The order is that of browsers (https://html.spec.whatwg.org/#determining-the-character-encoding) with one change: bytes that are
valid UTF-8 are read as UTF-8 whatever is stated, since other text is hardly ever valid UTF-8 by chance.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

_BOMS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# Labels that mean a larger encoding on the web than by the letter (https://encoding.spec.whatwg.org/#names-and-labels).
_ON_THE_WEB: Final = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    # A label can be read as ASCII only if the text is no UTF-16, so such a label is wrong.
    "utf-16": "utf-8",
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
    "utf-32": "utf-8",
}
# Python knows codecs that are no encoding of text (idna, unicode_escape); a page must not choose one.
_USABLE: Final = frozenset(
    {
        "utf-8",
        "gb18030",
        "cp932",
        "cp949",
        "big5hkscs",
        "euc_jp",
        "iso2022_jp",
        "koi8-r",
        "koi8-u",
        "mac-roman",
        "cp866",
    }
    | {f"cp{number}" for number in (874, *range(1250, 1259))}
    | {f"iso8859-{number}" for number in (*range(2, 9), 10, 13, 14, 15, 16)}
)
# What charset-normalizer may answer for a script other than Latin: the encodings still met on the web.
_DETECTABLE: Final = (
    "cp1251",
    "cp1253",
    "cp1255",
    "cp1256",
    "cp874",
    "koi8_r",
    "gb18030",
    "big5",
    "cp932",
    "euc_jp",
    "cp949",
)
_PRESCAN_BYTES = 16 * 1024
_SAMPLE_BYTES = 32 * 1024
_SAMPLE_LEAD = 2 * 1024
_CHARSET = re.compile(r"charset\s{0,20}=\s{0,20}[\"']?([A-Za-z0-9._:+-]{1,60})", re.IGNORECASE)
_HIGH_BYTE = re.compile(rb"[\x80-\xff]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]{3,}")
_UNSAFE = re.compile("[\ud800-\udfff\0]")


def decode(data: bytes, *, declared: str | None = None, markup: bool = False) -> str:
    """``data`` as text; a byte that cannot be decoded becomes U+FFFD. Never raises.

    ``declared`` is the encoding a header names. With ``markup``, a ``<meta>`` tag or XML declaration is looked for too.
    Line ends become ``\\n``; NUL characters and lone surrogates become U+FFFD.
    """
    form = unicode_form(data)
    if form is not None:
        return tidy(data.decode(form, errors="replace"))
    labels = [codec(declared)]
    if markup:
        labels.append(codec(_declared_in_markup(data)))
    stated = [label for label in labels if label is not None]
    return tidy(_decode(data, stated))


def tidy(text: str) -> str:
    """``text`` with ``\\n`` line ends, and U+FFFD for what no UTF-8 file and no HTML parser takes."""
    text = text.removeprefix("\ufeff")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" not in text and _is_encodable(text):
        return text
    return _UNSAFE.sub("\ufffd", text)


def _is_encodable(text: str) -> bool:
    """Whether ``text`` holds no lone surrogate; much faster than looking at its characters."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def charset_of(content_type: str | None) -> str | None:
    """The charset parameter of a Content-Type header."""
    match = _CHARSET.search(content_type[:1000]) if content_type is not None else None
    return match.group(1) if match else None


def codec(label: str | None) -> str | None:
    """The Python codec that a label on the web means; ``None`` if it names no encoding that pages are written in."""
    if label is None:
        return None
    try:
        name = codecs.lookup(label.strip().lower()).name
    except (LookupError, ValueError):
        return None
    name = _ON_THE_WEB.get(name, name)
    return name if name in _USABLE else None


def unicode_form(data: bytes) -> str | None:
    """The Unicode encoding that a byte order mark, or the pattern of NUL bytes in UTF-16, gives away."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name
    sample = data[:2048]
    if len(sample) < 8:
        return None
    even = sample[0::2].count(0) / len(sample[0::2])
    odd = sample[1::2].count(0) / len(sample[1::2])
    if odd > 0.4 and even < 0.05:
        return "utf-16-le"
    if even > 0.4 and odd < 0.05:
        return "utf-16-be"
    return None


def _decode(data: bytes, stated: list[str]) -> str:
    if "iso2022_jp" in stated and b"\x1b$" in data:  # seven bits throughout, so it would pass for ASCII
        return data.decode("iso2022_jp", errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    lenient = data.decode("utf-8", errors="replace")
    bad = lenient.count("\ufffd")
    # Mostly good UTF-8 with some broken bytes: a cut character, or two files pasted together.
    if len(lenient) - len(lenient.encode("ascii", errors="ignore")) > 2 * bad:
        return lenient
    for name in stated:
        if name == "utf-8":
            continue
        text = data.decode(name, errors="replace")
        if text.count("\ufffd") <= len(text) / 1000:
            return text
    return data.decode(_detect(data), errors="replace")


def _declared_in_markup(data: bytes) -> str | None:
    from bs4.dammit import EncodingDetector

    return EncodingDetector.find_declared_encoding(data[:_PRESCAN_BYTES], is_html=True, search_entire_document=True)


def _detect(data: bytes) -> str:
    """The encoding of a sample around the first byte that is not ASCII; windows-1252 for Latin script.

    In Latin script such bytes stand alone or in twos, in others they come in runs. No detector tells windows-1252 from its
    neighbours by one curly quote or multiplication sign, so only other scripts are left to charset-normalizer.
    """
    from charset_normalizer import from_bytes

    first = _HIGH_BYTE.search(data)
    start = max(0, first.start() - _SAMPLE_LEAD) if first else 0
    sample = data[start : start + _SAMPLE_BYTES]
    if sum(map(len, _HIGH_RUN.findall(sample))) < 0.3 * len(_HIGH_BYTE.findall(sample)):
        return "cp1252"
    best = from_bytes(sample, cp_isolation=list(_DETECTABLE), preemptive_behaviour=False).best()
    return "cp1252" if best is None else best.encoding
