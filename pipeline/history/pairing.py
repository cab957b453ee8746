"""Which article and which claim of one run is which of the other.

Ids tell most of it. The rest is told by words: a file under another name by its text, a sentence that was reworded by the words and
figures that it kept. Like ids, this takes no part of the rules, so that a changed rule makes no two runs look less alike; hence the
thresholds stand here.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rapidfuzz.distance import Indel

from pipeline.claims.ids import claim_ids, masked
from pipeline.model import Article, Claim, Slot
from pipeline.run.identity import Earlier, ReadArticle, carried_ids
from pipeline.run.results import Results

_SAME_FIGURES = 0.45
"""Likeness above which two sentences with the same figures are one that was reworded."""
_OTHER_FIGURES = 0.6
"""The same for sentences with other figures, of the same measure."""
_NO_FIGURES = 0.65
"""The same for sentences without any."""
_WORDS = 0.75
"""How much of the likeness is the words'; the rest is what the claims are about."""
_CANDIDATES = 20
"""With how many others a sentence is compared at most: those with the most rare words in common."""
_ABOUT = ("intervention", "comparator", "condition", "outcome")


class Pair(NamedTuple):
    """A claim of the old run and what it is in the new one."""

    old: Claim
    new: Claim
    same: bool
    """Whether it is the same sentence, numbers apart, in another place or not."""


class _Sentence(NamedTuple):
    """A claim with what it is compared by."""

    claim: Claim
    mask: str
    """Its sentence with all numbers masked."""
    place: str
    """What its id is made of but for the article, which may have got another."""


class Pairs(NamedTuple):
    """The claims of two articles that are one: what is the same claim, and what only one of them has."""

    both: list[Pair]
    gone: list[Claim]
    new: list[Claim]


def paired_articles(old: Results, new: Results) -> dict[str, str]:
    """The id in the new run of each article of the old one that is still there, also under another id."""
    known = {article.article_id for article in old.articles}
    ids = [article.article_id for article in new.articles]
    found = carried_ids(
        [ReadArticle(article) for article in new.articles],
        ids,
        lambda index: new.articles[index].text,
        [Earlier(article_id=a.article_id, path=a.path, text=a.text) for a in old.articles],
    )
    return {old_id: new_id for old_id, new_id in zip(found, ids, strict=True) if old_id in known}


def paired_claims(old: Sequence[Claim], new: Sequence[Claim]) -> Pairs:
    """The claims of one article, in text order, of two runs: which is which.

    Of claims whose sentences differ in figures alone, those with equal figures are the same claim, wherever they stand; then those
    with the same id; then those that are alike.
    """
    if list(old) == list(new):
        return Pairs([Pair(before, after, same=True) for before, after in zip(old, new, strict=True)], [], [])
    both: list[Pair] = []
    left_old, left_new = _sentences(old), _sentences(new)
    for key in (_as_it_was, _as_it_reads, _in_its_place):
        of_new: dict[object, list[_Sentence]] = defaultdict(list)
        for one in reversed(left_new):
            of_new[key(one)].append(one)
        rest: list[_Sentence] = []
        for one in left_old:
            others = of_new.get(key(one))
            if others:
                both.append(Pair(one.claim, others.pop().claim, same=True))
            else:
                rest.append(one)
        taken = {pair.new.claim_id for pair in both}
        left_old, left_new = rest, [one for one in left_new if one.claim.claim_id not in taken]
    both += [Pair(before, after, same=False) for before, after in _alike(left_old, left_new)]
    found_old, found_new = {pair.old.claim_id for pair in both}, {pair.new.claim_id for pair in both}
    return Pairs(
        sorted(both, key=lambda pair: (pair.new.start, pair.new.claim_id)),
        [one.claim for one in left_old if one.claim.claim_id not in found_old],
        [one.claim for one in left_new if one.claim.claim_id not in found_new],
    )


def moved(pairs: Sequence[Pair]) -> list[Pair]:
    """The fewest pairs without which the others stand in one order in both runs. ``pairs`` is in the order of the new one."""
    starts = [pair.old.start for pair in pairs]
    # The longest part of ``starts`` that never falls: for each length, the smallest start that such a part can end with.
    ends: list[int] = []
    indexes: list[int] = []
    before: list[int | None] = []
    for index, start in enumerate(starts):
        length = bisect_left(ends, start + 1)
        before.append(indexes[length - 1] if length else None)
        if length == len(ends):
            ends.append(start)
            indexes.append(index)
        else:
            ends[length] = start
            indexes[length] = index
    kept: set[int] = set()
    at = indexes[-1] if indexes else None
    while at is not None:
        kept.add(at)
        at = before[at]
    return [pair for index, pair in enumerate(pairs) if index not in kept]


