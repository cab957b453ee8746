"""How the articles of ``bench/many.py`` tell studies: in other words, rounded, sometimes wrong, with much else in between."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import yaml

from pipeline.claims.ids import values_hash
from pipeline.model import (
    Direction,
    Naming,
    Role,
    SampleSize,
    Sign,
    Slot,
    SourceKind,
    Statement,
    Study,
    Timepoint,
    Value,
)

PER_ARTICLE = 10
"""Claims of an article."""
_FIELD = re.compile(r"\{(\w+)\}")
_WRONG_BY = (0.55, 1.7)
"""By what a wrong figure is multiplied."""


class Truth(msgspec.Struct):
    """What is known of the corpus."""

    results: dict[str, str] = {}
    """Claims with figures of an outcome, by id: which result they tell."""
    flags: list[tuple[str, str]] = []
    """Rule and article of each flag that must be raised."""


@dataclass(frozen=True)
class Result:
    """What a study found: percent, or points of a score, in two groups."""

    key: str
    outcome: tuple[str, str]
    """Its name near to the study and far from it."""
    days: tuple[str, float]
    arm: float
    control: float
    is_mean: bool


@dataclass
class ToldStudy:
    """A study with all that articles say of it."""

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
    results: list[Result] = field(default_factory=list)


@dataclass
class Text:
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


class Teller:
    """Writes what articles tell; ``name`` gives a name of a person, place or house."""

    def __init__(self, name: Callable[[random.Random], str]) -> None:
        self._words = words()
        self._name = name

    def body(
        self,
        rng: random.Random,
        text: Text,
        studies: list[ToldStudy],
        kind: SourceKind,
        article_id: str,
        wrong: Truth | None,
    ) -> None:
        """What an article tells, in an order of its own: ``wrong`` is told of a figure that is not as it was."""
        near = "near" if kind in ("primary", "review", "press") else "far"
        told: list[tuple[str, ToldStudy, Result | None]] = []
        for study in studies:
            told.append(("size", study, None))
            results = [r for at, r in enumerate(study.results) if rng.random() < (0.92 if at == 0 else 0.55)]
            told += [("result", study, result) for result in (results[:1] if len(studies) > 1 else results)]
        told += [("assertion", rng.choice(studies), None) for _ in range(PER_ARTICLE - len(told))]
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
                factor = rng.choice(_WRONG_BY) if result is spoilt else 1.0
                if (
                    self._told(rng, text, study, result, near, article_id, factor)
                    and factor != 1.0
                    and wrong is not None
                ):
                    wrong.flags.append(("value-mismatch", article_id))

    def _told(
        self,
        rng: random.Random,
        text: Text,
        study: ToldStudy,
        result: Result,
        near: str,
        article_id: str,
        factor: float,
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
    def _sized(rng: random.Random, study: ToldStudy) -> SampleSize | None:
        return SampleSize(text=str(study.size), value=float(study.size)) if rng.random() < 0.6 else None

    @staticmethod
    def _named(study: ToldStudy, near: str) -> Study | None:
        return Study(doi=study.doi) if near == "near" and study.at % 4 == 0 else None

    def _size(self, rng: random.Random, text: Text, study: ToldStudy, near: str, article_id: str) -> None:
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

    def _assertion(self, rng: random.Random, text: Text, study: ToldStudy, article_id: str) -> None:
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
        self, rng: random.Random, text: Text, template: str, words: dict[str, str], between: str
    ) -> tuple[int, str, dict[str, int]]:
        """As :func:`_fill`, each ``{x}`` being an aside, or nothing."""
        asides = re.sub(r"\{x\}", lambda _: str(rng.choice(self._words["asides"])), template)
        return _fill(text, asides, words, between)

    def unknown(self, text: Text, study: ToldStudy, article_id: str) -> None:
        start, quote, _ = _fill(text, self._words["unknown"], {"drug": study.drug.text}, "\n\n")
        self._claim(
            text, study, article_id, None, start, quote, values=(), kind="assertion", measure="other",
            rule="assertion-safety-unknown", outcome=Slot(text="safety"), certainty="negated",
        )  # fmt: skip
        self._statement(text, article_id, start, quote, ("safety-unknown",), study.drug)

    def safe(self, text: Text, study: ToldStudy, article_id: str) -> None:
        start, quote, _ = _fill(text, self._words["safe"], {"Drug": study.drug.text.title()}, "\n\n")
        self._claim(
            text, study, article_id, None, start, quote, values=(), kind="assertion", measure="other", rule="assertion-safe",
            outcome=Slot(text="side effects"),
        )  # fmt: skip
        self._statement(text, article_id, start, quote, ("safe-absolute",), study.drug)

    def _filler(self, rng: random.Random, text: Text, study: ToldStudy, article_id: str) -> None:
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
        text: Text,
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
        text: Text,
        told: ToldStudy,
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


@lru_cache(maxsize=1)
def words() -> dict[str, Any]:
    """What the articles are made of."""
    found: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("many.yaml").read_text("utf-8"))
    return found


def _fill(text: Text, template: str, words: dict[str, str], between: str) -> tuple[int, str, dict[str, int]]:
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
