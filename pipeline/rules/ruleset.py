"""The rules of a run, loaded and checked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

_CLEANS = "clean"
"""The stage whose rules say what of a page is its article."""
_COMPARES = "check"
"""The stage whose rules say what claims of several articles mean together, and so take no part in extracting them."""
_SHARED = frozenset({"mark-names"})
"""Rules for cleaning that extraction reads too: a reference mark looks in a cleaned text as it did on the page."""

_FOR_PEOPLE = frozenset({"why", "help", "examples"})
"""The keys of a rule that change no result."""


class Ruleset:
    """All usable rules of a folder, by id; the order of files and of rules in them never matters.

    ``digest`` is a SHA-256 over what was loaded. ``problems`` are lines ``FILE:LINE: what is wrong; what to do`` for what was left
    out, sorted. ``places`` gives ``FILE:LINE`` for each rule id.
    """

    def __init__(
        self,
        rules: Mapping[str, Mapping[str, Any]],
        topics: tuple[Mapping[str, Any], ...] = (),
        digest: str = "",
        problems: tuple[str, ...] = (),
        places: Mapping[str, str] | None = None,
    ) -> None:
        self.rules: dict[str, Mapping[str, Any]] = dict(sorted(rules.items()))
        self.topics = topics
        self.digest = digest
        self.problems = problems
        self.places: dict[str, str] = dict(sorted((places or {}).items()))

    def dump(self) -> bytes:
        """All of it as JSON, for :meth:`restore` in another process."""
        return json.dumps([self.rules, self.topics, self.digest, self.problems, self.places]).encode("ascii")

    @classmethod
    def restore(cls, data: bytes) -> Ruleset:
        """The ruleset that was dumped."""
        rules, topics, digest, problems, places = json.loads(data)
        return cls(rules, tuple(topics), digest, tuple(problems), places)

    @cached_property
    def extracting(self) -> Ruleset:
        """The rules without those that compare articles: all that extracting claims may depend on."""
        rules = {rule_id: rule for rule_id, rule in self.rules.items() if rule["stage"] != _COMPARES}
        return Ruleset(rules, self.topics, digest_of(rules, self.topics), self.problems, self.places)

    @cached_property
    def cleaning(self) -> Ruleset:
        """The rules that turn a page into text: all that cleaning may depend on, without what only people read of them."""
        return self._working({rule_id: rule for rule_id, rule in self.rules.items() if rule["stage"] == _CLEANS}, ())

    @cached_property
    def analysing(self) -> Ruleset:
        """The rules that find claims in cleaned text: all that this may depend on beside the text, without what only people read."""
        others = (_CLEANS, _COMPARES)
        rules = {
            rule_id: rule for rule_id, rule in self.rules.items() if rule["stage"] not in others or rule_id in _SHARED
        }
        return self._working(rules, self.topics)

    def _working(self, rules: Mapping[str, Mapping[str, Any]], topics: tuple[Mapping[str, Any], ...]) -> Ruleset:
        told = {
            rule_id: {key: value for key, value in rule.items() if key not in _FOR_PEOPLE}
            for rule_id, rule in rules.items()
        }
        return Ruleset(told, topics, digest_of(told, topics), self.problems, self.places)

    @property
    def extraction_digest(self) -> str:
        """``digest`` of the rules that extract claims: what a cached extraction depends on."""
        return self.extracting.digest

    def lexicon(self, rule_id: str) -> tuple[Any, ...]:
        """The ``entries`` of the rule ``rule_id``; empty where it was left out, has none or does not exist."""
        rule = self.rules.get(rule_id)
        return tuple(rule.get("entries") or ()) if rule is not None else ()

    def phrases(self, rule_id: str) -> tuple[str, ...]:
        """The entries of ``rule_id`` that are plain words, and the ``names`` of those that are mappings."""
        found: list[str] = []
        for entry in self.lexicon(rule_id):
            if isinstance(entry, Mapping):
                found.extend(str(name) for name in entry.get("names", ()))
            else:
                found.append(str(entry))
        return tuple(found)

    def params(self, rule_id: str) -> Mapping[str, Any]:
        """The ``params`` of ``rule_id``; empty where there are none."""
        return dict(self.rules.get(rule_id, {}).get("params") or {})

    def stage(self, stage: str) -> tuple[Mapping[str, Any], ...]:
        """All rules of a stage, sorted by id."""
        return tuple(rule for rule in self.rules.values() if rule["stage"] == stage)


def digest_of(rules: Mapping[str, Any], topics: tuple[Mapping[str, Any], ...]) -> str:
    """SHA-256 of the content, the same for any order of files, rules, keys and topic terms, and for any comments."""
    parts = [json.dumps(rule, sort_keys=True) for rule in rules.values()]
    for topic in topics:
        head = {key: value for key, value in topic.items() if key not in ("terms", "variants")}
        lists = {
            key: sorted(json.dumps(entry, sort_keys=True) for entry in topic[key]) for key in ("terms", "variants")
        }
        parts.append(json.dumps({**head, **lists}, sort_keys=True))
    return hashlib.sha256("\n".join(sorted(parts)).encode("ascii")).hexdigest()
