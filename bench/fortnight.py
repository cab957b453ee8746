"""Fourteen nights of ``claims refresh`` over a site that changes: is each night told what really changed, and nothing more?

``python -m bench.fortnight`` prints the nights that went wrong; with ``--kills N`` it also kills N runs at random moments and
compares what the next run makes with a run that nobody disturbed. The script of the nights stands in ``bench/site.py``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from bench.site import SCRIPT, Night, first_night, write_site
from pipeline.decisions.log import append_decision
from pipeline.decisions.model import make_decision
from pipeline.history.changes import ArticleChange, RunDiff
from pipeline.refresh.decided import Decided
from pipeline.refresh.refresh import Refreshed, RefreshSettings, Steps, refresh
from pipeline.rules.loader import load_rules

ROOT = Path(__file__).resolve().parent.parent
_BEGIN = datetime(2026, 3, 1, 2, 15, tzinfo=UTC)
_DAY = timedelta(days=1)


def told(diff: RunDiff) -> list[str]:
    """What a run tells, one line a change, sorted. What moved or was renamed is no change, findings follow from their claims."""
    lines = [f"article {change.kind}: {change.article_id}" for change in diff.articles if _matters(change)]
    gone = {change.article_id for change in diff.articles if change.kind in ("gone", "failed", "new", "back")}
    for claim in diff.claims:
        if claim.kind == "changed":
            figures = ", ".join(
                f"{f.old.text if f.old else '-'} -> {f.new.text if f.new else '-'}" for f in claim.figures
            )
            lines.append(f"figure: {claim.article_id}: {figures}")
        elif claim.kind != "moved" and claim.article_id not in gone:
            lines.append(f"claim {claim.kind}: {claim.article_id}")
    for flag in diff.flags:
        if flag.status in ("new", "back", "resolved"):
            lines.append(f"flag {flag.status}: {flag.flag.rule}: {flag.flag.places[0].article_id}")
    return sorted(lines)


def _matters(change: ArticleChange) -> bool:
    return change.kind not in ("changed", "renamed")


class Fortnight:
    """The nights, in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.raw, self.out, self.decisions = folder / "raw", folder / "out", folder / "decisions.jsonl"
        self._pages = first_night()
        self._rules = load_rules(ROOT / "rules")

    def nights(self, count: int | None = None) -> Iterator[tuple[Night, Refreshed]]:
        """Each night with what came of it."""
        for number, night in enumerate(SCRIPT[:count]):
            night.edit(self._pages)
            write_site(self._pages, self.raw)
            now = _BEGIN + number * _DAY
            done = refresh(
                RefreshSettings(raw=self.raw, out=self.out, workers=0),
                self._rules,
                Steps(decided=Decided(self.decisions, now.date()), now=partial(_same, now)),
            )
            yield night, done
            if night.dismiss is not None:
                self._dismiss(done, *night.dismiss, now)

    def _dismiss(self, done: Refreshed, rule: str, page: str, now: datetime) -> None:
        for flag in done.new.flags:
            if flag.rule == rule and flag.places[0].article_id == page:
                decision = make_decision(
                    flag_id=flag.flag_id,
                    verdict="dismiss",
                    values_hash=flag.values_hash,
                    at=now,
                    reason="known",
                    who="an editor",
                )
                append_decision(self.decisions, decision)


def _same(now: datetime) -> datetime:
    return now


def wrong_nights(folder: Path, count: int | None = None) -> list[str]:
    """One line for each night that was told something else than the script says."""
    wrong = []
    for night, done in Fortnight(folder).nights(count):
        found = told(done.diff) if done.diff is not None else []
        if found != sorted(night.told):
            missing, more = sorted(set(night.told) - set(found)), sorted(set(found) - set(night.told))
            wrong.append(f"{night.what}: not told: {missing or 'nothing'}; told beside: {more or 'nothing'}")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.fortnight", description=__doc__)
    parser.add_argument("--show", action="store_true", help="print what every night is told")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        if options.show:
            for night, done in Fortnight(Path(name)).nights():
                print(f"\n# {night.what}")
                print("\n".join(told(done.diff) if done.diff is not None else ["(nothing to compare with)"]))
                for change in done.diff.flags if done.diff is not None else ():
                    if change.status in ("suppressed", "open"):
                        print(
                            f"   {change.status}: {change.flag.rule}: {change.flag.places[0].article_id} {change.changed}"
                        )
            return 0
        wrong = wrong_nights(Path(name))
    print("\n".join(wrong) or f"{len(SCRIPT)} nights: each was told what changed, and nothing more")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
