"""ClaimReview of schema.org as JSON-LD: what is to be said of a claim on a page, and on what it rests.

The rating tells how grave the problem is, not whether the claim is true: that is for people to find out.
"""

from __future__ import annotations

from typing import Any

import msgspec

from pipeline.report.base import Format
from pipeline.report.model import Passage, Problem, Report, RuleHelp, Source
from pipeline.report.parts import evidence_of, subject_of

_RATING = {"error": 1, "warning": 2, "note": 4}
_WORST, _BEST = 1, 5
_BY = {"@type": "Organization", "name": "claims"}


def render(report: Report) -> bytes:
    """One graph: the rules as defined terms, and a review of every problem that is to be reviewed."""
    rules = {rule.rule: rule for rule in report.rules}
    terms: dict[str, Any] = {
        "@type": "DefinedTermSet",
        "@id": "urn:claims:rules",
        "name": "Rules",
        "hasDefinedTerm": [
            {
                "@type": "DefinedTerm",
                "@id": f"urn:claims:rule:{rule.rule}",
                "termCode": rule.rule,
                "name": rule.name,
                "description": f"{rule.why} {rule.help}".strip(),
            }
            for rule in report.rules
        ],
    }
    reviews = [
        _review(problem, subject, report, rules.get(problem.rule))
        for problem in report.waiting()
        if (subject := subject_of(problem)) is not None
    ]
    graph = {"@context": "https://schema.org", "@graph": [terms, *reviews]}
    return msgspec.json.format(msgspec.json.encode(graph), indent=1) + b"\n"


def _review(problem: Problem, subject: Passage, report: Report, rule: RuleHelp | None) -> dict[str, Any]:
    source = report.sources[subject.source]
    review: dict[str, Any] = {
        "@type": "ClaimReview",
        "@id": f"urn:claims:flag:{problem.flag_id}",
        "claimReviewed": subject.quote,
        "reviewAspect": {"@id": f"urn:claims:rule:{problem.rule}"} if rule is not None else problem.rule,
        "reviewBody": problem.message,
        "author": _BY,
        "itemReviewed": {
            "@type": "Claim",
            "text": subject.quote,
            "author": {"@type": "Organization", "name": source.name},
            "appearance": _work(source),
        },
        "reviewRating": {
            "@type": "Rating",
            "ratingValue": _RATING[problem.severity],
            "worstRating": _WORST,
            "bestRating": _BEST,
            "alternateName": rule.name if rule is not None else problem.rule,
            "ratingExplanation": rule.why if rule is not None else problem.message,
        },
    }
    if subject.link is not None:
        review["url"] = subject.link
    citations = [_work(report.sources[passage.source]) | {"text": passage.quote} for passage in evidence_of(problem)]
    if citations:
        review["citation"] = citations
    return review


def _work(source: Source) -> dict[str, Any]:
    work: dict[str, Any] = {"@type": "CreativeWork", "publisher": {"@type": "Organization", "name": source.name}}
    for key, value in (("url", source.url), ("headline", source.title), ("datePublished", source.published)):
        if value is not None:
            work[key] = value
    return work


FORMAT = Format("claimreview", "claimreview.jsonld", "schema.org ClaimReview, JSON-LD", render)
