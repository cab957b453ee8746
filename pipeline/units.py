"""Units of measurement and money: recognises them behind a number and gives each its one canonical form.

A unit is an atom from the rule ``unit-names``, with an exponent and further atoms where it is compound: ``mg/kg``, ``m s-1``,
``USD/gallon``, ``times/day``. Products and quotients keep the order in which they are written, with an ASCII minus in exponents.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.rules.ruleset import Ruleset
from pipeline.shapes import SP, alternation

_EXPONENT = (
    rf"(?<![%°])(?:⁻?[¹²³⁴]|\([-−–][1-4]\)|(?<=m)\([23]\)|\^?[−–]{SP}?[1-4](?![\d.,]\d|\d)|\^[1-4]|[23](?!\d)"
    rf"|-[1-4](?=[),.;:\]]|$|{SP}?[A-Za-zµμ]{{1,6}}[-−–][1-4]))"
)
_NEGATIVE = rf"(?:⁻[¹²³⁴]|\([-−–][1-4]\)|\^?[−–]{SP}?[1-4](?!\d)|-[1-4](?![\d%]|[.,]\d))"
_SUPERSCRIPTS = str.maketrans("⁻¹²³⁴−–", "-1234--")
_MAX_PARTS = 4


class Unit(NamedTuple):
    """A unit that stands from ``start`` to ``end``: canonical form, kind (``time``, ``mass``, ``money``, ``share`` ...)."""

    start: int
    end: int
    unit: str
    kind: str
    name: bool
    """Written as a word rather than a symbol."""


class Units:
    """All units of the rules ``unit-names``, ``unit-rates`` and ``currencies``, compiled once."""

    def __init__(self, rules: Ruleset) -> None:
        self._names: dict[str, tuple[str, str]] = {}
        self._symbols: dict[str, tuple[str, str]] = {}
        attached: dict[str, tuple[str, str]] = {}
        for entry in rules.lexicon("unit-names"):
            for symbol in entry.get("each", ()):
                # both code points of the micro sign are in use
                for written in (symbol, symbol.replace("µ", "μ")):
                    self._symbols[written] = (symbol, str(entry["kind"]))
            meaning = (str(entry.get("unit", "")), str(entry["kind"]))
            self._names.update({_key(name): meaning for name in entry.get("names", ())})
            self._symbols.update({_spaces(symbol): meaning for symbol in entry.get("symbols", ())})
            attached.update(dict.fromkeys(entry.get("attached", ()), meaning))
        self._signs: dict[str, str] = {}
        self._lost: dict[str, str] = {}
        codes: list[str] = []
        for entry in rules.lexicon("currencies"):
            self._names.update({_key(name): (str(entry["code"]), "money") for name in entry["names"]})
            self._signs.update({_spaces(sign): str(entry["code"]) for sign in entry["signs"]})
            self._signs.update({code: str(entry["code"]) for code in entry["codes"]})
            self._symbols.update({code: (str(entry["code"]), "money") for code in entry["codes"]})
            self._symbols.update({sign: (str(entry["code"]), "money") for sign in entry["signs"] if not sign.isascii()})
            self._lost.update(dict.fromkeys(entry.get("lost", ()), str(entry["code"])))
            codes.extend((*entry["codes"], *entry.get("behind", ())))
        self._attached = attached
        self._rate_nouns: dict[str, str] = {}
        self._adverbs: dict[str, str] = {}
        per: list[str] = []
        articles: list[str] = []
        not_before: list[str] = []
        params = rules.params("unit-rates")
        self._stops, self._long = tuple(params.get("stops", ())), tuple(params.get("long", ()))
        for entry in rules.lexicon("unit-rates"):
            per.extend(entry.get("per", ()))
            articles.extend(entry.get("article", ()))
            not_before.extend(entry.get("not_before", ()))
            self._rate_nouns.update({_key(noun): str(name) for noun, name in entry.get("nouns", {}).items()})
            self._adverbs.update(entry.get("adverbs", {}))
        self._compile(per, articles, codes, not_before)

    def _compile(self, per: list[str], articles: list[str], codes: list[str], not_before: list[str]) -> None:
        symbol, name = alternation(self._symbols), alternation(self._names)
        # a symbol of letters ends where the letters end, "%" anywhere
        atom = rf"(?:(?P<symbol>{symbol})(?P<exp>{_EXPONENT})?(?:(?<![A-Za-zµμΩÅ\d])|(?![A-Za-zµμ\d]))|(?P<name>(?i:{name}))(?![\w]))"
        self._atom = re.compile(atom)
        self._gap = re.compile(rf"[-‐‑](?=[A-Za-zµμ°%])|\?(?=[A-Za-zµμ°])|{SP}{{0,2}}")
        self._attached_atom = re.compile(rf"{alternation(self._attached)}(?![\w])")
        rate = alternation(self._rate_nouns)
        self._tail = re.compile(
            rf"""(?P<slash>{SP}?[/∕⁄]{SP}?)(?=[A-Za-zµμ°%])
            |(?P<dot>{SP}?[·⋅∙•×.]{SP}?|{SP}x{SP})(?=[A-Za-zµμ]{{1,4}}{_NEGATIVE})
            |(?P<space>{SP})(?=[A-Za-zµμ]{{1,4}}{_NEGATIVE})
            |(?P<per>{SP}(?i:{alternation(per)}){SP})
            |(?P<article>{SP}(?i:{alternation(articles)}){SP})""",
            re.VERBOSE,
        )
        self._per = re.compile(rf"{SP}?(?:(?i:{alternation(per)}){SP}|/{SP}?)")
        self._article = re.compile(rf"{SP}(?i:{alternation(articles)}){SP}")
        self._rate = re.compile(rf"(?i:{rate})(?!\w)")
        self._past = re.compile(rf"{SP}(?i:{alternation(not_before)})(?!\w)")
        round_number = r"(\d{1,3}(?:[,\u00a0 ]\d{3}){1,3}|1?\d{2,6})"
        counted = rf"(?:[ -](?!{alternation(self._stops)}(?!\w))([a-z]{{3,20}}(?:[- ]{alternation(self._long)})?))?"
        self._per_number = re.compile(rf"{SP}(?:(?i:{alternation(per)}){SP}|/){round_number}{counted}(?![\w.,]\w)")
        self._adverb = re.compile(rf"{SP}(?i:({alternation(self._adverbs)}))(?!\w)")
        self._sign_before = re.compile(rf"(?<![A-Za-z\d$])({alternation(self._signs)}){SP}?[-−–+]?\Z")
        self._lost_before = re.compile(rf"(?<![\w])({alternation(self._lost)})\Z")
        self._code_between = re.compile(rf"{SP}({alternation(codes)})(?!\w)")

    def after(self, text: str, position: int) -> Unit | None:
        """The unit that begins at ``position`` or after a space or hyphen there."""
        gap = self._gap.match(text, position)
        start = gap.end() if gap is not None else position
        if start == position:
            short = self._attached_atom.match(text, start)
            if short is not None:
                unit, kind = self._attached[short.group()]
                return Unit(start, short.end(), unit, kind, False)
        return self._read(text, start)

    def _read(self, text: str, start: int) -> Unit | None:
        match = self._atom.match(text, start)
        if match is None:
            return None
        unit, kind = self._meaning(match)
        found = self._tails(text, start, match.end(), unit, kind, match["name"] is not None)
        if kind == "time" and match["symbol"] is not None and found.end > match.end() and not match["exp"]:
            return found._replace(unit=match["symbol"] + found.unit[len(unit) :])
        return found

    def _meaning(self, match: re.Match[str], compound: bool = False) -> tuple[str, str]:
        """Canonical form and kind; in compounds a unit of time keeps its symbol ("km s-1")."""
        if match["name"] is not None:
            return self._names[_key(match["name"])]
        unit, kind = self._symbols[_spaces(match["symbol"])]
        if compound and kind == "time":
            unit = match["symbol"]
        if match["exp"]:
            unit = match["symbol"] if kind == "time" else unit
            power = re.sub(r"[\^\s()]", "", match["exp"].translate(_SUPERSCRIPTS))
            return unit + power, "compound"
        return unit, kind

    def _tails(self, text: str, start: int, end: int, unit: str, kind: str, name: bool) -> Unit:
        for _ in range(_MAX_PARTS):
            tail = self._tail.match(text, end)
            if tail is None:
                break
            noun = self._rate.match(text, tail.end())
            match = self._atom.match(text, tail.end())
            if tail["article"] is not None:
                if (
                    noun is None
                    or kind == "share"
                    or "/" in unit
                    or kind == "temperature"
                    or self._past.match(text, noun.end())
                ):
                    break
                unit, end, name = f"{unit}/{self._rate_nouns[_key(noun.group())]}", noun.end(), True
                break
            if noun is not None and (match is None or match.end() <= noun.end()):
                unit, end = f"{unit}/{self._rate_nouns[_key(noun.group())]}", noun.end()
            elif match is not None:
                part, _ = self._meaning(match, True)
                joint = "/" if tail["slash"] or tail["per"] else " "
                unit, end = f"{unit}{joint}{part}", match.end()
            else:
                break
            kind = kind if kind in ("money", "times", "share") else "compound"
        else:
            return Unit(start, end, unit, kind, name)
        adverb = self._adverb.match(text, end)
        if adverb is not None and kind == "times":
            unit, end = f"{unit}/{self._adverbs[_key(adverb[1])]}", adverb.end()
        return Unit(start, end, unit, kind, name)

    def rate_after(self, text: str, position: int, article: bool = False) -> tuple[str, int] | None:
        """What a quantity that ends at ``position`` is per: ("/100000 person-years", end), ("/day", end), or ``None``.

        ``article`` where it may also be "a day".
        """
        number = self._per_number.match(text, position)
        if number is not None:
            size = re.sub(r"\D", "", number[1])
            return f"/{size}" + (f" {number[2]}" if number[2] else ""), number.end()
        per = self._per.match(text, position) or (self._article.match(text, position) if article else None)
        if per is not None:
            noun = self._rate.match(text, per.end())
            if noun is not None and not (article and self._past.match(text, noun.end())):
                return f"/{self._rate_nouns[_key(noun.group())]}", noun.end()
            match = self._atom.match(text, per.end())
            if match is not None and match["symbol"] is not None:
                return f"/{self._meaning(match, True)[0]}", match.end()
        return None

    def often_after(self, text: str, position: int) -> tuple[str, int] | None:
        """How often, behind a number of times: ("/day", end) for "twice daily"."""
        adverb = self._adverb.match(text, position)
        return (f"/{self._adverbs[_key(adverb[1])]}", adverb.end()) if adverb is not None else None

    def money_rate(self, text: str, position: int, unit: str) -> tuple[str, int]:
        """``unit`` with what it is paid for, from ``position`` on: "USD/gallon"; also reads the "US" in "$76 US a barrel"."""
        between = self._code_between.match(text, position)
        if between is not None:
            position = between.end()
        found = self._tails(text, position, position, unit, "money", True)
        return found.unit, found.end

    def before(self, text: str, position: int, large: bool = False) -> tuple[int, str] | None:
        """The sign or code of a currency that ends at ``position``: its start and the ISO code.

        ``large`` where the number is written like a sum, with thousands or millions, so that letters which a lost sign left count too.
        """
        match = self._sign_before.search(text, max(0, position - 8), position)
        if match is None and large:
            match = self._lost_before.search(text, max(0, position - 4), position)
            return (match.start(1), self._lost[match[1]]) if match is not None else None
        return (match.start(1), self._signs[_spaces(match[1])]) if match is not None else None


def _spaces(text: str) -> str:
    return " ".join(text.split())


def _key(text: str) -> str:
    return " ".join(text.lower().split())
