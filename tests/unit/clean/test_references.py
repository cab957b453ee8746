from __future__ import annotations

from typing import Literal

import pytest

from pipeline.clean.mark_finder import MarkFinder
from tests.unit.clean.support import cleaned, rules

PROSE = "Tea keeps gardeners awake for hours.(1) Milk does not.(2)"
FIRST = "Roe AB, Poe C. Tea and the sleep of gardeners. J Garden Med. 2019 Aug;12(3):45-50. doi: 10.1234/JGM.2019(5)7."
SECOND = "Poe C. Milk at night. Ann Milk Sci. 2020;4:11-19. PMID: 1234567; PMCID: PMC7654321."


@pytest.mark.parametrize(
    "entries",
    [
        f"1. {FIRST}\n2. {SECOND}",
        f"[1] {FIRST}\n[2] {SECOND}",
        f"(1) {FIRST}\n\n(2) {SECOND}",
        f"1 {FIRST}\n\n2 {SECOND}",
        f"  1. {FIRST}\n  2. {SECOND}",
        f"1. {FIRST} 2. {SECOND}",
    ],
)
@pytest.mark.parametrize("heading", ["References", "REFERENCES:", "Works Cited", "References (2)", ""])
def test_numbered_lists_are_taken(heading: str, entries: str) -> None:
    if heading == "" and "\n" not in entries:
        pytest.skip("without a heading, one paragraph is no list")
    found = cleaned(f"{PROSE}\n\n{heading}\n\n{entries}\n\nLeave a Reply")
    assert found.text == "Tea keeps gardeners awake for hours. (1) Milk does not. (2)"
    assert [r.key for r in found.references] == ["1", "2"]
    assert found.references[0].doi == "10.1234/jgm.2019(5)7"
    assert found.references[0].text == FIRST
    assert found.references[1].pmid == "1234567"
    assert found.references[1].url == "https://pmc.ncbi.nlm.nih.gov/articles/PMC7654321/"


def test_author_year_lists_are_keyed_as_prose_points_to_them() -> None:
    entries = (
        "Poe, C. (2020). Milk at night. Annals of Milk, 4, 11-19.\n\n"
        "Roe, A. B., Poe, C., & Doe, J. (2019). Tea and sleep, 2001–2010. Journal of Gardens, 12(3), 45-50.\n\n"
        "Roe, A. B., & Poe, C. (2018). Naps. Journal of Gardens, 11, 5-9."
    )
    found = cleaned(f"Tea keeps gardeners awake (Roe et al., 2019).\n\nBibliography\n\n{entries}")
    assert [r.key for r in found.references] == ["Poe, 2020", "Roe et al., 2019", "Roe & Poe, 2018"]
    assert found.text == "Tea keeps gardeners awake (Roe et al., 2019)."


def test_prose_behind_the_list_stays() -> None:
    behind = "After all this, the gardeners went to bed, and 12 of the 30 slept until noon without any tea at all."
    found = cleaned(f"{PROSE}\n\nReferences\n\n1. {FIRST}\n\n2. {SECOND}\n\nWhat came next\n\n{behind}")
    assert found.text.endswith(f"What came next\n\n{behind}")
    assert len(found.references) == 2


def test_an_entry_over_several_lines_is_one() -> None:
    found = cleaned(
        f"{PROSE}\n\nReferences\n\n1. Roe AB, Poe C. Tea and the sleep of gardeners.\nJ Garden Med. 2019;12(3):45-50.\n2. {SECOND}"
    )
    assert [r.key for r in found.references] == ["1", "2"]
    assert found.references[0].text == "Roe AB, Poe C. Tea and the sleep of gardeners. J Garden Med. 2019;12(3):45-50."


@pytest.mark.parametrize(
    "text",
    [
        "How to make tea\n\n1. Boil 2 cups of water.\n2. Pour it over the leaves.\n3. Wait for 5 minutes.",
        "Notes\n\n1. Tea is a drink.\n2. Milk is another one.",
        "Sources\n\nThe sources of the river lie in the hills, and 300 people live there.\n\nThey like tea.",
        "Our 2019 list\n\n1. Tea (2018)\n2. Milk (2019)\n3. Water (2020)",
    ],
)
def test_ordinary_lists_stay(text: str) -> None:
    found = cleaned(text)
    assert found.references == ()
    assert found.text == text


CITING = [
    "In NAP 1, which had 40 gardeners, sleep grew by 12% over 9 weeks (Roe et al., 2019). Tea was free for all of them.",
    "Older gardeners gain less. In NAP 2 sleep grew by 4% with mint tea and by 2% with water (Poe et al., 2020).",
    "The gain depends on going on. In NAP 3, 70 people who stopped lost 6% of it by week 30 (Doe & Moe, 2021).",
    "In NAP 4, 55 people drank milk, and 9% of them slept longer (Loe et al., 2022). None of them were children.",
]


@pytest.mark.parametrize("count", [1, 2, 3, 4])
@pytest.mark.parametrize("media", ["text", "markdown", "html"])
def test_paragraphs_that_cite_are_no_reference_list(count: int, media: Literal["text", "markdown", "html"]) -> None:
    paragraphs = ["Mint tea has been drunk in gardens for a long time, and now trials have tested it.", *CITING[:count]]
    source = "".join(f"<p>{p}</p>" for p in paragraphs) if media == "html" else "\n\n".join(paragraphs)
    found = cleaned(source, media)
    assert found.references == ()
    assert found.text == "\n\n".join(paragraphs)


