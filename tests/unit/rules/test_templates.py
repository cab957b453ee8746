from __future__ import annotations

import re
from typing import Any

import pytest

from pipeline.model import Mention
from pipeline.rules.items import Items, itemise
from pipeline.rules.templates import TemplateCompiler, TemplateError, TemplateSets

LISTS: dict[str, dict[str, Any]] = {
    "people": {
        "id": "people",
        "stage": "lexicon",
        "entries": ["gardeners", {"names": ["tea drinkers", "tea-drinking women"]}],
    },
    "units-time": {"id": "units-time", "stage": "lexicon", "entries": ["days", "weeks"]},
}


def sentence(text: str) -> Items:
    """Digits are quantities; a `%` or a unit of time behind them is their unit."""
    mentions = [
        Mention(
            start=match.start(),
            end=match.end(),
            text=match.group(),
            value=float(match["number"]),
            unit={"%": "percent", "": None}.get(match["unit"].strip(), match["unit"].strip()),
        )
        for match in re.finditer(r"(?P<number>\d+)(?P<unit>%| days| weeks|)", text)
    ]
    return itemise(text, 0, len(text), mentions)


def matches(template: str, text: str) -> list[str]:
    """The passages in which the template matches, for each quantity in turn."""
    compiled = TemplateCompiler(LISTS).compile(template)
    items = sentence(text)
    found = [compiled.match_at(items, index) for index, item in enumerate(items.items) if item.mention is not None]
    return [text[items.items[m.first].start : items.items[m.last].end] for m in found if m is not None]


@pytest.mark.parametrize(
    ("template", "text", "expected"),
    [
        ("{q} of", "9 OF ten and 3 off", ["9 OF"]),
        ("{q:percent} of", "9% of 3 of us", ["9% of"]),
        ("{q:none} of", "9% of 3 of us", ["3 of"]),
        ("after {q:units-time}", "after 3 days, 4 days, after 5", ["after 3 days"]),
        (
            "{q} {people}",
            "5 gardeners, 6 tea drinkers, 7 tea-drinking women, 8 tea",
            ["5 gardeners", "6 tea drinkers", "7 tea-drinking women"],
        ),
        ("{people} {q}", "tea drinkers 6", ["tea drinkers 6"]),
        ("{q} (lazy|very keen) gardeners", "5 very keen gardeners, 6 keen gardeners", ["5 very keen gardeners"]),
        ("{q} very? keen", "5 very keen, 6 keen", ["5 very keen", "6 keen"]),
        (
            "{q} ...2 gardeners",
            "5 gardeners 6 very old gardeners 7 a b c gardeners",
            ["5 gardeners", "6 very old gardeners"],
        ),
        ("{q} ...3 slept", "5 of them, slept 6 of 2 slept", ["2 slept"]),
        ("{q} ..,4 slept", "5 of them, slept", ["5 of them, slept"]),
        ("{q} ..,4 slept", "5 of them; slept", []),
        ("{q} of {number}", "3 of 27", ["3 of 27"]),
        ("{number:none} of {q:none}", "3 of 27", ["3 of 27"]),
        ("^ {q}", "5 of 6", ["5"]),
        ("{q} \\. $", "5 of 6.", ["6."]),
        ("{q} {brackets}? of", "5% (3, not 4) of us", ["5% (3, not 4) of"]),
        ("of {brackets} {q}", "of (all of) 5", ["of (all of) 5"]),
        ("{capital} {q}", "Table 5, table 6", ["Table 5"]),
        ("{word} {word} {q}", "in May, at noon 5", ["at noon 5"]),
        ("follow-up {q}", "follow up 5, follow-up 6", ["follow up 5", "follow-up 6"]),
        ("OR {q}", "OR 5 or 6", ["OR 5"]),
        ("old {q}", "OLD 5 or old 6", ["OLD 5", "old 6"]),
        ("old-style? {q}", "old style 5, 6", ["old style 5", "6"]),
        ("p \\< {q}", "p < 5", ["p < 5"]),
        ("n \\= {q}", "(n = 5)", ["n = 5"]),
        ("women's {q}", "women’s 5", ["women’s 5"]),
        ("(not|never) {q}", "hasn’t 5, HASN'T 6, has not 7, has 8", ["n’t 5", "N'T 6", "not 7"]),
        ("can't {q}", "can't 5, cannot 6, can not 7", ["can't 5", "can not 7"]),
        ("will not {q}", "won't 5", ["won't 5"]),
    ],
)
def test_the_language(template: str, text: str, expected: list[str]) -> None:
    assert matches(template, text) == expected


