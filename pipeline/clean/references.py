"""Reference lists: found by heading, numbering and the look of their entries, parsed, and taken out of the prose."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from pipeline.model import Block, Reference
from pipeline.rules.loader import Ruleset

# DOI syntax: https://www.crossref.org/blog/dois-and-matching-regular-expressions/
_DOI = re.compile(r"\b10\.[0-9]{4,9}/[^\s\"<>“”|\\^`{}]{1,200}")
_PMID = re.compile(r"(?:\bPMID:?\s{0,3}|pubmed(?:\.ncbi\.nlm\.nih\.gov|/)/?)([0-9]{1,9})\b", re.IGNORECASE)
_PMCID = re.compile(r"\bPMC[0-9]{4,9}\b")
_URL = re.compile(r"(?:https?://|www\.)[^\s\"<>“”]{3,500}")
_YEAR = re.compile(r"\b(?:1[89]|20)[0-9]{2}[a-z]?\b")
# The year of publication stands in brackets, or alone; one in a title is often part of a span.
_PUBLISHED = re.compile(r"(?<=\()(?:1[89]|20)[0-9]{2}[a-z]?(?=[,)])|(?<![\w–/-])(?:1[89]|20)[0-9]{2}[a-z]?(?![\w–/-])")
_VOLUME = re.compile(
    r"\b[0-9]{1,4}\s?(?:\([A-Za-z0-9 .–-]{1,20}\))?\s?[:;,]\s?(?:pp?\.\s?)?[A-Za-z]?[0-9]{1,6}\s?[-–]\s?[A-Za-z]?[0-9]{1,6}"
    r"|\b[0-9]{1,4}\([0-9 –-]{1,10}\)\s?[:,]\s?[A-Za-z]?[0-9]"
)
_INITIALS = re.compile(r"(?:^|[\s,;&])[A-ZÀ-Þ][\w’'-]{1,30},?\s(?:[A-Z]\.?[- ]?){1,4}(?=[,.;&:( ]|$)")
_SURNAME = re.compile(r"([A-ZÀ-Þ][\w’'-]{1,30}),?\s(?:[A-Z]\.?[- ]?){1,4}(?=[,.;&:( ]|$)")
_COUNT = r"([0-9]{1,3})"
_NUMBER = re.compile(rf"(?:\[{_COUNT}\]|\({_COUNT}\)|{_COUNT}[.)]|\^?{_COUNT})(?=[\s:])[\s:]{{1,5}}")
_INSIDE = re.compile(rf"\s(?:\[{_COUNT}\]|\({_COUNT}\)|{_COUNT}[.)])\s(?=[A-ZÀ-Þ“\"\[])")
_HEAD_NOISE = re.compile(r"^[\s#*\d.IVX)]{0,8}(?=[A-Za-zÀ-ÿ])|[\s:.*#]{1,8}$|\s*\(?[0-9]{1,3}\)?\s*$")
_SHORT_ENTRY = 1200
"""Characters beyond which a block is prose, whatever it looks like."""


class ReferenceLists:
    """Takes reference lists by the rules ``reference-headings`` (entries ``{heading: [...], needs: N}``, the look points that entries
    under it must have) and ``reference-words`` (words seen in entries)."""

    def __init__(self, rules: Ruleset) -> None:
        self._headings = {
            _name(str(h)): int(e.get("needs", 1)) for e in rules.lexicon("reference-headings") for h in e["heading"]
        }
        words = sorted((re.escape(str(e)) for e in rules.lexicon("reference-words")), key=len, reverse=True)
        self._words = re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE) if words else None
        params = rules.params("reference-headings")
        heads = sorted((re.escape(str(h)) for h in params.get("inline", ())), key=len, reverse=True)
        self._inline = re.compile(rf"(?:{'|'.join(heads)})\s?:\s{{0,3}}(?=\S)", re.IGNORECASE) if heads else None
        self._inline_blocks = int(params.get("inline_blocks", 15))

    def take(self, blocks: Sequence[Block]) -> tuple[list[Block], tuple[Reference, ...]]:
        """``blocks`` without their reference lists, and the entries of these in order, one a key.

        Blocks of kind ``reference`` are entries in any case. A text that is nothing but a list stays as it is.
        """
        given = [b for b in blocks if b.kind == "reference"]
        blocks = [b for b in blocks if b.kind != "reference"]
        kept: list[Block] = list(blocks)
        entries: list[Reference] = []
        spans: list[tuple[int, int, int]] = []
        index = 0 if len(blocks) > 1 else 1
        while index < len(blocks):
            needs = self._heading(blocks[index])
            start = index + 1 if needs is not None else index
            end = self._run(blocks, start, needs)
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
        if not kept:
            return list(blocks), ()
        seen: dict[str, Reference] = {}
        for entry in entries:
            seen.setdefault(entry.key, entry)
        return kept, tuple(seen.values())

    def _inline_entries(self, block: Block) -> list[Reference]:
        """Entries of a list that stands in one paragraph with its heading: ``Source: ...``, ``References: 1. ... 2. ...``."""
        match = self._inline.match(block.text) if self._inline is not None else None
        if match is None:
            return []
        rest = block.text[match.end() :]
        if self.looks(rest) < 2 or (len(rest) > 600 and _key(rest) is None):
            return []
        entries = self._parse([Block(kind="reference", text=rest)])
        return (
            entries
            if _key(rest) is not None or len(entries) > 1
            else [msgspec.structs.replace(entries[0], key="source")]
        )

    def looks(self, text: str) -> int:
        """Points for how much ``text`` looks like an entry of a reference list; prose has 0 or 1."""
        head = text[:_SHORT_ENTRY]
        points = 2 * bool(_DOI.search(head) or _PMID.search(head)) + bool(_URL.search(head))
        points += bool(_YEAR.search(head)) + 2 * bool(_VOLUME.search(head)) + min(2, len(_INITIALS.findall(head[:300])))
        return points + (self._words is not None and self._words.search(head) is not None)

    def _heading(self, block: Block) -> int | None:
        if len(block.text) > 60 or block.kind == "table_row":
            return None
        return self._headings.get(_name(block.text))

    def _run(self, blocks: Sequence[Block], start: int, needs: int | None) -> int:
        """Where the list that begins at ``start`` ends; ``start`` itself where there is none."""
        looks: list[int] = []
        numbers: list[int | None] = []
        end = start
        while end < len(blocks):
            block = blocks[end]
            if block.kind in ("heading", "table_row") and _DOI.search(block.text) is None:
                break
            if len(block.text) > (20_000 if needs is not None else _SHORT_ENTRY):
                break
            number = _key(block.text)
            points = self.looks(block.text)
            if not self._belongs(block, number, points, numbers, needs):
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
        good = sum(points >= 2 for points in looks)
        if needs is None:
            counted = [n for n in numbers if n is not None]
            rising = (
                len(counted) >= 2 and counted == list(range(1, len(counted) + 1)) and len(counted) >= 0.5 * len(looks)
            )
            strong = sum(points >= 3 for points in looks)
            return (
                end
                if (rising and strong >= 0.6 * len(counted)) or (len(looks) >= 3 and strong == len(looks))
                else start
            )
        strong = sum(points >= 3 for points in looks)
        return end if (strong >= 0.5 * len(looks) if needs > 1 else good >= 0.3 * len(looks)) else start

    def _belongs(
        self, block: Block, number: int | None, points: int, numbers: Sequence[int | None], needs: int | None
    ) -> bool:
        before = next((n for n in reversed(numbers) if n is not None), None)
        expected = number is not None and (number == 1 if before is None else 0 < number - before <= 2)
        if needs is None:
            if before is None and numbers:
                return points >= 3 and number is None
            if before is not None and number is None:
                return points >= 2 and len(block.text) < 400
            return points >= 3 if number is None else expected and points >= 2
        if expected or points >= 3:
            return True
        return points >= needs and (block.kind == "list_item" or len(block.text) < 400)

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
            key = str(number) if number is not None else _author_year(text) or str(position)
            out.append(parse_reference(key, text))
        return out


def parse_reference(key: str, text: str) -> Reference:
    """One entry with the identifiers that stand in it."""
    doi = _DOI.search(text)
    pmid = _PMID.search(text)
    pmcid = _PMCID.search(text)
    url = next((u for m in _URL.finditer(text) if "doi.org/" not in (u := _trim(m.group()))), None)
    if url is None and pmcid is not None:
        url = f"https://pmc.ncbi.nlm.nih.gov/articles/{pmcid.group()}/"
    return Reference(
        key=key,
        text=text.strip(),
        doi=_trim(doi.group()).lower() if doi is not None else None,
        pmid=pmid.group(1) if pmid is not None else None,
        url=url,
    )


def _trim(found: str) -> str:
    """Without punctuation of the sentence around it; a closing bracket stays where it was opened inside."""
    while found:
        last = found[-1]
        unopened = last in ")]" and found.count(last) > found.count("(" if last == ")" else "[")
        if not unopened and last not in ".,;:'’*":
            break
        found = found[:-1]
    return found


def _key(text: str) -> int | None:
    match = _NUMBER.match(text)
    return int(next(g for g in match.groups() if g)) if match is not None else None


def _split(text: str, last: int | None) -> list[tuple[int | None, str]]:
    """The entries that stand in one block, each with its number: numbers that go on counting from the first."""
    first = _NUMBER.match(text)
    number = _key(text)
    if first is None or number is None or (last is not None and not 0 < number - last <= 2):
        return [(None, text)] if last is not None else [(number, text)]
    cuts: list[tuple[int, int, int]] = [(number, 0, first.end())]
    for match in _INSIDE.finditer(text, first.end()):
        found = int(next(g for g in match.groups() if g))
        if found == cuts[-1][0] + 1:
            cuts.append((found, match.start(), match.end()))
    ends = [begin for _, begin, _ in cuts[1:]] + [len(text)]
    return [(n, text[behind:end]) for (n, _, behind), end in zip(cuts, ends, strict=True)]


def _author_year(text: str) -> str | None:
    """``Roe, 2019``, ``Roe & Poe, 2019`` or ``Roe et al., 2019``: how prose points to an entry without a number."""
    year = _PUBLISHED.search(text) or _YEAR.search(text)
    if year is None:
        return None
    names = _SURNAME.findall(text[: max(60, min(year.start(), 400))])
    if not names:
        return None
    if len(names) == 1:
        return f"{names[0]}, {year.group()}"
    return f"{names[0]} & {names[1]}, {year.group()}" if len(names) == 2 else f"{names[0]} et al., {year.group()}"


def _name(text: str) -> str:
    bare = text.strip()
    for _ in range(2):
        bare = _HEAD_NOISE.sub("", bare)
    return " ".join(bare.casefold().split())
