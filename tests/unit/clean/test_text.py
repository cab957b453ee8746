from __future__ import annotations

import pytest

from tests.unit.clean.support import cleaned


def shape(content: str) -> list[tuple[str, str]]:
    return [(b.kind, b.text) for b in cleaned(content).blocks]


def test_one_sentence_passes_unchanged() -> None:
    text = "Tea kept 3 of 27 gardeners awake , a survey ( n = 27 ) said ."
    assert cleaned(text).text == text


@pytest.mark.parametrize(
    "text", ["Advertisement", "Share", "Tea: 5.", "References", "1. Roe A. Tea. J Tea. 2019;1:1-9."]
)
def test_a_text_of_one_line_is_never_dropped(text: str) -> None:
    assert cleaned(text).text == text


def test_blank_lines_and_single_lines_make_paragraphs() -> None:
    text = "Tea keeps people awake.\nMilk does not do that.\n\nWater is better."
    assert shape(text) == [
        ("paragraph", "Tea keeps people awake."),
        ("paragraph", "Milk does not do that."),
        ("paragraph", "Water is better."),
    ]


def test_hard_wrapped_lines_are_joined() -> None:
    text = (
        "The gardeners of the town drank four cups of tea a day and told a\n"
        "diary how long they had slept. Those who stopped at noon slept for\n"
        "seven hours, and the others for six.\n\n"
        "Nobody can say today whether the tea or the gardening was what had\n"
        "kept the others awake."
    )
    blocks = shape(text)
    assert [kind for kind, _ in blocks] == ["paragraph", "paragraph"]
    assert "told a diary how" in blocks[0][1]
    assert blocks[1][1].endswith("was what had kept the others awake.")


def test_a_list_of_short_lines_is_not_joined() -> None:
    text = "Tea was good for three things:\n\nLong nights (12)\nCold gardens (13)\nDeep sorrow (14)\n\nIt was good for nothing else."
    assert shape(text)[1:4] == [
        ("list_item", "Long nights (12)"),
        ("list_item", "Cold gardens (13)"),
        ("list_item", "Deep sorrow (14)"),
    ]


def test_a_word_broken_at_a_line_end_is_made_whole() -> None:
    text = (
        "The gardeners who took part were asked for the amount of tea they con-\n"
        "sumed every day, in a placebo-controlled trial that was also double-\n"
        "blind, and for a consump-\ntion diary. All of them consumed it."
    )
    found = cleaned(text).text
    assert "consumed every day" in found
    assert "double-blind" in found
    assert "consumption diary" in found


def test_bullets_and_numbers_make_list_items() -> None:
    text = "Tea helps:\n\n  • with sorrow,\n  • with sleep\n    and dreams, and\n\n1. Boil water.\n2. Pour it."
    assert shape(text)[1:] == [
        ("list_item", "with sorrow,"),
        ("list_item", "with sleep and dreams, and"),
        ("list_item", "1. Boil water."),
        ("list_item", "2. Pour it."),
    ]


def test_tables_keep_their_rows() -> None:
    tabs = "Sleep by drink\n\nDrink\tHours\nTea\t6.1\nMilk\t7.4"
    pipes = "Sleep by drink\n\n| Drink | Hours |\n|-------|-------|\n| Tea   | 6.1   |\n| Milk  | 7.4   |"
    for text in (tabs, pipes):
        assert [t for k, t in shape(text) if k == "table_row"] == ["Drink | Hours", "Tea | 6.1", "Milk | 7.4"]


def test_headings_and_captions() -> None:
    text = "Tea At Night\n\nTea keeps people awake.\n\na cup of tea on a table\n\nWho sleeps well?\n\nGardeners do."
    assert [k for k, _ in shape(text)] == ["heading", "paragraph", "caption", "heading", "paragraph"]


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        (
            "Why Tea Is Good\n\nWhy Tea Is GoodMany people like it very much.",
            "Why Tea Is Good",
            "Many people like it very much.",
        ),
        (
            "Sleep.\n\nWhat helps sleep?The most common way is to drink milk.",
            "What helps sleep?",
            "The most common way is to drink milk.",
        ),
        ("Tea.\n\nteapoTeapots keep tea warm for an hour.", "teapo", "Teapots keep tea warm for an hour."),
        (
            "Many.\n\ntea-for-good-sleepMany people drink tea at night.",
            "tea-for-good-sleep",
            "Many people drink tea at night.",
        ),
        (
            "The garden.\n\nThe Risks of the GardenThere are three of them to know.",
            "The Risks of the Garden",
            "There are three of them to know.",
        ),
    ],
)
def test_a_fused_heading_is_split(text: str, first: str, second: str) -> None:
    texts = [t for _, t in shape(text)]
    assert texts[-2:] == [first, second]


@pytest.mark.parametrize(
    "name",
    [
        "iPhone",
        "McDonald",
        "pH",
        "NaCl",
        "PubMed",
        "mRNA",
        "BNT162b2",
        "LinkedIn",
        "YouTube",
        "eBay",
        "MacArthur",
        "DeVry",
        "GlcNAc",
    ],
)
def test_names_with_inner_capitals_stay_whole(name: str) -> None:
    text = f"Tea and {name}\n\nThe {name} that the gardeners had was as old as the garden itself. You like it. In it there was tea."
    assert name in cleaned(text).text.split("\n\n")[1]
    assert len(cleaned(text).blocks) == 2
