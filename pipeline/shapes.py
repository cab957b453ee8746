"""Pieces of regular expressions that the number and quantity components share.

Every repetition is bounded, so that matching at one place looks at a bounded piece of text. A line break is never part of ``SP``:
no quantity crosses a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

SP = r"[ \t\u00a0\u2000-\u200a\u202f\u205f]"
"""One space within a line."""
DASH = r"[-\u2010-\u2015\u2212]"
"""Hyphens, dashes and the minus sign."""
HYPHENS = "-\u2010\u2011"
NEVER = r"(?!)"
YEAR = r"(?:1[89]|20)[0-9]{2}"
"""A year from 1800 to 2099. The pattern that uses it sets its bounds."""
DOI = r"10\.[0-9]{4,9}/[^\s\"<>“”|\\^`{}]{1,200}"
"""A DOI: https://www.crossref.org/blog/dois-and-matching-regular-expressions/"""
LETTERS = re.compile(r"[^\W\d_]+")
"""A run of letters: a word, or a part of one with a hyphen or apostrophe."""
RAISED_DIGIT = "[⁰¹²³⁴-⁹]"
TO_RAISED = str.maketrans("0123456789+-−–()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁽⁾ⁿ")
FROM_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿ", "0123456789+-()n")
"""Superscripts to and from plain characters, for ``str.translate``."""


def lowered(text: str) -> str:
    """``text`` in lower case with every offset kept: the one letter that lower case makes longer (U+0130) is read as I."""
    return text.replace("\u0130", "I").lower()


def alternation(words: Iterable[str]) -> str:
    """A group that matches any of ``words``, the longest first; never matches where there are none. Any spaces match any spaces."""
    unique = sorted({word for word in words if word}, key=lambda word: (-len(word), word))
    if not unique:
        return NEVER
    return "(?:" + "|".join(re.escape(word).replace(r"\ ", rf"{SP}{{1,2}}") for word in unique) + ")"
