"""SARIF 2.1.0 (OASIS Standard, 27 March 2020), for programs that gather the findings of many checkers.

A result's place is the page; ``charOffset`` counts into the cleaned text of the article, and the snippet holds the words. Fingerprints
are the flag's id, which stays when text moves and figures change, and the hash of its figures.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec

from pipeline.report.base import Format
from pipeline.report.model import Passage, Problem, Report, RuleHelp, Source
from pipeline.report.parts import ruling_words

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_BASE = "RAW"
_BASELINE = {"new": "new", "back": "new", "open": "unchanged", "resolved": "absent"}
_RESERVED = ":/?#[]@!$&'()*+,;=%~"


def render(report: Report) -> bytes:
    """One log with one run."""
    rules = {rule.rule: index for index, rule in enumerate(report.rules)}
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "claims",
                "semanticVersion": report.version,
                "rules": [_rule(rule) for rule in report.rules],
            }
        },
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [
                    {
                        "level": "warning",
                        "message": {"text": f"{unread.path}: {unread.reason}"},
                        "descriptor": {"id": "input-not-used"},
                    }
                    for unread in report.unread
                ]
                + [
                    {"level": "warning", "message": {"text": warning}, "descriptor": {"id": "run-warning"}}
                    for warning in report.warnings
                ],
            }
        ],
        "originalUriBaseIds": {_BASE: {"description": {"text": "The folder that the articles were read from."}}},
        "artifacts": [_artifact(source) for source in report.sources],
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem, report, rules) for problem in report.problems],
        "properties": {
            "offsets": "code points of the cleaned text in articles.jsonl",
            "rulesDigest": report.rules_digest,
        },
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(log), indent=1) + b"\n"


def _rule(rule: RuleHelp) -> dict[str, Any]:
    return {
        "id": rule.rule,
        "name": "".join(part.capitalize() for part in rule.rule.split("-")),
        "shortDescription": {"text": rule.name},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.help or rule.why},
        "defaultConfiguration": {"level": rule.severity},
        "properties": {"tags": [rule.family]},
    }


def _artifact(source: Source) -> dict[str, Any]:
    artifact: dict[str, Any] = {
        "location": _location_of(source),
        "roles": ["analysisTarget"],
        "properties": {"articleId": source.article_id, "kind": source.kind, "publisher": source.name},
    }
    if source.title:
        artifact["description"] = {"text": source.title}
    return artifact


def _location_of(source: Source) -> dict[str, Any]:
    if source.url is not None:
        return {"uri": quote(source.url, safe=_RESERVED)}
    # A colon in its first part would make a scheme of it.
    return {"uri": quote(source.path or source.article_id, safe="/"), "uriBaseId": _BASE}


def _result(problem: Problem, report: Report, rules: dict[str, int]) -> dict[str, Any]:
    subjects = [passage for passage in problem.passages if passage.role == "subject"]
    others = [passage for passage in problem.passages if passage.role == "evidence"]
    result: dict[str, Any] = {
        "ruleId": problem.rule,
        "level": problem.severity,
        "kind": "fail",
        "message": {"text": problem.message},
        "locations": [{"physicalLocation": _place(passage, report)} for passage in subjects],
        "relatedLocations": [
            {"id": number, "physicalLocation": _place(passage, report), "message": {"text": passage.quote}}
            for number, passage in enumerate(others)
        ],
        "fingerprints": {"claims/flag/v1": problem.flag_id},
        "partialFingerprints": {"claims/figures/v1": problem.values_hash},
        "properties": {
            "family": problem.family,
            "topics": list(problem.topics),
            "findingId": problem.finding_id,
            "details": problem.details,
        },
    }
    if problem.rule in rules:
        result["ruleIndex"] = rules[problem.rule]
    if problem.state is not None:
        result["baselineState"] = "updated" if problem.changed else _BASELINE[problem.state]
    if report.today is not None:  # a list, though empty, wherever any result may be suppressed
        result["suppressions"] = _suppressions(problem)
    return result


def _suppressions(problem: Problem) -> list[dict[str, Any]]:
    ruling = problem.ruling
    if ruling is None or not ruling.hides:
        return []
    return [
        {
            "kind": "external",
            "status": "accepted",
            "justification": ruling_words(problem),
            "properties": {"at": ruling.at, "until": ruling.until},
        }
    ]


def _place(passage: Passage, report: Report) -> dict[str, Any]:
    return {
        "artifactLocation": _location_of(report.sources[passage.source]) | {"index": passage.source},
        "region": {
            "charOffset": passage.start,
            "charLength": passage.end - passage.start,
            "snippet": {"text": passage.quote},
        },
    }


FORMAT = Format("sarif", "report.sarif", "SARIF 2.1.0, for programs that gather results of checkers", render)
