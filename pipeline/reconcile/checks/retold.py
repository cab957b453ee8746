"""What a retelling gets wrong that no finding need join: a figure told of another time, a treatment told to beat its equal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.drafts import Draft, Spot, fill
from pipeline.reconcile.checks.pairs import told_pairs
from pipeline.reconcile.checks.register import Params
from pipeline.reconcile.checks.said import quoted
from pipeline.reconcile.corpus import Source, Told
from pipeline.reconcile.findings import Figure
from pipeline.reconcile.rounding import Measured, same_time, significant_digits
from pipeline.shapes import LETTERS

_PRECISE = 3
"""Figures of so many digits are one figure though the outcome is told in other words."""
_LEAST = 2
_NEAR = 400
"""Characters within which figures are told together."""
_SHARES = ("proportion", "count", "rate")
_PERCENT = "percent"
_BESIDE = ("higher", "lower")


def times_retold(case: Case, params: Params) -> Iterator[Draft]:
    """A share that a better source of the story gives for another time, and that nobody gives for this one."""
    tolerance, alike = float(params["tolerance"]), float(params["alike"])
    for source in case.judged:
        story = [
            other
            for other in case.related.retellings(source.index)
            if case.related.tells_story_of(source.index, other.index)
        ]
        for one in source.told if story else ():
            if one.claim.measure not in _SHARES or one.days is None or case.result_of.get(one.claim.claim_id) is None:
                continue
            same = [(t, at) for other in story for t in _of_share(other.told) if (at := _shared(case, one, t, alike))]
            own = [t for t in _of_share(source.told) if t is not one and _shared(case, one, t, alike)]
            if any(same_time(one.days, t.days, tolerance) for t, _ in same) or own:
                continue
            better = [
                (t, at)
                for t, at in same
                if case.source(t).rank < source.rank and same_time(one.days, t.days, tolerance) is False
            ]
            if not better:
                better = _of_a_course(case, one, [other for other in story if other.rank < source.rank], tolerance)
            if better:
                best, (i, _) = better[0]
                yield _of_other_time(case, one, best, {"figures": case.printed(one.claim.values[i])})


def times_of_pairs(case: Case, params: Params) -> Iterator[Draft]:
    """The figures of both groups, which a better source of the story gives for another time, and nobody for this one."""
    tolerance = float(params["tolerance"])
    for source in case.judged:
        yield from _times_of_sentences(case, source, tolerance)
        own = [pair for pair in told_pairs(case, source) if _days(pair) is not None]
        story = case.related.retellings(source.index) if own else []
        timed = [
            found
            for other in story
            if case.related.is_of_its_study(source.index, other.index)
            for found in told_pairs(case, other)
            if _days(found) is not None
        ]
        for pair in own:
            same = [found for found in timed if _are_one_pair(case, pair, found)]
            if any(same_time(_days(pair), _days(found), tolerance) for found in same):
                continue
            better = [found for found in same if case.source(found[0].told).rank < source.rank]
            if better:
                words = {"figures": case.word("and").join(case.printed(figure.value) for figure in pair)}
                yield _of_other_time(case, _timed(pair), _timed(better[0]), words)


def _times_of_sentences(case: Case, source: Source, tolerance: float) -> Iterator[Draft]:
    """The same of sentences that print the two figures, whatever they were read as."""
    timed = {start: told for start, told in source.told_at.items() if any(t.days is not None for t in told)}
    story = case.related.better_retellings(source) if timed else []
    pairs = [
        pair
        for other in story
        if case.related.is_of_its_study(source.index, other.index)
        for pair in told_pairs(case, other)
        if _days(pair) is not None and _names_unit(_timed(pair)) and _is_telling(pair)
    ]
    for start, told in timed.items() if pairs else ():
        end = told[0].claim.end
        printed = [pair for pair in pairs if _prints_both(case, source.index, pair, start, end)]
        times = [t.days for t in told if t.days is not None]
        if not printed or any(
            same_time(_days(pair), days, tolerance) is not False for pair in printed for days in times
        ):
            continue
        alike = (t for t in told for pair in printed[:1] if not case.judge.compare(t, pair[0].told).barred)
        one = next((t for t in alike if t.days is not None), None)
        if one is not None and case.is_held_against(one, printed[0][0].told):
            words = {"figures": case.word("and").join(case.printed(figure.value) for figure in printed[0])}
            yield _of_other_time(case, one, _timed(printed[0]), words)


def _tells_time(case: Case, pair: _Pair, days: float, tolerance: float) -> bool:
    """Whether the article of a pair has a claim of this time near it."""
    best = pair[0].told
    return any(
        same_time(t.days, days, tolerance) is True and abs(t.claim.start - best.claim.start) <= _NEAR
        for t in case.source(best).told
    )


def _names_unit(told: Told) -> bool:
    """Whether the time of a claim is no bare number, of which the unit was read from elsewhere."""
    time = told.claim.timepoint
    return time is not None and LETTERS.search(time.text) is not None


def _is_telling(pair: _Pair) -> bool:
    """Whether two figures differ and are so precise that no other two are told so by chance."""
    digits = [_digits(figure.told, figure.index, figure.measured) for figure in pair]
    return min(digits) >= _LEAST and not pair[0].measured.fits(pair[1].measured)


def _prints_both(case: Case, source: int, pair: _Pair, start: int, end: int) -> bool:
    values = [figure.value.value for figure in pair]
    return all(value is not None and case.prints(source, value, start, end) for value in values)


_Pair = tuple[Figure, Figure]


def _timed(pair: _Pair) -> Told:
    """The claim of a pair that tells the time."""
    return next((figure.told for figure in pair if figure.told.days is not None), pair[0].told)


def _days(pair: _Pair) -> float | None:
    return _timed(pair).days


def _are_one_pair(case: Case, one: _Pair, other: _Pair) -> bool:
    """Whether the figures of two groups are those of two others, and too precise to be so by chance, of an outcome that may be the same."""
    (arm, control), (their_arm, their_control) = one, other
    if not _is_one_figure(arm.measured, their_arm.measured):
        return False  # mostly
    if not _is_one_figure(control.measured, their_control.measured):
        return False
    digits = [_digits(figure.told, figure.index, figure.measured) for pair in (one, other) for figure in pair]
    if min(digits) == 0 or sum(digits[:2]) <= _LEAST or one[0].measured.fits(one[1].measured):
        return False
    return (case.judge.alike(one[0].told.concepts["outcome"], other[0].told.concepts["outcome"]) or 0.0) >= 0


def _is_one_figure(one: Measured, other: Measured) -> bool:
    """Whether two figures are one, in whatever unit, where one source leaves it out or calls it points."""
    if one.dimension == other.dimension:
        return one.fits(other)
    return _PERCENT not in (one.dimension, other.dimension) and abs(one.point) == abs(other.point)


def _of_other_time(case: Case, one: Told, best: Told, words: Mapping[str, str]) -> Draft:
    assert one.claim.timepoint is not None
    assert best.claim.timepoint is not None
    said = {
        "source": case.name(one),
        "reference": case.name(best),
        "time": one.claim.timepoint.text,
        "reference_time": best.claim.timepoint.text,
        **words,
    }
    details = {"days": one.days, "reference_days": best.days}
    figures = tuple(days for days in (one.days, best.days) if days is not None)
    return Draft([Spot.of(one)], [Spot.of(best)], case.result_of.get(one.claim.claim_id), said, details, figures)


def _of_a_course(
    case: Case, one: Told, better: Iterable[Source], tolerance: float
) -> list[tuple[Told, tuple[int, int]]]:
    """The claims, in whatever words, of the same share at another time, where their source has another share of the outcome for the time
    that is told: 29% after three months and 49% after five years, told as 29% after five years."""
    for source in better:
        shares = list(_of_share(source.told))
        fitting = [(t, at) for t in shares if (at := _printed_alike(one, t)) is not None]
        if len({t.claim.start for t, _ in fitting}) != 1:
            continue  # nowhere, or of several things
        best, at = fitting[0]
        outcome = case.judge.alike(one.concepts["outcome"], best.concepts["outcome"])
        if same_time(one.days, best.days, tolerance) is not False or (outcome is not None and outcome < 0):
            continue
        course = [
            t
            for t in shares
            if t is not best
            and same_time(one.days, t.days, tolerance)
            and case.judge.alike(t.concepts["outcome"], best.concepts["outcome"]) == 1.0
            and _printed_alike(one, t) is None
        ]
        if course:
            return [(best, at)]
    return []


def _printed_alike(one: Told, other: Told) -> tuple[int, int] | None:
    """The places of a share of two digits or more that both claims give."""
    for i, x in enumerate(one.measured):
        for j, y in enumerate(other.measured):
            if x is None or y is None or not (x.dimension == y.dimension == "percent") or not x.fits(y):
                continue
            if min(_digits(one, i, x), _digits(other, j, y)) >= _LEAST:
                return i, j
    return None


def _of_share(told: Iterable[Told]) -> Iterator[Told]:
    return (one for one in told if one.claim.measure in _SHARES and one.claim.timepoint is not None)


def _shared(case: Case, one: Told, other: Told, least: float) -> tuple[int, int] | None:
    """The places of a figure that both claims give as one share of one group: of an outcome in the same words, or printed so precisely
    that it is no other."""
    fitting = [
        (i, j, min(_digits(one, i, x), _digits(other, j, y)))
        for i, x in enumerate(one.measured)
        for j, y in enumerate(other.measured)
        if x is not None and y is not None and x.dimension == y.dimension == _PERCENT and x.fits(y)
    ]
    # Numbers before meanings: an article may tell hundreds of shares, and few are the same.
    if not fitting or (case.judge.alike(one.concepts["condition"], other.concepts["condition"]) or 0.0) < 0:
        return None
    acts = case.judge.alike(one.concepts["intervention"], other.concepts["intervention"])
    outcome = case.judge.alike(one.concepts["outcome"], other.concepts["outcome"])
    for i, j, digits in fitting:
        if digits >= _LEAST and (outcome or 0.0) >= least and (acts is None or acts >= 0):
            return i, j
        if digits >= _PRECISE and (outcome is None or outcome >= 0) and (acts or 0.0) >= least:
            return i, j
    return None


def _digits(told: Told, place: int, measured: Measured) -> int:
    """How many figures a number is printed with, zeros at its ends apart; none where it is told in words."""
    if measured.digits is None:
        return 0
    return len(significant_digits(told.claim.values[place].text))


def told_to_beat(case: Case, params: Params) -> Iterator[Draft]:
    """One treatment told to be better than another, where a better source of the story says that it is no better, or only no worse."""
    signs, near = tuple(params["level"]), float(params["near"])
    for source in case.judged:
        said = [one for one in source.told if _is_superior(one)]
        story = case.related.retellings(source.index) if said else []
        better = [other for other in story if other.rank < source.rank]
        for one in said:
            known = any(one.concepts["comparator"].stems <= other.stems for other in story)
            found = next((spot for other in better if (spot := _level(case, one, other, signs, near, known))), None)
            if found is not None:
                result = case.result_of.get(one.claim.claim_id)
                draft = quoted(case, Spot.of(one), [found], result)
                yield replace(draft, words={**draft.words, "result": fill(str(params["beats"]), draft.words)})


def _is_superior(one: Told) -> bool:
    """Whether a claim says flatly, without figures, that one treatment is better than another that it names."""
    return (
        not one.claim.values
        and one.sort != "safety"
        and one.claim.direction in _BESIDE
        and one.claim.certainty == "asserted"
        and bool(one.concepts["intervention"] and one.concepts["comparator"])
        and one.concepts["intervention"].stems.isdisjoint(one.concepts["comparator"].stems)
    )


def _level(case: Case, one: Told, other: Source, signs: tuple[str, ...], near: float, known: bool) -> Spot | None:
    """Where an article says of the same two, in these words or in words ``near`` them in meaning, that neither is better; nowhere if it
    tells a difference of the same outcome, nor where it says so of another outcome after it has told of a difference. The study itself may
    have a word of its own for what it compared with, the operation, where another telling has that of the claim (``known``)."""
    acts, against = one.concepts["intervention"], one.concepts["comparator"]
    pair = acts.stems, against.stems
    for told in other.told:
        if not _is_apart(told) or not (_sides(told, pair) or _agrees(one, told)):
            continue
        outcome = case.judge.alike(one.concepts["outcome"], told.concepts["outcome"])
        if outcome is not None and outcome > 0:
            return None
    led = [t.claim.start for t in other.told if _agrees(one, t) and against.stems & t.concepts["comparator"].stems]
    for statement in other.statements:
        if not statement.bears(*signs):
            continue
        if led and led[0] < statement.start and _is_of_another(case, one, other.told_at.get(statement.start, ())):
            continue
        said = case.corpus.words.content(statement.quote)
        rest = {stem: word for stem, word in said.items() if stem not in acts.stems}
        if not acts.stems & said.keys() or not rest:
            continue
        otherwise = (
            known
            and not one.concepts["outcome"]
            and other.rank == 0
            and statement.bears(signs[0])
            and against.stems.isdisjoint(other.stems)
        )
        if otherwise or case.corpus.words_alike(against.words, rest) >= near:
            return case.sentence(other.index, statement)
    return None


def _agrees(one: Told, told: Told) -> bool:
    """Whether a claim points the way of ``one``."""
    return told.claim.direction == one.claim.direction and told.claim.certainty == "asserted"


def _is_of_another(case: Case, one: Told, told: Sequence[Told]) -> bool:
    """Whether the claims of a sentence each name an outcome that has nothing in common with that of ``one``."""
    outcomes = [t.concepts["outcome"] for t in told]
    mine = one.concepts["outcome"]
    return bool(mine and outcomes) and all(
        outcome and (alike := case.judge.alike(mine, outcome)) is not None and alike <= 0 for outcome in outcomes
    )


def _is_apart(told: Told) -> bool:
    return told.claim.direction in _BESIDE and told.claim.certainty != "negated"


def _sides(told: Told, pair: tuple[frozenset[str], frozenset[str]]) -> bool:
    sides = told.concepts["intervention"].stems, told.concepts["comparator"].stems
    return bool(pair[0] & sides[0] and pair[1] & sides[1])
