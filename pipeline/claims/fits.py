"""Which rules fit a figure or a sentence, and which almost did: those that their ``unless`` barred, and those that another one beat."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from pipeline.claims.cues import Cue, CueRules, deciding
from pipeline.components.classify import OVERRULING
from pipeline.components.quantity_rules import Fired, QuantityRule, QuantityRules
from pipeline.model import Mention, Record
from pipeline.rules.items import Items
from pipeline.rules.ruleset import Ruleset
from pipeline.rules.templates import TemplateCompiler, compiler_for

State = Literal["fired", "beaten", "barred", "elsewhere"]
_KINDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("class", "class", ()),
    ("measure", "measure", ()),
    ("value", "slot", ("value", "skip")),
    ("group", "slot", ("group",)),
    ("pair", "slot", ("pair",)),
    ("size", "slot", ("size",)),
    ("time", "slot", ("time",)),
)
"""What rules can say of a figure, the key that says it, and its values: of each the first rule that fits wins."""
_REACH = ("before", "at")
"""What a cue rule produces for itself alone: how far it reaches."""


class RuleFit(Record, frozen=True, kw_only=True):
    """A rule whose ``match`` fits, and what came of it. ``start`` and ``end`` count into the text that was read."""

    rule: str
    place: str | None
    """``FILE:LINE``."""
    priority: int
    kind: str
    """Of a rule for a figure what it says something of: ``class``, ``measure``, ``value``, ``group`` ...; ``cue`` for a sentence's."""
    says: dict[str, Any]
    start: int
    end: int
    text: str
    """The words that it matched; the figure alone where it has no ``match``."""
    state: State
    """``beaten`` by another rule or by the figure's own form, ``barred`` by its ``unless``, or a cue ``elsewhere`` in the sentence, where
    it does not count for this claim."""
    by: str | None = None
    """The rule that beat it, the figure's form, or the template of its ``unless``."""
    by_text: str | None = None
    """The words that barred it."""


class _Pair(NamedTuple):
    """A rule for figures, and the same without its ``unless``, each of which is a rule of its own here."""

    rule: QuantityRule
    match: QuantityRule
    unless: list[tuple[str, QuantityRule]]


class FigureFits:
    """The rules of stage ``extract``; built once per process."""

    def __init__(self, rules: Ruleset, compiler: TemplateCompiler | None = None) -> None:
        compiler = compiler_for(rules) if compiler is None else compiler
        self._places = rules.places
        self._kinds: list[tuple[str, str, QuantityRules, list[_Pair]]] = []
        for kind, key, only in _KINDS:
            stated = [r for r in rules.stage("extract") if key in r and (not only or r[key] in only)]
            pairs = [_pair(rule, key, compiler) for rule in stated]
            pairs.sort(key=lambda pair: (-pair.rule.priority, pair.rule.id))
            self._kinds.append((kind, key, QuantityRules(rules, key, compiler, only), pairs))

    def of(self, text: str, items: Items, index: int, kinds: Iterable[str] | None = None) -> list[RuleFit]:
        """The rules that fit item ``index``, a quantity, or almost did; by kind, those that fired first.

        ``items`` are of ``text``. A rule of each kind fires unless what the number's form tells of its class stands against it.
        """
        mention = items.items[index].mention
        found: list[RuleFit] = []
        if mention is None:
            return found
        for kind, key, rules, pairs in self._kinds:
            if kinds is None or kind in kinds:
                found.extend(self._of_kind(text, items, index, mention, (kind, key), rules.first(items, index), pairs))
        return found

    def _of_kind(
        self,
        text: str,
        items: Items,
        index: int,
        mention: Mention,
        named: tuple[str, str],
        best: Fired | None,
        pairs: Sequence[_Pair],
    ) -> list[RuleFit]:
        by: str | None = None
        if (
            named[0] == "class"
            and best is not None
            and mention.quantity_class != "other"
            and best.rule.priority < OVERRULING
        ):
            best, by = None, f"form {mention.form}"
        fired: list[RuleFit] = []
        almost: list[RuleFit] = []
        for rule, match, unless in pairs:
            fits = match.fires(items, index)
            if fits is None:
                continue
            place = (fits.match.first, fits.match.last) if fits.match is not None else (index, index)
            if best is not None and best.rule.id == rule.id:
                fired.append(self._fit(text, items, rule, named, place, "fired"))
                continue
            barred = next(((t, hit) for t, one in unless if (hit := one.fires(items, index)) is not None), None)
            if barred is None:
                winner = best.rule.id if best is not None else by
                almost.append(self._fit(text, items, rule, named, place, "beaten", winner))
            else:
                template, hit = barred
                words = _words(text, items, (hit.match.first, hit.match.last)) if hit.match is not None else None
                almost.append(self._fit(text, items, rule, named, place, "barred", template, words))
        return [*fired, *almost]

    def _fit(
        self,
        text: str,
        items: Items,
        rule: QuantityRule,
        named: tuple[str, str],
        place: tuple[int, int],
        state: State,
        by: str | None = None,
        by_text: str | None = None,
    ) -> RuleFit:
        kind, key = named
        return RuleFit(
            rule=rule.id,
            place=self._places.get(rule.id),
            priority=rule.priority,
            kind=kind,
            says={key: rule.says, **rule.produces},
            start=items.items[place[0]].start,
            end=items.items[place[1]].end,
            text=_words(text, items, place),
            state=state,
            by=by,
            by_text=by_text,
        )


