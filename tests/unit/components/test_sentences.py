"""Sentence boundaries in scraped prose."""

from pathlib import Path

import pytest

from pipeline.components.sentences import SentenceSplitter
from pipeline.rules.loader import load_rules


@pytest.fixture(scope="module")
def splitter() -> SentenceSplitter:
    return SentenceSplitter(load_rules(Path(__file__).parents[3] / "rules"))


def sentences(splitter: SentenceSplitter, text: str) -> list[str]:
    return [text[start:end] for start, end in splitter.spans(text)]


@pytest.mark.parametrize(
    "parts",
    [
        ["Tea helped.", "Water did not."],
        ["Scores fell by 2.5 points.", "Naps got longer (P = .03)."],
        ["The plots (48 vs. 31 stems) differed.", "Dr. Ames saw it."],
        ["As Smith et al. [4] found, tea helps.", "It was cheap."],
        ["It lasted for months.(3)", "Some slept on."],
        ["It lasted for months. (3,4)", "Some slept on."],
        ["It lasted for months.[5–7]", "Some slept on."],
        ["“Tea helps.”", "So they said."],
        ["Does it help?", "Yes!", "It does."],
        ["A. B. Gardener wrote it.", "J. K. Nap read it."],
        ["It rose by 5 mg.", "The rest fell."],
        ["We met at 9 p.m. Greenwich time."],
        ["In the U.S. Navy, 12 slept."],
        ["See Fig. 2 and No. 7 of Vol. 3."],
        ["He said 3.5 is e.g. a lot, i.e. more than two."],
        ["They bought 20 lb. of tea and i.v. lines."],
        ["The pH was 7.4.", "30 plots were limed."],
        ["Rest was short.12,13", "Nobody knew why.⁴", "It was 2.5 hours."],
        ["The beds were dry.", "pH fell.", "mRNA rose."],
        ["They got hepatitis B.", "Rain fell on plot II.", "B. Rainer left."],
        ["Written by M. A. Orr.", "A. Pike drew it."],
        ["It lasted 6 wk.", "12 people left in wk. 3 of it."],
        ["She lives in Elmira, N.Y.", "Bulbs by J.C. Orr grow there."],
        ["They left at 9 p.m.", "“Too late,” he said."],
        ["It is done! 😊", "Rest now."],
    ],
)
def test_boundaries(splitter: SentenceSplitter, parts: list[str]) -> None:
    assert sentences(splitter, " ".join(parts)) == parts


def test_a_lost_space_is_a_boundary(splitter: SentenceSplitter) -> None:
    assert sentences(splitter, "Tea helps sleep.The rest is talk.") == ["Tea helps sleep.", "The rest is talk."]


@pytest.mark.parametrize("end", ["sleep", "12%", "(P=.03)", "sleep[3]", "REST"])
def test_a_lost_space_behind(splitter: SentenceSplitter, end: str) -> None:
    assert sentences(splitter, f"Tea helps {end}.Fig. 2 shows it.") == [f"Tea helps {end}.", "Fig. 2 shows it."]


def test_addresses_are_whole(splitter: SentenceSplitter) -> None:
    assert len(sentences(splitter, "Mail Ann.Orr@moss.example.org or see www.Moss.example.org today.")) == 1


def test_labels_stay_with_what_they_label(splitter: SentenceSplitter) -> None:
    text = "2. Rake it.\nTable 3. Stems per bed.\nFig. 1A. Rain. It was much."
    assert sentences(splitter, text) == ["2. Rake it.", "Table 3. Stems per bed.", "Fig. 1A. Rain.", "It was much."]


def test_a_line_break_is_always_a_boundary(splitter: SentenceSplitter) -> None:
    assert sentences(splitter, "A heading\n\nTea helps.\nrow | 12 | 14") == ["A heading", "Tea helps.", "row | 12 | 14"]


def test_spaces_around_sentences_belong_to_none(splitter: SentenceSplitter) -> None:
    assert sentences(splitter, "  Tea.   Milk.  \n \n") == ["Tea.", "Milk."]
    assert sentences(splitter, "") == []


def test_time_grows_with_length_only(splitter: SentenceSplitter) -> None:
    for piece in (". ", ".", "a.b", "(1)", "?!", "[1,", "A. ", "a.1,", "1. ", "Fig. 1", ":) ", "!😊 ", ".¹⁻"):
        assert isinstance(splitter.spans(piece * 30_000), list)


def test_a_list_without_lines_is_cut_at_its_marks(splitter: SentenceSplitter) -> None:
    cell = "Plot {0} had 1{0} stems, of 2{0}"
    text = "; ".join(cell.format(number) for number in range(1000))
    found = sentences(splitter, text)
    assert " ".join(found) == text
    assert all(part.endswith(";") for part in found[:-1])
    assert max(map(len, found)) <= 2000
    assert sentences(splitter, "Nobody slept, " * 100 + "and 40 left") == ["Nobody slept, " * 100 + "and 40 left"]


def test_what_has_no_marks_is_cut_where_it_is_full(splitter: SentenceSplitter) -> None:
    found = sentences(splitter, "12 " * 5000)
    assert " ".join(found) == ("12 " * 5000).strip()
    assert max(map(len, found)) <= 300
    assert "".join(sentences(splitter, "x" * 10_000)) == "x" * 10_000
