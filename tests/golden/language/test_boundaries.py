"""Sentence boundaries of ``boundaries.txt``, our own scraped prose: half to tune on, half to test on."""

from pathlib import Path

import pytest

from pipeline.components.sentences import SentenceSplitter
from pipeline.rules.loader import load_rules

HERE = Path(__file__).parent
FLOOR = 0.97
Block = tuple[str, set[int]]
"""The text of a block and where its sentences begin, without those that begin a line: a line break parts sentences anyway."""


def read_blocks() -> list[Block]:
    """The blocks of ``boundaries.txt``; its head tells how it is written."""
    lines = (HERE / "boundaries.txt").read_text("utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.startswith("#"))
    return [_read_block(block.splitlines()) for block in text.strip().split("\n\n")]


def _read_block(lines: list[str]) -> Block:
    text, starts = "", set()
    for line in lines:
        if text and not text.endswith("\n"):
            starts.add(len(text))
        text += line[:-1] + {"¬": "\n", "\\": ""}[line[-1]] if line[-1] in "¬\\" else line + " "
    return text.strip(), starts


def f1(splitter: SentenceSplitter, blocks: list[Block]) -> float:
    """Share of boundaries found and of boundaries right, as their harmonic mean."""
    wanted = {(number, start) for number, (_, starts) in enumerate(blocks) for start in starts}
    found = {(number, start) for number, (text, _) in enumerate(blocks) for start in _starts(splitter, text)}
    return 2 * len(wanted & found) / (len(wanted) + len(found))


def _starts(splitter: SentenceSplitter, text: str) -> set[int]:
    return {start for start, _ in splitter.spans(text) if start and text[start - 1] != "\n"}


@pytest.mark.parametrize("half", [0, 1])
def test_boundaries_of_scraped_prose(half: int) -> None:
    blocks = read_blocks()[half::2]
    assert sum(len(starts) for _, starts in blocks) >= 200
    assert f1(SentenceSplitter(load_rules(HERE.parents[2] / "rules")), blocks) >= FLOOR
