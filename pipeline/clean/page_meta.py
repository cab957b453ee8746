"""What a page says of itself: JSON-LD, meta elements, links and a few marked places, in that order."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

from htmldate import find_date
from lxml.html import HtmlElement

from pipeline.clean.dom import text_of
from pipeline.dates import Dates
from pipeline.model import Record, SourceMeta
from pipeline.readers.encoding import tidy
from pipeline.readers.metadata import language_code
from pipeline.rules.ruleset import Ruleset

_MAX_JSON_CHARS = 2_000_000
_MAX_NODES = 20_000
_MAX_TITLE_CHARS = 300
_MAX_NAME_CHARS = 100
_TYPE = re.compile(r"(?:Article|Posting|Report|WebPage)$")
_ENTITY_TAG = re.compile(r"<[^<>]{1,200}>")
_SEPARATOR = re.compile(r"\s{1,20}[|–—·•»:-]\s{1,20}|\s{0,20}[|»]\s{0,20}")
_NO_NAME = ("http:", "https:", "www.", "@")
_FIRST_DATE, _LAST_DATE = datetime(1990, 1, 1), datetime(2100, 1, 1)
"""Fixed bounds, since htmldate would otherwise take today for the last."""


class PageFacts(Record, frozen=True, kw_only=True):
    """A page's metadata, and the text of its article where JSON-LD holds it."""

    meta: SourceMeta
    article_body: str | None = None


def page_facts(root: HtmlElement, url: str | None, rules: Ruleset, dates: Dates) -> PageFacts:
    """What the page under ``root``, found at ``url``, says of itself."""
    params = rules.params("html-meta")
    article = _json_ld(root)
    metas = _meta_elements(root)

    def meta(kind: str) -> str | None:
        values = (metas.get(name) for name in params.get(kind, ()))
        return next((value for value in values if value and not value.lower().startswith(_NO_NAME)), None)

    publisher = _clean(_name(article.get("publisher")) or meta("publisher"), _MAX_NAME_CHARS)
    title = _title(root, _text(article.get("headline")) or meta("title"), publisher)
    body = _text(article.get("articleBody"))
    return PageFacts(
        meta=SourceMeta(
            url=_canonical(root, metas, url),
            title=title,
            author=_author(root, article, metas, params),
            publisher=publisher,
            published=_published(root, article, metas, params, dates),
            language=_language(root, metas, params),
        ),
        article_body=body if body is not None and len(body) > 0 else None,
    )


def _json_ld(root: HtmlElement) -> dict[str, Any]:
    """The JSON-LD object that describes the article; of several, the one that says most."""
    best: dict[str, Any] = {}
    best_rank = (-1, -1)
    for script in root.iter("script"):
        source = script.text or ""
        if "ld+json" not in (script.get("type") or "") or len(source) > _MAX_JSON_CHARS:
            continue
        try:
            data = json.loads(source.strip().rstrip(";"), strict=False)
        except (ValueError, RecursionError):
            continue
        for node in _nodes(data):
            types = node.get("@type")
            names = types if isinstance(types, list) else [types]
            if not any(isinstance(name, str) and _TYPE.search(name) for name in names):
                continue
            is_page = all(isinstance(name, str) and name.endswith("WebPage") for name in names)
            rank = (0 if is_page else 1, len(_text(node.get("articleBody")) or "") + len(node))
            if rank > best_rank:
                best, best_rank = node, rank
    return best


def _nodes(data: Any) -> Iterator[dict[str, Any]]:
    stack = [data]
    for _ in range(_MAX_NODES):
        if not stack:
            return
        node = stack.pop()
        if isinstance(node, dict):
            yield node
            stack.extend(reversed([value for value in node.values() if isinstance(value, dict | list)]))
        elif isinstance(node, list):
            stack.extend(reversed(node))


def _meta_elements(root: HtmlElement) -> dict[str, str]:
    """Name, property or itemprop in lower case to content; several authors are joined, otherwise the first one stands."""
    found: dict[str, str] = {}
    for element in root.iter("meta"):
        content = " ".join((element.get("content") or "").split())
        name = (
            element.get("name") or element.get("property") or element.get("itemprop") or element.get("http-equiv") or ""
        ).lower()
        if not name or not content:
            continue
        if name not in found:
            found[name] = content
        elif name.endswith("author") and len(found[name]) < 1000 and content not in found[name]:
            found[name] += f", {content}"
    return found


