"""``make bench-model``: the language model on raw text: trees, tags, entities, sentences, links, strength, speed and memory.

Everything is measured on the shipped files. The treebanks and the annotated results are looked for in ``../shared/corpora`` or where
``--shared`` says; ``--heldout`` names a folder with annotated sentences that are no part of the project.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from spacy.language import Language
from spacy.scorer import Scorer
from spacy.tokens import Doc, Token
from spacy.training import Example as Pair

from bench.__main__ import FIGURES
from bench.common import ROOT, write_table
from pipeline.components.sentences import SentenceSplitter
from pipeline.language.encoder import LINKS, Parse, SentenceEncoder
from pipeline.language.models import OwnModel
from pipeline.language.tokenizer import make_nlp
from pipeline.language.weights import load_weights
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset
from pipeline.train.annotations import LABELS, read_sentences
from pipeline.train.examples import Example
from pipeline.train.grammar import generate
from pipeline.train.own import Aligner
from pipeline.train.treebanks import read_treebank

GOALS = {
    "ewt raw LAS": 85.5,
    "gum raw LAS": 87.0,
    "craft raw LAS": 84.0,
    "ewt raw tags": 95.0,
    "gum raw tags": 96.5,
    "measured entities F": 82.0,
    "held-out entities F": 80.0,
    "own links group": 95.0,
    "own links outcome": 90.0,
    "generated links group": 95.0,
    "generated links outcome": 90.0,
    "words per second": 3000.0,
    "peak memory MB": 400.0,
    "load seconds": 1.0,
}
"""What the figures are to reach."""
BEGIN = "<!-- figures: make bench-model -->"
TREEBANKS = {"ewt": "ud_ewt", "gum": "ud_gum", "craft": "craft"}
_GENERATED = 400


class Bench:
    """One set of weights, with the program's tokenizer and sentence splitter."""

    def __init__(self, rules: Ruleset, weights: Path | None) -> None:
        self.nlp: Language = make_nlp(rules)
        loaded = load_weights(weights)
        self.model = OwnModel(rules, loaded)
        self.encoder = SentenceEncoder(loaded)
        self.splitter = SentenceSplitter(rules)
        self.aligner = Aligner(self.nlp)

    def raw(self, text: str) -> Doc:
        """``text`` with everything from tokens on by the program."""
        doc = self.nlp.make_doc(text)
        self.model.encode(doc, self.splitter.spans(text))
        return doc

    def gold_tokens(self, example: Example) -> Doc:
        """One sentence, its tokens given."""
        doc = Doc(self.nlp.vocab, words=list(example.words), spaces=list(example.spaces))
        self.model.encode(doc, [(0, len(doc.text))])
        return doc


def treebank(bench: Bench, path: Path, whole: bool, limit: int | None) -> Iterator[tuple[str, float]]:
    """LAS without punctuation and subtypes, and tags, on raw text and on gold tokens (both by spaCy's scorer).

    ``whole`` joins the sentences of a paragraph, so that sentence boundaries are found too.
    """
    paragraphs = read_treebank(path)
    if limit is not None:
        paragraphs = (
            [[example for paragraph in paragraphs for example in paragraph][:limit]] if not whole else paragraphs
        )
    texts = paragraphs if whole else [[example] for paragraph in paragraphs for example in paragraph]
    if limit is not None and whole:
        kept: list[list[Example]] = []
        for text in texts:
            if sum(map(len, kept)) < limit:
                kept.append(text)
        texts = kept
    raw = [Pair(bench.raw(gold.text), gold) for gold in (_gold(bench.nlp, text) for text in texts)]
    yield from _parsed("raw", raw)
    given = [Pair(bench.gold_tokens(e), _gold(bench.nlp, [e])) for text in texts for e in text]
    yield from _parsed("gold tokens", given)


def _gold(nlp: Language, examples: Sequence[Example]) -> Doc:
    words: list[str] = []
    spaces: list[bool] = []
    heads: list[int] = []
    relations: list[str] = []
    starts: list[bool | int | None] = []
    for example in examples:
        offset = len(words)
        words += example.words
        spaces += example.spaces
        heads += [offset + (at if head < 0 else head) for at, head in enumerate(example.heads or ())]
        relations += [relation.split(":")[0] for relation in example.relations or ()]
        starts += [at == 0 for at in range(len(example.words))]
    tags = [tag for example in examples for tag in example.tags or ()]
    return Doc(nlp.vocab, words=words, spaces=spaces, tags=tags, heads=heads, deps=relations, sent_starts=starts)


