"""Page furniture among text blocks: navigation, buttons, share bars, contact blocks and comment forms.

A line is judged by its shape and its place beside its words, since all these words occur in ordinary prose too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.clean.text import is_terminal
from pipeline.model import Block
from pipeline.rules.loader import Ruleset

_WORD = re.compile(r"[^\W_]+")
_ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s]{1,300}|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}|(?<!\w)@\w{2,30}|#\w{2,40}"
)
_CONTACT = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{2,60}|(?<!\w)@\w{2,30}")


class Furniture:
    """Drops furniture by three rules.

    ``furniture-phrases``: phrases; a line that consists of them throughout (numbers between them allowed) goes.
    ``furniture-starts``: entries ``{start: [...], words: N, where: any|head|tail, sentence: true|false}``; a line that begins so, of at
    most ``words`` words, goes; one that ends as a sentence does only with ``sentence``.
    ``furniture-sections``: headings that open a part which is furniture up to the article's end.
    """

    def __init__(self, rules: Ruleset) -> None:
        self._phrases: dict[str, list[tuple[str, ...]]] = {}
        for entry in rules.lexicon("furniture-phrases"):
            words = tuple(_words(str(entry)))
            if words:
                self._phrases.setdefault(words[0], []).append(words)
        for options in self._phrases.values():
            options.sort(key=len, reverse=True)
        self._starts: dict[str, list[tuple[tuple[str, ...], Mapping[str, Any]]]] = {}
        for entry in rules.lexicon("furniture-starts"):
            for start in entry["start"]:
                words = tuple(_words(str(start)))
                self._starts.setdefault(words[0], []).append((words, entry))
        self._sections = {tuple(_words(str(entry))) for entry in rules.lexicon("furniture-sections")}
        params = rules.params("furniture-sections")
        self._section_share = float(params.get("max_share", 0.25))
        self._section_chars = int(params.get("max_chars", 1500))
        params = rules.params("furniture-starts")
        self._contact_words = int(params.get("contact_words", 24))
        self._head = int(params.get("head_blocks", 8))
        self._tail = int(params.get("tail_blocks", 12))

    def drop(self, blocks: Sequence[Block], *, contacts: bool = True) -> list[Block]:
        """``blocks`` without furniture; a text of one block, or of nothing but furniture, comes back as it is.

        ``contacts`` drops lines with addresses too; in a page whose tags were read, such a line stands for a quoted post.
        """
        if len(blocks) < 2:
            return list(blocks)
        kept = [b for i, b in enumerate(blocks) if not self._is_line(b, i, len(blocks), contacts)]
        kept = self._without_tail(kept)
        return kept if kept else list(blocks)

    def _is_line(self, block: Block, index: int, count: int, contacts: bool) -> bool:
        text = block.text
        if len(text) > 400 or block.kind in ("table_row", "reference"):
            return False
        words = _words(text)
        if not words:
            return True
        if self._covered(words) or self._begins(text, words, index, count):
            return True
        return contacts and self._is_contact(text, words, index, count)

    def _is_contact(self, text: str, words: Sequence[str], index: int, count: int) -> bool:
        """A line that is nothing but an address of the web, or a short one with an e-mail address or a handle near the end."""
        if _ADDRESS.sub("", text).strip(" ,;:|()[]<>•·-–—") == "":
            return True
        late = index >= count - self._tail and len(words) <= self._contact_words
        return late and _CONTACT.search(text) is not None

    def _covered(self, words: Sequence[str]) -> bool:
        at = 0
        some = False
        while at < len(words):
            for phrase in self._phrases.get(words[at], ()):
                if tuple(words[at : at + len(phrase)]) == phrase:
                    at += len(phrase)
                    some = True
                    break
            else:
                if not words[at].isdigit():
                    return False
                at += 1
        return some

    def _begins(self, text: str, words: Sequence[str], index: int, count: int) -> bool:
        for start, entry in self._starts.get(words[0], ()):
            if tuple(words[: len(start)]) != start or len(words) > int(entry.get("words", 14)):
                continue
            where = entry.get("where", "any")
            if (where == "head" and index >= self._head) or (where == "tail" and index < count - self._tail):
                continue
            if entry.get("sentence", False) or not is_terminal(text):
                return True
        return False

    def _without_tail(self, blocks: list[Block]) -> list[Block]:
        """Cuts at the first section heading behind which only a little, short-lined text follows."""
        total = sum(len(b.text) for b in blocks)
        left = 0
        cut = len(blocks)
        for index in range(len(blocks) - 1, 0, -1):
            left += len(blocks[index].text)
            if left > self._section_chars or left > self._section_share * total:
                break
            if tuple(_words(blocks[index].text[:80])) in self._sections:
                cut = index
        return blocks[:cut]


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
