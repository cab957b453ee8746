"""What becomes of pages from night to night."""

import gzip
import json

import pytest

from pipeline.fetch.settings import FetchSource
from tests.unit.fetch.site import Asked, Nights, Reply, Site, html, redirect


def test_a_page_is_new_then_unchanged_then_changed(nights: Nights, site: Site) -> None:
    url = site.url("/tea")
    site.routes["/tea"] = html("48 percent slept well.")
    first = nights.one(url)
    second = nights.one(url)
    site.routes["/tea"] = html("50 percent slept well.")
    third = nights.one(url)
    assert [page.status for page in (first, second, third)] == ["new", "unchanged", "changed"]
    assert first.archive == second.archive != third.archive
    nights.write()
    [data] = nights.files().values()
    assert b"50 percent" in data


@pytest.mark.parametrize(("name", "asked"), [("ETag", "if-none-match"), ("Last-Modified", "if-modified-since")])
def test_it_asks_only_for_what_has_changed(nights: Nights, site: Site, name: str, asked: str) -> None:
    mark = '"v1"' if name == "ETag" else "Wed, 01 May 2024 00:00:00 GMT"
    good = html("48 percent slept well.", **{name: mark})

    def route(request: Asked) -> Reply:
        return Reply(status=304, headers={}) if request.headers.get(asked) == mark else good

    site.routes["/tea"] = route
    assert nights.one(site.url("/tea")).status == "new"
    again = nights.one(site.url("/tea"))
    assert (again.status, again.http_status) == ("unchanged", 304)
    assert nights.one(site.url("/tea")).http_status == 304  # the mark outlives an answer that does not repeat it


def test_it_asks_for_all_again_when_the_archive_is_lost(nights: Nights, site: Site) -> None:
    site.routes["/tea"] = html("48 percent slept well.", ETag='"v1"')
    nights.one(site.url("/tea"))
    for path in nights.archive.rglob("*.warc.gz"):
        path.unlink()
    assert nights.one(site.url("/tea")).status == "unchanged"
    assert "if-none-match" not in site.asked[-1].headers
    assert nights.write().pages == 1


def test_not_modified_without_being_asked_is_no_page(nights: Nights, site: Site) -> None:
    site.routes["/tea"] = Reply(status=304, headers={})
    assert nights.one(site.url("/tea")).status == "failed"


def test_a_missing_page_is_gone_only_after_some_days(nights: Nights, site: Site) -> None:
    url = site.url("/tea")
    site.routes["/tea"] = html("48 percent slept well.")
    nights.one(url)
    del site.routes["/tea"]
    first = nights.one(url, pass_days=0.1)
    again = nights.one(url)  # on the same day
    nights.write()
    assert [page.status for page in (first, again)] == ["failed", "failed"]
    assert len(nights.files()) == 1
    gone = nights.one(url)
    nights.write()
    assert gone.status == "gone"
    assert gone.archive == first.archive  # what it said can still be shown
    assert nights.files() == {}
    site.routes["/tea"] = html("48 percent slept well.")
    back = nights.one(url)
    nights.write()
    assert back.status == "new"
    assert back.reason is not None
    assert back.reason.startswith("is back")
    assert len(nights.files()) == 1


def test_a_page_that_fails_for_a_night_is_not_a_night_nearer_to_gone(nights: Nights, site: Site) -> None:
    url = site.url("/tea")
    good = html("48 percent slept well.")
    site.routes["/tea"] = good
    nights.one(url)
    del site.routes["/tea"]
    nights.one(url)
    site.routes["/tea"] = good
    assert nights.one(url).status == "unchanged"
    del site.routes["/tea"]
    assert nights.one(url).status == "failed"


def test_gone_is_believed_at_once(nights: Nights, site: Site) -> None:
    url = site.url("/tea")
    site.routes["/tea"] = html("48 percent slept well.")
    nights.one(url)
    site.routes["/tea"] = Reply(b"withdrawn", 410)
    assert nights.one(url).status == "gone"
    assert nights.pages() == []


