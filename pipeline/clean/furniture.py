"""Page furniture among text blocks: navigation, buttons, share bars, contact blocks and comment forms.

A line is judged by its shape and its place beside its words, since all these words occur in ordinary prose too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from pipeline.clean.entries import has_doi
from pipeline.clean.params import Params
from pipeline.clean.text import is_terminal
from pipeline.model import Block
from pipeline.rules.ruleset import Ruleset
from pipeline.shapes import NEVER

_WORD = re.compile(r"[^\W_]+")
_ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s]{1,300}|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}|(?<!\w)@\w{2,30}|#\w{2,40}"
)
_SEPARATOR = re.compile(r"\s[|·•»>/]\s")
_CONTACT = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{2,60}|(?<!\w)@\w{2,30}")
_LINE_CHARS = 150


class Furniture:
    """Drops furniture by five rules.

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
        self._items = {tuple(_words(str(entry))) for entry in rules.lexicon("furniture-items")}
        suffixes = "|".join(re.escape(str(entry)) for entry in rules.lexicon("heading-suffixes")) or NEVER
        self._suffix = re.compile(rf"\s?\[\s?(?:{suffixes})(?:\s?\|\s?(?:{suffixes}))?\s?\]$", re.IGNORECASE)
        params = Params(rules, "furniture-items")
        self._least_items = int(params["least_items"])
        self._item_words = int(params["item_words"])
        self._suffixed_chars = int(Params(rules, "heading-suffixes")["chars"])
        self._least_contents = int(Params(rules, "furniture-sections")["least_contents"])
        params = Params(rules, "furniture-sections")
        self._section_share = float(params["max_share"])
        self._section_chars = int(params["max_chars"])
        params = Params(rules, "furniture-starts")
        self._contact_words = int(params["contact_words"])
        self._head = int(params["head_blocks"])
        self._tail = int(params["tail_blocks"])

    def drop(self, blocks: Sequence[Block], *, contacts: bool = True) -> list[Block]:
        """``blocks`` without furniture; a text of one block, or of nothing but furniture, comes back as it is.

        ``contacts`` drops lines with addresses too; in a page whose tags were read, such a line stands for a quoted post.
        """
        if len(blocks) < 2:
            return list(blocks)
        blocks = [self._without_suffix(b) for b in blocks]
        kept = [b for i, b in enumerate(blocks) if not self._is_line(b, i, len(blocks), contacts)]
        kept = self._without_contents(kept)
        kept = self._without_tail(kept)
        return kept if kept else list(blocks)

    def _is_line(self, block: Block, index: int, count: int, contacts: bool) -> bool:
        text = block.text
        if len(text) > 400 or block.kind in ("table_row", "reference"):
            return False
        words = _words(text)
        if not words:
            return True
        if self._covered(words) or self._begins(text, words, index, count) or self._is_items(text, index, count):
            return True
        return contacts and self._is_contact(text, words, index, count)

    def _is_items(self, text: str, index: int, count: int) -> bool:
        """A line of short items set apart by marks: one says furniture, or all are words near the start or end of the text."""
        items = [item.strip() for item in _SEPARATOR.split(text)]
        if len(items) < 2 or is_terminal(text):
            return False
        found = [_words(item) for item in items]
        if any(not 0 < len(words) <= self._item_words for words in found):
            return False
        known = sum(self._covered(words) or self._named(item) for item, words in zip(items, found, strict=True))
        if len(items) < self._least_items:
            return known == len(items)
        outside = index < self._head or index >= count - self._tail
        return known > 0 or (outside and not any(c.isdigit() for c in text))

    def _named(self, item: str) -> bool:
        """An item that begins with one of ``furniture-items``, or with a phrase and a colon."""
        words = _words(item)
        head, colon, _ = item.partition(":")
        return any(tuple(words[:n]) in self._items for n in range(1, 5)) or (
            bool(colon) and self._covered(_words(head))
        )

    def _without_suffix(self, block: Block) -> Block:
        """A heading without ``[edit]``."""
        if not block.text.endswith("]") or len(block.text) > self._suffixed_chars or block.kind == "reference":
            return block
        text = self._suffix.sub("", block.text)
        return msgspec.structs.replace(block, text=text) if text and text != block.text else block

    def _without_contents(self, blocks: list[Block]) -> list[Block]:
        """Drops a table of contents: a run of lines each of which stands again further down."""
        last = {
            tuple(_words(b.text)): i for i, b in enumerate(blocks) if len(b.text) <= _LINE_CHARS and b.kind == "heading"
        }
        kept: list[Block] = []
        run: list[Block] = []
        for index, block in enumerate(blocks):
            again = last.get(tuple(_words(block.text)), -1) if len(block.text) <= _LINE_CHARS else -1
            if again > index + 1 and block.kind != "table_row":
                run.append(block)
                continue
            kept.extend(run if len(run) < self._least_contents else ())
            run = []
            kept.append(block)
        return [*kept, *run]

    def _is_contact(self, text: str, words: Sequence[str], index: int, count: int) -> bool:
        """A line that is nothing but an address of the web, or a short one with an e-mail address or a handle near the end."""
        if has_doi(text):
            return False
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
            mark = entry.get("mark")
            if mark is not None and not _behind(text, len(start)).startswith(str(mark)):
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


def _behind(text: str, count: int) -> str:
    """What stands behind the first ``count`` words of ``text``."""
    end = 0
    for match, _ in zip(_WORD.finditer(text), range(count), strict=False):
        end = match.end()
    return text[end:].lstrip()


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
