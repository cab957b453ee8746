"""robots.txt, waits, and that no host holds up another."""

import itertools
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from pipeline.fetch.settings import FetchSource
from tests.unit.fetch.site import Asked, Nights, Reply, Site, html

TEXT = {"Content-Type": "text/plain"}


def robots(words: str) -> Reply:
    return Reply(words.encode(), headers=TEXT)


def test_robots_txt_is_obeyed_for_our_name(nights: Nights, site: Site) -> None:
    site.routes["/robots.txt"] = robots(
        "User-agent: *\nDisallow: /\n\nUser-agent: claims-pipeline\nDisallow: /private\n"
    )
    site.routes["/tea"] = site.routes["/private/tea"] = html("48 percent slept well.")
    assert nights.one(site.url("/tea")).status == "new"
    barred = nights.one(site.url("/private/tea"))
    assert (barred.status, barred.reason) == ("robots", "the site's robots.txt does not allow it")
    assert "/private/tea" not in site.paths()
    assert nights.one(site.url("/private/tea"), respect_robots=False).status == "new"


def test_robots_txt_of_the_place_that_a_redirect_leads_to_counts(nights: Nights, site: Site) -> None:
    site.routes["b.test/robots.txt"] = robots("User-agent: *\nDisallow: /\n")
    site.routes["/tea"] = Reply(status=302, headers={"Location": site.url("/tea", "b.test")})
    assert nights.one(site.url("/tea")).status == "robots"
    assert site.paths("b.test") == []


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_no_robots_txt_allows_all(nights: Nights, site: Site, status: int) -> None:
    site.routes["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /", status, TEXT)
    site.routes["/tea"] = html("48 percent slept well.")
    assert nights.one(site.url("/tea")).status == "new"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_site_in_trouble_allows_nothing_for_now(nights: Nights, site: Site, status: int) -> None:
    site.routes["/robots.txt"] = Reply(b"", status, TEXT)
    site.routes["/tea"] = html("48 percent slept well.")
    found = nights.one(site.url("/tea"), attempts=1)
    assert found.status == "robots"
    assert found.reason == f"its robots.txt cannot be read now (HTTP {status})"
    assert site.paths() == []


def test_a_site_that_does_not_answer_is_asked_once(nights: Nights, site: Site) -> None:
    site.routes["/robots.txt"] = Reply(b"", wait=1)
    site.routes["/a"] = site.routes["/b"] = html("48 percent slept well.")
    report = nights.run(site.url("/a"), site.url("/b"), timeout=0.3, attempts=1)
    assert [(page.status, page.reason) for page in report.pages] == [("failed", "took longer than 0.3 seconds")] * 2
    assert len(site.asked) == 1


def test_a_huge_robots_txt_is_read_as_far_as_the_standard_says(nights: Nights, site: Site) -> None:
    early = "User-agent: *\nDisallow: /early\n"
    late = "Disallow: /late\n"
    site.routes["/robots.txt"] = robots(early + "# tea\n" * 200_000 + late)
    site.routes["/early"] = site.routes["/late"] = html("48 percent slept well.")
    assert nights.one(site.url("/early")).status == "robots"
    assert nights.one(site.url("/late")).status == "new"


@pytest.mark.parametrize("body", [b"\xff\xfe\x00 nonsense \x80", b"<html><body>No robots here</body></html>", b""])
def test_a_robots_txt_that_says_nothing_allows_all(nights: Nights, site: Site, body: bytes) -> None:
    site.routes["/robots.txt"] = Reply(body, headers=TEXT)
    site.routes["/tea"] = html("48 percent slept well.")
    assert nights.one(site.url("/tea")).status == "new"


def test_the_delay_that_robots_txt_asks_for_is_kept(nights: Nights, site: Site) -> None:
    site.routes["/robots.txt"] = robots("User-agent: *\nCrawl-delay: 0.4\n")
    site.routes["/a"] = site.routes["/b"] = html("48 percent slept well.")
    nights.run(site.url("/a"), site.url("/b"))
    times = [one.at for one in site.asked]
    assert all(later - earlier >= 0.39 for earlier, later in itertools.pairwise(times))
    assert len(times) == 3


def test_a_delay_longer_than_we_wait_spreads_pages_over_runs(nights: Nights, site: Site) -> None:
    site.routes["/robots.txt"] = robots("User-agent: *\nCrawl-delay: 3600\n")
    site.routes["/a"] = html("48 percent slept well.")
    [found] = nights.run(site.url("/a")).pages
    assert found.status == "skipped"
    assert found.reason is not None
    assert "asks to wait" in found.reason
    asked = len(site.asked)
    [again] = nights.run(site.url("/a")).pages  # a run at once after it: the hour is not over
    assert again.status in ("skipped", "robots")
    assert len(site.asked) == asked


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_kept(nights: Nights, site: Site, form: str) -> None:
    def route(_: Asked) -> Reply:
        if len(site.paths()) > 1:
            return html("48 percent slept well.")
        when = datetime.now(UTC) + timedelta(seconds=2)
        return Reply(b"", 429, {"Retry-After": "1" if form == "seconds" else format_datetime(when, usegmt=True)})

    site.routes["/tea"] = route
    assert nights.one(site.url("/tea"), max_wait=3.0).status == "new"
    first, second = (one.at for one in site.asked if one.path == "/tea")
    assert second - first >= 0.9


