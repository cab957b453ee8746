from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.claims.assertions import Assertion, AssertionRules
from pipeline.claims.cues import CueRules
from pipeline.claims.evidence import Passage
from pipeline.rules.items import itemise
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset
from pipeline.rules.schema import shipped_rules_folder
from pipeline.rules.templates import compiler_for


class Finder:
    def __init__(self, rules: Ruleset) -> None:
        compiler = compiler_for(rules)
        self._rules, self._cues = AssertionRules(rules, compiler), CueRules(rules, compiler)

    def __call__(self, text: str, *named: tuple[str, str], labels: bool = True) -> Assertion | None:
        """``named`` are words of ``text`` and their labels; without ``labels`` the model has none."""
        items = itemise(text, 0, len(text), ())
        passages = sorted(
            Passage(text.index(words), text.index(words) + len(words), label, 0.9) for words, label in named
        )
        return self._rules.find(text, 0, len(text), items, passages if labels else None, self._cues.find(items))


@pytest.fixture(scope="module")
def find() -> Finder:
    return Finder(load_rules(shipped_rules_folder()))


def words(text: str, place: tuple[int, int] | None) -> str | None:
    return None if place is None else text[slice(*place)]


@pytest.mark.parametrize(
    ("text", "sort", "certainty"),
    [
        ("Statins are very safe.", "safety", "asserted"),
        ("Copper bracelets have no side effects.", "safety", "negated"),
        ("No complications were observed among the divers.", "safety", "negated"),
        ("Energy drinks are dangerous for teenagers.", "safety", "asserted"),
        ("The safety of vaping is not established.", "safety", "negated"),
        ("There are risks associated with tanning beds.", "safety", "asserted"),
        ("Noise at night is linked to heart attacks.", "association", "asserted"),
        ("Screen time is not associated with short sight.", "association", "negated"),
        ("Shift workers are more likely to be overweight.", "association", "asserted"),
        ("Acupuncture helps with every kind of back pain.", "efficacy", "asserted"),
        ("Yoga works for everyone.", "efficacy", "asserted"),
        ("Fasting is the only way to reverse diabetes.", "efficacy", "asserted"),
        ("Probiotics may help people with eczema.", "efficacy", "hedged"),
        ("Magnets are useless against migraine.", "efficacy", "negated"),
        ("Light boxes show great promise for winter depression.", "efficacy", "asserted"),
        ("Between the groups there was no difference in knee pain.", "difference", "negated"),
        ("It is unclear whether coffee is linked to gout.", "limit", "hedged"),
        ("The survey cannot show whether screens cause short sight.", "limit", "hedged"),
        ("The gel has never been tested in people.", "limit", "hedged"),
        ("Swimming outperformed massage for sore shoulders.", "difference", "asserted"),
        ("Swimming did as well as massage for sore shoulders.", "difference", "negated"),
        ("Headaches were rarer with the mask.", "difference", "asserted"),
        ("Blue light is to blame for poor sleep.", "effect", "asserted"),
        ("Garlic does not lower cholesterol.", "difference", "negated"),
    ],
)
def test_statements_of_effect_association_and_safety(find: Finder, text: str, sort: str, certainty: str) -> None:
    for labels in (True, False):
        found = find(text, labels=labels)
        assert found is not None
        assert (found.sort, found.certainty) == (sort, certainty)
        assert 0.5 <= found.confidence <= 1


@pytest.mark.parametrize(
    "text",
    [
        "Is tattoo ink safe?",
        "Cyclists should wear a helmet.",
        "Ask your dentist whether whitening is safe for you.",
        "Call us today to find out how our massages help with stress.",
        "The trial will examine whether zinc shortens colds.",
        "More research is needed to confirm that zinc works.",
        "Insulin was first used to treat a boy in Toronto.",
        "Psoriasis is a long-lasting disease of the skin.",
        "This page is for informational purposes and is not medical advice.",
        "She is a professor of nursing at a college in Leeds.",
        "If honey were tested, it might turn out to help.",
        "It is unclear how coffee leads to gout.",
        "The researchers recorded what the pupils ate.",
        "Sprinters trained on the beach in May.",
        "Click the link to read about hearing aids.",
    ],
)
def test_what_claims_nothing(find: Finder, text: str) -> None:
    assert find(text) is None
    assert find(text, labels=False) is None


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("Salt may raise blood pressure.", "higher"),
        ("Masks may reduce the spread of flu.", "lower"),
        ("Masks do not reduce the spread of flu.", "equal"),
        ("Walking is linked to fewer falls.", "lower"),
        ("Arnica is good for bruises.", None),
    ],
)
def test_direction(find: Finder, text: str, direction: str | None) -> None:
    subject, object_ = text.split()[0], text.rstrip(".").split()[-1]
    found = find(text, (subject, "INTERVENTION"), (object_, "OUTCOME"))
    assert found is not None
    assert found.direction == direction
    assert (words(text, found.subject), words(text, found.object)) == (subject, object_)


