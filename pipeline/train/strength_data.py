"""What the strength add-on learns from and is checked on: our own sentences, labels by rules, and the ``overstatement`` data."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import msgspec
from spacy.language import Language

from pipeline.claims.strength import StrengthRules
from pipeline.components.sentences import SentenceSplitter
from pipeline.language.strength import GUIDES, SIGNS, WAYS
from pipeline.model import Record
from pipeline.rules.ruleset import Ruleset
from pipeline.train.annotations import STRENGTHS, AnnotationError, Sentence
from pipeline.train.items import hash_of

SOURCES = ("pubmed", "eureka", "insciout")
"""The parts of the ``overstatement`` data."""
_LAST = 2
"""How many sentences at the end of a section are looked at: conclusions stand there."""
_SHORTEST, _LONGEST = 5, 45
"""Words of a sentence that rules label."""


class Graded(Record, frozen=True, kw_only=True):
    """One sentence with its strength (index into ``STRENGTHS``), by one annotation guide (index into ``GUIDES``), or its signs."""

    id: str
    words: tuple[str, ...]
    strength: int | None
    """None where nobody said."""
    guide: int
    signs: tuple[int, ...] | None = None
    """Indices into ``SIGNS``; None where nobody said."""
    way: int | None = None
    """Index into ``WAYS``; None where nobody said, or the sentence tells no result."""
    weight: float = 1.0
    group: str = ""
    """Sentences of one group are never on both sides of a split."""


class _Signed(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of our own sentences with signs."""

    text: str
    signs: tuple[str, ...]


