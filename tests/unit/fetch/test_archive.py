"""The archive and the state: valid WARC, whole after a kill, and one run at a time."""

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import filelock
import pytest
from warcio.archiveiterator import ArchiveIterator

from pipeline.config import Limits
from pipeline.errors import RunError
from pipeline.fetch.archive import OPEN_SUFFIX, RecordRef, read_page, recover
from pipeline.fetch.fetch import fetch_all
from pipeline.fetch.settings import FetchSource
from pipeline.fetch.state import read_state
from pipeline.model import InputError, RawDocument
from pipeline.readers.base import Source, read_source
from tests.support import ROOT
from tests.unit.fetch.site import NIGHT, Asked, Nights, Reply, Site, html, quick, redirect, rules, to_loopback


def records(path: Path) -> list[dict[str, Any]]:
    """The headers of all records, whose digests and lengths hold, and the status of each answer."""
    found = []
    with path.open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            body = record.raw_stream.read()
            headers = {name.lower(): value for name, value in record.rec_headers.headers}
            status = record.http_headers.get_statuscode() if record.rec_type in ("response", "revisit") else None
            found.append({**headers, "status": status, "body": body})
    return found


def test_a_night_is_one_valid_warc(nights: Nights, site: Site) -> None:
    good = html("48 percent slept well.", ETag='"v1"')
    site.routes["/tea"] = lambda asked: Reply(status=304, headers={}) if "if-none-match" in asked.headers else good
    site.routes["/old"] = redirect("/oat")
    site.routes["/oat"] = html("50 percent slept well.")
    urls = [site.url(path) for path in ("/tea", "/old", "/none")]
    first = nights.run(*urls)
    second = nights.run(*urls)
    assert first.archive == "2024/20240501T020000Z.warc.gz"
    one, two = (records(nights.archive / str(report.archive)) for report in (first, second))
    assert [record["warc-type"] for record in one[:3]] == ["warcinfo", "response", "request"]
    answers = {(record["warc-target-uri"], record["status"]) for record in one if record["warc-type"] == "response"}
    assert answers == {
        (site.url("/robots.txt"), "404"),
        (site.url("/tea"), "200"),
        (site.url("/old"), "302"),
        (site.url("/oat"), "200"),
        (site.url("/none"), "404"),
    }
    held = {record["warc-target-uri"]: record["warc-record-id"] for record in one if record["warc-type"] == "response"}
    again = {record["warc-target-uri"]: record for record in two if record["warc-type"] == "revisit"}
    assert again[site.url("/tea")]["warc-refers-to"] == held[site.url("/tea")]
    assert again[site.url("/tea")]["warc-profile"].endswith("/server-not-modified")
    assert again[site.url("/oat")]["warc-profile"].endswith("/identical-payload-digest")
    requests = [record for record in one if record["warc-type"] == "request"]
    assert len(requests) == len([record for record in one if record["warc-type"] == "response"])
    assert all(record["warc-concurrent-to"] in held.values() for record in requests)
    assert one[1]["warc-ip-address"] == "127.0.0.1"


def test_the_body_in_the_archive_is_as_it_was_sent(nights: Nights, site: Site) -> None:
    packed = gzip.compress(b"<p>48 percent slept well.</p>")
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (packed[:10], packed[10:])) + b"0\r\n\r\n"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    site.routes["/tea"] = Reply(raw=head + chunks)
    report = nights.run(site.url("/tea"))
    assert report.pages[0].status == "new"
    [page] = [
        record
        for record in records(nights.archive / str(report.archive))
        if record["warc-type"] == "response" and record["status"] == "200"
    ]
    assert page["body"] == packed
    [(side, data)] = nights.pages()
    assert data == b"<p>48 percent slept well.</p>"
    assert side["archive"] == report.pages[0].archive