def test_without_labels_the_words_around_the_match_are_the_slots(find: Finder) -> None:
    text = "Surveys show that loud music is linked to tinnitus."
    found = find(text, labels=False)
    assert found is not None
    assert (words(text, found.subject), words(text, found.object)) == ("loud music", "tinnitus")


def test_the_longest_passage_on_the_right_side_is_the_slot(find: Finder) -> None:
    text = "For some, daily magnesium pills are effective against migraine, whatever ibuprofen does."
    named: list[Any] = [
        ("magnesium", "INTERVENTION"),
        ("daily magnesium pills", "INTERVENTION"),
        ("ibuprofen", "INTERVENTION"),
        ("migraine", "CONDITION"),
    ]
    found = find(text, *named)
    assert found is not None
    assert words(text, found.subject) == "daily magnesium pills"
    assert words(text, found.object) == "migraine"


def test_a_verb_of_effect_counts_where_the_model_names_what_acts_and_on_what(find: Finder) -> None:
    text = "Earplugs shortened hospital stays."
    assert find(text) is None
    assert find(text, ("hospital stays", "OUTCOME"), ("Earplugs", "ORGANISATION")) is None
    found = find(text, ("Earplugs", "INTERVENTION"), ("hospital stays", "OUTCOME"))
    assert found is not None
    assert (found.rule, found.sort, found.direction) == ("assertion-by-strength", "effect", "lower")
    unlabelled = find(text, labels=False)
    assert unlabelled is not None
    assert unlabelled.confidence < found.confidence


def test_people_are_no_exposure(find: Finder) -> None:
    assert find("The nurses improved their Spanish.", labels=False) is None
    assert find("The doctors improved the menu.", labels=False) is None


def test_a_pronoun_names_nothing_and_lowers_confidence(find: Finder) -> None:
    named, unnamed = find("Tai chi is very safe."), find("Studies show that it works.")
    assert named is not None
    assert unnamed is not None
    assert unnamed.subject is None
    assert unnamed.object is None
    assert unnamed.confidence < 0.85


def test_advice_and_plans_bar_the_whole_sentence(find: Finder) -> None:
    assert find("Bee venom is effective for arthritis.") is not None
    assert find("You should try bee venom, which is effective for arthritis.") is None


def test_nothing_without_rules() -> None:
    empty = Ruleset({})
    finder = Finder(empty)
    assert finder("Bee venom is safe.") is None


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "it",
                "no",
                "is",
                "not",
                "safe",
                "linked",
                "to",
                "helps",
                "reduces",
                "risk",
                "of",
                ",",
                ".",
                "?",
                "that",
                "who",
                "(",
                ")",
                "5",
                "%",
            ]
        )
    )
)
def test_places_lie_within_the_sentence(find: Finder, parts: list[str]) -> None:
    text = " ".join(parts)
    found = find(text, labels=False)
    if found is not None:
        for place in (found.subject, found.object):
            assert place is None or 0 <= place[0] < place[1] <= len(text)


def test_a_limit_tells_no_direction(find: Finder) -> None:
    found = find("Nobody knows whether the gel prevents blisters.", ("gel", "INTERVENTION"), ("blisters", "OUTCOME"))
    assert found is not None
    assert (found.sort, found.direction) == ("limit", None)
    assert words("Nobody knows whether the gel prevents blisters.", found.subject) == "gel"


def test_the_words_around_a_limit_are_no_treatment(find: Finder) -> None:
    found = find("The Leeds doctors call it unclear so far whether that is so.")
    assert found is not None
    assert found.subject is None


def test_what_a_rule_says_happens_to_the_words_before_it_is_no_treatment(find: Finder) -> None:
    text = "Marks have improved as well."
    said = find(text, labels=False)
    assert said is not None
    assert said.subject is None
    assert words(text, said.object) == "Marks"


def test_who_brings_about_something_is_still_what_the_model_names(find: Finder) -> None:
    text = "Nurses on valerian felt closer to their patients."
    said = find(text, ("valerian", "INTERVENTION"))
    assert said is not None
    assert words(text, said.subject) == "valerian"
