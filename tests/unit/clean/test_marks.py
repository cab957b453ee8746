from __future__ import annotations

import pytest

from pipeline.clean.mark_finder import MarkFinder
from pipeline.clean.marks import MarkSetter, expand
from pipeline.model import Reference
from tests.unit.clean.support import rules


def numbered(count: int) -> list[Reference]:
    return [Reference(key=str(n), text=f"Roe A. Tea {n}. J Tea. 2019;{n}:1-9.") for n in range(1, count + 1)]


@pytest.mark.parametrize(
    ("raw", "apart"),
    [
        ("They slept.(17)High doses", "They slept. (17) High doses"),
        ("They slept.(17) High doses", "They slept. (17) High doses"),
        ("of sleep(3) and tea", "of sleep (3) and tea"),
        ("They slept.¹² Tea", "They slept. [12] Tea"),
        ("of gardeners¹⁻³ and tea", "of gardeners[1-3] and tea"),
        ("uncontrolled self-care1. Tea", "uncontrolled self-care[1]. Tea"),
        ("of sleep.2 Tea", "of sleep. [2] Tea"),
        ("of sleep,2,3 and", "of sleep, [2,3] and"),
        ("“good” tea3.", "“good” tea3."),
        ("good gardeners3.", "good gardeners[3]."),
    ],
)
def test_marks_are_set_apart(raw: str, apart: str) -> None:
    assert MarkSetter(rules()).apart(raw, {str(n) for n in range(1, 20)}) == apart


@pytest.mark.parametrize(
    "text",
    [
        "10² m² kg/m2 km² H2O COVID-19 CD4 B12 CO₂ R² 20 metres²",
        "GLP-1 type2 table3 interleukin6",
        "IL(6) and 25(OH)D in f(2)",
        "a group3 of 4 people",
    ],
)
def test_powers_and_names_stay(text: str) -> None:
    assert MarkSetter(rules()).apart(text, {str(n) for n in range(1, 20)}) == text


def test_fused_digits_stay_without_a_list_that_has_them() -> None:
    setter = MarkSetter(rules())
    assert setter.apart("good gardeners3.", set()) == "good gardeners3."
    assert setter.apart("good gardeners30.", {"1", "2", "3"}) == "good gardeners30."


def test_ranges_expand() -> None:
    assert expand("3,5–7") == ("3", "5", "6", "7")
    assert expand("9-7") == ("9", "7")
    assert expand("1-900") == ("1", "900")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("They slept. (3) So did we.", [("(3)", ("3",))]),
        ("They slept [3,4], as did we [5–7].", [("[3,4]", ("3", "4")), ("[5–7]", ("5", "6", "7"))]),
        ("We had (1) tea, (2) milk and (3) water.", []),
        ("Most (n = 3) slept (10%) in (2021) for (95) hours.", []),
        ("It was 13 (95% CI [10, 20]) hours.", []),
        ("Sleep is good (5). Tea too.", [("(5)", ("5",))]),
    ],
)
def test_numeric_marks_with_references(text: str, found: list[tuple[str, tuple[str, ...]]]) -> None:
    assert [(m.text, m.keys) for m in MarkFinder(rules()).find(text, numbered(9))] == found


def test_numeric_marks_without_references() -> None:
    text = "They slept. (1) Some drank tea (2), and 20 of them (12) woke. See Eq. (3)."
    assert [m.text for m in MarkFinder(rules()).find(text, ())] == ["(1)", "(2)"]


def test_named_marks() -> None:
    references = [
        Reference(key="Roe et al., 2019", text="Roe, A., Poe, C., & Doe, J. (2019). Tea."),
        Reference(key="4", text="Poe C. Milk. 2020."),
    ]
    text = (
        "Tea wakes (Roe et al., 2019; Poe, 2020). Following Doe and Moe (2017), we slept. Zoe et al. (2001, 2004) did too. "
        "In spring (May, 2019) and in Paris (2018) it rained."
    )
    assert [(m.text, m.keys) for m in MarkFinder(rules()).find(text, references)] == [
        ("(Roe et al., 2019; Poe, 2020)", ("Roe et al., 2019", "4")),
        ("Doe and Moe (2017)", ("Doe and Moe, 2017",)),
        ("Zoe et al. (2001, 2004)", ("Zoe et al., 2001", "Zoe et al., 2004")),
    ]


def test_offsets_are_those_of_the_text() -> None:
    text = "They slept. (3) So did we [4].\n\nRoe et al. (2019) woke."
    for mark in MarkFinder(rules()).find(text, numbered(9)):
        assert text[mark.start : mark.end] == mark.text


@pytest.mark.parametrize(
    ("text", "marks"), [("aged 51 [44-57] years", 0), ("in 12% [8, 17] of them", 0), ("up to 20% [2–5] of them", 1)]
)
def test_an_interval_is_no_mark(text: str, marks: int) -> None:
    assert len(MarkFinder(rules()).find(text, ())) == marks