def test_the_reader_of_warc_files_reads_the_archive(nights: Nights, site: Site) -> None:
    site.routes["/tea"] = html("48 percent slept well.")
    report = nights.run(site.url("/tea"))
    path = nights.archive / str(report.archive)
    [found] = read_source(Source(path=path.name, absolute=str(path)), Limits())
    assert isinstance(found, RawDocument)
    assert found.meta.url == site.url("/tea")


@pytest.mark.parametrize(
    ("stated", "encoding"),
    [
        ("text/html; charset=windows-1251", "cp1251"),
        ("text/html; charset=nonsense", "utf-8"),
        ("text/html; charset=iso-8859-1", "utf-8"),
        ("text/html; charset=utf-8", "cp1252"),
        ("text/html", "utf-16"),
        ("text/plain; charset=koi8-r", "koi8-r"),
    ],
)
def test_what_the_server_says_of_the_encoding_is_kept_and_only_believed_where_it_fits(
    nights: Nights, site: Site, stated: str, encoding: str
) -> None:
    words = {
        "cp1251": "Чай: 48 процентов спали хорошо",
        "koi8-r": "Чай: 48 процентов спали хорошо",
        "utf-8": "Thé: 48 percent slept “well”",
        "cp1252": "Thé: 48 percent slept “well”",
        "utf-16": "Thé: 48 percent slept “well”",
    }[encoding]
    text = words if stated.startswith("text/plain") else f"<html><body><p>{words}</p></body></html>"
    body = text.encode(encoding)
    site.routes["/tea"] = Reply(body, headers={"Content-Type": stated})
    nights.run(site.url("/tea"))
    nights.write()
    [name] = nights.files()
    [document] = read_source(Source(path=name, absolute=str(nights.raw / name)), Limits())
    assert isinstance(document, RawDocument), document
    assert words in document.content
    assert (nights.raw / name).read_bytes() == body


def test_a_broken_sidecar_encoding_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "tea.html").write_bytes(b"<html><p>48 percent slept well.</p></html>")
    values: tuple[object, ...] = (5, None, [], "x" * 5000, "unicode_escape")
    for value in values:
        (tmp_path / "tea.html.meta.json").write_text(json.dumps({"charset": value}), "utf-8")
        [found] = read_source(Source(path="tea.html", absolute=str(tmp_path / "tea.html")), Limits())
        assert not isinstance(found, InputError)


def test_what_a_killed_run_left_is_cut_after_its_last_whole_record(nights: Nights, site: Site) -> None:
    site.routes["/tea"] = html("48 percent slept well.")
    report = nights.run(site.url("/tea"))
    path = nights.archive / str(report.archive)
    whole = path.read_bytes()
    for cut in range(0, len(whole), 97):
        left = path.with_name(path.name + OPEN_SUFFIX)
        path.unlink(missing_ok=True)
        left.write_bytes(whole[:cut])
        recover(nights.archive)
        assert not left.exists()
        if path.exists():
            assert len(records(path)) <= 5


def test_no_place_in_the_archive_can_be_read_by_mistake(nights: Nights, site: Site) -> None:
    site.routes["/tea"] = html("48 percent slept well.")
    nights.run(site.url("/tea"))
    held = read_state(nights.state).pages[0].held
    assert held is not None
    for offset in (0, held.offset - 1, held.offset + 1, 10**9):
        wrong = RecordRef(file=held.file, offset=offset, record_id=held.record_id, date=held.date)
        assert read_page(nights.archive, wrong) is None
    assert read_page(nights.archive, RecordRef(file="none", offset=0, record_id="", date="")) is None


def test_two_runs_do_not_meet(nights: Nights, site: Site) -> None:
    nights.state.mkdir(parents=True)
    with (
        filelock.FileLock(nights.state / "lock"),
        pytest.raises(RunError, match="another run is fetching here"),
    ):
        nights.run(site.url("/tea"))


def test_a_damaged_state_is_told_and_kept(nights: Nights, site: Site) -> None:
    nights.state.mkdir(parents=True)
    (nights.state / "pages.json").write_text("{broken", "utf-8")
    with pytest.raises(RunError, match=r"pages\.json: is damaged"):
        nights.run(site.url("/tea"))
    assert (nights.state / "pages.json").read_text("utf-8") == "{broken"