def _sentences(claims: Sequence[Claim]) -> list[_Sentence]:
    places = claim_ids("", [(claim.start, claim.quote) for claim in claims])
    return [_Sentence(claim, masked(claim.quote), place) for claim, place in zip(claims, places, strict=True)]


def _as_it_was(one: _Sentence) -> object:
    return one.place, one.claim.values_hash


def _as_it_reads(one: _Sentence) -> object:
    return one.mask, one.claim.values_hash


def _in_its_place(one: _Sentence) -> object:
    return one.place


def _alike(left_old: Sequence[_Sentence], left_new: Sequence[_Sentence]) -> list[tuple[Claim, Claim]]:
    """The reworded among those left, the most alike first."""
    old, new = ([one.claim for one in side] for side in (left_old, left_new))
    words_old, words_new = ([one.mask.split() for one in side] for side in (left_old, left_new))
    scored: list[tuple[float, int, int]] = []
    keys_old, keys_new = ([{*one.mask.split(), one.claim.values_hash} for one in side] for side in (left_old, left_new))
    for i, j in _candidates(keys_old, keys_new):
        likeness = _WORDS * Indel.normalized_similarity(words_old[i], words_new[j])
        likeness += (1 - _WORDS) * _about(old[i], new[j])
        equal = old[i].values_hash == new[j].values_hash
        figures = bool(old[i].values) or bool(new[j].values)
        least = _OTHER_FIGURES if not equal else _SAME_FIGURES if figures else _NO_FIGURES
        if likeness >= least and (equal or _comparable(old[i], new[j])):
            # Equal figures come first: of two sentences much alike, the figures tell which is which.
            scored.append((likeness + (equal and figures), i, j))
    found: list[tuple[Claim, Claim]] = []
    taken_old: set[int] = set()
    taken_new: set[int] = set()
    for _, i, j in sorted(scored, key=lambda item: (-item[0], item[1], item[2])):
        if i not in taken_old and j not in taken_new:
            taken_old.add(i)
            taken_new.add(j)
            found.append((old[i], new[j]))
    return found


def _candidates(old: Sequence[set[str]], new: Sequence[set[str]]) -> Iterable[tuple[int, int]]:
    """The pairs worth comparing: for each of ``old``, those of ``new`` that share the rarest words, figures among them."""
    if len(old) * len(new) <= _CANDIDATES**2:
        yield from ((i, j) for i in range(len(old)) for j in range(len(new)))
        return
    holders: dict[str, list[int]] = defaultdict(list)
    for j, keys in enumerate(new):
        for key in keys:
            holders[key].append(j)
    for i, keys in enumerate(old):
        shared: dict[int, float] = defaultdict(float)
        for key in sorted(keys & holders.keys(), key=lambda key: (len(holders[key]), key)):
            if len(holders[key]) > 5 * _CANDIDATES and shared:
                break  # what most sentences have
            for j in holders[key]:
                shared[j] += math.log(1 + len(new) / len(holders[key]))
        yield from ((i, j) for j, _ in sorted(shared.items(), key=lambda item: (-item[1], item[0]))[:_CANDIDATES])


def _about(old: Claim, new: Claim) -> float:
    """The share of what the claims are about that is the same, 0 to 1; what neither names counts as half."""
    same = 1.0 if old.measure == new.measure else 0.0
    for name in _ABOUT:
        one, other = getattr(old, name), getattr(new, name)
        same += 0.5 if one is None and other is None else float(_named(one) == _named(other))
    return same / (1 + len(_ABOUT))


def _named(slot: Slot | None) -> str | None:
    return None if slot is None else slot.id or slot.text.casefold()


def _comparable(old: Claim, new: Claim) -> bool:
    """Whether one figure may have taken the place of the other: both have figures, of one measure and unit."""
    units = [{value.unit for value in claim.values} for claim in (old, new)]
    return old.measure == new.measure and bool(units[0] & units[1])


def article_of(results: Results) -> dict[str, Article]:
    """The articles by id."""
    return {article.article_id: article for article in results.articles}
