"""Which entry of an article's reference list is the study that its prose tells of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeline.claims.study_mentions import Facts
from pipeline.model import Reference
from pipeline.shapes import YEAR

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SURNAME = re.compile(r"[^\W\d_][^\W_]*(?:['’-][^\W_]+)*")
_YEAR = re.compile(rf"(?<![\w])({YEAR})[a-z]?\b")
_HEAD = 1200
_MIN_TITLE = 3
"""Letters of a one-word journal."""


class _Entry(NamedTuple):
    reference: Reference
    surname: str | None
    years: frozenset[str]
    words: tuple[str, ...]
    """As they are written."""


class ReferenceIndex:
    """The entries of one reference list. ``small`` are the words that abbreviated titles leave out, such as "of"."""

    def __init__(self, references: Sequence[Reference], small: frozenset[str]) -> None:
        self._small = small
        self._entries = [_entry(reference) for reference in references]

    def find(self, facts: Facts) -> Reference | None:
        """The one entry that ``facts`` fit: by its first author or its journal, and by its year where that is told. ``None`` where no
        entry or more than one fits, or where neither author, journal nor registry number is told."""
        named = [entry for entry in self._entries if self._has_name(entry, facts)]
        if len(named) == 1:
            return named[0].reference
        journals = facts.journals | facts.places
        if not facts.authors and not journals:
            return None
        fitting = list(self._fitting(facts, journals))
        return fitting[0].reference if len(fitting) == 1 else None

    def _fitting(self, facts: Facts, journals: frozenset[str]) -> Iterator[_Entry]:
        for entry in self._entries:
            if facts.years and entry.years and facts.years.isdisjoint(entry.years):
                continue
            if facts.authors and entry.surname not in facts.authors:
                continue
            told = facts.journals or (frozenset() if facts.authors else journals)
            if told and not any(self._is_in(journal, entry.words) for journal in sorted(told)):
                continue
            yield entry

    def _has_name(self, entry: _Entry, facts: Facts) -> bool:
        if not facts.names:
            return False
        folded = frozenset(word.casefold() for word in entry.words)
        return any(all(part in folded for part in name.split()) for name in facts.names if any(map(str.isdigit, name)))

    def _is_in(self, journal: str, words: tuple[str, ...]) -> bool:
        """Whether the entry's ``words`` hold ``journal``, in full, abbreviated (``N Engl J Med``) or, for an acronym, spelled out."""
        title = [word for word in _WORD.findall(journal) if word not in self._small]
        if not title or len("".join(title)) < _MIN_TITLE:
            return False
        written = [word for word in words if word.casefold() not in self._small]
        for start in range(len(written) - len(title) + 1):
            run = written[start : start + len(title)]
            fits = all(w[0].isupper() and t.startswith(w.casefold()) for w, t in zip(run, title, strict=True))
            if fits and (len(title) > 1 or len(run[0]) > _MIN_TITLE or run[0].casefold() == title[0]):
                return True
        if len(title) == 1:
            return self._is_acronym(title[0], written)
        return False

    def _is_acronym(self, letters: str, written: Sequence[str]) -> bool:
        if not _MIN_TITLE < len(letters) <= 6:
            return False
        return any(
            all(
                word[0].casefold() == letter and word[0].isupper()
                for word, letter in zip(written[at:], letters, strict=False)
            )
            for at in range(len(written) - len(letters) + 1)
        )


def _entry(reference: Reference) -> _Entry:
    head = reference.text[:_HEAD]
    surname = next((m.group() for m in _SURNAME.finditer(head) if len(m.group()) > 1 and m.group()[0].isupper()), None)
    years = frozenset(_YEAR.findall(f"{reference.key} {head}"))
    return _Entry(reference, surname.casefold() if surname else None, years, tuple(_WORD.findall(head)))
