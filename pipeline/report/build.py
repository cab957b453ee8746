"""Makes the report model of the results in a folder."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from pipeline.decisions.standing import Decisions
from pipeline.errors import UsageError
from pipeline.history.changes import GRAVITY, RunDiff
from pipeline.model import Finding, Flag, Place, Slot, Stated
from pipeline.report.links import safe_url
from pipeline.report.model import (
    Figure,
    Group,
    Passage,
    Problem,
    Remark,
    Report,
    Result,
    RuleHelp,
    Ruling,
    Source,
    State,
    Unread,
)
from pipeline.report.passages import Marks, Span, passage
from pipeline.report.reading import read_shown
from pipeline.report.since import since_of, states_of
from pipeline.report.words import source_name
from pipeline.rules.ruleset import Ruleset

_FAMILIES = ("disagreement", "overstatement", "integrity")
_STATES: Mapping[State | None, int] = {"new": 0, "back": 0, "open": 1, None: 1, "resolved": 2}
_LONGEST_TOPIC = 40
"""Characters of the words of a treatment that stand for a topic where no topic file names one."""


def build_report(
    folder: Path,
    rules: Ruleset,
    *,
    diff: RunDiff | None = None,
    decisions: Decisions | None = None,
    today: datetime.date | None = None,
    warnings: Sequence[str] = (),
) -> Report:
    """The report on the results in ``folder``; ``rules`` say what each rule is for.

    With ``diff``, what is new against an earlier run comes first; with ``decisions``, what reviewers put away as of ``today`` is kept
    apart. Raises UsageError, with file and line, where results are missing or damaged, or ``decisions`` are given without a day.
    """
    if decisions is not None and today is None:
        raise UsageError("decisions hold as of a day; name it with --today")
    return _Building(folder, rules, diff, decisions, today).report(warnings)


class _Building:
    def __init__(
        self,
        folder: Path,
        rules: Ruleset,
        diff: RunDiff | None,
        decisions: Decisions | None,
        today: datetime.date | None,
    ) -> None:
        self.rules = rules
        self.diff = diff
        self.decisions = decisions
        self.today = today
        changed = (change.article_id for change in (diff.claims if diff is not None else ()))
        self.shown = read_shown(folder, frozenset(changed))
        self.articles, self.claims = self.shown.articles, self.shown.claims
        self.marks = Marks(self.claims, self.shown.statements)
        self.topics_of_id = _topics_of_ids(rules)
        self.sources: dict[str, int] = {}
        self.subjects: Counter[str] = Counter()
        self.changed = {change.flag_id for change in diff.flags if change.changed} if diff is not None else set()

    def report(self, warnings: Sequence[str]) -> Report:
        states = states_of(self.diff)
        problems = [self._problem(flag, states.get(flag.flag_id)) for flag in self.shown.flags]
        if self.diff is not None:
            known = {flag.flag_id for flag in self.shown.flags}
            gone = (c.flag for c in self.diff.flags if c.status == "resolved" and c.flag.flag_id not in known)
            problems += [self._problem(flag, "resolved") for flag in gone]
        results = [self._result(finding) for finding in self.shown.findings]
        raised = Counter(problem.rule for problem in problems if problem.state != "resolved")
        counts = self.shown.counts
        return Report(
            version=version("claims-pipeline"),
            rules_digest=self.rules.digest,
            today=self.today.isoformat()
            if self.today is not None and self.decisions and self.decisions.entries
            else None,
            articles=counts["articles"],
            claims=counts["claims"],
            findings=counts["findings"],
            several=counts["several"],
            statuses=self.shown.statuses,
            sources=tuple(self._source_records()),
            topics=tuple(sorted({t for p in problems for t in p.topics} | {t for r in results for t in r.topics})),
            rules=rule_helps(self.rules, raised),
            problems=tuple(sorted(problems, key=_order)),
            results=tuple(results),
            since=since_of(self.diff, self.articles) if self.diff is not None else None,
            warnings=tuple(warnings),
            unread=tuple(Unread(path=error.path, reason=error.reason) for error in self.shown.errors),
        )

    def _problem(self, flag: Flag, state: State | None) -> Problem:
        passages = tuple(self._passages(flag))
        if state != "resolved":
            self.subjects.update({place.article_id for place in flag.places if place.role == "subject"})
        return Problem(
            flag_id=flag.flag_id,
            values_hash=flag.values_hash,
            rule=flag.rule,
            family=flag.family,
            severity=flag.severity,
            message=flag.message,
            finding_id=flag.finding_id,
            topics=self._topics(flag.claim_ids),
            passages=passages,
            details=flag.details,
            state=state,
            changed=flag.flag_id in self.changed,
            ruling=self._ruling(flag),
            comments=tuple(
                Remark(who=said.who, reason=said.reason, at=said.at.isoformat())
                for said in (self.decisions.comments(flag.flag_id) if self.decisions is not None else ())
            ),
        )

    def _passages(self, flag: Flag) -> Iterator[Passage]:
        """The places of ``flag``; one within another is no passage of its own, but marked in that."""
        for index, place in enumerate(flag.places):
            if any(_holds(other, place) for other in (*flag.places[:index], *flag.places[index + 1 :])):
                continue
            article = self.articles.get(place.article_id)
            source = self._source(place.article_id)
            if article is None or article.text[place.start : place.end] != place.quote:  # of an earlier run
                yield Passage(
                    source=source,
                    role=place.role,
                    start=place.start,
                    end=place.end,
                    before="",
                    quote=place.quote,
                    after="",
                    marks=(),
                    link=None,
                )
                continue
            inner = [Span(other.start, other.end, "figure") for other in flag.places if _holds(place, other)]
            spans = self.marks.within(place.article_id, place.start, place.end, flag.claim_ids, inner)
            yield passage(article, source, place.start, place.end, place.role, spans)

    def _ruling(self, flag: Flag) -> Ruling | None:
        if self.decisions is None or self.today is None:
            return None
        standing = self.decisions.standing(flag, self.today)
        if standing is None:
            return None
        return Ruling(
            verdict=standing.verdict,
            who=standing.who,
            reason=standing.reason,
            until=standing.until.isoformat() if standing.until is not None else None,
            at=standing.at.isoformat(),
        )

    def _result(self, finding: Finding) -> Result:
        tellings = []
        seen: set[tuple[str, int, int]] = set()
        for claim_id in finding.claim_ids:
            claim = self.claims[claim_id]
            key = (claim.article_id, claim.start, claim.end)
            if key not in seen:
                seen.add(key)
                spans = self.marks.within(claim.article_id, claim.start, claim.end, finding.claim_ids)
                article = self.articles[claim.article_id]
                source = self._source(claim.article_id)
                tellings.append(passage(article, source, claim.start, claim.end, "evidence", spans))
        return Result(
            finding_id=finding.finding_id,
            label=finding.label,
            status=finding.status,
            articles=finding.articles,
            witnesses=finding.witnesses,
            topics=self._topics(finding.claim_ids),
            groups=tuple(
                Group(
                    role=group.role,
                    name=group.group or _plain(group.group_id),
                    figures=tuple(self._figure(stated, group.reference) for stated in group.stated),
                )
                for group in finding.values
            ),
            tellings=tuple(tellings),
        )

    def _figure(self, stated: Stated, reference: Stated | None) -> Figure:
        return Figure(
            source=self._source(stated.article_id),
            claim_id=stated.claim_id,
            text=stated.text,
            value=stated.value,
            low=stated.low,
            high=stated.high,
            unit=stated.unit,
            qualifier=stated.qualifier,
            reference=stated == reference,
        )

    def _topics(self, claim_ids: Iterable[str]) -> tuple[str, ...]:
        """The topics whose terms the claims name; without any, the treatment or condition of the first claim that names one."""
        found: set[str] = set()
        words: list[str] = []
        for claim_id in claim_ids:
            claim = self.claims.get(claim_id)
            if claim is None:
                continue
            for slot in (claim.intervention, claim.condition, claim.comparator):
                if slot is not None and slot.id is not None:
                    found |= self.topics_of_id.get(slot.id, set())
            words += [word for slot in (claim.intervention, claim.condition) if (word := _word(slot)) is not None]
        return tuple(sorted(found)) or tuple(words[:1])

    def _source(self, article_id: str) -> int:
        """The place of this article among the sources of the report."""
        return self.sources.setdefault(article_id, len(self.sources))

    def _source_records(self) -> Iterator[Source]:
        for article_id in self.sources:
            article = self.articles.get(article_id)
            if article is None:
                url = safe_url(article_id)
                name = article_id
                yield Source(
                    article_id=article_id,
                    name=name,
                    title=None,
                    kind="other",
                    published=None,
                    url=url,
                    path="",
                    problems=0,
                )
            else:
                yield Source(
                    article_id=article_id,
                    name=source_name(article),
                    title=article.title,
                    kind=article.kind,
                    published=article.published,
                    url=safe_url(article.url),
                    path=article.path,
                    problems=self.subjects[article_id],
                )


def _holds(outer: Place, inner: Place) -> bool:
    """Whether ``inner`` is a part of ``outer``, and not the whole."""
    return (
        outer.article_id == inner.article_id
        and outer.start <= inner.start
        and inner.end <= outer.end
        and outer.end - outer.start > inner.end - inner.start
    )


def rule_helps(rules: Ruleset, raised: Mapping[str, int] | None = None) -> tuple[RuleHelp, ...]:
    """All rules that can raise a problem, by family, with how many each has raised."""
    found = [
        RuleHelp(
            rule=rule["id"],
            name=name_of(rule["id"]),
            why=" ".join(rule["why"].split()),
            help=" ".join(rule.get("help", "").split()),
            family=rule["family"],
            severity=rule["severity"],
            message=rule["message"],
            problems=(raised or {}).get(rule["id"], 0),
        )
        for rule in rules.stage("check")
        if "check" in rule
    ]
    return tuple(sorted(found, key=lambda help_: (_FAMILIES.index(help_.family), help_.rule)))


def name_of(rule: str) -> str:
    """The id of a rule as a person reads it: ``Value mismatch``."""
    return rule.replace("-", " ").capitalize()


def _order(problem: Problem) -> tuple[object, ...]:
    """What a reviewer should see first: what is new, what nobody has put away, what is grave."""
    hidden = problem.ruling is not None and problem.ruling.hides
    return (
        problem.state == "resolved",
        hidden,
        _STATES[problem.state],
        -GRAVITY[problem.severity],
        _FAMILIES.index(problem.family),
        problem.rule,
        problem.finding_id or "",
        problem.message,
        problem.flag_id,
    )


def _topics_of_ids(rules: Ruleset) -> dict[str, set[str]]:
    """The topics that know a treatment or condition, by its canonical id."""
    found: dict[str, set[str]] = defaultdict(set)
    for topic in rules.topics:
        for term in topic["terms"]:
            if term["type"] in ("intervention", "condition"):
                found[term["id"]].add(str(topic["topic"]))
    return found


def _word(slot: Slot | None) -> str | None:
    if slot is None:
        return None
    word = _plain(slot.id) or " ".join(slot.text.lower().split())
    return word if word and len(word) <= _LONGEST_TOPIC else None


def _plain(name: str | None) -> str | None:
    return name.replace("_", " ") if name else None
