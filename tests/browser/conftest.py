"""A real browser: Chromium as the system has it, driven by Playwright.

Without Chromium these tests are skipped; where ``CLAIMS_BROWSER_TESTS=required`` is set they fail, so that they never go missing unseen.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench import report as bench
from tests.browser.support import Opened

CHROMIUM = os.environ.get("CLAIMS_CHROMIUM") or bench.CHROMIUM


def _without(reason: str) -> None:
    if os.environ.get("CLAIMS_BROWSER_TESTS") == "required":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One Chromium for all tests of a file; Playwright keeps an event loop running while it is open, which other tests must not find."""
    if shutil.which(CHROMIUM) is None:
        _without(f"{CHROMIUM} is not there: install Debian's chromium, or name another with CLAIMS_CHROMIUM")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _without("Playwright is not installed: pip install --group dev")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(bench.ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[..., Opened]]:
    """Opens a file in a fresh context; ``about`` goes to the context (``color_scheme``, ``viewport`` ...)."""
    contexts = []

    def opened(path: Path, fragment: str = "", **about: Any) -> Opened:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **about})
        contexts.append(context)
        context.set_default_timeout(10_000)
        return Opened(context, path.as_uri() + fragment, about.get("java_script_enabled", True))

    yield opened
    for context in contexts:
        context.close()
