"""What is true of every format, and of each."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import click
import feedparser
import jsonschema
import msgspec
import pytest

from pipeline.cli.app import cli
from pipeline.decisions.model import make_decision
from pipeline.decisions.standing import Decisions
from pipeline.history.compare import compare
from pipeline.report.base import formats
from pipeline.report.build import build_report
from pipeline.report.formats import sarif
from pipeline.report.formats.html import inert, render_html
from pipeline.report.formats.markdown import escaped
from pipeline.report.model import Report
from tests.support import ROOT
from tests.unit.report.support import STORY, results, rules, write

NAMES = ["atom", "claimreview", "csv", "html", "json", "markdown", "sarif"]
"""All formats. A name that comes or goes is a change that users see."""
HOSTILE = (
    "</script><script>alert(1)</script><!-- <img src=x onerror=alert(2)> \u202e\u2028 =cmd() ]]> {{ 7*7 }} @all #1"
)
ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return build_report(results(tmp_path_factory.mktemp("plain")), rules())


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = results(
        tmp_path_factory.mktemp("hostile"), title=HOSTILE, publisher=HOSTILE, text=HOSTILE, url="javascript:alert(3)"
    )
    return build_report(folder, rules())


def rendered(name: str, report: Report) -> str:
    return formats()[name].render(report).decode()


def test_the_formats_are_these() -> None:
    assert list(formats()) == NAMES


def test_the_command_offers_all_of_them_and_says_what_they_are_for() -> None:
    command = cli.get_command(click.Context(cli), "report")
    assert command is not None
    option = next(found for found in command.params if found.name == "names")
    assert isinstance(option.type, click.Choice)
    assert list(option.type.choices) == NAMES
    assert isinstance(option, click.Option)
    assert option.help is not None
    assert all(f"{entry.name}: {entry.help}" in option.help for entry in formats().values())


def test_the_docs_have_a_row_for_each() -> None:
    docs = (ROOT / "docs" / "reports.md").read_text("utf-8")
    rows = re.findall(r"^\| (\w+) \| (\S+) \| (.+) \|$", docs, re.MULTILINE)
    assert rows[1:] == [(entry.name, entry.file, entry.help) for entry in formats().values()]


@pytest.mark.parametrize("name", NAMES)
def test_the_same_report_gives_the_same_bytes(name: str, report: Report) -> None:
    assert formats()[name].render(report) == formats()[name].render(report)


@pytest.mark.parametrize("name", NAMES)
def test_each_names_the_rules_with_what_they_are_for(name: str, report: Report) -> None:
    text = rendered(name, report)
    for rule in report.rules:
        if name != "csv" or rule.problems:
            assert rule.name in text
            assert rule.why.split(",")[0][:40].replace("'", "") in text.replace("'", "").replace("&#39;", "")


@pytest.mark.parametrize("name", NAMES)
def test_each_tells_message_quote_and_place(name: str, report: Report) -> None:
    text = rendered(name, report)
    assert "Wire gives 84 percent, where Ledger gives 48.2%" in text
    assert STORY in text
    assert "wire.example.org" in text


@pytest.mark.parametrize("name", NAMES)
def test_none_has_a_path_of_this_machine_or_a_hostile_link(name: str, hostile: Report) -> None:
    text = rendered(name, hostile)
    assert str(ROOT) not in text
    assert "javascript:" not in text


def test_nothing_in_the_page_can_end_its_script_or_begin_another(hostile: Report) -> None:
    text = render_html(hostile, {"api": "/api/", "token": "</script>", "who": HOSTILE}, nonce="n0nce")
    assert "alert(1)</script>" not in text
    assert "<img" not in text
    assert "\u202e" not in re.sub(r"<script.*?</script>", "", text, flags=re.S)
    scripts = re.findall(r"<script[^>]*>", text)
    assert scripts == [
        '<script type="application/json" id="report">',
        '<script type="application/json" id="review">',
        '<script nonce="n0nce">',
    ]
    assert len(re.findall(r"</script", text)) == 3


def test_inert_json_is_the_same_json() -> None:
    data = json.dumps({"a": "</script><!-- \u2028 & >"}, ensure_ascii=False)
    assert json.loads(inert(data.encode())) == json.loads(data)
    assert not set("<>&\u2028") & set(inert(data.encode()))


def test_the_page_lets_nothing_in_but_its_own_program(report: Report) -> None:
    text = render_html(report)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    assert "default-src &#39;none&#39;" in policy[1]
    assert "connect-src &#39;none&#39;" in policy[1]
    assert "unsafe" not in policy[1]
    assert not re.search(r"<[^>]* (style|on\w+)=", text.split('id="report"')[0])
    assert not re.search(r'(src|href)="(?!#|data:,|https?:)', text.split('id="report"')[0])


def test_of_too_many_problems_the_page_shows_the_first(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.report.formats.html._MOST", 5)
    text = render_html(_many(report, 8))
    assert "the first 5 problems" in text
    assert "other 3" in text
    assert '"flag_id":"x4"' in text
    assert '"flag_id":"x5"' not in text


def test_without_javascript_the_page_has_the_problems(report: Report) -> None:
    plain = re.sub(r"<script.*?</script>", "", render_html(report), flags=re.S)
    assert STORY in plain
    assert "Value mismatch" in plain


def test_csv_has_a_row_a_problem_and_no_formula(hostile: Report, tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(rendered("csv", hostile), newline="")))
    assert [row["flag_id"] for row in rows] == ["a1", "b2"]
    assert rows[0]["quote"] == STORY
    assert rows[0]["against_kind"] == "primary"
    assert rows[1]["against_quote"] == ""
    formula = build_report(results(tmp_path, publisher="=HYPERLINK(1)", text="+1 for arnica."), rules())
    row = list(csv.DictReader(io.StringIO(rendered("csv", formula), newline="")))[1]
    assert row["source"] == "'=HYPERLINK(1)"
    assert row["quote"] == "'+1 for arnica."


def test_markdown_of_a_page_is_plain_text() -> None:
    assert escaped("[x](javascript:y) <b> `c` *d* @all #1") == (
        r"\[x\](javascript:y) \<b\> \`c\` \*d\* " + "@\u2060all #\u20601"
    )


def test_markdown_stays_within_what_a_pull_request_holds(tmp_path: Path) -> None:
    report = build_report(results(tmp_path), rules())
    many = rendered("markdown", _many(report, 2000))
    assert len(many) <= 60_500
    assert re.search(r"… and [\d,]+ more problems", many)
    assert "## What is checked" in many


def test_atom_is_a_feed_whose_entries_change_with_their_figures(report: Report) -> None:
    feed = ET.fromstring(rendered("atom", report))
    entries = feed.findall("a:entry", ATOM)
    assert len(entries) == 2
    for element in (feed, *entries):
        for tag in ("title", "id", "updated"):
            assert element.findtext(f"a:{tag}", namespaces=ATOM)
    assert entries[0].findtext("a:updated", namespaces=ATOM) == "2024-05-06T00:00:00Z"
    other = _many(report, 1, values_hash="3" * 16)
    again = ET.fromstring(rendered("atom", other)).findtext("a:entry/a:id", namespaces=ATOM)
    assert again != entries[0].findtext("a:id", namespaces=ATOM)


def test_a_feed_reader_takes_the_feed_as_sound(report: Report, hostile: Report) -> None:
    for read in (feedparser.parse(formats()["atom"].render(found)) for found in (report, hostile)):
        assert not read.bozo
        assert len(read.entries) == 2
        assert len({entry.id for entry in read.entries}) == 2


def test_atom_is_sound_whatever_the_page_says(hostile: Report) -> None:
    feed = ET.fromstring(rendered("atom", hostile))
    content = [entry.findtext("a:content", namespaces=ATOM) or "" for entry in feed.findall("a:entry", ATOM)]
    assert "<script" not in content[1]
    assert "&lt;script" in content[1]


def test_claim_reviews_say_what_they_rest_on(report: Report) -> None:
    graph = json.loads(rendered("claimreview", report))["@graph"]
    review = next(node for node in graph if node.get("@id") == "urn:claims:flag:a1")
    assert review["claimReviewed"] == STORY
    assert review["itemReviewed"]["appearance"]["url"] == "https://wire.example.org/page"
    assert review["citation"][0]["publisher"]["name"] == "Ledger"
    rating = review["reviewRating"]
    assert rating["worstRating"] <= rating["ratingValue"] <= rating["bestRating"]


def test_json_is_the_whole_model(report: Report) -> None:
    data = json.loads(rendered("json", report))
    assert set(data) == set(Report.__struct_encode_fields__)


def test_sarif_has_rules_places_and_fingerprints(report: Report) -> None:
    run = sarif_run(report)
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    first = run["results"][0]
    assert ids[first["ruleIndex"]] == first["ruleId"] == "value-mismatch"
    assert first["level"] == "error"
    assert first["fingerprints"] == {"claims/flag/v1": "a1"}
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "https://wire.example.org/page"
    assert place["region"]["snippet"]["text"] == STORY
    index = place["artifactLocation"]["index"]
    assert run["artifacts"][index]["properties"]["articleId"] == "wire"
    assert run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"] == "bad.html: is empty"
    assert "suppressions" not in first
    assert "baselineState" not in first


@pytest.mark.parametrize("kind", ["report", "hostile", "since"])
def test_sarif_is_valid_against_the_schema_of_the_standard(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    schema = json.loads(Path(__file__).with_name("sarif-2.1.0.schema.json").read_text("utf-8"))
    report: Report = _changed_and_decided(tmp_path) if kind == "since" else request.getfixturevalue(kind)
    validator = jsonschema.Draft4Validator(schema, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)
    validator.validate(json.loads(sarif.render(report)))
    with pytest.raises(jsonschema.ValidationError):  # the schema is able to refuse
        validator.validate({"version": "2.1.0", "runs": [{"results": [], "tools": {}}]})


def test_sarif_tells_what_is_new_and_what_was_put_away(tmp_path: Path) -> None:
    report = _changed_and_decided(tmp_path)
    found = {result["fingerprints"]["claims/flag/v1"]: result for result in sarif_run(report)["results"]}
    assert found["b2"]["baselineState"] == "new"
    assert found["b2"]["suppressions"] == []
    assert found["a1"]["suppressions"][0]["kind"] == "external"
    assert "another trial" in found["a1"]["suppressions"][0]["justification"]


def test_sarif_places_are_uris_whatever_the_file_is_called(tmp_path: Path) -> None:
    report = build_report(results(tmp_path, url=None, path="a b/c:d#1%.html"), rules())
    place = sarif_run(report)["results"][1]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place["uri"] == "a%20b/c%3Ad%231%25.html"
    assert place["uriBaseId"] == "RAW"


def sarif_run(report: Report) -> dict[str, Any]:
    log = json.loads(sarif.render(report))
    assert log["version"] == "2.1.0"
    run: dict[str, Any] = log["runs"][0]
    return run


def _many(report: Report, number: int, **about: Any) -> Report:
    """The same report with its first problem so many times."""
    problems = tuple(
        msgspec.structs.replace(report.problems[0], flag_id=f"x{index}", **about) for index in range(number)
    )
    return msgspec.structs.replace(report, problems=problems)


def _changed_and_decided(tmp_path: Path) -> Report:
    """The results with all problems new, and one put away."""
    old, new = results(tmp_path / "old"), results(tmp_path / "new")
    write(old, "flags")
    decision = make_decision(
        flag_id="a1",
        verdict="dismiss",
        values_hash="2" * 16,
        at=datetime.datetime(2026, 5, 1, tzinfo=datetime.UTC),
        reason="another trial",
    )
    return build_report(
        new,
        rules(),
        diff=compare(old, new).diff,
        decisions=Decisions([(1, decision)]),
        today=datetime.date(2026, 5, 4),
    )
