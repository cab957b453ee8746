"""What changed from one run to the next: articles, claims, findings, flags. Pure: the same two runs give the same records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from pipeline.claims.ids import masked
from pipeline.history.changes import (
    ArticleChange,
    ArticleKind,
    Cause,
    ClaimChange,
    ClaimKind,
    Earlier,
    FigureChange,
    Made,
    RunDiff,
    Suppressed,
)
from pipeline.history.finding_changes import finding_changes
from pipeline.history.flag_changes import Known, flag_changes
from pipeline.history.pairing import Pair, article_of, moved, paired_articles, paired_claims
from pipeline.model import Article, Claim, Value
from pipeline.run.identity import words_of
from pipeline.run.results import WholeResults

_ARTICLES: tuple[ArticleKind, ...] = ("gone", "failed", "new", "back", "changed", "renamed")
_CLAIMS: tuple[ClaimKind, ...] = ("changed", "gone", "new", "back", "reworded", "moved")
"""The order in which changes are told."""
_SLOTS = (
    "kind", "measure", "intervention", "comparator", "condition", "outcome", "population", "timepoint", "sample_size",
    "direction", "strength", "certainty",
)  # fmt: skip


class Unchanged(NamedTuple):
    """What two runs have alike, line by line, and is not in their results here: ids of articles, and of all their claims."""

    articles: frozenset[str] = frozenset()
    claims: frozenset[str] = frozenset()


def diff_runs(
    old: WholeResults,
    new: WholeResults,
    suppressed: Suppressed = lambda _flag: False,
    earlier: Earlier = Earlier(),  # noqa: B008 - frozen
    names: tuple[str, str] = ("old", "new"),
    unchanged: Unchanged = Unchanged(),  # noqa: B008 - frozen
) -> RunDiff:
    """What is different in ``new``.

    ``suppressed`` tells which flags reviewers do not want to see; ``earlier`` what the runs before had, so that it is ``back`` and not
    new; ``names`` are what the runs are called; ``unchanged`` was left out of both.
    """
    made = _made_otherwise(old, new)
    pairs = paired_articles(old, new)
    claims = _Claims(old, new, pairs, earlier, made, unchanged.claims)
    reconciled = old.reconciled and new.reconciled
    findings = finding_changes(old.findings, new.findings, claims.now) if reconciled else []
    articles = pairs | {article_id: article_id for article_id in unchanged.articles}
    known = Known(articles, claims.now, frozenset(claims.pages), suppressed, earlier, made)
    flags = flag_changes(old.flags, new.flags, known) if reconciled else []
    return RunDiff(
        old=names[0],
        new=names[1],
        made=made,
        reconciled=reconciled,
        articles=tuple(_article_changes(old, new, pairs, earlier)),
        claims=tuple(claims.changes),
        findings=tuple(findings),
        flags=tuple(flags),
    )


def made_of(run: Mapping[str, object]) -> Made:
    """What ``run``, the content of a ``run.json``, says that the results were made with."""

    def text(record: Mapping[str, object], key: str) -> str | None:
        value = record.get(key)
        return value if isinstance(value, str) else None

    compared = run.get("reconcile")
    return Made(
        version=text(run, "version"),
        engine=text(run, "engine"),
        rules=text(run, "rules"),
        checks=text(compared, "rules") if isinstance(compared, dict) else None,
        model=run.get("model"),
    )


def _made_otherwise(old: WholeResults, new: WholeResults) -> tuple[str, ...]:
    one, other = made_of(old.run), made_of(new.run)
    return tuple(name for name in Made.__struct_fields__ if getattr(one, name) != getattr(other, name))


def _article_changes(
    old: WholeResults, new: WholeResults, pairs: Mapping[str, str], earlier: Earlier
) -> list[ArticleChange]:
    before, after = article_of(old), article_of(new)
    unread = {error.path: error.reason for error in new.errors}
    changes = []
    for old_id, article in before.items():
        new_id = pairs.get(old_id)
        if new_id is None:
            reason = unread.get(article.path)
            kind: ArticleKind = "gone" if reason is None else "failed"
            changes.append(_article_change(kind, article, old_id, article.path, old, reason))
            continue
        now = after[new_id]
        if now.text != article.text and words_of(now.text) != words_of(article.text):
            changes.append(_article_change("changed", now, old_id, article.path, new))
        elif now.path != article.path or new_id != old_id:
            changes.append(_article_change("renamed", now, old_id, article.path, new))
    known = set(pairs.values())
    for new_id, article in after.items():
        if new_id not in known:
            kind = "back" if new_id in earlier.articles else "new"
            changes.append(_article_change(kind, article, None, None, new))
    return sorted(changes, key=lambda change: (_ARTICLES.index(change.kind), change.article_id))


def _article_change(
    kind: ArticleKind,
    article: Article,
    old_id: str | None,
    old_path: str | None,
    results: WholeResults,
    reason: str | None = None,
) -> ArticleChange:
    return ArticleChange(
        kind=kind,
        article_id=article.article_id,
        old_id=old_id,
        path=article.path,
        old_path=old_path,
        url=article.url,
        title=article.title,
        publisher=article.publisher,
        claims=len(results.claims.get(article.article_id, ())),
        reason=reason,
    )


class _Claims:
    """The claims of two runs, paired."""

    def __init__(
        self,
        old: WholeResults,
        new: WholeResults,
        pairs: Mapping[str, str],
        earlier: Earlier,
        made: tuple[str, ...],
        unchanged: Set[str],
    ) -> None:
        self.now: dict[str, str] = {claim_id: claim_id for claim_id in unchanged}
        """The id in the new run of each claim of the old one that is still there."""
        self.pages: set[str] = set()
        """Articles, by their ids in either run, whose words are not what they were."""
        self._earlier = earlier
        before, after = article_of(old), article_of(new)
        changes: list[ClaimChange] = []
        for old_id, article in before.items():
            new_id = pairs.get(old_id)
            if new_id is None:
                self.pages.add(old_id)
                changes += [self._gone(claim, "page") for claim in old.claims.get(old_id, ())]
                continue
            reread = article.text == after[new_id].text
            if not reread:
                self.pages |= {old_id, new_id}
            cause: Cause = "program" if reread and made else "page"
            found = paired_claims(old.claims.get(old_id, ()), new.claims.get(new_id, ()))
            elsewhere = {pair.new.claim_id for pair in moved(found.both)} if not reread else set()
            for pair in found.both:
                self.now[pair.old.claim_id] = pair.new.claim_id
                changes += self._changed(pair, cause, pair.new.claim_id in elsewhere)
            changes += [self._gone(claim, cause) for claim in found.gone]
            changes += [self._new(claim, cause) for claim in found.new]
        known = set(pairs.values())
        for new_id in after:
            if new_id not in known:
                self.pages.add(new_id)
                changes += [self._new(claim, "page") for claim in new.claims.get(new_id, ())]
        self.changes = sorted(changes, key=_claim_order)

    def _changed(self, pair: Pair, cause: Cause, elsewhere: bool) -> Iterator[ClaimChange]:
        kind: ClaimKind
        if pair.old.values_hash != pair.new.values_hash:
            kind = "changed"
        elif not pair.same:
            kind = "reworded"
        elif elsewhere:
            kind = "moved"
        else:
            return
        yield ClaimChange(
            kind=kind,
            cause=cause,
            claim_id=pair.new.claim_id,
            old_claim_id=pair.old.claim_id,
            article_id=pair.new.article_id,
            old=pair.old,
            new=pair.new,
            figures=tuple(_figure_changes(pair.old.values, pair.new.values)) if kind == "changed" else (),
            slots=tuple(_slot_changes(pair.old, pair.new)) if kind in ("changed", "reworded") else (),
        )

    def _gone(self, claim: Claim, cause: Cause) -> ClaimChange:
        return ClaimChange(
            kind="gone",
            cause=cause,
            claim_id=claim.claim_id,
            old_claim_id=claim.claim_id,
            article_id=claim.article_id,
            old=claim,
            new=None,
        )

    def _new(self, claim: Claim, cause: Cause) -> ClaimChange:
        return ClaimChange(
            kind="back" if claim.claim_id in self._earlier.claims else "new",
            cause=cause,
            claim_id=claim.claim_id,
            old_claim_id=None,
            article_id=claim.article_id,
            old=None,
            new=claim,
        )


def _claim_order(change: ClaimChange) -> tuple[int, str, int, str]:
    claim = change.new or change.old
    return _CLAIMS.index(change.kind), change.article_id, 0 if claim is None else claim.start, change.claim_id


def _figure_changes(old: Sequence[Value], new: Sequence[Value]) -> Iterator[FigureChange]:
    keys_old, keys_new = ([(v.value, v.low, v.high, v.unit) for v in values] for values in (old, new))
    for operation in Levenshtein.editops(keys_old, keys_new):
        yield FigureChange(
            old=old[operation.src_pos] if operation.tag != "insert" else None,
            new=new[operation.dest_pos] if operation.tag != "delete" else None,
        )


def _slot_changes(old: Claim, new: Claim) -> Iterator[str]:
    for name in _SLOTS:
        one, other = (_bare(getattr(claim, name)) for claim in (old, new))
        if one != other:
            yield name


def _bare(slot: object) -> object:
    """What a field says: the canonical name, days or size where there is one, else the words."""
    for name in ("id", "days", "value"):
        known = getattr(slot, name, None)
        if known is not None:
            return known
    text = getattr(slot, "text", None)
    return masked(text) if isinstance(text, str) else slot
