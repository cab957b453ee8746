"""Addresses that are safe to follow, and those that lead to the very words on a page."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, urlsplit

_SCHEMES = ("http", "https")
_LONGEST = 2000
"""Characters of an address; browsers take more, but no honest page needs them."""
_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")
_MARK = re.compile(r"\s{0,200}\[[^\[\]]{0,200}\]\s{0,200}")
"""A reference mark, which stands apart in the cleaned text and may be a raised figure on the page."""
_WHOLE = 8
"""Words of a passage that is searched for as it is; a longer one is searched for by its first and last words."""
_EDGE = 4


def safe_url(url: str | None) -> str | None:
    """``url`` where a person may follow it, else ``None``: ``http`` or ``https``, with a host, without blanks, control characters and
    ones that turn the direction of writing, and without a name and password, which make one host look like another."""
    if url is None or len(url) > _LONGEST or _SPACE.search(url) or any(unicodedata.category(c) == "Cf" for c in url):
        return None
    try:
        parts = urlsplit(url)
        sound = parts.scheme.lower() in _SCHEMES and bool(parts.hostname) and parts.username is None
        _ = parts.port
    except ValueError:
        return None
    return url if sound and "\\" not in url else None


def text_link(url: str | None, words: str) -> str | None:
    """``url`` with a text fragment for ``words``, which a browser scrolls to and highlights; ``None`` where ``url`` is not safe.

    The form is that of https://wicg.github.io/scroll-to-text-fragment/: the first and the last words of a passage, so that marks and
    images between them do no harm. An element's name in ``url`` stays.
    """
    address = safe_url(url)
    if address is None:
        return None
    directive = _directive(words)
    if directive is None:
        return address
    base, sign, fragment = address.partition("#")
    fragment = fragment.partition(":~:")[0]
    return f"{base}{sign or '#'}{fragment}:~:text={directive}"


def _directive(words: str) -> str | None:
    """What to search for: a run of words between reference marks, or the start of the first and the end of the last such run."""
    runs = [run.split() for run in _MARK.split(words)]
    runs = [run for run in runs if run]
    if not runs:
        return None
    if len(runs) == 1 and len(runs[0]) <= _WHOLE:
        return _encoded(runs[0])
    first, last = _edge(runs[0][:_EDGE]), runs[-1][-_EDGE:]
    if len(runs) == 1:
        return f"{_encoded(first)},{_encoded(last)}"
    return f"{_encoded(first)},{_encoded(last)}" if len(first) + len(last) >= _EDGE else None


def _edge(words: list[str]) -> list[str]:
    """``words`` up to the last with a letter or digit: a dash may be another on the page."""
    while len(words) > 1 and not any(map(str.isalnum, words[-1])):
        words = words[:-1]
    return words


def _encoded(words: list[str]) -> str:
    """Percent-encoded, also the characters that the directive uses itself."""
    return quote(" ".join(words), safe="").replace("-", "%2D")
