"""Which study a claim rests on, in texts about several topics."""

from __future__ import annotations

import functools

import pytest

from pipeline.claims.draft import ClaimDraft
from pipeline.claims.evidence import Passage
from pipeline.claims.studies import StudyFinder
from pipeline.clean.mark_finder import MarkFinder
from pipeline.model import Reference, Study, Value
from pipeline.rules.loader import load_rules
from tests.support import ROOT

REFERENCES = (
    Reference(key="1", text="Roe A, Poe B. Tea and sleep. J Gard Med. 2019;12:45-50.", doi="10.5555/tea.1", pmid="123"),
    Reference(key="2", text="Doe C, Low D. Walking and knees. N Engl J Walk. 2020;3:1-9.", doi="10.5555/walk"),
    Reference(key="3", text="Doe C. Milk and bones. Lancet. 2016;8:2-3."),
    Reference(key="4", text="Hill E. Choirs and lungs. JAMA Music. 2021;8:2-3."),
)


@functools.cache
def tools() -> tuple[StudyFinder, MarkFinder]:
    rules = load_rules(ROOT / "rules")
    return StudyFinder(rules), MarkFinder(rules)


def studies(
    text: str, references: tuple[Reference, ...] = (), passages: tuple[Passage, ...] = ()
) -> dict[str, Study | None]:
    """The study of each figure. Sentences end where a full stop is followed by a space and a capital or bracket, and at lines; every
    figure with a percent sign is a claim."""
    finder, mark_finder = tools()
    spans, start = [], 0
    for at in range(len(text)):
        stop = text[at] == "." and text[at + 1 : at + 2] == " " and text[at + 2 : at + 3].isupper()
        if stop or text[at] == "\n" or at == len(text) - 1:
            end = at if text[at] == "\n" else at + 1
            if text[start:end].strip():
                spans.append((start, end))
            start = at + 2 if stop else at + 1
    drafts = []
    for first, last in spans:
        place = text.find("%", first, last)
        while place >= 0:
            begin = max(text.rfind(" ", 0, place), text.rfind("(", 0, place)) + 1
            value = Value(
                text=text[begin : place + 1],
                start=begin,
                end=place + 1,
                value=float(text[begin:place]),
                low=None,
                high=None,
                unit="percent",
                qualifier=None,
            )
            drafts.append(
                ClaimDraft(
                    quote=text[first:last],
                    start=first,
                    end=last,
                    kind="single",
                    measure="proportion",
                    values=(value,),
                    rule="x",
                    confidence=1.0,
                )
            )
            place = text.find("%", place + 1, last)
    marks = mark_finder.find(text, references)
    found = finder.assign(text, spans, drafts, marks, references, passages)
    return {draft.values[0].text: draft.study for draft in found}


def cues(text: str, references: tuple[Reference, ...] = ()) -> dict[str, str | None]:
    return {figure: study.cue if study else None for figure, study in studies(text, references).items()}


def keys(text: str, references: tuple[Reference, ...] = REFERENCES) -> dict[str, tuple[str, ...] | None]:
    return {figure: study.ref_keys if study else None for figure, study in studies(text, references).items()}


def test_a_study_holds_until_another_begins() -> None:
    text = (
        "In a 2020 article, doctors told of walkers with bad knees. Half of them got sticks. At six weeks 40% walked far.\n\n"
        "The trial lasted a year. By then 35% walked far.\n\n"
        "In a more recent study, 22% fell. Among the old, 30% did."
    )
    first, second = "a 2020 article", "a more recent study"
    assert cues(text) == {"40%": first, "35%": first, "22%": second, "30%": second}


@pytest.mark.parametrize(
    "sentence",
    [
        "Around 5% of the world's adults have bad knees.",
        "In the US, 5% of walkers fell.",
        "According to the knee society, 5% of walkers fell.",
        "Some 5% of adults live with bad knees.",
    ],
)
def test_what_holds_in_general_rests_on_no_study(sentence: str) -> None:
    assert cues(f"In one trial 40% walked far. {sentence} Of the old, 7% fell.") == {
        "40%": "one trial",
        "5%": None,
        "7%": None,
    }


def test_the_study_is_taken_up_again_by_words_that_mean_it() -> None:
    text = "In one trial 40% sang.\n\nHow choirs work\n\nChoirs sang 5% more songs. In the trial 20% were hoarse."
    assert cues(text) == {"40%": "one trial", "5%": None, "20%": "one trial"}


def test_a_study_mentioned_in_passing_gives_way_to_that_of_the_article() -> None:
    text = (
        "A trial in bakers began last May. An earlier study found that 10% of them coughed.\n\n"
        "The researchers saw that 40% coughed."
    )
    assert cues(text) == {"10%": "An earlier study", "40%": "A trial"}


def test_a_bare_claim_before_the_study_was_named_is_its_own() -> None:
    assert cues("Masks kept 40% of bakers well.\n\nThe study, led by Ann Roe, told of 12% who left.") == {
        "40%": "The study, led by Ann Roe",
        "12%": "The study, led by Ann Roe",
    }


