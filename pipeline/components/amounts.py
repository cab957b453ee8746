"""Amounts without a numeral: several weeks, millions, a week, the third week, a single dose, weekly, half, none of the group."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import cast

import msgspec

from pipeline.components.hints import Hint, Lowered
from pipeline.components.items import Label
from pipeline.components.nouns import CountedNouns, pluralise
from pipeline.components.qualifiers import Qualifiers
from pipeline.model import Mention, Qualifier
from pipeline.rules.ruleset import Ruleset
from pipeline.shapes import SP, alternation
from pipeline.units import Units

_WORD = re.compile(rf"{SP}([A-Za-z][\w’'-]{{0,30}})")
_WORD_BEFORE = re.compile(rf"([A-Za-z][\w’'-]{{0,24}}){SP}\Z")
_LEAD = 40
"""Characters before an ordinal in which it is told to be a time."""
_CLAUSE_END = re.compile(r"[.;:!?\n]|,\s")


class Amounts:
    """Compiled from the rules ``vague-amounts``, ``single-things``, ``half-contexts``, ``nobody``, ``single-units``, ``ordinal-times``."""

    def __init__(self, rules: Ruleset, units: Units, nouns: CountedNouns) -> None:
        self._units, self._nouns, self._qualifiers = units, nouns, Qualifiers(rules)
        self._few: dict[str, str] = {}
        scales: list[str] = []
        self._from: dict[str, float] = {}
        pairs: dict[str, tuple[float, str]] = {}
        for entry in rules.lexicon("vague-amounts"):
            scales.extend(entry.get("plural_scales", ()))
            for low, phrases in entry.get("between", {}).items():
                scales.extend(phrases)
                self._from.update(dict.fromkeys(phrases, float(low)))
            self._few.update({phrase: phrase for phrase in entry.get("strict", ())})
            pairs.update(
                {phrase: (float(entry["value"]), str(entry["qualifier"])) for phrase in entry.get("pairs", ())}
            )
        self._pairs = pairs
        self._single: dict[str, frozenset[str]] = {}
        self._rates: dict[str, str] = {}
        self._rated: frozenset[str] = frozenset()
        for entry in rules.lexicon("single-things"):
            if "word" in entry:
                self._single[entry["word"]] = frozenset(entry["counted"])
            self._rates.update(entry.get("rates", {}))
            self._rated |= frozenset(entry.get("rated", ()))
        self._half: dict[str, frozenset[str]] = {}
        for entry in rules.lexicon("half-contexts"):
            self._half.update({key: frozenset(words) for key, words in entry.items()})
        self._nobody: list[str] = []
        self._groups: frozenset[str] = frozenset()
        self._wholes: tuple[str, ...] = ()
        self._nobody_after: frozenset[str] = frozenset()
        did: list[str] = []
        for entry in rules.lexicon("nobody"):
            self._nobody.extend(entry["words"])
            self._groups |= frozenset(entry["groups"])
            self._wholes += tuple(f"{whole} " for whole in entry.get("of", ()))
            self._nobody_after |= frozenset(entry.get("after", ()))
            did.extend(entry.get("did", ()))
        self._nobody_did = re.compile(rf"{SP}{{1,2}}{alternation(did)}(?!\w)", re.IGNORECASE)
        self._group_before = re.compile(rf"(?<!\w){alternation(self._groups)},?{SP}\Z", re.IGNORECASE)
        self._nobody_chars = int(rules.params("nobody").get("max_chars", 90))
        self._article_units = frozenset(str(word) for word in rules.lexicon("single-units"))
        singles = rules.params("single-units")
        self._article_before = frozenset(str(word) for word in singles.get("before", ()))
        self._article_after = re.compile(rf"{SP}{alternation(singles.get('after', ()))}(?!\w)", re.IGNORECASE)
        whole = ["", *(f" {word}" for word in singles.get("whole", ()))]
        self._ordinals: dict[str, tuple[float, str]] = {}
        ordinals = rules.params("ordinal-times")
        spoken = {unit: unit for unit in self._article_units} | dict(ordinals.get("named", {}))
        for counts in rules.lexicon("ordinal-times"):
            for ordinal, count in counts.items():
                for between in ("", *(f" {word}" for word in ordinals.get("between", ()))):
                    self._ordinals |= {
                        f"{ordinal}{between} {name}": (float(count), unit) for name, unit in spoken.items()
                    }
        leads, fills = (alternation(ordinals.get(key, ())) for key in ("before", "fill"))
        self._ordinal_before = re.compile(rf"(?<!\w){leads}{SP}(?:{fills}{SP}){{0,4}}\Z", re.IGNORECASE)
        numbers = [
            word
            for entry in rules.lexicon("number-words")
            if entry["kind"] in ("hundred", "scale", "dozen")
            for word in entry["words"]
        ]
        params = rules.params("vague-amounts")
        of = alternation(params.get("of", ()))
        self._of = re.compile(rf"{SP}{of}(?!\w)", re.IGNORECASE)
        self._partitives = frozenset(str(word) for word in params.get("of", ()))
        self._large = re.compile(rf"{SP}{alternation(numbers)}(?:{SP}{of})?(?!\w)", re.IGNORECASE)
        self._or_unit = re.compile(rf"{SP}{alternation(params.get('goes_on', ()))}{SP}", re.IGNORECASE)
        self._coordinators = frozenset(str(word) for word in rules.params("noun-phrase-stops").get("coordinators", ()))
        self._articles = frozenset(str(word) for word in rules.params("single-units").get("articles", ()))
        self._and_half = re.compile(rf"{SP}{alternation(rules.params('single-units').get('and_half', ()))}(?!\w)")
        groups: dict[str, Iterable[str]] = {
            "pair": pairs,
            "few": self._few,
            "scale": scales,
            "single": self._single,
            "rate": self._rates,
            "nobody": self._nobody,
            "half": self._half.get("words", ()),
            "article": [
                f"{article}{word} {unit}"
                for article in self._articles
                for word in whole
                for unit in self._article_units
            ],
            "ordinal": self._ordinals,
        }
        named = "|".join(rf"(?P<{name}>{alternation(words)})" for name, words in groups.items())
        self._hint = Hint(phrase for phrases in groups.values() for phrase in phrases)
        self._trigger = re.compile(rf"(?<![\w-])(?:{named})(?!\w)(?!-\w)")

    def find(self, text: str, lower: Lowered, labels: list[Label]) -> Iterator[Mention]:
        """The mentions outside ``labels``, in order; ``lower`` is ``text`` in lower case."""
        at = 0
        for match in self._hint.matches(self._trigger, lower):
            while at < len(labels) and labels[at].end <= match.start():
                at += 1
            if at < len(labels) and labels[at].start < match.end():
                continue
            mention = getattr(self, f"_read_{match.lastgroup}")(text, match)
            if mention is not None:
                yield mention

    def _mention(
        self,
        text: str,
        start: int,
        end: int,
        value: float | None,
        unit: str | None,
        form: str,
        qualifier: str | None = None,
    ) -> Mention:
        read = cast(Qualifier, qualifier) if qualifier is not None else self._qualifiers.before(text, start)
        return Mention(start=start, end=end, text=text[start:end], value=value, unit=unit, qualifier=read, form=form)

    def _read_pair(self, text: str, match: re.Match[str]) -> Mention | None:
        value, qualifier = self._pairs[" ".join(match["pair"].lower().split())]
        large = self._large.match(text, match.end())
        if large is not None:
            return None
        unit = self._units.after(text, match.end())
        if unit is not None and unit.name:
            return self._mention(text, match.start(), unit.end, value, unit.unit, "word", qualifier)
        return None

    def _read_few(self, text: str, match: re.Match[str]) -> Mention | None:
        end = match.end()
        large = self._large.match(text, end)
        if large is not None:
            end = large.end()
        unit = self._units.after(text, end)
        if unit is None or not unit.name or (unit.kind not in ("time", "share", "money") and large is None):
            if large is None:
                return None
            counted = self._nouns.after(text, end)
            return self._mention(text, match.start(), end, None, counted.unit if counted else None, "vague")
        end = unit.end
        more = self._or_unit.match(text, end)
        if more is not None:
            second = self._units.after(text, more.end())
            if second is not None and second.name and second.kind == unit.kind:
                end = second.end
        return self._mention(text, match.start(), end, None, unit.unit, "vague")

    def _read_scale(self, text: str, match: re.Match[str]) -> Mention | None:
        before = _WORD_BEFORE.search(text, max(0, match.start() - 26), match.start())
        if (
            before is None
            and match.start()
            and text[match.start() - 1] not in "\n (“\"'‘"
            and not text[match.start() - 1].isspace()
        ):
            return None
        end = match.end()
        of = self._of.match(text, end)
        after = of.end() if of is not None else end
        unit = self._units.after(text, after)
        if unit is not None and unit.name:
            name: str | None = unit.unit
        else:
            counted = self._nouns.after(text, after)
            name = counted.unit if counted is not None else ("people" if of is None else None)
        mention = self._mention(text, match.start(), end, None, name, "vague")
        low = self._from.get(" ".join(match.group().lower().split()))
        return mention if low is None else msgspec.structs.replace(mention, low=low, high=10 * low)

    def _read_single(self, text: str, match: re.Match[str]) -> Mention | None:
        counted = self._single[match["single"].lower()]
        position = match.end()
        for _ in range(6):
            word = _WORD.match(text, position)
            if word is None:
                return None
            lower = word[1].lower()
            if lower in counted:
                name = lower if self._nouns.is_plural(lower) else pluralise(lower)
                return self._mention(
                    text, *match.span(), 1.0, "people" if lower in self._nouns.people else name, "word"
                )
            if lower in self._nouns.stops and lower not in self._coordinators:
                return None
            position = word.end()
        return None

    def _read_rate(self, text: str, match: re.Match[str]) -> Mention | None:
        position = match.end()
        for _ in range(4):
            word = _WORD.match(text, position)
            if word is None or word[1].lower() in self._nouns.stops:
                return None
            if word[1].lower() in self._rated:
                return self._mention(text, *match.span(), 1.0, self._rates[match["rate"].lower()], "rate")
            position = word.end()
        return None

    def _read_half(self, text: str, match: re.Match[str]) -> Mention | None:
        before = _WORD_BEFORE.search(text, max(0, match.start() - 26), match.start())
        word = before[1].lower() if before is not None else ""
        following = _WORD.match(text, match.end())
        after = following[1].lower() if following is not None else ""
        start, end = match.span()
        if after in self._articles and following is not None:
            unit = self._units.after(text, following.end())
            if unit is not None and unit.name:
                return self._mention(text, start, unit.end, 0.5, unit.unit, "word")
        if word in self._half.get("before_not", ()) or after in self._half.get("after_not", ()):
            return None
        if after in self._half.get("after", ()) or word in self._half.get("before", ()):
            return self._mention(text, start, end, 50.0, "percent", "fraction")
        return None

    def _read_nobody(self, text: str, match: re.Match[str]) -> Mention | None:
        rest = text[match.end() : match.end() + self._nobody_chars]
        stop = _CLAUSE_END.search(rest)
        words = re.findall(r"[A-Za-z]+", (rest[: stop.start()] if stop is not None else rest).lower())
        partitive = words[:1] != [] and words[0] in self._partitives
        if partitive:
            head = self._nouns.after(text, match.end())
            whole = f"{' '.join(words[1:4])} ".startswith(self._wholes)
            found = whole or (head is not None and head.unit == "people") or any(w in self._groups for w in words[:7])
        else:
            before = _WORD_BEFORE.search(text, max(0, match.start() - 26), match.start())
            compared = before is not None and before[1].lower() in self._nobody_after
            found = compared or self._did_none_of_group(text, match) or any(word in self._groups for word in words)
        return self._mention(text, *match.span(), 0.0, "percent", "word") if found else None

    def _did_none_of_group(self, text: str, match: re.Match[str]) -> bool:
        """Whether the group stands right before, as in "in the milk group, none did"."""
        if self._nobody_did.match(text, match.end()) is None:
            return False
        return self._group_before.search(text, max(0, match.start() - 26), match.start()) is not None

    def _read_article(self, text: str, match: re.Match[str]) -> Mention | None:
        half = self._and_half.match(text, match.end())
        if half is not None:
            unit = self._units.after(text, match.start() + len(match.group().split()[0]))
            return self._mention(text, match.start(), half.end(), 1.5, unit.unit if unit is not None else None, "word")
        qualifier = self._qualifiers.before(text, match.start(), time=True)
        before = _WORD_BEFORE.search(text, max(0, match.start() - 26), match.start())
        told = before is not None and before[1].lower() in self._article_before
        if qualifier is None and not told and self._article_after.match(text, match.end()) is None:
            return None
        unit = self._units.after(text, match.end() - len(match.group().split()[-1]) - 1)
        if unit is None:
            return None
        return self._mention(text, match.start(), match.end(), 1.0, unit.unit, "word", qualifier)

    def _read_ordinal(self, text: str, match: re.Match[str]) -> Mention | None:
        """The third week, as a point in time: "by the end of the third week"."""
        if self._ordinal_before.search(text, max(0, match.start() - _LEAD), match.start()) is None:
            return None
        count, name = self._ordinals[" ".join(match.group().lower().split())]
        unit = self._units.after(f" {name}", 0)
        if unit is None:
            return None
        mention = self._mention(text, match.start(), match.end(), count, unit.unit, "index")
        return msgspec.structs.replace(mention, quantity_class="timepoint", rule="ordinal-times")
