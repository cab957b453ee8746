"""Articles of an invented newsroom, as many as are asked for, from a seed; all of it is made up here.

A *pattern* is an article whose figures and names can be exchanged without moving a letter, so that many articles are made of one: what
the program finds in the one, with the same exchange, is what it finds in the others (``bench/incremental.py`` rests on it).
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import cached_property

_STUDIED = (
    "After {weeks} weeks, {a} percent of the {drug} group and {b} percent of the placebo group slept through the night.",
    "Headache was reported by {a} percent of those who took {drug} and by {b} percent of those who did not.",
    "In the {drug} group, the mean score fell by {a} points; in the placebo group it fell by {b} points.",
    "Walking distance rose by {a} percent with {drug}, the team from {town} found.",
    "About {a} percent of the patients in {town} said that the pain had eased.",
    "The risk of a second fall was {a} percent lower in people who were given {drug}.",
    "Only {a} percent stopped taking the capsules before the end, most of them because of the taste.",
    "Blood pressure dropped by {a} mmHg on average, against {b} mmHg with a dummy pill.",
    "Of the nurses who took part, {a} percent said that they would go on with {drug}.",
    "Recovery took {a} days with {drug} and {b} days without it.",
)
_TOLD = (
    "{drug} lowers the risk of winter colds, according to the physicians who led the trial in {town}.",
    "Nobody yet knows why the effect was so much weaker in the spring.",
    "The results suggest that {drug} may help people who have slept badly for years.",
    "No link was found between the dose and the mood of the volunteers.",
    "The hospital in {town} had asked for volunteers in the local paper.",
)
_FILLER = (
    "The corridors of the institute smell of floor wax, and the coffee from the machine is as thin as it always was.",
    "Volunteers came in by bus, were handed a slip of paper, and waited on wooden benches until their names were called.",
    "A spokeswoman for the town said that the council would talk about the matter at its next meeting.",
    "The market square was empty at that hour but for a man who swept the leaves into neat heaps.",
    "Her grandmother had grown the herb behind the barn and hung it from the beams to dry.",
    "Those who make the capsules paid for the boxes and had no say in what was written.",
    "It is the sort of question that pharmacists hear across the counter every day of the week.",
    "The team wants to find out next whether the same holds for children and for people who work at night.",
    "Rain kept many at home, so that the second meeting had to be put off until the following month.",
    "Critics say that people who sign up for such a study differ from those who never would.",
    "The doctors kept a diary by hand, and two students typed it into a table in the evening.",
    "What the shops sell under that name is often something else, as inspectors have found time and again.",
    "The choir of the hospital sang in the hall while the last of the blood samples were carried out.",
    "She laughs when she is asked about it and says that she has always been a poor sleeper.",
    "There is a garden behind the clinic where patients may walk when the weather allows it.",
    "The figures were shown at a congress by the sea, and not everyone in the room was convinced.",
)
_HEADS = (
    "{drug} and sleep: what a trial in {town} found",
    "Hopes for {drug} after a study in {town}",
    "{town}: physicians put {drug} to the test",
    "Does {drug} help? The numbers from {town}",
)
_MENU = "<a href='/'>Front page</a> <a href='/town'>Town</a> <a href='/health'>Health</a> <a href='/sport'>Sport</a>"
_FIGURE = re.compile(r"\b\d\d\.\d\b")
_ONSETS, _VOWELS = "bdfglmnprstvz", "aeiou"
DRUG, TOWN = "Xyloquin", "Wexhavn"
"""The names in a pattern."""


@dataclass(frozen=True)
class Pattern:
    """An article with the figures and names that are exchanged."""

    title: str
    paragraphs: tuple[str, ...]

    @cached_property
    def figures(self) -> list[str]:
        """The figures that are exchanged, each as it is written, sorted."""
        return sorted({figure for paragraph in self.paragraphs for figure in _FIGURE.findall(paragraph)})


class Exchange:
    """Puts the names and figures of one article in the place of those of its pattern; every string keeps its length."""

    def __init__(self, pattern: Pattern, number: int) -> None:
        self.figures: dict[str, str] = {figure: figure for figure in pattern.figures}
        self._names = {DRUG: DRUG, TOWN: TOWN}
        if number:
            chance = random.Random(f"{pattern.title} {number}")
            fresh = chance.sample([f"{n // 10}.{n % 10}" for n in range(100, 1000)], len(self.figures))
            self.figures = dict(zip(self.figures, fresh, strict=True))
            self._names = {DRUG: _name(chance, len(DRUG)), TOWN: _name(chance, len(TOWN))}
        self._all = {**self.figures, **self._names, **{k.casefold(): v.casefold() for k, v in self._names.items()}}
        names = "|".join(re.escape(name) for name in self._all if not name[0].isdigit())
        self._pattern = re.compile(f"{_FIGURE.pattern}|{names}")

    def text(self, text: str) -> str:
        """``text`` with the names and figures of this article."""
        return self._pattern.sub(lambda match: self._all.get(match[0], match[0]), text)


def pattern(seed: int) -> Pattern:
    """The pattern of this number: an article of some 150 to 700 words, of which one sentence in six tells a result."""
    chance = random.Random(seed)
    figures = iter(chance.sample([f"{n // 10}.{n % 10}" for n in range(100, 1000)], 120))
    filler = iter(chance.sample(_FILLER, len(_FILLER)) * 3)
    paragraphs = []
    for _ in range(chance.randint(4, 14)):
        sentences = []
        for _ in range(chance.randint(2, 4)):
            kind = chance.random()
            if kind < 0.15:
                sentences.append(chance.choice(_STUDIED).format(
                    weeks=chance.choice(("two", "four", "six", "twelve")), a=next(figures), b=next(figures), drug=DRUG, town=TOWN
                ))  # fmt: skip
            elif kind < 0.2:
                sentences.append(chance.choice(_TOLD).format(drug=DRUG, town=TOWN))
            else:
                sentences.append(next(filler, _FILLER[0]))
        paragraphs.append(" ".join(sentences))
    return Pattern(chance.choice(_HEADS).format(drug=DRUG, town=TOWN), tuple(paragraphs))


def page(title: str, paragraphs: tuple[str, ...], site: str) -> str:
    """The article as a page of the site."""
    prose = "".join(f"<p>{paragraph}</p>\n" for paragraph in paragraphs)
    return (
        f"<!DOCTYPE html><html lang='en'><head><title>{title}</title><meta property='og:site_name' content='{site}'></head>"
        f"<body><nav>{_MENU}</nav><article><h1>{title}</h1>\n{prose}</article><footer>All rights reserved</footer></body></html>\n"
    )


def site_of(number: int) -> str:
    """The site on which the article of this number stands."""
    return f"Paper {number % 50:02}"


def path_of(number: int) -> str:
    """Where the article of this number lies below the raw folder."""
    return f"paper-{number % 50:02}/{number:06}.html"


def _name(chance: random.Random, length: int) -> str:
    return "".join(chance.choice(_VOWELS if i % 2 else _ONSETS) for i in range(length)).capitalize()
