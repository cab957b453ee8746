"""Which machines and addresses are refused, wherever they turn up."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from pipeline.fetch.addresses import Guard, RefusedAddressError, is_example, joined, normalise
from pipeline.fetch.settings import FetchSettings
from tests.unit.fetch.site import Nights, Site, html, redirect

NOT_PUBLIC = [
    "127.0.0.1",
    "127.8.8.8",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "100.127.255.254",
    "169.254.0.5",
    "169.254.169.254",
    "168.63.129.16",
    "100.100.100.200",
    "192.0.0.192",
    "0.0.0.0",
    "0.1.2.3",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "198.18.0.1",
    "192.0.2.1",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd12:3456::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "2001:0:a00:1::f5ff:fffe",
    "2001:db8::1",
    "nonsense",
    "",
]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_machines_that_are_not_public_are_refused(address: str) -> None:
    assert not Guard(FetchSettings()).permits(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_public_machines_are_permitted(address: str) -> None:
    assert Guard(FetchSettings()).permits(address)


def test_the_settings_may_allow_networks_or_all() -> None:
    some = Guard(FetchSettings(allow_private=("10.0.0.0/8", "fd12::/16")))
    assert some.permits("10.1.2.3")
    assert some.permits("::ffff:10.1.2.3")
    assert some.permits("fd12::1")
    assert not some.permits("127.0.0.1")
    everything = Guard(FetchSettings(allow_private=True))
    assert everything.permits("127.0.0.1")
    assert everything.permits("10.1.2.3")
    assert not everything.permits("169.254.169.254")  # these need to be named
    assert not everything.permits("168.63.129.16")
    assert not everything.permits("0.0.0.0")
    assert Guard(FetchSettings(allow_private=("169.254.169.254/32",))).permits("169.254.169.254")


def test_nothing_private_is_reached_with_the_usual_settings(nights: Nights, site: Site) -> None:
    site.routes["/tea"] = html("48 percent slept well.")
    for host in ("a.test", "127.0.0.1", "2130706433", "0x7f000001", "127.1"):
        found = nights.one(site.url("/tea", host), allow_private=False, respect_robots=False)
        assert (found.status, found.reason) == ("refused", "leads to 127.0.0.1, which is no public address")
    assert site.asked == []


def test_a_redirect_to_a_private_machine_is_refused(nights: Nights, site: Site) -> None:
    site.routes["/tea"] = redirect("http://inside.test/secret")
    nights.resolve = lambda host, _: ("10.0.0.7",) if host == "inside.test" else ("127.0.0.1",)
    found = nights.one(site.url("/tea"), respect_robots=False)
    assert (found.status, found.reason) == ("refused", "leads to 10.0.0.7, which is no public address")


def test_a_robots_txt_that_redirects_inside_is_refused(nights: Nights, site: Site) -> None:
    site.routes["/robots.txt"] = redirect("http://inside.test/robots.txt")
    nights.resolve = lambda host, _: ("10.0.0.7",) if host == "inside.test" else ("127.0.0.1",)
    found = nights.one(site.url("/tea"))
    assert (found.status, found.reason) == ("refused", "leads to 10.0.0.7, which is no public address")
    assert site.paths() == []


def test_the_address_that_was_checked_is_the_one_connected_to(nights: Nights, site: Site) -> None:
    asked: list[str] = []

    def rebinding(host: str, _: int) -> Sequence[str]:
        asked.append(host)
        return ("127.0.0.1",) if len(asked) == 1 else ("10.0.0.7",)

    nights.resolve = rebinding
    site.routes["/tea"] = html("48 percent slept well.")
    found = nights.one(site.url("/tea"), respect_robots=False)
    assert found.status == "new"
    assert asked == ["a.test"]  # one look-up for one connection


def test_a_name_with_public_and_private_addresses_leads_to_the_permitted_ones_only(nights: Nights, site: Site) -> None:
    site.routes["/tea"] = html("48 percent slept well.")
    nights.resolve = lambda *_: ("10.0.0.7", "169.254.169.254", "127.0.0.1")
    assert nights.one(site.url("/tea"), respect_robots=False).status == "new"


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("HTTPS://Example.ORG:443/Tea?b=2&a=1#top", "https://example.org/Tea?b=2&a=1"),
        ("http://leaf.test", "http://leaf.test/"),
        ("http://leaf.test./tea", "http://leaf.test/tea"),
        ("http://leaf.test:8080/tea", "http://leaf.test:8080/tea"),
        (
            "https://tee-übersicht.test/Grüner Tee?q=süß",
            "https://xn--tee-bersicht-glb.test/Gr%C3%BCner%20Tee?q=s%C3%BC%C3%9F",
        ),
        ("http://leaf.test/a%20b?q=%2F", "http://leaf.test/a%20b?q=%2F"),
        ("http://[::1]:8080/", "http://[::1]:8080/"),
    ],
)
def test_addresses_have_one_form(url: str, form: str) -> None:
    assert normalise(url) == form
    assert normalise(form) == form


@pytest.mark.parametrize(
    "url",
    [
        "ftp://leaf.test/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "gopher://leaf.test/",
        "leaf.test/tea",
        "",
        "http://",
        "http:///tea",
        "http://me@leaf.test/",
        "http://me:secret@leaf.test/",
        "http://leaf.test:99999/",
        "http://leaf.test:http/",
        "http://[::1/",
        "http://leaf.test/\r\nX-Evil: 1",
        "http://leaf.test\\@evil.test/",
        "http://le af.test/",
        "http://leaf..test/",
        "http://leaf.test/" + "a" * 3000,
    ],
)
def test_what_is_no_address_of_a_page_is_refused(url: str) -> None:
    with pytest.raises(RefusedAddressError):
        normalise(url)


def test_relative_redirects_are_joined() -> None:
    assert joined("https://leaf.test/a/b?c=1", "../d") == "https://leaf.test/d"
    assert joined("https://leaf.test/a", "//oat.test/b") == "https://oat.test/b"
    with pytest.raises(RefusedAddressError):
        joined("https://leaf.test/", "http://[")


def test_example_domains_are_never_fetched(nights: Nights) -> None:
    assert is_example("http://www.example.com/")
    assert is_example("http://leaf.example/")
    assert not is_example("http://example.com.leaf.test/")
    assert not is_example("http://counterexample.com/")
    assert nights.one("https://leaf.example.org/tea").status == "skipped"


def test_no_file_is_written_outside_the_folder(nights: Nights, site: Site, tmp_path: Path) -> None:
    for path in ("/../../../etc/passwd", "/..%2f..%2fetc/passwd", "/%00", "/" + "a" * 900, "/.hidden", "/con"):
        site.routes[path] = html("48 percent slept well.")
    nights.run(*(site.url(path) for path in list(site.routes)))
    nights.write()
    assert len(nights.files()) == len(site.routes)
    assert all(len(name) < 200 and name.startswith("a-test/") for name in nights.files())
    assert {path.name for path in tmp_path.iterdir()} == {"state", "archive", "raw"}
