"""Checks on where articles come from: copies, sellers, and pages that wait for what is known by now."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from pipeline.model import Naming, Slot, Statement
from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.drafts import Draft, Spot, excerpt
from pipeline.reconcile.checks.register import Params, check
from pipeline.reconcile.checks.said import quoted
from pipeline.reconcile.copies import CopyFinder
from pipeline.reconcile.corpus import Source, Told
from pipeline.reconcile.shingles import Place, own_words
from pipeline.shapes import LETTERS

_SHORT = 3
"""Letters of a publisher's name that is met by chance."""
_SHORT_NAME = 7
"""Letters of a name in full that is met by chance."""
_MOST_RUNS = 5
"""So many passages are shown."""
_NEXT = 5
"""Characters between a sentence and the next."""
_BESIDE = 200
"""Characters before a sentence in which the study is named that it speaks of."""
_NUMBER = re.compile(r"\d[\d,]*")
_STUDY_NAME = re.compile(r"\b(?=[A-Z0-9-]{0,28}[A-Z]{3})[A-Z][A-Z0-9-]{3,30}\b")
"""Names of trials are printed in capitals."""


@check("shared_origin")
def shared_origin(case: Case, params: Params) -> Iterator[Draft]:
    """Long runs of the same words, in which a result is told: one witness, not two."""
    finder = CopyFinder(params)
    size = finder.size
    sources = sorted(case.sources, key=_order)
    words: dict[int, list[Place]] = {}
    texts: dict[int, set[int]] = defaultdict(set)
    """Of articles that are for the most part the text of others, these."""
    for common in finder.common(sources):
        origin, copy = sources[common.origin], sources[common.copy]
        covered = _covered(common.starts, size)
        most_of = float(params["own_share"])
        is_copy = covered >= most_of * common.shorter
        starts = common.starts
        if not is_copy:
            starts = {at: met for at, met in starts.items() if at not in common.own}
            covered = _covered(starts, size)
        runs = _runs(starts, size)
        if not runs or not finder.ties(covered, runs[0][1], common.shorter):
            continue
        is_whole = covered >= most_of * common.longer
        if is_whole:
            if texts[copy.index] & texts[origin.index]:
                continue  # of many copies of one text each is held against the first
            texts[copy.index].add(origin.index)
        if copy.index in case.corpus.context:
            continue
        for source in (origin, copy):
            if source.index not in words:
                words[source.index] = own_words(source.article.text, case.quotes(source.index))
        spots = [_spot(copy.index, words[copy.index], at, length) for at, length in runs]
        if not _tells(case, copy, origin, spots, params, is_copy=is_copy):
            continue  # what publishers say of themselves
        shown = [_spot(origin.index, words[origin.index], starts[at], length) for at, length in runs[:_MOST_RUNS]]
        message = {"source": copy.name, "reference": origin.name, "words": str(covered)}
        details = {"words": covered, "share": round(covered / common.shorter, 2), "whole": is_whole}
        yield Draft(spots[:_MOST_RUNS], shown, None, message, details)


def _order(source: Source) -> tuple[int, str, int]:
    """Of two with the same words the later one in this order is the copy: what is further from the study, else what came later."""
    return source.rank, source.article.published or "", source.index


def _covered(starts: Iterable[int], size: int) -> int:
    """How many words the runs have that begin at ``starts``."""
    ordered = sorted(starts)
    return sum([min(after - at, size) for at, after in pairwise(ordered)]) + size if ordered else 0


def _tells(case: Case, copy: Source, origin: Source, spots: Sequence[Spot], params: Params, *, is_copy: bool) -> bool:
    """Whether the words in common hold most of a result, or of several claims; where they are not most of an article, of claims that are
    joined with the other's."""
    held = 0
    for told in copy.told:
        result = case.result_of.get(told.claim.claim_id)
        if is_copy or (result is not None and origin.index in result.sources):
            shared = sum(max(min(s.end, told.claim.end) - max(s.start, told.claim.start), 0) for s in spots)
            if shared >= float(params["most_of_claim"]) * (told.claim.end - told.claim.start):
                held += 1
                if told.is_result or held >= int(params["least_claims"]):
                    return True
    return False


def _spot(source: int, words: list[Place], at: int, length: int) -> Spot:
    return Spot(source, words[at][0], words[at + length - 1][1])


