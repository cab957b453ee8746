"""Runs the examples of rules through the program itself: what each kind of example asks for, and what finds it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from pipeline.config import Limits
from pipeline.model import LEARNT, Mention, RawDocument, SourceMeta
from pipeline.rules.examples import Example, Runner
from pipeline.rules.ruleset import Ruleset

if TYPE_CHECKING:
    from pipeline.claims.analyze import Analyzer
    from pipeline.run.sources import Sources


def example_runners(rules: Ruleset) -> dict[str, Runner]:
    """A runner for each key that an example may have. What they need is built when first used."""

    @cache
    def analyzer() -> Analyzer:
        from pipeline.claims.analyze import Analyzer

        return Analyzer(rules)  # one for all: each loads a language model of its own

    reconciled = _reconciled(rules, analyzer)
    return {
        "expect": _quantities(analyzer),
        "claims": _claims(analyzer),
        "cleaned": _lazily(_cleaned, rules),
        "references": _lazily(_references, rules),
        "meta": _lazily(_meta, rules),
        "sentences": _lazily(_sentences, rules),
        "terms": _lazily(_terms, rules),
        "tokens": _lazily(_tokens, rules),
        "strength": _lazily(_strength, rules),
        "assertion": _lazily(_assertion, rules),
        "signs": _lazily(_signs, rules),
        "learnt": _learnt(analyzer),
        "findings": _findings(reconciled),
        "flags": _flags(reconciled),
        "no_flags": _no_flags(reconciled),
        "parsed": _lazily(_parsed, rules),
        "page": _lazily(_page, rules),
        "yields": _yields(rules),
    }


def _lazily(build: Callable[[Ruleset], Runner], rules: Ruleset) -> Runner:
    built: list[Runner] = []

    def run(example: Example) -> Any:
        if not built:
            built.append(build(rules))
        return built[0](example)

    return run


def _quantities(analyzer: Callable[[], Analyzer]) -> Runner:
    return lambda example: [_mention(mention) for mention in analyzer().analyze(example["text"]).mentions]


def _mention(mention: Mention) -> dict[str, Any]:
    record: dict[str, Any] = msgspec.to_builtins(mention)
    record["class"] = record.pop("quantity_class")
    return record


def _claims(analyzer: Callable[[], Analyzer]) -> Runner:
    return lambda example: [msgspec.to_builtins(draft) for draft in analyzer().analyze(example["text"]).drafts]


def _clean(rules: Ruleset) -> Callable[[Example], Any]:
    from pipeline.clean.clean import clean

    def run(example: Example) -> Any:
        meta = msgspec.convert(example.get("given", {}), SourceMeta)
        media: Literal["html", "text"] = "html" if "html" in example else "text"
        document = RawDocument(path="example", media=media, content=example[media], sha256="0" * 64, meta=meta)
        return clean(document, rules, Limits())

    return run


def _cleaned(rules: Ruleset) -> Runner:
    run = _clean(rules)
    return lambda example: run(example).text


def _meta(rules: Ruleset) -> Runner:
    run = _clean(rules)
    return lambda example: msgspec.to_builtins(run(example).meta)


def _references(rules: Ruleset) -> Runner:
    run = _clean(rules)
    return lambda example: msgspec.to_builtins(run(example).references)


def _page(rules: Ruleset) -> Runner:
    from pipeline.fetch.judge import Judge

    judge = Judge(rules)
    return lambda example: judge.verdict(example["html"].encode(), None)


def _yields(rules: Ruleset) -> Runner:
    from pipeline.run.yields import RULE, Yield, fallen

    def told(numbers: list[int]) -> Yield:
        return Yield(articles=numbers[0], characters=numbers[1], claims=numbers[2])

    def run(example: Example) -> Any:
        fall = fallen([told(one) for one in example["history"]], told(example["now"]), rules.params(RULE))
        return fall.what if fall is not None else None

    return run


def _sentences(rules: Ruleset) -> Runner:
    from pipeline.components.sentences import SentenceSplitter

    splitter = SentenceSplitter(rules)
    return lambda example: [example["text"][start:end] for start, end in splitter.spans(example["text"])]


def _terms(rules: Ruleset) -> Runner:
    from pipeline.rules.terms import TermMatcher, term_record

    matcher = TermMatcher(rules)
    return lambda example: [term_record(term, example["text"]) for term in matcher.find(example["text"])]


def _tokens(rules: Ruleset) -> Runner:
    from pipeline.language.tokenizer import make_nlp

    nlp = make_nlp(rules)
    return lambda example: [token.text for token in nlp(example["text"]) if not token.is_space]


def _parsed(rules: Ruleset) -> Runner:
    from pipeline.run.example_parses import ExampleParser

    return ExampleParser(rules)


def _strength(rules: Ruleset) -> Runner:
    from pipeline.claims.strength import StrengthRules

    graded = StrengthRules(rules)
    return lambda example: graded.of(example["text"]).strength


def _assertion(rules: Ruleset) -> Runner:
    from pipeline.claims.assertions import AssertionRules
    from pipeline.claims.cues import CueRules
    from pipeline.components.sentences import SentenceSplitter
    from pipeline.rules.items import itemise
    from pipeline.rules.templates import compiler_for

    compiler = compiler_for(rules)
    finder, cues, splitter = AssertionRules(rules, compiler), CueRules(rules, compiler), SentenceSplitter(rules)

    def run(example: Example) -> dict[str, Any] | None:
        text = example["text"]
        for start, end in splitter.spans(text)[:1]:
            items = itemise(text, start, end, ())
            found = finder.find(text, start, end, items, None, cues.find(items))
            if found is not None:
                record: dict[str, Any] = found._asdict()
                for name in ("subject", "object"):
                    if record[name] is not None:
                        record[name] = text[slice(*record[name])]
                return record
        return None

    return run


def _learnt(analyzer: Callable[[], Analyzer]) -> Runner:
    def run(example: Example) -> list[dict[str, Any]]:
        statements = analyzer().analyze(example["text"]).statements
        return [{"sign": sign.sign} for said in statements for sign in said.signs if sign.rule == LEARNT]

    return run


def _signs(rules: Ruleset) -> Runner:
    from pipeline.claims.cues import CueRules
    from pipeline.claims.statements import KEY, signs_of
    from pipeline.components.classify import by_sentence
    from pipeline.components.factories import Components
    from pipeline.language.tokenizer import make_nlp
    from pipeline.rules.items import itemise
    from pipeline.rules.templates import compiler_for

    nlp, components, cues = make_nlp(rules), Components(rules), CueRules(rules, compiler_for(rules), (KEY,))

    def run(example: Example) -> list[dict[str, Any]]:
        doc = components(nlp.make_doc(example["text"]))
        found = []
        inside = {start: mentions for start, _, mentions in by_sentence(doc._.sentence_spans, doc._.quantities)}
        for start, end in doc._.sentence_spans:
            items = itemise(doc.text, start, end, inside.get(start, ()))
            for sign in signs_of(items, cues.find(items)):
                found.append({"sign": sign.sign, "rule": sign.rule, "text": doc.text[sign.start : sign.end]})
        return found

    return run


def _reconciled(rules: Ruleset, analyzer: Callable[[], Analyzer]) -> Callable[[Example], Sources]:
    """What comes of the ``sources`` of an example, each read as an article of its own, with the id of its place, from 1."""

    def run(example: Example) -> Sources:
        from pipeline.run.sources import read_sources

        sources = {str(place): source for place, source in enumerate(example["sources"], 1)}
        return read_sources(sources, rules, analyzer())

    return run


def _findings(run: Callable[[Example], Sources]) -> Runner:
    def joined(example: Example) -> list[list[int]]:
        """The wanted groups of sources that share a finding; every group of two or more where none is wanted."""
        read = run(example)
        source_of = {claim.claim_id: int(name) for name, claims in read.claims.items() for claim in claims}
        found = [{source_of[claim_id] for claim_id in finding.claim_ids} for finding in read.done.findings]
        if not example["findings"]:
            return [sorted(sources) for sources in found if len(sources) > 1]
        return [group for group in example["findings"] if any(set(group) <= sources for sources in found)]

    return joined


def _flags(run: Callable[[Example], Sources]) -> Runner:
    def found(example: Example) -> list[dict[str, Any]]:
        flags = [msgspec.to_builtins(flag) for flag in run(example).done.flags]
        wanted = [record.get("rule") for record in example["flags"]]
        return sorted(flags, key=lambda flag: wanted.index(flag["rule"]) if flag["rule"] in wanted else len(wanted))

    return found


def _no_flags(run: Callable[[Example], Sources]) -> Runner:
    def silent(example: Example) -> list[str]:
        """The rules that stay silent as wanted."""
        raised = {flag.rule for flag in run(example).done.flags}
        return [rule for rule in example["no_flags"] if rule not in raised]

    return silent
