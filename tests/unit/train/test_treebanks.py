from pathlib import Path

from pipeline.train.annotations import read_corpus
from pipeline.train.treebanks import read_treebank, sentences

TEXT = """\
# newdoc id = one
# sent_id = one-1
# text = She didn't nap.
1\tShe\tshe\tPRON\tPRP\t_\t4\tnsubj\t_\t_
2-3\tdidn't\t_\t_\t_\t_\t_\t_\t_\t_
2\tdid\tdo\tAUX\tVBD\t_\t4\taux\t_\t_
3\tn't\tnot\tPART\tRB\t_\t4\tadvmod\t_\t_
4\tnap\tnap\tVERB\tVB\t_\t0\troot\t_\tSpaceAfter=No
5\t.\t.\tPUNCT\t.\t_\t4\tpunct\t_\t_

# sent_id = one-2
# text = 5 mg daily
1\t5\t5\tNUM\tCD\t_\t2\tnummod:entity\t_\t_
2\tmg\tmg\tNOUN\tNN\t_\t0\troot\t_\t_
2.1\tis\tbe\tAUX\tVBZ\t_\t_\t_\t_\t_
3\tdaily\tdaily\tADV\tRB\t_\t2\tnmod:unmarked\t_\t_

# newpar
# sent_id = one-3
# text = Rest
1\tRest\trest\tNOUN\tNN\t_\t0\troot\t_\t_

"""


def test_paragraphs_words_and_heads(tmp_path: Path) -> None:
    path = tmp_path / "some.conllu"
    path.write_text(TEXT, "utf-8")
    paragraphs = read_treebank(path)
    assert [[example.id for example in paragraph] for paragraph in paragraphs] == [["one-1", "one-2"], ["one-3"]]
    first, second, _ = sentences(paragraphs)
    assert first.words == ("She", "did", "n't", "nap", ".")
    assert first.text == "She didn't nap."  # no space inside a multiword token
    assert first.heads == (3, 3, 3, -1, 3)
    assert first.tags == ("PRP", "VBD", "RB", "VB", ".")
    assert second.words == ("5", "mg", "daily")  # the empty node is left out


def test_only_subtypes_that_all_treebanks_share_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "some.conllu"
    path.write_text(TEXT, "utf-8")
    second = read_treebank(path)[0][1]
    assert second.relations == ("nummod", "root", "nmod:unmarked")


def test_our_own_trees_are_trees_of_our_own_sentences() -> None:
    corpus = Path(__file__).resolve().parents[3] / "pipeline/train/corpus"
    texts = {sentence.id: sentence.text for sentence in read_corpus(corpus / "sentences")}
    found = [e for path in sorted((corpus / "syntax").glob("*.conllu")) for e in sentences(read_treebank(path))]
    assert len(found) >= 300
    for example in found:
        assert example.text == texts[example.id]
        assert example.heads is not None
        assert example.relations is not None
        assert [at for at, head in enumerate(example.heads) if head < 0] == [example.relations.index("root")]
        for word in range(len(example.words)):
            seen: set[int] = set()
            while word >= 0:
                assert word not in seen, example.id
                seen.add(word)
                word = example.heads[word]


def test_named_organisations_of_gum(tmp_path: Path) -> None:
    path = tmp_path / "gum.conllu"
    words = [
        ("The", "DT", "Entity=(1-organization-new-nnnnn-cf1-2,4-sgl-University_of_Leeds"),
        ("University", "NNP", "_"),
        ("of", "IN", "_"),
        ("Leeds", "NNP", "Entity=(2-place-giv-nnnnn-cf2-1-sgl-Leeds)1)"),
        ("fed", "VBD", "_"),
        ("a", "DT", "Entity=(3-organization-new-nnnnn-cf3-2-sgl"),
        ("team", "NN", "Entity=3)"),
        ("Oxfam", "NNP", "Entity=(4-organization-new-nnnnn-cf3-1-sgl-Oxfam)"),
    ]
    lines = [
        f"{n}\t{w}\t_\t_\t{t}\t_\t{n - 1}\t{'dep' if n > 1 else 'root'}\t_\t{m}" for n, (w, t, m) in enumerate(words, 1)
    ]
    path.write_text("# sent_id = g-1\n" + "\n".join(lines) + "\n\n", "utf-8")
    [[example]] = read_treebank(path)
    assert example.entities is not None
    assert [example.words[span.start : span.end] for span in example.entities] == [
        ("University", "of", "Leeds"),
        ("Oxfam",),
    ]
    assert example.labelled == ("ORGANISATION",)


def test_a_treebank_without_entities_teaches_none(tmp_path: Path) -> None:
    path = tmp_path / "some.conllu"
    path.write_text(TEXT, "utf-8")
    assert read_treebank(path)[0][0].entities is None