def test_the_second_trial_of_the_same_group() -> None:
    text = "The first trial tried low doses, and 20% slept. In their second study, 50% slept."
    assert cues(text) == {"20%": "The first trial", "50%": "their second study"}


def test_trials_are_known_by_their_names() -> None:
    text = "In the KNEES trial 40% walked. In the HIPS trial 30% did.\n\nIn the KNEES trial, 10% of the old walked."
    assert cues(text) == {"40%": "the KNEES trial", "30%": "the HIPS trial", "10%": "the KNEES trial"}


def test_a_registry_number_names_a_trial() -> None:
    assert cues("In NCT00012345, 40% walked.") == {"40%": "NCT00012345"}


def test_studies_in_general_count_for_their_sentence_only() -> None:
    text = "Studies have shown that 40% of choirs last. Of bands, 20% do."
    assert cues(text) == {"40%": "Studies have shown", "20%": None}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Of nurses, 40% slept [1] and 30% ate [3].", {"40%": ("1",), "30%": ("3",)}),
        ("Of nurses, 40% slept and 30% ate [3].", {"40%": ("3",), "30%": ("3",)}),
        ("Of nurses, 40% slept [1,3].", {"40%": ("1", "3")}),
        ("Of nurses, 40% slept [1][3].", {"40%": ("1", "3")}),
        ("In one trial [1] 40% slept; another trial [3] found that 30% did.", {"40%": ("1",), "30%": ("3",)}),
        ("Of nurses, 40% slept, whereas in another trial 30% did [3].", {"40%": None, "30%": ("3",)}),
        ("Of nurses, 40% slept [9].", {"40%": ("9",)}),
        ("Of nurses, 40% slept [1]. In towns, 30% did.", {"40%": ("1",), "30%": None}),
    ],
)
def test_marks_belong_to_their_clause(text: str, expected: dict[str, tuple[str, ...] | None]) -> None:
    assert keys(text) == expected


def test_a_mark_at_the_end_of_what_is_told_of_a_study_is_that_of_all_of_it() -> None:
    text = "One of the reviews found that 40% sang. Moreover, 30% hummed. In some choirs 20% danced [4]."
    assert keys(text) == {"40%": ("4",), "30%": ("4",), "20%": ("4",)}


def test_another_reference_ends_a_study() -> None:
    text = "One trial found that 40% sang [4]. Of nurses, 30% slept [1]. In towns, 20% did."
    assert keys(text) == {"40%": ("4",), "30%": ("1",), "20%": None}


@pytest.mark.parametrize(
    "phrase",
    [
        "Roe and colleagues found",
        "A 2019 trial led by Ann Roe found",
        "A 2019 trial in the Journal of Garden Medicine found",
        "A study published in the Journal of Garden Medicine found",
    ],
)
def test_prose_is_matched_with_the_reference_list(phrase: str) -> None:
    study = studies(f"{phrase} that 40% slept.", REFERENCES)["40%"]
    assert study is not None
    assert (study.ref_keys, study.doi, study.pmid) == (("1",), "10.5555/tea.1", "123")


@pytest.mark.parametrize(
    "phrase", ["Doe and colleagues found", "A 2014 trial led by Ann Roe found", "A 2019 trial found"]
)
def test_what_fits_two_entries_or_none_is_not_matched(phrase: str) -> None:
    study = studies(f"{phrase} that 40% slept.", REFERENCES)["40%"]
    assert study is not None
    assert study.ref_keys == ()


def test_a_year_tells_two_papers_of_one_author_apart() -> None:
    study = studies("A 2016 trial led by Carl Doe found that 40% broke a leg.", REFERENCES)["40%"]
    assert study is not None
    assert study.ref_keys == ("3",)


def test_authors_with_a_year_are_the_words_that_name_the_study() -> None:
    study = studies("Roe et al. (2019) found that 40% slept. Of the old, 30% did.", REFERENCES)["30%"]
    assert study == Study(ref_keys=("1",), doi="10.5555/tea.1", pmid="123", cue="Roe et al. (2019)")


def test_a_phrase_that_only_the_model_knows_is_read_like_the_others() -> None:
    text = "In a knee cohort 40% walked. Of the old, 30% did."
    place = text.index("knee cohort")
    passages = (Passage(place, place + len("knee cohort"), "STUDY", 0.9),)
    assert cues(text) == {"40%": None, "30%": None}
    assert {figure: study.cue if study else None for figure, study in studies(text, (), passages).items()} == {
        "40%": "a knee cohort",
        "30%": "a knee cohort",
    }


def test_a_study_that_is_wished_for_is_none() -> None:
    assert cues("Another trial is needed. Of nurses, 40% slept.") == {"40%": None}


@pytest.mark.parametrize("text", ["", "%", "the trial (", "[1] 5%", "A study A study " * 200 + "5%", "(" * 400 + " 5%"])
def test_any_text_is_read(text: str) -> None:
    finder, mark_finder = tools()
    assert finder.assign(text, [(0, len(text))], [], mark_finder.find(text, ()), ()) == []
    if "5%" in text:
        assert "5%" in studies(text)
