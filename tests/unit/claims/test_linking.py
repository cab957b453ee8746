from __future__ import annotations

import re

import pytest

from pipeline.claims.groups import GroupMention
from pipeline.claims.linking import by_layout


@pytest.mark.parametrize(
    ("text", "owners"),
    [
        ("In TEA 5% slept and 3% woke, in MILK 4% and 2%.", ["TEA", "TEA", "MILK", "MILK"]),
        ("Naps (5%) and colds (3%) with TEA and naps (4%) and colds (2%) with MILK.", ["TEA", "TEA", "MILK", "MILK"]),
        ("Colds in 9% with TEA (cough 3%, sneezes 2%) and 8% with MILK.", ["TEA", "TEA", "TEA", "MILK"]),
        ("TEA and MILK: 5%, 3%, 4% and 2%.", [None] * 4),
        ("In TEA 5%, in MILK 4%.", [None] * 2),
        ("In TEA 5% slept, 4% woke.", [None] * 2),
        ("", []),
    ],
)
def test_groups_and_figures_that_take_turns(text: str, owners: list[str | None]) -> None:
    groups = [
        GroupMention(m.start(), m.end(), (m.group().lower(),), None, 1.0, False) for m in re.finditer("TEA|MILK", text)
    ]
    figures = [m.span() for m in re.finditer(r"\d%", text)]
    found = by_layout(text, figures, groups)
    assert [text[g.start : g.end] if g is not None else None for g in found] == owners