def _parsed(name: str, pairs: list[Pair]) -> Iterator[tuple[str, float]]:
    def relation(token: Token, _: str) -> str:
        return token.dep_.split(":")[0]

    trees = Scorer.score_deps(pairs, "dep", getter=relation, ignore_labels=("punct",))
    yield f"{name} UAS", 100 * trees["dep_uas"]
    yield f"{name} LAS", 100 * trees["dep_las"]
    yield f"{name} tags", 100 * Scorer.score_token_attr(pairs, "tag")["tag_acc"]
    yield f"{name} sentences F", 100 * (Scorer.score_spans(pairs, "sents", has_annotation=None)["sents_f"] or 0.0)


def measured(bench: Bench, path: Path) -> Iterator[tuple[str, float]]:
    """Entities in the scheme of RCT-ART, exact spans."""
    counts: Counter[str] = Counter()
    for example in bench.aligner.measured(path):
        parse = bench.encoder.run(example.words)
        _spans(counts, {(s.start, s.end, s.label) for s in example.measured or ()}, _labelled(parse.measured))
    yield from _scores(counts, ("INTV", "OC", "MEAS"))


def entities(bench: Bench, examples: Sequence[Example]) -> Iterator[tuple[str, float]]:
    """Entities of the guide, exact spans, all labels but VALUE."""
    counts: Counter[str] = Counter()
    loose: Counter[str] = Counter()
    for example in examples:
        gold = {(s.start, s.end, s.label) for s in example.entities or ()}
        found = _labelled(bench.encoder.run(example.words).entities)
        _spans(counts, gold, found)
        loose["+"] += sum(any(_meet(f, g) for g in gold) for f in found)
        loose["*"] += sum(any(_meet(f, g) for f in found) for g in gold)
        loose.update({"?": len(found), "!": len(gold)})
    yield from _scores(counts, LABELS)
    precision, recall = loose["+"] / max(1, loose["?"]), loose["*"] / max(1, loose["!"])
    yield "overlapping F", 200 * precision * recall / max(1e-9, precision + recall)


def _labelled(spans: Sequence[tuple[int, int, str, float]]) -> set[tuple[int, int, str]]:
    return {(start, end, label) for start, end, label, _ in spans}


def _meet(a: tuple[int, int, str], b: tuple[int, int, str]) -> bool:
    return a[2] == b[2] and a[0] < b[1] and b[0] < a[1]


def _spans(counts: Counter[str], gold: set[tuple[int, int, str]], found: set[tuple[int, int, str]]) -> None:
    for mark, spans in (("+", gold & found), ("?", found), ("!", gold)):
        counts.update(f"{mark}{label}" for _, _, label in spans)
        counts[mark] += len(spans)


def _scores(counts: Counter[str], labels: Sequence[str]) -> Iterator[tuple[str, float]]:
    for label in ("", *labels):
        if counts[f"!{label}"]:
            f1 = 200 * counts[f"+{label}"] / (counts[f"?{label}"] + counts[f"!{label}"])
            yield f"entities {label} F".replace("  ", " "), f1


def links(bench: Bench, examples: Sequence[Example]) -> Iterator[tuple[str, float]]:
    """Of the figures whose group (outcome, time) the sentence tells, how many point into it; of the others, how many point to none."""
    counts: Counter[str] = Counter()
    for example in examples:
        parse = bench.encoder.run(example.words)
        for figure in example.figures or ():
            role = parse.config.roles[int(parse.roles[figure.start].argmax())]
            counts.update({"role!": 1, "role+": role == figure.role})
            for kind, name in enumerate(LINKS):
                ranges = getattr(figure, name)
                best = _best(parse, kind, figure.start)
                key = name if ranges else f"{name} none"
                right = any(start <= best < end for start, end in ranges) if ranges else best < 0
                counts.update({f"{key}!": 1, f"{key}+": right})
    for name in ("group", "outcome", "time", "role", "group none", "outcome none"):
        if counts[f"{name}!"]:
            yield f"links {name}", 100 * counts[f"{name}+"] / counts[f"{name}!"]


def _best(parse: Parse, kind: int, word: int) -> int:
    return int(parse.links[kind, word].argmax()) - 1


def speed(bench: Bench, texts: Sequence[str]) -> Iterator[tuple[str, float]]:
    """Words a second of processor time, one thread, raw text to annotated text; best of three."""
    bench.raw(texts[0])
    rates = []
    for _ in range(3):
        begun = time.process_time()
        words = sum(len(bench.raw(text)) for text in texts)
        rates.append(words / (time.process_time() - begun))
    yield "words per second", max(rates)


