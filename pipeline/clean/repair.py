"""Repairs of characters: what a scraper, an editor or a wrong decoding did to a text. No repair changes a digit."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable

import ftfy

from pipeline.rules.ruleset import Ruleset
from pipeline.shapes import NEVER

# Quotes, full-width forms and powers carry meaning, so only damage is repaired: see the ftfy documentation of TextFixerConfig.
_FTFY = ftfy.TextFixerConfig(
    unescape_html=False,
    remove_terminal_escapes=True,
    fix_encoding=True,
    restore_byte_a0=True,
    replace_lossy_sequences=False,
    decode_inconsistent_utf8=True,
    fix_c1_controls=True,
    fix_latin_ligatures=True,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=True,
    fix_surrogates=True,
    remove_control_chars=True,
    normalization="NFC",
    explain=False,
)
_ODD = re.compile("[^\t\n -~‘’“”–—…]")
"""What may need repair in a text that is not ASCII. Of all others the quotes, dashes and dots of good print are by far the most frequent,
and nothing is wrong with them."""
_CONTROLS = r"\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f"
"""All but tabs and what ends a line or a part of a text."""
_CONTROL = re.compile(f"[{_CONTROLS}]")
_JUNK_BYTES = bytes(code for code in range(0x80) if _CONTROL.match(chr(code)))
_JUNK_PAIR = re.compile(b"\xc2[\x80-\x84\x86-\x9f]")
"""The controls beyond ASCII in UTF-8."""
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ZERO_WIDTH = (0x00AD, 0x034F, 0x061C, 0x180E, 0x200B, 0x200E, 0x200F, 0xFEFF)
_INVISIBLE = dict.fromkeys([*_ZERO_WIDTH, *range(0x202A, 0x202F), *range(0x2060, 0x206A), *range(0xFE00, 0xFE10)])
_SPACES = dict.fromkeys([0x00A0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " ")
_BREAKS = dict.fromkeys([0x0B, 0x0C, 0x1C, 0x1D, 0x1E, 0x85, 0x2028, 0x2029], "\n")
# Joiners spell words in some scripts and join emoji; beside ASCII they are debris.
_JOINER = re.compile(r"(?<=[\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?=[\x00-\x7f])")
# A space of several bytes may leave as many marks; what is left of a no-break space read in a wrong encoding is "Â ".
_LOST = "(?:\\?|\ufffd{1,3}|Â ?)"
_SENTENCE_END = re.compile(r"(?<=[a-z0-9][a-z0-9%)])([.!?][”’\"]?)(?=[A-Z][a-z]+\b)")
_WORD = re.compile(r"[A-Za-z]+")
_TO_SPACE = re.compile(r"\S{1,80}")
_NOT_SPACE = re.compile(r"\S{0,80}$")


class Repair:
    """Repairs a text by the rules ``repair-lost-space``, ``repair-glued-sentence`` and ``repair-hyphen-prefixes``."""

    def __init__(self, rules: Ruleset) -> None:
        units = "|".join(sorted((re.escape(str(u)) for u in rules.lexicon("repair-lost-space")), key=len, reverse=True))
        unit = rf"(?=(?:{units or NEVER})(?![A-Za-z]))"
        number = "|".join(
            sorted((re.escape(str(w)) for w in rules.lexicon("repair-number-words")), key=len, reverse=True)
        )
        self._lost = re.compile(
            rf"(?<=[0-9%]){_LOST}{unit}|(?<=[A-Za-z0-9)%]){_LOST}(?=[=<>≤≥±×≈])|(?<=[=<>≤≥±×≈]){_LOST}(?=[0-9.−-])"
            rf"|\b(?P<word>(?i:{number or NEVER})){_LOST}{unit}"
        )
        self._stops = frozenset(str(e).casefold() for e in rules.lexicon("repair-glued-sentence"))
        self._prefixes = frozenset(str(e).casefold() for e in rules.lexicon("repair-hyphen-prefixes"))

    def text(self, text: str, *, entities: bool) -> str:
        """``text`` repaired, its line breaks (all ``\\n``) and tabs kept; ``entities`` decodes HTML entities left in it."""
        if entities and "&" in text:
            text = _ENTITY.sub(lambda m: html.unescape(m.group()), text)
        if not text.isascii() and _ODD.search(text) is not None:
            text = ftfy.fix_text(text, _FTFY)
            text = text.translate(_BREAKS).translate(_INVISIBLE).translate(_SPACES)
            text = _JOINER.sub("", text)
            # Removal can leave a letter and its accent side by side.
            text = unicodedata.normalize("NFC", text)
        else:
            text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_BREAKS)
        text = _CONTROL.sub("", text)
        if any(mark in text for mark in "?\ufffdÂ"):
            text = self._lost.sub(self._lost_space, text)
        return text

    def sentences(self, text: str) -> str:
        """``text`` with a space between two sentences that stand side by side without one."""
        return _SENTENCE_END.sub(self._glued, text)

    def line(self, text: str) -> str:
        """``text``, the text of one block, repaired and on one line, with single spaces."""
        return " ".join(self.text(text, entities=False).split())

    def join(self, lines: Iterable[str], known: frozenset[str]) -> str:
        """Lines of one paragraph as one line; a word broken by a hyphen at a line's end is made whole.

        ``known`` holds the words (case-folded) that the document has elsewhere: they decide whether the hyphen is the word's own.
        """
        parts: list[str] = []
        for line in lines:
            line = line.strip()
            if not parts or not line:
                parts.append(line)
                continue
            before = parts[-1]
            head = re.search(r"([^\W\d_]{2,40})[-‐]$", before)
            tail = re.match(r"[a-zà-ÿ]{2,40}", line)
            if head is None or tail is None:
                glue = "" if before.endswith(("-", "‐", "/")) and line[:1].isalnum() else " "
                parts.append(glue + line)
                continue
            first, second = head.group(1).casefold(), tail.group().casefold()
            own = f"{first}-{second}" in known or (first in self._prefixes and first + second not in known)
            parts[-1] = before if own else before[:-1]
            parts.append(line)
        return "".join(parts)

    def _lost_space(self, match: re.Match[str]) -> str:
        token = _NOT_SPACE.search(match.string, max(0, match.start() - 80), match.start())
        before = token.group() if token is not None else ""
        if "//" in before or before.startswith("www."):
            return match.group()
        return (match["word"] or "") + " "

    def _glued(self, match: re.Match[str]) -> str:
        token = _NOT_SPACE.search(match.string, max(0, match.start() - 80), match.start())
        before = token.group() if token is not None else ""
        after = _TO_SPACE.match(match.string, match.end())
        rest = after.group() if after is not None else ""
        word = _WORD.match(rest)
        address = any(mark in part for mark in ("//", "@") for part in (before, rest))
        if (
            address
            or "." in before
            or before.endswith("www")
            or (word is not None and word.group().casefold() in self._stops)
        ):
            return match.group()
        return match.group() + " "


def junk_share(text: str) -> float:
    """Share of characters that no text has: controls and replacement characters, 0 to 1."""
    if not text:
        return 0.0
    sample = text[:200_000]
    # Bytes show faster than characters how many there are.
    data = sample.encode("utf-8", "replace")
    found = len(data) - len(data.translate(None, _JUNK_BYTES)) + data.count("\ufffd".encode())
    if 0xC2 in data:
        found += len(_JUNK_PAIR.findall(data))
    return found / len(sample)
