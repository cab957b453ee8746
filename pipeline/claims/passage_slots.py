"""Which words of an article can fill a slot, and the slot that they make."""

from __future__ import annotations

import re
from collections.abc import Collection

from pipeline.claims.design import Design
from pipeline.claims.evidence import COMPARATOR, CONDITION, INTERVENTION, OUTCOME, Evidence, Passage
from pipeline.claims.groups import Key
from pipeline.claims.slot_rules import SlotRules
from pipeline.model import Slot
from pipeline.rules.terms import Term

_HYPHENS = "-‐‑–"
_NOUNS = ("NOUN", "PROPN", "PRON", "NUM")
_NAMING = ("VBG",)
_PERSONAL = ("PRP", "PRP$")
"""Tags of pronouns that name nothing by themselves."""
_TOLD = ("VBD", "MD")
"""Tags of verbs that tell what happened."""
TREATED = ("comparator", "intervention")
"""Types of names for what is given."""
_NEXT_WORD = re.compile(r" [^\W\d_][\w-]{0,19}\b")
_NAME_LENGTH = 60


class PassageSlots:
    """Reads the entities of one article as slots."""

    def __init__(self, rules: SlotRules, evidence: Evidence, design: Design) -> None:
        self._text, self._evidence, self._design = evidence.text, evidence, design
        self._filler = rules
        self._terms, self._groups, self._generic, self._sure = rules.terms, rules.groups, rules.generic, rules.sure
        self._main: dict[str, Slot | None] = {}
        """By label what the article speaks of most."""
        self._usable: dict[tuple[tuple[int, int], bool], list[Passage]] = {}
        self._found: dict[tuple[int, int], list[Term]] = {}

    def stated(self, start: int, end: int, types: Collection[str]) -> Slot:
        """A slot of the words ``start`` to ``end``, or of the one name in them that is of ``types``."""
        best = self._term(start, end, types)
        if best is None:
            return Slot(text=self._text[start:end])
        return Slot(text=self._text[best.start : best.end], id=best.id)

    def treated(self, start: int, end: int) -> Slot:
        """What the group got that is named by the words ``start`` to ``end``."""
        first, last = self._groups.trimmed(self._text, start, end)
        known = self._term(start, end, TREATED)
        if known is not None:
            return Slot(text=self._text[known.start : known.end], id=known.id)
        return Slot(text=self._text[first:last], id=self.variant(start, end))

    def _odds(self, passage: Passage) -> float:
        """How much speaks for a treatment being the intervention, by the article's design."""
        return self._design.score(self._groups.key(self._words(passage)))

    def usable(self, sentence: tuple[int, int], *, names: bool = True) -> list[Passage]:
        """The entities of a sentence whose words can be what their label says: a treatment has a name, and is no number."""
        known = self._usable.get((sentence, names))
        if known is None:
            passages = self._evidence.passages(*sentence, names=names)
            treated = {(p.start, p.end) for p in passages if p.label == CONDITION}
            known = self._usable[sentence, names] = [
                p
                for p in passages
                if (
                    p.label not in (INTERVENTION, COMPARATOR)
                    or (
                        self._groups.tells(self._words(p))
                        and not self._evidence.is_quantity(p.start, p.end)
                        and not self._evidence.is_result(self._first_word(p))
                        and (p.id is not None or self._groups.trimmed(self._text, p.start, p.end) not in treated)
                    )
                )
                and (p.id is not None or p.label == OUTCOME or self._names(p))
            ]
        return list(known)

    def _first_word(self, passage: Passage) -> int:
        """Where the words of a passage begin without "those" and the like, and marks."""
        start, _ = self._groups.trimmed(self._text, passage.start, passage.end)
        return start

    def telling(self, sentence: tuple[int, int]) -> list[Passage]:
        """Those of :meth:`usable` that may be what a statement without a figure is about: no controls, and only what has a noun."""
        return [
            p
            for p in self.usable(sentence, names=False)
            if (p.id is not None or p.label != OUTCOME or self._says(p))
            and not (p.label in (INTERVENTION, COMPARATOR) and self._groups.is_control(self._words(p)))
        ]

    def _says(self, passage: Passage) -> bool:
        """Whether the words are more than a description of what they leave out ("more effective")."""
        tokens = self._evidence.tokens(passage.start, passage.end) or ()
        return any(token.pos_ in (*_NOUNS, "VERB", "") for token in tokens)

    def _names(self, passage: Passage) -> bool:
        """Whether the words name something: they are whole words, one of them is a noun, and they do not tell what happened."""
        before, behind = (
            self._text[max(0, passage.start - 2) : passage.start],
            self._text[passage.end : passage.end + 2],
        )
        joined = (len(before) == 2 and before[1] in _HYPHENS and before[0].isalnum()) or (
            len(behind) == 2 and behind[0] in _HYPHENS and behind[1].isalnum()
        )
        if joined and passage.label != COMPARATOR:
            return False
        tokens = self._evidence.tokens(passage.start, passage.end)
        if tokens is None or not any(token.pos_ for token in tokens):
            return tokens is not None
        names = (*_NAMING, "JJR") if passage.label == COMPARATOR else _NAMING
        named = any((token.pos_ in _NOUNS and token.tag_ not in _PERSONAL) or token.tag_ in names for token in tokens)
        return named and tokens[0].tag_ not in _TOLD

    def group(self, start: int, end: int) -> str | None:
        """The canonical name of the words for a group, if any: of a treatment, or of a variant of what the article treats ("the higher
        dose")."""
        known = self._term(start, end, TREATED)
        return known.id if known is not None else self.variant(start, end)

    def variant(self, start: int, end: int) -> str | None:
        """The canonical name of words that name a variant of what the article treats ("the higher dose"), if any."""
        main = self._main.get(INTERVENTION)
        if main is None or main.id is None:
            return None
        return self._terms.variant(self._text, start, end, main.id)

    def _slot(self, passage: Passage, types: Collection[str]) -> Slot:
        start, end = passage.start, passage.end
        if passage.label in (INTERVENTION, COMPARATOR):
            start, end = self._groups.trimmed(self._text, start, end)
            start = self._who(start)
        known = None if passage.id else self._term(passage.start, passage.end, types) or self._around(passage, types)
        found = known.id if known is not None else passage.id
        if passage.label == OUTCOME and found is None:
            end = self._evidence.whole(start, end)
        return Slot(text=self._text[start:end], id=found or self._variant_of(passage))

    def _who(self, start: int) -> int:
        """Where the noun begins of which the words from ``start`` on say who is meant: "women who did not"."""
        before = self._text[max(0, start - _NAME_LENGTH) : start].rsplit(maxsplit=2)[1:]
        if len(before) < 2 or before[1].lower() not in self._filler.relative:
            return start
        return start - len(" ".join(before)) - 1

    def _variant_of(self, passage: Passage) -> str | None:
        """The canonical name of a variant of what the article treats, of which the passage is the first word: "lower" of "lower dose"."""
        if passage.label not in (INTERVENTION, COMPARATOR):
            return None
        behind = _NEXT_WORD.match(self._text, passage.end)  # of the same phrase: no mark, no other paragraph between
        return self.variant(passage.start, passage.end if behind is None else behind.end())

    def _around(self, passage: Passage, types: Collection[str]) -> Term | None:
        """The canonical name that holds the whole passage, of a treatment: "lower dose of X" for "lower"."""
        if passage.label not in (INTERVENTION, COMPARATOR):
            return None
        first = max(0, passage.start - _NAME_LENGTH)
        terms = self._terms_in(first, min(len(self._text), passage.end + _NAME_LENGTH))
        return next((t for t in terms if t.type in types and t.start <= passage.start and passage.end <= t.end), None)

    def _term(self, start: int, end: int, types: Collection[str]) -> Term | None:
        """The longest canonical name in ``start`` to ``end`` that is of ``types``."""
        terms = [t for t in self._terms_in(start, end) if t.type in types]
        return max(terms, key=lambda t: (t.end - t.start, -t.start), default=None)

    def _terms_in(self, start: int, end: int) -> list[Term]:
        """The canonical names in ``start`` to ``end``; the same places are asked for again and again."""
        known = self._found.get((start, end))
        if known is None:
            known = self._found[start, end] = self._terms.find(self._text, start, end)
        return known

    def _key(self, passage: Passage) -> Key:
        """The canonical name of a passage, else its words."""
        known = self._slot(passage, (passage.label.lower(),)).id
        return (known,) if known is not None else self._groups.key(self._words(passage))

    def _words(self, passage: Passage) -> str:
        return self._text[passage.start : passage.end]
