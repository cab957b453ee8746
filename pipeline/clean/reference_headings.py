"""Headings of reference lists, in pages and in texts."""

from __future__ import annotations

import re

from pipeline.rules.ruleset import Ruleset

_NOISE = re.compile(r"^[\s#*\d.IVX)]{0,8}(?=[A-Za-zÀ-ÿ])|[\s:.*#…]{1,8}$|\s{0,20}\(?[0-9]{1,3}\)?\s{0,20}$")
_MAX_CHARS = 60


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

    def needs(self, text: str) -> int | None:
        """The points that lines below the heading ``text`` need to be entries; ``None`` where it is no such heading."""
        if len(text) > _MAX_CHARS:
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
