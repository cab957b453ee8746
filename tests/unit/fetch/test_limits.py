"""Answers that are too large, too slow, broken or lead in circles."""

import gzip
import socket
import time
import zlib

import brotli
import pytest

from tests.support import page
from tests.unit.fetch.site import PAGE, Asked, Nights, Reply, Site, html, redirect

BODY = page("48 percent slept well.").encode()
MANY = bytes(60 * 2**20)


@pytest.mark.parametrize(
    ("encoding", "bomb"),
    [
        ("gzip", gzip.compress(MANY, mtime=0)),
        ("gzip, gzip", gzip.compress(gzip.compress(MANY))),
        ("deflate", zlib.compress(MANY)),
        ("br", brotli.compress(MANY, quality=5)),
    ],
)
def test_a_bomb_ends_at_the_limit(nights: Nights, site: Site, encoding: str, bomb: bytes) -> None:
    site.routes["/bomb"] = Reply(bomb, headers={**PAGE, "Content-Encoding": encoding})
    found = nights.one(site.url("/bomb"), max_bytes=10**6)
    assert found.status == "refused"
    assert found.reason is not None
    assert "larger than" in found.reason
    assert len(site.paths()) == 1  # it would be as large the next time


def test_a_page_that_is_too_large_is_refused_by_its_length_or_on_the_way(nights: Nights, site: Site) -> None:
    site.routes["/stated"] = Reply(b"<p>" + b"tea " * 5000)
    site.routes["/unstated"] = Reply(
        raw=b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<p>" + b"tea " * 5000
    )
    for path in ("/stated", "/unstated"):
        assert nights.one(site.url(path), max_bytes=5000).status == "refused"
    assert nights.one(site.url("/stated"), max_bytes=50_000).status == "new"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "identity", "gzip-undeclared"])
def test_every_usual_encoding_is_read(nights: Nights, site: Site, encoding: str) -> None:
    packed = {"gzip": gzip.compress(BODY), "deflate": zlib.compress(BODY), "br": brotli.compress(BODY)}.get(
        encoding, BODY
    )
    stated = encoding.removesuffix("-undeclared")  # says gzip, and is not
    site.routes["/tea"] = Reply(packed, headers={**PAGE, "Content-Encoding": stated})
    assert nights.one(site.url("/tea")).status == "new"
    nights.write()
    assert list(nights.files().values()) == [BODY]


def test_an_encoding_that_nobody_asked_for_is_told(nights: Nights, site: Site) -> None:
    site.routes["/tea"] = Reply(BODY, headers={**PAGE, "Content-Encoding": "zstd"})
    found = nights.one(site.url("/tea"), attempts=1)
    assert found.status == "failed"
    assert found.reason == "is compressed with 'zstd', which was not asked for and is not read"


@pytest.mark.parametrize("how", ["length", "chunks", "gzip"])
def test_a_body_cut_short_is_no_page_and_tried_again(nights: Nights, site: Site, how: str) -> None:
    replies = {
        "length": Reply(BODY[:200], claimed_length=len(BODY)),
        "chunks": Reply(
            raw=b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n" + BODY[:99]
        ),
        "gzip": Reply(gzip.compress(BODY)[:-20], headers={**PAGE, "Content-Encoding": "gzip"}),
    }
    site.routes["/tea"] = replies[how]
    found = nights.one(site.url("/tea"), attempts=2)
    assert found.status == "failed"
    assert found.reason is not None
    assert "cut short" in found.reason
    assert len(site.paths()) == 2
    assert nights.write().pages == 0


def test_a_passing_failure_passes(nights: Nights, site: Site) -> None:
    def flaky(_: Asked) -> Reply:
        return html("48 percent slept well.") if len(site.paths()) > 2 else Reply(b"busy", 503)

    site.routes["/tea"] = flaky
    assert nights.one(site.url("/tea")).status == "new"
    assert len(site.paths()) == 3


def test_a_failure_that_will_not_pass_is_not_tried_again(nights: Nights, site: Site) -> None:
    site.routes["/tea"] = Reply(b"no", 403)
    nights.one(site.url("/tea"))
    assert len(site.paths()) == 1


def test_a_page_that_does_not_end_is_given_up(nights: Nights, site: Site) -> None:
    site.routes["/slow"] = Reply(BODY, wait=3)
    began = time.monotonic()
    found = nights.one(site.url("/slow"), timeout=0.3, attempts=1)
    assert found.status == "failed"
    assert found.reason == "took longer than 0.3 seconds"
    assert time.monotonic() - began < 2.5


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 40\r\n\r\n"])
def test_bytes_that_drip_in_do_not_keep_it_for_ever(nights: Nights, site: Site, head: bytes) -> None:
    rest = b"HTTP/1.1 200 OK\r\nX-Tea: green tea, white tea, black tea"[: 40 if head else None]
    site.routes["/drip"] = Reply(raw=head + rest, drip=0.05)
    began = time.monotonic()
    found = nights.one(site.url("/drip"), timeout=0.5, attempts=1)
    assert found.reason == "took longer than 0.5 seconds"
    assert time.monotonic() - began < 2.5