def footprint(weights: Path | None) -> Iterator[tuple[str, float]]:
    """Seconds to load and peak memory of a process of its own that parses one text."""
    code = (
        "import json, resource, sys, time\n"
        "from pathlib import Path\n"
        "from bench.model import Bench, ROOT\n"
        "from pipeline.rules.loader import load_rules\n"
        "rules = load_rules(ROOT / 'rules')\n"
        "begun = time.perf_counter()\n"
        "from pipeline.language.weights import load_weights\n"
        "loaded = load_weights(Path(sys.argv[1]) if sys.argv[1] else None); loaded.open()\n"
        "seconds = time.perf_counter() - begun\n"
        "bench = Bench(rules, Path(sys.argv[1]) if sys.argv[1] else None)\n"
        "for number in range(60): bench.raw('Of the 120 walkers, 48% slept well, against 11% of the sitters. ' * 20)\n"
        "print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(weights or "")], cwd=ROOT, check=True, capture_output=True, text=True
    )
    seconds, memory = json.loads(done.stdout.splitlines()[-1])
    yield "load seconds", seconds
    yield "peak memory MB", memory


def examples_of(bench: Bench, path: Path) -> list[Example]:
    """The annotated sentences of one file."""
    return [bench.aligner.own(sentence) for _, sentence in read_sentences(path.name, path.read_text("utf-8"))]


def run(weights: Path | None, shared: Path, heldout: Path | None, limit: int | None, timed: bool) -> dict[str, float]:
    """All figures that can be had, percentages unless their name says otherwise."""
    bench = Bench(load_rules(ROOT / "rules"), weights)
    figures: dict[str, float] = {}

    def note(prefix: str, found: Iterator[tuple[str, float]]) -> None:
        for name, value in found:
            figures[f"{prefix}{name}"] = round(value, 2)
        print(f"bench: {prefix.strip() or 'speed'} done", file=sys.stderr)

    corpora = shared / "corpora"
    if corpora.is_dir():
        for name, file in TREEBANKS.items():
            note(f"{name} ", treebank(bench, corpora / f"{file}.test.conllu.gz", name != "craft", limit))
        note("measured ", measured(bench, corpora / "rctart.check.jsonl"))
    note("generated ", links(bench, list(generate(_GENERATED, 7, held_out=True))))
    own = ROOT / "tests/golden/language/links.txt"
    note("own ", links(bench, examples_of(bench, own)))
    note("own ", entities(bench, examples_of(bench, own)))
    if heldout is not None and heldout.is_dir():
        for path in sorted(heldout.glob("*.txt")):
            if path.name == "articles.txt":
                note("held-out ", entities(bench, examples_of(bench, path)))
                note("held-out ", links(bench, examples_of(bench, path)))
    if timed:
        texts = [example.text for example in generate(900, 3)]
        note("", speed(bench, [" ".join(texts[at : at + 15]) for at in range(0, len(texts), 15)]))
        note("", footprint(weights))
    return figures


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.model", description=__doc__)
    parser.add_argument("--weights", type=Path, help="folder of weights; default the shipped ones")
    parser.add_argument(
        "--against", type=Path, help="a second folder, such as the exact weights; its figures stand beside"
    )
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--heldout", type=Path, default=ROOT.parent / "heldout")
    parser.add_argument("--limit", type=int, help="sentences of each treebank at most")
    parser.add_argument("--no-speed", action="store_true", help="leave speed and memory out")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--doc", type=Path, help="also write the table into this Markdown file, between its markers")
    options = parser.parse_args(arguments)
    figures = run(options.weights, options.shared, options.heldout, options.limit, not options.no_speed)
    other = run(options.against, options.shared, options.heldout, options.limit, False) if options.against else {}
    lines = table(figures, other)
    print("\n".join(lines))
    if options.doc:
        write_table(options.doc, (BEGIN, FIGURES[1]), lines)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n", "utf-8")
    return 0


def table(figures: dict[str, float], other: dict[str, float]) -> list[str]:
    """The figures as a Markdown table."""
    head = ["figure", "measured", "to reach", *(["32-bit weights"] if other else [])]
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    for name, value in figures.items():
        cells = [name, f"{value:.2f}", f"{GOALS[name]:g}" if name in GOALS else ""]
        if other:
            cells.append(f"{other[name]:.2f}" if name in other else "")
        lines.append("| " + " | ".join(cells) + " |")
    return lines


if __name__ == "__main__":
    sys.exit(main())