@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_a_page_that_cannot_be_had_stays_as_it_was(nights: Nights, site: Site, status: int) -> None:
    url = site.url("/tea")
    site.routes["/tea"] = html("48 percent slept well.")
    nights.one(url)
    site.routes["/tea"] = Reply(b"no", status)
    for _ in range(4):
        found = nights.one(url)
        assert (found.status, found.http_status) == ("failed", status)
    nights.write()
    assert len(nights.files()) == 1


def test_a_page_not_found_under_another_name_is_a_soft_404(nights: Nights, site: Site) -> None:
    url = site.url("/tea")
    site.routes["/tea"] = html("48 percent slept well.")
    nights.one(url)
    site.routes["/tea"] = Reply(b"<title>Page not found - Leaf</title><h1>Oh no</h1><p>Try another.</p>")
    assert [nights.one(url).status for _ in range(2)] == ["soft_404", "gone"]


def test_a_page_that_leads_to_the_front_page_is_a_soft_404(nights: Nights, site: Site) -> None:
    site.routes["/tea"] = redirect("/")
    site.routes["/"] = html("Read all about tea.", "The Leaf")
    assert nights.one(site.url("/tea")).status == "soft_404"


def test_the_stub_before_a_paywall_replaces_nothing(nights: Nights, site: Site) -> None:
    url = site.url("/tea")
    site.routes["/tea"] = html("48 percent slept well.")
    nights.one(url)
    site.routes["/tea"] = Reply(b"<title>Tea</title><p>Tea is...</p><p>Subscribe to continue reading</p>")
    assert nights.one(url).status == "paywall"
    nights.write()
    [data] = nights.files().values()
    assert b"48 percent" in data


def test_a_check_for_robots_is_no_page(nights: Nights, site: Site) -> None:
    site.routes["/tea"] = Reply(b"<title>Just a moment...</title><p>Checking.</p>")
    found = nights.one(site.url("/tea"))
    assert found.status == "failed"
    assert found.reason == "asks for a check that only a browser passes"


def test_what_is_not_due_is_left_alone(nights: Nights, site: Site) -> None:
    site.routes["/tea"] = html("48 percent slept well.")
    nights.sources = [FetchSource(id="tea", url=site.url("/tea"), every="weekly")]
    assert nights.run(only_due=True).pages[0].status == "new"
    later = nights.run(only_due=True).pages[0]
    assert later.status == "skipped"
    assert later.reason is not None
    assert later.reason.startswith("not due before 2024-05-07")
    nights.run(only_due=True, pass_days=5)
    assert nights.run(only_due=True).pages[0].status == "unchanged"
    assert len(site.paths()) == 2


def test_a_scheduler_that_starts_a_little_early_misses_no_night(nights: Nights, site: Site) -> None:
    site.routes["/tea"] = html("48 percent slept well.")
    assert nights.run(site.url("/tea"), only_due=True, pass_days=0.999).pages[0].status == "new"
    assert nights.run(site.url("/tea"), only_due=True).pages[0].status == "unchanged"


def test_a_failed_page_is_due_the_next_time(nights: Nights, site: Site) -> None:
    site.routes["/tea"] = Reply(b"no", 500)
    nights.sources = [FetchSource(id="tea", url=site.url("/tea"), every="monthly")]
    nights.run(only_due=True)
    site.routes["/tea"] = html("48 percent slept well.")
    assert nights.run(only_due=True).pages[0].status == "new"


def test_a_source_that_is_no_longer_listed_is_no_longer_current(nights: Nights, site: Site) -> None:
    site.routes["/tea"] = site.routes["/oat"] = html("48 percent slept well.")
    nights.run(site.url("/tea"), site.url("/oat"))
    nights.write()
    assert len(nights.files()) == 2
    nights.run(site.url("/tea"))
    nights.write()
    assert [name.split("/")[1][:3] for name in nights.files()] == ["tea"]


def test_a_source_that_is_switched_off_keeps_its_pages(nights: Nights, site: Site) -> None:
    site.routes["/tea"] = html("48 percent slept well.")
    nights.sources = [FetchSource(id="tea", url=site.url("/tea"))]
    nights.run()
    nights.sources = [FetchSource(id="tea", url=site.url("/tea"), enabled=False)]
    assert nights.run().pages == ()
    nights.write()
    assert len(nights.files()) == 1