def test_a_long_retry_after_is_left_for_another_run_and_remembered(nights: Nights, site: Site) -> None:
    site.routes["/tea"] = Reply(b"", 503, {"Retry-After": "100000"})
    site.routes["/oat"] = html("48 percent slept well.")
    began = time.monotonic()
    first = nights.run(site.url("/tea"), site.url("/oat"))
    assert {page.status for page in first.pages} <= {"skipped", "new"}
    asked = len(site.asked)
    second = nights.run(site.url("/tea"), site.url("/oat"))
    assert all(page.status == "skipped" for page in second.pages)
    assert len(site.asked) == asked
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("value", ["soon", "-5", "99999999999999", "Wed, 99 Foo 2024", ""])
def test_a_retry_after_that_makes_no_sense_is_passed_over(nights: Nights, site: Site, value: str) -> None:
    def route(_: Asked) -> Reply:
        return html("48 percent slept well.") if len(site.paths()) > 1 else Reply(b"", 503, {"Retry-After": value})

    site.routes["/tea"] = route
    assert nights.one(site.url("/tea")).status == "new"


def test_one_slow_host_does_not_hold_up_the_others(nights: Nights, site: Site) -> None:
    for number in range(4):
        site.routes[f"slow.test/{number}"] = Reply(b"<p>late</p>", wait=0.7)
        site.routes[f"quick.test/{number}"] = html(f"{number + 40} percent slept well.")
    urls = [site.url(f"/{number}", host) for number in range(4) for host in ("slow.test", "quick.test")]
    report = nights.run(*urls, hosts_at_once=2)
    assert report.counts == {"new": 8}
    last_quick = max(one.at for one in site.asked if one.host == "quick.test")
    last_slow = max(one.at for one in site.asked if one.host == "slow.test")
    assert last_quick < last_slow - 1.0
    assert site.most_at_once == {"slow.test": 1, "quick.test": 1}


def test_a_waiting_host_takes_no_place_from_the_others(nights: Nights, site: Site) -> None:
    site.routes["wait.test/robots.txt"] = robots("User-agent: *\nCrawl-delay: 1\n")
    for host in ("wait.test", "quick.test"):
        site.routes[f"{host}/a"] = site.routes[f"{host}/b"] = html("48 percent slept well.")
    nights.run(
        *(site.url(path, host) for host in ("wait.test", "quick.test") for path in ("/a", "/b")), hosts_at_once=1
    )
    quick = [one.at for one in site.asked if one.host == "quick.test"]
    assert max(quick) - min(one.at for one in site.asked) < 0.9


def test_a_host_that_does_not_answer_is_not_asked_for_ever(nights: Nights, site: Site) -> None:
    for number in range(5):
        site.routes[f"/{number}"] = Reply(b"", wait=1)
    report = nights.run(
        *(site.url(f"/{number}") for number in range(5)), timeout=0.2, attempts=1, host_failures=2, respect_robots=False
    )
    assert len(site.asked) == 2
    assert report.counts == {"failed": 5}
    assert sum("not tried" in (page.reason or "") for page in report.pages) == 3


def test_a_run_ends_when_its_time_is_over(nights: Nights, site: Site) -> None:
    for number in range(5):
        site.routes[f"/{number}"] = html("48 percent slept well.")
    report = nights.run(*(site.url(f"/{number}") for number in range(5)), run_seconds=1.0, per_host_delay=0.45)
    assert report.counts["skipped"] >= 2
    asked = set(site.paths())
    site.asked.clear()
    nights.run(*(site.url(f"/{number}") for number in range(5)), run_seconds=1.0, per_host_delay=0.45)
    assert not asked & set(site.paths()[:1])  # what was left over goes first


def test_it_says_who_it_is_and_sends_no_cookies(nights: Nights, site: Site) -> None:
    site.routes["/tea"] = html("48 percent slept well.", Set_Cookie="id=1")
    for _ in range(2):
        nights.one(site.url("/tea"), user_agent="leafbot/2", contact="https://leaf.test/robot")
    assert site.asked[-1].headers["user-agent"] == "leafbot/2 (+https://leaf.test/robot)"
    assert "cookie" not in site.asked[-1].headers
    assert site.asked[-1].headers["accept-encoding"] == "gzip, deflate"


def test_a_source_has_limits_of_its_own(nights: Nights, site: Site) -> None:
    site.routes["/tea"] = html("48 percent slept well.")
    nights.sources = [FetchSource(id="tea", url=site.url("/tea"), max_bytes=100)]
    assert nights.run().pages[0].status == "refused"
