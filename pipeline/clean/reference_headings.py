"""Headings of reference lists, in pages and in texts."""

from __future__ import annotations

import re
from functools import lru_cache

from pipeline.rules.ruleset import Ruleset

_NOISE = re.compile(r"^[\s#*\d.IVX)]{0,8}(?=[A-Za-zÀ-ÿ])|[\s:.*#…]{1,8}$|\s{0,20}\(?[0-9]{1,3}\)?\s{0,20}$")
_MAX_CHARS = 60
_REMEMBERED = 4096
"""Lines whose answer is kept: each line of a page is asked for more than once, and pages of one site have lines in common."""


class ReferenceHeadings:
    """Knows them by the rule ``reference-headings``: entries ``{heading: [...], needs: N}``, words that
    may stand before in the param ``lead``."""

    def __init__(self, rules: Ruleset) -> None:
        self._needs = {
            bare(str(name)): int(entry.get("needs", 1))
            for entry in rules.lexicon("reference-headings")
            for name in entry["heading"]
        }
        self._lead = frozenset(str(word).casefold() for word in rules.params("reference-headings").get("lead", ()))
        firsts = {name.split(" ")[0] for name in self._needs}
        self._firsts = tuple(sorted(word for word in firsts if not any(o in word for o in firsts if o != word)))
        self._needs_of = lru_cache(maxsize=_REMEMBERED)(self._look)

    def needs(self, text: str) -> int | None:
        """The points that lines below the heading ``text`` need to be entries; ``None`` where it is no such heading."""
        return None if len(text) > _MAX_CHARS else self._needs_of(text)

    def _look(self, text: str) -> int | None:
        folded = text.casefold()
        if not any(first in folded for first in self._firsts):
            return None
        words = bare(text).split()
        while words:
            found = self._needs.get(" ".join(words))
            if found is not None or words[0] not in self._lead:
                return found
            words = words[1:]
        return None


def bare(text: str) -> str:
    """A heading in small letters, without the numbers and marks around it."""
    name = text.strip()
    for _ in range(2):
        name = _NOISE.sub("", name)
    return " ".join(name.casefold().split())
