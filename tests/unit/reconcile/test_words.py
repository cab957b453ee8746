"""Words of a text by their stems, and how rare these are."""

import math
import pickle
from pathlib import Path

from pipeline.reconcile.words import Rarity, Words
from pipeline.rules.loader import load_rules

WORDS = Words(load_rules(Path(__file__).parents[3] / "rules"))
TEXT = "Bruises faded; a bruise that fades, (bruised) runners say, is a good bruise."


def test_content_keeps_the_first_word_of_each_stem_in_the_order_of_the_text() -> None:
    found = WORDS.content(TEXT)
    assert found["bruis"] == "bruises"
    assert found["fade"] == "faded"
    assert list(found) == list(dict.fromkeys(WORDS.listed(TEXT)))
    assert WORDS.listed(TEXT).count("bruis") == 4


def test_a_rarity_weighs_the_same_after_it_was_sent_to_another_process() -> None:
    rarity = Rarity([frozenset({"a", "b"}), frozenset({"a"})], background=3)
    assert rarity.of("a") == math.log(6 / 2.5)
    assert rarity.of("b") > rarity.of("a")
    again = pickle.loads(pickle.dumps(rarity))
    assert [again.of(stem) for stem in "abc"] == [rarity.of(stem) for stem in "abc"]
    assert again.shared(frozenset("ab"), frozenset("bc")) == rarity.shared(frozenset("ab"), frozenset("bc"))
