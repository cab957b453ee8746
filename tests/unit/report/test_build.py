"""The report model."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

from bench.report import made_results
from pipeline.decisions.model import make_decision
from pipeline.decisions.standing import Decisions
from pipeline.errors import UsageError
from pipeline.history.compare import compare
from pipeline.report.build import build_report
from pipeline.report.model import Report
from tests.unit.report.support import ABSTRACT, PROMISE, STORY, article, results, rules, write

TODAY = datetime.date(2026, 5, 4)


def built(folder: Path) -> Report:
    return build_report(folder, rules())


def decided(flag_id: str, verdict: str, **about: str) -> Decisions:
    decision = make_decision(
        flag_id=flag_id,
        verdict=verdict,
        values_hash="2" * 16,
        at=datetime.datetime(2026, 5, 1, tzinfo=datetime.UTC),
        who="Ann",
        **about,
    )
    return Decisions([(1, decision)])


def test_problems_come_with_the_grave_first_and_their_words(tmp_path: Path) -> None:
    report = built(results(tmp_path))
    assert [problem.rule for problem in report.problems] == ["value-mismatch", "absolute-efficacy"]
    subject, evidence = report.problems[0].passages
    assert (subject.quote, evidence.quote) == (STORY, ABSTRACT)
    assert subject.before == "Good news for runners! "
    assert evidence.before == ""  # the paragraph before is another
    assert evidence.after == " More is needed."
    assert [subject.quote[mark.start : mark.end] for mark in subject.marks] == ["84 percent", "11 percent"]
    assert report.sources[subject.source].name == "Wire"
    assert subject.link is not None
    assert subject.link.startswith("https://wire.example.org/page#:~:text=After%20two")


def test_a_result_has_every_sources_figures_and_the_reference(tmp_path: Path) -> None:
    (result,) = built(results(tmp_path)).results
    arm = result.groups[0]
    assert [(figure.text, figure.reference) for figure in arm.figures] == [("48.2%", True), ("84 percent", False)]
    assert [telling.quote for telling in result.tellings] == [ABSTRACT, STORY]


def test_all_rules_that_can_raise_a_problem_have_a_name_and_a_reason(tmp_path: Path) -> None:
    report = built(results(tmp_path))
    helps = {rule.rule: rule for rule in report.rules}
    assert helps["value-mismatch"].name == "Value mismatch"
    assert helps["value-mismatch"].problems == 1
    assert all(rule.why and rule.help and rule.message for rule in report.rules)
    assert len(report.rules) > 20


def test_against_an_earlier_run_new_problems_come_first_and_figures_are_told(tmp_path: Path) -> None:
    old = results(tmp_path / "old", story=STORY.replace("84", "48"))
    write(old, "flags")  # the difference is the point here, not what was flagged then
    new = results(tmp_path / "new")
    diff = compare(old, new).diff
    report = build_report(new, rules(), diff=diff)
    assert {problem.state for problem in report.problems} == {"new"}
    assert report.since is not None
    moves = [move for move in report.since.moves if move.figures]
    assert [move.figures for move in moves] == [(("48 percent", "84 percent"),)]


def test_a_problem_that_is_gone_is_told_with_the_words_it_was_about(tmp_path: Path) -> None:
    old, new = results(tmp_path / "old"), results(tmp_path / "new")
    write(new, "flags")
    report = build_report(new, rules(), diff=compare(old, new).diff)
    assert [(problem.state, problem.awaits) for problem in report.problems] == [("resolved", False)] * 2
    assert report.waiting() == ()
    assert report.rules[0].problems == 0


def test_what_a_reviewer_dismissed_is_kept_apart(tmp_path: Path) -> None:
    decisions = decided("a1", "dismiss", reason="another trial")
    report = build_report(results(tmp_path), rules(), decisions=decisions, today=TODAY)
    assert [problem.flag_id for problem in report.problems] == ["b2", "a1"]
    assert [problem.flag_id for problem in report.waiting()] == ["b2"]
    ruling = report.problems[1].ruling
    assert ruling is not None
    assert (ruling.verdict, ruling.who, ruling.reason) == ("dismiss", "Ann", "another trial")


def test_what_was_accepted_stays(tmp_path: Path) -> None:
    report = build_report(results(tmp_path), rules(), decisions=decided("a1", "accept"), today=TODAY)
    assert len(report.waiting()) == 2


def test_a_snooze_ends_on_its_day(tmp_path: Path) -> None:
    folder = results(tmp_path)
    decisions = decided("a1", "snooze", until="2026-05-04")
    assert len(build_report(folder, rules(), decisions=decisions, today=TODAY).waiting()) == 2
    before = TODAY - datetime.timedelta(days=1)
    assert len(build_report(folder, rules(), decisions=decisions, today=before).waiting()) == 1


def test_comments_come_with_the_problem(tmp_path: Path) -> None:
    report = build_report(
        results(tmp_path), rules(), decisions=decided("a1", "comment", reason="ask them"), today=TODAY
    )
    assert [remark.reason for remark in report.problems[0].comments] == ["ask them"]


def test_no_decisions_leave_no_day_in_the_report(tmp_path: Path) -> None:
    folder = results(tmp_path)
    assert build_report(folder, rules(), decisions=Decisions(), today=TODAY) == built(folder)


def test_a_page_with_a_script_for_an_address_gets_no_link(tmp_path: Path) -> None:
    report = built(results(tmp_path, url="javascript:alert(1)"))
    clinic = next(source for source in report.sources if source.article_id == "clinic")
    assert clinic.url is None
    assert all(
        passage.link is None
        for problem in report.problems
        for passage in problem.passages
        if report.sources[passage.source].article_id == "clinic"
    )


def test_a_long_passage_is_cut_around_what_matters(tmp_path: Path) -> None:
    text = " ".join(["Many words are written here about nothing."] * 60)
    folder = results(tmp_path, text=text + "\n\n" + PROMISE)
    passage = next(p for p in built(folder).problems if p.rule == "absolute-efficacy").passages[0]
    assert passage.end - passage.start == len(text)
    assert 600 < len(passage.quote) <= 700
    assert passage.after == " …"


def test_a_finding_whose_claim_is_missing_is_told(tmp_path: Path) -> None:
    folder = results(tmp_path)
    write(folder, "claims")
    with pytest.raises(UsageError, match=r"findings.jsonl: .*reconcile"):
        built(folder)


def test_everything_is_counted_though_only_what_is_shown_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.report.reading.MOST_QUIET", 3)
    folder = made_results(tmp_path, 20)
    write(folder, "flags")
    report = built(folder)
    lines = len((folder / "findings.jsonl").read_text("utf-8").splitlines())
    assert (len(report.results), report.findings, report.several) == (3, lines, lines)
    assert report.articles == len((folder / "articles.jsonl").read_text("utf-8").splitlines())
    assert [result.articles for result in report.results] == sorted((r.articles for r in report.results), reverse=True)


def test_a_folder_that_was_not_reconciled_is_told(tmp_path: Path) -> None:
    write(tmp_path, "articles", article("x", "text"))
    with pytest.raises(UsageError, match="claims reconcile"):
        built(tmp_path)


def test_decisions_without_a_day_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="today"):
        build_report(results(tmp_path), rules(), decisions=Decisions())


@pytest.mark.parametrize("name", ["flags", "findings"])
def test_records_that_were_lost_make_no_clean_report(tmp_path: Path, name: str) -> None:
    folder = results(tmp_path)
    path = folder / f"{name}.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    (folder / "run.json").write_text(json.dumps({"reconcile": {name: {"some": len(lines) - 1, "others": 1}}}), "utf-8")
    assert built(folder).rules
    path.write_bytes(b"".join(lines[1:]))
    with pytest.raises(
        UsageError, match=rf"{name}.jsonl: holds {len(lines) - 1} {name} where {len(lines)} were written"
    ):
        built(folder)
