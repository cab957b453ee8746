"""The language models that can be used: our own, and any spaCy pipeline that the user names."""

from __future__ import annotations

import hashlib
import os
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import numpy as np
from packaging.requirements import InvalidRequirement, Requirement
from spacy.strings import get_string_id
from spacy.tokens import Doc

from pipeline.errors import ModelError, UsageError
from pipeline.language.annotate import Classes, FigureScores, LanguageModel, Sentence
from pipeline.language.choice import ModelChoice
from pipeline.language.encoder import Parse, SentenceEncoder
from pipeline.language.labels import UNIVERSAL, LabelMap
from pipeline.language.pieces import windows
from pipeline.language.strength import load_strength
from pipeline.language.weights import Weights, load_weights
from pipeline.rules.ruleset import Ruleset

if TYPE_CHECKING:
    from spacy.language import Language

_MOST_WORDS = 300
"""Words that a named pipeline is given at once."""
_JOINT = "dep"
"""The relation that joins the windows of a sentence that is too long."""
_PACKAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def load_model(rules: Ruleset, name: str | None = None) -> LanguageModel:
    """Our own model, or the spaCy pipeline ``name``: an installed package or a folder.

    Raises ModelError where our own cannot be used, and UsageError where there is no such pipeline or it cannot be loaded; both one line.
    """
    return OwnModel(rules, load_weights()) if name is None else SpacyModel(rules, name)


def choose_model(rules: Ruleset, name: str) -> ModelChoice:
    """What there is to know of the spaCy pipeline ``name`` before a run. Raises UsageError where it cannot be used."""
    model = SpacyModel(rules, name)
    return ModelChoice(name=name, identity=model.identity, lacks=model.lacks)


class OwnModel(LanguageModel):
    """The model that comes with the program."""

    scheme = UNIVERSAL

    def __init__(self, rules: Ruleset, weights: Weights) -> None:
        super().__init__(rules)
        config = weights.config
        self._encoder = SentenceEncoder(weights)
        self.identity = f"own {weights.digest}"
        self.roles = config.roles
        self.strength = load_strength(weights)
        self._breaks = window_breaks(rules)
        self._least = float(rules.params("model-sentence-starts").get("min_probability", 1.0))
        self._classes = Classes(rules).table(config.tags, config.relations)
        self._strings = (*config.tags, *config.relations, *config.entities, *config.measured, _JOINT)
        self._tags, self._relations = _hashes(config.tags), _hashes(config.relations)

    def _prepare(self, doc: Doc) -> None:
        for name in self._strings:
            doc.vocab.strings.add(name)

    def _sentences(self, doc: Doc, words: Sequence[str], spaces: Sequence[bool]) -> Iterator[Sentence]:
        parses = self._run(words)
        starts = sentence_starts([parse.starts for parse in parses], self._least)
        if len(starts) == 1:
            yield self._sentence(parses)
            return
        for start, end in zip(starts, [*starts[1:], len(words)], strict=True):
            # Again by itself: what stood beside a sentence must not tell in its parse.
            yield self._sentence(self._run(words[start:end]))

    def _run(self, words: Sequence[str]) -> list[Parse]:
        return [self._encoder.run(words[start:end]) for start, end in self._encoder.windows(words, self._breaks)]

    def _sentence(self, parses: Sequence[Parse]) -> Sentence:
        """The parses of the windows of one sentence; the root of each but the first hangs on the first of all."""
        heads, relations = [], []
        entities: list[tuple[int, int, str, float]] = []
        measured: list[tuple[int, int, str, float]] = []
        scores = []
        at, top = 0, -1
        for parse in parses:
            root = int(np.flatnonzero(parse.heads < 0)[0])
            own = parse.heads + at
            own[root] = top
            heads.append(own)
            named = self._relations[parse.relation_ids]
            if at:
                named[root] = get_string_id(_JOINT)
            else:
                top = root
            relations.append(named)
            entities.extend((at + start, at + end, label, score) for start, end, label, score in parse.entities)
            measured.extend((at + start, at + end, label, score) for start, end, label, score in parse.measured)
            scores.append(FigureScores(at, parse.roles, parse.links))
            at += len(own)
        return Sentence(
            tags=np.concatenate([self._tags[parse.tag_ids] for parse in parses]),
            classes=np.concatenate([self._classes[parse.tag_ids, parse.relation_ids] for parse in parses]),
            lemmas=np.zeros(at, np.uint64),
            heads=np.concatenate(heads),
            relations=np.concatenate(relations),
            entities=entities,
            measured=measured,
            scores=scores,
        )


