"""Figures of studies, plausible and of every form. All values of one sentence agree: a share, its count and its group's size."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from pipeline.train.grammar import lexicon
from pipeline.train.grammar.tree import Marked, Phrase, Token


def _words(name: str) -> tuple[str, ...]:
    return lexicon.load_words().lists[name]


@dataclass(slots=True)
class Style:
    """How one sentence prints figures."""

    decimals: int
    percent: str
    """``%``, ``percent`` or ``per cent``."""
    point: str
    bare: bool
    """``.03`` for 0.03."""
    dash: str
    """Between the ends of a range: ``–``, ``-`` or ``to``."""
    p: str
    tight: bool
    """``n=41`` for ``n = 41``."""
    versus: str
    words: bool
    """Whether small whole numbers are words."""
    comma: bool
    """Whether thousands are set apart."""


def choose_style(rng: random.Random) -> Style:
    """A printing style at random."""
    percent = rng.choices(["%", "percent", "per cent"], [8, 2, 1])[0]
    return Style(
        decimals=rng.choices([0, 1, 2], [5, 5, 1])[0] if percent == "%" else rng.choices([0, 1], [4, 1])[0],
        percent=percent,
        point=rng.choices([".", "·"], [14, 1])[0],
        bare=rng.random() < 0.2,
        dash=rng.choices(["–", "-", "to"], [4, 3, 4])[0],
        p=rng.choice(["P", "p"]),
        tight=rng.random() < 0.4,
        versus=rng.choice(_words("versus")),
        words=rng.random() < 0.6,
        comma=rng.random() < 0.8,
    )


@dataclass(slots=True)
class Figures:
    """The figures of one sentence, drawn when they are first asked for."""

    rng: random.Random
    style: Style
    sizes: dict[str, int] = field(default_factory=dict)
    events: dict[tuple[str, str], int] = field(default_factory=dict)
    means: dict[tuple[str, str], float] = field(default_factory=dict)

    def size(self, group: str) -> int:
        """How many people a group has."""
        if group not in self.sizes:
            if self.sizes and group != "p":
                near = next(iter(self.sizes.values()))
                value = max(5, near + self.rng.randint(-max(2, near // 12), max(2, near // 12)))
            else:
                value = round(10 ** self.rng.uniform(1.1, 3.3))
            self.sizes[group] = value
        return self.sizes[group]

    def count(self, group: str, outcome: str) -> int:
        """How many of a group had an outcome."""
        if (group, outcome) not in self.events:
            share = self.rng.choice(
                [self.rng.uniform(0.01, 0.2), self.rng.uniform(0.1, 0.6), self.rng.uniform(0.3, 0.95)]
            )
            for (_, other), events in self.events.items():
                if other == outcome:
                    known = next(size for key, size in self.sizes.items() if (key, outcome) in self.events)
                    share = min(
                        0.97, max(0.005, events / known * self.rng.choice([0.4, 0.6, 0.8, 1.05, 1.3, 1.7, 2.1]))
                    )
                    break
            size = self.size(group)
            self.events[group, outcome] = min(size - 1, max(1, round(size * share)))
        return self.events[group, outcome]

    def share(self, group: str, outcome: str) -> float:
        """The share of a group, in percent."""
        count = self.count(group, outcome)
        return 100 * count / self.size(group)

    def number(self, value: float, decimals: int, bare: bool = False) -> str:
        """The size of a number as the style prints it; ``bare`` where the zero before the point may be left out."""
        whole = f"{abs(value):,.{decimals}f}" if self.style.comma else f"{abs(value):.{decimals}f}"
        if bare and self.style.bare and self.style.point == "." and whole.startswith("0."):
            whole = whole[1:]
        return whole.replace(".", self.style.point)

    def signed(self, value: float, decimals: int) -> Phrase:
        """A number with its sign, if it is negative, as a word of its own."""
        number = word(self.number(value, decimals), "CD")
        if value >= 0:
            return number
        return before([("−" if self.style.dash == "–" else "-", "SYM", "punct", 1)], number)

    def whole(self, value: int) -> Phrase:
        """A whole number, small ones as a word where the style has it so."""
        if self.style.words and 0 < value < 11:
            return word(_words("ones")[value], "CD")
        return word(self.number(value, 0), "CD")

    def spelled(self, value: int) -> Phrase:
        """A whole number below a hundred in words, larger ones in digits."""
        if 0 < value < 20:
            return word(_words("ones")[value], "CD")
        if value < 100:
            tens, ones = divmod(value, 10)
            if not ones:
                return word(_words("tens")[tens], "CD")
            return Phrase(
                [
                    Token(_words("tens")[tens], "CD", "compound", 2),
                    Token("-", "HYPH", "punct", 0),
                    Token(_words("ones")[ones], "CD", "", -1),
                ],
                2,
            )
        return word(self.number(value, 0), "CD")

    def percent(self, value: float, decimals: int | None = None) -> Phrase:
        """A percentage, at least of the smallest step that the style prints."""
        step = self.style.decimals if decimals is None else decimals
        text = self.number(max(value, 10.0**-step), step)
        if self.style.percent == "%":
            return Phrase([Token(text, "CD", "nummod", 1), Token("%", "NN", "", -1)], 1)
        amount = Token(text, "CD", "nummod", 1)
        if step == 0 and self.style.words and value < 10:
            amount.form = _words("ones")[max(1, round(value))]
        if self.style.percent == "percent":
            return Phrase([amount, Token("percent", "NN", "", -1)], 1)
        amount.head = 2
        return Phrase([amount, Token("per", "NN", "compound", 2), Token("cent", "NN", "", -1)], 2)


def word(form: str, tag: str) -> Phrase:
    """A phrase of one word."""
    return Phrase([Token(form, tag, "", -1)], 0)


def marked(phrase: Phrase, spec: str, start: int = 0) -> Phrase:
    """The phrase, all of it from word ``start`` a figure."""
    phrase.marks.append(Marked(start, len(phrase.tokens), "#" + spec))
    return phrase


def before(forms: list[tuple[str, str, str, int]], phrase: Phrase) -> Phrase:
    """Words put before a phrase: form, tag, relation, and place of the head in the new phrase."""
    shift = len(forms)
    tokens = [Token(*form) for form in forms]
    tokens += [Token(t.form, t.tag, t.relation, t.head + shift if t.head >= 0 else -1) for t in phrase.tokens]
    marks = [Marked(m.start + shift, m.end + shift, m.spec) for m in phrase.marks]
    return Phrase(tokens, phrase.head + shift, marks)
