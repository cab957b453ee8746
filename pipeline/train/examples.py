"""What a training set is made of: words with whatever somebody has annotated on them."""

from __future__ import annotations

from pipeline.model import Record


class Span(Record, frozen=True, kw_only=True):
    """Words ``start`` to ``end`` (exclusive) with a label; spans of different labels may overlap."""

    start: int
    end: int
    label: str


class Figure(Record, frozen=True, kw_only=True):
    """A number mention, words ``start`` to ``end`` (exclusive), with its role (``annotations.ROLES``) and what it belongs to.

    ``group``, ``outcome`` and ``time`` hold word ranges ``(start, end)``; empty where the sentence does not tell.
    """

    start: int
    end: int
    role: str
    group: tuple[tuple[int, int], ...] = ()
    outcome: tuple[tuple[int, int], ...] = ()
    time: tuple[tuple[int, int], ...] = ()


class Example(Record, frozen=True, kw_only=True):
    """One sentence. A layer that nobody annotated is None, which is not the same as empty: it teaches nothing."""

    id: str
    words: tuple[str, ...]
    spaces: tuple[bool, ...]
    """Whether white space follows each word."""
    tags: tuple[str, ...] | None = None
    """Penn Treebank tags (XPOS)."""
    heads: tuple[int, ...] | None = None
    """Of each word the index of its head, from 0; -1 at the root."""
    relations: tuple[str, ...] | None = None
    """Universal Dependencies relations, with subtypes; ``root`` at the root."""
    entities: tuple[Span, ...] | None = None
    """With the labels of ``annotations.LABELS`` but VALUE, which ``figures`` holds."""
    labelled: tuple[str, ...] | None = None
    """The labels that ``entities`` tells of; None: all."""
    figures: tuple[Figure, ...] | None = None
    """Every figure that has a role other than being unmarked."""
    measured: tuple[Span, ...] | None = None
    """Entities in the scheme of RCT-ART: INTV, OC, MEAS."""

    @property
    def text(self) -> str:
        """The sentence as it is printed, without white space at its end."""
        return "".join(word + " " * space for word, space in zip(self.words, self.spaces, strict=True)).rstrip()
