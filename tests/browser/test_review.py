"""The review page with its server: what is decided in the browser is in the file, and stays after loading again."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli.review import page_of
from pipeline.decisions.model import day_of
from pipeline.review.server import ReviewServer
from pipeline.review.state import ReviewState
from tests.browser.support import READY, Opened
from tests.browser.test_report import serious_faults
from tests.unit.report.support import results, rules

TODAY = "2026-05-04"


class Served:
    """A running server, its file of decisions, and browsers that visit it."""

    def __init__(self, folder: Path, browser: Any) -> None:
        self.file = folder / "decisions.jsonl"
        self.state = ReviewState(results(folder / "results"), self.file, "Ann <b>", lambda: day_of(TODAY))
        self.server = ReviewServer(self.state, page_of(self.state, rules(), None), lambda: b"flag_id\n", 0)
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self._thread.start()
        self._browser = browser
        self._contexts: list[Any] = []

    def visit(self) -> Opened:
        context = self._browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(10_000)
        self._contexts.append(context)
        return Opened(context, self.server.address)

    def decided(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.file.read_text("utf-8").splitlines()] if self.file.exists() else []

    def stop(self) -> None:
        if self._thread.is_alive():
            self.server.shutdown()
            self._thread.join()
            self.server.server_close()

    def close(self) -> None:
        for context in self._contexts:
            context.close()
        self.stop()


@pytest.fixture
def served(tmp_path: Path, browser: Any) -> Iterator[Served]:
    served = Served(tmp_path, browser)
    yield served
    served.close()


def saved(opened: Opened, words: str = "Saved") -> None:
    opened.page.locator("#notice", has_text=words).wait_for()


def test_a_key_accepts_and_it_is_kept(served: Served) -> None:
    opened = served.visit()
    assert opened.page.text_content("#who") == "Reviewing as Ann <b>"
    opened.page.keyboard.press("j")
    opened.page.keyboard.press("a")
    saved(opened)
    (decision,) = served.decided()
    assert (decision["flag_id"], decision["verdict"], decision["who"]) == ("a1", "accept", "Ann <b>")
    assert opened.current() == "b2"  # on to the next
    assert opened.page.locator('#status option[value="accepted"]').text_content() == "Accepted (1)"
    opened.page.reload()
    opened.page.wait_for_selector(READY)
    assert opened.count() == "1 problem"
    opened.page.select_option("#status", "accepted")
    opened.reads('[data-flag="a1"] .ruling', "Accepted by Ann <b>")
    assert opened.complaints == []


def test_a_dismissal_needs_a_reason_and_stays_away(served: Served) -> None:
    opened = served.visit()
    opened.page.keyboard.press("j")
    opened.page.keyboard.press("d")
    opened.page.keyboard.press("Enter")
    opened.reads("#decide-error", "Say why")
    opened.page.keyboard.type("another trial\u0020</script><b>")
    opened.page.keyboard.press("Enter")
    saved(opened)
    assert served.decided()[0]["reason"] == "another trial </script><b>"
    opened.page.reload()
    opened.page.wait_for_selector(READY)
    assert opened.page.locator('[data-flag="a1"]').count() == 0
    opened.page.select_option("#status", "away")
    opened.reads('[data-flag="a1"]', "another trial </script><b>")


def test_undo_takes_it_back(served: Served) -> None:
    opened = served.visit()
    opened.page.locator('[data-flag="b2"] [data-verdict="accept"]').click()
    saved(opened)
    opened.page.locator('[data-flag="b2"] [data-verdict="undo"]').click()
    saved(opened, "undone")
    assert [decision["verdict"] for decision in served.decided()] == ["accept", "undo"]
    assert opened.page.locator('[data-flag="b2"] .ruling').count() == 0


def test_a_snooze_names_a_day(served: Served) -> None:
    opened = served.visit()
    opened.page.keyboard.press("j")
    opened.page.keyboard.press("s")
    opened.page.fill("#decide-until", "2040-01-15")
    opened.page.click("#decide-save")
    saved(opened)
    assert served.decided()[0]["until"] == "2040-01-15"
    opened.reads('[data-flag="a1"] .ruling', "until 2040-01-15")


def test_a_comment_is_shown_and_decides_nothing(served: Served) -> None:
    opened = served.visit()
    opened.page.keyboard.press("j")
    opened.page.keyboard.press("c")
    opened.page.keyboard.type("ask the desk")
    opened.page.keyboard.press("Enter")
    saved(opened)
    opened.reads('[data-flag="a1"]', "ask the desk")
    opened.page.reload()
    opened.page.wait_for_selector(READY)
    assert opened.count() == "2 problems"
    opened.reads('[data-flag="a1"]', "ask the desk")


def test_two_tabs_do_not_overrule_each_other_unseen(served: Served) -> None:
    first, second = served.visit(), served.visit()
    first.page.locator('[data-flag="a1"] [data-verdict="accept"]').click()
    saved(first)
    second.page.locator('[data-flag="a1"] [data-verdict="dismiss"]').click()
    second.page.fill("#decide-reason", "no")
    second.page.click("#decide-save")
    saved(second, "Decided elsewhere")
    assert [decision["verdict"] for decision in served.decided()] == ["accept"]
    second.reads('[data-flag="a1"] .ruling', "Accepted")
    second.page.locator('[data-flag="a1"] [data-verdict="accept"]').click()  # now it is seen, and can be
    saved(second)
    assert len(served.decided()) == 2


def test_a_server_that_went_away_is_told_and_nothing_looks_saved(served: Served) -> None:
    opened = served.visit()
    served.stop()
    opened.page.locator('[data-flag="a1"] [data-verdict="accept"]').click()
    saved(opened, "Not saved")
    assert opened.page.locator('[data-flag="a1"] .ruling').count() == 0
    assert served.decided() == []


def test_decisions_can_be_taken_along(served: Served) -> None:
    page = served.visit().page
    with page.expect_download() as download:
        page.click("text=Export decisions")
    assert download.value.suggested_filename == "decisions.csv"
    assert Path(download.value.path()).read_text("utf-8").startswith("flag_id")


def test_a_screen_reader_finds_no_serious_fault(served: Served) -> None:
    opened = served.visit()
    assert serious_faults(opened) == []
    opened.page.keyboard.press("j")
    opened.page.keyboard.press("d")
    assert serious_faults(opened) == []
