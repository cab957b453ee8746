"""What the browser tests share: a page that tells all that it does, and reports to open in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.report.build import build_report
from pipeline.report.formats.html import render_html
from tests.unit.report.support import results, rules

READY = "html[data-ready]"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


class Opened:
    """A page with all that it asked for and complained of."""

    def __init__(self, context: Any, url: str, runs_scripts: bool = True) -> None:
        self.context = context
        self.page = context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.dialogs: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", self._dialog)
        self.page.goto(url)
        if runs_scripts:
            self.page.wait_for_selector(READY, timeout=10_000)

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _dialog(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def current(self) -> str | None:
        """The id of the problem that keys act on."""
        found: str | None = self.page.evaluate("document.querySelector('.flag.current')?.dataset.flag ?? null")
        return found

    def reads(self, selector: str, words: str) -> None:
        """``words`` can be read in the first element of ``selector``; a card off the screen has no words before the next frame."""
        from playwright.sync_api import expect

        expect(self.page.locator(selector).first).to_contain_text(words, use_inner_text=True)

    def count(self) -> str:
        text: str = self.page.text_content("#count")
        return text


def report_page(folder: Path, review: dict[str, Any] | None = None, **hostile: Any) -> Path:
    """The HTML report of the results that are made by hand, as a file in ``folder``."""
    report = build_report(results(folder / "results", **hostile), rules())
    path = folder / "report.html"
    path.write_text(render_html(report, review), "utf-8")
    return path