class CueFits:
    """The rules of stage ``context``; built once per process."""

    def __init__(self, rules: Ruleset, compiler: TemplateCompiler | None = None) -> None:
        self._compiler = compiler_for(rules) if compiler is None else compiler
        self._places = rules.places
        self._rules = rules.rules
        self._cues = CueRules(rules, self._compiler)
        bare = {rule["id"]: {**rule, "unless": []} for rule in rules.stage("context")}
        self._bare = CueRules(Ruleset(bare), self._compiler)

    def of(self, text: str, items: Items, part: Callable[[list[Cue]], tuple[int, int, int | None]]) -> list[RuleFit]:
        """The cues of a sentence, by place, and those that were barred. ``part`` gives, for the cues found, the first and last item of the
        claim's part of the sentence and the item of its first value."""
        cues = self._cues.find(items)
        first, last, place = part(cues)
        found = []
        for cue in self._bare.find(items):
            if cue in cues:
                found.append(self._fired(text, items, cues, cue, (first, last, place)))
            else:
                template, words = self._barred(text, items, cue)
                found.append(self._fit(text, items, cue, "barred", template, words))
        return found

    def _fired(self, text: str, items: Items, cues: list[Cue], cue: Cue, part: tuple[int, int, int | None]) -> RuleFit:
        first, last, place = part
        keys = [key for key in cue.produces if key not in _REACH]
        alone = [cue, *(other for other in cues if other != cue and not other.produces.keys() & set(keys))]
        if all(deciding(alone, key, first, last, place) is None for key in keys):
            return self._fit(text, items, cue, "elsewhere")
        for key in keys:
            best = deciding(cues, key, first, last, place)
            if best is not None and best.produces[key] != cue.produces[key]:
                return self._fit(text, items, cue, "beaten", best.rule)
        return self._fit(text, items, cue, "fired")

    def _barred(self, text: str, items: Items, cue: Cue) -> tuple[str | None, str | None]:
        for template in _list(self._rules[cue.rule].get("unless")):
            for hit in self._compiler.compile(template).find(items):
                if cue.first <= hit.last and hit.first <= cue.last:
                    return template, _words(text, items, (hit.first, hit.last))
        return None, None

    def _fit(
        self, text: str, items: Items, cue: Cue, state: State, by: str | None = None, by_text: str | None = None
    ) -> RuleFit:
        return RuleFit(
            rule=cue.rule,
            place=self._places.get(cue.rule),
            priority=cue.priority,
            kind="cue",
            says=dict(cue.produces),
            start=items.items[cue.first].start,
            end=items.items[cue.last].end,
            text=_words(text, items, (cue.first, cue.last)),
            state=state,
            by=by,
            by_text=by_text,
        )


def _pair(rule: Mapping[str, Any], key: str, compiler: TemplateCompiler) -> _Pair:
    unless = [
        (template, QuantityRule({"id": rule["id"], key: rule[key], "match": template}, key, compiler))
        for template in _list(rule.get("unless"))
    ]
    return _Pair(QuantityRule(rule, key, compiler), QuantityRule({**rule, "unless": []}, key, compiler), unless)


def _words(text: str, items: Items, place: tuple[int, int]) -> str:
    return text[items.items[place[0]].start : items.items[place[1]].end]


def _list(stated: str | Sequence[str] | None) -> list[str]:
    return [stated] if isinstance(stated, str) else list(stated or ())
