"""Which owners share a hash, and which words of an article are its own."""

import numpy as np
import pytest

from pipeline.reconcile.quotes import Quotes
from pipeline.reconcile.shingles import Shingler, hashed, may_be_of, own_words, shared_by_few


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


@pytest.mark.parametrize("size", [1, 2, 3, 6, 8, 11])
def test_a_run_is_a_polynomial_of_its_words_whatever_its_size(size: int) -> None:
    text = "One two, three four five; six (seven) eight nine-and ten, eleven twelve."
    words = [hashed(word) for word in text.lower().translate(str.maketrans(",;().-", "      ")).split()]
    wanted = []
    for at in range(len(words) - size + 1):
        run = 0
        for word in words[at : at + size]:
            run = (run * 0x9E3779B97F4A7C15 + word) % 2**64
        wanted.append(run ^ run >> 29)
    assert Shingler(size).hashes(text).tolist() == wanted
    assert len(Shingler(size).hashes("no")) == (1 if size == 1 else 0)


def test_what_stands_often_enough_is_among_the_places_that_are_looked_at() -> None:
    hashes = np.array([7, 1, 7, 2**40 + 7, 3, 1, 7], np.uint64)
    assert set(may_be_of(hashes, 2).tolist()) >= {0, 1, 2, 5, 6}
    assert set(may_be_of(hashes, 3).tolist()) >= {0, 2, 6}
    assert 4 not in may_be_of(hashes, 2)
    assert not len(may_be_of(np.zeros(0, np.uint64), 2))
