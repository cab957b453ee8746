from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.train.agreement import (
    Agreement,
    ChoiceAgreement,
    SpanAgreement,
    cohen_kappa,
    compare,
    differences,
    main,
    markdown,
    pair,
)
from pipeline.train.annotations import AnnotationError, Sentence, read_corpus, read_sentences

CORPUS = Path(__file__).parents[3] / "pipeline" / "train" / "corpus"
TEA = (
    "[4](VALUE role=arm group=i outcome=o) of the [tea group](INTERVENTION#i) and "
    "[9](VALUE role=comparator group=c outcome=o) of the [milk group](COMPARATOR#c) [hummed](OUTCOME#o)."
)


def sentence(line: str, ident: str = "a-1", strength: str = "correlational", certainty: str = "asserted") -> Sentence:
    record = f"@ {ident} | press | humming: tea | {strength} | {certainty}\n{line}\n"
    [(_, found)] = read_sentences("t.txt", record)
    return found


def spans(found: Agreement, label: str) -> SpanAgreement:
    return next(row for row in found.spans if row.label == label)


def choice(found: Agreement, name: str) -> ChoiceAgreement:
    return next(row for row in found.choices if row.name == name)


def test_the_same_annotation_agrees_in_everything() -> None:
    found = compare(pair([sentence(TEA)], [sentence(TEA)]))
    assert spans(found, "all").exact == spans(found, "all").overlap == 1.0
    assert [(row.total, row.same) for row in found.choices] == [(2, 2), (2, 2), (2, 2), (0, 0), (1, 1), (1, 1)]
    assert list(differences(pair([sentence(TEA)], [sentence(TEA)]))) == []


def test_a_longer_span_overlaps_and_is_not_exact() -> None:
    longer = TEA.replace("the [tea group]", "[the tea group]")
    found = compare(pair([sentence(TEA)], [sentence(longer)]))
    assert spans(found, "INTERVENTION").exact == 0.0
    assert spans(found, "INTERVENTION").overlap == 1.0
    assert spans(found, "all").exact == pytest.approx(4 / 5)
    assert choice(found, "group link").same == 2


def test_spans_of_other_labels_never_match() -> None:
    other = TEA.replace("(INTERVENTION#i)", "(POPULATION#i)")
    found = compare(pair([sentence(TEA)], [sentence(other)]))
    assert (spans(found, "INTERVENTION").first, spans(found, "INTERVENTION").second) == (1, 0)
    assert spans(found, "INTERVENTION").overlap == spans(found, "POPULATION").overlap == 0.0
    assert spans(found, "STUDY").exact is None


def test_f1_is_the_same_both_ways_round() -> None:
    fewer = TEA.replace("[hummed](OUTCOME#o)", "hummed").replace(" outcome=o", "")
    one, other = sentence(TEA), sentence(fewer)
    assert spans(compare(pair([one], [other])), "all").exact == spans(compare(pair([other], [one])), "all").exact


def test_one_long_span_meets_two_short_ones() -> None:
    two = sentence("[sweet tea](INTERVENTION) and [cake](INTERVENTION)")
    one = sentence("[sweet tea and cake](INTERVENTION)")
    assert spans(compare(pair([two], [one])), "INTERVENTION").overlap == 1.0


def test_a_swapped_role_and_link_are_found() -> None:
    swapped = TEA.replace("[9](VALUE role=comparator group=c outcome=o)", "[9](VALUE role=arm group=i)")
    pairs = pair([sentence(TEA)], [sentence(swapped)])
    found = compare(pairs)
    assert (choice(found, "role").total, choice(found, "role").same) == (2, 1)
    assert (choice(found, "group link").total, choice(found, "group link").same) == (2, 1)
    assert (choice(found, "outcome link").total, choice(found, "outcome link").same) == (2, 1)
    assert [(row.what, row.first, row.second) for row in differences(pairs)] == [
        ("role of 9", "comparator", "arm"),
        ("group of 9", "milk group", "tea group"),
        ("outcome of 9", "hummed", ""),
    ]


