"""Text of pages, made fit to be shown."""

from __future__ import annotations

import re
from collections.abc import Iterable

_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029\u2066-\u2069]")
"""Control characters, and those that end a line or turn the direction of writing."""


def visible(text: str) -> str:
    """``text`` with what would steer the reader's screen spelt out: ``⟨U+202E⟩``."""
    return _STEERING.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)


def one_line(text: str) -> str:
    """The same in one line."""
    return visible(" ".join(text.split()))


def counted(number: int, one: str, many: str | None = None) -> str:
    """``3 flags``, ``1 flag``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(parts: Iterable[str]) -> str:
    """Parts set apart by commas, the empty ones left out."""
    return ", ".join(part for part in parts if part)
