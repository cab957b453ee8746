"""The check on parts of one whole that cannot add up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from pipeline.model import Value
from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.drafts import Draft, Spot
from pipeline.reconcile.checks.register import Params, check
from pipeline.reconcile.corpus import Source, Told
from pipeline.shapes import LETTERS

Wordings = Sequence[Sequence[Sequence[str]]]
"""What shows that shares are parts of one whole, each a list of steps of which each is told by one of its phrases."""
_LEAST_PARTS = 3
_WHOLE = 100.0
_ROUNDED = 1.5
"""How far shares may be from the whole that they make, since each is rounded."""
_NEXT = 2
"""Characters between a sentence and the next."""
_REMAINING = re.compile(r"(?<=[.!?] )The (?:remaining|other) [^.!?\n]{4,300}[.!?]?")
_FRACTION = re.compile(r"\ban? ([a-z]+)\b(?! (?:of|time|day|week|one)\b)")
_LABELLED = re.compile(
    r"(?<!\S)[^\W\d][^.:;!?\d\n]{0,40}(?:: | [-\u2013] )\d{1,3}(?:\.\d+)? ?(?:%|per ?cent)[.;]?(?=\s|$)"
)
"""A share behind its name, and nothing else: "Satisfied: 27%."."""
_REST_OF_ALL = re.compile(r"\bthe (?:remaining|other) \Z")
_REMAINS = re.compile(r"(?:and |but )?the (?:remaining|other) ")
_REST = ("the remaining ", "the other ")
"""What :data:`_REMAINS` needs."""


@check("percent_sum")
def percent_sum(case: Case, params: Params) -> Iterator[Draft]:
    """Parts of one whole, told one after the other, that make clearly more than the whole."""
    wordings = _wordings(params)
    for source in case.judged:
        run: list[Told] = []
        for told in source.told:
            if not any(m is not None and m.dimension == "percent" for m in told.measured):
                continue  # how much each part is, or who was asked
            if run and (not _is_part(told) or told.claim.start - run[-1].claim.end > int(params["reach"])):
                yield from _summed(case, source, run, params)
                run = []
            if _is_part(told):
                run.append(told)
        yield from _summed(case, source, run, params)
        yield from _counted_once(case, source, params)
        yield from _labelled(case, source, wordings, params)
        yield from _partitions(case, source, wordings, params)


def _partitions(case: Case, source: Source, wordings: Wordings, params: Params) -> Iterator[Draft]:
    """Shares of one sentence that its words show to be parts of one whole: the last is of all else, they are the steps of one scale, or
    they are told of what makes up something; and what remains, in a sentence of its own."""
    text = source.article.text
    lower = text.lower()
    if not _may_be_whole(lower, wordings) and not any(words in lower for words in _REST):
        return  # most articles, of which no sentence need be looked at
    spans = {(told.claim.start, told.claim.end) for told in source.told} | {(s.start, s.end) for s in source.statements}
    spans |= {(found.start(), found.end()) for found in _REMAINING.finditer(text)}
    before: tuple[int, int] | None = None
    for start, end in sorted(spans):
        quote = text[start:end].lower()
        goes_on = before is not None and 0 <= start - before[1] <= _NEXT and _REMAINS.match(quote) is not None
        earlier, before = before, (start, end)
        if not goes_on and not _may_be_whole(quote, wordings):
            continue  # numbers are read last
        parts = _compared_shares(case, source, start, end, params)
        goes_on = goes_on and len(parts) == 1
        if goes_on and earlier is not None:
            parts = [*_compared_shares(case, source, *earlier, params), *parts]
        if len(parts) < (_LEAST_PARTS - 1 if goes_on else _LEAST_PARTS) or any(n.qualifier for n in parts):
            continue
        total = sum(n.value or 0.0 for n in parts)
        if not float(params["least"]) <= total <= float(params["most"]):
            continue
        if _makes_whole(parts) and not _is_scale(quote, params, len(parts)):
            continue
        exclusive = _is_scale(quote, params) or _tells_rest(quote, start, parts, params)
        around = quote if exclusive else text[max(start - int(params["reach"]), 0) : end].lower()
        apart = _are_apart(quote, start, parts, params)
        if not apart and any(str(phrase) in around for phrase in params["several"]):
            continue
        if not apart and not goes_on and not _is_whole(quote, start, parts, params):
            continue
        yield _draft(case, source, [case.passage(source.index, start, end)], parts, total)


def _are_apart(quote: str, start: int, parts: Sequence[Value], params: Params) -> bool:
    """Whether each share but the last is of one thing alone, and the last of both: 52% on weekdays only, 33% at weekends only, 29% both."""
    ends = [part.start - start for part in parts[1:]] + [len(quote)]
    behind = [quote[part.end - start : end] for part, end in zip(parts, ends, strict=True)]
    return all(_has_any(words, params["alone"]) for words in behind[:-1]) and _has_any(behind[-1], params["together"])


def _labelled(case: Case, source: Source, wordings: Wordings, params: Params) -> Iterator[Draft]:
    """Shares that each stand behind their name, one after the other, of which the names are the steps of one scale, or before which it is
    said that each was counted once."""
    text = source.article.text
    run: list[tuple[int, int]] = []
    for found in [*_LABELLED.finditer(text), None]:
        if found is not None and (not run or found.start() - run[-1][1] <= _NEXT):
            run.append(found.span())
            continue
        if len(run) >= _LEAST_PARTS:
            start, end = run[0][0], run[-1][1]
            parts = _compared_shares(case, source, start, end, params)
            total = sum(n.value or 0.0 for n in parts)
            once = (s for s in source.bearing(str(params["once"])) if 0 <= start - s.end <= int(params["reach"]))
            if (
                len(parts) == len(run)
                and float(params["least"]) <= total <= float(params["most"])
                and not _makes_whole(parts)
                and (any(once) or _is_whole(text[start:end].lower(), start, parts, params))
            ):
                yield _draft(case, source, [case.passage(source.index, start, end)], parts, total)
        run = [found.span()] if found is not None else []


def _compared_shares(case: Case, source: Source, start: int, end: int, params: Params) -> list[Value]:
    """The shares of a passage; none where it sets groups or times side by side."""
    words = LETTERS.findall(source.article.text[start:end].lower())
    compared = not set(words).isdisjoint(map(str, params["compares"]))
    return [] if compared else _shares(case, source, start, end, params)


def _shares(case: Case, source: Source, start: int, end: int, params: Params) -> list[Value]:
    """The percentages and fractions of a passage, smaller than the whole; behind one with its whole the next stand alone: a third."""
    found = [
        n
        for n in case.numbers(source.index, start, end)
        if n.unit == "percent" and n.value is not None and 0 < n.value < _WHOLE
    ]
    taken = {at for n in found for at in range(n.start, n.end)}
    quote = source.article.text[start:end]
    for match in _FRACTION.finditer(quote) if found else ():
        share = params["fractions"].get(match.group(1).lower())
        if share is not None and start + match.start(1) not in taken:
            text = match.group()
            found.append(_exactly(text, start + match.start(), float(share)))
    return sorted(found, key=lambda n: n.start)


def _exactly(text: str, start: int, percent: float) -> Value:
    return Value(
        text=text,
        start=start,
        end=start + len(text),
        value=percent,
        low=None,
        high=None,
        unit="percent",
        qualifier=None,
    )


def _makes_whole(parts: Sequence[Value]) -> bool:
    """Whether some of the shares, one after the other, make the whole: the others are of something else."""
    values = [part.value or 0.0 for part in parts]
    return any(
        abs(sum(values[one:other]) - _WHOLE) <= _ROUNDED
        for one in range(len(values))
        for other in range(one + 2, len(values) + 1)
        if other - one < len(values)
    )


def _wordings(params: Params) -> Wordings:
    telling = [str(phrase) for phrase in (*params["residual"], *params["makes_up"])]
    apart = [[str(phrase) for phrase in params[name]] for name in ("alone", "together")]
    return [[telling], apart, *([[str(phrase) for phrase in step] for step in scale] for scale in params["scales"])]


def _may_be_whole(quote: str, wordings: Wordings) -> bool:
    """Whether :func:`_is_whole` may hold, whatever the shares of a sentence are. Most sentences are asked, so that it has to be quick."""
    for steps in wordings:
        for step in steps:
            for phrase in step:
                if phrase in quote:
                    break
            else:
                break  # this step is not told
        else:
            return True
    return False


def _is_whole(quote: str, start: int, parts: Sequence[Value], params: Params) -> bool:
    """Whether the words of a sentence show that its shares are parts of one whole."""
    if _tells_rest(quote, start, parts, params) or _has_any(quote, params["makes_up"]):
        return True
    return _is_scale(quote, params)


def _tells_rest(quote: str, start: int, parts: Sequence[Value], params: Params) -> bool:
    """Whether the last share is said to be of all else."""
    return _has_any(quote[parts[-2].end - start :], params["residual"])


def _is_scale(quote: str, params: Params, steps: int | None = None) -> bool:
    """Whether a sentence tells all steps of a scale, which has so many."""
    scales = [scale for scale in params["scales"] if steps is None or len(scale) == steps]
    return any(all(_has_any(quote, step) for step in scale) for scale in scales)


def _has_any(text: str, phrases: Iterable[str]) -> bool:
    return any(re.search(rf"\b{re.escape(str(phrase))}\b", text) for phrase in phrases)


def _draft(case: Case, source: Source, spots: Sequence[Spot], parts: Sequence[Value], total: float) -> Draft:
    words = {
        "source": source.name,
        "figures": ", ".join(case.printed(part) for part in parts),
        "total": f"{round(total, 1):g}",
    }
    return Draft(spots, (), None, words, {"total": total})


def _counted_once(case: Case, source: Source, params: Params) -> Iterator[Draft]:
    """Parts of a whole in one sentence, where it or a sentence near it says that each was counted once: more than the whole, or, where
    nothing is left out, clearly less; in percent, or in numbers of which the text tells how many they are of."""
    text = source.article.text
    reach = int(params["reach"])
    left = "|".join(re.escape(str(word)) for word in params["left"])
    for statement in source.bearing(str(params["once"])):
        sentences = {(statement.start, statement.end)} | {
            (told.claim.start, told.claim.end)
            for told in source.told
            if told.claim.start <= statement.end + reach and told.claim.end >= statement.start - reach
        }
        for start, end in sorted(sentences):
            quote = text[start:end].lower()
            if set(LETTERS.findall(quote)) & {str(word) for word in params["compares"]}:
                continue
            numbers = case.numbers(source.index, start, end)
            shares = _shares(case, source, start, end, params)
            counts = [
                n for n in numbers if n.unit is None and n.value is not None and n.value >= 1 and n.value.is_integer()
            ]
            own = start == statement.start
            if len(shares) >= (_LEAST_PARTS - 1 if own else _LEAST_PARTS):
                if any(n.qualifier is not None for n in shares):
                    continue
                total = sum(n.value or 0.0 for n in shares)
                rest = _is_left(text[start : end + reach].lower(), shares[-1].start - start, left)
                if not float(params["least"]) <= total <= float(params["most"]) and (
                    rest
                    or len(shares) < _LEAST_PARTS
                    or not float(params["too_little"][0]) <= total <= float(params["too_little"][1])
                ):
                    continue
                parts = shares
            elif own and len(counts) >= _LEAST_PARTS:
                whole = {t.size for t in source.told if t.size is not None and t.claim.end <= end}
                added = sum(n.value or 0.0 for n in counts)
                if len(whole) != 1 or not 1.0 < added / (size := whole.pop()) <= float(params["most"]) / 100:
                    continue
                total, parts = 100 * added / size, counts
            else:
                continue
            itself = [] if own else [case.sentence(source.index, statement)]
            yield _draft(case, source, [case.passage(source.index, start, end), *itself], parts, total)
            return


def _is_left(quote: str, at: int, left: str) -> bool:
    """Whether something is told of those that none of the shares counts; not where the last, which stands ``at``, is said to be all of
    them."""
    all_else = _REST_OF_ALL.search(quote[:at])
    said = quote if all_else is None else quote[: all_else.start()]
    return re.search(rf"\b(?:{left})\b", said) is not None


def _is_part(told: Told) -> bool:
    """Whether a claim states shares of no group in particular, as a list of parts does."""
    values = list(zip(told.claim.values, told.measured, strict=True))
    return bool(values) and all(
        m is not None
        and m.dimension == "percent"
        and m.interval.exact
        and v.value is not None
        and v.role not in ("comparator", "baseline")
        for v, m in values
    )


def _summed(case: Case, source: Source, run: Sequence[Told], params: Params) -> Iterator[Draft]:
    last = [told for told in run if told.claim.start == run[-1].claim.start]
    run = last if sum(len(told.measured) for told in last) >= _LEAST_PARTS else run
    points = [m.point for told in run for m in told.measured if m is not None]
    total = sum(points)
    if len(points) < _LEAST_PARTS or not float(params["least"]) <= total <= float(params["most"]):
        return
    text = source.article.text[run[-1].claim.start : run[-1].claim.end].lower()
    if not any(str(phrase) in text for phrase in params["rest"]):
        return
    words = {
        "source": source.name,
        "figures": ", ".join(case.printed(v) for told in run for v in told.claim.values),
        "total": f"{total:g}",
    }
    yield Draft([Spot.of(told) for told in run], (), None, words, {"total": total})
