from __future__ import annotations

import pytest

from pipeline.clean.repair import Repair, junk_share
from tests.unit.clean.support import cleaned, rules


@pytest.mark.parametrize(
    ("raw", "repaired"),
    [
        ("They slept 24?hours after 0.5?mg/kg.", "They slept 24 hours after 0.5 mg/kg."),
        ("It was small (p?<?0.05, n?=?20).", "It was small (p < 0.05, n = 20)."),
        ("It was 24\ufffdhours.", "It was 24 hours."),
        ("Itâ€™s 10\u00a0000 cups of 5\u202fml\u200b.", "It’s 10 000 cups of 5 ml."),
        ("gar\u00adden \u202atea\u202c \ufeffmilk\x07", "garden tea milk"),
        ("Cafe\u0301s &amp; p &lt; 0.05", "Cafés & p < 0.05"),
        ("The eﬀect", "The effect"),
    ],
)
def test_damage_is_repaired(raw: str, repaired: str) -> None:
    assert cleaned(raw).text == repaired


@pytest.mark.parametrize(
    "text",
    [
        "10² cups, ½ of 5 µg, 48·2% of “them” and ‘these’, 3 × 10⁶ and 20 m².",
        "Was it in 2019? many asked. See http://example.org/a?id=5 or b?x=3.",
        "１２ cups of naïve Straße.",
        "It cost £5 & more.",
    ],
)
def test_what_carries_meaning_stays(text: str) -> None:
    assert cleaned(text).text == text


@pytest.mark.parametrize("name", ["e.g.The", "www.Example.com", "Jane.Roe@example.org", "Leaves.Com", "U.S.The"])
def test_a_stop_inside_a_name_gets_no_space(name: str) -> None:
    assert cleaned(f"They read {name} often.").text == f"They read {name} often."


def test_no_digit_changes() -> None:
    raw = "1?mg 2?x ３ ４ 5.6.7 8\u200b9 1\u00ad2"
    found = Repair(rules()).text(raw, entities=True)
    assert [c for c in found if c.isdigit()] == [c for c in raw if c.isdigit()]


def test_junk_share() -> None:
    assert junk_share("") == 0.0
    assert junk_share("ab\x00\x01") == 0.5
    assert junk_share("tea\tand\nmilk\r\n") == 0.0


@pytest.mark.parametrize(
    ("damaged", "whole"),
    [
        ("for two?weeks or Fourteen?days", "for two weeks or Fourteen days"),
        (
            "48?percent (n?=?20), P?<?0.001, 95%?CI 1 to 2, 10?mg",
            "48 percent (n = 20), P < 0.001, 95% CI 1 to 2, 10 mg",
        ),
        ("24\ufffdhours, 10\ufffd\ufffd\ufffdmg, six\ufffdmonths", "24 hours, 10 mg, six months"),
        ("0.5\u00c2 mg for six\u00c2 weeks", "0.5 mg for six weeks"),
        ("Is it 24? Hours later it was.", "Is it 24? Hours later it was."),
        ("Is it 24?Hours later it was.", "Is it 24?Hours later it was."),
        ("Would you drink two? Weeks later they did.", "Would you drink two? Weeks later they did."),
        ("http://example.org/?q=two?weeks", "http://example.org/?q=two?weeks"),
        ("ten?sion and \u00c2ge", "ten?sion and \u00c2ge"),
    ],
)
def test_lost_spaces_between_numbers_and_units(damaged: str, whole: str) -> None:
    assert Repair(rules()).text(damaged, entities=False) == whole
