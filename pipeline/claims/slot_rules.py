"""What the rules say of slots: ids that are the same on every topic, and words that tell controls, people and effects apart."""

from __future__ import annotations

from pipeline.claims.groups import GroupFinder
from pipeline.model import Slot
from pipeline.rules.items import phrase_words
from pipeline.rules.ruleset import Ruleset
from pipeline.rules.terms import TermMatcher


class SlotRules:
    """Built once per process."""

    def __init__(self, rules: Ruleset, terms: TermMatcher, groups: GroupFinder) -> None:
        self.terms = terms
        self.groups = groups
        self.generic = {
            str(when): str(entry["id"]) for entry in rules.lexicon("generic-outcomes") for when in entry["names"]
        }
        """Ids of outcomes that are the same on every topic, by what is counted."""
        self.by_role = frozenset(str(t["id"]) for t in rules.lexicon("generic-terms") if t.get("by_role"))
        """Ids of controls that say nothing of what was given."""
        self.times = frozenset(str(t["id"]) for t in rules.lexicon("generic-terms") if t.get("is_time"))
        """Ids of controls that are the same people at another time."""
        terms_of = [term for topic in rules.topics for term in topic["terms"]]
        self.measured_as = {str(t["id"]): str(t["measured_as"]) for t in terms_of if "measured_as" in t}
        """By the id of a condition that of the outcome which a treatment of it changes."""
        self.compared = {
            f"{base}_{variant['suffix']}": str(base)
            for topic in rules.topics
            for variant in topic.get("variants", ())
            if variant.get("compared")
            for base in variant.get("of") or [t["id"] for t in terms_of if t["type"] == "intervention"]
        }
        """The id of what a variant is of, for those that are one only where groups are compared."""
        self.joiners = frozenset(rules.phrases("letter-joiners"))
        self.controlled = frozenset(rules.phrases("controlled-words"))
        self.anyone = frozenset(rules.phrases("anyone-words"))
        self.everyone = next((str(entry["id"]) for entry in rules.lexicon("anyone")), None)
        """The id of a population of which nothing is said but where it lives."""
        self.denials = frozenset(phrase_words(phrase) for phrase in rules.phrases("condition-denials"))
        self.nobody = frozenset(rules.phrases("unnamed-groups"))
        params = rules.params("unnamed-groups")
        self.alone, self.articles = frozenset(params.get("alone", ())), frozenset(params.get("articles", ()))
        self.again = frozenset(rules.phrases("told-again"))
        self.relative = frozenset(rules.phrases("relative-pronouns"))
        self.change = frozenset(rules.phrases("told-changes"))
        self.no_outcomes = frozenset(rules.phrases("unmeasured-verbs"))
        """Verbs that tell of how a study was made, or of nothing without what follows."""
        self.sure = float(rules.params("arm-weights").get("treatment_sure", 0.0))
        """How sure the model has to be of a treatment that is not the topic's."""
        self.no_outcome = float(rules.params("arm-weights").get("no_outcome", 1.0))
        """How sure the model has to be that a sentence does not say what a figure measures."""

    def counted(self, text: str, start: int, end: int, kind: str) -> Slot:
        """What ``text[start:end]`` counts, a ``kind`` of thing such as studies."""
        return Slot(text=text[start:end], id=self.generic.get(kind))