def _runs(starts: Mapping[int, int], size: int) -> list[tuple[int, int]]:
    """Where runs of common words begin in the copy, and how many words each has, the longest first."""
    runs: list[tuple[int, int]] = []
    ordered = sorted(starts)
    at = 0
    while at < len(ordered):
        end = at
        while (
            end + 1 < len(ordered)
            and ordered[end + 1] == ordered[end] + 1
            and starts[ordered[end + 1]] == starts[ordered[end]] + 1
        ):
            end += 1
        runs.append((ordered[at], end - at + size))
        at = end + 1
    return sorted(runs, key=lambda run: (-run[1], run[0]))


@check("interested_source")
def interested_source(case: Case, params: Params) -> Iterator[Draft]:
    """The publisher sells the treatment that it praises, or makes it."""
    for source in case.judged:
        if source.bearing(*params["no_stake"]):
            continue
        kind = "other" if _is_paid_for(source, params) else source.article.kind
        signs = params["signs"].get(kind, params["signs"]["any"])
        offers = source.bearing(*signs)
        if kind in params["signs"]:
            offers = [*offers, *_of_itself(case, source, params)]
        praise = [
            t
            for t in source.told
            if t.claim.direction in ("higher", "lower") or t.sort in ("efficacy", "safety", "effect")
        ]
        praised = source.bearing(*params["praise"])
        offers = [offer for offer in offers if not _is_of_journal(source, offer)]
        enough = len(offers) >= int(params["least" if kind in params["signs"] else "least_other"])
        plain = kind == "clinic" and len(offers) >= int(params["without_praise"])
        if (enough and (praise or praised)) or plain:
            spots = [case.sentence(source.index, s) for s in offers[:2]]
            yield Draft(
                spots,
                [Spot.of(t) for t in praise[:1]] or [case.sentence(source.index, s) for s in praised[:1]],
                None,
                {"source": source.name, "quote": excerpt(offers[0].quote)},
            )


def _is_of_journal(source: Source, offer: Statement) -> bool:
    """Whether a sentence that offers something is that of the house that publishes the journal which the article rests on."""
    said = "".join(LETTERS.findall(offer.quote.lower()))
    for statement, sign in source.signs("names-source"):
        words = source.article.text[sign.start : sign.end].split()
        name = "".join(LETTERS.findall("".join(word for word in words if word[:1].isupper()).lower()))
        if statement is not offer and len(name) > _SHORT_NAME and name in said:
            return True
    return False


def _is_paid_for(source: Source, params: Params) -> bool:
    """Whether an article says in its title or of its publisher that somebody paid for it."""
    told = f"{source.article.title or ''} {source.article.publisher or ''}".lower()
    return any(re.search(rf"\b{re.escape(str(words))}\b", told) for words in params["sponsored"])


def _of_itself(case: Case, source: Source, params: Params) -> list[Statement]:
    """The sentences in which a company speaks of itself: a paragraph says by its publisher's name that it is one; or its name says so, or
    that of what is tried, and a sentence has it."""
    words = case.corpus.words
    name = words.listed(source.article.publisher or "")
    if not name or set(name) & words.stems(" ".join(params["no_makers"])):
        return []
    text = source.article.text
    found = []
    for statement in source.bearing(*params["maker"]):
        after = text.find("\n", statement.end)
        paragraph = text[text.rfind("\n", 0, statement.start) + 1 : after if after >= 0 else len(text)]
        if name[0] in words.listed(paragraph):
            found.append(statement)
    if len(name[0]) > _SHORT:
        publisher = (source.article.publisher or "").lower()
        is_company = not {str(word) for word in params["companies"]}.isdisjoint(LETTERS.findall(publisher))
        found += [
            statement
            for statement in source.statements
            if name[0] in words.listed(statement.quote)
            and (is_company or any(_names(case, naming, name[0]) for naming in statement.names))
        ]
    return list(dict.fromkeys(found))


def _names(case: Case, naming: Naming, name: str) -> bool:
    """Whether what is tried has a company's name in its own."""
    return naming.label == "INTERVENTION" and name in case.corpus.words.listed(naming.text)


