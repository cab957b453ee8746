from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from pipeline.claims.design import Design, DesignReader, Telling
from pipeline.claims.evidence import NO_EVIDENCE, FigureEvidence
from pipeline.claims.groups import GroupMention
from pipeline.claims.linking import Linked
from pipeline.claims.roles import RoleRules, follow_their_groups
from pipeline.claims.values import Named
from pipeline.model import Role
from pipeline.rules.loader import load_rules

RULES = load_rules(Path(__file__).parents[3] / "rules")
NOBODY = Design({}, {}, (), {}, {})


def linked(**roles: float) -> Linked:
    said = FigureEvidence(roles, {}, {}) if roles else NO_EVIDENCE
    return Linked(said, None, None, 1.0, None, 0.0)


def named(words: str, role: Role | None = None, *, people: bool = False) -> Named:
    return Named(0, 1, None, role, words, people)


def group(
    words: str, start: int, *, control: bool = False, arm: bool = False, label: str | None = None
) -> GroupMention:
    return GroupMention(start, start + len(words), tuple(sorted(words.split())), label, 1.0, control, arm)


def assigned(names: Sequence[Named | None], said: Sequence[Linked], kind: str, **more: object) -> list[Role | None]:
    options = {"design": NOBODY, "groups": (), "earlier": (), "in_order": False} | more
    return RoleRules(RULES).assign(said, names, kind, **options).roles  # type: ignore[arg-type]


@pytest.mark.parametrize("order", [1, -1])
def test_a_control_by_name_is_the_comparator_whatever_the_model_says(order: int) -> None:
    names = [named("tea"), named("placebo", "comparator")][::order]
    said = [linked(comparator=1.0), linked(arm=1.0)][::order]
    assert assigned(names, said, "comparison") == ["arm", "comparator"][::order]


def test_of_two_groups_without_any_sign_one_is_the_comparator() -> None:
    assert set(assigned([named("tea"), named("milk")], [linked(), linked()], "comparison")) == {"arm", "comparator"}


def test_the_design_outweighs_the_model() -> None:
    design = Design({("tea",): ("tea",), ("milk",): ("milk",)}, {("tea",): 3.0, ("milk",): -3.0}, [("tea",)], {}, {})
    said = [linked(arm=1.0), linked(comparator=1.0)]
    assert assigned([named("milk"), named("tea")], said, "comparison", design=design) == ["comparator", "arm"]


def test_a_change_of_nobody_in_particular_is_baseline_and_follow_up() -> None:
    assert assigned([None, None], [linked(), linked()], "change") == ["baseline", "followup"]


def test_a_share_of_a_population_is_no_arm() -> None:
    assert assigned([named("nurses", people=True)], [linked(total=0.9)], "single") == ["total"]


def test_figures_in_the_order_of_the_groups_get_their_names() -> None:
    groups = [group("tea", 0), group("placebo", 10, control=True)]
    found = RoleRules(RULES).assign([linked(), linked()], [None, None], "comparison", NOBODY, groups, (), in_order=True)
    assert [name.words if name else None for name in found.named] == ["tea", "placebo"]
    assert found.roles == ["arm", "comparator"]


def telling(text: str, groups: list[GroupMention], *, title: bool = False) -> Telling:
    return Telling(text, 0, len(text), groups, (), title)


def test_what_is_added_makes_the_intervention() -> None:
    groups = [group("tea", 0), group("honey plus tea", 10)]
    design = DesignReader(RULES).read([telling("tea .... honey plus tea", groups)])
    assert design.score(("honey", "plus", "tea")) > 0 > design.score(("tea",))


def test_more_of_the_same_is_the_intervention() -> None:
    groups = [group("10 mg tea", 0), group("50 mg tea", 20)]
    design = DesignReader(RULES).read([telling("10 mg tea           50 mg tea", groups)])
    assert design.score(("50", "mg", "tea")) > 0 > design.score(("10", "mg", "tea"))


def test_words_for_those_who_got_what_is_tested() -> None:
    groups = [group("nettle", 0), group("intervention", 10, arm=True)]
    design = DesignReader(RULES).read([telling("nettle    intervention", groups)])
    assert design.score(("intervention",)) > design.score(("nettle",))


def test_what_the_title_sets_against_each_other_holds_for_names_in_part() -> None:
    title = telling("weekly tea versus milk", [group("weekly tea", 0), group("milk", 18)], title=True)
    design = DesignReader(RULES).read([title, telling("tea .... cold milk", [group("tea", 0), group("cold milk", 9)])])
    assert design.score(("tea",)) > 0 > design.score(("cold", "milk"))


def test_a_group_told_once_is_not_both_sides_of_a_comparison() -> None:
    names = [named("tea"), named("tea")]
    found = RoleRules(RULES).assign(
        [linked(arm=0.6, comparator=0.4)] * 2, names, "comparison", NOBODY, (), (), in_order=True
    )
    assert [name.words if name else None for name in found.named] == ["tea", None]
    assert set(found.roles) == {"arm", "comparator"}


def test_an_abbreviation_names_the_same_group() -> None:
    text = "strong black tea (SBT) was given; SBT won"
    groups = [group("strong black tea", 0), group("sbt", 34)]
    design = DesignReader(RULES).read([telling(text, groups)])
    assert design.arm(("sbt",)) == design.arm(("black", "strong", "tea"))


def test_a_size_told_twice_differently_is_no_size() -> None:
    tea = group("tea", 0)
    once = Telling("tea", 0, 3, [tea], (), sizes=[(tea, 40)], study=90)
    again = Telling("tea", 0, 3, [tea], (), sizes=[(tea, 38)], study=90)
    assert DesignReader(RULES).read([once]).size(("tea",), 90) == 40
    assert DesignReader(RULES).read([once]).size(("tea",), 60) is None
    assert DesignReader(RULES).read([once, again]).size(("tea",), 90) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A rash came to 4% of those on tea and 9% on milk, and 2% versus 3% left.", True),
        ("A rash came to 4% of those on tea and 9% on milk; 2% versus 3% left.", True),
        ("A rash came to 4% of those on tea and 9% on milk 2% versus 3% of the time.", False),
    ],
)
def test_values_in_a_part_without_groups_are_those_of_the_groups_before(text: str, expected: bool) -> None:
    tea, milk = (
        GroupMention(at, at + len(word), (word,), None, 0.9, is_control=False)
        for word in ("tea", "milk")
        for at in (text.index(word),)
    )
    last = Named(milk.start, milk.end, None, None, "milk")
    first = text.index("2%")
    assert follow_their_groups(text, first, [last, None], [tea, milk]) is expected
    assert follow_their_groups(text, first, [last, last], [tea, milk]) is expected
    assert not follow_their_groups(text, first, [last, Named(0, 1, None, None, "tea")], [tea, milk])
    behind = GroupMention(first + 10, first + 12, ("cup",), None, 0.9, is_control=False)
    assert not follow_their_groups(text, first, [last, None], [tea, milk, behind])
