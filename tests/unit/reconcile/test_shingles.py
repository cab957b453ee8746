"""Which owners share a hash, and which words of an article are its own."""

import numpy as np

from pipeline.reconcile.quotes import Quotes
from pipeline.reconcile.shingles import Shingler, own_words, shared_by_few


def shared(hashes: list[int], owners: list[int], most: int) -> list[tuple[int, int]]:
    pairs = shared_by_few(np.array(hashes, np.uint64), np.array(owners, np.int64), most)
    return sorted(pair for ones, others in pairs for pair in zip(ones.tolist(), others.tolist(), strict=True))


def test_every_two_owners_of_a_hash_are_a_pair_of_places_the_lesser_owner_first() -> None:
    assert shared([5, 7, 5, 5], [2, 2, 0, 1], 3) == [(2, 0), (2, 3), (3, 0)]


def test_a_hash_of_more_owners_than_most_ties_none() -> None:
    assert shared([5, 5, 5, 7, 7], [0, 1, 2, 0, 1], 2) == [(3, 4)]


def test_with_first_every_owner_of_a_hash_that_many_have_is_held_against_the_first_of_them() -> None:
    pairs = shared_by_few(np.array([5, 5, 5, 7, 7], np.uint64), np.array([0, 2, 1, 0, 1]), 2, and_first=True)
    assert [(ones.tolist(), others.tolist()) for ones, others in pairs] == [([3], [4]), ([0, 0], [2, 1])]


def test_a_hash_that_an_owner_has_twice_counts_where_it_stands_first() -> None:
    assert shared([5, 5, 5], [1, 1, 0], 2) == [(2, 0)]


def test_nothing_shares_nothing() -> None:
    assert shared([], [], 20) == []
    assert shared([1, 2], [0, 1], 20) == []


def test_words_and_runs_leave_out_what_is_quoted() -> None:
    text = "She said “we were so very glad” and went home early."
    words = own_words(text, Quotes(text))
    assert [text[start:end] for start, end in words] == ["She", "said", "and", "went", "home", "early"]
    assert len(Shingler(4).hashes(text)) == len(words) - 3
