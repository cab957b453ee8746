"""From the records of a run to findings and flags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pipeline.claims.ids import digest, figures, masked
from pipeline.model import Article, Claim, Finding, Flag, Place, PlaceRole, Statement
from pipeline.reconcile.checks import CHECKS
from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.drafts import Draft, Spot, fill
from pipeline.reconcile.corpus import Corpus, Told, whole_corpus
from pipeline.reconcile.findings import results_of
from pipeline.reconcile.likeness import Judge
from pipeline.reconcile.matching import Matcher
from pipeline.reconcile.statements import StatementMatcher
from pipeline.reconcile.story_groups import StoryGroups
from pipeline.reconcile.story_statements import StoryStatements
from pipeline.reconcile.witnesses import with_witnesses
from pipeline.rules.ruleset import Ruleset


class Reconciled(NamedTuple):
    """What reconciling gives, both sorted by id."""

    findings: tuple[Finding, ...]
    flags: tuple[Flag, ...]


def reconcile(
    articles: Sequence[Article],
    claims: Mapping[str, Sequence[Claim]],
    statements: Mapping[str, Sequence[Statement]],
    rules: Ruleset,
) -> Reconciled:
    """The findings and flags of the articles of one run; ``claims`` and ``statements`` by article id, in text order."""
    done = reconcile_corpus(whole_corpus(articles, claims, statements, rules), rules)
    return Reconciled(done.findings, done.flags)


class Compared(NamedTuple):
    """What comparing a part of a run gives."""

    findings: tuple[Finding, ...]
    """Sorted by id. Other parts may have findings of the same ids."""
    bases: tuple[str, ...]
    """What the id of each is made of, see :func:`pipeline.reconcile.findings.finding_id`."""
    flags: tuple[Flag, ...]


class Grouped(NamedTuple):
    """The claims of a corpus, put together as far as claims alone tell."""

    judge: Judge
    joiner: StoryGroups
    """Joins ``groups`` that articles of one story tell."""
    groups: list[list[Told]]


def grouped(corpus: Corpus) -> Grouped:
    """The groups of a corpus before they are held against each other as wholes."""
    matcher = Matcher(corpus)
    groups = StatementMatcher(corpus, matcher.judge).joined(matcher.groups())
    story = StoryStatements(corpus, matcher.judge)
    groups = story.joined(groups)
    return Grouped(matcher.judge, StoryGroups(corpus, matcher.judge, story), groups)


def reconcile_corpus(corpus: Corpus, rules: Ruleset) -> Compared:
    """The findings of a corpus and the flags of its own articles, not of those that are there as context."""
    judge, joiner, groups = grouped(corpus)
    based = results_of(corpus, joiner.joined(groups))
    results = [result for _, result in based]
    flags = flags_of(Case(corpus, results, judge), rules)
    return Compared(
        tuple(with_witnesses(results, corpus.sources, flags, rules)), tuple(base for base, _ in based), tuple(flags)
    )


def flags_of(case: Case, rules: Ruleset) -> list[Flag]:
    """What the checks find, each problem once, sorted by id: what a rule says of a sentence counts once, of however many of its claims it
    is said. Where two rules speak of the same figures, the graver one counts."""
    found: dict[str, Flag] = {}
    raised: set[tuple[str, tuple[Any, ...]]] = set()
    """Which rule has spoken of which pair of passage and source."""
    said: set[tuple[Any, ...]] = set()
    for rule in sorted(rules.stage("check"), key=lambda rule: (-int(rule.get("priority", 100)), rule["id"])):
        function = CHECKS.get(rule.get("check", ""))
        if function is None:
            continue
        yields_to = set(rule.get("params", {}).get("yields_to", ()))
        for draft in function(case, rule.get("params", {})):
            if draft.subject[0].source in case.corpus.context:
                continue
            flag = _flag(case, rule, draft)
            key = _pair(draft)
            message = flag.rule, draft.subject[0][:3], flag.message
            if flag.flag_id in found or message in said or any((other, key) in raised for other in yields_to):
                continue
            said.add(message)
            found[flag.flag_id] = flag
            raised.add((flag.rule, key))
    return sorted(found.values(), key=lambda flag: flag.flag_id)


def _pair(draft: Draft) -> tuple[Any, ...]:
    """What a flag is about: the passage, and the source that shows it."""
    return draft.subject[0][:3], draft.evidence[0].source if draft.evidence else None


def _flag(case: Case, rule: Mapping[str, Any], draft: Draft) -> Flag:
    claims = [spot.claim_id for spot in (*draft.subject, *draft.evidence) if spot.claim_id is not None]
    return Flag(
        flag_id=digest("flag", rule["id"], *(_name(case, spot) for spot in (draft.subject[0], *draft.evidence[:1]))),
        family=rule["family"],
        rule=rule["id"],
        severity=rule["severity"],
        finding_id=draft.result.record.finding_id if draft.result is not None else None,
        claim_ids=tuple(dict.fromkeys(claims)),
        places=tuple(_places(case, draft)),
        message=fill(rule["message"], draft.words),
        details=dict(draft.details),
        values_hash=_values_hash(case, draft),
    )


def _values_hash(case: Case, draft: Draft) -> str:
    """Of the figures printed in the passages that a flag is about, and in the one that shows it: what its id leaves out.

    The other evidence takes no part, since who else says so comes and goes with other articles; nor do reference marks, which are
    renumbered when a list grows. It is taken from the text, so that no rule changes it.
    """
    parts = [repr(float(number)) for number in draft.figures]
    for spot in (*draft.subject, *draft.evidence[:1]):
        parts += ["", *figures(_without_marks(case, spot))]
    return digest("figures", *parts)


def _without_marks(case: Case, spot: Spot) -> str:
    """A passage without its reference marks."""
    article = case.source(spot).article
    kept, at = [], spot.start
    for mark in article.citations:
        if spot.start <= mark.start and mark.end <= spot.end:
            kept.append(article.text[at : mark.start])
            at = max(at, mark.end)
    return " ".join([*kept, article.text[at : spot.end]])


def _name(case: Case, spot: Spot) -> str:
    """A passage by its article and words, whatever its figures and place; a reference mark, which is a figure alone, by itself."""
    if spot.claim_id is not None:
        return spot.claim_id
    quote = case.quote(spot)
    words = masked(quote)
    return f"{case.source(spot).article.article_id}\0{quote if words in ('', '#') else words}"


def _places(case: Case, draft: Draft) -> Iterator[Place]:
    roles: tuple[tuple[PlaceRole, Sequence[Spot]], ...] = (("subject", draft.subject), ("evidence", draft.evidence))
    for role, spots in roles:
        for spot in spots:
            article = case.source(spot).article
            yield Place(
                article_id=article.article_id, start=spot.start, end=spot.end, quote=case.quote(spot), role=role
            )
