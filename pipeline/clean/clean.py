"""The entry point of cleaning: a raw document of any medium to blocks of prose, its references and its metadata."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from pipeline.clean.dates import dates_of
from pipeline.clean.entries import EntryLook
from pipeline.clean.furniture import Furniture
from pipeline.clean.fused import FusedHeadings
from pipeline.clean.headline import Headline
from pipeline.clean.kind import KindOfSource
from pipeline.clean.language import language_of
from pipeline.clean.marks import MarkSetter, numbers_of
from pipeline.clean.page_lines import PageLines
from pipeline.clean.reference_headings import ReferenceHeadings
from pipeline.clean.references import ReferenceLists
from pipeline.clean.repair import Repair, junk_share
from pipeline.clean.text import layout_of, text_blocks
from pipeline.config import Limits
from pipeline.errors import UnusableInputError
from pipeline.model import Block, Cleaned, RawDocument, Reference, SourceMeta, join_blocks
from pipeline.readers.metadata import filled
from pipeline.rules.ruleset import Ruleset

if TYPE_CHECKING:
    from pipeline.clean.html import HtmlReader

_JUNK_SHARE = 0.1
# The address of an archived copy holds that of the page: https://web.archive.org/web/20190504030201/https://example.org/
_ARCHIVED = re.compile(
    r"https?://web\.archive\.org/web/[0-9]{4,14}[a-z_]{0,4}/(https?):/{1,2}(.+)", re.IGNORECASE | re.DOTALL
)


def clean(document: RawDocument, rules: Ruleset, limits: Limits) -> Cleaned:
    """The prose of ``document`` in blocks, its reference list parsed, and what it says of itself.

    Raises ``UnusableInputError`` where nothing readable is left, the content is binary, or the text is longer than ``limits.text_chars``.
    """
    return _cleaner(rules).clean(document, limits)


@lru_cache(maxsize=4)
def _cleaner(rules: Ruleset) -> Cleaner:
    return Cleaner(rules)


class Cleaner:
    """The steps of cleaning, compiled from one set of rules."""

    def __init__(self, rules: Ruleset) -> None:
        self.rules = rules
        self.repair = Repair(rules)
        self.layout = layout_of(rules)
        self.fused = FusedHeadings(rules)
        self.furniture = Furniture(rules)
        self.look = EntryLook(rules)
        self.headings = ReferenceHeadings(rules)
        self.references = ReferenceLists(rules, self.look, self.headings)
        self.marks = MarkSetter(rules)
        self.dates = dates_of(rules)
        self.lines = PageLines(rules, self.dates)
        self.kind = KindOfSource(rules)
        self.headline = Headline(rules)
        self._pages: HtmlReader | None = None

    def clean(self, document: RawDocument, limits: Limits) -> Cleaned:
        """See ``clean``."""
        if junk_share(document.content) > _JUNK_SHARE:
            raise UnusableInputError(document.path, "binary content instead of text")
        whole, found, page = self.blocks(document, limits)
        blocks = self.fused.split(whole)
        contacts = document.media != "html"
        blocks = self.furniture.drop(blocks, contacts=contacts)
        blocks, references = self.references.take(blocks)
        if references:
            # What stood behind the list is at the end now.
            blocks = self.furniture.drop(blocks, contacts=contacts)
        if document.media != "html":
            blocks, read = self.lines.read(blocks)
            found = filled(found, read)
        keys = numbers_of(references)
        blocks = self.headline.kept(filled(document.meta, found).title, blocks)
        blocks = [b for b in (self._finish(b, keys) for b in blocks) if b.text]
        text = join_blocks(tuple(blocks))
        if not any(c.isalnum() for c in text):
            raise UnusableInputError(document.path, "no readable text")
        if len(text) > limits.text_chars:
            raise UnusableInputError(
                document.path, f"{len(text)} characters of text, more than the limit of {limits.text_chars}"
            )
        meta = self._meta(filled(document.meta, found), blocks, join_blocks(tuple(whole)), page, text)
        return Cleaned(blocks=tuple(blocks), references=_repaired(references), meta=meta)

    def blocks(self, document: RawDocument, limits: Limits) -> tuple[list[Block], SourceMeta, str]:
        """The blocks of the document before furniture is removed, the metadata found in it, and all the words of its page."""
        if document.media == "html":
            if self._pages is None:
                # Its libraries take a while to import and are of no use where all input is text.
                from pipeline.clean.html import HtmlReader

                self._pages = HtmlReader(self.rules, self.look, self.headings, self.dates)
            try:
                article = self._pages.article(document.content, url=document.meta.url, limits=limits)
            except UnusableInputError as error:
                raise UnusableInputError(document.path, error.reason) from error
            texts = ((b, self.repair.line(b.text)) for b in article.blocks)
            return [msgspec.structs.replace(b, text=t) for b, t in texts if t], article.meta, article.page
        text = self.repair.text(document.content, entities=True)
        if document.media == "markdown":
            from pipeline.clean.markdown import markdown_blocks

            return markdown_blocks(text), SourceMeta(), text
        return text_blocks(text, self.repair, self.layout), SourceMeta(), text

    def _finish(self, block: Block, keys: frozenset[str]) -> Block:
        text = self.marks.apart(self.repair.sentences(block.text), keys)
        text = " ".join(text.split())
        return block if text == block.text else msgspec.structs.replace(block, text=text)

    def _meta(self, meta: SourceMeta, blocks: Sequence[Block], raw: str, page: str, text: str) -> SourceMeta:
        url = canonical_url(meta.url)
        kind = meta.kind
        if kind is None:
            headings = [b.text for b in blocks if b.kind == "heading"]
            kind = self.kind.of(url=url, title=meta.title, headings=headings, text=text, raw=raw, page=page)
        published = self.dates.iso(meta.published) if meta.published is not None else None
        return SourceMeta(
            url=url,
            title=meta.title,
            author=meta.author,
            publisher=meta.publisher or _host(url),
            published=published,
            kind=kind,
            language=meta.language or language_of(text),
        )


def canonical_url(url: str | None) -> str | None:
    """``url`` as one page is named once: scheme and host in small letters, without default port, fragment, tracking parameters and
    the prefix of a web archive.

    ``None`` where it is no web address. The cleaning of parameters is courlan's.
    """
    if url is None or not url.strip():
        return None
    from courlan import clean_url

    address = url.strip()
    archived = _ARCHIVED.match(address)
    if archived is not None:
        address = f"{archived.group(1)}://{archived.group(2)}"
    if "://" not in address and address.startswith("www."):
        address = "http://" + address
    try:
        parts = urlsplit(address)
        if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
            return None
        found = clean_url(address)
    except ValueError:
        return None
    return str(found).split("#", 1)[0] if found else address.split("#", 1)[0]


def _host(url: str | None) -> str | None:
    host = urlsplit(url).hostname if url is not None else None
    return host.removeprefix("www.") if host else None


def _repaired(references: Sequence[Reference]) -> tuple[Reference, ...]:
    return tuple(msgspec.structs.replace(r, text=" ".join(r.text.split())) for r in references)
