"""Ids depend on the words of the text alone."""

from pipeline.claims.ids import claim_ids, masked, values_hash


def ids(*sentences: str, article: str = "a") -> list[str]:
    return claim_ids(article, [(100 * i, sentence) for i, sentence in enumerate(sentences)])


def test_a_changed_figure_keeps_the_id() -> None:
    assert ids("About 48.2% slept well.") == ids("About 50 % slept well.") == ids("About fifty-one% slept well!")


def test_a_changed_word_changes_the_id() -> None:
    assert ids("About 48% slept well.") != ids("About 48% slept badly.")


def test_the_same_sentence_in_another_article_has_another_id() -> None:
    assert ids("48% slept.", article="a") != ids("48% slept.", article="b")


def test_text_added_above_moves_no_id() -> None:
    assert ids("12 beds were dug.", "48% slept well.")[1] == ids("48% slept well.")[0]


def test_equal_sentences_are_told_apart_by_their_order() -> None:
    first, second = ids("48% slept well.", "61% slept well.")
    assert first != second
    assert ids("48% slept well.") == [first]


def test_a_second_claim_in_a_sentence_moves_no_id_of_an_equal_sentence() -> None:
    single = claim_ids("a", [(0, "5 of 9 slept."), (50, "6 of 8 slept.")])
    double = claim_ids("a", [(0, "5 of 9 slept."), (0, "5 of 9 slept."), (50, "6 of 8 slept.")])
    assert [double[0], double[2]] == single
    assert len(set(double)) == 3


def test_numbers_in_digits_and_words_are_masked() -> None:
    assert masked("Two-thirds (n = 1,204) of 3.5 million; half, twofold.") == "# n # of #"
    assert masked("One of the 48·2% at 10 000 feet") == "# of the # at # feet"


def test_values_hash_sees_numbers_and_their_kind() -> None:
    assert values_hash([(48.0, None, None)]) == values_hash([(48, None, None)])
    assert values_hash([(48.0, None, None)]) != values_hash([(50.0, None, None)])
    assert values_hash([(0.0, None, None)]) != values_hash([(None, None, None)])
    assert values_hash([(None, 1.0, 2.0)]) != values_hash([(1.0, 2.0, None)])
    assert values_hash([(1.0, None, None), (2.0, None, None)]) != values_hash([(2.0, None, None), (1.0, None, None)])
