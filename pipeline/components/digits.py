"""Digits of other scripts, full-width ones among them, as those that the rest of the program reads."""

from __future__ import annotations

import re
import unicodedata

from pipeline.rules.ruleset import Ruleset

_OTHER = r"(?:(?![0-9])\d)"
_ANY = re.compile(r"[^\D0-9]")
"""The same, found several times as fast."""


class Digits:
    """Compiled from the rule ``digit-marks``."""

    def __init__(self, rules: Ruleset) -> None:
        self._marks = {
            str(name): str(entry["as"])
            for entry in rules.lexicon("digit-marks")
            for name in entry["names"]
            if len(str(name)) == len(str(entry["as"])) == 1
        }
        marks = "".join(map(re.escape, self._marks))
        between = rf"|(?<=\d)[{marks}](?={_OTHER})" if marks else ""
        self._other = re.compile(_OTHER + between)

    def plain(self, text: str) -> str:
        """``text`` with every decimal digit of Unicode as 0 to 9, and the marks between them; as long as it was. Itself if it has none."""
        if text.isascii() or _ANY.search(text) is None:
            return text
        return self._other.sub(lambda found: self._marks.get(found[0]) or str(unicodedata.decimal(found[0])), text)
