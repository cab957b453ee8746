"""Finds numerals: numbers in digits, in words and as fractions, without units."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

from pipeline.components.hints import Hint, Lowered
from pipeline.rules.ruleset import Ruleset
from pipeline.shapes import NEVER, SP, alternation

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_FRACTIONS = {
    "½": 1 / 2, "⅓": 1 / 3, "⅔": 2 / 3, "¼": 1 / 4, "¾": 3 / 4, "⅕": 1 / 5, "⅖": 2 / 5, "⅗": 3 / 5, "⅘": 4 / 5, "⅙": 1 / 6,
    "⅚": 5 / 6, "⅛": 1 / 8, "⅜": 3 / 8, "⅝": 5 / 8, "⅞": 7 / 8,
}  # fmt: skip
_MAX_GAP = 6
_MAX_WORDS = 12
"""Words in one written-out number; "nine hundred and ninety-nine million two hundred thousand and one" has 11."""

_DIGITS = rf"""(?:(?<!\w)(?<!\w[.,·])PREFIXES)
    (?P<sign>[-−–+±](?<![\w)\]%°][-−–+])(?<![\d)\]%°]{SP}[-−–+]))?
    (?P<mantissa>
        (?:[0-9]{{1,3}}(?:
              (?:,[0-9]{{3}}){{1,6}}
              |(?:[\u00a0\u2009\u202f\u2008][0-9]{{3}}){{1,6}}
              |(?:[ ][0-9]{{3}}){{1,6}}(?![,\d])
              |(?:'[0-9]{{3}}){{1,6}})(?!\d)
          |[0-9]{{1,40}}(?!\d))
        (?:[.·∙][0-9]{{1,40}}(?!\d))?
        |[.·][0-9]{{1,40}}(?!\d)
    )
    (?:(?P<fraction>[{"".join(_FRACTIONS)}])
      |(?P<exp>[eE][+\-−]?\d{{1,3}}(?![\w.]))
      |(?P<sup>[⁻⁺]?[⁰¹²³⁴-⁹]{{1,3}})
      |(?P<lost>−\d{{1,2}}(?![\w.,·%]))
      |\^(?P<caret>[{{(]?[+\-−–]?\d{{1,3}})[)}}]?
      |(?P<times>{SP}?[×xX*·⋅]{SP}?10(?:[⁻⁺]?[⁰¹²³⁴-⁹]{{1,3}}|\^?[{{(]?(?:[+\-−–]{SP}?)?[1-9]\d?(?!\d)[)}}]?)(?![.,]\d))
    )?"""
_SIGNS = "-−–+±"
_SPACED_SIGN = re.compile(r"(?:[(=≈\[] ?[-−–]|[\w)], ?[-−]|; ?[-−]) \Z")
"""A minus with a space behind it, where no dash between words can stand: "(− 0.4", "tea, - 2.9"."""
_RUN = re.compile(r"[0-9]+")
_MIXED = re.compile(r"[ \u00a0-]([1-9])/([2-9]|1[06])(?![\w/.,])")
_FRACTION_SIGN = re.compile(f"[{''.join(_FRACTIONS)}]")


class Numeral(NamedTuple):
    """One number as written. ``kind``: ``digits``, ``word``, ``share`` (a fraction of a whole, in percent) or ``times`` (twice, 3-fold)."""

    start: int
    end: int
    value: float
    kind: str
    plain: bool = False
    """Whole, in digits, with no sign, separator, decimals, exponent or scale: as years, labels and codes are written."""
    scale: float = 1.0
    """The million in "2 million", which the 1 in "1 to 2 million" shares."""


class _Atom(NamedTuple):
    start: int
    end: int
    kind: str
    value: float


class NumberScanner:
    """Finds numerals; compiled once from the rules ``number-words``, ``number-scales``, ``fraction-words`` and ``multiples``."""

    def __init__(self, rules: Ruleset) -> None:
        self._atoms: dict[str, tuple[str, float]] = {}
        for entry in rules.lexicon("number-words"):
            for word, value in entry["words"].items():
                self._atoms[word] = (entry["kind"], float(value))
        self._scales: dict[str, float] = {}
        for entry in rules.lexicon("number-scales"):
            for name in entry["names"]:
                self._scales[name] = float(entry["scale"])
        self._parts = {}
        for entry in rules.lexicon("fraction-words"):
            self._parts[entry["one"]] = self._parts[entry["many"]] = float(entry["parts"])
        self._multiples: dict[str, tuple[float, frozenset[str]]] = {}
        folds = []
        for entry in rules.lexicon("multiples"):
            if "word" in entry:
                self._multiples[entry["word"]] = (float(entry["value"]), frozenset(entry.get("needs", ())))
            else:
                folds.append(entry["suffix"])
        # a currency's code may touch the digits: USD500, $US113
        prefixes = sorted(
            {
                str(sign)
                for entry in rules.lexicon("currencies")
                for sign in (*entry["signs"], *entry["codes"], *entry.get("lost", ()))
                if sign[-1:].isalpha()
            }
        )
        prefixes += sorted(str(word) for word in rules.params("number-prefixes").get("glued", ()))
        behind = "".join(rf"|(?<={re.escape(sign)})(?<!\w{re.escape(sign)})" for sign in prefixes)
        self._digit = re.compile(
            _DIGITS.replace("PREFIXES", behind.replace(" ", "[ ]").replace("#", "[#]")), re.VERBOSE
        )
        words = alternation(self._atoms)
        self._atom = re.compile(rf"{words}(?!\w)")
        self._fold = re.compile(rf"({words})[-‐‑ ]?{alternation(folds)}(?!\w)")
        self._fold_hint = re.compile(alternation(folds), re.IGNORECASE)
        self._digit_fold = re.compile(rf"[-‐‑ ]?{alternation(folds)}(?!\w)", re.IGNORECASE)
        self._scale = re.compile(rf"{SP}{{0,2}}-?({alternation(self._scales)})(?!\w)", re.IGNORECASE)
        params = rules.params("fraction-words")
        ones, joins = alternation(params.get("articles", ())), alternation(params.get("and", ()))
        parts, of_one = alternation(self._parts), alternation(params.get("of_one", ()))
        gap = rf"(?:{SP}|-)"
        self._half = re.compile(rf"{gap}{joins}{gap}{ones}{gap}({parts})(?!\w)", re.IGNORECASE)
        self._after_fraction = re.compile(rf"{gap}({parts})(?!\w)", re.IGNORECASE)
        self._of_large = re.compile(rf"{SP}{of_one}{gap}({alternation(self._scales)})(?!\w)", re.IGNORECASE)
        self._period = re.compile(rf"(?<!\w){alternation(params.get('periods', ()))}{SP}\Z", re.IGNORECASE)
        halves = alternation(rules.params("number-words").get("halves", ()))
        self._article = re.compile(rf"(?<!\w)(?:(?P<half>{halves})|{ones}){gap}\Z", re.IGNORECASE)
        every = [str(word) for e in rules.lexicon("range-words") for word in e.get("every", ())]
        self._every = re.compile(rf"(?<!\w){alternation(every)}{SP}\Z", re.IGNORECASE)
        self._and = frozenset(str(word) for word in params.get("and", ()))
        self._multiple = re.compile(rf"({alternation(self._multiples)})(?={SP}([a-z]{{1,12}})(?!\w))")
        self._changes: dict[str, tuple[float, str]] = {}
        plain: list[str] = []
        for entry in rules.lexicon("multiplying-verbs"):
            forms = [str(word) for word in (*entry["plain"], *entry["names"])]
            self._changes.update({word: (float(entry["value"]), str(entry["kind"])) for word in forms})
            plain += [str(word) for word in entry["plain"]]
        verbs = rules.params("multiplying-verbs")
        degrees = "|".join(rf"(?<={re.escape(str(word))} )" for word in verbs.get("degrees", ())) or NEVER
        objects, behind = alternation(verbs.get("objects", ())), alternation(verbs.get("behind", ()))
        self._change = re.compile(
            rf"(?:{alternation(plain)}(?={SP}{objects}(?!\w))"
            rf"|{alternation(word for word in self._changes if word not in plain)}"
            rf"(?=[.,;:)!?—]|\Z|{SP}(?:{objects}|{behind})(?!\w))"
            rf"|(?:{degrees}){alternation(word for word in self._changes if word not in plain)}(?={SP}\w))"
        )
        self._one = re.compile(rf"{ones}{SP}\Z")
        smaller = alternation(part for part in self._parts if self._parts[part] > 2)
        self._a_part = re.compile(rf"({smaller})(?={SP}{alternation(params.get('before', ()))}(?!\w))")
        behind_part = rf"(?=[.,;:)!?]|\Z|{SP}{alternation(params.get('change_before', ()))}(?!\w))"
        self._a_change = re.compile(
            rf"(?<!\w){alternation(params.get('change', ()))}{SP}(?P<whole>{ones}{SP}(?P<part>{smaller})){behind_part}"
        )
        self._atom_hint, self._multiple_hint = Hint(self._atoms), Hint(self._multiples)
        self._part_hint, self._change_hint = Hint(self._parts), Hint(self._changes)

    def find(self, text: str, lower: Lowered) -> list[Numeral]:
        """All numerals of ``text`` in order of start; they may overlap. ``lower`` is the same in lower case."""
        found = [
            *self._digits(text),
            *self._words(lower),
            *self._folds(lower),
            *self._single_parts(lower),
            *self._verbs(lower),
        ]
        found.extend(
            Numeral(m.start(), m.end(), _FRACTIONS[m.group()], "digits") for m in _FRACTION_SIGN.finditer(text)
        )
        found.sort(key=lambda numeral: (numeral.start, -numeral.end))
        return found

    def _digits(self, text: str) -> Iterator[Numeral]:
        done = 0
        for run in _RUN.finditer(text):
            if run.start() < done:
                continue
            match = self._at(text, run.start())
            if match is None:
                continue
            mantissa = match["mantissa"]
            value = _decimal(mantissa)
            plain = mantissa.isdecimal() and match.end() == match.end("mantissa")
            start = match.start()
            if match["sign"]:
                plain = False
                if match["sign"] not in "+±":
                    value = -value
            if match["fraction"]:
                value += _FRACTIONS[match["fraction"]]
            elif start > 2 and text[start - 1] == " " and _SPACED_SIGN.search(text, max(0, start - 5), start):
                start, value, plain = start - 2, -value, False
            exponent = _exponent(match, mantissa)
            end = match.end()
            if exponent is None:
                end = match.end("mantissa")
            elif match["exp"] or match["times"]:
                value *= _power(10.0, exponent)
            elif exponent:
                value = _power(value, exponent)
            scale = self._scale.match(text, end) if end == match.end("mantissa") or match["fraction"] else None
            factor = 1.0
            if scale is not None:
                factor = self._scales[scale[1].lower()]
                value, end, plain = value * factor, scale.end(), False
            else:
                half = self._half.match(text, end) if plain else None
                mixed = _MIXED.match(text, end) if plain else None
                if mixed is not None and int(mixed[1]) < int(mixed[2]):
                    value, end, plain = value + int(mixed[1]) / int(mixed[2]), mixed.end(), False
                elif half is not None:
                    value, end, plain = value + 1 / self._parts[half[1].lower()], half.end(), False
            done = end
            fold = self._digit_fold.match(text, end)
            if math.isfinite(value):
                if fold is not None:
                    yield Numeral(start, fold.end(), value, "times")
                else:
                    yield Numeral(start, end, value, "digits", plain, factor)

    def _at(self, text: str, position: int) -> re.Match[str] | None:
        """The numeral whose first digit is at ``position``, with a sign and a leading point where it has them."""
        if position and text[position - 1] in ".·":
            start = position - 1
            found = self._digit.match(text, start - 1) if start and text[start - 1] in _SIGNS else None
            return found or self._digit.match(text, start) or self._digit.match(text, position)
        found = self._digit.match(text, position - 1) if position and text[position - 1] in _SIGNS else None
        return found or self._digit.match(text, position)

    def _words(self, lower: Lowered) -> Iterator[Numeral]:
        text = lower.text
        run: list[_Atom] = []
        for match in self._atom_hint.matches(self._atom, lower):
            if _inside(text, match.start()):
                continue
            kind, value = self._atoms[match.group()]
            atom = _Atom(match.start(), match.end(), kind, value)
            if run and not (len(run) < _MAX_WORDS and self._joins(run, atom, text[run[-1].end : atom.start])):
                yield from self._close(text, run)
                run = []
            run.append(atom)
        if run:
            yield from self._close(text, run)

    def _joins(self, run: list[_Atom], atom: _Atom, between: str) -> bool:
        """Whether ``atom`` goes on with the number in ``run``: "two" + "hundred", "forty" - "two", "hundred" and "six"."""
        last = run[-1].kind
        gap = between.strip(" \u00a0")
        if not between or "\n" in between or len(between) > _MAX_GAP:
            return False
        if gap in ("", "-", "‐", "‑"):
            if atom.kind == "unit":
                return (last == "ten" and atom.value > 0) or last in ("hundred", "scale")
            if atom.kind in ("teen", "ten"):
                return last in ("hundred", "scale")
            if atom.kind == "hundred":
                return last in ("unit", "teen", "ten")
            if atom.kind == "dozen":
                return last in ("unit", "teen") and len(run) == 1
            return last in ("unit", "teen", "ten", "hundred")
        return gap in self._and and last in ("hundred", "scale") and atom.kind in ("unit", "teen", "ten")

    def _close(self, text: str, run: list[_Atom]) -> Iterator[Numeral]:
        start, end, value = run[0].start, run[-1].end, _read(run)
        if run[0].kind in ("hundred", "scale", "dozen"):
            # "a hundred", "half a million"; a bare "hundred" is part of another expression
            before = self._article.search(text, max(0, start - 8), start)
            if before is None:
                if self._every.search(text, max(0, start - 8), start) is not None:
                    yield Numeral(start, end, value, "word")
                return
            start = before.start()
            if before["half"]:
                value = value / 2
        else:
            part = self._after_fraction.match(text, end)
            if part is not None and self._is_share(text, run, value, part[1]):
                yield self._share(text, start, part.end(), value, self._parts[part[1]])
                return
            half = self._half.match(text, end)
            if half is not None:
                value, end = value + 1 / self._parts[half[1].lower()], half.end()
                scale = self._scale.match(text, end)
                if scale is not None:
                    value, end = value * self._scales[scale[1].lower()], scale.end()
        factor = run[-1].value if run[-1].kind in ("hundred", "scale") and len(run) > 1 else 1.0
        yield Numeral(start, end, value, "word", False, factor)

    def _is_share(self, text: str, run: list[_Atom], value: float, part: str) -> bool:
        """Whether "two" before ``part`` makes a fraction: "two thirds", but neither "seven halves" nor "the last two quarters"."""
        if run[-1].kind not in ("unit", "teen") or value >= self._parts[part]:
            return False
        return self._period.search(text, max(0, run[0].start - 16), run[0].start) is None

    def _share(self, text: str, start: int, end: int, value: float, parts: float) -> Numeral:
        """A share in percent, or the number that "a quarter of a million" is."""
        large = self._of_large.match(text, end)
        if large is None:
            return Numeral(start, end, 100 * value / parts, "share")
        return Numeral(start, large.end(), value / parts * self._scales[large[1]], "word")

    def _folds(self, lower: Lowered) -> Iterator[Numeral]:
        text = lower.text
        for match in self._fold.finditer(text) if self._fold_hint.search(text) else ():
            if not _inside(text, match.start(), "-"):
                yield Numeral(match.start(), match.end(), self._atoms[match[1]][1], "times")
        for match in self._multiple.finditer(text) if self._multiple_hint.may_be_in(lower) else ():
            value, needs = self._multiples[match[1]]
            if match[2] in needs and not _inside(text, match.start(), "-"):
                yield Numeral(match.start(1), match.end(1), value, "times")

    def _verbs(self, lower: Lowered) -> Iterator[Numeral]:
        """Verbs that say how many times more or which part less."""
        text = lower.text
        for match in self._change.finditer(text) if self._change_hint.may_be_in(lower) else ():
            if not _inside(text, match.start(), "-"):
                value, kind = self._changes[match.group()]
                yield Numeral(match.start(), match.end(), value, kind)

    def _single_parts(self, lower: Lowered) -> Iterator[Numeral]:
        if not self._part_hint.may_be_in(lower):
            return
        text = lower.text
        for match in self._a_part.finditer(text):
            article = self._one.search(text, max(0, match.start() - 5), match.start())
            if article is not None and not _inside(text, article.start(), "-"):
                yield self._share(text, article.start(), match.end(), 1, self._parts[match[1]])
        for match in self._a_change.finditer(text):
            yield Numeral(match.start("whole"), match.end("whole"), 100 / self._parts[match["part"]], "share")


def _inside(text: str, position: int, also: str = "_") -> bool:
    """Whether ``position`` is within a word, a hyphened one where ``also`` is a hyphen."""
    return position > 0 and (text[position - 1].isalnum() or text[position - 1] in ("_", also))


def _power(base: float, exponent: float) -> float:
    """``base`` to ``exponent``; infinite where a float can't hold it."""
    try:
        return float(base**exponent)
    except OverflowError:
        return math.inf


def _decimal(mantissa: str) -> float:
    digits = re.sub(r"[,'\s]", "", mantissa).replace("·", ".").replace("∙", ".")
    return float(digits)


def _exponent(match: re.Match[str], mantissa: str) -> float | None:
    """The power of ten that the numeral names, 0 where it names none, ``None`` where what looks like one is something else."""
    if match["exp"]:
        return float(match["exp"][1:].replace("−", "-"))
    if match["times"]:
        power = match["times"].split("10", 1)[1].translate(_SUPERSCRIPTS)
        marked = not power.isdecimal()
        # "6 × 106 kg" is 6 × 10^6 with the superscript lost; "200 × 108 mm" is not
        if (
            not marked
            and match["times"].endswith(power)
            and not re.search(r"10[⁰¹²³⁴-⁹]", match["times"])
            and abs(_decimal(mantissa)) >= 10
        ):
            return None
        return float(re.sub(r"[^\d+-]", "", power.replace("−", "-").replace("–", "-")) or 0)
    for name in ("sup", "caret", "lost"):
        if match[name]:
            if mantissa != "10":
                return None
            return float(
                re.sub(r"[^\d-]", "", match[name].translate(_SUPERSCRIPTS).replace("−", "-").replace("–", "-")) or 0
            )
    return 0.0


def _read(run: list[_Atom]) -> float:
    total = group = 0.0
    for atom in run:
        if atom.kind in ("hundred", "dozen"):
            group = (group or 1.0) * atom.value
        elif atom.kind == "scale":
            total += (group or 1.0) * atom.value
            group = 0.0
        else:
            group += atom.value
    return total + group