def test_two_addresses_of_one_page_give_one_file(nights: Nights, site: Site) -> None:
    site.routes["/tea"] = html("48 percent slept well.")
    site.routes["/old-tea"] = redirect("/tea", 301)
    nights.run(site.url("/old-tea"), pass_days=1)
    nights.run(site.url("/old-tea"), site.url("/tea"), site.url("/tea?utm_source=mail"))
    assert [side["url"] for side, _ in nights.pages()] == [site.url("/old-tea")]  # the name it was first known by


def test_the_files_of_a_page_keep_their_names_and_tell_its_source(nights: Nights, site: Site) -> None:
    site.routes["/health/Tea%20at%20Night.html"] = html("48 percent slept well.")
    url = site.url("/health/Tea%20at%20Night.html")
    nights.sources = [FetchSource(id="tea", url=url, publisher="The Leaf", kind="news", topic="sleep")]
    nights.run()
    first = nights.write()
    names = list(nights.files())
    side = json.loads((nights.raw / (names[0] + ".meta.json")).read_bytes())
    assert side["url"] == url
    assert (side["publisher"], side["kind"], side["topic"]) == ("The Leaf", "news", "sleep")
    assert names[0].startswith("a-test/health-tea-at-night-html-")
    nights.run()
    again = nights.write()
    assert (first.written, again.written, again.removed) == (1, 0, 0)
    assert list(nights.files()) == names


def test_the_bytes_of_a_page_stay_as_they_came(nights: Nights, site: Site) -> None:
    body = "<html><body><p>Thé: 48 percent slept well, and many said so.</p></body></html>".encode("latin-1")
    site.routes["/tea"] = Reply(gzip.compress(body), headers={"Content-Type": "text/html", "Content-Encoding": "gzip"})
    nights.run(site.url("/tea"))
    nights.write()
    assert list(nights.files().values()) == [body]


def test_files_of_others_in_the_folder_are_left_alone(nights: Nights, site: Site) -> None:
    site.routes["/tea"] = html("48 percent slept well.")
    nights.run(site.url("/tea"))
    nights.raw.mkdir(parents=True)
    (nights.raw / "mine.html").write_text("mine", "utf-8")
    nights.write()
    site.routes["/tea"] = Reply(status=410)
    nights.run(site.url("/tea"))
    assert nights.write().removed == 1
    assert list(nights.files()) == ["mine.html"]


def test_a_page_whose_record_is_lost_keeps_its_file(nights: Nights, site: Site) -> None:
    site.routes["/tea"] = html("48 percent slept well.")
    nights.run(site.url("/tea"))
    nights.write()
    for path in nights.archive.rglob("*.warc.gz"):
        path.write_bytes(b"")
    assert nights.write().missing == (site.url("/tea"),)
    assert len(nights.files()) == 1


def test_a_damaged_record_is_fetched_again(nights: Nights, site: Site) -> None:
    good = html("48 percent slept well.", ETag='"v1"')
    site.routes["/tea"] = lambda asked: Reply(status=304, headers={}) if "if-none-match" in asked.headers else good
    nights.one(site.url("/tea"))
    for path in nights.archive.rglob("*.warc.gz"):
        path.write_bytes(path.read_bytes()[:-900])
    assert nights.one(site.url("/tea")).status == "unchanged"
    assert nights.write().pages == 1


def test_a_clock_that_was_wrong_once_does_not_stop_it(nights: Nights, site: Site) -> None:
    site.routes["/tea"] = html("48 percent slept well.")
    nights.now = nights.now.replace(year=2099)
    nights.run(site.url("/tea"), only_due=True)
    nights.now = nights.now.replace(year=2024)
    assert nights.run(site.url("/tea"), only_due=True).pages[0].status == "unchanged"


def test_a_missing_page_is_looked_for_the_next_day_whatever_its_period(nights: Nights, site: Site) -> None:
    nights.sources = [FetchSource(id="tea", url=site.url("/tea"), every="monthly")]
    site.routes["/tea"] = html("48 percent slept well.")
    nights.run(only_due=True, pass_days=31)
    del site.routes["/tea"]
    assert [nights.run(only_due=True).pages[0].status for _ in range(3)] == ["failed", "gone", "skipped"]
