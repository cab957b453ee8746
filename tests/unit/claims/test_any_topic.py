"""Slots and directions on topics of which no file knows anything, and that a topic file changes nothing but ids."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pipeline.claims.analyze import Analyzer
from pipeline.claims.draft import ClaimDraft
from pipeline.clean.clean import clean
from pipeline.config import Limits
from pipeline.errors import UnusableInputError
from pipeline.model import RawDocument, Slot
from pipeline.readers.base import Source, read_source
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset

ROOT = Path(__file__).parents[3]
SEEDS = ROOT.parent / "shared" / "seeds"
_MOST = 1500
"""Characters of each article that are read, to save time."""


@functools.cache
def analyzer(topics: bool = False) -> Analyzer:
    rules = load_rules(ROOT / "rules")
    return Analyzer(Ruleset(rules.rules, rules.topics if topics else ()))


@pytest.mark.parametrize(
    ("text", "direction", "outcome", "comparator"),
    [
        (
            "After twelve weeks, LDL cholesterol fell by 18 percent in people on oat bran and by 4 percent in those on wheat bran.",
            "lower",
            "LDL cholesterol",
            "wheat bran",
        ),
        (
            "Exclusive breastfeeding was associated with a lower risk of ear infection (odds ratio 0.61).",
            "lower",
            "ear infection",
            None,
        ),
        (
            "Vitamin D did not reduce fractures: 2.9 percent with the vitamin and 3.0 percent with placebo.",
            "equal",
            "fractures",
            "placebo",
        ),
        (
            "Cough eased in 61 percent of children given honey and 44 percent given syrup.",
            "higher",
            "Cough eased",
            "syrup",
        ),
        ("Omega-3 supplements do not prevent heart attacks.", "equal", "heart attacks", None),
        ("Tea drinkers have better memory than coffee drinkers.", "higher", "memory", "coffee drinkers"),
        (
            "Blood sugar was lower after brown rice than after white rice (6.1 vs 7.4 mmol/L).",
            "lower",
            "Blood sugar",
            "white rice",
        ),
        (
            "Eating nuts daily was associated with a 13 percent reduction in deaths from heart disease.",
            "lower",
            "deaths",
            None,
        ),
        ("Flu struck 4 percent of the vaccinated group and 9 percent of the placebo group.", "lower", "flu", "placebo"),
        ("Hand washing reduced diarrhoea by 30 percent.", "lower", "diarrhoea", None),
        (
            "Infections fell from 12 percent to 5 percent after the checklist was introduced.",
            "lower",
            "Infections",
            None,
        ),
        ("Dental sealants cut the number of cavities by half.", "lower", "cavities", None),
        ("Vaccination halved hospital admissions among people over 75.", "lower", "hospital admissions", None),
        (
            "Women who went to screening were 24 percent less likely to die from breast cancer than women who did not.",
            "lower",
            "breast cancer",
            "women who did not",
        ),
        (
            "The risk of stroke was 24 percent lower with the polypill than with usual care.",
            "lower",
            "stroke",
            "usual care",
        ),
        (
            "The education programme led to a smaller increase in HbA1c than leaflets alone over two years.",
            "lower",
            "HbA1c",
            "leaflets",
        ),
        ("Mouthwash may worsen blood pressure.", "higher", "blood pressure", None),
        (
            "Compared with standard glasses, the new lenses slowed myopia by 41 percent over two years.",
            "lower",
            "myopia",
            "standard glasses",
        ),
        (
            "Rates of preterm birth were 9 percent in the progesterone arm and 14 percent in the control arm.",
            "lower",
            "preterm birth",
            "control",
        ),
        ("Contact lenses cause dry eyes in one in three wearers.", None, "dry eyes", None),
        ("Cannabis use in pregnancy raises the risk of low birth weight.", "higher", "low birth weight", None),
        ("Wearing a helmet was associated with 69 percent lower odds of head injury.", "lower", "head injury", None),
        ("Knee pain improved more with physiotherapy than with rest at six months.", "lower", "pain", "rest"),
        ("Knee function improved more with physiotherapy than with rest at six months.", "higher", "function", "rest"),
        (
            "Mean systolic pressure dropped from 148 to 136 mm Hg after three months of walking.",
            "lower",
            "systolic pressure",
            None,
        ),
        (
            "Mean walking distance rose from 310 to 355 metres with exercise training.",
            "higher",
            "walking distance",
            None,
        ),
        (
            "Fewer falls occurred in the tai chi group than in the stretching group over six months.",
            "lower",
            "falls",
            "stretching",
        ),
        (
            "Acupuncture was no better than sham acupuncture at six weeks: 42 percent against 41 percent were free of headache.",
            "equal",
            "headache",
            "sham acupuncture",
        ),
        ("Yoga improves back pain.", "lower", "back pain", None),
        ("Physical activity protects against depression.", "lower", "depression", None),
        (
            "Resistance training increased muscle mass by 1.4 kg more than stretching.",
            "higher",
            "muscle mass",
            "stretching",
        ),
        (
            "Only 12 percent of patients in the brace group needed surgery, compared with 31 percent in the observation group.",
            "lower",
            "surgery",
            "observation",
        ),
        ("Cycling to work was linked to better mental health.", "higher", "mental health", None),
        (
            "Memory scores were 4.2 points higher in the dance group than in the control group after one year.",
            "higher",
            "Memory",
            "control",
        ),
        (
            "Sleep quality was worse in the evening shift group than in the day shift group after four weeks.",
            "lower",
            "Sleep quality",
            "day shift",
        ),
        ("The hazard ratio for dementia was 1.32 among people who slept badly.", "higher", "dementia", None),
        ("Night lighting is linked to a higher risk of obesity.", "higher", "obesity", None),
        (
            "Pupils slept 34 minutes longer after school start times were moved to nine o'clock.",
            "higher",
            "slept",
            None,
        ),
        ("Long-term sitting increases the odds of back pain (OR 1.4).", "higher", "back pain", None),
        (
            "In the statin group 3.1% had a heart attack, compared with 4.8% in the placebo group.",
            "lower",
            "heart attack",
            "placebo",
        ),
        (
            "There was no significant difference in blood loss between tranexamic acid and placebo (410 mL vs 432 mL).",
            "equal",
            "blood loss",
            "placebo",
        ),
        (
            "Hair regrew in 40 percent of patients on the tablets but in only 6 percent on placebo.",
            "higher",
            "regrew",
            "placebo",
        ),
        (
            "Cognitive therapy was more effective than medication, with remission in 52 percent versus 38 percent.",
            "higher",
            "remission",
            "medication",
        ),
        (
            "Graft survival was similar with the generic and the branded drug at one year (94 percent and 93 percent).",
            "equal",
            "survival",
            "branded",
        ),
        (
            "At week 12, 70 percent of eyes treated with drops improved, compared with 52 percent of eyes treated with saline.",
            "higher",
            "improved",
            "saline",
        ),
        ("Patients who took the blood thinner had a threefold higher risk of bleeding.", "higher", "bleeding", None),
        (
            "The app did not improve medication adherence compared with a paper diary (63% vs 61%).",
            "equal",
            "adherence",
            "paper diary",
        ),
        (
            "Asthma attacks were less frequent with the combined inhaler than with the single inhaler.",
            "lower",
            "Asthma attacks",
            "single inhaler",
        ),
        ("Men on finasteride lost less hair than men on placebo.", "lower", "hair", "placebo"),
        (
            "Hospital stays were shorter after keyhole surgery than after open surgery (2 days versus 5 days).",
            "lower",
            "Hospital stay",
            "open surgery",
        ),
        ("Wounds healed in 14 days with honey dressings and in 21 days with gauze.", "lower", "healed", "gauze"),
        (
            "Survival at five years was 71 percent with surgery and 64 percent with radiotherapy.",
            "higher",
            "Survival",
            "radiotherapy",
        ),
        (
            "Children who read daily had a 15 percent higher vocabulary score than children who did not.",
            "higher",
            "vocabulary",
            "children who did not",
        ),
        ("Smokers given cytisine were twice as likely to quit as those given placebo.", "higher", "quit", "placebo"),
        (
            "After one year, 31 percent of smokers on the patch had not relapsed, against 18 percent on dummy patches.",
            "higher",
            "relapsed",
            "dummy patches",
        ),
        (
            "After eight weeks, mindfulness brought a greater reduction in stress than relaxation music.",
            "lower",
            "stress",
            "relaxation music",
        ),
        ("Adherence was higher with text reminders (82% v 69%) than with letters.", "higher", "Adherence", "letters"),
        (
            "Loneliness scores decreased in the choir group but stayed the same in the reading group.",
            "lower",
            "Loneliness",
            "reading",
        ),
        ("Anxiety improved in 58 percent of students after the course.", None, "Anxiety", None),
        ("In Wales, 7 percent of adults have asthma.", None, "asthma", None),
    ],
)
def test_direction_outcome_and_comparator_on_any_topic(
    text: str, direction: str | None, outcome: str | None, comparator: str | None
) -> None:
    draft = analyzer().analyze(text).drafts[0]
    assert draft.direction == direction
    assert (outcome or "").lower() in (draft.outcome.text.lower() if draft.outcome is not None else "")
    assert (draft.comparator is None) is (comparator is None)
    if comparator is not None and draft.comparator is not None:
        assert comparator in draft.comparator.text


def _without_ids(drafts: Iterable[ClaimDraft]) -> Iterator[dict[str, Any]]:
    """All that must be the same whatever names are known: slots may be worded otherwise, and have ids."""
    for draft in drafts:
        record = msgspec.to_builtins(draft)
        for slot in ("intervention", "comparator", "condition", "outcome", "population"):
            del record[slot]
        for value in record["values"]:
            del value["group_id"]
        yield record


def _articles() -> Iterator[str]:
    """The demonstration set and, where they are at hand, real articles."""
    rules, limits = load_rules(ROOT / "rules"), Limits()
    for folder in (ROOT / "raw", SEEDS):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix not in (".yaml", ".json"):
                for found in read_source(Source(path=path.name, absolute=str(path)), limits):
                    if isinstance(found, RawDocument):
                        with contextlib.suppress(UnusableInputError):
                            yield clean(found, rules, limits).text[:_MOST]


def test_a_topic_file_changes_nothing_but_ids() -> None:
    ids = 0
    for text in _articles():
        drafts, others = (analyzer(topics).analyze(text).drafts for topics in (True, False))
        assert list(_without_ids(drafts)) == list(_without_ids(others))
        ids += sum(value.group_id is not None for draft in drafts for value in draft.values)
    assert ids


def test_what_a_control_got_is_known_from_the_same_study() -> None:
    text = (
        "In a trial, 40 nurses were given valerian or saline infusions. "
        "At two weeks, 48 percent of the valerian group slept well, compared with 11 percent of the control group."
    )
    (draft,) = [draft for draft in analyzer().analyze(text).drafts if draft.kind == "comparison"]
    assert [value.group_id for value in draft.values] == [None, "saline"]
    assert draft.comparator is not None
    assert draft.comparator.id == "saline"


def test_a_control_without_a_treatment_is_the_control_group() -> None:
    text = "At two weeks, 48 percent of the valerian group slept well, compared with 11 percent in the control."
    (draft,) = analyzer().analyze(text).drafts
    assert [value.group_id for value in draft.values] == [None, "control_group"]


def test_two_controls_told_as_one_have_the_name_of_both() -> None:
    text = (
        "After 24 hours, nurses slept better with valerian compared with saline or midazolam, which served as placebo."
    )
    draft = analyzer().analyze(text).drafts[0]
    assert draft.comparator is not None
    assert (draft.comparator.text, draft.comparator.id) == ("saline or midazolam", "placebo")


SLEEP = {
    "topic": "sleep",
    "terms": [
        {"id": "valerian", "type": "intervention", "names": ["valerian"]},
        {"id": "insomnia", "type": "condition", "measured_as": "insomnia_severity", "names": ["insomnia"]},
    ],
    "variants": [{"suffix": "low_dose", "of": ["valerian"], "names": ["low dose"], "compared": True}],
}


@functools.cache
def sleep() -> Analyzer:
    return Analyzer(Ruleset(load_rules(ROOT / "rules").rules, (SLEEP,)))


def test_a_condition_that_is_acted_on_is_the_outcome_it_is_measured_as() -> None:
    draft = sleep().analyze("A single infusion of valerian was enough to reduce insomnia in many nurses.").drafts[0]
    assert draft.outcome is not None
    assert draft.outcome.id == "insomnia_severity"
    assert draft.direction == "lower"


def test_a_variant_is_one_only_where_groups_are_compared() -> None:
    alone = sleep().analyze("A single low-dose valerian infusion was enough to reduce insomnia.").drafts[0]
    assert alone.intervention is not None
    assert alone.intervention.id == "valerian"
    text = "Sleep was sound for 48% with valerian compared with 11% with low-dose valerian."
    compared = sleep().analyze(text).drafts[0]
    assert compared.comparator is not None
    assert compared.comparator.id == "valerian_low_dose"


def test_a_variant_is_not_told_by_the_first_word_of_the_next_sentence() -> None:
    topic = SLEEP | {"variants": [{"suffix": "three", "of": ["valerian"], "names": ["three"], "compared": True}]}
    analyzer = Analyzer(Ruleset(load_rules(ROOT / "rules").rules, (topic,)))
    text = "Valerian and sleep\n\nNurses given the drops slept better than those who got salt water.\n\nThree cups of tea were not tried."
    (draft,) = analyzer.analyze(text).drafts
    assert draft.comparator == Slot(text="salt water", id=None)
