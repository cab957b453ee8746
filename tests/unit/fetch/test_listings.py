"""Feeds and sitemaps, sound and broken."""

import gzip
from pathlib import Path

import pytest

from pipeline.fetch.listings import ListingError, read_feed, read_sitemap
from pipeline.fetch.settings import FetchSource
from tests.unit.fetch.site import Asked, Nights, Reply, Site, html, redirect

XML = {"Content-Type": "application/xml"}


def rss(*links: str, extra: str = "") -> bytes:
    items = "".join(
        f"<item><title>Tea &amp; sleep</title><link>{link}</link><pubDate>Wed, 01 May 2024 05:00:00 GMT</pubDate></item>"
        for link in links
    )
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>Leaf</title>{items}{extra}</channel></rss>'.encode()
    )


def atom(*links: str) -> bytes:
    entries = "".join(
        f'<entry><link rel="alternate" href="{link}"/><updated>2024-05-01T05:00:00Z</updated></entry>' for link in links
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Leaf</title>{entries}</feed>'.encode()


def sitemap(*links: str) -> bytes:
    urls = "".join(f"<url><loc> {link} </loc></url>" for link in links)
    return f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'.encode()


def index(*links: str) -> bytes:
    maps = "".join(f"<sitemap><loc>{link}</loc></sitemap>" for link in links)
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{maps}</sitemapindex>'.encode()


@pytest.mark.parametrize("make", [rss, atom])
def test_feeds_list_pages(make: object) -> None:
    assert callable(make)
    found = read_feed(
        make("/tea", "https://oat.test/milk", "javascript:alert(1)", "/tea"), "https://leaf.test/rss", None
    )
    assert [page.url for page in found.pages] == ["https://leaf.test/tea", "https://oat.test/milk"]
    assert found.passed_over == 1


def test_a_feed_tells_when_a_page_was_published() -> None:
    [page] = read_feed(rss("/tea"), "https://leaf.test/rss", None).pages
    assert page.published == "2024-05-01"


@pytest.mark.parametrize(
    "body",
    [
        rss("/tea")[:-30],
        rss("/tea").replace(b"&amp;", b"&"),
        b"\n\n" + rss("/tea"),
        rss("/tea").replace(b"<title>Leaf", b"<title>\xe9\xff Leaf"),
        rss("/tea", extra="<item><link></link></item><item/>"),
    ],
)
def test_a_broken_feed_is_read_as_far_as_it_goes(body: bytes) -> None:
    assert [page.url for page in read_feed(body, "https://leaf.test/rss", "text/html").pages] == [
        "https://leaf.test/tea"
    ]


@pytest.mark.parametrize("body", [b"", b"<html><body><p>Tea</p></body></html>", b"\x00\x01\x02", b"{}"])
def test_what_is_no_feed_is_told(body: bytes) -> None:
    with pytest.raises(ListingError, match="no feed"):
        read_feed(body, "https://leaf.test/rss", "text/html")


def test_a_feed_cannot_read_files_or_grow() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    body = (
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "ha">{laughs}<!ENTITY f SYSTEM "file:///etc/passwd">]>'
        '<rss version="2.0"><channel><item><title>&l11;&f;</title><link>/tea</link></item></channel></rss>'
    ).encode()
    try:
        found = read_feed(body, "https://leaf.test/rss", None)
    except ListingError:
        return
    assert "root:" not in repr(found)


def test_sitemaps_list_pages_of_their_own_site() -> None:
    found = read_sitemap(
        sitemap("https://leaf.test/a?x=1&amp;y=2", "https://www.leaf.test/b", "https://oat.test/c"),
        "https://leaf.test/s.xml",
        10**6,
    )
    assert [page.url for page in found.pages] == ["https://leaf.test/a?x=1&y=2", "https://www.leaf.test/b"]
    assert found.passed_over == 1


@pytest.mark.parametrize(
    "body",
    [
        gzip.compress(sitemap("https://leaf.test/a"), mtime=0),
        b"https://leaf.test/a\nnot one\n",
        b"\xef\xbb\xbfhttps://leaf.test/a",
    ],
)
def test_a_sitemap_may_be_packed_or_plain(body: bytes) -> None:
    assert [page.url for page in read_sitemap(body, "https://leaf.test/s", 10**6).pages] == ["https://leaf.test/a"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><p>Tea</p></html>",
        b"\x00\x01",
        b"<urlset>"[:5],
        gzip.compress(b"x" * 100, mtime=0)[:-9],
        gzip.compress(bytes(10**7), mtime=0),
    ],
)
def test_what_is_no_sitemap_is_told(body: bytes) -> None:
    with pytest.raises(ListingError):
        read_sitemap(body, "https://leaf.test/s", 10**6)


