"""What the program itself fills into a template: names of the topic, and figures."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from pipeline.train.grammar import lexicon
from pipeline.train.grammar.figures import before, marked, word
from pipeline.train.grammar.inflection import inflect
from pipeline.train.grammar.notation import NotationError
from pipeline.train.grammar.tree import Phrase, Token

if TYPE_CHECKING:
    from pipeline.train.grammar.expand import Expander

_RATIO_DECIMALS = 2
Slot = Callable[["Expander", tuple[str, ...]], Phrase]


@cache
def usual_comparators(kind: str) -> tuple[lexicon.Arm, ...]:
    """What things of a kind are usually held against: the topic ``usual KIND`` of the lexicon."""
    for topic in lexicon.load_topics():
        if topic.name == f"usual {kind}":
            return tuple(topic.comparators)
    return usual_comparators("prog")


def fill(expander: Expander, name: str, arguments: tuple[str, ...]) -> Phrase:
    """The phrase of a slot. Raises NotationError."""
    slot = _SLOTS.get(name)
    if slot is None:
        raise NotationError(f"there is no rule and no slot {name}")
    return slot(expander, arguments)


def _name(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    """What a group gets; of people who are named by what they do, what they do."""
    arm = expander.arm(arguments[0])
    return expander.expand(arm.short if arm.kind == "expo" and arm.short else arm.name)


def _who(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    return expander.expand(expander.arm(arguments[0]).name)


def _short(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    """The name of a group in front of ``group``: the short name, the whole one, or its letter."""
    arm = expander.arm(arguments[0])
    mode = expander.once("naming", ["name"] * 12 + ["letter"])
    phrase = expander.expand(arm.short or arm.name)
    if mode == "letter":
        letter = next((t.form[0].upper() for t in phrase.tokens[phrase.head :] if t.form[0].isalpha()), "A")
        others = {key: value for key, value in expander.chosen.items() if key.startswith("letter.")}
        if all(value != letter for key, value in others.items() if key != "letter." + arguments[0]):
            expander.chosen["letter." + arguments[0]] = letter
            return word(letter, "NN")
    return phrase


def _stem(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    arm = expander.arm(arguments[0])
    return expander.expand(arm.short or arm.name)


def _condition(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    return expander.expand(expander.once("d", expander.topic.conditions))


def _people(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    return expander.expand(expander.once("people" + (arguments[0] if arguments else ""), expander.topic.people))


def _noun(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    return expander.expand(expander.once(_outcome(arguments), expander.topic.nouns))


def _event(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    """A verb phrase of the topic in the form asked for: ``past``, ``base``, ``part``, ``ing``, ``third``."""
    phrase = expander.expand(expander.once(_outcome(arguments[1:]), expander.topic.events))
    inflect(phrase, arguments[0], expander.words)
    return phrase


def _good_event(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    """A verb phrase for something that people wish for."""
    good = [event for event in expander.topic.events if event in expander.topic.good] or expander.topic.events
    phrase = expander.expand(expander.once(_outcome(arguments[1:]), good))
    inflect(phrase, arguments[0], expander.words)
    return phrase


def _outcome(arguments: tuple[str, ...]) -> str:
    return arguments[0] if arguments and arguments[0] else "o"


def _spec(argument: str) -> tuple[str, str]:
    """Group and outcome of a figure's specification, for drawing its value; before and after are two outcomes."""
    group, _, rest = argument.partition(".")
    group, _, role = group.partition("@")
    outcome = rest.partition(".")[0] or "o"
    return group.partition("+")[0] or "i", f"{outcome}@{role}" if role in ("baseline", "followup") else outcome


def _with_qualifier(expander: Expander, phrase: Phrase, chance: float, small: bool = True) -> Phrase:
    """Perhaps ``about`` before a figure; it stays outside the figure."""
    if expander.rng.random() >= chance:
        return phrase
    number = next((index for index, t in enumerate(phrase.tokens) if t.tag == "CD"), phrase.head)
    kind = expander.rng.randrange(11)
    if kind == 0:
        return before([("more", "JJR", "advmod", number + 2), ("than", "IN", "fixed", 0)], phrase)
    if kind == 1:
        return before([("at", "IN", "case", 1), ("least", "JJS", "nmod", number + 2)], phrase)
    if kind == 2:
        return before([("less", "JJR", "advmod", number + 2), ("than", "IN", "fixed", 0)], phrase)
    forms = expander.words.lists["qualifiers"]
    form = expander.rng.choice((*forms, *expander.words.lists["small_qualifiers"]) if small else forms)
    return before([(form, "RB", "advmod", number + 1)], phrase)