class SpacyModel(LanguageModel):
    """A pipeline that the user brings. It is run on our tokens, sentence by sentence, and brings no roles and links."""

    def __init__(self, rules: Ruleset, name: str) -> None:
        super().__init__(rules)
        self._name = name
        self._rules = rules
        self._nlp = _load(name)
        self._labels = LabelMap(rules)
        self._breaks = window_breaks(rules)
        self._classes = Classes(rules)
        assigned = {what for pipe in self._nlp.pipe_names for what in self._nlp.get_pipe_meta(pipe).assigns}
        self.lacks = lacks(rules, assigned)
        self.scheme = self._labels.scheme(
            label for pipe in self._nlp.pipe_names for label in self._nlp.pipe_labels.get(pipe, ())
        )
        meta = self._nlp.meta
        self.identity = f"{meta['lang']}_{meta['name']} {meta['version']} {_digest(self._nlp)}"

    def _prepare(self, doc: Doc) -> None:
        pass

    def _sentences(self, doc: Doc, words: Sequence[str], spaces: Sequence[bool]) -> Iterator[Sentence]:
        for start, end in windows(words, [1] * len(words), _MOST_WORDS, self._breaks):
            found = self._run(words[start:end], spaces[start:end])
            bounds = [token.i for token in found if token.is_sent_start and token.i > 0]
            for first, behind in zip([0, *bounds], [*bounds, len(found)], strict=True):
                yield self._sentence(doc, found, first, behind)

    def _run(self, words: Sequence[str], spaces: Sequence[bool]) -> Doc:
        """What the pipeline makes of the words. Raises ModelError where it fails, or joins or splits them."""
        try:
            found = self._nlp(Doc(self._nlp.vocab, words=list(words), spaces=list(spaces)))
        except Exception as error:  # pipelines are code, and may fail in any way
            raise ModelError(f"--model {self._name}: the pipeline failed on a sentence ({_reason(error)})") from error
        if len(found) != len(words):
            raise ModelError(
                f"--model {self._name}: one of its components joins or splits words; take that one out of it"
            )
        return found

    def _sentence(self, doc: Doc, found: Doc, first: int, behind: int) -> Sentence:
        columns = found.to_array(["TAG", "POS", "LEMMA", "DEP"])[first:behind].astype(np.uint64)
        strings, known = doc.vocab.strings, self._nlp.vocab.strings
        for value in {*columns[:, 0].tolist(), *columns[:, 2].tolist(), *columns[:, 3].tolist()} - {0}:
            strings.add(known[value])
        for row in np.flatnonzero((columns[:, 1] == 0) & (columns[:, 0] != 0)):
            relation = self._labels.relation(known[columns[row, 3]])
            columns[row, 1] = self._classes.of(known[columns[row, 0]], relation)
        heads = [token.head.i - first for token in found[first:behind]]
        entities = [
            (entity.start - first, entity.end - first, label, 1.0)
            for entity in found.ents
            if first <= entity.start and entity.end <= behind and (label := self._labels.entity(entity.label_))
        ]
        return Sentence(
            tags=columns[:, 0],
            classes=columns[:, 1],
            lemmas=columns[:, 2],
            heads=np.array([-1 if head == index else head for index, head in enumerate(heads)], np.int64),
            relations=columns[:, 3],
            entities=entities,
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return SpacyModel, (self._rules, self._name)


def sentence_starts(probabilities: Sequence[np.ndarray], least: float) -> list[int]:
    """Where sentences begin among the words of windows that stand one behind the other; a window's first word tells nothing."""
    starts = [0]
    at = 0
    for own in probabilities:
        starts.extend((at + 1 + np.flatnonzero(own[1:] >= least)).tolist())
        at += len(own)
    return starts


def window_breaks(rules: Ruleset) -> tuple[frozenset[str], ...]:
    """The marks of the rule ``window-breaks``, the best first."""
    return tuple(frozenset(map(str, entry["names"])) for entry in rules.lexicon("window-breaks"))


def lacks(rules: Ruleset, assigned: Iterable[str]) -> tuple[str, ...]:
    """What suffers with components that assign no more than ``assigned``: the rule ``model-needs``."""
    known = set(assigned)
    return tuple(str(entry["message"]) for entry in rules.lexicon("model-needs") if entry["assigns"] not in known)


def _hashes(names: Sequence[str]) -> np.ndarray:
    return np.array([get_string_id(name) for name in names], np.uint64)


def _load(name: str) -> Language:
    import spacy

    if not name.strip():
        raise UsageError("--model: the name is empty; give that of an installed spaCy pipeline, or its folder")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of versions that differ a little
            nlp = spacy.load(name)
            # Our tokens stay as they are.
            nlp.disable_pipes(*(pipe for pipe in nlp.pipe_names if nlp.get_pipe_meta(pipe).retokenizes))
            # That a component was never trained shows only when it runs.
            nlp(Doc(nlp.vocab, words=["a", "b"]))
            return nlp
    except Exception as error:  # pipelines are code, and may fail in any way
        if not os.path.exists(name) and not spacy.util.is_package(name):
            advice = f"install it (python -m spacy download {name})" if _PACKAGE.fullmatch(name) else "check the path"
            raise UsageError(
                f"--model {name}: no such spaCy pipeline here; {advice} or give the folder of one"
            ) from error
        raise UsageError(f"--model {name}: the pipeline cannot be loaded ({_reason(error)})") from error


def _reason(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]


def _digest(nlp: Language) -> str:
    """A SHA-256 over a pipeline's files, and the versions of the libraries that it asks for."""
    sha = hashlib.sha256()
    folder = nlp.path
    for path in sorted(folder.rglob("*")) if folder is not None else ():
        if path.is_file() and path.suffix not in (".py", ".pyc"):
            sha.update(path.relative_to(folder).as_posix().encode("utf-8", "surrogateescape") + b"\0")
            with path.open("rb") as file:
                sha.update(hashlib.file_digest(file, "sha256").digest())
    for line in sorted(map(str, nlp.meta.get("requirements") or ())):
        try:
            sha.update(f"{line} {version(Requirement(line).name)}\n".encode())
        except (InvalidRequirement, PackageNotFoundError):
            sha.update(f"{line}\n".encode())
    return sha.hexdigest()
