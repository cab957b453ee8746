"""The review page stays safe whatever other sites and colleagues do, in a real browser."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli.review import page_of
from pipeline.decisions.log import append_decision, read_decisions
from pipeline.decisions.model import make_decision
from pipeline.review.server import ReviewServer
from pipeline.review.state import ReviewState
from tests.browser.support import Opened
from tests.unit.decisions.support import AT
from tests.unit.report.support import results, rules
from tests.unit.review.support import TODAY


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ReviewServer]:
    state = ReviewState(results(tmp_path / "results"), tmp_path / "decisions.jsonl", "Ada", lambda: TODAY)
    with ReviewServer(state, page_of(state, rules(), None), lambda: b"", 0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(10)


@pytest.fixture
def tab(browser: Any, server: ReviewServer) -> Iterator[Callable[[], Opened]]:
    """Opens one more tab of one browser."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield lambda: Opened(context, server.address)
    context.close()


def test_another_site_can_neither_read_nor_decide(server: ReviewServer, tab: Callable[[], Opened]) -> None:
    opened = tab()
    other = opened.context.new_page()
    other.goto("about:blank")
    flag_id = next(iter(server.state.flags()))
    base = f"http://127.0.0.1:{server.port}"
    tried = other.evaluate(
        """async ([base, flag, token]) => {
            const body = JSON.stringify({flag_id: flag, verdict: "accept", seen: ""});
            const said = [];
            for (const about of [
                {method: "POST", body, mode: "no-cors", credentials: "include"},
                {method: "POST", body, credentials: "include", headers: {"X-Claims-Token": token, "Content-Type": "application/json"}},
                {method: "GET", credentials: "include"},
            ]) {
                try { const answer = await fetch(base + "/api/decisions", about); said.push(answer.type); } catch { said.push("failed"); }
            }
            return said;
        }""",
        [base, flag_id, server.guard.token],
    )
    assert set(tried) <= {"opaque", "failed"}
    assert not read_decisions(server.state.file).entries


def test_what_a_colleague_says_is_inert(server: ReviewServer, tab: Callable[[], Opened]) -> None:
    hostile = "</script><img src=x onerror=alert(1)><b>"
    for flag in server.state.flags().values():
        said = make_decision(
            flag_id=flag.flag_id, verdict="comment", values_hash=flag.values_hash, at=AT, reason=hostile, who=hostile
        )
        append_decision(server.state.file, said)
    opened = tab()
    opened.page.keyboard.press("j")
    opened.page.keyboard.press("Enter")
    opened.page.wait_for_timeout(200)
    assert opened.page.locator("img").count() == 0
    assert opened.dialogs == []
    assert opened.complaints == []
