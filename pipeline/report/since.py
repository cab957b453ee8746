"""What a report says of the differences from an earlier run."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.history.changes import FlagStatus, RunDiff
from pipeline.model import Article
from pipeline.report.links import text_link
from pipeline.report.model import Move, Since, State
from pipeline.report.words import source_name

_STATES: Mapping[FlagStatus, State] = {"new": "new", "back": "back", "open": "open", "suppressed": "open"}


def states_of(diff: RunDiff | None) -> dict[str, State]:
    """Against the earlier run, where each flag of the new one stands; one that is suppressed is there as before."""
    if diff is None:
        return {}
    return {change.flag_id: _STATES[change.status] for change in diff.flags if change.status != "resolved"}


def since_of(diff: RunDiff, articles: Mapping[str, Article]) -> Since:
    """The differences as a reviewer reads them; what has only moved is left out."""
    moves = []
    for change in diff.claims:
        if change.kind == "moved" or (change.cause == "program" and change.kind != "changed"):
            continue
        article = articles.get(change.article_id)
        now = change.new.quote if change.new is not None else None
        moves.append(
            Move(
                kind=change.kind,
                source=source_name(article) if article else change.article_id,
                link=text_link(article.url, now) if article is not None and now is not None else None,
                old=change.old.quote if change.old is not None else None,
                new=now,
                figures=tuple(
                    (figure.old.text if figure.old else None, figure.new.text if figure.new else None)
                    for figure in change.figures
                ),
            )
        )
    findings = []
    for found in diff.findings:
        was = f" ({found.old_status} before, {found.new_status} now)" if found.kind == "status" else ""
        findings.append(f"{found.kind}: {found.label}{was}")
    return Since(old=diff.old, made=diff.made, counts=diff.counts(), moves=tuple(moves), findings=tuple(findings))
