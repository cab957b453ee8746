"""Sources that suddenly give less."""

from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from pipeline.refresh.yields import Given, given_by, given_in, yield_drops, yields_of
from pipeline.rules.loader import load_rules
from pipeline.run.results import WholeResults
from pipeline.run.yields import RULE
from tests.support import ROOT
from tests.unit.history.runs import run, write

PARAMS = load_rules(ROOT / "rules").params(RULE)
LINES = [f"In village {name} some {i + 10} percent of the walkers slept." for i, name in enumerate("abcdefghij")]


def placed(results: WholeResults, **urls: str) -> WholeResults:
    return replace(results, articles=tuple(replace(a, url=urls.get(a.article_id)) for a in results.articles))


def given(results: WholeResults) -> list[Given]:
    return given_by(results.articles, {article_id: len(found) for article_id, found in results.claims.items()})


def drops(old: WholeResults, new: WholeResults, earlier: Sequence[WholeResults] = ()) -> list[str]:
    *before, last = (given(results) for results in (*earlier, old))
    return list(yield_drops(last, given(new), [*map(yields_of, before), yields_of(last)], PARAMS))


def test_a_source_with_as_many_claims_is_silent() -> None:
    assert drops(run({"a": LINES}), run({"a": LINES[:7]})) == []


def test_a_source_whose_articles_lost_most_claims_is_named() -> None:
    old = placed(run({"a": LINES, "b": LINES}), a="https://x.example/1", b="https://y.example/1")
    new = placed(run({"a": LINES[:3], "b": LINES}), a="https://x.example/1", b="https://y.example/1")
    [told] = drops(old, new)
    assert told.startswith("x.example: 3 claims where the run before found 10")
    assert "layout" in told


def test_a_source_with_few_claims_may_lose_them() -> None:
    assert drops(run({"a": LINES[:4]}), run({"a": []})) == []


def test_text_without_claims_counts_too() -> None:
    old, new = (
        {"a": [f"Nobody in the valley knew how the story of {name} would go on. " * 40 for name in names]}
        for names in ("abcd", "a")
    )
    [told] = drops(run(old), run(new))
    assert "characters of text" in told


def test_several_articles_that_are_all_gone_are_one_line() -> None:
    old = placed(run({"a": LINES, "b": LINES, "c": LINES}), a="https://x.example/1", b="https://x.example/2")
    [told] = drops(old, run({"c": LINES}))
    assert told.startswith("x.example: none of 2 articles is left")


def test_one_article_that_is_gone_is_told_by_the_diff_alone() -> None:
    assert drops(run({"a": LINES, "c": LINES}), run({"c": LINES})) == []


def folder(night: int, claims: int) -> WholeResults:
    """A feed: every night four other articles."""
    return run({f"feed/{night}-{i}.txt": LINES[:claims] for i in range(4)})


def test_new_articles_are_held_against_those_of_earlier_nights() -> None:
    nights = [folder(night, 8) for night in range(4)]
    assert drops(nights[-1], folder(9, 7), nights[:-1]) == []
    [told] = drops(nights[-1], folder(9, 1), nights[:-1])
    assert told.startswith("feed: ")
    assert "4 claims in 4 new articles where as many used to give 32 (median of 4 runs)" in told


def test_one_bad_night_among_the_earlier_ones_is_no_measure() -> None:
    nights = [folder(0, 8), folder(1, 1), folder(2, 8)]
    [told] = drops(nights[-1], folder(9, 1), nights[:-1])
    assert "used to give 32" in told


def test_what_has_been_so_for_most_of_the_last_runs_is_usual() -> None:
    nights = [folder(0, 8), folder(1, 1), folder(2, 1)]
    assert drops(nights[-1], folder(9, 1), nights[:-1]) == []


def test_without_the_rule_nothing_is_told() -> None:
    old = run({"a": LINES})
    assert list(yield_drops(given(old), given(run({"a": []})), [yields_of(given(old))], {})) == []


def test_what_a_folder_gives_is_what_its_results_give(tmp_path: Path) -> None:
    results = placed(run({"a": LINES, "b": LINES[:2], "c": ["Nothing."]}), a="https://x.example/1")
    write(tmp_path, results)
    assert given_in(tmp_path) == given(results)