def _title(root: HtmlElement, given: str | None, publisher: str | None) -> str | None:
    headings = [text for text in (text_of(heading) for heading in root.iter("h1")) if text]
    element = root.find(".//title")
    page_title = text_of(element) if element is not None else ""
    title = given or (headings[0] if len(headings) == 1 else "") or page_title
    if title == page_title or given is None:
        for heading in headings:
            if heading and heading in title and len(heading) >= 0.3 * len(title):
                return _clean(heading, _MAX_TITLE_CHARS)
    parts = _SEPARATOR.split(title)
    if len(parts) > 1:
        last = parts[-1].casefold()
        site = publisher is not None and last in (publisher.casefold(), f"{publisher.casefold()}.com")
        if site or (title == page_title and len(last) < 0.4 * len(title)):
            title = title[: title.rindex(parts[-1])].rstrip(" |–—·•»:-")
    return _clean(title, _MAX_TITLE_CHARS)


def _author(root: HtmlElement, article: dict[str, Any], metas: dict[str, str], params: Any) -> str | None:
    given = _name(article.get("author"))
    if given is None:
        for name in params.get("author", ()):
            value = metas.get(name)
            if value is not None and not value.lower().startswith(_NO_NAME):
                given = value
                break
    if given is None:
        for element in root.iter("a", "span", "div", "p", "address"):
            if element.get("rel") == "author" or element.get("itemprop") == "author":
                text = text_of(element)
                if 2 < len(text) <= _MAX_NAME_CHARS and not any(char.isdigit() for char in text):
                    given = text
                    break
    if given is None:
        return None
    prefix = re.match(rf"(?:{'|'.join(re.escape(word) for word in params.get('by', ()))})\s+", given, re.IGNORECASE)
    return _clean(given[prefix.end() :] if prefix is not None and prefix.end() > 1 else given, 3 * _MAX_NAME_CHARS)


def _published(
    root: HtmlElement, article: dict[str, Any], metas: dict[str, str], params: Any, dates: Dates
) -> str | None:
    candidates = [_text(article.get("datePublished"))]
    candidates += [metas.get(name) for name in params.get("published", ())]
    times = [element for element in root.iter("time", "meta", "span") if element.get("itemprop") == "datePublished"]
    times += list(root.iter("time"))[:1]
    candidates += [element.get("datetime") or element.get("content") or text_of(element)[:60] for element in times]
    for candidate in candidates:
        found = dates.iso(candidate or "")
        if found is not None:
            return found
    try:
        # Without its extensive search, which reads dates such as "two days ago" by the clock.
        found = find_date(root, extensive_search=False, original_date=True, min_date=_FIRST_DATE, max_date=_LAST_DATE)
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
    return dates.iso(found or "")


def _language(root: HtmlElement, metas: dict[str, str], params: Any) -> str | None:
    candidates = [root.get("lang"), root.get("{http://www.w3.org/XML/1998/namespace}lang"), root.get("xml:lang")]
    candidates += [metas.get(name) for name in params.get("language", ())]
    for candidate in candidates:
        code = language_code((candidate or "").strip())
        if code is not None and len(code) == 2:
            return code
    return None


def _canonical(root: HtmlElement, metas: dict[str, str], url: str | None) -> str | None:
    base = url or ""
    links = [link.get("href") for link in root.iter("link") if (link.get("rel") or "").lower() == "canonical"]
    for candidate in [*links[:1], metas.get("og:url")]:
        if not candidate:
            continue
        try:
            absolute = urljoin(base, candidate.strip())
            parts, own = urlsplit(absolute), urlsplit(base)
        except ValueError:
            continue
        # A link to the front page names the site, not this article.
        if (
            parts.scheme in ("http", "https")
            and parts.netloc
            and (parts.path.strip("/") or parts.query or not own.path.strip("/"))
        ):
            return str(absolute)
    return url


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, str)), None)
    if isinstance(value, dict):
        value = value.get("@value")
    return (tidy(value).strip() or None) if isinstance(value, str) else None


def _name(value: Any) -> str | None:
    """The name in a JSON-LD person or organisation, or of each in a list of them."""
    if isinstance(value, list):
        names = [
            name for name in (_name(item) for item in value[:20] if not isinstance(item, list)) if name is not None
        ]
        return ", ".join(dict.fromkeys(names)) or None
    if isinstance(value, dict):
        value = _text(value.get("name"))
    if not isinstance(value, str) or value.lower().startswith(_NO_NAME):
        return None
    return tidy(value).strip() or None


def _clean(text: str | None, limit: int) -> str | None:
    if text is None:
        return None
    text = _ENTITY_TAG.sub("", unescape(text))
    text = " ".join(text.split())
    return text if 0 < len(text) <= limit else None
