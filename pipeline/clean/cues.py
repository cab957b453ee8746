"""The cue words of ``rules/clean/html.yaml``, compiled: what classes, ids, headings and short texts say of their block."""

from __future__ import annotations

import re
from copy import copy
from typing import Any

from lxml.html import HtmlElement

from pipeline.clean.dom import text_of
from pipeline.clean.entries import EntryLook
from pipeline.clean.params import Params
from pipeline.clean.reference_headings import ReferenceHeadings
from pipeline.rules.ruleset import Ruleset

_NAME_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_NAMES = frozenset(("class", "id", "data-testid", "data-component", "data-module"))
"""The attributes that name an element."""
_NO_KIND: frozenset[str] = frozenset()
_MAX_NAMES = 20
_MAX_NAME_CHARS = 80
_CACHED_NAMES = 20_000
_HIDDEN_STYLE = re.compile(r"display\s{0,4}:\s{0,4}none|visibility\s{0,4}:\s{0,4}hidden", re.IGNORECASE)


class Cues:
    """Cue words of one ruleset."""

    def __init__(self, rules: Ruleset, look: EntryLook, headings: ReferenceHeadings) -> None:
        self.look = look
        self.headings = headings
        self.params = Params(rules, "html-body")
        self._names = {
            kind: _name_pattern(rules.lexicon(f"html-{kind}-names"))
            for kind in ("caption", "picture", "junk", "hidden", "reference")
        }
        self._end_headings = _line_pattern(rules.lexicon("html-end-headings"))
        self._kept_captions = _line_pattern(rules.lexicon("html-kept-captions"))
        self._junk_lines = _line_pattern(rules.lexicon("html-junk-lines"))
        self._linked_junk_lines = _line_pattern(rules.lexicon("html-linked-junk-lines"))
        self._known: dict[tuple[str, ...], frozenset[str]] = {}
        self._elements: dict[HtmlElement, frozenset[str]] | None = None

    def of_page(self) -> Cues:
        """These cues for the elements of one page, the names of which stay as they are: each element is looked at once."""
        page = copy(self)
        page._elements = {}
        return page

    def named(self, element: HtmlElement) -> frozenset[str]:
        """Which of ``caption``, ``picture``, ``junk``, ``hidden`` and ``reference`` class and id of ``element`` say that it is."""
        if self._elements is None:
            return self._of_names(_naming(element))
        found = self._elements.get(element)
        if found is None:
            found = self._elements[element] = self._of_names(_naming(element))
        return found

    def _of_names(self, key: tuple[str, ...]) -> frozenset[str]:
        if not key:
            return _NO_KIND
        known = self._known.get(key)
        if known is None:
            words = name_words(key)
            known = frozenset(
                kind for kind, pattern in self._names.items() if words and pattern is not None and pattern.search(words)
            )
            if len(self._known) >= _CACHED_NAMES:
                self._known.clear()
            self._known[key] = known
        return known

    def is_caption(self, element: HtmlElement) -> bool:
        """Whether ``element`` is named a caption, or is the holder of a picture that has no more than a line of text."""
        names = self.named(element)
        if "caption" in names:
            return True
        return (
            "picture" in names
            and element.tag == "div"
            and element.find(".//img") is not None
            and len(text_of(element)) <= int(self.params["caption_chars"])
        )

    def is_hidden(self, element: HtmlElement) -> bool:
        """Whether ``element`` is named as what shows only on a click or to a screen reader."""
        return "hidden" in self.named(element)

    def is_reference(self, element: HtmlElement) -> bool:
        """Whether ``element`` is named a reference list."""
        return "reference" in self.named(element)

    def junk_names(self, element: HtmlElement) -> frozenset[str]:
        """The names among class and id of ``element`` that belong to what surrounds an article."""
        pattern = self._names["junk"]
        if pattern is None or "junk" not in self.named(element):
            return frozenset()
        names = name_words(_naming(element)).strip("|").split("|")
        return frozenset(name for name in names if pattern.search(f"|{name}|"))

    def is_out_of_sight(self, element: HtmlElement) -> bool:
        """Whether ``element`` itself says that it is not shown."""
        style = element.get("style")
        return element.get("hidden") is not None or (style is not None and _HIDDEN_STYLE.search(style) is not None)

    def is_embedded_quote(self, element: HtmlElement) -> bool:
        """Whether ``element`` holds hardly more than a quotation, such as an embedded post, whatever its box is called."""
        quoted = sum(len(text_of(quote)) for quote in element.iter("blockquote"))
        return quoted > 0 and quoted >= float(self.params["quote_share"]) * len(text_of(element))

    def is_end_heading(self, text: str) -> bool:
        """Whether ``text`` opens a section of links to other articles or the like."""
        return _fits(self._end_headings, text)

    def is_kept_caption(self, text: str) -> bool:
        """Whether a caption reports a figure, as that of a chart does and that of a photograph does not."""
        return self._kept_captions is not None and self._kept_captions.search(text[:2000]) is not None

    def is_junk_line(self, text: str, link_share: float) -> bool:
        """Whether the words of a block say that it is none of the article."""
        start = text[:200].replace("’", "'")
        if (
            self._junk_lines is not None
            and len(text) <= int(self.params["junk_line_chars"])
            and self._junk_lines.match(start)
        ):
            return True
        return (
            self._linked_junk_lines is not None
            and link_share >= float(self.params["junk_link_share"])
            and self._linked_junk_lines.match(start) is not None
        )


def _naming(element: HtmlElement) -> tuple[str, ...]:
    return tuple([value for name, value in element.items() if name in _NAMES])


def name_words(names: tuple[str, ...]) -> str:
    """Class, id and test names as lower-case words: ``|post-body|main|``, camel case taken apart."""
    words = []
    for value in names:
        if value:
            words += value.split()[:_MAX_NAMES]
    if not words:
        return ""
    return "|" + "|".join("-".join(_NAME_PARTS.findall(word[:_MAX_NAME_CHARS])) for word in words).lower() + "|"


def _name_pattern(entries: tuple[Any, ...]) -> re.Pattern[str] | None:
    """Entries are words or hyphenated words that stand whole in a name."""
    return re.compile("|".join(f"[|-]{re.escape(entry)}(?=[|-])" for entry in entries)) if entries else None


def _line_pattern(entries: tuple[Any, ...]) -> re.Pattern[str] | None:
    return re.compile("|".join(f"(?:{entry})" for entry in entries), re.IGNORECASE) if entries else None


def _fits(pattern: re.Pattern[str] | None, text: str) -> bool:
    """Whether a heading-like line, its final marks left out, is one of ``pattern``."""
    return (
        pattern is not None and len(text) <= 60 and pattern.fullmatch(text.strip(" :.…").replace("’", "'")) is not None
    )