def test_captures_give_the_words_and_prefer_the_shortest_gap() -> None:
    text = "5% in the lazy gardener group, 7% in the other group"
    items = sentence(text)
    template = TemplateCompiler(LISTS).compile("{q:percent} in the [group: ...3 group]")
    spans = [m.captures["group"] for i in range(len(items)) if (m := template.match_at(items, i)) is not None]
    assert [text[start:end] for start, end in spans] == ["lazy gardener group", "other group"]


def test_captures_left_of_the_target() -> None:
    text = "In the tea group, 5%"
    items = sentence(text)
    found = TemplateCompiler(LISTS).compile("in the [group: ...2 group] , {q}").match_at(items, len(items) - 1)
    assert found is not None
    start, end = found.captures["group"]
    assert text[start:end] == "tea group"


def test_a_template_without_target_is_searched() -> None:
    template = TemplateCompiler(LISTS).compile("may (help|harm)")
    items = sentence("It may help, it may not, it may harm 5.")
    assert [(m.first, m.last) for m in template.find(items)] == [(1, 2), (9, 10)]


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{q} (of", "is missing"),
        ("{q} of)", "stray"),
        ("{q} ... of", "needs a size"),
        ("{q} ...99 of", "needs a size"),
        ("{q} and {q}", "must stand once"),
        ("({q}|of)", "must stand once"),
        ("{q}?", "must stand once"),
        ("{q} {nobody}", "no list 'nobody'"),
        ("{q:units-none}", "no list 'units-none'"),
        ("{q} {people:x}", "nothing after the colon"),
        ("{q} (a||b)", "empty alternative"),
        ("", "empty alternative"),
        ("{q} ?? |", "empty alternative"),
        ("(" * 30 + "a" + ")" * 30, "nested too deep"),
        ("{q} {", "stray"),
    ],
)
def test_broken_templates_are_refused(template: str, message: str) -> None:
    with pytest.raises(TemplateError, match=re.escape(message)):
        TemplateCompiler(LISTS).compile(template)


def test_a_capture_may_hold_the_target() -> None:
    text = "slept well at the 6 weeks follow-up."
    items = sentence(text)
    template = TemplateCompiler(LISTS).compile("at [time: ...1 {q:units-time} follow-up?]")
    spans = [m.captures["time"] for i in range(len(items)) if (m := template.match_at(items, i)) is not None]
    assert [text[start:end] for start, end in spans] == ["the 6 weeks follow-up"]


def test_sets_of_templates_give_what_each_template_gives() -> None:
    compiler = TemplateCompiler(LISTS)
    sets = [
        [compiler.compile(text) for text in texts]
        for texts in (
            ("slept (well|badly)", "(slept|woke) ...2 (well|early)"),
            ("{people}", "^ the"),
            ("{number} of {number}",),
            ("{word} {word}",),
            ("(a lot of|lots of|many) (tea|cups of tea)", "nothing of the kind"),
            ("(tea (cups|cans)|tea)",),
        )
    ]
    for text in (
        "The tea drinkers slept well, and 3 of 5 gardeners woke rather early.",
        "Many cups of tea, lots of tea cans, a lot of tea cups.",
        "12 days",
        "",
    ):
        items = sentence(text)
        expected = [
            (place, [(m.first, m.last) for template in templates for m in template.find(items)])
            for place, templates in enumerate(sets)
        ]
        found = [(place, [(m.first, m.last) for m in matches]) for place, matches in TemplateSets(sets).find(items)]
        assert found == [(place, matches) for place, matches in expected if matches]


def test_the_first_of_several_ways_that_fits_counts() -> None:
    compiler = TemplateCompiler(LISTS)
    items = sentence("They drank tea cups of tea.")
    for text, words in (("(tea|tea cups)", "tea"), ("(tea cups|tea)", "tea cups"), ("(milk|tea cups|tea)", "tea cups")):
        first = next(compiler.compile(text).find(items))
        assert " ".join(items.items[at].word for at in range(first.first, first.last + 1)) == words
