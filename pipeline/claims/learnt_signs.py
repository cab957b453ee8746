"""What the strength add-on sees: signs where no rule found one, a promise, a doubt, a null in words that nobody listed; and of claims the
way and the meaning."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from msgspec.structs import replace

from pipeline.language.meaning import packed
from pipeline.language.strength import SIGNS, WAYS
from pipeline.model import LEARNT, Sign, Way
from pipeline.rules.ruleset import Ruleset

if TYPE_CHECKING:
    from pipeline.claims.draft import ClaimDraft
    from pipeline.claims.evidence import Evidence
    from pipeline.claims.reading import Sentence


class _Entry(NamedTuple):
    """What one column of the add-on's answer comes to."""

    column: int
    sign: str
    least: float
    unless: frozenset[str]


class LearntSigns:
    """Reads the add-on's probabilities by the rule ``signs-by-model``; built once per process."""

    def __init__(self, rules: Ruleset) -> None:
        params = rules.params(LEARNT)
        signs: Sequence[Mapping[str, Any]] = params.get("signs", ())
        self._entries = tuple(
            _Entry(SIGNS.index(entry["says"]), str(entry["sign"]), float(entry["least"]), frozenset(entry["unless"]))
            for entry in signs
        )
        self._denied = float(params.get("denied", 1.0))
        self._bars = frozenset(map(str, params.get("bars", ())))
        self._least_words = int(params.get("least_words", 1))
        self._gate = float(params.get("gate", 0.0))
        self._tells = float(params.get("tells", 1.1))
        self._way = float(params.get("way", 1.1))

    def beside(self, sentence: Sentence, evidence: Evidence, found: Sequence[Sign]) -> list[Sign]:
        """The signs of a sentence that the rules did not find; none in one of few words, nor where the add-on is not asked."""
        if len(sentence.items.items) < self._least_words:
            return []
        likely = evidence.signs(sentence.start, sentence.end, self._gate)
        return [] if likely is None else self.of(likely, sentence.start, sentence.end, found)

    def retold(self, draft: ClaimDraft, evidence: Evidence) -> ClaimDraft:
        """``draft`` with the way and the meaning of its sentence, where the add-on was asked of that and takes it for a result."""
        told = evidence.known(draft.start, draft.end)
        if told is None or told.tells < self._tells:
            return draft
        return replace(draft, way=self.way([float(p) for p in told.ways]), meaning=packed(told.meaning))

    def way(self, likely: Sequence[float]) -> Way | None:
        """The way that is likely enough by the add-on's ``likely``."""
        return next((way for way in get_args(Way) if likely[WAYS.index(way)] >= self._way), None)

    def of(self, likely: Sequence[float], start: int, end: int, found: Iterable[Sign]) -> list[Sign]:
        """The signs of the sentence at ``start`` to ``end`` by the add-on's ``likely``, in the order of the rule.

        What rules ``found`` there counts before. A sentence that only denies or asks what somebody may claim bears none.
        """
        borne = {sign.sign for sign in found}
        if likely[SIGNS.index("denied")] >= self._denied or borne & self._bars:
            return []
        seen: list[Sign] = []
        for entry in self._entries:
            if likely[entry.column] >= entry.least and entry.sign not in borne and not borne & entry.unless:
                seen.append(Sign(sign=entry.sign, start=start, end=end, rule=LEARNT))
                borne.add(entry.sign)
        return seen
