"""The weights of our own language model: where they lie, whether they are whole, and how they are loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import numpy.typing as npt

from pipeline.errors import ModelError
from pipeline.language.sessions import open_session
from pipeline.model import Record

if TYPE_CHECKING:
    from pipeline.language.pieces import WordPieces

FORMAT = 1
FILES = ("encoder.onnx", "pieces.json", "word_scales.npy", "words.npy")
INPUTS = ("embedded", "shapes", "first", "last")
OUTPUTS = ("tags", "arcs", "relations", "starts", "entities", "measured", "roles", "links")
LEAST = 128
"""Pieces that a sentence must be allowed: one word may have nearly as many."""
CONFIG = "config.json"
_MEND = "install the program again, or name a spaCy pipeline with --model"


class Config(Record, frozen=True, kw_only=True):
    """``config.json``: what the scores of the encoder stand for, each list in the order of its scores."""

    format: int
    tags: tuple[str, ...]
    relations: tuple[str, ...]
    entities: tuple[str, ...]
    measured: tuple[str, ...]
    roles: tuple[str, ...]
    max_pieces: int
    """Word pieces of a sentence at most, the marks of begin and end among them."""
    sha256: dict[str, str]
    """Of each of :data:`FILES`, and of the strength add-on where there is one."""


class Weights:
    """The files of one language model, checked and open. Use :func:`load_weights`."""

    def __init__(self, folder: Path, config: Config, digest: str, threads: int = 1) -> None:
        self.folder = folder
        self.config = config
        self.digest = digest
        """SHA-256 of ``config.json``, which names those of the other files."""
        self._threads = threads

    @cached_property
    def words(self) -> npt.NDArray[np.int8]:
        """[V, H] embeddings, mapped from the file."""
        words: npt.NDArray[np.int8] = self._array("words.npy", np.int8, 2)
        return words

    @cached_property
    def scales(self) -> npt.NDArray[np.float32]:
        """[V] what each row of ``words`` is multiplied with."""
        scales: npt.NDArray[np.float32] = self._array("word_scales.npy", np.float32, 1)
        return scales

    @cached_property
    def pieces(self) -> WordPieces:
        from pipeline.language.pieces import WordPieces

        try:
            return WordPieces(self.folder / "pieces.json")
        except Exception as error:  # the library raises nothing more exact
            raise _broken(self.folder, "pieces.json cannot be read") from error

    @cached_property
    def session(self) -> Any:
        """The ``onnxruntime`` session; it computes the same whatever the machine has of cores."""
        try:
            return open_session(self.folder / "encoder.onnx", self._threads)
        except Exception as error:  # the library's own errors have no common class
            raise _broken(self.folder, "encoder.onnx cannot be loaded") from error

    def open(self) -> None:
        """Opens all files and checks that they fit each other. Raises ModelError."""
        config, session = self.config, self.session
        if "root" not in config.relations or config.max_pieces < LEAST:
            raise _broken(self.folder, f"{CONFIG} names no root, or too few pieces")
        if not self.pieces.count <= len(self.words) == len(self.scales):
            raise _broken(self.folder, "pieces.json and words.npy differ in size")
        inputs = {entry.name for entry in session.get_inputs()}
        outputs = {entry.name for entry in session.get_outputs()}
        if inputs != set(INPUTS) or not set(OUTPUTS) <= outputs:
            raise _broken(self.folder, "encoder.onnx has other inputs or outputs than this version reads")
        # Some faults show only when the model runs, so it reads two words.
        pieces = self.pieces(["a", "b"])
        embedded = np.zeros((len(pieces.ids), self.words.shape[1]), np.float32)
        try:
            found = session.run(OUTPUTS, dict(zip(INPUTS, (embedded, *pieces[1:]), strict=True)))
        except Exception as error:  # the library's own errors have no common class
            raise _broken(self.folder, "encoder.onnx does not run") from error
        sizes = (len(config.tags), len(config.relations), len(config.entities), len(config.measured), len(config.roles))
        tags, relations, entities, measured, roles = sizes
        wanted = ((2, tags), (2, 3), (2, 3, relations), (2,), (2, entities, 3), (2, measured, 3), (2, roles), (3, 2, 3))
        if tuple(scores.shape for scores in found) != wanted:
            raise _broken(self.folder, "encoder.onnx and config.json differ in their labels")

    def _array(self, name: str, kind: type, axes: int) -> Any:
        try:
            array = np.load(self.folder / name, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise _broken(self.folder, f"{name} cannot be read") from error
        if array.dtype != kind or array.ndim != axes:
            raise _broken(self.folder, f"{name} is of another kind")
        return array.view(np.ndarray)  # indexing a memmap itself is slower

    def __reduce__(self) -> tuple[Any, ...]:
        return load_weights, (self.folder, self._threads)  # a session cannot travel to another process


def shipped_weights() -> Path:
    """The folder of the weights that come with the program."""
    return Path(__file__).resolve().parent / "weights"


def load_weights(folder: Path | None = None, threads: int = 1) -> Weights:
    """The weights in ``folder``, by default those that come with the program; under a second.

    Raises ModelError, one line, where files are missing, damaged, or of another version.
    """
    weights = _checked(folder, FILES, threads)
    weights.open()
    return weights


def load_words(folder: Path | None = None) -> Weights:
    """The same for those who need the word embeddings alone: the encoder is neither read nor opened."""
    return _checked(folder, [name for name in FILES if name != "encoder.onnx"])


def _checked(folder: Path | None, names: Sequence[str], threads: int = 1) -> Weights:
    place = shipped_weights() if folder is None else folder
    try:
        data = (place / CONFIG).read_bytes()
    except OSError as error:
        raise ModelError(f"{place}: no language model ({CONFIG}: {error.strerror}); {_MEND}") from error
    try:
        version = msgspec.json.decode(data, type=dict[str, Any]).get("format")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _broken(place, f"{CONFIG} is damaged") from error
    if version != FORMAT:
        raise _broken(place, f"format {version}, this version of the program reads {FORMAT}")
    try:
        config = msgspec.json.decode(data, type=Config)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _broken(place, f"{CONFIG}: {error}") from error
    for name in names:
        if sha256_of(place, name) != config.sha256.get(name):
            raise _broken(place, f"{name} is not the file that {CONFIG} names")
    return Weights(place, config, hashlib.sha256(data).hexdigest(), threads)


def sha256_of(folder: Path, name: str) -> str:
    """The hash of a file: some hundredths of a second for all, and it finds what a size does not (a download cut short, line ends changed).

    Raises ModelError where the file cannot be read.
    """
    try:
        with (folder / name).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _broken(folder, f"{name}: {error.strerror}") from error


def _broken(folder: Path, why: str) -> ModelError:
    return ModelError(f"{folder}: the language model cannot be used ({why}); {_MEND}")