def test_a_figure_that_one_left_out_counts_for_spans_only() -> None:
    without = TEA.replace("[4](VALUE role=arm group=i outcome=o)", "4")
    found = compare(pair([sentence(TEA)], [sentence(without)]))
    assert spans(found, "VALUE").exact == pytest.approx(2 / 3)
    assert choice(found, "role").total == 1


def test_all_targets_of_a_link_count() -> None:
    line = "[tea](INTERVENTION#i) and [milk](COMPARATOR#c): [3](VALUE role=none group={}) each"
    found = compare(pair([sentence(line.format("i,c"))], [sentence(line.format("i"))]))
    assert (choice(found, "group link").total, choice(found, "group link").same) == (1, 0)


def test_kappa_by_hand() -> None:
    # 20 and 15 agreed of 50; the first says yes 25 times, the second 30: chance is 0.5.
    choices = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert cohen_kappa(choices) == pytest.approx(0.4)
    assert cohen_kappa([("y", "n"), ("n", "y")]) == pytest.approx(-1.0)


def test_kappa_says_nothing_without_choices_or_with_a_single_answer() -> None:
    assert cohen_kappa([]) is None
    assert cohen_kappa([("y", "y")] * 3) is None


def test_strength_and_certainty_are_compared() -> None:
    first = [sentence(TEA), sentence(TEA, "a-2", "causal", "hedged")]
    second = [sentence(TEA), sentence(TEA, "a-2", "none", "hedged")]
    found = compare(pair(first, second))
    assert choice(found, "strength").same == 1
    assert choice(found, "certainty").kappa == 1.0
    assert [row.what for row in differences(pair(first, second))] == ["strength"]


def test_the_first_may_have_more_sentences_and_never_fewer() -> None:
    assert len(pair([sentence(TEA), sentence(TEA, "a-2")], [sentence(TEA)])) == 1
    with pytest.raises(AnnotationError, match="a-2"):
        pair([sentence(TEA)], [sentence(TEA, "a-2")])


def test_another_text_is_refused() -> None:
    with pytest.raises(AnnotationError, match="text"):
        pair([sentence(TEA)], [sentence(TEA.replace("hummed", "sang"))])


def test_the_table_shows_a_dash_where_there_is_nothing() -> None:
    lines = markdown(compare(pair([sentence(TEA)], [sentence(TEA)]))).split("\n")
    assert "| STUDY | 0 | 0 | – | – |" in lines
    assert "| VALUE | 2 | 2 | 100.0 | 100.0 |" in lines
    assert "| time link | 0 | 0 | – | – |" in lines


def test_the_command_compares_two_folders(tmp_path: Path) -> None:
    for name, line in (("one", TEA), ("two", TEA.replace("the [tea group]", "[the tea group]"))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "t.txt").write_text(f"@ a-1 | press | humming: tea | none | asserted\n{line}\n", "utf-8")
    arguments = ["--first", str(tmp_path / "one"), "--second", str(tmp_path / "two"), "--list"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0
    assert "- a-1, INTERVENTION: tea group | the tea group" in result.output


def test_the_command_names_the_place_of_a_bad_record(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("@ a-1 | press\nHm.\n", "utf-8")
    result = CliRunner().invoke(main, ["--first", str(tmp_path), "--second", str(tmp_path)])
    assert result.exit_code == 1
    assert "t.txt:1" in result.output
    assert "Traceback" not in result.output


def test_the_corpus_is_annotated_twice_by_a_tenth() -> None:
    first, second = read_corpus(CORPUS / "sentences"), read_corpus(CORPUS / "second")
    assert len(pair(first, second)) >= len(first) // 10


def test_the_link_test_set_parses_and_shares_no_sentence_with_the_corpus() -> None:
    path = Path(__file__).parents[2] / "golden" / "language" / "links.txt"
    found = [sentence for _, sentence in read_sentences(path.name, path.read_text("utf-8"))]
    assert len({sentence.id for sentence in found}) == len(found) == 200
    assert len({sentence.topic for sentence in found}) >= 70
    assert not {sentence.text for sentence in found} & {sentence.text for sentence in read_corpus(CORPUS / "sentences")}
    figures = [entity for sentence in found for entity in sentence.entities if entity.label == "VALUE"]
    assert all(entity.group for entity in figures if entity.role in ("arm", "comparator", "baseline", "followup"))
