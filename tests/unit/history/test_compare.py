"""Runs that lie in folders: what is the same in both is left out, and nothing else is told for that."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from pipeline.errors import UsageError
from pipeline.history.compare import compare, read_changed
from pipeline.history.diff import diff_runs
from pipeline.model import encode
from pipeline.run.results import read_whole
from tests.unit.history.runs import claim, finding, flag, run, write

SLEPT = "Some 48 percent of walkers slept."
WEIGHT = "They lost 3 mg."
SAFE = "No harm was seen."

_PLAIN = run({"a": [SLEPT, WEIGHT], "b": [SLEPT, SAFE], "c": [WEIGHT]})
OLD = replace(
    _PLAIN,
    findings=(
        finding("f1", claim(_PLAIN, "a"), claim(_PLAIN, "b")),
        finding("f2", claim(_PLAIN, "b", 1)),
        finding("f3", claim(_PLAIN, "c")),
    ),
    flags=(flag("rounded", claim(_PLAIN, "a"), claim(_PLAIN, "b")), flag("vague", claim(_PLAIN, "c"))),
)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    later = run({"a": [SLEPT.replace("48", "50"), WEIGHT], "b": [SLEPT, SAFE], "d": [WEIGHT]})
    write(tmp_path / "old", OLD)
    write(
        tmp_path / "new",
        replace(
            later,
            findings=(
                finding("f1", claim(later, "a"), claim(later, "b"), status="disagree"),
                finding("f2", claim(later, "b", 1)),
            ),
            flags=(flag("rounded", claim(later, "a"), claim(later, "b")),),
        ),
    )
    return tmp_path / "old", tmp_path / "new"


def test_only_what_differs_is_kept_in_memory(folders: tuple[Path, Path]) -> None:
    old, new, unchanged = read_changed(*folders)
    assert [article.article_id for article in old.articles] == ["a", "c"]
    assert [article.article_id for article in new.articles] == ["a", "d"]
    assert unchanged.articles == {"b"}
    assert unchanged.claims == {one.claim_id for one in OLD.claims["b"]}
    assert [one.finding_id for one in old.findings] == ["f1", "f3"]
    assert [one.finding_id for one in new.findings] == ["f1"]


def test_all_is_told_as_if_all_had_been_read(folders: tuple[Path, Path]) -> None:
    for old, new in (folders, folders[::-1], (folders[0], folders[0])):
        assert encode(compare(old, new).diff) == encode(diff_runs(read_whole(old), read_whole(new)))
    assert compare(folders[0], folders[0]).diff.quiet
    assert {change.kind for change in compare(*folders).diff.findings} == {"status", "gone"}


def test_claims_of_an_article_that_is_as_it_was_may_be_others(folders: tuple[Path, Path]) -> None:
    old, new = folders
    write(new, OLD)
    path = new / "claims.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[1:]))
    assert [(one.kind, one.article_id) for one in compare(old, new).diff.claims] == [("gone", "a")]


def test_a_finding_that_stands_twice_is_told_as_if_all_had_been_read(folders: tuple[Path, Path]) -> None:
    old, new = folders
    write(old, OLD)
    write(new, OLD)
    line = (old / "findings.jsonl").read_bytes().splitlines(keepends=True)[1]
    for folder, other in ((old, line), (new, line.replace(b'"agree"', b'"disagree"'))):
        with (folder / "findings.jsonl").open("ab") as file:
            file.write(other)
    assert other != line
    for one, two in ((old, new), (new, old)):
        assert encode(compare(one, two).diff) == encode(diff_runs(read_whole(one), read_whole(two)))


def test_a_run_without_findings_is_compared_by_its_claims(folders: tuple[Path, Path]) -> None:
    old, new = folders
    (new / "flags.jsonl").unlink()
    diff = compare(old, new).diff
    assert (diff.reconciled, diff.findings, diff.flags) == (False, (), ())
    assert diff.claims


def test_damage_is_told_with_file_and_line(folders: tuple[Path, Path]) -> None:
    old, new = folders
    with (new / "claims.jsonl").open("ab") as file:
        file.write(b"{\n")
    with pytest.raises(UsageError, match=r"new/claims\.jsonl:6: is no record"):
        compare(old, new)
    (old / "articles.jsonl").unlink()
    with pytest.raises(UsageError, match=r"old/articles\.jsonl: No such file"):
        compare(old, new)