def test_a_sitemap_cannot_read_files(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("https://leaf.test/secret", "utf-8")
    body = f'<!DOCTYPE x [<!ENTITY f SYSTEM "file://{tmp_path}/secret">]><urlset><url><loc>&f;</loc></url></urlset>'
    try:
        found = read_sitemap(body.encode(), "https://leaf.test/s", 10**6)
    except ListingError:
        return
    assert all("secret" not in page.url for page in found.pages)


def test_the_pages_of_a_feed_are_fetched_and_looked_at_again(nights: Nights, site: Site) -> None:
    nights.sources = [FetchSource(id="leaf", feed=site.url("/rss"), publisher="The Leaf")]
    site.routes["/rss"] = Reply(rss("/a", "/b"), headers=XML)
    site.routes["/a"] = site.routes["/b"] = site.routes["/c"] = html("48 percent slept well.")
    assert nights.run().counts == {"new": 2}
    site.routes["/rss"] = Reply(rss("/c"), headers=XML)  # the feed is short, and has moved on
    site.routes["/a"] = html("50 percent slept well.")
    report = nights.run()
    assert report.counts == {"new": 1, "changed": 1, "unchanged": 1}
    assert {page.source_id for page in report.pages} == {"leaf"}
    del site.routes["/a"]
    nights.run()
    nights.run()
    site.asked.clear()
    nights.run()
    assert "/a" not in site.paths()  # gone, and no feed lists it
    nights.write()
    assert len(nights.files()) == 2


def test_a_feed_that_has_not_changed_is_not_sent_again(nights: Nights, site: Site) -> None:
    def feed(asked: Asked) -> Reply:
        if asked.headers.get("if-none-match") == '"f1"':
            return Reply(status=304, headers={})
        return Reply(rss("/a"), headers={**XML, "ETag": '"f1"'})

    nights.sources = [FetchSource(id="leaf", feed=site.url("/rss"))]
    site.routes["/rss"] = feed
    site.routes["/a"] = html("48 percent slept well.")
    nights.run()
    report = nights.run()
    assert [(page.listing, page.status) for page in report.pages] == [(False, "unchanged"), (True, "unchanged")]


@pytest.mark.parametrize("broken", [Reply(b"", 500), Reply(b"<html>Sorry</html>"), Reply(b"", 404)])
def test_a_feed_that_fails_costs_its_line_and_no_page(nights: Nights, site: Site, broken: Reply) -> None:
    nights.sources = [FetchSource(id="leaf", feed=site.url("/rss"))]
    site.routes["/rss"] = Reply(rss("/a"), headers=XML)
    site.routes["/a"] = html("48 percent slept well.")
    nights.run()
    site.routes["/rss"] = broken
    assert nights.run().counts == {"failed": 1, "unchanged": 1}


def test_a_sitemap_index_is_read_with_all_below_it(nights: Nights, site: Site) -> None:
    nights.sources = [
        FetchSource(id="leaf", sitemap=site.url("/sitemap.xml"), include=("*/tea/*",), exclude=("*/old/*",))
    ]
    site.routes["/sitemap.xml"] = Reply(
        index(site.url("/1.xml.gz"), site.url("/2.xml"), site.url("/sitemap.xml")), headers=XML
    )
    packed = gzip.compress(sitemap(site.url("/tea/a"), site.url("/oat/b")))
    site.routes["/1.xml.gz"] = Reply(packed, headers={"Content-Type": "application/gzip"})
    site.routes["/2.xml"] = Reply(sitemap(site.url("/tea/c"), site.url("/tea/old/d"), site.url("/tea/a")), headers=XML)
    site.routes["/tea/a"] = site.routes["/tea/c"] = html("48 percent slept well.")
    report = nights.run()
    assert [page.url for page in report.pages if not page.listing] == [site.url("/tea/a"), site.url("/tea/c")]
    assert report.counts == {"new": 2}


def test_sitemaps_without_end_are_cut(nights: Nights, site: Site) -> None:
    def deeper(asked: Asked) -> Reply:
        return Reply(index(*(site.url(f"{asked.path}/{n}") for n in range(20))), headers=XML)

    class Endless(dict[str, object]):
        def get(self, key: str, default: object = None) -> object:
            return deeper if "/map" in key and "robots" not in key else default

    site.routes = Endless()  # type: ignore[assignment]
    nights.sources = [FetchSource(id="leaf", sitemap=site.url("/map"))]
    report = nights.run()
    assert len(site.paths()) <= 50
    assert report.counts.get("failed") is None


def test_no_more_pages_than_asked_for_and_the_rest_later(nights: Nights, site: Site) -> None:
    nights.sources = [FetchSource(id="leaf", sitemap=site.url("/s.xml"), max_pages=3)]
    site.routes["/s.xml"] = Reply(sitemap(*(site.url(f"/{n}") for n in range(7))), headers=XML)
    for number in range(7):
        site.routes[f"/{number}"] = html(f"{number} percent slept well.")
    first = nights.run()
    assert first.counts == {"new": 3}
    assert any("4 pages beyond max_pages" in (page.reason or "") for page in first.pages)
    for _ in range(2):
        nights.run(only_due=True, pass_days=0.2)
    nights.write()
    assert len(nights.files()) == 7


def test_a_page_of_two_feeds_belongs_to_the_first_whatever_comes_first(nights: Nights, site: Site) -> None:
    nights.sources = [FetchSource(id="one", feed=site.url("/1")), FetchSource(id="two", feed=site.url("/2", "b.test"))]
    site.routes["/1"] = Reply(rss(site.url("/tea")), headers=XML, wait=0.3)
    site.routes["/2"] = Reply(rss(site.url("/tea")), headers=XML)
    site.routes["/tea"] = html("48 percent slept well.")
    for _ in range(2):
        [page] = [page for page in nights.run().pages if not page.listing]
        assert page.source_id == "one"
    assert site.paths().count("/tea") == 2


def test_pages_of_a_feed_may_not_name_odd_ports(nights: Nights, site: Site) -> None:
    nights.sources = [FetchSource(id="leaf", feed=site.url("/rss"))]
    site.routes["/rss"] = Reply(rss("http://a.test:25/", "http://a.test:6379/"), headers=XML)
    assert [page.listing for page in nights.run().pages] == [True]


def test_a_feed_may_be_reached_by_a_redirect(nights: Nights, site: Site) -> None:
    nights.sources = [FetchSource(id="leaf", feed=site.url("/rss"))]
    site.routes["/rss"] = redirect("/new/rss")
    site.routes["/new/rss"] = Reply(rss("tea"), headers=XML)
    site.routes["/new/tea"] = html("48 percent slept well.")
    assert nights.run().counts == {"new": 1}
