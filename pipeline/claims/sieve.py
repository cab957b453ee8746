"""Which sentences of an article the language model reads: those that can hold a claim, or that bear on the evidence in a way for which it
matters what they name.

The model costs far more than all else, and most sentences tell nothing that could be compared. What can become a claim shows without it:
figures that may be results, words that say an effect, a safety or a difference. What is said of the rest rests on words alone; names out
of topic files are found everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.claims.assertions import AssertionRules
from pipeline.claims.cues import Cue, CueRules, shown
from pipeline.claims.figureless import tells_difference
from pipeline.claims.groups import GroupFinder
from pipeline.claims.sifted import Sifted, Span
from pipeline.claims.statements import KEY
from pipeline.claims.values import ValueRules
from pipeline.components.classify import by_sentence
from pipeline.model import Mention
from pipeline.rules.items import Items, itemise
from pipeline.rules.ruleset import Ruleset

_OPENS_LIST = ":"


class Sieve:
    """Chooses sentences by the rule ``sentences-to-read`` and by what claims are made of; built once per process."""

    def __init__(
        self, rules: Ruleset, cues: CueRules, values: ValueRules, assertions: AssertionRules, groups: GroupFinder
    ) -> None:
        self._cues, self._values, self._assertions, self._groups = cues, values, assertions, groups
        params = rules.params("sentences-to-read")
        self._signs = frozenset(map(str, params.get("signs", ())))
        self._graded = frozenset(map(str, params.get("graded", ())))

    def sift(
        self, text: str, sentences: Sequence[Span], mentions: Sequence[Mention], *, everything: bool = False
    ) -> Sifted:
        """``sentences`` and ``mentions`` of a text, sorted, in those to read and the rest; ``everything`` has the rest read too."""
        inside = {start: found for start, _, found in by_sentence(sentences, mentions)}
        chosen: list[Span] = []
        rest: list[Span] = []
        known: dict[Span, tuple[Items, list[Cue]]] = {}
        for place, (start, end) in enumerate(sentences):
            items = itemise(text, start, end, inside.get(start, []))
            cues = self._cues.find(items)
            known[start, end] = items, cues
            # The first sentence is the title.
            if place == 0 or text[end - 1] == _OPENS_LIST or self.admits(items, cues):
                chosen.append((start, end))
            else:
                rest.append((start, end))
        return Sifted(known, chosen, rest, everything)

    def is_graded(self, cues: Sequence[Cue]) -> bool:
        """Whether the sentence bears a sign for which it matters how strongly it is said."""
        return any(cue.produces.get(KEY) in self._graded for cue in cues)

    def admits(self, items: Items, cues: list[Cue]) -> bool:
        """Whether the sentence can become a claim, or bears a sign of which it matters what else the sentence names."""
        if any(cue.produces.get(KEY) in self._signs for cue in cues) or self._groups.may_set_apart(items):
            return True
        if shown(cues, "no_claim"):
            return False
        if self._assertions.may_claim(items, cues) or tells_difference(items, cues):
            return True
        return bool(items.numbers) and self._values.may_pick(items)
