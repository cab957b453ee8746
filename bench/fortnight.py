"""Fourteen nights of a refresh over a site that changes: is each night told what really changed, and nothing more?

``python -m bench.fortnight`` plays the script of ``bench/site.py`` once with pages that lie in a folder and once with pages that are
fetched, and prints the share of nights that were told right, and which were not. With ``--kills N`` it also kills N runs.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from bench.common import ROOT
from bench.site import SCRIPT, Night, first_night, write_site
from bench.site_server import SiteServer, serving
from pipeline.decisions.log import append_decision
from pipeline.decisions.model import make_decision
from pipeline.history.changes import ArticleChange, RunDiff
from pipeline.refresh.decided import Decided
from pipeline.refresh.fetching import fetch_step
from pipeline.refresh.refresh import Refreshed, RefreshSettings, Report, Steps, refresh
from pipeline.report.write import write_reports
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset
from pipeline.run.work import Settings

_BEGIN = datetime(2026, 3, 1, 2, 15, tzinfo=UTC)
_DAY = timedelta(days=1)


def told(diff: RunDiff) -> list[str]:
    """What a run tells, one line a change, sorted. What moved or was renamed is no change, findings follow from their claims."""
    lines = [f"article {change.kind}: {_page(change.article_id)}" for change in diff.articles if _matters(change)]
    whole = {change.article_id for change in diff.articles if change.kind in ("gone", "failed", "new", "back")}
    for claim in diff.claims:
        page = _page(claim.article_id)
        if claim.kind == "changed":
            figures = (f"{f.old.text if f.old else '-'} -> {f.new.text if f.new else '-'}" for f in claim.figures)
            lines.append(f"figure: {page}: {', '.join(figures)}")
        elif claim.kind != "moved" and claim.article_id not in whole:
            lines.append(f"claim {claim.kind}: {page}")
    for flag in diff.flags:
        if flag.status in ("new", "back", "resolved"):
            lines.append(f"flag {flag.status}: {flag.flag.rule}: {_page(flag.flag.places[0].article_id)}")
    return sorted(lines)


def _matters(change: ArticleChange) -> bool:
    return change.kind not in ("changed", "renamed")


def _page(article_id: str) -> str:
    """The name of the file that an article is in, whether it lay in a folder or was fetched."""
    return article_id.rpartition("/")[2]


class Fortnight:
    """The nights, in a folder of their own; with ``server``, the pages are fetched from it."""

    def __init__(self, folder: Path, server: SiteServer | None = None) -> None:
        self.raw, self.out, self.decisions = folder / "raw", folder / "out", folder / "decisions.jsonl"
        self._pages = first_night()
        self._server = server
        self._rules = load_rules(ROOT / "rules")

    def nights(self, count: int | None = None) -> Iterator[tuple[Night, Refreshed]]:
        """Each night with what came of it."""
        for number, night in enumerate(SCRIPT[:count]):
            self.prepare(number)
            done = self.run(number)
            yield night, done
            if night.dismiss is not None:
                self._dismiss(done, *night.dismiss, moment(number))

    def prepare(self, number: int) -> None:
        """Lets happen what happens before this night's run."""
        SCRIPT[number].edit(self._pages)
        if self._server is None:
            write_site(self._pages, self.raw)
        else:
            self._server.pages = self._pages
            self.raw.mkdir(exist_ok=True)
            (self.raw / "sources.yaml").write_text(self._server.sources(), "utf-8")

    def run(self, number: int) -> Refreshed:
        """This night's run."""
        now = moment(number)
        return refresh(
            RefreshSettings(extract=Settings(raw=self.raw, out=self.out, workers=0)),
            self._rules,
            Steps(
                fetch=fetch_step(self.raw, self._rules, now),
                report=report_step(self._rules),
                decided=Decided(self.decisions, now.date()),
                now=partial(moment, number),
            ),
        )

    def _dismiss(self, done: Refreshed, rule: str, page: str, now: datetime) -> None:
        for flag in done.flags:
            if flag.rule == rule and _page(flag.places[0].article_id) == page:
                decision = make_decision(
                    flag_id=flag.flag_id,
                    verdict="dismiss",
                    values_hash=flag.values_hash,
                    at=now,
                    reason="known",
                    who="an editor",
                )
                append_decision(self.decisions, decision)


def report_step(rules: Ruleset) -> Report:
    """Writes the reports of a refresh."""

    def write(results: Path, target: Path, diff: RunDiff | None, warnings: Sequence[str]) -> tuple[Path, ...]:
        return write_reports(results, target, diff=diff, rules=rules, warnings=warnings)[1]

    return write


def moment(number: int) -> datetime:
    """When this night's run begins."""
    return _BEGIN + number * _DAY


def wrong_nights(folder: Path, count: int | None = None, server: SiteServer | None = None) -> list[str]:
    """One line for each night that was told something else than the script says."""
    wrong = []
    for night, done in Fortnight(folder, server).nights(count):
        found = told(done.diff) if done.diff is not None else []
        expected = sorted(night.told if server is None or night.fetched is None else night.fetched)
        if found != expected:
            missing, more = sorted(set(expected) - set(found)), sorted(set(found) - set(expected))
            wrong.append(f"{night.what}: not told: {missing or 'nothing'}; told beside: {more or 'nothing'}")
        elif len(done.run.suppressed) != night.hidden:
            wrong.append(f"{night.what}: {len(done.run.suppressed)} flags are put away, not {night.hidden}")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.fortnight", description=__doc__)
    parser.add_argument("--kills", type=int, default=0, metavar="N", help="also kill N runs (bench/kills.py)")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    lines: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "folder").mkdir()
        in_folder = wrong_nights(Path(name) / "folder")
        (Path(name) / "fetched").mkdir()
        with serving() as server:
            fetched = wrong_nights(Path(name) / "fetched", server=server)
    lines += [f"in a folder: {line}" for line in in_folder] + [f"fetched: {line}" for line in fetched]
    figures = {"folder": _share(in_folder), "fetched": _share(fetched)}
    if options.kills:
        from bench.kills import wrong_kills

        with tempfile.TemporaryDirectory() as name:
            killed = wrong_kills(Path(name), options.kills)
        lines += killed
        figures["kills"] = 1 - len({line.split(":")[0] for line in killed}) / options.kills
    for line in lines:
        print(line, file=sys.stderr)
    if options.json:
        print(json.dumps(figures))
        return 0
    for figure, share in figures.items():
        print(f"{figure}: {share:.3f}")
    return 1 if lines else 0


def _share(wrong: list[str]) -> float:
    return 1 - len(wrong) / len(SCRIPT)


if __name__ == "__main__":
    sys.exit(main())
