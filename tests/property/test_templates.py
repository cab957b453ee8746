"""A template is tried only where it may match, and loses no match by that."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.rules.template_run import run
from pipeline.rules.templates import TemplateCompiler
from tests.unit.rules.test_templates import LISTS, sentence

WORDS = ("tea", "milk", "slept", "Table", "gardeners", "women", "drinking")
ATOMS = ("tea", "milk", "slept", "gardeners", "{people}", "{number}", "{capital}", "{word}", "{brackets}")
ATOM = st.one_of(
    st.sampled_from(ATOMS),
    st.sampled_from(ATOMS).map("{}?".format),
    st.lists(st.sampled_from(ATOMS), min_size=2, max_size=3).map(lambda some: f"({'|'.join(some)})"),
    st.lists(st.sampled_from(ATOMS), min_size=2, max_size=3).map(lambda some: f"({' '.join(some)})?"),
    st.sampled_from(ATOMS).map("[group: {} ...1 tea]".format),
    st.sampled_from(["...1", "...2", "..,3"]),
)
TEMPLATE = st.builds(
    lambda start, atoms, end: " ".join([*start, *atoms, *end]),
    st.sampled_from([[], ["^"]]),
    st.lists(ATOM, min_size=1, max_size=5),
    st.sampled_from([[], ["$"]]),
)
TEXT = st.lists(st.sampled_from([*WORDS, "tea drinkers", "5", "7%", ",", "(", ")", "."]), max_size=14).map(" ".join)


@settings(max_examples=400, deadline=None)
@given(TEMPLATE, TEXT)
def test_no_place_where_a_template_matches_is_left_out(template: str, text: str) -> None:
    compiled = TemplateCompiler(LISTS).compile(template)
    program, items = compiled._right, sentence(text)
    places = list(program.places(items))
    assert places == sorted(set(places))
    matching = [at for at in range(len(items)) if run(program, items, at) is not None]
    assert set(matching) <= set(places)


def test_a_word_further_on_tells_where_a_template_may_match() -> None:
    program = TemplateCompiler(LISTS).compile("tea ...2 slept")._right
    assert list(program.places(sentence("tea and milk and rice, tea for all slept"))) == [6]
    assert list(program.places(sentence("slept, tea"))) == []
