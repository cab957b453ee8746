"""HTML: one page that needs nothing else, for reading and for review.

All that comes from pages is untrusted. It stands in the page as JSON in which no character can end the script, is set as text by the
program, and is escaped by the template where there is no JavaScript. The policy of the page lets run only the one program and style
whose digests it names, and lets nothing be fetched.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
from markupsafe import Markup

from pipeline.report.base import Format
from pipeline.report.model import Report
from pipeline.report.packed import packed
from pipeline.report.words import clipped, counted, visible

_PROGRAM = ("base", "plot", "card", "list", "review", "main")
"""The parts of the page's program, in their order."""
_MOST = 20_000
"""Problems on the page; of more, what matters most is shown."""
_PLAIN = 60
"""So many problems are in the page itself, for browsers without JavaScript."""
_MOST_SOURCES = 300
_INERT = ((b"<", b"\\u003c"), (b">", b"\\u003e"), (b"&", b"\\u0026"))


def render(report: Report) -> bytes:
    """The page as a file."""
    return render_html(report).encode("utf-8", "backslashreplace")


def render_html(report: Report, review: dict[str, Any] | None = None, nonce: str | None = None) -> str:
    """The page. ``review`` (``api``, ``token``, ``who``) makes it one where reviewers decide, for the server that shows it; with
    ``nonce`` the page's policy names that instead of digests, as the server's own does."""
    style, program = _asset("page.css"), _program()
    waiting = report.waiting()
    left_out = max(0, len(report.problems) - _MOST)
    if left_out:
        report = msgspec.structs.replace(report, problems=report.problems[:_MOST])
    ranked = sorted(enumerate(report.sources), key=lambda item: (-item[1].problems, item[0]))
    text: str = (
        _environment()
        .get_template("page.html.jinja")
        .render(
            report=report,
            waiting=waiting,
            statuses=[(name, count) for name, count in report.statuses.items() if name != "single"],
            names={rule.rule: rule.name for rule in report.rules} | _unnamed(report),
            sources=[source for _, source in ranked[:_MOST_SOURCES]],
            top=_PLAIN,
            left_out=left_out,
            policy=_policy(style, program, nonce, review is not None),
            nonce=nonce,
            style=Markup(style),
            program=Markup(program),
            data=Markup(inert(packed(report))),
            review=Markup(inert(msgspec.json.encode(review))) if review is not None else None,
        )
    )
    return text


def inert(data: bytes) -> str:
    """JSON that may stand in a script element: nothing in it can end one or open a comment, and no reader finds a line end in it."""
    for character, escaped in _INERT:
        data = data.replace(character, escaped)
    return data.decode().replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _policy(style: str, program: str, nonce: str | None, review: bool) -> str:
    def allowed(text: str) -> str:
        if nonce is not None:
            return f"'nonce-{nonce}'"
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    return (
        f"default-src 'none'; script-src {allowed(program)}; style-src {allowed(style)}; img-src data:; "
        f"connect-src {chr(39)}{'self' if review else 'none'}{chr(39)}; base-uri 'none'; form-action 'none'"
    )


def _unnamed(report: Report) -> dict[str, str]:
    """Names of rules that raised a problem and are no longer among the rules."""
    known = {rule.rule for rule in report.rules}
    return {problem.rule: problem.rule for problem in report.problems if problem.rule not in known}


@cache
def _asset(name: str) -> str:
    return files("pipeline.report").joinpath("page", name).read_text("utf-8")


@cache
def _program() -> str:
    """The page's program: its parts in one scope of their own."""
    head = (
        'const PACKED = JSON.parse(document.getElementById("report").textContent);\n'
        'const REVIEW = document.getElementById("review") ? JSON.parse(document.getElementById("review").textContent) : null;\n'
    )
    body = "\n".join(_asset(f"{part}.js") for part in _PROGRAM)
    return f'"use strict";\n(() => {{\n{head}{body}}})();\n'


@cache
def _environment() -> Any:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_asset),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["vis"] = visible
    environment.filters["number"] = lambda number: f"{number:,}"
    environment.filters["counted"] = counted
    environment.filters["clip"] = clipped
    return environment


FORMAT = Format("html", "report.html", "one page to read, search and print, offline", render)
