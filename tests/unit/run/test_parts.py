"""Runs of very many articles: what is compared in parts, by any number of processes, is what is compared at once."""

from __future__ import annotations

import io
import json
from pathlib import Path

import msgspec
import pytest

from bench.many import Corpus
from bench.scale import joined
from pipeline.errors import UsageError
from pipeline.model import Article, Claim, Finding, Flag, Statement
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset
from pipeline.run.parts import parts
from pipeline.run.reconcile import reconcile_folder
from pipeline.run.results import numbered_records

RULES = load_rules(Path(__file__).parents[3] / "rules")
CLAIMS = 1500


def rules_with(**params: int) -> Ruleset:
    """The rules with other limits of parts."""
    rule = dict(RULES.rules["parts"])
    rule["params"] = {**rule["params"], **params}
    return Ruleset({**RULES.rules, "parts": rule}, RULES.topics, RULES.digest)


SMALL = rules_with(whole=20, articles=60, sample=80, context=4)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many")
    Corpus(CLAIMS).write(folder)
    return folder


@pytest.fixture
def folder(run: Path, tmp_path: Path) -> Path:
    for path in run.iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def compared(folder: Path, rules: Ruleset, workers: int) -> tuple[bytes, bytes]:
    findings, flags = io.BytesIO(), io.BytesIO()
    with parts(folder, folder, rules, workers) as one:
        one.reconcile(findings, flags)
    return findings.getvalue(), flags.getvalue()


def test_the_number_of_processes_changes_no_byte(run: Path) -> None:
    alone = compared(run, SMALL, 0)
    assert alone == compared(run, SMALL, 2)
    assert alone[0].count(b"\n") > 100
    assert not (run / "parts").exists()


def test_parts_hold_every_claim_once_in_findings_sorted_by_id(run: Path) -> None:
    lines = compared(run, SMALL, 0)[0].splitlines()
    found = [msgspec.json.decode(line, type=Finding) for line in lines]
    ids = [finding.finding_id for finding in found]
    assert ids == sorted(set(ids))
    claims = [claim_id for finding in found for claim_id in finding.claim_ids]
    assert len(claims) == len(set(claims))
    results = {
        c.claim_id for _, c in numbered_records(run / "claims.jsonl", Claim) if c.measure in ("proportion", "mean")
    }
    assert results <= set(claims)


def test_what_belongs_together_is_joined_in_parts_as_well_as_at_once(folder: Path) -> None:
    truth = Corpus(CLAIMS).write(folder)
    at_once = rules_with(whole=10_000)
    reconcile_folder(folder, at_once)
    whole = joined(folder, truth)
    reconcile_folder(folder, SMALL)
    in_parts = joined(folder, truth)
    assert in_parts.recall >= 0.97 * whole.recall
    assert in_parts.precision >= whole.precision - 0.02
    assert in_parts.flags >= 0.8 * whole.flags


def test_flags_name_findings_that_are_there_and_articles_once(run: Path) -> None:
    findings, flags = compared(run, SMALL, 0)
    ids = {msgspec.json.decode(line, type=Finding).finding_id for line in findings.splitlines()}
    raised = [msgspec.json.decode(line, type=Flag) for line in flags.splitlines()]
    assert raised
    assert {flag.finding_id for flag in raised} - {None} <= ids
    assert [flag.flag_id for flag in raised] == sorted({flag.flag_id for flag in raised})


def test_one_part_is_the_whole(folder: Path) -> None:
    """Where all articles are one part, and its sample, nothing differs from comparing them at once."""
    reconcile_folder(folder, rules_with(whole=10_000))
    expected = [(folder / name).read_bytes() for name in ("findings.jsonl", "flags.jsonl")]
    assert list(compared(folder, rules_with(articles=10_000, sample=10_000), 0)) == expected


@pytest.mark.parametrize(
    ("name", "damage", "told"),
    [
        ("claims.jsonl", b'{"article_id":"a0000001"}\n', "claims.jsonl:{line}: "),
        ("claims.jsonl", b"{\n", "claims.jsonl:{line}: is no record"),
        ("statements.jsonl", b'{"article_id":"gone"}\n', "statements.jsonl:{line}: is of an article that is not there"),
        ("articles.jsonl", b"nothing\n", "articles.jsonl:{line}: "),
        ("articles.jsonl", None, "stands there twice"),
        ("claims.jsonl", None, "claims.jsonl:{line}: has the id of an earlier line"),
    ],
)
def test_damage_is_told_with_file_and_line(folder: Path, name: str, damage: bytes | None, told: str) -> None:
    path = folder / name
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines, lines[0] if damage is None else damage]))
    with pytest.raises(UsageError) as problem:
        reconcile_folder(folder, SMALL)
    assert told.format(line=len(lines) + 1) in str(problem.value)
    assert "claims extract" in str(problem.value)
    assert not (folder / "findings.jsonl").exists()


def test_a_bad_line_keeps_its_number_where_a_file_is_read_in_pieces(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "claims.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    damaged = len(lines) * 2 // 3
    path.write_bytes(b"".join([*lines[:damaged], b"{\n", *lines[damaged:], b"{\n"]))
    monkeypatch.setattr("pipeline.run.spans._CHUNK", path.stat().st_size // 5)
    with pytest.raises(UsageError, match=rf"claims\.jsonl:{damaged + 1}: is no record"):
        compared(folder, SMALL, 0)


def test_what_does_not_stand_in_its_article_is_told(folder: Path) -> None:
    path = folder / "statements.jsonl"
    lines = path.read_text("utf-8").splitlines()
    lines[4] = json.dumps({**json.loads(lines[4]), "start": 0})
    path.write_text("\n".join(lines) + "\n", "utf-8")
    with pytest.raises(UsageError, match=r"statements\.jsonl:5: does not stand in its article"):
        reconcile_folder(folder, SMALL)


def test_the_order_of_lines_changes_nothing(folder: Path) -> None:
    before = compared(folder, SMALL, 0)
    path = folder / "articles.jsonl"
    path.write_bytes(b"".join(reversed(path.read_bytes().splitlines(keepends=True))))
    assert compared(folder, SMALL, 0) == before


def test_made_runs_are_valid_and_the_same_for_the_same_size(run: Path, tmp_path: Path) -> None:
    Corpus(CLAIMS).write(tmp_path)
    for name in ("articles.jsonl", "claims.jsonl", "statements.jsonl"):
        assert (tmp_path / name).read_bytes() == (run / name).read_bytes()
    texts = {a.article_id: a.text for _, a in numbered_records(run / "articles.jsonl", Article)}
    for _, claim in numbered_records(run / "claims.jsonl", Claim):
        text = texts[claim.article_id]
        assert text[claim.start : claim.end] == claim.quote
        assert all(text[value.start : value.end] == value.text for value in claim.values)
    for _, said in numbered_records(run / "statements.jsonl", Statement):
        assert texts[said.article_id][said.start : said.end] == said.quote
        assert all(texts[said.article_id][name.start : name.end] == name.text for name in said.names)
