"""Nothing that a server or a list of sources says breaks the reading of it."""

import gzip
import ipaddress
import zlib
from datetime import UTC, datetime

import brotli
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.fetch.addresses import Guard, RefusedAddressError, joined, normalise
from pipeline.fetch.client import Answer
from pipeline.fetch.decoding import BadEncodingError, TooMuchError, decoded
from pipeline.fetch.listings import ListingError, read_sitemap
from pipeline.fetch.settings import FetchSettings

URLS = st.one_of(
    st.text(max_size=80),
    st.builds(
        "{}://{}{}{}".format,
        st.sampled_from(["http", "https", "HTTP", "ftp"]),
        st.text(alphabet="aé.:@[]%-_ 0", max_size=20),
        st.sampled_from(["/", ":80/", ":8/", "?"]),
        st.text(max_size=30),
    ),
)


@given(URLS)
def test_an_address_has_one_form_or_is_refused(url: str) -> None:
    try:
        form = normalise(url)
    except RefusedAddressError:
        return
    assert normalise(form) == form
    assert form.isascii()
    assert form.startswith(("http://", "https://"))
    assert "@" not in form.split("/")[2]


@given(URLS, URLS)
def test_a_redirect_leads_to_an_address_or_is_refused(base: str, location: str) -> None:
    try:
        found = joined(normalise(base), location)
    except RefusedAddressError:
        return
    assert normalise(found) == found


@given(st.ip_addresses())
def test_only_public_machines_are_permitted(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    if isinstance(address, ipaddress.IPv6Address) and (address.sixtofour or address.teredo):
        return  # judged by the address inside, see the next test
    if Guard(FetchSettings()).permits(str(address)):
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_loopback
        assert not address.is_link_local


@given(st.ip_addresses(v=4))
def test_an_address_is_judged_alike_inside_an_ipv6_one(address: ipaddress.IPv4Address) -> None:
    guard = Guard(FetchSettings())
    number = int(address)
    for inside in (
        f"::ffff:{address}",
        str(ipaddress.IPv6Address((0x64FF9B << 96) | number)),
        str(ipaddress.IPv6Address((0x2002 << 112) | (number << 80))),
    ):
        assert guard.permits(inside) == guard.permits(str(address))


@settings(deadline=None)
@given(st.binary(max_size=3000), st.sampled_from(["gzip", "deflate", "br", "", "gzip, gzip"]), st.integers(0, 4000))
def test_what_is_packed_comes_out_the_same_or_is_too_much(data: bytes, encoding: str, limit: int) -> None:
    packed = {
        "gzip": gzip.compress(data),
        "deflate": zlib.compress(data),
        "br": brotli.compress(data, quality=1),
        "": data,
        "gzip, gzip": gzip.compress(gzip.compress(data)),
    }[encoding]
    try:
        assert decoded(packed, encoding, limit) == data
    except TooMuchError:
        assert len(data) > limit or (encoding == "gzip, gzip" and len(gzip.compress(data)) > limit)


@settings(deadline=None)
@given(st.binary(max_size=500), st.sampled_from(["gzip", "deflate", "br", "x-gzip, br"]))
def test_bytes_that_are_not_packed_raise_nothing_else(data: bytes, encoding: str) -> None:
    try:
        decoded(data, encoding, 10_000)
    except (BadEncodingError, TooMuchError):
        return


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_a_sitemap_is_read_or_refused(data: bytes) -> None:
    for body in (data, b"<urlset><url><loc>" + data + b"</loc></url></urlset>"):
        try:
            read_sitemap(body, "https://leaf.test/sitemap.xml", 10_000)
        except ListingError:
            continue


@given(st.text(max_size=60))
def test_no_retry_after_breaks_or_goes_back_in_time(value: str) -> None:
    answer = Answer(
        url="https://leaf.test/",
        sent=(),
        status=503,
        phrase="",
        headers=(("Retry-After", value),),
        wire=b"",
        body=b"",
        address=None,
        date=datetime(2024, 5, 1, tzinfo=UTC),
    )
    found = answer.retry_after()
    assert found is None or found >= 0