def _percent(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    group, outcome = _spec(arguments[0])
    share = expander.figures.share(group, outcome)
    phrase = marked(expander.figures.percent(share), arguments[0])
    chance = 0.0 if arguments[1:] == ("x",) or expander.style.decimals else 0.25
    return _with_qualifier(expander, phrase, chance, share < 45)


def _spelled_percent(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    """A percentage in words, as at the beginning of a sentence: ``forty-eight percent``."""
    group, outcome = _spec(arguments[0])
    value = min(99, max(1, round(expander.figures.share(group, outcome))))
    number = expander.figures.spelled(value)
    unit = [("percent", "NN")] if expander.style.percent != "per cent" else [("per", "NN"), ("cent", "NN")]
    last = len(number.tokens) + len(unit) - 1
    number.tokens[number.head].head = last
    number.tokens[number.head].relation = "nummod"
    for form, tag in unit[:-1]:
        number.tokens.append(Token(form, tag, "compound", last))
    number.tokens.append(Token(*unit[-1], "", -1))
    return marked(Phrase(number.tokens, last), arguments[0])


def _words(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    """A share in words, ``two thirds``, ``one in ten``."""
    return _with_qualifier_word(expander, marked(expander.expand("*$ShareWords"), arguments[0]))


def _with_qualifier_word(expander: Expander, phrase: Phrase) -> Phrase:
    if expander.rng.random() < 0.5:
        return phrase
    if expander.rng.randrange(6) == 0:
        return before([("more", "JJR", "advmod", phrase.head + 2), ("than", "IN", "fixed", 0)], phrase)
    form = expander.rng.choice((*expander.words.lists["qualifiers"], *expander.words.lists["small_qualifiers"]))
    return before([(form, "RB", "advmod", phrase.head + 1)], phrase)


def _count(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    group, outcome = _spec(arguments[0])
    return marked(expander.figures.whole(expander.figures.count(group, outcome)), arguments[0])


def _digits(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    group, outcome = _spec(arguments[0])
    return marked(word(expander.figures.number(expander.figures.count(group, outcome), 0), "CD"), arguments[0])


def _size(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    group, _ = _spec(arguments[0])
    phrase = word(expander.figures.number(expander.figures.size(group), 0), "CD")
    spec = arguments[0]
    return marked(phrase, spec if "." in spec else spec + ".-.-")


def _if(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    """``$if(share,i,c,Higher,Lower)``: the first rule if the first figure is the greater, else the second; ``share`` or ``mean``."""
    what, first, second, greater, less = arguments
    value = expander.figures.share if what == "share" else lambda group, outcome: _mean(expander, group, outcome)
    return expander.expand("$" + (greater if value(*_spec(first)) > value(*_spec(second)) else less))


def _total(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    """The size of several groups together: specification, then the groups."""
    number = sum(expander.figures.size(group) for group in arguments[1:])
    return marked(word(expander.figures.number(number, 0), "CD"), arguments[0] + ".-.-")


def _spelled(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    """A sample size in words, as at the beginning of a sentence."""
    group, _ = _spec(arguments[0])
    if group not in expander.figures.sizes:
        expander.figures.sizes[group] = expander.rng.choice(
            [*range(12, 21), 24, 30, 32, 36, 40, 48, 54, 60, 72, 80, 96]
        )
    size = expander.figures.size(group)
    return marked(expander.figures.spelled(size), arguments[0] if "." in arguments[0] else arguments[0] + ".-.-")


def _measure(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    key = _outcome(arguments)
    return expander.expand(_chosen_measure(expander, key).name)


def _chosen_measure(expander: Expander, key: str) -> lexicon.Measure:
    name = expander.once(key, [measure.name for measure in expander.topic.measures])
    return next(measure for measure in expander.topic.measures if measure.name == name)


def _mean(expander: Expander, group: str, outcome: str) -> float:
    measure = _chosen_measure(expander, outcome.partition("@")[0])
    if (group, outcome) not in expander.figures.means:
        at = expander.figures.rng.uniform(0.15, 0.85)
        expander.figures.means[group, outcome] = measure.least + at * (measure.most - measure.least)
    return expander.figures.means[group, outcome]


def _with_unit(expander: Expander, number: Phrase, unit: str) -> Phrase:
    """A number and its unit, ``4.2 points``; the unit is the head."""
    if not unit:
        return number
    last = expander.expand(unit)
    tokens = list(number.tokens)
    shift = len(tokens)
    tokens[number.head].head = shift + last.head
    tokens[number.head].relation = "nummod"
    tokens += [Token(t.form, t.tag, t.relation, t.head + shift if t.head >= 0 else -1) for t in last.tokens]
    return Phrase(tokens, shift + last.head)


def _value(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    """A mean with its unit (second argument ``n``: without; ``sd``: with ± and the deviation)."""
    group, outcome = _spec(arguments[0])
    measure = _chosen_measure(expander, outcome.partition("@")[0])
    value = _mean(expander, group, outcome)
    how = arguments[1:]
    decimals = measure.decimals
    expander.last = value, decimals
    text = expander.figures.number(value, decimals)
    number = word(text, "CD")
    if "sd" in how:
        spread = (measure.most - measure.least) * expander.rng.uniform(0.03, 0.15)
        deviation = expander.figures.number(max(spread, 10.0**-decimals), decimals)
        number = Phrase(
            [Token(text, "CD", "", -1), Token("±", "SYM", "punct", 2), Token(deviation, "CD", "nmod", 0)], 0
        )
    phrase = number if "n" in how else _with_unit(expander, number, measure.unit)
    return marked(phrase, arguments[0])


def _change(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    """A change or difference in the measure's unit (``n``: without; ``s``: with a sign)."""
    _, outcome = _spec(arguments[0])
    measure = _chosen_measure(expander, outcome.partition("@")[0])
    size = (measure.most - measure.least) * expander.rng.uniform(0.02, 0.35)
    decimals = measure.decimals
    value = max(size, 10.0**-decimals)
    expander.last = value, decimals
    number = expander.figures.signed(-value if "s" in arguments[1:] else value, decimals)
    phrase = number if "n" in arguments[1:] else _with_unit(expander, number, measure.unit)
    return marked(phrase, arguments[0])


def _relative(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    """A relative difference in percent."""
    value = expander.rng.uniform(3, 85)
    phrase = marked(expander.figures.percent(value), arguments[0])
    return phrase if arguments[1:] else _with_qualifier(expander, phrase, 0.12)


def _gap(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    """A difference in percentage points."""
    number = expander.figures.number(expander.rng.uniform(0.6, 32), min(1, expander.style.decimals))
    unit = expander.rng.choice(["percentage *points/NNS", "percentage *points/NNS", "points/NNS"])
    return marked(_with_unit(expander, word(number, "CD"), unit), arguments[0])


def _ratio(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    """A hazard, odds or risk ratio."""
    value = expander.rng.choice([expander.rng.uniform(0.25, 0.98), expander.rng.uniform(1.02, 4.5)])
    expander.last = value, _RATIO_DECIMALS
    return marked(word(expander.figures.number(value, _RATIO_DECIMALS, bare=True), "CD"), arguments[0])


def _interval(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    """``0.52–0.91``, the limits of a confidence interval about the last ratio."""
    middle, decimals = expander.last or (expander.rng.uniform(4, 40), 1)
    ratio = decimals == _RATIO_DECIMALS
    low = expander.figures.number(middle * expander.rng.uniform(0.55, 0.92), decimals, bare=ratio)
    high = expander.figures.number(middle * expander.rng.uniform(1.1, 1.7), decimals, bare=ratio)
    return _range(expander, low, high)


def _range(expander: Expander, low: str, high: str) -> Phrase:
    dash = expander.style.dash
    tag = {"to": "IN", "–": "SYM", "-": "SYM"}[dash]
    return Phrase([Token(low, "CD", "", -1), Token(dash, tag, "case", 2), Token(high, "CD", "nmod", 0)], 0)


def _p_value(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    """``P = .03``: as the treebank CRAFT has it, the number the head, the letter its subject."""
    sign, value, decimals = expander.rng.choice(
        [("<", 0.001, 3), ("<", 0.05, 2), ("<", 0.01, 2), ("=", expander.rng.uniform(0.002, 0.06), 3),
         ("=", expander.rng.uniform(0.01, 0.9), 2), ("=", expander.rng.uniform(0.01, 0.09), 2), (">", 0.05, 2), ("<", 0.0001, 4)]
    )  # fmt: skip
    text = expander.figures.number(max(value, 10.0**-decimals), decimals, bare=True)
    return Phrase(
        [Token(expander.style.p, "NN", "nsubj", 2), Token(sign, "SYM", "punct", 2), Token(text, "CD", "", -1)], 2
    )


def _versus(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    return Phrase([Token(expander.style.versus, "IN", "", -1)], 0, relation="case")


def _dose(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    """The amount of a dose group, rising from ``i`` to ``i3``: ``5 mg``."""
    base = float(expander.once("dose", expander.words.lists["doses"]))
    step = {"i": 1, "i2": 2, "i3": 4, "c": 0.5}.get(arguments[0], 1)
    amount = f"{base * step:g}"
    unit = expander.once("doseunit", expander.words.lists["dose_units"])
    if arguments[1:] == ("hyphen",):
        return Phrase(
            [Token(amount, "CD", "nummod", 2), Token("-", "HYPH", "punct", 0), Token(unit, "NN", "compound", -1)], 2
        )
    return Phrase([Token(amount, "CD", "nummod", 1), Token(unit, "NN", "", -1)], 1)


def _integer(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    """A whole number from the first argument to the second; unmarked."""
    low, high = int(arguments[0]), int(arguments[1])
    value = expander.rng.randint(low, high)
    if arguments[2:] == ("words",):
        return expander.figures.whole(value)
    return word(expander.figures.number(value, 0) if value < 1900 or value > 2030 else str(value), "CD")


def _decimal(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    value = expander.rng.uniform(float(arguments[0]), float(arguments[1]))
    return word(expander.figures.number(value, int(arguments[2]) if arguments[2:] else 1), "CD")


def _mark_integer(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    """A figure of its own: specification, least, greatest."""
    return marked(_integer(expander, arguments[1:]), arguments[0])


def _mark_decimal(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
    return marked(_decimal(expander, arguments[1:]), arguments[0])


def _topic_pool(kind: str) -> Slot:
    def slot(expander: Expander, arguments: tuple[str, ...]) -> Phrase:
        return expander.expand(expander.once(kind, _pool(kind, expander.held)))

    return slot


@cache
def _pool(kind: str, held: bool) -> tuple[str, ...]:
    """Names of people, places ...: one in eight is kept for the sentences held out."""
    names = lexicon.load_names()[kind]
    return tuple(name for index, name in enumerate(names) if (index % 8 == 3) == held)


_SLOTS: dict[str, Slot] = {
    "name": _name,
    "who": _who,
    "short": _short,
    "stem": _stem,
    "good": _good_event,
    "cond": _condition,
    "people": _people,
    "noun": _noun,
    "event": _event,
    "measure": _measure,
    "pct": _percent,
    "words": _words,
    "count": _count,
    "digits": _digits,
    "size": _size,
    "spelled": _spelled,
    "total": _total,
    "if": _if,
    "pctw": _spelled_percent,
    "val": _value,
    "change": _change,
    "rel": _relative,
    "gap": _gap,
    "ratio": _ratio,
    "limits": _interval,
    "p": _p_value,
    "vs": _versus,
    "dose": _dose,
    "int": _integer,
    "dec": _decimal,
    "figint": _mark_integer,
    "figdec": _mark_decimal,
    "surname": _topic_pool("surname"),
    "place": _topic_pool("place"),
    "trial": _topic_pool("trial"),
    "journal": _topic_pool("journal"),
    "city": _topic_pool("city"),
}