def test_redirects_are_followed_to_the_page(nights: Nights, site: Site) -> None:
    site.routes["/a"] = redirect("/b", 301)
    site.routes["/b"] = redirect(site.url("/tea", "b.test"), 308)
    site.routes["b.test/tea"] = html("48 percent slept well.")
    found = nights.one(site.url("/a"))
    assert (found.status, found.url, found.final_url) == ("new", site.url("/a"), site.url("/tea", "b.test"))


@pytest.mark.parametrize(
    ("target", "reason", "status"),
    [
        ("/loop", "redirects in a circle", "failed"),
        ("/1", "redirects more than 3 times", "failed"),
        ("ftp://b.test/tea", "redirects to an address that is no http or https address", "refused"),
        ("javascript:alert(1)", "redirects to an address that is no http or https address", "refused"),
        ("file:///etc/passwd", "redirects to an address that is no http or https address", "refused"),
        ("http://me:secret@b.test/", "redirects to an address that holds a user name or password", "refused"),
        ("http://b.test:22/", "redirects to an address that names port 22", "refused"),
        ("http://[::1", "redirects to an address that", "refused"),
    ],
)
def test_redirects_that_lead_nowhere_good(nights: Nights, site: Site, target: str, reason: str, status: str) -> None:
    site.routes["/loop"] = redirect(target)
    for number in range(1, 9):
        site.routes[f"/{number}"] = redirect(f"/{number + 1}")
    found = nights.one(site.url("/loop"), max_redirects=3)
    assert found.status == status
    assert found.reason is not None
    assert found.reason.startswith(reason)


@pytest.mark.parametrize("media", ["image/png", "video/mp4", "application/zip", "application/json"])
def test_what_is_no_page_is_declined_before_it_is_read(nights: Nights, site: Site, media: str) -> None:
    site.routes["/tea"] = Reply(b"x", headers={"Content-Type": media}, claimed_length=10**6)
    found = nights.one(site.url("/tea"))
    assert found.status == "refused"
    assert found.reason == f"is {media}, no page that can be read"


def test_what_calls_itself_a_page_and_is_none(nights: Nights, site: Site) -> None:
    site.routes["/tea"] = Reply(b"\x89PNG\r\n\x1a\n" + bytes(100))
    assert nights.one(site.url("/tea")).reason == "holds a PNG image, no page that can be read"
    site.routes["/none"] = Reply(b" \n")
    assert nights.one(site.url("/none")).reason == "is empty"


@pytest.mark.parametrize(
    ("media", "body", "suffix"),
    [
        ("text/plain", b"Tea: 48 percent slept well.", ".txt"),
        ("text/markdown", b"# Tea\n\n48 percent slept well.", ".md"),
        ("application/pdf", b"%PDF-1.4 ...", ".pdf"),
        ("application/octet-stream", BODY, ".html"),
        ("", BODY, ".html"),
    ],
)
def test_each_kind_of_page_gets_its_suffix(nights: Nights, site: Site, media: str, body: bytes, suffix: str) -> None:
    site.routes["/tea"] = Reply(body, headers={"Content-Type": media} if media else {})
    assert nights.one(site.url("/tea")).status == "new"
    nights.write()
    [name] = nights.files()
    assert name.endswith(suffix)


@pytest.mark.parametrize("raw", [b"SSH-2.0-OpenSSH_9.6\r\n", b"", b"HTTP/1.1 abc\r\n\r\n", b"\x00" * 500])
def test_what_is_no_http_is_told_in_words(nights: Nights, site: Site, raw: bytes) -> None:
    site.routes["/tea"] = Reply(raw=raw)
    found = nights.one(site.url("/tea"), attempts=1)
    assert found.status == "failed"
    assert found.reason in ("the answer is no proper HTTP", "the connection broke", "the answer was cut short")


def test_a_host_without_a_listener_or_a_name(nights: Nights, site: Site) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    refused = nights.one(f"http://a.test:{port}/tea", attempts=1)
    assert (refused.status, refused.reason) == ("failed", "the host refuses the connection")

    def unknown(host: str, _: int) -> tuple[str, ...]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    nights.resolve = unknown
    nameless = nights.one(site.url("/tea"))
    assert (nameless.status, nameless.reason) == ("failed", "the host a.test is not known")
