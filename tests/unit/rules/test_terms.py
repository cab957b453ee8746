from __future__ import annotations

import pytest

from pipeline.rules.ruleset import Ruleset
from pipeline.rules.terms import TermMatcher, Thesaurus

SLEEP = {
    "topic": "sleep",
    "terms": [
        {"id": "valerian", "type": "intervention", "names": ["valerian", "valerian root"]},
        {"id": "insomnia", "type": "condition", "names": ["insomnia", "poor sleeper", "chronic-insomnia"]},
        {"id": "sleep_onset", "type": "outcome", "names": ["time to sleep", "sleep latency"], "better": "lower"},
        {"id": "art_therapy", "type": "intervention", "names": ["ART"]},
    ],
    "variants": [{"suffix": "high_dose", "names": ["high dose", "high dose of"], "of": ["valerian"]}],
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Valerian Root helped.", [("Valerian Root", "valerian")]),
        ("VALERIAN helped poor sleepers.", [("VALERIAN", "valerian"), ("poor sleepers", "insomnia")]),
        ("Sleep-latency and sleep latencies", [("Sleep-latency", "sleep_onset"), ("sleep latencies", "sleep_onset")]),
        ("Valerianic acid; chronicinsomnia", [("chronicinsomnia", "insomnia")]),
        ("Modern art, or ART, for all.", [("ART", "art_therapy")]),
        ("A high dose of valerian", [("high dose of valerian", "valerian_high_dose")]),
        ("A high-dose valerian tea", [("high-dose valerian", "valerian_high_dose")]),
        ("Valerian, high dose", [("Valerian", "valerian")]),
        ("A high dose of insomnia", [("insomnia", "insomnia")]),
        ("time to", []),
        ("", []),
    ],
)
def test_names_are_found(text: str, expected: list[tuple[str, str]]) -> None:
    found = TermMatcher(Ruleset({}, (SLEEP,))).find(text)
    assert [(text[term.start : term.end], term.id) for term in found] == expected


def test_without_a_topic_nothing_is_found() -> None:
    assert TermMatcher(Ruleset({})).find("Valerian root for insomnia") == []


def test_a_part_of_a_text() -> None:
    found = TermMatcher(Ruleset({}, (SLEEP,))).find("valerian, insomnia, valerian", 9, 19)
    assert [(term.start, term.end, term.type, term.better) for term in found] == [(10, 18, "condition", None)]


def test_the_longest_name_of_the_thesaurus_wins() -> None:
    entries = [{"id": "pain", "names": ["pain"], "better": "lower"}, {"id": "back_pain", "names": ["back pain", "BP"]}]
    rules = Ruleset({"health-outcomes": {"stage": "lexicon", "entries": entries}}, ())
    text = "Back pains, pain, BP, bp"
    found = [(text[t.start : t.end], t.type, t.id, t.better) for t in Thesaurus(rules).find(text)]
    assert found == [
        ("Back pains", "outcome", "back_pain", None),
        ("pain", "outcome", "pain", "lower"),
        ("BP", "outcome", "back_pain", None),
    ]
