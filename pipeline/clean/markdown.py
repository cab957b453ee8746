"""Markdown to blocks, by markdown-it-py (CommonMark with tables)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.model import Block, BlockKind
from pipeline.shapes import TO_RAISED

if TYPE_CHECKING:
    from markdown_it.token import Token

_TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>|<!--.{0,5000}?-->", re.DOTALL)
_SUP = re.compile(r"<sup>\s{0,3}\[?([0-9]{1,3}(?:\s?[,–-]\s?[0-9]{1,3}){0,20})\]?\s{0,3}</sup>", re.IGNORECASE)
_NOTE = re.compile(r"\[\^([^\]\s]{1,30})\]")
_NOTE_TEXT = re.compile(r"^ {0,3}\[\^([^\]\s]{1,30})\]:[ \t]*(.*(?:\n(?: {2,}|\t).*){0,20})", re.MULTILINE)


def markdown_blocks(text: str) -> list[Block]:
    """The blocks of a Markdown document without front matter.

    Text of links and images' alternative texts stay, addresses go (but for bare ones); code blocks are left out; raised numbers become
    superscript digits, footnote marks ``[17]``, and the footnote ``[^17]: ...`` a block of kind ``reference``, ``[17] ...``.
    """
    from markdown_it import MarkdownIt

    notes = [Block(kind="reference", text=f"[{m.group(1)}] {_plain(m.group(2))}") for m in _NOTE_TEXT.finditer(text)]
    text = _NOTE_TEXT.sub("", text) if notes else text
    text = _SUP.sub(lambda m: m.group(1).replace(" ", "").translate(TO_RAISED), text)
    text = _NOTE.sub(r"\[\1\]", text)
    parser = MarkdownIt("commonmark", {"maxNesting": 40}).enable("table")
    return [*_blocks(parser.parse(text)), *notes]


def _blocks(tokens: list[Token]) -> list[Block]:
    blocks: list[Block] = []
    lists: list[int | None] = []
    kind: BlockKind = "paragraph"
    level = 0
    quote = 0
    row: list[str] | None = None
    number = ""
    for token in tokens:
        name = token.type
        if name == "heading_open":
            kind, level = "heading", int(token.tag[1:])
        elif name in ("heading_close", "paragraph_close"):
            kind, level = "paragraph", 0
        elif name in ("bullet_list_open", "ordered_list_open"):
            lists.append(int(token.attrGet("start") or 1) if name.startswith("ordered") else None)
        elif name in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif name == "list_item_open":
            number = f"{token.info}{token.markup} " if lists[-1] is not None else ""
        elif name == "blockquote_open":
            quote += 1
        elif name == "blockquote_close":
            quote -= 1
        elif name == "tr_open":
            row = []
        elif name == "tr_close" and row is not None:
            blocks.append(Block(kind="table_row", text=" | ".join(row)))
            row = None
        elif name == "inline":
            text = _inline(token)
            if row is not None:
                row.append(text)
            elif text:
                chosen: BlockKind = kind
                if kind == "paragraph" and lists:
                    chosen, text, number = "list_item", number + text, ""
                elif kind == "paragraph" and quote:
                    chosen = "quote"
                blocks.append(Block(kind=chosen, text=text, level=len(lists) - 1 if chosen == "list_item" else level))
        elif name == "html_block":
            text = _plain(token.content)
            if text:
                blocks.append(Block(kind="paragraph", text=text))
    return blocks


def _plain(text: str) -> str:
    """``text`` without tags, on one line."""
    return " ".join(_TAG.sub(" ", text).split())


def _inline(token: Token) -> str:
    parts: list[str] = []
    for child in token.children or []:
        if child.type in ("text", "code_inline", "text_special"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif child.type == "html_inline":
            parts.append(" " if child.content.lower().startswith("<br") else "")
    return " ".join("".join(parts).split())
