"""Sources that suddenly give less."""

from msgspec.structs import replace

from pipeline.config import YieldLimits
from pipeline.refresh.yields import yield_drops
from pipeline.run.results import WholeResults
from tests.unit.history.runs import run

LINES = [f"In village {name} some {i + 10} percent of the walkers slept." for i, name in enumerate("abcdefghij")]


def placed(results: WholeResults, **urls: str) -> WholeResults:
    return replace(results, articles=tuple(replace(a, url=urls.get(a.article_id)) for a in results.articles))


def drops(old: WholeResults, new: WholeResults) -> list[str]:
    return list(yield_drops(old, new, YieldLimits()))


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
