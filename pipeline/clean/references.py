"""Reference lists: found by heading, numbering and the look of their entries, parsed, and taken out of the prose."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import count
from string import ascii_lowercase

import msgspec

from pipeline.clean.entries import EntryLook, has_doi, parse_reference
from pipeline.clean.marks import expand
from pipeline.clean.params import Params
from pipeline.clean.reference_headings import ReferenceHeadings
from pipeline.clean.run_on import RunOnLists
from pipeline.model import Block, Reference
from pipeline.rules.ruleset import Ruleset
from pipeline.shapes import DOI, FROM_RAISED, NEVER, RAISED_DIGIT, YEAR

_COUNT = r"([0-9]{1,3})"
_NUMBER = re.compile(
    rf"(?:\[{_COUNT}\]|\({_COUNT}\)|{_COUNT}[.)]|\^?{_COUNT}|({RAISED_DIGIT}{{1,3}}))(?=[\s:])[\s:]{{1,5}}"
)
_MARKED = re.compile(
    rf"[\[(](?:[^\W\d_]{{3,9}}\.? )?([0-9]{{1,3}}(?:\s?[,;–-]\s?[0-9]{{1,3}}){{0,9}})[\])]|(?<=\S)({RAISED_DIGIT}{{1,3}})"
)
"""Where prose has the number of a reference: in brackets, perhaps behind a word, or raised."""
_NEXT_AUTHOR = re.compile(r"(?<=[0-9]\.)\s(?=[A-ZÀ-Þ][\w’'-]{1,30},?\s(?:[A-Z]\.?-?){1,3}(?:[.,]|\s\(|\s[A-ZÀ-Þ]|\s&))")
"""Between two entries of one paragraph that have no number: behind pages or a year, before a surname with initials."""
_INSIDE = re.compile(rf"\s(?:\[{_COUNT}\]|\({_COUNT}\)|{_COUNT}[.)])\s(?=[A-ZÀ-Þ“\"\[])")
_YEAR_LAST = re.compile(rf"\b{YEAR}\W{{0,3}}$")
"""How the entry of a body ends that has neither volume nor pages."""
_ONLY_DOI = re.compile(rf"(?:doi:?\s{{0,2}}|https?://(?:dx\.)?doi\.org/){{0,2}}{DOI}$", re.IGNORECASE)
_DOI_BEHIND = re.compile(rf"(?<=[.!?])\s({DOI})$")
_LETTERED = re.compile(rf"(?:{YEAR}|^[0-9]{{1,4}})$")
_SHORT_ENTRY = 1200
"""Characters beyond which a block is prose, whatever it looks like."""
_LONG_ENTRY = 20_000
"""The same under a heading, where a whole list may stand in one block."""


class ReferenceLists:
    """Takes reference lists: those under a heading whose lines look enough like entries, those that count from 1, and runs of blocks each
    of which is plainly an entry. The shares of entries asked for are params of the rule ``reference-headings``."""

    def __init__(self, rules: Ruleset, look: EntryLook, headings: ReferenceHeadings) -> None:
        self._look = look
        self._headings = headings
        self._run_on = RunOnLists(look, headings)
        params = Params(rules, "reference-headings")
        heads = sorted((re.escape(str(h)) for h in params["inline"]), key=len, reverse=True)
        self._inline = re.compile(rf"(?:[*†‡] ?)?(?:{'|'.join(heads) or NEVER})\s?:\s{{0,3}}(?=\S)", re.IGNORECASE)
        self._inline_blocks = int(params["inline_blocks"])
        self._inline_key = str(params["inline_key"])
        self._good_share = float(params["good_share"])
        self._strong_share = float(params["strong_share"])
        self._counted_share = float(params["counted_share"])

    def take(self, blocks: Sequence[Block]) -> tuple[list[Block], tuple[Reference, ...]]:
        """``blocks`` without their reference lists, and the entries of these in order, each with a key of its own.

        Blocks of kind ``reference`` are entries in any case. A text that is nothing but a list stays as it is.
        """
        given = [b for b in blocks if b.kind == "reference"]
        blocks = [b for b in blocks if b.kind != "reference"]
        kept: list[Block] = list(blocks)
        entries: list[Reference] = []
        spans: list[tuple[int, int, int]] = []
        index = 0 if len(blocks) > 1 else 1
        marked: set[int] = set()
        while index < len(blocks):
            needs = self._heading(blocks[index])
            start = index + 1 if needs is not None else index
            end = self._run(blocks, start, needs)
            if end == start and needs is None:
                if _key(blocks[index].text) in marked:
                    end = self._marked_run(blocks, start, marked)
                else:
                    marked.update(_marked(blocks[index].text))
            if end > start:
                spans.append((index, start, end))
                index = end
            else:
                index += 1
        for whole, start, end in reversed(spans):
            entries[:0] = self._parse(blocks[start:end])
            del kept[whole:end]
        if given:
            entries.extend(self._parse(given))
        for place in range(len(kept) - 1, max(0, len(kept) - 1 - self._inline_blocks), -1):
            named = self._inline_entries(kept[place])
            if named:
                entries.extend(named)
                del kept[place]
                continue
            behind = _DOI_BEHIND.search(kept[place].text)
            if behind is not None and kept[place].kind != "table_row":
                entries.append(parse_reference(self._inline_key, behind.group(1)))
                kept[place] = msgspec.structs.replace(kept[place], text=kept[place].text[: behind.start()])
        if not kept:
            return list(blocks), ()
        if not entries:
            kept, ending = self._run_on.take(kept)
            entries = self._parse(ending) if ending else []
        return kept, _unique(entries)

    def _inline_entries(self, block: Block) -> list[Reference]:
        """Entries of a list that stands in one paragraph with its heading: ``Source: ...``, ``References: 1. ... 2. ...``."""
        if _ONLY_DOI.match(block.text) is not None:
            return [parse_reference(self._inline_key, block.text)]
        match = self._inline.match(block.text)
        if match is None:
            return []
        rest = block.text[match.end() :]
        if self._look.points(rest) < 2 or (len(rest) > 600 and _key(rest) is None):
            return []
        parts = [rest] if _key(rest) is not None else _NEXT_AUTHOR.split(rest)
        entries = self._parse([Block(kind="reference", text=part) for part in parts])
        if _key(rest) is not None or len(entries) > 1:
            return entries
        return [msgspec.structs.replace(entries[0], key=self._inline_key)]

    def _heading(self, block: Block) -> int | None:
        return self._headings.needs(block.text) if block.kind != "table_row" else None

    def _run(self, blocks: Sequence[Block], start: int, needs: int | None) -> int:
        """Where the list that begins at ``start`` ends; ``start`` itself where there is none."""
        looks: list[int] = []
        numbers: list[int | None] = []
        end = start
        while end < len(blocks):
            block = blocks[end]
            if block.kind in ("heading", "table_row") and not has_doi(block.text):
                break
            if len(block.text) > (_LONG_ENTRY if needs is not None else _SHORT_ENTRY):
                break
            number = _key(block.text)
            points = self._points(block, number, numbers, needs)
            if points is None:
                break
            looks.append(points)
            numbers.append(number)
            end += 1
        # What hangs on at the end without a number or the look of an entry is not the list's.
        while looks and looks[-1] < 2 and (numbers[-1] is None or needs is None):
            looks.pop(), numbers.pop()
            end -= 1
        if not looks:
            return start
        strong = sum(points >= 3 for points in looks)
        if needs is not None:
            good = sum(points >= 2 for points in looks)
            enough = strong >= self._strong_share * len(looks) if needs > 1 else good >= self._good_share * len(looks)
            return end if enough else start
        counted = [n for n in numbers if n is not None]
        # One entry is a list where nothing but it can be meant: in brackets, and last of all.
        lone = end == len(blocks) and blocks[start].text.startswith("[") and not self._look.is_prose(blocks[start].text)
        rising = (len(counted) >= 2 or lone) and counted == list(range(1, len(counted) + 1))
        rising = rising and len(counted) >= self._counted_share * len(looks)
        if rising and strong >= self._strong_share * len(counted):
            return end
        return end if len(looks) >= 3 and strong == len(looks) else start

    def _marked_run(self, blocks: Sequence[Block], start: int, marked: Collection[int]) -> int:
        """Where a list without heading ends whose numbers, from whichever on, are those that the text before refers to; it is the last
        of a text. ``start`` where there is none."""
        strong = entries = 0
        before: int | None = None
        for block in blocks[start:]:
            number = _key(block.text)
            if (
                number is None
                or number not in marked
                or len(block.text) > _SHORT_ENTRY
                or not 0 < number - (before or number - 1) <= 2
            ):
                return start
            if self._look.is_prose(block.text):
                return start
            points = self._look.points(block.text)
            strong += points >= 3 or (points >= 1 and _YEAR_LAST.search(block.text) is not None)
            entries += 1
            before = number
        return len(blocks) if strong >= self._strong_share * entries else start

    def _points(self, block: Block, number: int | None, numbers: Sequence[int | None], needs: int | None) -> int | None:
        """How much a block looks like an entry, if it belongs to the list; cheap questions come first, since most blocks are prose."""
        text = block.text
        before = next((n for n in reversed(numbers) if n is not None), None)
        expected = number is not None and (number == 1 if before is None else 0 < number - before <= 2)
        if needs is None:
            least = 3 if number is None and before is None else 2
            if number is not None:
                fits = expected and (before is not None or not numbers)
            else:
                fits = len(text) < 400 if before is not None else self._look.is_sure(text)
            points = self._look.points(text) if fits else 0
            return points if points >= least and not self._look.is_prose(text) else None
        points = self._look.points(text)
        if expected or points >= 3 or (points >= needs and (block.kind == "list_item" or len(text) < 400)):
            return points
        return None

    def _parse(self, blocks: Sequence[Block]) -> list[Reference]:
        """Entries of one list; a block without a number in a numbered list goes on with the entry before."""
        texts = [b.text for b in blocks]
        numbered = _key(texts[0]) is not None
        entries: list[tuple[int | None, str]] = []
        for text in texts:
            if not numbered:
                entries.append((None, text))
                continue
            last = entries[-1][0] if entries else None
            for number, part in _split(text, last):
                if number is None and entries:
                    entries[-1] = (entries[-1][0], f"{entries[-1][1]} {part}")
                else:
                    entries.append((number, part))
        out: list[Reference] = []
        for position, (number, text) in enumerate(entries, 1):
            key = str(number) if number is not None else self._look.key(text) or str(position)
            out.append(parse_reference(key, text))
        return out


def _key(text: str) -> int | None:
    match = _NUMBER.match(text)
    return int(next(g for g in match.groups() if g).translate(FROM_RAISED)) if match is not None else None


def _marked(text: str) -> set[int]:
    """The numbers of references that a text has marks of."""
    numbers = (one or raised.translate(FROM_RAISED) for one, raised in _MARKED.findall(text))
    return {int(number) for found in numbers for number in expand(found)}


def _split(text: str, last: int | None) -> list[tuple[int | None, str]]:
    """The entries that stand in one block, each with its number: numbers that go on counting from the first, or from 1 anew."""
    first = _NUMBER.match(text)
    number = _key(text)
    if first is None or number is None or (last is not None and number != 1 and not 0 < number - last <= 2):
        return [(None, text)] if last is not None else [(number, text)]
    cuts: list[tuple[int, int, int]] = [(number, 0, first.end())]
    for match in _INSIDE.finditer(text, first.end()):
        found = int(next(g for g in match.groups() if g))
        if found == cuts[-1][0] + 1:
            cuts.append((found, match.start(), match.end()))
    ends = [begin for _, begin, _ in cuts[1:]] + [len(text)]
    return [(n, text[behind:end]) for (n, _, behind), end in zip(cuts, ends, strict=True)]


def _unique(entries: Sequence[Reference]) -> tuple[Reference, ...]:
    """The entries, one a text; keys that several have get letters: ``Roe, 2019a`` and ``Roe, 2019b``."""
    texts: dict[tuple[str, str], Reference] = {}
    for entry in entries:
        texts.setdefault((entry.key, _letters(entry.text)), entry)
    found = list(texts.values())
    shared = Counter(entry.key for entry in found)
    taken = {key for key, times in shared.items() if times == 1}
    suffixes: dict[str, Iterator[str]] = {}
    out: list[Reference] = []
    for entry in found:
        key = entry.key
        if shared[key] > 1:
            glue = "" if _LETTERED.search(key) else "-"
            letters = suffixes.setdefault(key, _suffixes())
            key = next(k for k in (f"{key}{glue}{suffix}" for suffix in letters) if k not in taken)
            taken.add(key)
        out.append(entry if key == entry.key else msgspec.structs.replace(entry, key=key))
    return tuple(out)


def _suffixes() -> Iterator[str]:
    """``a`` to ``z``, then numbers without end."""
    yield from ascii_lowercase
    yield from (f"-{n}" for n in count(1))


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())