def test_numbered_prose_is_no_reference_list() -> None:
    text = "What the trials say\n\n" + "\n".join(f"{n}. {p}" for n, p in enumerate(CITING, 1))
    assert cleaned(text).text == text


@pytest.mark.parametrize(
    ("entries", "keys"),
    [
        (["Roe A. Tea. J Tea. 2019;1:1-9.", "Roe A. Milk. J Tea. 2019;2:1-9."], ["Roe, 2019a", "Roe, 2019b"]),
        (["Roe A. Tea. J Tea. 2019;1:1-9.", "Roe A. Tea. J Tea. 2019; 1:1-9."], ["Roe, 2019"]),
        (
            ["Roesler EM, Poenix AY. (1997). Journal of Psychoactive Drinks, 29(2), 165-183."],
            ["Roesler & Poenix, 1997"],
        ),
        (["1. Roe A. Tea. J Tea. 2019;1:1-9.", "2. Poe A. Milk. J Tea. 2018;2:1-9."], ["1", "2"]),
    ],
)
def test_every_entry_has_a_key_of_its_own(entries: list[str], keys: list[str]) -> None:
    found = cleaned(f"{PROSE}\n\nReferences\n\n" + "\n\n".join(entries))
    assert [r.key for r in found.references] == keys


def test_a_mark_that_fits_two_entries_names_both() -> None:
    entries = "Roe A. Tea. J Tea. 2019;1:1-9.\n\nRoe A. Milk. J Tea. 2019;2:1-9."
    found = cleaned(
        f"Tea keeps gardeners awake (Roe, 2019), and milk does not (Roe, 2019b).\n\nReferences\n\n{entries}"
    )
    marks = MarkFinder(rules()).find(found.text, found.references)
    assert [mark.keys for mark in marks] == [("Roe, 2019a", "Roe, 2019b"), ("Roe, 2019b",)]


def test_two_lists_that_count_from_one_are_both_kept() -> None:
    page = "".join(f"<p>{p}</p>" for p in CITING) + (
        "<div class='footnotes'><ol><li>Told in 2019 by a gardener.</li></ol></div>"
        "<div class='references'><ol><li>Roe A. Tea. J Tea. 2019;1:1-9.</li></ol></div>"
    )
    found = cleaned(page, "html")
    assert [(r.key, r.text[:4]) for r in found.references] == [("1a", "Told"), ("1b", "Roe ")]


@pytest.mark.parametrize(
    ("line", "doi"),
    [
        ("10.1234/Tea.5", "10.1234/tea.5"),
        ("doi: 10.1234/tea.5", "10.1234/tea.5"),
        ("https://doi.org/10.1234/tea.5", "10.1234/tea.5"),
    ],
)
def test_a_bare_doi_is_a_reference(line: str, doi: str) -> None:
    found = cleaned(f"{PROSE}\n\n{PROSE}\n\n{line}")
    assert [(r.key, r.doi) for r in found.references] == [("source", doi)]
    assert line not in found.text


def test_a_doi_behind_the_last_sentence_is_a_reference() -> None:
    found = cleaned(f"{PROSE}\n\nThe study was paid for by a tea house. 10.1234/tea.5")
    assert found.text.endswith("by a tea house.")
    assert [r.doi for r in found.references] == ["10.1234/tea.5"]


def test_a_source_line_is_a_reference() -> None:
    found = cleaned(f"{PROSE}\n\n{PROSE}\n\nSOURCE: http://example.org/tea Journal of Tea, online May 3, 2019.")
    assert [(r.key, r.url) for r in found.references] == [("source", "http://example.org/tea")]


def test_a_text_that_is_only_a_list_stays() -> None:
    text = f"References\n\n1. {FIRST}\n2. {SECOND}"
    assert "Milk at night" in cleaned(text).text


RUN_ON = "Tea keeps gardeners awake for hours [7]. Milk does not [8]."


@pytest.mark.parametrize(
    "entries",
    [f"[7] {FIRST} [8] {SECOND}", f"7. {FIRST} 8. {SECOND}", f"References 7. {FIRST} 8. {SECOND}"],
)
def test_numbered_entries_that_end_the_paragraph_resting_on_them_are_taken(entries: str) -> None:
    found = cleaned(f"{RUN_ON} {entries}")
    assert found.text == RUN_ON
    assert [(r.key, r.text) for r in found.references] == [("7", FIRST), ("8", SECOND)]


@pytest.mark.parametrize(
    "prose",
    [
        "Gardeners who drank CD4 tea (4) J Garden Med. 2019;3:1-9.",  # the number of a citation told in full, within a sentence
        "Gardeners slept well [4]. 5 Milk at night. J Tea. 2020;2:1-9.",  # no mark has this number
        "Gardeners drank it [4]. 4 Gardeners were awake for hours. 3 Gardeners were not.",  # sentences, no entries
    ],
)
def test_a_number_within_prose_begins_no_list(prose: str) -> None:
    found = cleaned(prose)
    assert found.text == prose
    assert found.references == ()
