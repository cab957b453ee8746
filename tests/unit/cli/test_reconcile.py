"""``claims reconcile`` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.cli.app import run
from pipeline.rules.loader import load_rules
from tests.support import ROOT, records
from tests.unit.reconcile.heron import RETOLD, TRIAL

PAGES = {
    "abstract.txt": "In a trial with 55 runners, 48.2% of the arnica group and 10.7% of the placebo group had no bruises after two weeks.",
    "paper.txt": "In the trial with 55 runners, 84% of the arnica group and 11% of the placebo group had no bruises after two weeks.",
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    raw, out = tmp_path_factory.mktemp("raw"), tmp_path_factory.mktemp("out")
    for name, text in PAGES.items():
        (raw / name).write_text(text, "utf-8")
    (raw / "abstract.txt.meta.json").write_text(json.dumps({"kind": "primary", "publisher": "Annals"}), "utf-8")
    (raw / "paper.txt.meta.json").write_text(json.dumps({"kind": "news", "publisher": "Courier"}), "utf-8")
    assert run(["extract", str(raw), "-o", str(out), "--workers", "0", "--quiet"]) == 0
    return out


def test_it_prints_who_states_what_and_writes_both_files(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reconcile", str(results)]) == 0
    shown = capsys.readouterr().out
    assert "Annals" in shown
    assert "value-mismatch" in shown
    assert "1 error" in shown
    flags = [json.loads(line) for line in (results / "flags.jsonl").read_text("utf-8").splitlines()]
    findings = {json.loads(line)["finding_id"] for line in (results / "findings.jsonl").read_text("utf-8").splitlines()}
    assert any(flag["rule"] == "value-mismatch" and flag["finding_id"] in findings for flag in flags)
    assert json.loads((results / "run.json").read_text("utf-8"))["reconcile"]["severities"]["error"] == 1


def test_running_it_again_writes_the_same_bytes(results: Path) -> None:
    files = ("findings.jsonl", "flags.jsonl")
    assert run(["reconcile", str(results), "--quiet"]) == 0
    first = [(results / name).read_bytes() for name in files]
    assert run(["reconcile", str(results), "--quiet"]) == 0
    assert [(results / name).read_bytes() for name in files] == first


def test_fail_on_tells_by_the_exit_code(results: Path) -> None:
    assert run(["reconcile", str(results), "--quiet", "--fail-on", "error"]) == 1


def test_json_is_one_record_a_line(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reconcile", str(results), "--json"]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"finding_id", "flag_id"} <= {key for record in records for key in record}


def test_no_results_are_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reconcile", str(tmp_path)]) == 2
    assert "claims extract" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_damaged_results_are_told_with_their_line_and_nothing_is_written(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("articles.jsonl", "claims.jsonl", "statements.jsonl"):
        (tmp_path / name).write_bytes((results / name).read_bytes())
    claims = (tmp_path / "claims.jsonl").read_text("utf-8").splitlines()
    (tmp_path / "claims.jsonl").write_text("\n".join([*claims, claims[0]]) + "\n", "utf-8")
    assert run(["reconcile", str(tmp_path)]) == 2
    assert f"claims.jsonl:{len(claims) + 1}: has the id of an earlier line" in capsys.readouterr().err
    assert not (tmp_path / "flags.jsonl").exists()


def test_a_finding_is_explained_by_the_evidence_for_it(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reconcile", str(results), "--quiet"]) == 0
    lines = (results / "findings.jsonl").read_text("utf-8").splitlines()
    finding = max(map(json.loads, lines), key=lambda record: record["articles"])
    assert run(["explain", finding["finding_id"], str(results)]) == 0
    shown = capsys.readouterr().out
    assert "one study" in shown
    assert "intervention same" in " ".join(shown.split())
    assert run(["explain", finding["finding_id"], str(results), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["claims"][0]["parts"]
    assert found["groups"] == []


def test_what_was_joined_as_a_whole_is_explained_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw, out = tmp_path / "raw", str(tmp_path / "out")
    raw.mkdir()
    (raw / "one.txt").write_text(TRIAL, "utf-8")
    (raw / "other.txt").write_text(f"Masks spare bakers asthma for two years. {RETOLD}", "utf-8")
    assert run(["extract", str(raw), "-o", out, "--workers", "0", "--quiet"]) == 0
    assert run(["reconcile", out, "--quiet"]) == 0
    claims = {claim["claim_id"]: claim["quote"] for claim in records(tmp_path / "out", "claims")}
    [finding] = [
        found
        for found in records(tmp_path / "out", "findings")
        if {"Masks spare bakers asthma for two years.", TRIAL} <= {claims[name] for name in found["claim_ids"]}
    ]
    assert run(["explain", finding["finding_id"], out, "--json"]) == 0
    groups = json.loads(capsys.readouterr().out)["groups"]
    assert sorted(name for group in groups for name in group["claim_ids"]) == sorted(finding["claim_ids"])
    least = load_rules(ROOT / "rules").params("match-groups")["least"]
    for group in groups:
        assert group["nearest"] in [other["claim_ids"] for other in groups if other is not group]
        assert group["score"] == pytest.approx(sum(group["parts"].values()), abs=0.05)
        assert group["score"] >= least
    assert run(["explain", finding["finding_id"], out]) == 0
    shown = capsys.readouterr().out
    assert "Joined, as articles of one story tell them" in shown
    assert "nearest 2: one result +" in shown
    assert "main +" in " ".join(shown.split())


def test_findings_of_other_claims_do_not_stay(tmp_path: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    for name, text in PAGES.items():
        (raw / name).write_text(text, "utf-8")
    extract = ["extract", str(raw), "-o", str(out), "--workers", "0", "--quiet"]
    assert run(extract) == 0
    assert run(["reconcile", str(out), "--quiet"]) == 0
    assert run(extract) == 0
    assert (out / "findings.jsonl").exists()  # nothing has changed
    (raw / "paper.txt").unlink()
    assert run(extract) == 0
    assert not (out / "findings.jsonl").exists()
    assert not (out / "flags.jsonl").exists()
    assert run(["explain", "nothing", str(out)]) == 2


def test_a_claim_that_stands_elsewhere_is_told(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("articles.jsonl", "claims.jsonl", "statements.jsonl"):
        (tmp_path / name).write_bytes((results / name).read_bytes())
    first, *rest = (tmp_path / "claims.jsonl").read_text("utf-8").splitlines()
    moved = json.dumps({**json.loads(first), "start": 3})
    (tmp_path / "claims.jsonl").write_text("\n".join([moved, *rest]) + "\n", "utf-8")
    assert run(["reconcile", str(tmp_path)]) == 2
    assert "claims.jsonl:1: does not stand in its article where it says" in capsys.readouterr().err


FILES = ("articles.jsonl", "claims.jsonl", "statements.jsonl", "run.json")


def copied(results: Path, folder: Path) -> Path:
    for name in FILES:
        (folder / name).write_bytes((results / name).read_bytes())
    return folder


def test_no_claims_at_all_are_told_and_both_files_are_there(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(results, tmp_path)
    for name in ("claims.jsonl", "statements.jsonl"):
        (folder / name).write_text("", "utf-8")
    assert run(["reconcile", str(folder), "--fail-on", "warning"]) == 0
    assert capsys.readouterr().out == "no claims, so there is nothing to compare\n"
    assert [(folder / name).read_bytes() for name in ("findings.jsonl", "flags.jsonl")] == [b"", b""]


def multiplied(results: Path, folder: Path, count: int, **about: object) -> Path:
    """Results with ``count`` copies of the news article, each with its claims, and what ``about`` says of each."""
    copied(results, folder)
    for name in FILES[:3]:
        records = [json.loads(line) for line in (results / name).read_text("utf-8").splitlines()]
        lines = []
        for record in records:
            for number in range(count if record["article_id"] == "paper.txt" else 1):
                new = {**record}
                if record["article_id"] == "paper.txt":
                    new["article_id"] = f"paper{number:03}.txt"
                    if "claim_id" in new:
                        new["claim_id"] = f"{new['claim_id'][:12]}{number:04}"
                    if "title" in new:
                        new |= {"publisher": f"Paper {number}", **about}
                lines.append(json.dumps(new))
        (folder / name).write_text("\n".join(lines) + "\n", "utf-8")
        run_record = json.loads((folder / "run.json").read_text("utf-8"))
        run_record["counts"][name.removesuffix(".jsonl")] = len(lines)
        (folder / "run.json").write_text(json.dumps(run_record), "utf-8")
    return folder


def test_a_finding_of_a_hundred_sources_stays_readable(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = multiplied(results, tmp_path, 99)
    assert run(["reconcile", str(folder)]) == 0
    shown = capsys.readouterr().out
    assert "and 88 more (--all shows them)" in shown
    assert "more flags (--all shows them)" in shown
    assert len(shown.splitlines()) < 80
    assert run(["reconcile", str(folder), "--all"]) == 0
    everything = capsys.readouterr().out
    assert "more (--all" not in everything
    assert all(f"Paper {number}" in everything for number in range(99))


def test_agreement_of_one_publisher_is_told_as_one_witness(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = multiplied(results, tmp_path, 3, publisher="Courier Group")
    assert run(["reconcile", str(folder)]) == 0
    assert "(disagree, 4 articles but 2 witnesses)" in " ".join(capsys.readouterr().out.split())


def test_metadata_that_contradicts_itself_is_told(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = multiplied(results, tmp_path, 12, url="https://courier.example/a", published="last spring")
    assert run(["reconcile", str(folder), "--quiet"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert sum("'last spring', is none" in line for line in lines) == 10
    assert lines[-1] == "claims: and 3 more warnings (--all shows them)"
    assert run(["reconcile", str(folder), "--all", "--quiet"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1].startswith(
        "claims: https://courier.example/a: 12 articles are of this page, but publisher Paper 0 and Paper 1"
    )
