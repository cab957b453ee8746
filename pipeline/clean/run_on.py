"""Reference lists that lost their line breaks and stand at the end of the paragraph that rests on them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from pipeline.clean.entries import EntryLook
from pipeline.clean.reference_headings import ReferenceHeadings
from pipeline.model import Block
from pipeline.shapes import FROM_RAISED, RAISED_DIGIT, TO_RAISED, YEAR

_COUNT = r"([0-9]{1,3})"
_ENTRY = re.compile(
    rf"(?:(?<=[.:!?)\]”\"’'…]\s)|(?<=[^\W\d_]\s))(?:\[{_COUNT}\]|\({_COUNT}\)|{_COUNT}[.)]?|({RAISED_DIGIT}{{1,3}}))\s(?=[A-ZÀ-Þ“\"‘])"
)
"""Where an entry may begin: its number, before a capital letter."""
_HEADING = re.compile(r"(?:^|(?<=[.!?]\s)|(?<=[.!?][”\"’)\]]\s))([A-Z][^\W\d_]+(?: [^\W\d_]+){0,3}) ?[:.]?\s$")
_HEADED = re.compile(r"(?<=[.!?”\"’)\]]\s)(?:[*†‡] ?)?([A-Z][^\W\d_]+(?: [^\W\d_]+){0,3}) ?[:.]\s(?=[A-ZÀ-Þ“\"‘])")
_NEXT_AUTHOR = re.compile(r"(?<=[0-9]\.)\s(?=[A-ZÀ-Þ][\w’'-]{1,30},?\s(?:[A-Z]\.?-?){1,3}(?:[.,]|\s\(|\s[A-ZÀ-Þ]|\s&))")
_ENDED = re.compile(r"[.!?…][”\"’')\]]{0,3}\s$")
_YEAR_LAST = re.compile(rf"\b{YEAR}\W{{0,3}}$")
_LONGEST = 500
"""Characters of one entry."""
_MOST = 1500
"""Characters of a list that a heading alone shows."""
_LAST_BLOCKS = 3
_STRONG_SHARE = 0.5


class RunOnLists:
    """Takes the list that ends one of the last paragraphs: entries that go on counting from a number which the prose before refers to, or
    entries behind a heading."""

    def __init__(self, look: EntryLook, headings: ReferenceHeadings) -> None:
        self._look = look
        self._headings = headings

    def take(self, blocks: Sequence[Block]) -> tuple[list[Block], list[Block]]:
        """``blocks`` without such a list, and its entries as blocks of kind ``reference``."""
        kept = list(blocks)
        for place in range(len(kept) - 1, max(-1, len(kept) - 1 - _LAST_BLOCKS), -1):
            block = kept[place]
            if block.kind in ("table_row", "heading"):
                continue
            found = self._numbered(block.text) or self._headed(block.text)
            if found is not None:
                end, entries = found
                kept[place] = msgspec.structs.replace(block, text=block.text[:end].rstrip())
                return kept, [Block(kind="reference", text=entry) for entry in entries]
        return kept, []

    def _numbered(self, text: str) -> tuple[int, list[str]] | None:
        """Where the prose ends before entries that have numbers, and these."""
        begins = [
            (m.start(), int(next(g for g in m.groups() if g).translate(FROM_RAISED))) for m in _ENTRY.finditer(text)
        ]
        for at, (start, number) in enumerate(begins):
            cuts = [start]
            for later, following in begins[at + 1 :]:
                if following == number + len(cuts):
                    cuts.append(later)
            entries = [text[one:other].strip() for one, other in zip(cuts, [*cuts[1:], len(text)], strict=True)]
            heading = _HEADING.search(text, 0, start)
            headed = heading is not None and self._headings.needs(heading.group(1)) is not None
            end = heading.start(1) if heading is not None and headed else start
            # Within a sentence "(4) J Tea. 2019" is a citation told in full, however often the text has its number.
            ended = headed or (_ENDED.search(text, 0, start) is not None and _refers(text[:end], number, len(cuts)))
            if end and ended and self._are_entries(entries):
                return end, entries
        return None

    def _headed(self, text: str) -> tuple[int, list[str]] | None:
        """The same for entries without numbers, behind a heading."""
        for match in reversed(list(_HEADED.finditer(text))):
            rest = text[match.end() :]
            if len(rest) > _MOST or self._headings.needs(match.group(1)) is None:
                continue
            entries = _NEXT_AUTHOR.split(rest)
            if all(self._look.is_sure(entry) for entry in entries) and self._are_entries(entries):
                return match.start(), entries
        return None

    def _are_entries(self, entries: Sequence[str]) -> bool:
        if any(len(entry) > _LONGEST or self._look.is_prose(entry) for entry in entries):
            return False
        strong = sum(
            (points := self._look.points(entry)) >= 3 or (points >= 1 and _YEAR_LAST.search(entry) is not None)
            for entry in entries
        )
        return strong >= _STRONG_SHARE * len(entries)


def _refers(text: str, first: int, count: int) -> bool:
    """Whether ``text`` has a mark of one of ``count`` references from ``first`` on: in brackets, raised, or fused to a word or stop."""
    return any(
        re.search(
            rf"[\[(](?:[^\[\]()]{{0,20}}\D)?{number}(?!\d)[^\[\]()]{{0,20}}[\])]"
            rf"|[^\W\d_%][.,;:”\"’]{{0,2}}{number}(?=\s|$)|(?<=\S){str(number).translate(TO_RAISED)}",
            text,
        )
        for number in range(first, first + count)
    )
