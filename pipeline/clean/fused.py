"""Headings and captions that lost their line break and stand fused to the paragraph behind them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from pipeline.clean.params import Params
from pipeline.model import Block
from pipeline.rules.ruleset import Ruleset

_INNER = re.compile(r"[a-zß-öø-ÿ)](?=[A-ZÀ-Þ][a-zß-öø-ÿ]*(?![\w-]))")
_ASKED = re.compile(r"[?!](?=[A-ZÀ-Þ“])")
_QUESTION = re.compile(r"([A-Z][^.?!:;\n]{8,110}\?)\s(?=[A-Z“\"]\S{0,30}\s\S+\s\S)")
_NO_LETTERS = re.compile(r"[\W_]+")
_TOKEN = re.compile(r"[^\W_]+")
_SLUG = re.compile(r"[a-z0-9]{2,30}(?:[-_][a-z0-9]{1,30}){1,12}$")
_STOP = re.compile(r"[.;:!?]")


class FusedHeadings:
    """Splits them off by the rules ``heading-starters``, ``heading-small-words`` and ``inner-capital-names``."""

    def __init__(self, rules: Ruleset) -> None:
        params = Params(rules, "heading-starters")
        self._reach = int(params["reach"])
        self._heading_words = int(params["heading_words"])
        self._starters = frozenset(str(e) for e in rules.lexicon("heading-starters"))
        self._small = frozenset(str(e).casefold() for e in rules.lexicon("heading-small-words"))
        self._names = frozenset(str(e) for e in rules.lexicon("inner-capital-names"))

    def split(self, blocks: Sequence[Block]) -> list[Block]:
        """``blocks`` with every fused heading or caption as a block of its own; a heading said twice is kept once."""
        if not any(p.search(b.text, 0, self._reach) for b in blocks for p in (_INNER, _ASKED, _QUESTION)):
            return list(blocks)
        words = Counter(w for b in blocks for w in _TOKEN.findall(b.text))
        headings: set[str] = set()
        out: list[Block] = []
        for block in blocks:
            whole = block.kind in ("table_row", "heading", "reference")
            parts = [block] if whole else self._parts(block, words, headings)
            for part in parts:
                first = len(parts) > 1 and part is parts[0]
                repeated = first and out and _letters(out[-1].text) == _letters(part.text)
                if part.kind == "heading":
                    headings.add(_letters(part.text))
                if not repeated:
                    out.append(part)
        return out

    def _parts(self, block: Block, words: Counter[str], headings: set[str]) -> list[Block]:
        text = block.text
        for match in _ASKED.finditer(text, 0, self._reach):
            head, rest = text[: match.end()], text[match.end() :]
            if self._is_heading(head[:-1]) and rest.count(" ") >= 2:
                return [Block(kind="heading", text=head, level=2), *self._rest(block, rest)]
            break
        opening = _QUESTION.match(text)
        if opening is not None and block.kind == "paragraph" and self._titled(opening.group(1), 3):
            first = Block(kind="heading", text=opening.group(1), level=2)
            return [first, *self._rest(block, text[opening.end() :])]
        for match in _INNER.finditer(text, 0, self._reach):
            head, rest = text[: match.end()], text[match.end() :]
            kind = self._judge(head, rest, words, headings)
            if kind is not None:
                first = (
                    Block(kind="heading", text=head, level=2) if kind == "heading" else Block(kind="caption", text=head)
                )
                return [first, *self._rest(block, rest)]
        return [block]

    def _rest(self, block: Block, rest: str) -> Iterable[Block]:
        return [Block(kind=block.kind, text=rest.strip(), level=block.level)] if rest.strip() else []

    def _judge(self, head: str, rest: str, words: Counter[str], headings: set[str]) -> str | None:
        """``heading`` or ``caption`` where ``head`` is one that is fused to the sentence ``rest``, else ``None``."""
        tokens = _TOKEN.findall(head[-60:])
        opening = _TOKEN.match(rest)
        if not tokens or opening is None or rest.count(" ") < 3:
            return None
        last, first = tokens[-1], opening.group()
        fused = last + first if head[-1] != ")" else first
        if _letters(head) in headings:
            return "heading"
        if fused in self._names or (head[-1] != ")" and words[fused] > 1):
            return None
        known = first in self._starters or words[first] > 0 or words[first.lower()] > 0
        if " " not in head:
            return "caption" if self._is_caption(head, first, known) else None
        if (
            not self._is_heading(head)
            or last.casefold() in self._small
            or not words[last] + words[last.lower()] + words[last.title()]
        ):
            return None
        if first in self._starters:
            return "heading"
        going_on = rest[len(first) : len(first) + 2].strip()[:1].islower() and rest.rstrip()[-1:] in '.!?)”"'
        return "heading" if self._titled(head, 2) and len(first) >= 3 and (known or going_on) else None

    def _is_heading(self, text: str) -> bool:
        return text[:1].isupper() and text.count(" ") < self._heading_words and _STOP.search(text) is None

    def _titled(self, head: str, least: int) -> bool:
        """Whether ``head`` is written as a title: all its words but small ones (``least`` or more) with a capital."""
        content = [w for w in head.split() if w.casefold() not in self._small]
        return len(content) >= least and all(not w[:1].islower() for w in content)

    def _is_caption(self, head: str, first: str, known: bool) -> bool:
        """A file name or the stump of one: a slug, or a small-letter word that the next word begins like."""
        if _SLUG.match(head):
            return known and (len(first) >= 3 or first in self._starters)
        return head.isalpha() and head.islower() and len(head) >= 4 and first.casefold()[:4] == head[:4]


def _letters(text: str) -> str:
    return _NO_LETTERS.sub("", text.casefold())
