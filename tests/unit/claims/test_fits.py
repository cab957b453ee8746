"""Rules that fit, and those that almost do; with rules of the tests' own."""

from __future__ import annotations

from typing import Any

from pipeline.claims.fits import CueFits, FigureFits, RuleFit
from pipeline.components.quantities import QuantityFinder
from pipeline.model import Mention
from pipeline.rules.items import Items, itemise
from pipeline.rules.ruleset import Ruleset
from tests.unit.language.support import shipped_rules

TEXT = "By noon 30 bees came home, but 12 wasps stayed."


def rule(name: str, **fields: Any) -> dict[str, Any]:
    return {"id": name, "stage": "extract", **fields}


def ruleset(*rules: dict[str, Any]) -> Ruleset:
    return Ruleset({r["id"]: r for r in rules}, places={r["id"]: f"own.yaml:{at}" for at, r in enumerate(rules, 1)})


def items(text: str = TEXT) -> Items:
    return itemise(text, 0, len(text), QuantityFinder(shipped_rules()).find(text))


def figure(read: Items, text: str) -> int:
    return next(at for at, item in enumerate(read.items) if item.mention is not None and item.mention.text in (text,))


def states(fits: list[RuleFit]) -> list[tuple[str, str, str | None]]:
    return [(fit.rule, fit.state, fit.by) for fit in fits]


FLYERS = (
    rule("bees", **{"class": "count"}, priority=300, match="{q} came", produces={"unit": "bees"}),
    rule("home", **{"class": "result"}, priority=200, match=["{q} ...2 home", "{q} ...2 away"]),
    rule("early", **{"class": "year"}, priority=900, match="{q} came", unless=["after {q}", "noon {q}"]),
    rule("stays", **{"class": "age"}, priority=400, match="{q} stayed"),
    rule("size", measure="count", match="{q} came"),
)


def test_the_first_rule_fires_others_are_beaten_or_barred() -> None:
    read = items()
    fits = FigureFits(ruleset(*FLYERS)).of(TEXT, read, figure(read, "30 bees"))
    assert states(fits) == [
        ("bees", "fired", None),
        ("early", "barred", "noon {q}"),
        ("home", "beaten", "bees"),
        ("size", "fired", None),
    ]
    assert [fit.text for fit in fits] == ["30 bees came", "30 bees came", "30 bees came home", "30 bees came"]
    assert all(TEXT[fit.start : fit.end] == fit.text for fit in fits)
    assert fits[0].says == {"class": "count", "unit": "bees"}
    assert (fits[0].place, fits[0].kind, fits[0].priority) == ("own.yaml:1", "class", 300)
    assert fits[1].by_text == "noon 30 bees"
    assert [fit.kind for fit in fits] == ["class", "class", "class", "measure"]


def test_only_the_kinds_asked_for() -> None:
    read = items()
    fits = FigureFits(ruleset(*FLYERS)).of(TEXT, read, figure(read, "30 bees"), ("measure",))
    assert states(fits) == [("size", "fired", None)]


def test_the_form_of_a_number_beats_rules_that_do_not_overrule_it() -> None:
    text = "The hive hummed in week 12."
    mention = Mention(
        start=19, end=26, text="week 12", value=12.0, unit="weeks", quantity_class="timepoint", form="index"
    )
    read = itemise(text, 0, len(text), [mention])
    rules = (
        rule("weeks", **{"class": "duration"}, match="in {q}"),
        rule("hives", **{"class": "age"}, priority=950, match="hummed in {q}"),
    )
    assert states(FigureFits(ruleset(rules[0])).of(text, read, 4 - 0)) == [("weeks", "beaten", "form index")]
    assert states(FigureFits(ruleset(*rules)).of(text, read, 4)) == [
        ("hives", "fired", None),
        ("weeks", "beaten", "hives"),
    ]


def test_a_word_is_no_figure() -> None:
    assert FigureFits(ruleset(*FLYERS)).of(TEXT, items(), 0) == []


def cue(name: str, produces: dict[str, Any], match: str, **fields: Any) -> dict[str, Any]:
    return {"id": name, "stage": "context", "match": match, "produces": produces, **fields}


CUES = (
    cue("homely", {"direction": "higher"}, "home", priority=200),
    cue("staying", {"direction": "lower"}, "stayed"),
    cue("noon", {"certainty": "hedged"}, "by noon", unless="noon {number} came"),
    cue("but", {"clause": True}, "but"),
    cue("near", {"strength": "causal", "before": 2}, "by noon"),
)


def test_cues_fire_are_beaten_barred_or_elsewhere() -> None:
    read = items()
    place = figure(read, "12 wasps")
    fits = CueFits(ruleset(*CUES)).of(TEXT, read, lambda _: (0, len(read), place))
    assert states(fits) == [
        ("near", "elsewhere", None),
        ("noon", "barred", "noon {number} came"),
        ("homely", "fired", None),
        ("but", "fired", None),
        ("staying", "beaten", "homely"),
    ]
    assert fits[1].by_text == "noon 30 bees came"
    assert all(TEXT[fit.start : fit.end] == fit.text for fit in fits)


def test_cues_outside_of_the_claim_s_part_are_elsewhere() -> None:
    read = items()
    first = next(at for at, item in enumerate(read.items) if item.word == "but")
    found = {fit.rule: fit.state for fit in CueFits(ruleset(*CUES)).of(TEXT, read, lambda _: (first, len(read), None))}
    assert (found["homely"], found["staying"]) == ("elsewhere", "fired")