def test_a_folder_that_cannot_be_written_is_told(nights: Nights, site: Site) -> None:
    nights.archive.write_text("a file where the folder should be", "utf-8")
    with pytest.raises(RunError):
        nights.run(site.url("/tea"))


def test_an_interrupt_keeps_what_was_fetched(nights: Nights, site: Site) -> None:
    site.routes["quick.test/tea"] = html("48 percent slept well.")

    def stop(_: Asked) -> Reply:
        time.sleep(0.4)
        threading.Thread(target=os.kill, args=(os.getpid(), signal.SIGINT)).start()
        return Reply(b"", wait=1)

    site.routes["slow.test/tea"] = stop
    with pytest.raises(KeyboardInterrupt):
        nights.run(site.url("/tea", "quick.test"), site.url("/tea", "slow.test"))
    assert [side["url"] for side, _ in nights.pages()] == [site.url("/tea", "quick.test")]
    assert list(nights.archive.rglob("*" + OPEN_SUFFIX)) == []
    site.asked.clear()
    site.routes["slow.test/tea"] = html("50 percent slept well.")
    assert nights.run(site.url("/tea", "quick.test"), site.url("/tea", "slow.test"), only_due=True).counts == {
        "new": 1,
        "skipped": 1,
    }


_SCRIPT = """
import sys
from datetime import datetime
from pathlib import Path
import pipeline.fetch.fetch as fetch
from tests.unit.fetch.site import *
fetch._SAVED_EVERY = 0.0
class Server:
    port = int(sys.argv[2])
urls = [f"http://{host}.test:{Server.port}/{n}" for host in "abc" for n in range(4)]
sources = [fetch.FetchSource(id=url, url=url) for url in urls]
folder = Path(sys.argv[1])
fetch.fetch_all(sources, quick(Server, per_host_delay=0.05), folder / "state", folder / "archive",
    now=NIGHT, rules=rules(), resolve=to_loopback)
"""


@pytest.mark.parametrize("moment", [2, 5, 11])
def test_a_kill_at_any_moment_loses_nothing(tmp_path: Path, site: Site, moment: int) -> None:
    child: list[subprocess.Popen[bytes]] = []

    def answer(asked: Asked) -> Reply:
        if len(site.paths()) == moment and child:
            child[0].kill()
        return html(f"{int(asked.path[1:]) + 40} percent slept well.")

    for number in range(4):
        site.routes[f"/{number}"] = answer
    command = [sys.executable, "-c", _SCRIPT, str(tmp_path), str(site.port)]
    child.append(subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}))
    assert child[0].wait(60) == -signal.SIGKILL
    kept = {page.url for page in read_state(tmp_path / "state").pages if page.held is not None}
    child.clear()
    nights = Nights(tmp_path, site)
    urls = [site.url(f"/{number}", f"{host}.test") for host in "abc" for number in range(4)]
    nights.sources = [FetchSource(id=url, url=url) for url in urls]
    report = nights.run(only_due=True)
    assert report.counts.get("skipped", 0) == len(kept)
    assert nights.write().pages == 12
    assert len(set(nights.files().values())) == 4
    for path in nights.archive.rglob("*.gz*"):
        records(path)


def test_the_state_is_the_same_whatever_came_first(tmp_path: Path, site: Site) -> None:
    for host in "abc":
        site.routes[f"{host}.test/tea"] = html("48 percent slept well.")
    found = []
    for order in ("abc", "cba"):
        folder = tmp_path / order
        sources = [FetchSource(id=host, url=site.url("/tea", f"{host}.test")) for host in order]
        settings = quick(site)
        report = fetch_all(sources, settings, folder / "s", folder / "a", now=NIGHT, rules=rules(), resolve=to_loopback)
        found.append([(page.url, page.status, page.source_id) for page in report.pages])
    assert found[0] == found[1]