class _Telling(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of our own studies, each told in several articles."""

    study: str
    kind: str
    """Of the article; a study has one of each."""
    text: str
    result: str | None
    way: Literal["better", "worse", "same", "plain"] | None
    signs: tuple[str, ...]


class Study(Record, frozen=True, kw_only=True):
    """One study as several articles tell it."""

    id: str
    sentences: tuple[Graded, ...]
    articles: tuple[str, ...]
    """Of each sentence, which article it is in."""
    results: tuple[str | None, ...]
    """Of each sentence, which result it tells."""


def words_of(nlp: Language, text: str) -> tuple[str, ...]:
    """The words as the program itself cuts them, without white space."""
    return tuple(token.text for token in nlp.make_doc(text) if not token.is_space)


def own_sentences(sentences: Iterable[Sentence], nlp: Language) -> list[Graded]:
    """Our annotated sentences."""
    return [
        Graded(
            id=sentence.id,
            words=words_of(nlp, sentence.text),
            strength=STRENGTHS.index(sentence.strength),
            guide=GUIDES.index("own"),
        )
        for sentence in sentences
    ]


def sentences_with_signs(paths: Iterable[Path], nlp: Language) -> list[Graded]:
    """Our own sentences with what they say of the evidence (docs/annotation.md), out of JSON Lines. Raises AnnotationError."""
    found = []
    for path in paths:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            try:
                row = msgspec.json.decode(line, type=_Signed)
                signs = tuple(sorted({SIGNS.index(sign) for sign in row.signs}))
            except (msgspec.DecodeError, ValueError) as error:
                raise AnnotationError(f"{path.name}:{number}: {error}; see docs/annotation.md") from error
            words = words_of(nlp, row.text)
            found.append(
                Graded(
                    id=f"{path.stem}-{number:04d}",
                    words=words,
                    strength=None,
                    guide=GUIDES.index("own"),
                    signs=signs,
                )
            )
    return found


def studies(paths: Iterable[Path], nlp: Language) -> list[Study]:
    """Our own studies as several articles tell them (docs/annotation.md), out of JSON Lines. Raises AnnotationError."""
    found: dict[str, list[tuple[Graded, _Telling]]] = {}
    for path in paths:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            try:
                row = msgspec.json.decode(line, type=_Telling)
                graded = Graded(
                    id=f"{path.stem}-{number:04d}",
                    words=words_of(nlp, row.text),
                    strength=None,
                    guide=GUIDES.index("own"),
                    signs=tuple(sorted({SIGNS.index(sign) for sign in row.signs})),
                    way=None if row.result is None or row.way is None else WAYS.index(row.way),
                    group=row.study,
                )
            except (msgspec.DecodeError, ValueError) as error:
                raise AnnotationError(f"{path.name}:{number}: {error}; see docs/annotation.md") from error
            found.setdefault(row.study, []).append((graded, row))
    return [
        Study(
            id=study,
            sentences=tuple(graded for graded, _ in told),
            articles=tuple(row.kind for _, row in told),
            results=tuple(row.result for _, row in told),
        )
        for study, told in sorted(found.items())
    ]


def overstatement(folder: Path, nlp: Language, sources: Sequence[str] = SOURCES) -> list[Graded]:
    """The sentences of the ``dev`` folder of the ``overstatement`` data, each with its guide and group."""
    found = []
    for source in sources:
        name = "insciout_sentences" if source == "insciout" else source
        for line in (folder / f"{name}.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            found.append(
                Graded(
                    id=row["id"],
                    words=words_of(nlp, row["text"]),
                    strength=STRENGTHS.index(row["strength"]),
                    guide=GUIDES.index(source),
                    group=group_of(source, row),
                )
            )
    return found


def group_of(source: str, row: dict[str, str]) -> str:
    """The paper of a press sentence, the pair of a claim or reference, else the sentence itself."""
    if source == "eureka":
        return f"eureka-{row['group']}"
    return row["id"].rsplit("-", 1)[0] if source == "insciout" else row["id"]


def folds(items: Sequence[Graded], count: int, seed: int) -> list[list[int]]:
    """Indices of ``items`` in ``count`` parts; those of one group are in one part, whatever else is in ``items``."""
    parts: list[list[int]] = [[] for _ in range(count)]
    for index, item in enumerate(items):
        parts[hash_of(seed, item.group or item.id) % count].append(index)
    return parts


def last_sentences(path: Path, rules: Ruleset) -> Iterator[str]:
    """The last sentences of each section of the unlabelled trial texts (``{"text"}``, a section a line), each once."""
    splitter = SentenceSplitter(rules)
    seen: set[str] = set()
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            for section in json.loads(line)["text"].split("\n"):
                for start, end in splitter.spans(section)[-_LAST:]:
                    sentence = section[start:end]
                    if _SHORTEST <= len(sentence.split()) <= _LONGEST and sentence not in seen:
                        seen.add(sentence)
                        yield sentence


def labelled_by_rules(
    sentences: Iterable[str], rules: Ruleset, nlp: Language, counts: Sequence[int], weight: float, seed: int
) -> list[Graded]:
    """Sentences of whose strength the rules are sure, ``counts`` of each strength at most, drawn at random.

    The rules that are sure say so (``sure`` in what they produce).
    """
    grader = StrengthRules(rules)
    by_strength: list[list[str]] = [[] for _ in STRENGTHS]
    for sentence in sentences:
        graded = grader.of(sentence)
        if graded.sure:
            by_strength[STRENGTHS.index(graded.strength)].append(sentence)
    taken: list[Graded] = []
    for strength, (found, count) in enumerate(zip(by_strength, counts, strict=True)):
        drawn = random.Random(hash_of(seed, strength)).sample(found, min(count, len(found)))
        taken += [
            Graded(
                id=f"silver-{STRENGTHS[strength]}-{number:04d}",
                words=words_of(nlp, sentence),
                strength=strength,
                guide=GUIDES.index("own"),
                weight=weight,
            )
            for number, sentence in enumerate(drawn)
        ]
    return taken


def agreed(items: Sequence[Graded], judge: Callable[[Sequence[Graded]], Sequence[int]]) -> list[Graded]:
    """Those of ``items`` whose strength ``judge`` gives too."""
    return [item for item, said in zip(items, judge(items), strict=True) if said == item.strength]