@check("superseded")
def superseded(case: Case, params: Params) -> Iterator[Draft]:
    """The article waits for a result that another source already reports."""
    for source in case.judged:
        waiting = [
            statement
            for statement in source.bearing("awaits")
            if not statement.bears("null-result")
            and not any(
                str(word) in statement.quote.lower() for word in params["another"]
            )  # what comes after the study
        ]
        for number, statement in enumerate(waiting):
            awaited = _awaited(case, source, statement, params)
            others = case.related.ordered(
                source.index, _known_to(case, awaited).union(case.corpus.sharing_names(source.index))
            )
            found = next((hit for other in others if (hit := _reported(case, source, awaited, other, params))), None)
            if found is not None:
                result = case.result_of.get(found.claim.claim_id)
                draft = quoted(case, case.sentence(source.index, statement), [Spot.of(found)], result)
                further = [case.sentence(source.index, s) for s in _running_on(waiting[number:])]
                yield replace(draft, subject=[*draft.subject, *further])
                break


def _running_on(waiting: Sequence[Statement]) -> list[Statement]:
    """The sentences that wait right after the first of some."""
    found: list[Statement] = []
    for before, statement in pairwise(waiting):
        if statement.start - before.end > _NEXT:
            break
        found.append(statement)
    return found


class _Awaited(NamedTuple):
    """By what the study is known that a statement waits for: what stands near it."""

    numbers: frozenset[float]
    names: frozenset[str]
    beside: frozenset[str]
    """Names in the sentence itself or right before it: where there are any, it waits for one of these."""
    own: frozenset[str]
    """Names in the sentence itself."""
    is_new: bool
    """Whether the sentence brings in a study: "a large trial that"."""
    statement: Statement
    start: int
    end: int


def _awaited(case: Case, source: Source, statement: Statement, params: Params) -> _Awaited:
    text = source.article.text
    reach = int(params["reach"])
    said = f" {statement.quote.lower()}"
    is_new = any(f" {phrase} " in said for phrase in params["new_study"])
    start, end = max(statement.start - reach, 0), min(statement.end + reach, len(text))
    near = text[start:end]
    names = frozenset(_STUDY_NAME.findall(f"{source.article.title or ''} {near}"))
    printed = {start + match.start(): float(match[0].replace(",", "")) for match in _NUMBER.finditer(near)}
    read = case.numbers(source.index, start, end)
    told = {number.value for number in read if number.unit in (None, "people")}
    others = [number for number in read if number.unit not in (None, "people", *params["counted"])]
    sizes = {number for at, number in printed.items() if not any(other.start <= at < other.end for other in others)}
    numbers = frozenset(sizes.union(n for n in told if n is not None and n >= float(params["least_size"])))
    beside = frozenset(_STUDY_NAME.findall(text[max(statement.start - _BESIDE, 0) : statement.end]))
    own = frozenset(_STUDY_NAME.findall(statement.quote))
    return _Awaited(numbers, names, beside, own, is_new, statement, start, end)


def _is_outcome(told: Told) -> bool:
    """Whether a claim tells how a study came out, not how many took part."""
    counts = told.claim.measure == "count" and told.claim.kind == "single"
    return told.claim.direction is not None if told.sort is not None or counts else told.is_result


def _known_to(case: Case, awaited: _Awaited) -> set[int]:
    """The articles that have a study of such a size, or such a name."""
    sources = case.sources if awaited.names else ()
    found = {one.index for one in sources if any(name in one.article.text for name in awaited.names)}
    return found.union(*(case.related.with_size(number) for number in awaited.numbers))


