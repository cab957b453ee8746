"""The HTML report in a browser: opened, searched, filtered, moved through, printed, read by a screen reader."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench.report import made_results
from pipeline.history.compare import compare
from pipeline.report.build import build_report
from pipeline.report.formats.html import render_html
from tests.browser.support import PHONE, Opened, report_page
from tests.unit.report.support import PROMISE, STORY, results, rules

Open = Callable[..., Opened]
FLAGS = 120


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return report_page(tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    path = folder / "report.html"
    path.write_text(render_html(build_report(made_results(folder / "results", FLAGS), rules())), "utf-8")
    return path


def test_it_opens_offline_asks_for_nothing_and_complains_of_nothing(page: Path, open_page: Open) -> None:
    opened = open_page(page, offline=True)
    assert opened.page.locator(".card").count() == 2
    assert opened.page.locator(".flag").first.get_attribute("data-flag") == "a1"
    assert [url for url in opened.requests if not url.startswith("data:")] == [page.as_uri()]
    assert opened.complaints == []


def test_a_card_has_both_quotes_with_their_figures_marked(page: Path, open_page: Open) -> None:
    flag = open_page(page).page.locator('[data-flag="a1"]')
    assert flag.locator(".subject blockquote").text_content() == f"Good news for runners! {STORY}"
    assert flag.locator(".subject mark").all_text_contents() == ["84 percent", "11 percent"]
    assert flag.locator(".evidence mark").all_text_contents() == ["48.2%", "10.7%"]
    boxes = [flag.locator(f".{side} blockquote").bounding_box() for side in ("subject", "evidence")]
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]  # side by side


def test_the_plot_has_a_row_a_source_and_the_reference_marked(page: Path, open_page: Open) -> None:
    opened = open_page(page)
    rows = opened.page.locator(".plot tbody tr:not(.axis)")
    assert rows.count() == 2
    assert rows.nth(0).get_attribute("class") == "reference"
    assert "Ledger" in rows.nth(0).text_content()
    assert rows.nth(1).locator("td.figures").text_content() == "84 percent · 11 percent"
    arms = [
        opened.page.locator(".plot circle.arm").nth(i).evaluate("e => e.getBoundingClientRect().x") for i in range(2)
    ]
    assert arms[1] > arms[0]
    assert opened.page.locator(".plot .guide").count() == 4


def test_a_range_is_a_bar_and_a_bound_has_its_sign(tmp_path: Path, open_page: Open) -> None:
    report = build_report(results(tmp_path), rules())
    arm, comparator = report.results[0].groups
    figures = (
        arm.figures[0],
        msgspec.structs.replace(arm.figures[1], value=None, low=70.0, high=90.0, text="70 to 90 percent"),
    )
    bound = (comparator.figures[0], msgspec.structs.replace(comparator.figures[1], qualifier="under"))
    result = msgspec.structs.replace(
        report.results[0],
        groups=(
            msgspec.structs.replace(arm, figures=figures),
            msgspec.structs.replace(comparator, figures=bound),
        ),
    )
    path = tmp_path / "report.html"
    path.write_text(render_html(msgspec.structs.replace(report, results=(result,))), "utf-8")
    opened = open_page(path)
    bar, dot = opened.page.locator(".plot line.range.arm"), opened.page.locator(".plot circle.arm")
    assert (bar.count(), dot.count()) == (1, 1)
    edges = [
        element.evaluate("e => [e.getBoundingClientRect().left, e.getBoundingClientRect().right]")
        for element in (bar, dot)
    ]
    assert edges[0][0] > edges[1][1]  # from 70 on, beyond 48.2
    assert opened.page.locator(".plot tbody tr:not(.axis) svg text").all_text_contents() == ["<"]


def test_what_is_new_stands_first_with_the_figure_that_changed(tmp_path: Path, open_page: Open) -> None:
    old = results(tmp_path / "old", story=STORY.replace("84", "48"))
    flags = (old / "flags.jsonl").read_bytes().splitlines(keepends=True)
    (old / "flags.jsonl").write_bytes(flags[0])  # the error was there, the warning is new
    new = results(tmp_path / "new")
    diff = compare(old, new, names=("yesterday", "today")).diff
    path = tmp_path / "report.html"
    path.write_text(render_html(build_report(new, rules(), diff=diff)), "utf-8")
    opened = open_page(path)
    assert opened.page.locator("h2.part").all_text_contents() == ["New: warnings", "Errors"]
    assert opened.page.locator(".flag").first.get_attribute("data-flag") == "b2"
    opened.reads(".moves li", "48 percent → 84 percent")
    opened.page.select_option("#status", "new")
    assert opened.count() == "1 problem"


def test_search_needs_all_words_and_is_kept_in_the_address(page: Path, open_page: Open) -> None:
    opened = open_page(page)
    opened.page.fill("#q", "84 LEDGER")
    opened.page.locator(".card").nth(1).wait_for(state="detached")
    assert opened.count() == "1 problem"
    opened.page.reload()
    opened.page.wait_for_selector("html[data-ready]")
    assert opened.page.input_value("#q") == "84 LEDGER"
    assert opened.page.locator(".card").count() == 1
    opened.page.fill("#q", "no such word anywhere")
    opened.page.wait_for_selector(".nothing")


@pytest.mark.parametrize(
    ("name", "choice", "left"),
    [("severity", "warning", "b2"), ("rule", "value-mismatch", "a1"), ("status", "new", None)],
)
def test_filters_leave_what_they_say(page: Path, open_page: Open, name: str, choice: str, left: str | None) -> None:
    opened = open_page(page)
    if left is None:
        assert opened.page.locator(f'#{name} option[value="{choice}"]').count() == 0  # nothing to compare with
        return
    opened.page.select_option(f"#{name}", choice)
    flags = opened.page.locator(".flag")
    assert [flags.nth(i).get_attribute("data-flag") for i in range(flags.count())] == [left]
    opened.page.click("#clear")
    assert flags.count() == 2


def test_a_source_can_be_named_in_the_address(page: Path, open_page: Open) -> None:
    opened = open_page(page, "#source=Clinic")
    assert opened.count() == "1 problem"
    assert opened.page.locator(".flag").get_attribute("data-flag") == "b2"


def test_keys_move_open_search_and_help(page: Path, open_page: Open) -> None:
    opened = open_page(page)
    keyboard = opened.page.keyboard
    keyboard.press("j")
    assert opened.current() == "a1"
    assert opened.page.evaluate("document.activeElement.dataset.flag") == "a1"
    keyboard.press("Enter")
    assert opened.page.locator("details.tellings[open]").count() == 1
    opened.page.wait_for_selector("details.tellings blockquote")
    keyboard.press("Enter")
    assert opened.page.locator("details.tellings[open]").count() == 0
    keyboard.press("j")
    assert opened.current() == "b2"
    keyboard.press("j")
    assert opened.current() == "b2"  # the last one
    keyboard.press("k")
    assert opened.current() == "a1"
    keyboard.press("?")
    assert opened.page.locator("#help").is_visible()
    keyboard.press("j")
    assert opened.current() == "a1"  # a dialog keeps the keys to itself
    keyboard.press("Escape")
    assert not opened.page.locator("#help").is_visible()
    keyboard.press("/")
    keyboard.type("j")
    assert opened.page.input_value("#q") == "j"
    assert opened.current() in ("a1", None)


def test_the_skip_link_leads_to_the_list_and_leaves_the_filters(page: Path, open_page: Open) -> None:
    opened = open_page(page, "#severity=error")
    opened.page.keyboard.press("Tab")
    opened.page.keyboard.press("Enter")
    assert opened.page.evaluate("document.activeElement.id") == "list"
    assert opened.count() == "1 problem"


def test_keys_reach_what_is_not_drawn_yet(large: Path, open_page: Open) -> None:
    opened = open_page(large)
    drawn = opened.page.locator(".card").count()
    assert drawn < FLAGS
    seen = set()
    for _ in range(FLAGS + 5):
        opened.page.keyboard.press("j")
        seen.add(opened.current())
    assert len(seen) == FLAGS
    box = opened.page.locator(".flag.current").bounding_box()
    assert 0 <= box["y"] <= 900


def test_reading_on_draws_on(large: Path, open_page: Open) -> None:
    opened = open_page(large)
    for _ in range(30):
        opened.page.mouse.wheel(0, 20000)
        opened.page.wait_for_timeout(30)
    parts = opened.page.locator("h2.part").all_text_contents()
    assert [part for part in parts if part in ("Errors", "Warnings", "Notes")] == ["Errors", "Warnings", "Notes"]


def test_dark_follows_the_system_and_the_button(page: Path, open_page: Open) -> None:
    def paper(opened: Opened) -> str:
        colour: str = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
        return colour

    light, dark = open_page(page), open_page(page, color_scheme="dark")
    assert paper(light) != paper(dark)
    light.page.click("#theme")
    assert paper(light) == paper(dark)


def test_it_fits_a_phone(page: Path, open_page: Open) -> None:
    opened = open_page(page, **PHONE)
    assert opened.page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    assert not opened.page.locator("#rule").is_visible()
    opened.page.click("#more-filters > summary")
    opened.page.select_option("#severity", "error")
    assert opened.count() == "1 problem"
    flag = opened.page.locator('[data-flag="a1"]')
    boxes = [flag.locator(f".{side} blockquote").bounding_box() for side in ("subject", "evidence")]
    assert boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"]  # one below the other
    assert opened.page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


def test_print_has_all_that_is_shown_and_no_controls(large: Path, open_page: Open) -> None:
    opened = open_page(large)
    opened.page.emulate_media(media="print")
    opened.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert opened.page.locator(".flag").count() == FLAGS
    assert not opened.page.locator("#bar").is_visible()
    assert len(opened.page.pdf()) > 10_000


def test_without_javascript_it_can_be_read(page: Path, open_page: Open) -> None:
    opened = open_page(page, java_script_enabled=False)
    opened.page.get_by_text(PROMISE).first.wait_for()
    text = opened.page.inner_text("main")
    assert STORY in text
    assert PROMISE in text
    assert not opened.page.locator("#bar").is_visible()


def test_the_link_leads_to_the_words(page: Path, open_page: Open) -> None:
    opened = open_page(page)
    body = f"<!doctype html><title>Wire</title><p>Top</p><div style='height:6000px'></div><p>{STORY}</p>"
    opened.context.route(
        "https://wire.example.org/**", lambda route: route.fulfill(body=body, content_type="text/html")
    )
    with opened.context.expect_page() as found:
        opened.page.locator('[data-flag="a1"] .subject figcaption a').click()
    target = found.value
    target.wait_for_function("scrollY > 3000", timeout=5000)


@pytest.mark.parametrize("about", [{}, {"color_scheme": "dark"}, PHONE], ids=["light", "dark", "phone"])
def test_a_screen_reader_finds_no_serious_fault(page: Path, open_page: Open, about: dict[str, Any]) -> None:
    opened = open_page(page, **about)
    opened.page.keyboard.press("j")
    for details in opened.page.locator("details").all():
        details.evaluate("e => { e.open = true; }")
    assert serious_faults(opened) == []


def test_a_screen_reader_finds_no_serious_fault_in_the_help(page: Path, open_page: Open) -> None:
    opened = open_page(page)
    opened.page.keyboard.press("?")
    assert serious_faults(opened) == []


def serious_faults(opened: Opened) -> list[str]:
    """What axe finds that is serious or worse."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(opened.page).response["violations"]
    return [
        f"{fault['id']}: {node['html'][:120]}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]
