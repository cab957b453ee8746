"""Which value is the intervention's and which the comparator's: the article's design, the model and the words of the claim together."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import NamedTuple, cast

from pipeline.claims.design import Design
from pipeline.claims.evidence import COMPARATOR
from pipeline.claims.groups import GroupMention
from pipeline.claims.linking import Linked
from pipeline.claims.values import Named
from pipeline.model import ClaimKind, Role
from pipeline.rules.ruleset import Ruleset

_LEAST = 1e-3
_BY_WORDS = 0.9
"""How sure a role is that the words tell without the model."""
_SAID = 4.0
"""The log-odds that a group has at least that is the intervention by its name."""
_CERTAIN = 1.0
"""The log-odds that a group has at least, where one of a claim's groups is the control by its name."""
_NEXT_PART = re.compile(r"\s?[,;]\s")
_OTHER: tuple[Role, ...] = ("baseline", "followup", "total")


class Roles(NamedTuple):
    """Of each value of a claim its role, and its group as it is known now."""

    roles: list[Role | None]
    named: list[Named | None]
    sure: list[float]
    """How sure each role is, 0 to 1."""


class RoleRules:
    """Assigns roles; the weights are the rule ``arm-weights``."""

    def __init__(self, rules: Ruleset) -> None:
        weights = rules.params("arm-weights")
        self._model = float(weights.get("model", 0.0))
        self._most = float(weights.get("model_most", math.inf))
        self._other = float(weights.get("other_role", 1.0))

    def assign(
        self,
        linked: Sequence[Linked],
        named: Sequence[Named | None],
        kind: ClaimKind,
        design: Design,
        groups: Sequence[GroupMention],
        earlier: Sequence[GroupMention],
        *,
        in_order: bool,
    ) -> Roles:
        """``groups`` are those that the sentence names, ``earlier`` those of the last sentence before it that names several; ``in_order``
        tells whether the words say that the values come in the order of the groups."""
        found_names = list(named)
        if kind == "change" and len(named) == 2 and named[0] == named[1]:
            return Roles(["baseline", "followup"], found_names, [_BY_WORDS] * 2)
        told = {name.words for name in named if name is not None}
        if len(named) > 1 and len(told) < len(named) and (in_order or (kind == "comparison" and not told)):
            found_names = self._in_order(len(named), design, groups, () if told else earlier) or found_names
        if found_names == list(named) and kind == "comparison" and len(named) > 1 and len(told) == 1 and all(named):
            # "better in the tea group (48% v 11%)": the group is named once, and the other is not.
            found_names = [found_names[0], *[None] * (len(named) - 1)]
        _name_the_other(found_names, kind, design, groups)
        controls = kind == "comparison" and any(n is not None and n.role == "comparator" for n in found_names)
        odds: list[float | None] = []
        roles: list[Role | None] = []
        for one, name in zip(linked, found_names, strict=True):
            said = one.evidence.roles
            other = max(_OTHER, key=lambda role: said.get(role, 0.0))
            none = said.get("none", 0.0)
            if name is not None and name.is_population and kind == "single":
                odds.append(None)
                roles.append("total" if max(said.get("total", 0.0), none) > said.get("comparator", 0.0) else None)
                continue
            if name is None and max(said.get(other, 0.0), none) > self._other:
                odds.append(None)
                roles.append(other if said.get(other, 0.0) > none else None)
                continue
            if name is None and (kind != "comparison" or not said):
                # A figure of nobody's is the intervention's only where the model is sure of it.
                certain = max(("arm", "comparator"), key=lambda role: said.get(role, 0.0))
                odds.append(None)
                roles.append(cast(Role, certain) if said.get(certain, 0.0) > self._other else None)
                continue
            total = math.log((said.get("arm", 0.0) + _LEAST) / (said.get("comparator", 0.0) + _LEAST))
            total = max(-self._most, min(self._most, self._model * total))
            if name is not None:
                total += design.score(tuple(name.words.split(" ")))
            if name is not None and name.role == "comparator":
                total = min(total, -_CERTAIN)
            elif name is not None and name.role == "arm":
                total = max(total, _SAID)
            elif name is not None and controls:
                total = max(total, _CERTAIN)
            odds.append(total)
            roles.append("arm" if total >= 0 else "comparator")
        sure = [
            max(one.evidence.roles.values(), default=_BY_WORDS) if odd is None else 1 / (1 + math.exp(-abs(odd)))
            for one, odd in zip(linked, odds, strict=True)
        ]
        return Roles(_apart(roles, odds, found_names, kind), found_names, sure)

    def _in_order(
        self, count: int, design: Design, groups: Sequence[GroupMention], earlier: Sequence[GroupMention]
    ) -> list[Named | None]:
        """As many groups as there are values, in the order in which this sentence, or the last that names so many, tells them."""
        for told in (groups, earlier):
            by_arm = {design.arm(g.key): g for g in reversed(told) if not g.is_population}
            ordered = sorted(by_arm.values(), key=lambda g: g.start)
            if len(ordered) == count:
                return [_named(group, design) for group in ordered]
        return []


def follow_their_groups(text: str, first: int, named: Sequence[Named | None], groups: Sequence[GroupMention]) -> bool:
    """Whether two values, the first at character ``first``, are set against each other once both groups have been named, in a part of
    the sentence that names none: "a rash in 4% on tea and 9% on milk, and 2% versus 3% left". The last group named is then not theirs
    alone."""
    known = [name for name in named if name is not None]
    told = [group for group in groups if not group.is_population]
    return (
        len(named) == 2
        and len({name.words for name in known}) == 1
        and known[0].end <= first
        and _NEXT_PART.match(text, known[0].end) is not None
        and all(group.end <= first for group in told)
    )


def _name_the_other(named: list[Named | None], kind: ClaimKind, design: Design, groups: Sequence[GroupMention]) -> None:
    """Of two values set against each other the one without a group gets the only other group of the sentence, if that is a control."""
    if kind != "comparison" or len(named) != 2 or sum(name is None for name in named) != 1:
        return
    known = next(name.words for name in named if name is not None)
    others = [g for g in groups if not g.is_population and " ".join(design.arm(g.key)) != known]
    if len({design.arm(g.key) for g in others}) == 1 and (others[0].is_control or others[0].label == COMPARATOR):
        named[named.index(None)] = _named(others[0], design)


def _named(group: GroupMention, design: Design) -> Named:
    return Named(group.start, group.end, None, group.role, " ".join(design.arm(group.key)))


def _apart(
    roles: list[Role | None], odds: Sequence[float | None], named: Sequence[Named | None], kind: ClaimKind
) -> list[Role | None]:
    """Of groups that are set against each other one is the intervention and one what it is compared with."""
    known = [at for at, odd in enumerate(odds) if odd is not None]
    names = {name.words if name is not None else f" {at}" for at, name in enumerate(named) if at in known}
    if kind != "comparison" or len(known) < 2 or len(names) < 2 or len({roles[at] for at in known}) > 1:
        return roles

    def of(at: int) -> float:
        odd = odds[at]
        return 0.0 if odd is None else odd

    found = list(roles)
    turned = (
        max(known, key=lambda at: (of(at), -at))
        if roles[known[0]] == "comparator"
        else min(known, key=lambda at: (of(at), -at))
    )
    name = named[turned]
    for at in known:
        same = at == turned or (name is not None and (other := named[at]) is not None and other.words == name.words)
        if same:
            found[at] = "arm" if roles[known[0]] == "comparator" else "comparator"
    return found
