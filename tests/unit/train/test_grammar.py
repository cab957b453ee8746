"""The generating grammar: its notation, its trees, its sentences."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.language.tokenizer import make_nlp
from pipeline.rules.loader import load_rules
from pipeline.train.annotations import LABELS
from pipeline.train.examples import Example, Figure
from pipeline.train.grammar import NotationError, generate, lexicon, make
from pipeline.train.grammar.__main__ import main
from pipeline.train.grammar.check import problems
from pipeline.train.grammar.expand import Expander
from pipeline.train.grammar.finish import finish
from pipeline.train.grammar.notation import parse

TOPICS = [topic for topic in lexicon.load_topics() if not topic.name.startswith("usual ")]


def expander(seed: int = 1) -> Expander:
    return Expander(random.Random(seed), TOPICS[0], held=False)


def tree(text: str) -> Example:
    return finish(expander().expand(text), "x", tight=False)


def arcs(example: Example) -> set[tuple[str, str, str]]:
    assert example.heads is not None
    assert example.relations is not None
    words = (*example.words, "ROOT")
    return {
        (word, name, words[head]) for word, name, head in zip(words, example.relations, example.heads, strict=False)
    }


def test_a_phrase_hangs_its_parts_on_its_head() -> None:
    found = arcs(tree("[the <i mint> *group]:nsubj *slept/VBD [for two *hours] ."))
    assert found >= {
        ("The", "det", "group"),
        ("mint", "compound", "group"),
        ("group", "nsubj", "slept"),
        ("hours", "obl", "slept"),
        ("for", "case", "hours"),
        ("two", "nummod", "hours"),
        ("slept", "root", "ROOT"),
        (".", "punct", "slept"),
    }


def test_the_shape_of_a_phrase_tells_its_relation() -> None:
    found = arcs(tree("[a *cup [of *tea] [( *n/NN )] [and *[a *bun]]]:nsubj was:cop *cold/JJ [in *bed]"))
    assert found >= {("tea", "nmod", "cup"), ("n", "parataxis", "cup"), ("bun", "conj", "cup"), ("bed", "obl", "cold")}


def test_hyphenated_words_come_apart_as_in_the_treebanks() -> None:
    example = tree("a long-term/JJ *plan [of *non-users/NNS [of *omega-3]]")
    assert example.words == ("A", "long", "-", "term", "plan", "of", "non-users", "of", "omega", "-", "3")
    assert arcs(example) >= {("long", "amod", "term"), ("term", "amod", "plan"), ("3", "nummod", "omega")}
    assert example.text == "A long-term plan of non-users of omega-3"


def test_verbs_and_quantities_agree() -> None:
    assert tree("[half/NN [of the *women]]:nsubj was~were:cop *well/JJ").text == "Half of the women were well"
    assert tree("[the *share [of *women]]:nsubj was~were:cop *low/JJ").text == "The share of women was low"
    assert tree("*had/VBD [less~fewer/JJR *falls/NNS]:obj").text == "Had fewer falls"
    assert tree("an *apple [and a *hour]").text == "An apple and an hour"


def test_figures_link_to_the_nearest_mention_that_names_the_group() -> None:
    example = tree(
        "[<#i 40:nummod *%> [of <i mint> *eaters/NNS]]:nsubj *<o slept/VBD> [, *<#c 30:nummod *%> [on *<c mud>]]:parataxis"
    )
    assert example.figures == (
        Figure(start=0, end=2, role="arm", group=((3, 4),), outcome=((5, 6),)),
        Figure(start=7, end=9, role="comparator", group=((10, 11),), outcome=((5, 6),)),
    )


def test_specifications_of_figures() -> None:
    example = tree("*<o pain> <t March/NNP> <i mint> <#i@baseline 4> <#i@followup 3> <#i.-.- 9> <#@none 2> <#i.x.- 8>")
    assert example.figures is not None
    assert [figure.role for figure in example.figures] == ["baseline", "followup", "arm", "none", "arm"]
    assert [bool(figure.time) for figure in example.figures] == [False, True, False, True, False]
    assert [bool(figure.outcome) for figure in example.figures] == [True, True, False, True, False]
    assert [bool(figure.group) for figure in example.figures] == [True, True, True, False, True]


@pytest.mark.parametrize("text", ["[a cup", "a ] cup", "<i", "*a *b", "{a | b", "$Nothing", "of the:det"])
def test_wrong_notation_is_told(text: str) -> None:
    with pytest.raises(NotationError):
        expander().expand(text)


def test_all_fragments_of_the_data_can_be_read() -> None:
    texts = [text for template in lexicon.load_templates() for text in template.texts]
    texts += [text.replace("&", "") for rule in lexicon.load_rules().values() for _, _, text in rule.options]
    assert all(parse(text) for text in texts)


@pytest.mark.parametrize("template", lexicon.load_templates(), ids=lambda template: str(template.name))
def test_each_template_makes_sound_examples(template: lexicon.Template) -> None:
    rng = random.Random(template.name)
    for topic in rng.sample(TOPICS, 6):
        if "kind=drug" in template.flags and not any(arm.kind == "drug" for arm in topic.interventions):
            continue
        example = make(template, topic, rng)
        assert not list(problems(example))
        assert not set("~&*<>{}|").intersection("".join(example.words)) - set("<>")


def test_the_same_seed_makes_the_same_sentences() -> None:
    first, again, other = (list(generate(60, seed)) for seed in (5, 5, 6))
    assert first == again
    assert {example.text for example in first} != {example.text for example in other}
    assert len({example.text for example in first}) == 60


def test_held_out_sentences_share_no_template_and_no_topic() -> None:
    names = [{example.id.split(".")[0] for example in generate(400, 3, held)} for held in (False, True)]
    assert not names[0] & names[1]
    topics = [
        {arm.name for topic in TOPICS if topic.held == held for arm in topic.interventions} for held in (False, True)
    ]
    assert len(topics[0] & topics[1]) <= 2
    templates = lexicon.load_templates()
    assert len(templates) / 10 < sum(template.held for template in templates) < len(templates) / 5


def test_training_sentences_use_every_label_and_role() -> None:
    examples = list(generate(1500, 9))
    spans = itertools.chain.from_iterable(example.entities or () for example in examples)
    assert {span.label for span in spans} == set(LABELS) - {"VALUE"}
    figures = list(itertools.chain.from_iterable(example.figures or () for example in examples))
    assert {figure.role for figure in figures} == {"arm", "comparator", "baseline", "followup", "total", "none"}
    arms = [figure for figure in figures if figure.role in ("arm", "comparator")]
    assert sum(bool(figure.group) for figure in arms) / len(arms) > 0.97


def test_the_tokenizer_finds_the_same_words() -> None:
    nlp = make_nlp(load_rules(Path(__file__).parents[3] / "rules"))
    examples = list(generate(400, 4))
    same = sum([token.text for token in nlp(example.text)] == list(example.words) for example in examples)
    assert same / len(examples) > 0.99


def test_a_faulty_tree_is_noticed() -> None:
    example = next(generate(1, 2))
    heads = list(example.heads or ())
    heads[heads.index(-1)] = 0
    assert list(
        problems(
            type(example)(
                **{**{name: getattr(example, name) for name in example.__struct_fields__}, "heads": tuple(heads)}
            )
        )
    )


def test_command_prints_marked_sentences() -> None:
    result = CliRunner().invoke(main, ["--count", "8", "--seed", "2", "--held-out", "--trees"])
    assert result.exit_code == 0
    assert "](" in result.output
    assert "root" in result.output
