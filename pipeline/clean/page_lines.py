"""Lines of a text that say who wrote it, when, and what it is called."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.clean.params import Params
from pipeline.clean.text import is_terminal
from pipeline.dates import Dates
from pipeline.model import Block, SourceMeta
from pipeline.rules.ruleset import Ruleset


class PageLines:
    """Reads title, byline and date lines by the rules ``byline-words`` and ``date-words``."""

    def __init__(self, rules: Ruleset, dates: Dates) -> None:
        self._dates = dates
        by = "|".join(re.escape(str(w)) for w in rules.lexicon("byline-words"))
        self._by = re.compile(rf"(?:{by})(?::\s?|\s)(?=[A-ZÀ-Þ])", re.IGNORECASE) if by else None
        small = {str(w).casefold() for w in rules.lexicon("date-words")}
        self._date_words = small
        params = Params(rules, "byline-words")
        self._no_names = frozenset(rules.phrases("heading-starters")) - frozenset(params["in_names"])
        self._head_blocks = int(params["head_blocks"])
        self._line_chars = int(params["line_chars"])
        self._name_words = int(params["name_words"])
        self._capital_share = float(params["capital_share"])

    def read(self, blocks: Sequence[Block]) -> tuple[list[Block], SourceMeta]:
        """``blocks`` without byline and date lines at the top, and what these and the first headings say."""
        author = published = None
        kept: list[Block] = []
        for index, block in enumerate(blocks):
            if index < self._head_blocks and len(blocks) > 1 and len(block.text) <= self._line_chars:
                if author is None and (name := self._author(block.text)) is not None:
                    author = name
                    continue
                if published is None and (date := self._date(block.text)) is not None:
                    published = date
                    continue
            kept.append(block)
        return kept, SourceMeta(title=_title(kept[: self._head_blocks]), author=author, published=published)

    def _author(self, text: str) -> str | None:
        match = self._by.match(text) if self._by is not None else None
        if match is None:
            return None
        name = re.split(r"\s[|•·–—-]\s|\s?\|", text[match.end() :])[0].strip(" ,.")
        words = name.split()
        named = 1 < len(words) <= self._name_words and _capitals(words) >= self._capital_share * len(words)
        if any(w in self._no_names and len(w) > 1 for w in words):
            return None
        return name if named and not (is_terminal(text) and len(words) > 5) else None

    def _date(self, text: str) -> str | None:
        """The date of a line that is one: a date and words that go with it, nothing else."""
        if not any(c.isdigit() for c in text) or len(text) > 80:
            return None
        words = [w.casefold() for w in re.findall(r"[^\W\d_]+", text)]
        if not all(w in self._date_words or self._dates.is_month(w) for w in words):
            return None
        found = self._dates.iso(text)
        return found if found is not None and len(found) > 4 else None


def _capitals(words: Sequence[str]) -> int:
    return sum(word[:1].isupper() for word in words)


def _title(blocks: Sequence[Block]) -> str | None:
    """The first heading of three words or more before the first longer paragraph, else the first heading there."""
    heads: list[str] = []
    for block in blocks:
        if block.kind == "heading":
            heads.append(block.text)
        elif len(block.text) > 200:
            break
    return next((h for h in heads if h.count(" ") >= 2), heads[0] if heads else None)
