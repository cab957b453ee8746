"""What changed from one run to the next: articles, claims, findings, flags. Pure: the same two runs give the same records."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rapidfuzz.distance import Indel, Levenshtein

from pipeline.claims.ids import masked
from pipeline.history.changes import (
    GRAVITY,
    ArticleChange,
    ArticleKind,
    Cause,
    ClaimChange,
    ClaimKind,
    Earlier,
    FigureChange,
    FindingChange,
    FindingKind,
    FlagChange,
    FlagStatus,
    Made,
    RunDiff,
    Suppressed,
)
from pipeline.history.pairing import Pair, article_of, moved, paired_articles, paired_claims
from pipeline.model import Article, Claim, Finding, Flag, Value
from pipeline.run.identity import words_of
from pipeline.run.results import WholeResults

_ARTICLES: tuple[ArticleKind, ...] = ("gone", "failed", "new", "back", "changed", "renamed")
_CLAIMS: tuple[ClaimKind, ...] = ("changed", "gone", "new", "back", "reworded", "moved")
_FINDINGS: tuple[FindingKind, ...] = ("status", "joined", "split", "new", "grown", "shrunk", "gone")
_FLAGS: tuple[FlagStatus, ...] = ("new", "back", "open", "resolved", "suppressed")
"""The order in which changes are told."""
_SLOTS = (
    "kind", "measure", "intervention", "comparator", "condition", "outcome", "population", "timepoint", "sample_size",
    "direction", "strength", "certainty",
)  # fmt: skip
_SAME_PASSAGE = 0.8
"""Likeness above which the passages of two flags of one rule are one, where they are no claims."""
_PASSAGES = 4


def diff_runs(
    old: WholeResults,
    new: WholeResults,
    suppressed: Suppressed = lambda _flag: False,
    earlier: Earlier = Earlier(),  # noqa: B008 - frozen
    names: tuple[str, str] = ("old", "new"),
) -> RunDiff:
    """What is different in ``new``.

    ``suppressed`` tells which flags reviewers do not want to see; ``earlier`` what the runs before had, so that it is ``back`` and not
    new; ``names`` are what the runs are called.
    """
    made = _made_otherwise(old, new)
    pairs = paired_articles(old, new)
    claims = _Claims(old, new, pairs, earlier, made)
    reconciled = old.reconciled and new.reconciled
    findings = _finding_changes(old.findings, new.findings, claims.now) if reconciled else []
    flags = _Flags(old, new, pairs, claims, suppressed, earlier, made).changes() if reconciled else []
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
    ) -> None:
        self.now: dict[str, str] = {}
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


def _finding_changes(old: Iterable[Finding], new: Iterable[Finding], now: Mapping[str, str]) -> list[FindingChange]:
    """Findings are followed by their claims, so that one whose id or label alone is another has not changed."""
    old, new = _without_same(list(old), list(new), now)
    after = {claim_id: finding for finding in new for claim_id in finding.claim_ids}
    came: dict[str, Counter[str]] = defaultdict(Counter)
    """For each new finding, how many of its claims each old one had."""
    went: dict[str, Counter[str]] = defaultdict(Counter)
    by_id = {finding.finding_id: finding for finding in new}
    was = {finding.finding_id: finding for finding in old}
    kept: set[str] = set()
    """Claims of the new run that some old finding had."""
    for finding in old:
        for claim_id in finding.claim_ids:
            claim_now = now.get(claim_id)
            target = after.get(claim_now) if claim_now is not None else None
            if claim_now is not None and target is not None:
                came[target.finding_id][finding.finding_id] += 1
                went[finding.finding_id][target.finding_id] += 1
                kept.add(claim_now)
    changes: list[FindingChange] = []
    for finding in new:
        sources = came.get(finding.finding_id)
        if sources is None:
            changes.append(_finding_change("new", finding, (), (finding,), finding.claim_ids))
            continue
        before = [was[finding_id] for finding_id in sorted(sources)]
        fresh = tuple(claim_id for claim_id in finding.claim_ids if claim_id not in kept)
        if len(before) > 1:
            changes.append(_finding_change("joined", finding, before, (finding,), finding.claim_ids))
        elif fresh:
            changes.append(_finding_change("grown", finding, before, (finding,), fresh))
        if len(before) == 1 and len(went[before[0].finding_id]) == 1 and before[0].status != finding.status:
            changes.append(_finding_change("status", finding, before, (finding,), finding.claim_ids))
    for finding in old:
        targets = went.get(finding.finding_id)
        if targets is None:
            changes.append(_finding_change("gone", finding, (finding,), (), finding.claim_ids))
            continue
        parts = [by_id[finding_id] for finding_id in sorted(targets)]
        main = max(parts, key=lambda part: targets[part.finding_id])
        lost = tuple(claim_id for claim_id in finding.claim_ids if now.get(claim_id) not in after)
        if len(parts) > 1:
            changes.append(_finding_change("split", main, (finding,), parts, finding.claim_ids))
        elif lost:
            changes.append(_finding_change("shrunk", main, (finding,), (main,), lost))
    return sorted(changes, key=lambda change: (_FINDINGS.index(change.kind), change.label, change.finding_id))


def _without_same(
    old: Sequence[Finding], new: Sequence[Finding], now: Mapping[str, str]
) -> tuple[list[Finding], list[Finding]]:
    """The findings but for those that are the same, with the same claims: none of their claims is in another, before or after."""
    before = {finding.finding_id: finding for finding in old}
    same = {
        finding.finding_id
        for finding in new
        if before.get(finding.finding_id) == finding and all(now.get(name) == name for name in finding.claim_ids)
    }
    left_old, left_new = ([one for one in side if one.finding_id not in same] for side in (old, new))
    return left_old, left_new


def _finding_change(
    kind: FindingKind, finding: Finding, old: Sequence[Finding], new: Sequence[Finding], claim_ids: tuple[str, ...]
) -> FindingChange:
    return FindingChange(
        kind=kind,
        finding_id=finding.finding_id,
        label=finding.label,
        old_ids=tuple(one.finding_id for one in old),
        new_ids=tuple(one.finding_id for one in new),
        old_status=old[0].status if len(old) == 1 else None,
        new_status=new[0].status if len(new) == 1 else None,
        claim_ids=claim_ids,
    )


class _Flags:
    """The flags of two runs, paired."""

    def __init__(
        self,
        old: WholeResults,
        new: WholeResults,
        pairs: Mapping[str, str],
        claims: _Claims,
        suppressed: Suppressed,
        earlier: Earlier,
        made: tuple[str, ...],
    ) -> None:
        self._old, self._new = old.flags, new.flags
        self._pairs = pairs
        self._claims = claims
        self._suppressed = suppressed
        self._earlier = earlier
        self._made = made

    def changes(self) -> list[FlagChange]:
        before = self._paired()
        found = [self._standing(flag, before.pop(flag.flag_id, None)) for flag in self._new]
        kept = {change.old_flag_id for change in found}
        found += [
            FlagChange(
                status="resolved", cause=self._cause(flag), flag_id=flag.flag_id, old_flag_id=flag.flag_id, flag=flag
            )
            for flag in self._old
            if flag.flag_id not in kept
        ]
        return sorted(
            found,
            key=lambda change: (
                _FLAGS.index(change.status),
                -GRAVITY[change.flag.severity],
                change.flag.rule,
                change.flag_id,
            ),
        )

    def _standing(self, flag: Flag, before: Flag | None) -> FlagChange:
        status: FlagStatus
        if self._suppressed(flag) or (
            # A sentence that was reworded makes another flag of it; a decision holds until the figures change.
            before is not None and before.values_hash == flag.values_hash and self._suppressed(before)
        ):
            status = "suppressed"
        elif before is None:
            status = "back" if flag.flag_id in self._earlier.flags else "new"
        else:
            status = "back" if before.flag_id in self._earlier.suppressed else "open"
        return FlagChange(
            status=status,
            cause=self._cause(flag),
            flag_id=flag.flag_id,
            old_flag_id=before.flag_id if before is not None else None,
            flag=flag,
            changed=before is not None and self._differs(before, flag),
        )

    def _differs(self, before: Flag, flag: Flag) -> bool:
        return (
            before.severity != flag.severity
            or self._about(before, self._claims.now) != self._about(flag, None)
            or before.values_hash != flag.values_hash
        )

    def _cause(self, flag: Flag) -> Cause:
        unchanged = not any(place.article_id in self._claims.pages for place in flag.places)
        return "program" if unchanged and self._made else "page"

    def _paired(self) -> dict[str, Flag]:
        """By the id in the new run, what each flag was in the old one.

        Of those with ids that the other run does not know, the same rule must speak of the same claim or passage: where a sentence was
        reworded, or another source shows the same problem.
        """
        here = {flag.flag_id for flag in self._new}
        paired = {flag.flag_id: flag for flag in self._old if flag.flag_id in here}
        left: dict[tuple[object, ...], list[Flag]] = defaultdict(list)
        for flag in self._old:
            if flag.flag_id not in here:
                left[(flag.rule, self._subject(flag, self._claims.now))].append(flag)
        loose: dict[tuple[str, str], list[Flag]] = defaultdict(list)
        for flags in left.values():
            for flag in flags:
                if not flag.claim_ids and flag.places:
                    article_id = flag.places[0].article_id
                    loose[(flag.rule, self._pairs.get(article_id, article_id))].append(flag)
        used: set[str] = set()
        for flag in self._new:
            if flag.flag_id in paired:
                continue
            candidates = [one for one in left[(flag.rule, self._subject(flag, None))] if one.flag_id not in used]
            about = self._about(flag, None)
            match = next((one for one in candidates if self._about(one, self._claims.now) == about), None)
            if match is None and candidates:
                match = candidates[0]
            if match is None and not flag.claim_ids and flag.places:
                match = _likest(
                    flag, (one for one in loose[(flag.rule, flag.places[0].article_id)] if one.flag_id not in used)
                )
            if match is not None:
                used.add(match.flag_id)
                paired[flag.flag_id] = match
        return paired

    def _subject(self, flag: Flag, now: Mapping[str, str] | None) -> object:
        """What a flag is about, by the ids of the new run; ``now`` has those of claims of the old one."""
        if flag.claim_ids:
            return flag.claim_ids[0] if now is None else now.get(flag.claim_ids[0])
        if not flag.places:
            return None
        place = flag.places[0]
        return (place.article_id if now is None else self._pairs.get(place.article_id)), masked(place.quote)

    def _about(self, flag: Flag, now: Mapping[str, str] | None) -> object:
        """What a flag is about and what shows it, by the ids of the new run."""
        claims = flag.claim_ids if now is None else tuple(now.get(claim_id) for claim_id in flag.claim_ids)
        articles = [place.article_id if now is None else self._pairs.get(place.article_id) for place in flag.places]
        return claims, articles


def _likest(flag: Flag, others: Iterable[Flag]) -> Flag | None:
    """The flag one of whose passages has the most words in common with one of ``flag``, if most are."""
    mine = _passages(flag)
    scored = [(max(Indel.normalized_similarity(a, b) for a in mine for b in _passages(one)), one) for one in others]
    best = max(scored, key=lambda item: item[0], default=None)
    return best[1] if best is not None and best[0] >= _SAME_PASSAGE else None


def _passages(flag: Flag) -> list[list[str]]:
    """The words of the first passages that ``flag`` is about."""
    subjects = [place for place in flag.places if place.role == "subject"] or flag.places[:1]
    return [masked(place.quote).split() for place in subjects[:_PASSAGES]]
