"""How results are laid out for people: widths, columns, one claim."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pipeline.cli.common import printable

if TYPE_CHECKING:
    from pipeline.model import Claim, Slot, Value

_WIDEST = 40
"""Characters of a word that a table shows, since the longest word makes every row as wide."""
_BETWEEN = "   "
_REST = 26
"""Characters of the cells of a claim's table that are never long, and what stands between."""
_PRINTED_DECIMALS = 6
_SIGNS = {
    "about": "~",
    "nearly": "just under ",
    "over": "> ",
    "at_least": ">= ",
    "at_most": "<= ",
    "under": "< ",
    "up_to": "up to ",
}


def terminal_width() -> int:
    """How wide lines may be."""
    return max(60, min(shutil.get_terminal_size().columns, 140))


def short(value: object, widest: int = _WIDEST) -> str:
    """``value`` for a cell of a table, of at most ``widest`` characters."""
    text = printable(str(value))
    return text if len(text) <= widest else text[: widest - 1] + "…"


def aligned(rows: Sequence[Sequence[str]], between: str = "  ") -> list[str]:
    """``rows`` of cells, all of one length, as lines in which the cells of a column begin at one place."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [between.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def side_by_side(lines: Sequence[str], width: int, indent: str) -> Iterator[str]:
    """``lines`` in as many columns as go into ``width``, to be read down the first one, then the next."""
    widest = max(map(len, lines), default=0)
    count = max(1, (width - len(indent) + len(_BETWEEN)) // (widest + len(_BETWEEN)))
    rows = -(-len(lines) // count)
    for row in range(rows):
        yield indent + _BETWEEN.join(line.ljust(widest) for line in lines[row::rows]).rstrip()


def counted(count: int, one: str, several: str | None = None) -> str:
    """A number of things: ``1 claim``, ``2 claims``."""
    return f"{count} {one if count == 1 else several or one + 's'}"


def wrapped(text: str, width: int, first: str = "", rest: str | None = None) -> list[str]:
    """``text`` in lines of ``width``, the first begun by ``first`` and the others by ``rest``, else by as many spaces."""
    return textwrap.wrap(
        printable(" ".join(text.split())),
        width,
        initial_indent=first,
        subsequent_indent=" " * len(first) if rest is None else rest,
        break_on_hyphens=False,
    ) or [first.rstrip()]


def claim_lines(claim: Claim, width: int, indent: str = "  ") -> Iterator[str]:
    """All that the record of a claim says, but for its ids and sentence: how it is read, its values, and its slots."""
    facts = [claim.kind, claim.measure.replace("_", " ")]
    if claim.direction is not None:
        facts.append(claim.direction)
    facts += [f"strength {claim.strength.replace('_', ' ')}", claim.certainty]
    facts.append(f"by {claim.rule}, {claim.confidence:.2f} sure")
    yield from wrapped(" | ".join(facts), width, indent)
    if claim.values:
        widest = min(_WIDEST, (width - len(indent) - _REST) // 2)
        cells = [("value", "role", "group", "n")]
        cells += [
            (
                short(amount(value), widest),
                value.role or "-",
                short(_known(value.group, value.group_id), widest),
                "-" if value.n is None else str(value.n),
            )
            for value in claim.values
        ]
        yield from (indent + "  " + line for line in aligned(cells))
    slots: list[tuple[str, str]] = [
        (name, _slot(slot))
        for name, slot in (
            ("intervention", claim.intervention),
            ("comparator", claim.comparator),
            ("condition", claim.condition),
            ("outcome", claim.outcome),
            ("population", claim.population),
        )
        if slot is not None
    ]
    if claim.timepoint is not None:
        days = claim.timepoint.days
        slots.append(("time", claim.timepoint.text + ("" if days is None else f" = {number(days)} days")))
    if claim.sample_size is not None:
        size = claim.sample_size.value
        slots.append(("sample size", claim.sample_size.text + ("" if size is None else f" = {number(size)}")))
    if claim.study is not None:
        study = claim.study
        told = [*(f"[{key}]" for key in study.ref_keys), study.doi, study.pmid and f"PMID {study.pmid}", study.cue]
        slots.append(("study", ", ".join(part for part in told if part) or "-"))
    for name, text in slots:
        yield from wrapped(text, width, f"{indent}{name:12}  ")


def amount(value: Value) -> str:
    """The number of a value as a person writes it: ``just under 50 percent``."""
    if value.low is not None or value.high is not None:
        stated = f"{number(value.low)} to {number(value.high)}"
    elif value.value is not None:
        stated = number(_legible(value.value))
    else:
        return value.text
    unit = f" {value.unit.replace('_', ' ')}" if value.unit else ""
    return f"{_SIGNS.get(value.qualifier or '', '')}{stated}{unit}"


def _legible(value: float) -> float:
    """``value`` with no more digits than a page prints: two thirds are 66.67 percent."""
    if value == round(value, _PRINTED_DECIMALS):
        return value
    return round(value, 2) if abs(value) >= 1 else float(f"{value:.4g}")


def number(value: float | None) -> str:
    """A number with separators for thousands; ``?`` where there is none."""
    return "?" if value is None else f"{value:,.10g}"


def _slot(slot: Slot) -> str:
    return _known(slot.text, slot.id)


def _known(text: str | None, name: str | None) -> str:
    return " = ".join(part for part in (text, name) if part) or "-"
