"""Plain text to blocks: what blank lines, line lengths, bullets and tabs say about headings, paragraphs, lists and tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from pipeline.clean.params import Params
from pipeline.clean.repair import Repair
from pipeline.model import Block
from pipeline.rules.ruleset import Ruleset
from pipeline.shapes import RAISED_DIGIT

_BULLET = re.compile(r"([ \t]*)(?:[•‣⁃◦▪▫■□●○∙·➢➤►✓✔❖]|[-–—*+](?=[ \t]))[ \t]*(?=\S)")
_NUMBERED = re.compile(r"([ \t]*)(\(?(?:[0-9]{1,3}|[a-z]|[ivx]{1,5})[.)]|\[[0-9]{1,3}\])[ \t]+(?=\S)")
_RULE = re.compile(r"[ \t]*(?:[-=_*~#.•+|:–—][ \t]*){3,}$")
_ROW = re.compile(r"[ \t]*\|.*\|[ \t]*$")
_TERMINAL = re.compile(
    r"[.!?…][\"”’')\]]{0,3}(?:[ ]?(?:\[[0-9,– -]{1,20}\]|\([0-9,– -]{1,20}\)|" + RAISED_DIGIT + r"{1,4}))?$"
)
_INITIAL = re.compile(r"(?:^|[\s.])[A-Z]\.$")
_COLUMN_GAP = re.compile(r"\t+| {3,}")


class Layout(msgspec.Struct, frozen=True):
    """How lines of a text look; counts are of characters but for ``heading_words``, shares are of the lines of a text."""

    heading_words: int
    heading_chars: int
    wrap_least: int
    wrap_most: int
    full_share: float
    """Lines of nearly full width, at least, where a text was wrapped."""
    continued_share: float
    """Lines that begin with a small letter, at least, where a text was wrapped."""
    cut_chars: int
    """From how long on a paragraph without a stop goes on behind an empty line that a small letter follows."""


def layout_of(rules: Ruleset) -> Layout:
    """The params of the rule ``text-layout``."""
    params = Params(rules, "text-layout")
    return Layout(**{name: params[name] for name in Layout.__struct_fields__})


class _Line(msgspec.Struct):
    """A logical line: one or more physical lines that belong together."""

    text: str
    kind: str = "plain"
    """plain, item, row"""
    level: int = 0
    first: bool = True
    """Stands first of its chunk of lines without an empty line between."""
    last: bool = True


def text_blocks(text: str, repair: Repair, layout: Layout) -> list[Block]:
    """The blocks of ``text`` (repaired, line breaks as ``\\n``).

    A text of one line is one paragraph. Hard-wrapped lines are joined; a short line without a final stop in front of
    other text is a heading, one that starts with a small letter a caption.
    """
    chunks = _chunks(text)
    known = _words(text) if re.search(r"[-‐]\n", text) else frozenset()
    width = _wrap_width(chunks, layout)
    lines: list[_Line] = []
    for chunk in chunks:
        lines.extend(_logical(chunk, width, known, repair))
    return _classify(_across_gaps(lines, layout.cut_chars), layout)


def is_terminal(text: str) -> bool:
    """Whether ``text`` ends as a sentence does, marks and closing quotes behind the stop included; an initial does not."""
    end = text[-40:]
    return _TERMINAL.search(end) is not None and _INITIAL.search(end) is None


def _chunks(text: str) -> list[list[str]]:
    """Runs of lines that are not empty; lines that only draw a rule count as empty."""
    chunks: list[list[str]] = []
    current: list[str] = []
    for line in text.split("\n"):
        line = line.rstrip()
        rule = _RULE.match(line[:400]) is not None
        if line and not rule:
            current.append(line)
        elif current and not (rule and ("|" in line or "+" in line)):
            chunks.append(current)
            current = []
    if current:
        chunks.append(current)
    return chunks


def _words(text: str) -> frozenset[str]:
    return frozenset(w.casefold() for w in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)?", text))


def _wrap_width(chunks: Sequence[Sequence[str]], layout: Layout) -> int | None:
    """The width that the text was hard-wrapped to, in characters, or ``None`` where lines are whole paragraphs or items.

    Wrapped prose shows by lines of nearly one length of which many go on with a small letter in the next.
    """
    lengths: list[int] = []
    continued = 0
    for chunk in chunks:
        for line, after in pairwise(chunk):
            lengths.append(len(line))
            continued += after.lstrip()[:1].islower()
    if len(lengths) < 2:
        return None
    lengths.sort()
    width = lengths[min(len(lengths) - 1, int(len(lengths) * 0.95))]
    full = sum(0.7 * width <= n <= 1.15 * width for n in lengths)
    fits = layout.wrap_least <= width <= layout.wrap_most and full >= layout.full_share * len(lengths)
    return width if fits and continued >= layout.continued_share * len(lengths) else None


def _logical(chunk: Sequence[str], width: int | None, known: frozenset[str], repair: Repair) -> list[_Line]:
    rows = _table(chunk)
    if rows:
        return rows
    groups: list[tuple[str, int, list[str]]] = []
    margin = 0
    for index, line in enumerate(chunk):
        bullet = _BULLET.match(line)
        numbered = _NUMBERED.match(line) if bullet is None else None
        if (
            numbered is not None
            and index
            and groups[-1][0] == "plain"
            and width is not None
            and not _ends(chunk[index - 1])
        ):
            numbered = None
        hangs = bool(groups) and groups[-1][0] == "item" and _margin(line) > margin
        margin = _margin(line) if bullet is not None or numbered is not None else margin
        if bullet is not None:
            groups.append(("item", _indent(bullet.group(1)), [line[bullet.end() :]]))
        elif numbered is not None:
            groups.append(("item", _indent(numbered.group(1)), [line.strip()]))
        elif index and (hangs or _continues(chunk[index - 1], line, groups[-1][0], width)):
            groups[-1][2].append(line)
        else:
            groups.append(("plain", 0, [line]))
    lines = [_Line(text=_tidy(repair.join(parts, known)), kind=kind, level=level) for kind, level, parts in groups]
    lines = [line for line in lines if line.text]
    for index, item in enumerate(lines):
        item.first, item.last = index == 0, index == len(lines) - 1
    return lines


def _tidy(text: str) -> str:
    return " ".join(text.split())


def _indent(space: str) -> int:
    return min(len(space.expandtabs(4)) // 4, 5)


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip())


def _ends(line: str) -> bool:
    return line.rstrip().endswith((":", ";")) or is_terminal(line.rstrip())


def _continues(before: str, line: str, kind: str, width: int | None) -> bool:
    """Whether the break between two lines of a chunk is a wrapped one."""
    start = line.lstrip()
    if start[:1].islower() and before[-1:] in ("-", "‐") and before[-2:-1].islower():
        return True
    if width is not None:
        if kind == "item" and line[:1].isspace() and not before[:1].isspace():
            return True
        word = start.split(None, 1)[0]
        if len(before) + 1 + len(word) > width or (start[:1].islower() and len(before) >= 0.6 * width):
            return True
    return start[:1].islower() and len(before) >= 40 and not _ends(before)


def _table(chunk: Sequence[str]) -> list[_Line]:
    """The rows of a chunk that is a table throughout: pipes, tabs, or columns set apart by runs of spaces; else empty."""
    if len(chunk) < 2:
        return []
    if all(_ROW.match(line) for line in chunk):
        cells = [[c.strip() for c in line.strip().strip("|").split("|")] for line in chunk]
    else:
        cells = [[c.strip() for c in _COLUMN_GAP.split(line.strip())] for line in chunk]
        tabs = all("\t" in line.strip() for line in chunk)
        most = max(len(row) for row in cells)
        fits = all(len(row) >= 2 for row in cells) and (tabs or (len(chunk) >= 3 and min(map(len, cells)) >= most - 1))
        if not fits or _BULLET.match(chunk[0]):
            return []
    rows = [" | ".join(" ".join(c.split()) for c in row) for row in cells if any(row)]
    rows = [row for row in rows if not re.fullmatch(r"[-=:| ]{3,}", row)]
    return [_Line(text=row, kind="row", first=i == 0, last=i == len(rows) - 1) for i, row in enumerate(rows)]


def _across_gaps(lines: list[_Line], cut_chars: int) -> list[_Line]:
    """Joins a paragraph that an empty line or a page break cut in two: no stop before, a small letter behind."""
    out: list[_Line] = []
    for line in lines:
        before = out[-1] if out else None
        if (
            before is not None
            and before.kind == line.kind == "plain"
            and len(before.text) >= cut_chars
            and line.text[:1].islower()
            and (before.text[-1].isalnum() or before.text[-1] in ",-")
            and len(line.text) >= 25
        ):
            before.text += " " + line.text
            before.last = line.last
        else:
            out.append(line)
    return out


def _classify(lines: Sequence[_Line], layout: Layout) -> list[Block]:
    blocks: list[Block] = []
    for index, line in enumerate(lines):
        after = lines[index + 1] if index + 1 < len(lines) else None
        if line.kind == "row":
            blocks.append(Block(kind="table_row", text=line.text))
        elif line.kind == "item":
            lonely = not _near_item(lines, index)
            short_heading = (
                lonely and after is not None and after.kind == "plain" and looks_like_heading(line.text, layout)
            )
            if short_heading and re.match(r"[0-9]", line.text):
                blocks.append(Block(kind="heading", text=line.text, level=2))
            else:
                blocks.append(Block(kind="list_item", text=line.text, level=line.level))
        elif _is_bare_item(lines, index, blocks, layout):
            blocks.append(Block(kind="list_item", text=line.text))
        elif after is not None and looks_like_heading(line.text, layout):
            blocks.append(Block(kind="heading", text=line.text, level=1 if not blocks else 2))
        elif len(lines) > 1 and _short(line.text, layout) and line.text[:1].islower():
            blocks.append(Block(kind="caption", text=line.text))
        else:
            blocks.append(Block(kind="paragraph", text=line.text))
    return blocks


def _near_item(lines: Sequence[_Line], index: int) -> bool:
    near = lines[max(0, index - 1) : index] + lines[index + 1 : index + 2]  # type: ignore[operator]
    return any(line.kind == "item" for line in near)


def _short(text: str, layout: Layout) -> bool:
    return len(text) <= layout.heading_chars and text.count(" ") < layout.heading_words and text[-1:] not in ".!;:,…"


def looks_like_heading(text: str, layout: Layout) -> bool:
    """Whether a line of its own is short, starts as a heading does and has no final stop (a question mark may be)."""
    if not _short(text, layout) or not any(c.isalpha() for c in text):
        return False
    first = text.lstrip("\"“‘'([¿¡#")[:1]
    return first.isupper() or first.isdigit() or not first.islower()


def _is_bare_item(lines: Sequence[_Line], index: int, blocks: Sequence[Block], layout: Layout) -> bool:
    """A short line among short lines behind a paragraph that announces a list."""
    line = lines[index]
    if not _short(line.text, layout) or (line.first and line.last) or line.text.endswith("?"):
        return False
    if blocks and blocks[-1].kind == "list_item" and not line.first:
        return lines[index - 1].kind == "plain"
    return bool(blocks) and line.first and blocks[-1].text.endswith(":") and not line.last
