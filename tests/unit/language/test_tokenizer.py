"""Tokens of scraped English text."""

from __future__ import annotations

import gzip
import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc

from pipeline.language.tokenizer import Tokenizer, make_nlp
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset

ROOT = Path(__file__).parents[3]
CORPORA = ROOT.parent / "shared" / "corpora"
Span = tuple[int, int]


@pytest.fixture(scope="module")
def nlp() -> Language:
    return make_nlp(load_rules(ROOT / "rules"))


@pytest.mark.parametrize(
    "tokens",
    [
        "95 % CI",
        "0.5 mg / kg",
        "62.1 ± 8.0",
        "48.2 % ,",
        "P < .001 ;",
        "n = 41",
        "HR = 0.7",
        "0.5 – 0.9",
        "3 - 5",
        "12 / 27",
        "( 16 )",
        "[ 3 , 4 ]",
        "10,000 – 20,000",
        "1 , 2 , 3",
        "COVID - 19",
        "IL - 6",
        "$ 5 m",
        "US $ 3.4 bn",
        "do n't",
        "ca n’t",
        "can not",
        "it ’s",
        "dogs '",
        "O'Brien 's",
        "mg / dL",
        "treatment . 12",
        "word . Word",
        "MDMA . The",
        "sleep . ¹²",
        "24 °C",
        "≥ 30 kg / m2",
        "9 am – 5 pm",
        "12:30 )",
        "1 : 300",
        "12 - week - old",
        "non-small - cell",
        "0·04 )",
        "04/05/2006 ,",
        "me@b.example.org ,",
        "https://a.example.org/b?c=d .",
        "( www.a.example.org/b_c )",
        "10.1000/abc.d-12 .",
        "Fig. 2",
        "U.S. ,",
        "time -- we",
        "what ?!",
        "AT&T 's",
        "20th ,",
        "İm",
        "GUMMI ,",
        "1e-5 )",
    ],
)
def test_tokens_without_spaces(nlp: Language, tokens: str) -> None:
    assert [token.text for token in nlp(tokens.replace(" ", ""))] == tokens.split()


@pytest.mark.parametrize(
    "tokens",
    [
        "Ames et al. weighed 48 vs. 31 stems i.v. , e.g. at 9 p.m. :-)",
        "J. R. Ames sowed plot C . The rest was sown by A. Orr .",
        "See No. 4 on p. 31 . They said no . Nobody came .",
    ],
)
def test_tokens_in_context(nlp: Language, tokens: str) -> None:
    text = tokens.replace(" .", ".").replace(" ,", ",")
    assert [token.text for token in nlp(text)] == tokens.split()


def test_white_space_is_kept(nlp: Language) -> None:
    text = " 5\u00a0mg  of\u2009tea\n\ntreat\u00adment "
    doc = nlp(text)
    assert "".join(token.text_with_ws for token in doc) == text
    words = [token.text for token in doc if not token.is_space]
    assert words == ["5", "mg", "of", "tea", "treat\u00adment"]
    assert [token.text for token in nlp("a  b c")] == ["a", " ", "b", "c"]
    assert len(nlp("")) == 0


def test_no_quantifier_behind_a_group_is_possessive(nlp: Language) -> None:
    """Python before 3.11.5 reads those wrongly: it took "2.6." for one token, so that results depended on the version."""
    pattern = Tokenizer(nlp.vocab, load_rules(ROOT / "rules"))._pattern.pattern
    assert re.search(r"(?<!\\)\)(?:[*+?]|\{[0-9,]*\})\+", pattern) is None
    tokens = "The loss was 2.6 . Table 1 . Naps of 1,000 , 20 and a _ b ."
    text = "The loss was 2.6.\n\nTable 1. Naps of 1,000,20 and a_ b.\n"
    assert [token.text for token in nlp(text) if not token.is_space] == tokens.split()


def test_no_rules_no_harm() -> None:
    text = "Don't rake No. 4 (16)."
    doc = make_nlp(Ruleset({}))(text)
    assert doc.text == text
    assert [token.text for token in doc][-4:] == ["(", "16", ")", "."]


@pytest.mark.parametrize(
    "piece", ["(", "a-", "1", "1,", "a.", "A.", "'", "n't", "www.)", "a@", "a_", "e-", "-=", "_-", "\n"]
)
def test_time_grows_with_length_only(nlp: Language, piece: str) -> None:
    text = piece * (100_000 // len(piece))
    start = time.perf_counter()
    assert nlp(text).text == text
    assert time.perf_counter() - start < 10


def token_f1(tokenize: Callable[[str], Doc], gold: Iterator[tuple[str, Sequence[Span]]]) -> float:
    """Harmonic mean of the shares of tokens found and right, by character spans, in percent."""
    right = found = wanted = 0
    for text, spans in gold:
        tokens = {(token.idx, token.idx + len(token)) for token in tokenize(text) if not token.is_space}
        right, found, wanted = right + len(tokens & set(spans)), found + len(tokens), wanted + len(spans)
    return 200 * right / (found + wanted)


def read_gold(path: Path, last: int | None = None) -> Iterator[tuple[str, list[Span]]]:
    """Sentences of a CoNLL-U file as raw text and spans of the syntactic words in it."""
    sentences = gzip.decompress(path.read_bytes()).decode("utf-8").strip().split("\n\n")
    for sentence in sentences[-last if last is not None else 0 :]:
        lines = sentence.split("\n")
        text = next(line for line in lines if line.startswith("# text = "))[9:]
        # Words that are written as one and differ from it are rare; the written one stands for them.
        rows = [line.split("\t")[:2] for line in lines if line[0] != "#"]
        forms: list[str] = []
        until = 0
        for place, (number, form) in enumerate(rows):
            first, _, final = number.partition("-")
            if final:
                parts = [row[1] for row in rows[place + 1 : place + 2 + int(final) - int(first)]]
                forms.extend(parts if "".join(parts) == form else [form])
                until = int(final)
            elif first.isdigit() and int(first) > until:
                forms.append(form)
        yield text, list(_spans(text, forms))


def _spans(text: str, forms: list[str]) -> Iterator[Span]:
    end = 0
    for form in forms:
        start = text.index(form, end)
        end = start + len(form)
        yield start, end


@pytest.mark.skipif(not CORPORA.is_dir(), reason="the treebanks are not part of the project")
@pytest.mark.parametrize(
    ("name", "last", "floor"), [("ud_ewt.dev", None, 99.2), ("ud_gum.dev", None, 99.8), ("craft.train", 400, 99.8)]
)
def test_tokens_are_those_of_the_treebanks(nlp: Language, name: str, last: int | None, floor: float) -> None:
    path = CORPORA / f"{name}.conllu.gz"
    found = token_f1(nlp.make_doc, read_gold(path, last))
    assert found >= floor
    assert found > token_f1(spacy.blank("en").make_doc, read_gold(path, last))
