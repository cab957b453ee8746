from __future__ import annotations

from typing import Literal

import pytest

from tests.unit.clean.support import cleaned

PROSE = (
    "Tea keeps gardeners awake, a survey of 300 of them has found, and the more they drink the later they sleep. "
    "Those who drank none at all slept for 7.5 hours, and those who drank four cups for 6.2 hours."
)
AGAIN = "All of them said that they would drink it again."


@pytest.mark.parametrize(
    "line",
    [
        "Skip to main content",
        "Leave a Reply",
        "advertisement",
        "Share Tweet Email Print",
        "12 Comments",
        "Updated on",
        "Medically reviewed: Jane Roe, MD",
        "More from Garden Weekly",
        "More from Jane Roe M.D.",
        "Call Us Text Us",
        "https://example.org/tea",
        "desk@example.org",
        "Follow us on Twitter @gardenweekly",
        "Your email address will not be published. Required fields are marked *",
        "We use cookies to make this site better for you. Accept all",
    ],
)
def test_furniture_goes(line: str) -> None:
    assert cleaned(f"{PROSE}\n\n{AGAIN}\n\n{line}").text == f"{PROSE}\n\n{AGAIN}"


@pytest.mark.parametrize(
    "line",
    [
        "Updated on its way, the figure was wrong.",
        "Share prices of tea fell by 5 percent in a week.",
        "More from habit than from thirst, 40 percent drink it.",
        "Comments from 20 gardeners were kind.",
        "Call us old, said two of the gardeners.",
        "Learn More About Tea for Gardeners",
    ],
)
def test_prose_with_such_words_stays(line: str) -> None:
    assert line in cleaned(f"{PROSE}\n\n{line}\n\n{AGAIN}").text


def test_a_contact_block_at_the_end_goes_with_its_text() -> None:
    text = f"{PROSE}\n\n{PROSE}\n\nVisit Us\n\nWe want you to feel at home in our garden.\n\nCall Us"
    assert cleaned(text).text == f"{PROSE}\n\n{PROSE}"


def test_a_section_that_goes_on_at_length_stays() -> None:
    text = f"{PROSE}\n\nMore information\n\n" + "\n\n".join([PROSE] * 9)
    assert cleaned(text).text == text


def test_a_title_said_twice_by_the_page_is_kept_once() -> None:
    text = f"You are currently viewing Tea and Sleep\n\nTea and Sleep\n\n{PROSE}"
    found = cleaned(text)
    assert found.text == f"Tea and Sleep\n\n{PROSE}"
    assert found.meta.title == "Tea and Sleep"


BODY = (
    "Gardeners who drink tea sleep less than others do, as 40 of them told us.\n\n"
    "Milk changes nothing, and water changes less than that."
)


@pytest.mark.parametrize(
    "line",
    [
        "Home | News | Beds | Log in",
        "Home > Drinks > Tea > Tea and sleep",
        "Garden Post » Health » Sleep",
        "Older: a new bench · Newer: why moss is good",
        "Posted 7 May 2021 · filed under tea · 4 comments",
        "Was this page helpful? Yes No",
        "Ad: Buy 2 pots and get 20% off",
    ],
)
@pytest.mark.parametrize("media", ["text", "markdown"])
def test_lines_of_items_go(line: str, media: Literal["text", "markdown"]) -> None:
    assert cleaned(f"{line}\n\n{BODY}", media).text == BODY
    assert cleaned(f"{BODY}\n\n{line}", media).text == BODY


@pytest.mark.parametrize(
    "line", ["Tea | 40 | 12%", "They drank tea and/or milk", "Sleep was 5 h with tea / 6 h without / 7 h with milk."]
)
def test_lines_with_figures_stay(line: str) -> None:
    assert line in cleaned(f"{line}\n\n{BODY}").text


def test_contents_go_and_headings_stay() -> None:
    heads = ["What is tea?", "Does it keep you awake?", "Where to get it"]
    sections = [text for head in heads for text in (head, "Tea is a drink that many gardeners like a lot.")]
    text = "\n\n".join(["Tea and sleep: what we know", *heads, *sections])
    assert cleaned(text).text == "\n\n".join(["Tea and sleep: what we know", *sections])


def test_marks_of_editing_behind_headings_go() -> None:
    body = "Gardeners who drink tea sleep less than others do, as 40 of them told us."
    page = f"<h2>Sleep<span class='edit-section'>[<a href='?e'>edit</a>]</span></h2><p>{body}</p>"
    assert cleaned(page, "html").text == f"Sleep\n\n{body}"
    assert cleaned(f"Sleep[edit]\n\n{body}").text == f"Sleep\n\n{body}"
