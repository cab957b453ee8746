"""Makes results of ``claims extract`` of any size, with known findings and flags, for ``python -m bench.scale``.

No text is read: articles, claims and statements are written as the records that they would be. A study is told by one article or by up
to six, near to it or far from it, in other words, rounded, sometimes wrong; popular treatments have hundreds of studies on the same
outcomes, sizes and times; publishers print the same words under every article; names recur by chance. The same seed and size give the
same bytes.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any

import msgspec
import yaml

from pipeline.claims.ids import claim_ids, digest, values_hash
from pipeline.model import (
    Article,
    Claim,
    Direction,
    Naming,
    Record,
    Role,
    SampleSize,
    Sign,
    Slot,
    SourceKind,
    Statement,
    Study,
    Timepoint,
    Value,
    encode,
)

_FIELD = re.compile(r"\{(\w+)\}")
_PER_ARTICLE = 10
_TOLD_BY = (0.46, 0.66, 0.81, 0.91, 0.96, 1.0)
"""Share of studies told by at most one article, two, ..."""
_COPIES, _WRONG, _SAFE = 0.04, 0.03, 0.02
"""Shares of retellings that are copies, that have a figure wrong, and that call the treatment safe."""
_REVIEWS = 0.04
TRUTH = "truth.json"


class Truth(msgspec.Struct):
    """What is known of the corpus."""

    results: dict[str, str] = {}
    """Claims with figures of an outcome, by id: which result they tell."""
    flags: list[tuple[str, str]] = []
    """Rule and article of each flag that must be raised."""


@dataclass(frozen=True)
class _Result:
    key: str
    outcome: tuple[str, str]
    days: tuple[str, float]
    arm: float
    control: float
    is_mean: bool


@dataclass
class _Study:
    at: int
    drug: Slot
    condition: str
    comparator: str
    size: int
    trial: str
    names: dict[str, str]
    doi: str
    people: str
    nouns: list[str]
    results: list[_Result] = field(default_factory=list)


@dataclass
class _Text:
    """An article as it grows."""

    parts: list[str] = field(default_factory=list)
    length: int = 0
    claims: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)

    def add(self, text: str, between: str = " ") -> int:
        """Where ``text`` begins."""
        if self.parts:
            self.parts.append(between)
            self.length += len(between)
        start = self.length
        self.parts.append(text)
        self.length += len(text)
        return start


class Corpus:
    """The plan of a corpus of about so many ``claims``; :meth:`write` makes the files."""

    def __init__(self, claims: int, seed: int = 1) -> None:
        self._words = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
        self._seed = seed
        self._articles = max(claims // _PER_ARTICLE, 6)
        rng = random.Random(f"{seed} plan")
        topics = max(self._articles // 25, 3)
        self._topics = [self._topic(at) for at in range(topics)]
        popular = list(accumulate((at + 1) ** -0.8 for at in range(topics)))
        slots: list[tuple[int, int]] = []
        self._topic_of: list[int] = []
        by_topic: dict[int, list[int]] = defaultdict(list)
        reviews = int(self._articles * _REVIEWS)
        while len(slots) < self._articles - reviews:
            study = len(self._topic_of)
            topic = rng.choices(range(topics), cum_weights=popular)[0]
            self._topic_of.append(topic)
            by_topic[topic].append(study)
            draw = rng.random()
            tellers = next(at for at, share in enumerate(_TOLD_BY, 1) if draw <= share)
            slots += [(study, teller) for teller in range(min(tellers, self._articles - reviews - len(slots)))]
        told = [studies for studies in by_topic.values() if len(studies) > 2]
        self._reviewed = [rng.sample(rng.choice(told), 3) if told else [0] for _ in range(self._articles - len(slots))]
        slots += [(-1 - at, 0) for at in range(len(self._reviewed))]
        rng.shuffle(slots)
        self._slots = slots

    def write(self, folder: Path) -> Truth:
        """Writes articles, claims and statements into ``folder``, sorted, and what is known of them; returns that."""
        folder.mkdir(parents=True, exist_ok=True)
        truth = Truth()
        counts = {"articles": 0, "claims": 0, "statements": 0}
        names = ("articles", "claims", "statements")
        files = {name: (folder / f"{name}.jsonl").open("wb") for name in names}
        try:
            for place, (study, teller) in enumerate(self._slots):
                article, claims, statements = self._article(place, study, teller, truth)
                every: tuple[Sequence[Record], ...] = ([article], claims, statements)
                for name, records in zip(names, every, strict=True):
                    files[name].writelines(encode(record) + b"\n" for record in records)
                    counts[name] += len(records)
        finally:
            for file in files.values():
                file.close()
        (folder / "run.json").write_bytes(msgspec.json.encode({"counts": counts}))
        (folder / TRUTH).write_bytes(msgspec.json.encode(truth))
        return truth

    def _topic(self, at: int) -> tuple[Slot, str, list[int]]:
        """A treatment, what it is for, and what is measured of it."""
        rng = random.Random(f"{self._seed} topic {at}")
        parts = self._words["drug_parts"]
        name = "".join(rng.choice(part) for part in parts) + ("" if rng.random() < 0.7 else rng.choice(("x", "n", "r")))
        outcomes = rng.sample(range(len(self._words["outcomes"])), 8)
        return Slot(text=name, id=name if rng.random() < 0.3 else None), rng.choice(self._words["conditions"]), outcomes

    def _name(self, rng: random.Random) -> str:
        """A name of a person, place or house; some are met often, most seldom."""
        pool = max(int(self._articles**0.85), 300)
        return _name(min(int(rng.paretovariate(0.7)) + rng.randrange(pool // 2), pool))

    @lru_cache(maxsize=4096)  # noqa: B019 the plan lives as long as the program
    def _study(self, at: int) -> _Study:
        rng = random.Random(f"{self._seed} study {at}")
        words = self._words
        drug, condition, outcomes = self._topics[self._topic_of[at]]
        names = {"lead": self._name(rng), "place": self._name(rng) + " Hospital", "city": self._name(rng)}
        size = rng.choice((rng.randrange(20, 120), rng.randrange(60, 600), rng.randrange(200, 9000)))
        if rng.random() < 0.3:
            size = round(size, -1)
        trial = "".join(rng.choice("ABCDEFGHIKLMNOPRSTUV") for _ in range(rng.randrange(4, 8)))
        study = _Study(
            at, drug, condition, rng.choice(words["comparators"]), max(size, 20), trial, names,
            f"10.{1000 + at % 50}/m.{at:07d}", rng.choice(words["people"]), rng.sample(words["nouns"], 14),
        )  # fmt: skip
        time = rng.choice(words["times"])
        for place, outcome in enumerate(rng.sample(outcomes, rng.randrange(3, 6))):
            is_mean = rng.random() < 0.2
            arm = rng.uniform(2, 30) if is_mean else rng.uniform(4, 60)
            factor = rng.uniform(0.3, 0.85) if rng.random() < 0.7 else rng.uniform(1.1, 1.6)
            arm, control = (_share(x, study.size // 2) for x in (arm, arm * factor))
            called = (
                (words["scores"][(at + place) % len(words["scores"])],) * 2
                if is_mean
                else tuple(words["outcomes"][outcome])
            )
            study.results.append(_Result(f"{at}.{place}", called, tuple(time), arm, control, is_mean))
        return study

    def _article(self, place: int, at: int, teller: int, truth: Truth) -> tuple[Article, list[Claim], list[Statement]]:
        article_id = f"a{place:07d}"
        rng = random.Random(f"{self._seed} article {at} {teller}")
        studies = [self._study(one) for one in (self._reviewed[-1 - at] if at < 0 else (at,))]
        kinds: Sequence[SourceKind] = ("primary", "press", "news", "news", "clinic", "news")
        kind: SourceKind = "review" if at < 0 else kinds[teller]
        text = _Text()
        if teller and teller != 4 and rng.random() < _COPIES:
            first = random.Random(f"{self._seed} article {at} 0")
            self._body(first, text, studies, "primary", article_id, None)
            truth.flags.append(("shared-origin", article_id))
        else:
            wrong = truth if teller and rng.random() < _WRONG else None
            self._body(rng, text, studies, kind, article_id, wrong)
        if kind == "primary" and studies[0].at % 3 == 0:
            self._unknown(text, studies[0], article_id)
        if kind == "clinic" and studies[0].at % 3 == 0 and rng.random() < _SAFE * 20:
            self._safe(text, studies[0], article_id)
            truth.flags.append(("absolute-safety", article_id))
        publisher, boilerplate = self._publisher(rng, kind)
        text.add(boilerplate, "\n\n")
        joined = "".join(text.parts)
        article = Article(
            article_id=article_id, input_id=None, path=f"{article_id}.txt", url=f"https://example.org/{article_id}",
            title=f"{studies[0].drug.text.title()} and {rng.choice(studies[0].nouns)}", author=None, publisher=publisher,
            published=f"20{rng.randrange(10, 26)}-0{rng.randrange(1, 10)}-1{rng.randrange(10)}", kind=kind, language="en",
            sha256=digest(joined) * 4, references=(), citations=(), text=joined,
        )  # fmt: skip
        text.claims, text.keys = _in_order(text.claims, text.keys)
        ids = claim_ids(article_id, [(claim["start"], claim["quote"]) for claim in text.claims])
        claims = [Claim(claim_id=claim_id, **claim) for claim_id, claim in zip(ids, text.claims, strict=True)]
        truth.results.update({one: key for one, key in zip(ids, text.keys, strict=True) if key is not None})
        return article, claims, sorted(text.statements, key=lambda statement: statement.start)

    def _body(
        self,
        rng: random.Random,
        text: _Text,
        studies: list[_Study],
        kind: SourceKind,
        article_id: str,
        wrong: Truth | None,
    ) -> None:
        """What an article tells, in an order of its own: ``wrong`` is told of a figure that is not as it was."""
        near = "near" if kind in ("primary", "review", "press") else "far"
        told: list[tuple[str, _Study, _Result | None]] = []
        for study in studies:
            told.append(("size", study, None))
            results = [r for at, r in enumerate(study.results) if rng.random() < (0.92 if at == 0 else 0.55)]
            told += [("result", study, result) for result in (results[:1] if len(studies) > 1 else results)]
        told += [("assertion", rng.choice(studies), None) for _ in range(_PER_ARTICLE - len(told))]
        spoilt = next((r for _, _, r in told if r is not None and not r.is_mean), None) if wrong is not None else None
        sentences = max(int(rng.lognormvariate(3.5, 0.35)), 12)
        between = sorted(rng.choices(range(len(told) + 1), k=sentences))
        for at, (what, study, result) in enumerate(told):
            for _ in range(between.count(at)):
                self._filler(rng, text, study, article_id)
            if what == "size":
                self._size(rng, text, study, near, article_id)
            elif result is None:
                self._assertion(rng, text, study, article_id)
            else:
                factor = rng.choice((0.55, 1.7)) if result is spoilt else 1.0
                if (
                    self._told(rng, text, study, result, near, article_id, factor)
                    and factor != 1.0
                    and wrong is not None
                ):
                    wrong.flags.append(("value-mismatch", article_id))

    def _told(
        self, rng: random.Random, text: _Text, study: _Study, result: _Result, near: str, article_id: str, factor: float
    ) -> bool:
        """A result in one of its tellings. Returns whether its first figure is that of the study times ``factor``."""
        far = near == "far"
        lone = not result.is_mean and far and rng.random() < 0.12
        template = rng.choice(self._words["lone" if lone else "mean" if result.is_mean else "result"][near])
        round_ = far and rng.random() < 0.7
        arm = min(result.arm * factor, 99.0)
        unit = "points" if result.is_mean else "percent"
        figures = [f"{x:.0f}" if round_ and x >= 10 else f"{x:.1f}" for x in (arm, result.control)]
        printed = [f + (" points" if result.is_mean else " percent" if far else "%") for f in figures]
        words = {
            "a": printed[0], "b": printed[1], "drug": study.drug.text, "comp": study.comparator,
            "outcome": result.outcome[far], "time": result.days[0],
        }  # fmt: skip
        start, quote, at = self._fill(rng, text, template, words, " ")
        roles: tuple[Role, ...] = ("arm", "comparator")
        values = tuple(
            Value(
                text=text_, start=at[name], end=at[name] + len(text_), value=float(figure), low=None, high=None, unit=unit,
                qualifier=None, role=role, group=f"the {group} group", group_id=None,
            )
            for name, text_, figure, role, group in (
                ("a", printed[0], figures[0], roles[0], study.drug.text),
                ("b", printed[1], figures[1], roles[1], study.comparator),
            )
            if name in at
        )  # fmt: skip
        direction: Direction = "higher" if result.arm > result.control else "lower"
        self._claim(
            text, study, article_id, result.key, start, quote, values=values, kind="single" if lone else "comparison",
            measure="mean" if result.is_mean else "proportion", outcome=Slot(text=words["outcome"]),
            comparator=None if lone else Slot(text=study.comparator), direction=None if lone else direction,
            timepoint=Timepoint(text=result.days[0], days=result.days[1]), rule="share-of-group",
            sample_size=self._sized(rng, study), study=self._named(study, near),
        )  # fmt: skip
        return factor == 1.0 or arm < 99.0

    @staticmethod
    def _sized(rng: random.Random, study: _Study) -> SampleSize | None:
        return SampleSize(text=str(study.size), value=float(study.size)) if rng.random() < 0.6 else None

    @staticmethod
    def _named(study: _Study, near: str) -> Study | None:
        return Study(doi=study.doi) if near == "near" and study.at % 4 == 0 else None

    def _size(self, rng: random.Random, text: _Text, study: _Study, near: str, article_id: str) -> None:
        n = f"{study.size:,}"
        words = {"n": n, "people": study.people, "condition": study.condition, "trial": study.trial, **study.names}
        start, quote, at = self._fill(rng, text, rng.choice(self._words["size"][near]), words, "\n\n")
        value = Value(
            text=n, start=at["n"], end=at["n"] + len(n), value=float(study.size), low=None, high=None, unit="people",
            qualifier=None, role="total", group=study.people,
        )  # fmt: skip
        self._claim(
            text, study, article_id, None, start, quote, values=(value,), kind="single", measure="sample_size", rule="people",
            sample_size=SampleSize(text=n, value=float(study.size)),
        )  # fmt: skip

    def _assertion(self, rng: random.Random, text: _Text, study: _Study, article_id: str) -> None:
        template, direction, rule = rng.choice(self._words["assertion"])
        outcome = rng.choice(study.results).outcome[1]
        if rng.random() < 0.7:
            outcome = f"the {rng.choice(self._words['adjectives'])} {rng.choice(study.nouns)}"
        words = {
            "drug": study.drug.text,
            "Drug": study.drug.text.title(),
            "outcome": outcome,
            "condition": study.condition,
        }
        start, quote, _ = self._fill(rng, text, template, {**words, "people": study.people}, " ")
        self._claim(
            text, study, article_id, None, start, quote, values=(), kind="assertion", measure="other", rule=rule,
            direction=direction, strength="causal", outcome=Slot(text=outcome) if "{outcome}" in template else None,
        )  # fmt: skip
        self._statement(text, article_id, start, quote, ("humans",) if rng.random() < 0.4 else (), study.drug, "causal")

    def _fill(
        self, rng: random.Random, text: _Text, template: str, words: dict[str, str], between: str
    ) -> tuple[int, str, dict[str, int]]:
        """As :func:`_fill`, each ``{x}`` being an aside, or nothing."""
        asides = re.sub(r"\{x\}", lambda _: str(rng.choice(self._words["asides"])), template)
        return _fill(text, asides, words, between)

    def _unknown(self, text: _Text, study: _Study, article_id: str) -> None:
        start, quote, _ = _fill(text, self._words["unknown"], {"drug": study.drug.text}, "\n\n")
        self._claim(
            text, study, article_id, None, start, quote, values=(), kind="assertion", measure="other",
            rule="assertion-safety-unknown", outcome=Slot(text="safety"), certainty="negated",
        )  # fmt: skip
        self._statement(text, article_id, start, quote, ("safety-unknown",), study.drug)

    def _safe(self, text: _Text, study: _Study, article_id: str) -> None:
        start, quote, _ = _fill(text, self._words["safe"], {"Drug": study.drug.text.title()}, "\n\n")
        self._claim(
            text, study, article_id, None, start, quote, values=(), kind="assertion", measure="other", rule="assertion-safe",
            outcome=Slot(text="side effects"),
        )  # fmt: skip
        self._statement(text, article_id, start, quote, ("safe-absolute",), study.drug)

    def _filler(self, rng: random.Random, text: _Text, study: _Study, article_id: str) -> None:
        words = self._words
        template = rng.choice(words["filler"])

        def word(match: re.Match[str]) -> str:
            name = match[1]
            if name == "person" or name == "Person":
                return study.names["lead"] if rng.random() < 0.5 else self._name(rng)
            if name == "city":
                return study.names["city"] if rng.random() < 0.5 else self._name(rng)
            if name == "noun" or name == "Noun":
                found = str(rng.choice(study.nouns if rng.random() < 0.5 else words["nouns"]))
                return found.title() if name == "Noun" else found
            if name == "condition" or name == "people":
                return str(getattr(study, name))
            if name == "year":
                return str(rng.randrange(1950, 2025))
            if name == "number":
                return str(rng.randrange(101, 4000))
            return str(rng.choice(words[{"adjective": "adjectives", "verb": "verbs"}[name]]))

        quote = _FIELD.sub(word, template)
        start = text.add(quote, "\n\n" if rng.random() < 0.3 else " ")
        signs = tuple(sign for sign, share in words["signs"] if rng.random() < share)
        if signs:
            self._statement(text, article_id, start, quote, signs, None)

    @staticmethod
    def _statement(
        text: _Text,
        article_id: str,
        start: int,
        quote: str,
        signs: tuple[str, ...],
        drug: Slot | None,
        strength: Any = "none",
    ) -> None:
        named: tuple[Naming, ...] = ()
        if drug is not None:
            at = quote.lower().index(drug.text)
            found = quote[at : at + len(drug.text)]
            named = (
                Naming(label="INTERVENTION", start=start + at, end=start + at + len(found), text=found, id=drug.id),
            )
        text.statements.append(
            Statement(
                article_id=article_id, start=start, end=start + len(quote), quote=quote, certainty="asserted", strength=strength,
                signs=tuple(Sign(sign=sign, start=start, end=start + 5, rule=f"sign-{sign}") for sign in signs), names=named,
            )
        )  # fmt: skip

    @staticmethod
    def _claim(
        text: _Text,
        told: _Study,
        article_id: str,
        key: str | None,
        start: int,
        quote: str,
        *,
        values: tuple[Value, ...],
        **slots: Any,
    ) -> None:
        text.claims.append(
            {
                "article_id": article_id, "quote": quote, "start": start, "end": start + len(quote), "values": values,
                "values_hash": values_hash((v.value, v.low, v.high) for v in values), "intervention": told.drug,
                "condition": Slot(text=told.condition), "confidence": 0.85, **slots,
            }
        )  # fmt: skip
        text.keys.append(key)

    def _publisher(self, rng: random.Random, kind: SourceKind) -> tuple[str, str]:
        if kind in ("primary", "review"):
            name = rng.choice(self._words["journals"])
        else:
            name = f"The {self._name(rng)} {rng.choice(('Courier', 'Herald', 'Post', 'Mail', 'Clinic', 'Wire'))}"
        number = sum(map(ord, name)) % len(self._words["boilerplate"])
        return name, self._words["boilerplate"][number].replace("{publisher}", name)


@lru_cache(maxsize=200_000)
def _name(number: int) -> str:
    rng = random.Random(f"name {number}")
    parts = yaml_parts()
    return "".join(rng.choice(part) for part in parts)


@lru_cache(maxsize=1)
def yaml_parts() -> list[list[str]]:
    parts: list[list[str]] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))["name_parts"]
    return parts


def _share(percent: float, people: int) -> float:
    """The printed share nearest to ``percent`` that so many people can have."""
    return round(100 * round(percent * people / 100) / people, 1)


def _fill(text: _Text, template: str, words: dict[str, str], between: str) -> tuple[int, str, dict[str, int]]:
    """Adds ``template`` with ``words`` for its fields. Returns where it begins, the sentence, and where each field stands."""
    parts, at, length, last = [], {}, 0, 0
    for match in _FIELD.finditer(template):
        before = template[last : match.start()]
        at[match[1]] = length + len(before)
        parts += [before, words[match[1]]]
        length += len(before) + len(words[match[1]])
        last = match.end()
    quote = "".join([*parts, template[last:]])
    start = text.add(quote, between)
    return start, quote, {name: start + place for name, place in at.items()}


def _in_order(claims: list[dict[str, Any]], keys: list[str | None]) -> tuple[list[dict[str, Any]], list[str | None]]:
    order = sorted(range(len(claims)), key=lambda at: claims[at]["start"])
    return [claims[at] for at in order], [keys[at] for at in order]


def pairs(groups: Iterator[Sequence[str]]) -> Iterator[tuple[str, str]]:
    """All pairs of each group, each in order."""
    for group in groups:
        listed = sorted(group)
        for at, one in enumerate(listed):
            for other in listed[at + 1 :]:
                yield one, other
