"""Addresses of pages out of feeds (RSS, Atom) and sitemaps (https://www.sitemaps.org/protocol.html), sound or broken."""

from __future__ import annotations

import fnmatch
import io
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.fetch.addresses import RefusedAddressError, host_of, joined
from pipeline.fetch.decoding import BadEncodingError, TooMuchError, decoded
from pipeline.fetch.settings import FetchSource
from pipeline.readers.encoding import decode
from pipeline.readers.stream import GZIP_MAGIC

MAX_FEED_BYTES = 5 * 2**20
"""A feed is a list of news; feedparser takes a minute for so much."""
_MAX_ADDRESSES = 50_000
"""Of one sitemap, by its protocol."""
_PLAIN_ADDRESS = re.compile(r"https?://\S{1,2000}")


class ListingError(Exception):
    """No feed or sitemap that can be read; the text is a clause that says why."""


@dataclass(frozen=True)
class Listed:
    """One page of a listing."""

    url: str
    published: str | None = None
    """ISO date."""


@dataclass(frozen=True)
class Listing:
    """What a feed or sitemap lists, in its order, each address once."""

    pages: tuple[Listed, ...]
    sitemaps: tuple[str, ...] = ()
    passed_over: int = 0
    """Addresses that are none, or of another site."""


def read_feed(body: bytes, url: str, content_type: str | None) -> Listing:
    """The pages of a feed that came from ``url``. Raises ``ListingError`` for what is no feed."""
    import feedparser

    headers = {"content-location": url, "content-type": content_type or "application/xml"}
    found = feedparser.parse(io.BytesIO(body), response_headers=headers, sanitize_html=False)
    if not found.entries and not found.get("version"):
        raise ListingError("is no feed (RSS or Atom)")
    pages: dict[str, Listed] = {}
    passed_over = 0
    for entry in found.entries:
        try:
            address = joined(url, entry.get("link") or "")
        except RefusedAddressError:
            passed_over += 1
            continue
        if entry.get("link"):
            pages.setdefault(address, Listed(address, _day(entry.get("published_parsed"))))
    return Listing(tuple(pages.values()), passed_over=passed_over)


def read_sitemap(body: bytes, url: str, limit: int) -> Listing:
    """The pages, or further sitemaps, of a sitemap that came from ``url``; ``limit`` bytes at most when unpacked.

    A sitemap speaks for its own host alone, as its protocol says. Raises ``ListingError`` for what is no sitemap.
    """
    if body.startswith(GZIP_MAGIC):
        try:
            body = decoded(body, "gzip", limit)
        except TooMuchError:
            raise ListingError("is too large when unpacked") from None
        except BadEncodingError as error:
            raise ListingError(str(error)) from None
    pages, sitemaps = _xml_addresses(body)
    if not pages and not sitemaps:
        pages = _plain_addresses(body)
    own = _site(url)
    seen: dict[str, None] = {}
    passed_over = 0
    for kind, addresses in (("page", pages), ("sitemap", sitemaps)):
        for address in addresses[:_MAX_ADDRESSES]:
            try:
                found = joined(url, address)
            except RefusedAddressError:
                passed_over += 1
                continue
            if _site(found) != own:
                passed_over += 1
            else:
                seen.setdefault(f"{kind} {found}")
    listed = tuple(Listed(key.removeprefix("page ")) for key in seen if key.startswith("page "))
    inner = tuple(key.removeprefix("sitemap ") for key in seen if key.startswith("sitemap "))
    return Listing(listed, inner, passed_over)


def wanted(pages: Iterable[Listed], source: FetchSource) -> list[Listed]:
    """The pages that fit ``include`` and ``exclude`` of their source."""
    return [
        page
        for page in pages
        if (not source.include or any(fnmatch.fnmatchcase(page.url, pattern) for pattern in source.include))
        and not any(fnmatch.fnmatchcase(page.url, pattern) for pattern in source.exclude)
    ]


def _xml_addresses(body: bytes) -> tuple[list[str], list[str]]:
    """The addresses of pages and of sitemaps in XML, as far as it can be read."""
    from lxml import etree

    pages: list[str] = []
    sitemaps: list[str] = []
    # No entities, no DTD, nothing from the network: a sitemap is a stranger's file.
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser=parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        if _PLAIN_ADDRESS.match(decode(body[:4000]).lstrip()):
            return [], []
        raise ListingError("is no sitemap") from error
    if root is None:
        return [], []
    top = etree.QName(root).localname if isinstance(root.tag, str) else ""
    if top not in ("urlset", "sitemapindex"):
        if _PLAIN_ADDRESS.match(decode(body[:4000]).lstrip()):
            return [], []
        raise ListingError("is no sitemap")
    for entry in root:
        name = etree.QName(entry).localname if isinstance(entry.tag, str) else ""
        address = next((child.text for child in entry if _is_loc(child) and child.text), None)
        if address is not None:
            (sitemaps if name == "sitemap" else pages).append(address.strip())
    return pages, sitemaps


def _is_loc(element: object) -> bool:
    tag = getattr(element, "tag", None)
    return isinstance(tag, str) and tag.rpartition("}")[2] == "loc"


def _plain_addresses(body: bytes) -> list[str]:
    """A sitemap may be a text of one address a line."""
    return [line.strip() for line in decode(body).splitlines() if _PLAIN_ADDRESS.fullmatch(line.strip())]


def _site(url: str) -> str:
    return host_of(url).removeprefix("www.")


def _day(when: time.struct_time | None) -> str | None:
    return time.strftime("%Y-%m-%d", when) if when is not None else None
