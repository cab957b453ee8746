"""Text of pages, made fit to be shown."""

from __future__ import annotations

import re

from pipeline.model import Article

_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""Control characters, those that end a line or turn the direction of writing, and what is no character at all."""
_LONGEST_WORD = 20
"""A word that is longer is cut where the line ends."""


def visible(text: str) -> str:
    """``text`` with what would steer the reader's screen spelt out: ``⟨U+202E⟩``."""
    return _STEERING.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)


def source_name(article: Article) -> str:
    """How people call an article."""
    return article.publisher or article.title or article.path


def one_line(text: str) -> str:
    """The same in one line."""
    return visible(" ".join(text.split()))


def counted(number: int, one: str) -> str:
    """``3 flags``, ``1 flag``."""
    return f"{number:,} {one if number == 1 else one + 's'}"


def clipped(text: str, most: int) -> str:
    """``text`` in one line of at most ``most`` characters."""
    line = one_line(text)
    if len(line) <= most:
        return line
    cut = line[: most - 1]
    word = cut.rfind(" ")
    return (cut[:word] if word > len(cut) - _LONGEST_WORD else cut).rstrip() + "…"
