"""Atom (RFC 4287): the problems to review as a feed.

Nothing in it depends on when it was made: an entry is as old as the page that it is about, and the feed as its newest entry. Readers know
a new entry by its id, which is made of the flag and its figures, so that another figure is another entry.
"""

from __future__ import annotations

import re
import uuid
import xml.etree.ElementTree as ET

from markupsafe import Markup, escape

from pipeline.report.base import Format
from pipeline.report.model import Problem, Report, RuleHelp
from pipeline.report.parts import subject_of
from pipeline.report.words import clipped, visible

_ATOM = "http://www.w3.org/2005/Atom"
_NAMES = uuid.UUID("0d0c7b1e-6a0f-5d44-9f52-2f1b6f1a7c90")
"""Namespace of the UUIDs (version 5) of the feed and its entries."""
_MOST = 500
"""Entries; feed readers choke on more."""
_OLDEST = "1970-01-01"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_TITLE = 120


def render(report: Report) -> bytes:
    """The feed. The rules are its categories."""
    ET.register_namespace("", _ATOM)
    names = {rule.rule: rule for rule in report.rules}
    shown = report.waiting()[:_MOST]
    feed = ET.Element(f"{{{_ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "en"})
    _add(feed, "title", "Evidence report")
    _add(feed, "subtitle", f"{len(report.waiting())} problems to review in {report.articles} articles")
    _add(feed, "id", uuid.uuid5(_NAMES, "feed").urn)
    _add(feed, "updated", _time(max((_day(problem, report) for problem in shown), default=_OLDEST)))
    _add(_add(feed, "author"), "name", "claims")
    _add(feed, "generator", "claims", version=report.version)
    for rule in report.rules:
        _add(feed, "category", term=rule.rule, label=f"{rule.name}: {rule.why}")
    for problem in shown:
        _entry(feed, problem, report, names)
    ET.indent(feed, " ")
    text: str = ET.tostring(feed, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _entry(feed: ET.Element, problem: Problem, report: Report, names: dict[str, RuleHelp]) -> None:
    rule = names.get(problem.rule)
    entry = _add(feed, "entry")
    name = rule.name if rule is not None else problem.rule
    _add(entry, "title", clipped(f"{problem.severity}: {name}: {problem.message}", _TITLE))
    _add(entry, "id", uuid.uuid5(_NAMES, f"{problem.flag_id} {problem.values_hash}").urn)
    _add(entry, "updated", _time(_day(problem, report)))
    _add(entry, "category", term=problem.rule, label=name)
    _add(entry, "category", term=problem.severity)
    subject = subject_of(problem)
    if subject is not None and subject.link is not None:
        _add(entry, "link", rel="alternate", href=subject.link)
    else:
        _add(entry, "link", rel="alternate", href=uuid.uuid5(_NAMES, problem.flag_id).urn)
    _add(entry, "summary", visible(problem.message))
    _add(entry, "content", _content(problem, report, rule), type="html")


def _content(problem: Problem, report: Report, rule: RuleHelp | None) -> str:
    parts = [Markup("<p>{}</p>").format(visible(problem.message))]
    for passage in problem.passages[:4]:
        source = report.sources[passage.source]
        name: Markup = escape(visible(source.name))
        if passage.link is not None:
            name = Markup('<a href="{}">{}</a>').format(passage.link, name)
        parts.append(
            Markup("<p>{} ({}):</p><blockquote>{}</blockquote>").format(name, source.kind, visible(passage.quote))
        )
    if rule is not None:
        parts.append(Markup("<p><i>{}</i></p>").format(f"{rule.why} {rule.help}".strip()))
    return str(Markup("").join(parts))


def _day(problem: Problem, report: Report) -> str:
    """The day that the page is of, ``YYYY-MM-DD``; where that is not known, a day long ago."""
    subject = subject_of(problem)
    published = report.sources[subject.source].published if subject is not None else None
    return published if published is not None and _DAY.fullmatch(published) else _OLDEST


def _time(day: str) -> str:
    return f"{day}T00:00:00Z"


def _add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, f"{{{_ATOM}}}{tag}", {name: visible(value) for name, value in attributes.items()})
    element.text = visible(text) if text is not None else None
    return element


FORMAT = Format("atom", "report.atom", "a feed of the problems to review", render)