def _reported(case: Case, source: Source, awaited: _Awaited, other: Source, params: Params) -> Told | None:
    """The result in ``other`` of the study that is ``awaited``: of the same number of people, or the same name."""
    one, later = source.article.published, other.article.published
    if one and later and later < one:
        return None
    tells = any(_tells_result(t) for t in source.told)
    if tells and other.bearing("awaits"):
        return None
    words = case.corpus.words.stems(awaited.statement.quote)
    still = (case.corpus.words.stems(s.quote) for s in other.bearing("awaits"))
    if any(case.corpus.sentences.shared(words, stems) >= float(params["still"]) for stems in still):
        return None  # the other article waits for the same
    sizes = {
        t.size
        for t in (*source.told, *other.told)
        if t.size is not None and t.size >= float(params["least_size"]) and t.size in awaited.numbers
    }
    counted = set() if tells else _counted_in_both(case, source, awaited, other, params)
    named = awaited.names & set(_STUDY_NAME.findall(f"{other.article.title or ''} {other.article.text}"))
    titled = set(_STUDY_NAME.findall(other.article.title or ""))
    if awaited.own and titled & awaited.names and not titled & awaited.own:
        return None  # the page names both, and waits for the one that the other article is not on
    if awaited.beside and not awaited.beside & named:
        return None
    results = [t for t in other.told if _is_outcome(t)]
    if not named and _is_of_another(case, awaited, results):
        return None
    if not tells:
        counted |= _halved_in(case, awaited, other, params)
    ties = case.corpus.shared_names(source.index, other.index) + len(named) + len(sizes | counted)
    # A study of the same treatment and size is known by both.
    if ties < 1 + case.related.by_chance and not (sizes and case.related.is_of_its_study(source.index, other.index)):
        return None
    own = {t.size for t in source.told if t.is_result}
    of_size = [t for t in results if t.size in sizes - own]
    if of_size:
        return of_size[0]
    joined = (case.result_of.get(t.claim.claim_id) for t in other.told if t.is_result)
    shared = any(result is not None and source.index in result.sources for result in joined)
    if not results or shared:
        return None
    if named & awaited.own or (named and not (tells and awaited.is_new)):
        return results[0]
    if counted:
        return next((t for t in results if t.size is None or t.size in counted), None)
    return results[0] if not tells and _is_of_its_names(case, source, awaited, other, params) else None


def _is_of_another(case: Case, awaited: _Awaited, results: Sequence[Told]) -> bool:
    """Whether the sentence that waits, without a number, names a treatment that no result is of."""
    statement = awaited.statement
    if _NUMBER.search(statement.quote):
        return False
    waiting = [
        concept
        for name in statement.names
        if name.label == "INTERVENTION" and (concept := case.treatment(Slot(text=name.text, id=name.id)))
    ]
    return bool(waiting) and not any(
        case.is_treatment(one, told.concepts["intervention"]) for one in waiting for told in results
    )


def _halved_in(case: Case, awaited: _Awaited, other: Source, params: Params) -> set[float]:
    """The sizes near what is ``awaited`` that are those of two equal groups of another article: 180, and 68 of 90 and 70 of 90."""
    least = 2 * float(params["least_size"])
    sizes = [number for number in awaited.numbers if number >= least]
    if not sizes:
        return set()
    printed = Counter(number.value for number in case.numbers(other.index, 0, len(other.article.text)))
    return {number for number in sizes if printed[number / 2] > 1}


def _is_of_its_names(case: Case, source: Source, awaited: _Awaited, other: Source, params: Params) -> bool:
    """Whether rare names show that another article is of the study that is ``awaited``: several in all, or one in the sentence itself; and
    no other number of people speaks against it."""
    least = float(params["least_size"])
    sizes = [{t.size for t in one.told if t.size is not None and t.size >= least} for one in (source, other)]
    if sizes[0] and sizes[1] and sizes[0].isdisjoint(sizes[1]):
        return False
    chance = case.related.by_chance
    shared = case.corpus.shared_names(source.index, other.index)
    said = awaited.statement.quote.casefold()
    own = [name for name in source.specifics & other.specifics if not name[0].isdigit() and name.casefold() in said]
    return shared >= float(params["names"]) + chance or (bool(own) and shared >= 1 + chance)


def _tells_result(told: Told) -> bool:
    """Whether a claim tells how a study came out: which group had more, or what both had."""
    return told.is_result and (
        told.claim.direction is not None or {"arm", "comparator"} <= {value.role for value in told.claim.values}
    )


def _counted_in_both(case: Case, source: Source, awaited: _Awaited, other: Source, params: Params) -> set[float]:
    """The numbers of people, or of places, near what is ``awaited`` that ``other`` prints too, as the size of a study or beside it."""
    units = {None, *params["counted"]}
    found = {
        number.value
        for number in case.numbers(source.index, awaited.start, awaited.end)
        if number.value in awaited.numbers
        and number.value >= float(params["least_size"])
        and number.unit in units - {None}
    }
    length = len(other.article.text)
    return (
        found & {number.value for number in case.numbers(other.index, 0, length) if number.unit in units}
        if found
        else set()
    )
