"""Tells what a page is that came in place of an article: "not found" under a 200, the stub before a paywall, a check for robots.

The signs are those of rule ``fetch-page-signs``. A page is judged by them only where it has few words in paragraphs, so that an article
about such pages, or a metered one that is there in full, stays one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Literal
from urllib.parse import urlsplit

from pipeline.readers.encoding import decode
from pipeline.rules.ruleset import Ruleset
from pipeline.shapes import NEVER

Verdict = Literal["soft_404", "paywall", "challenge"]
_ORDER: tuple[Verdict, ...] = ("challenge", "soft_404", "paywall")
_RULE = "fetch-page-signs"
_TITLE_PARTS = re.compile(r"\s[-–—|·»:]+\s|\s?\|\s?|:\s")
_ENDS = " .!?…\t"
_MAX_MARKUP = 2**20
_MAX_TEXT = 200_000
_MAX_TITLE = 300
_MAX_ELEMENTS = 2000
"""Headings and paragraphs that are looked at."""
_STRAIGHT = str.maketrans("’‘“”", "''\"\"")
_WORDLESS = ("script", "style", "noscript", "template")


class Judge:
    """The signs of one ruleset, compiled."""

    def __init__(self, rules: Ruleset) -> None:
        params = rules.params(_RULE)
        self._limits: dict[Verdict, int] = {page: int(params.get(f"{page}_chars", 0)) for page in _ORDER}
        entries = [entry for entry in rules.lexicon(_RULE) if isinstance(entry, Mapping)]
        self._whole: dict[Verdict, dict[str, frozenset[str]]] = {}
        self._patterns: dict[Verdict, dict[str, re.Pattern[str]]] = {}
        for page in _ORDER:
            own = [entry for entry in entries if entry["page"] == page]
            self._whole[page] = {where: _phrases(own, where) for where in ("title", "heading")}
            self._patterns[page] = {where: _pattern(own, where) for where in ("text", "markup")}

    def verdict(self, body: bytes, charset: str | None) -> Verdict | None:
        """What the HTML page ``body`` is instead of an article; ``None`` for an article, and for what cannot be read. Never raises."""
        markup = decode(body[:_MAX_MARKUP], declared=charset, markup=True)
        page = _read(markup)
        if page is None:
            return None
        for kind in _ORDER:
            if page.prose <= self._limits[kind] and self._has_sign(kind, page, markup):
                return kind
        return None

    def _has_sign(self, kind: Verdict, page: _Page, markup: str) -> bool:
        whole, patterns = self._whole[kind], self._patterns[kind]
        return (
            not whole["title"].isdisjoint(page.titles)
            or not whole["heading"].isdisjoint(page.headings)
            or patterns["text"].search(page.text) is not None
            or patterns["markup"].search(markup) is not None
        )


def led_home(url: str, final_url: str) -> bool:
    """Whether a request for a page of a site ended at the site's front page, as many sites do for pages that are gone."""
    asked, got = urlsplit(url), urlsplit(final_url)
    return asked.path.strip("/") != "" and got.path.strip("/") == "" and not got.query


class _Page:
    """The words of a page by which it is judged, in small letters."""

    def __init__(self, titles: Iterable[str], headings: Iterable[str], text: str, prose: int) -> None:
        self.titles = frozenset(titles)
        self.headings = frozenset(headings)
        self.text = text
        self.prose = prose
        """Characters in paragraphs."""


def _read(markup: str) -> _Page | None:
    from lxml import etree, html

    try:
        root = html.document_fromstring(markup.encode(), parser=html.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    etree.strip_elements(root, *_WORDLESS, with_tail=False)
    title = _plain(root.findtext(".//title") or "")[:_MAX_TITLE]
    headings = [_plain(element.text_content())[:_MAX_TITLE] for element in islice(root.iter("h1", "h2"), _MAX_ELEMENTS)]
    prose = sum(len(_plain(element.text_content())) for element in islice(root.iter("p"), _MAX_ELEMENTS))
    titles = {title, *_TITLE_PARTS.split(title)}
    return _Page(
        (part.strip(_ENDS) for part in titles),
        (heading.strip(_ENDS) for heading in headings),
        _plain(root.text_content())[:_MAX_TEXT],
        prose,
    )


def _plain(text: str) -> str:
    return " ".join(text.translate(_STRAIGHT).lower().split())


def _phrases(entries: list[Mapping[str, Any]], where: str) -> frozenset[str]:
    return frozenset(_plain(words).strip(_ENDS) for entry in _at(entries, where) for words in entry.get("any", ()))


def _pattern(entries: list[Mapping[str, Any]], where: str) -> re.Pattern[str]:
    pieces = [re.escape(_plain(words)) for entry in _at(entries, where) for words in entry.get("any", ())]
    pieces += [pattern for entry in _at(entries, where) for pattern in entry.get("match", ())]
    return re.compile("|".join(pieces) if pieces else NEVER)


def _at(entries: list[Mapping[str, Any]], where: str) -> Iterator[Mapping[str, Any]]:
    return (entry for entry in entries if entry["where"] == where)
