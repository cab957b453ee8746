import random

import pytest

from pipeline.train.examples import Example, Figure, Span
from pipeline.train.exchange import exchanged, names_of


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


@pytest.fixture
def example() -> Example:
    return Example(
        id="one",
        words=words("Quit rates were 30 % with zorvane and 12 % with sugar pills ; zorvane won ."),
        spaces=(True,) * 17,
        entities=(
            Span(start=0, end=2, label="OUTCOME"),
            Span(start=6, end=7, label="INTERVENTION"),
            Span(start=11, end=13, label="COMPARATOR"),
            Span(start=14, end=15, label="INTERVENTION"),
        ),
        figures=(
            Figure(start=3, end=5, role="arm", group=((6, 7), (14, 15)), outcome=((0, 2),)),
            Figure(start=8, end=10, role="comparator", group=((11, 13),), outcome=((0, 2),)),
        ),
    )


def test_names_are_collected_once_and_by_label(example: Example) -> None:
    names = names_of([example])
    assert [name.words for name in names["INTERVENTION"]] == [("zorvane",)]
    assert [name.words for name in names["COMPARATOR"]] == [("sugar", "pills")]
    assert "OUTCOME" not in names


def test_links_still_lead_to_their_mentions(example: Example) -> None:
    names = {
        "INTERVENTION": names_of([example])["COMPARATOR"],
        "COMPARATOR": names_of([example])["INTERVENTION"],
    }
    found = exchanged(example, names, 1.0, random.Random(1))
    assert found.text == "Quit rates were 30 % with sugar pills and 12 % with zorvane ; sugar pills won ."
    assert found.figures is not None
    texts = [[" ".join(found.words[a:b]) for a, b in figure.group] for figure in found.figures]
    assert texts == [["sugar pills", "sugar pills"], ["zorvane"]]
    assert [" ".join(found.words[f.start : f.end]) for f in found.figures] == ["30 %", "12 %"]


def test_nothing_to_replace_gives_the_example_itself(example: Example) -> None:
    assert exchanged(example, {}, 1.0, random.Random(1)) is example
    assert exchanged(example, names_of([example]), 0.0, random.Random(1)) is example


def test_what_holds_a_figure_stays(example: Example) -> None:
    held = Example(
        id="two",
        words=words("the 30 mg group won"),
        spaces=(True,) * 5,
        entities=(Span(start=0, end=4, label="INTERVENTION"),),
        figures=(Figure(start=1, end=3, role="none"),),
    )
    assert exchanged(held, names_of([example]), 1.0, random.Random(1)) is held
