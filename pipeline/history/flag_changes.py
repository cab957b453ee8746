"""What became of the flags of one run in another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from rapidfuzz.distance import Indel

from pipeline.claims.ids import masked
from pipeline.history.changes import GRAVITY, Cause, Earlier, FlagChange, FlagStatus, Suppressed
from pipeline.model import Flag

_FLAGS: tuple[FlagStatus, ...] = ("new", "back", "open", "resolved", "suppressed")
"""The order in which changes are told."""
_SAME_PASSAGE = 0.8
"""Likeness above which the passages of two flags of one rule are one, where they are no claims."""
_PASSAGES = 4


class Known(NamedTuple):
    """What is known of two runs before their flags are looked at."""

    articles: Mapping[str, str]
    """The id in the new run of each article of the old one that is still there."""
    now: Mapping[str, str]
    """The same of claims."""
    pages: frozenset[str]
    """Articles, by their ids in either run, whose words are not what they were."""
    suppressed: Suppressed
    """Which flags reviewers do not want to see."""
    earlier: Earlier
    made: tuple[str, ...]
    """In what the runs differ, see :class:`pipeline.history.changes.Made`."""


def flag_changes(old: Sequence[Flag], new: Sequence[Flag], known: Known) -> list[FlagChange]:
    """Every flag of both runs, told once."""
    return _Flags(old, new, known).changes()


class _Flags:
    """The flags of two runs, paired."""

    def __init__(self, old: Sequence[Flag], new: Sequence[Flag], known: Known) -> None:
        self._old, self._new, self._known = old, new, known

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
        if self._known.suppressed(flag) or (
            # A sentence that was reworded makes another flag of it; a decision holds until the figures change.
            before is not None and before.values_hash == flag.values_hash and self._known.suppressed(before)
        ):
            status = "suppressed"
        elif before is None:
            status = "back" if flag.flag_id in self._known.earlier.flags else "new"
        else:
            status = "back" if before.flag_id in self._known.earlier.suppressed else "open"
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
            or self._about(before, self._known.now) != self._about(flag, None)
            or before.values_hash != flag.values_hash
        )

    def _cause(self, flag: Flag) -> Cause:
        unchanged = not any(place.article_id in self._known.pages for place in flag.places)
        return "program" if unchanged and self._known.made else "page"

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
                left[(flag.rule, self._subject(flag, self._known.now))].append(flag)
        loose: dict[tuple[str, str], list[Flag]] = defaultdict(list)
        for flags in left.values():
            for flag in flags:
                if not flag.claim_ids and flag.places:
                    article_id = flag.places[0].article_id
                    loose[(flag.rule, self._known.articles.get(article_id, article_id))].append(flag)
        used: set[str] = set()
        for flag in self._new:
            if flag.flag_id in paired:
                continue
            candidates = [one for one in left[(flag.rule, self._subject(flag, None))] if one.flag_id not in used]
            about = self._about(flag, None)
            match = next((one for one in candidates if self._about(one, self._known.now) == about), None)
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
        return (place.article_id if now is None else self._known.articles.get(place.article_id)), masked(place.quote)

    def _about(self, flag: Flag, now: Mapping[str, str] | None) -> object:
        """What a flag is about and what shows it, by the ids of the new run."""
        claims = flag.claim_ids if now is None else tuple(now.get(claim_id) for claim_id in flag.claim_ids)
        articles = [
            place.article_id if now is None else self._known.articles.get(place.article_id) for place in flag.places
        ]
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
