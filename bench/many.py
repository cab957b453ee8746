"""Makes results of ``claims extract`` of any size, with known findings and flags, for ``python -m bench.scale``.

No text is read: articles, claims and statements are written as the records that they would be. A study is told by one article or by up
to six, near to it or far from it, in other words, rounded, sometimes wrong; popular treatments have hundreds of studies on the same
outcomes, sizes and times; publishers print the same words under every article; names recur by chance. The same seed and size give the
same bytes.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any

import msgspec

from bench.many_telling import PER_ARTICLE, Result, Teller, Text, ToldStudy, Truth, words
from pipeline.claims.ids import claim_ids, digest
from pipeline.model import (
    Article,
    Claim,
    Record,
    Slot,
    SourceKind,
    Statement,
    encode,
)

_TOLD_BY = (0.46, 0.66, 0.81, 0.91, 0.96, 1.0)
"""Share of studies told by at most one article, two, ..."""
_COPIES, _WRONG, _SAFE = 0.04, 0.03, 0.02
"""Shares of retellings that are copies, that have a figure wrong, and that call the treatment safe."""
_REVIEWS = 0.04


class Corpus:
    """The plan of a corpus of about so many ``claims``; :meth:`write` makes the files."""

    def __init__(self, claims: int, seed: int = 1) -> None:
        self._words = words()
        self._teller = Teller(self._name)
        self._seed = seed
        self._articles = max(claims // PER_ARTICLE, 6)
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
        """Writes articles, claims and statements into ``folder``, sorted; returns what is known of them."""
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
    def _study(self, at: int) -> ToldStudy:
        rng = random.Random(f"{self._seed} study {at}")
        words = self._words
        drug, condition, outcomes = self._topics[self._topic_of[at]]
        names = {"lead": self._name(rng), "place": self._name(rng) + " Hospital", "city": self._name(rng)}
        size = rng.choice((rng.randrange(20, 120), rng.randrange(60, 600), rng.randrange(200, 9000)))
        if rng.random() < 0.3:
            size = round(size, -1)
        trial = "".join(rng.choice("ABCDEFGHIKLMNOPRSTUV") for _ in range(rng.randrange(4, 8)))
        study = ToldStudy(
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
            study.results.append(Result(f"{at}.{place}", called, tuple(time), arm, control, is_mean))
        return study

    def _article(self, place: int, at: int, teller: int, truth: Truth) -> tuple[Article, list[Claim], list[Statement]]:
        article_id = f"a{place:07d}"
        rng = random.Random(f"{self._seed} article {at} {teller}")
        studies = [self._study(one) for one in (self._reviewed[-1 - at] if at < 0 else (at,))]
        kinds: Sequence[SourceKind] = ("primary", "press", "news", "news", "clinic", "news")
        kind: SourceKind = "review" if at < 0 else kinds[teller]
        text = Text()
        if teller and teller != 4 and rng.random() < _COPIES:
            first = random.Random(f"{self._seed} article {at} 0")
            self._teller.body(first, text, studies, "primary", article_id, None)
            truth.flags.append(("shared-origin", article_id))
        else:
            wrong = truth if teller and rng.random() < _WRONG else None
            self._teller.body(rng, text, studies, kind, article_id, wrong)
        if kind == "primary" and studies[0].at % 3 == 0:
            self._teller.unknown(text, studies[0], article_id)
        if kind == "clinic" and studies[0].at % 3 == 0 and rng.random() < _SAFE * 20:
            self._teller.safe(text, studies[0], article_id)
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
    return "".join(rng.choice(part) for part in words()["name_parts"])


def _share(percent: float, people: int) -> float:
    """The printed share nearest to ``percent`` that so many people can have."""
    return round(100 * round(percent * people / 100) / people, 1)


def _in_order(claims: list[dict[str, Any]], keys: list[str | None]) -> tuple[list[dict[str, Any]], list[str | None]]:
    order = sorted(range(len(claims)), key=lambda at: claims[at]["start"])
    return [claims[at] for at in order], [keys[at] for at in order]
