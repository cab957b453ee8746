"""Checks on what articles cite: marks without a list, figures without a source, journals that are named wrongly."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from pipeline.model import ENGLISH, Citation
from pipeline.reconcile.agreement import agreement
from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.drafts import Draft, Spot, excerpt, fill
from pipeline.reconcile.checks.register import Params, check
from pipeline.reconcile.checks.subjects import other_subject
from pipeline.reconcile.corpus import RELATIVE, Source, Told
from pipeline.reconcile.words import Stems
from pipeline.shapes import LETTERS

_NUMBER = re.compile(r"[0-9]{1,3}")
_FEWEST_NOTES = 2
_FEWEST_ASKED = 10
"""So many people are a survey."""
_PARTS = 3
"""So many shares in one sentence tell how a whole is made up."""
_BEHIND_STOP = 2
"""Characters between a sentence and a mark that stands behind its full stop."""
_MOST_SHOWN = 3
"""Passages of one kind that a problem of a whole page points at."""
_YEARS = range(1900, 2100)
_SHORT = 3
"""Letters of a word that a name leaves out when it is abbreviated, at most."""


@check("dangling_citation")
def dangling_citation(case: Case, params: Params) -> Iterator[Draft]:
    """Reference marks with no list, with no entry in it, or that skip a number."""
    for source in case.judged:
        marks = source.article.citations
        if not marks:
            continue
        listed = {reference.key for reference in source.article.references}
        numbered = [mark for mark in marks if all(_NUMBER.fullmatch(key) for key in mark.keys)]
        if not listed:
            if len(marks) >= int(params["least_marks"]) and not _has_notes(numbered):
                spots = [Spot(source.index, mark.start, mark.end) for mark in marks[:_MOST_SHOWN]]
                yield Draft(
                    spots, (), None, {"source": source.name, "what": str(params["no_list"])}, {"marks": len(marks)}
                )
                yield from _skipped(source, numbered, params)
            continue
        missing = [mark for mark in marks if mark.keys and not listed.intersection(mark.keys)]
        for mark in missing[:_MOST_SHOWN]:
            what = fill(str(params["no_entry"]), {"mark": mark.text})
            yield Draft([Spot(source.index, mark.start, mark.end)], (), None, {"source": source.name, "what": what})
        if numbered and all(_NUMBER.fullmatch(key) for key in listed):
            used = {int(key) for mark in numbered for key in mark.keys}
            unused = sorted({int(key) for key in listed} - used)
            if unused and len(unused) <= int(params["most_unused"]) and len(used) >= 2 and missing:
                what = fill(str(params["no_mark"]), {"mark": ", ".join(map(str, unused))})
                first = numbered[0]
                yield Draft(
                    [Spot(source.index, first.start, first.end)], (), None, {"source": source.name, "what": what}
                )


def _has_notes(marks: Sequence[Citation]) -> bool:
    """Whether the last marks of a text are those of a list that its cleaning did not know for one: they count from the first, which may
    be lost, to the highest number, and all were met before."""
    keys = [int(mark.keys[0]) for mark in marks if len(mark.keys) == 1]
    first = len(keys) - 1
    while first > 0 and keys[first - 1] == keys[first] - 1:
        first -= 1
    notes = keys[first:]
    whole = len(notes) >= max(_FEWEST_NOTES, max(keys, default=0) - 1) and notes[-1] == max(keys)
    return whole and set(notes[:-1]) <= set(keys[:first])


def _skipped(source: Source, numbered: list, params: Params) -> Iterator[Draft]:  # type: ignore[type-arg]
    """A number that the marks leave out."""
    seen = sorted({int(key) for mark in numbered for key in mark.keys})
    if len(seen) < int(params["least_marks"]):
        return
    gaps = sorted(set(range(seen[0], seen[-1])) - set(seen))
    if gaps and len(gaps) <= int(params["most_unused"]):
        before = [m for m in numbered if int(m.keys[-1]) == gaps[0] - 1]
        after = [m for m in numbered if int(m.keys[0]) == gaps[0] + 1]
        spots = [Spot(source.index, m.start, m.end) for m in (*before[-1:], *after[:1])]
        if spots:
            what = fill(str(params["skipped"]), {"mark": ", ".join(map(str, gaps))})
            yield Draft(spots, (), None, {"source": source.name, "what": what}, {"skipped": gaps})


@check("references_missing")
def references_missing(case: Case, params: Params) -> Iterator[Draft]:
    """Many figures and no reference at all."""
    for source in case.judged:
        article = source.article
        if article.kind in params["not_kinds"] or article.references or article.citations:
            continue
        if article.kind in params["if_bare"] and _has_backing(case, source):
            continue  # who found it is told, as the press does
        results = [t for t in source.told if t.is_result]
        if len(results) < int(params["least"]) or any(
            t.claim.study and (t.claim.study.doi or t.claim.study.pmid) for t in source.told
        ):
            continue
        sentences = {t.claim.start for t in results}
        known = {t.claim.start for t in results if _is_shared(case, t)}
        if len(sentences) < int(params["sentences"]) or len(known) >= float(params["known"]) * len(sentences):
            continue  # one poll, or a study that others tell of too
        words = {"source": source.name, "count": str(len(results))}
        itself = [case.sentence(source.index, statement) for statement, _ in source.signs("review-design")]
        yield Draft(
            [*(Spot.of(t) for t in results[:_MOST_SHOWN]), *itself[:_MOST_SHOWN]],
            (),
            None,
            words,
            {"figures": len(results)},
        )


def _is_shared(case: Case, told: Told) -> bool:
    """Whether other articles report the result too."""
    result = case.result_of.get(told.claim.claim_id)
    return result is not None and result.record.articles > 1


@check("unsupported")
def unsupported(case: Case, params: Params) -> Iterator[Draft]:
    """A figure with no study, no reference, nobody who says so and no people it was counted of; one problem a sentence."""
    for source in case.judged:
        if source.article.kind in params["not_kinds"] or source.article.language not in (None, ENGLISH):
            # What other languages say of their sources, nobody sees.
            continue
        sells = source.article.kind in params["sellers"]
        measures = params["measures" if sells or not _has_backing(case, source) else "measures_elsewhere"]
        bare: dict[tuple[int, int], list[Told]] = {}
        for told in source.told:
            if not told.is_result or told.claim.measure not in measures:
                continue
            own = _is_of_own_people(case, source, told, params)
            if (
                not ((sells and told.claim.measure != "difference") or _is_of_effect(told))
                or set(LETTERS.findall(told.claim.quote.lower())) & set(params["of_writer"])
                or case.quotes(source.index).holds(told.claim.values[0].start)
                or told.claim.quote.lower().startswith(tuple(params["supposed"]))
                or any(str(phrase) in told.claim.quote.lower() for phrase in (*params["hearsay"], *params["contents"]))
                or (own and (not _is_praise(told, params) or _is_survey(case, source, told, params)))
                or (not own and _is_backed(case, source, told, params) and not (sells and _beats_rivals(source, told)))
                or ((said := source.statement_at.get(told.claim.start)) is not None and said.bears(*params["prices"]))
            ):
                continue
            bare.setdefault((told.claim.start, told.claim.end), []).append(told)
        for listed in bare.values():
            first = listed[0]
            if len(listed) >= _PARTS and all(told.claim.direction is None for told in listed):
                continue  # how customers are made up
            figures = list(dict.fromkeys(case.printed(told.claim.values[0]) for told in listed))
            words = {"source": source.name, "figure": ", ".join(figures), "quote": excerpt(first.claim.quote)}
            yield Draft([Spot.of(told) for told in listed], (), case.result_of.get(first.claim.claim_id), words)


def _has_backing(case: Case, source: Source) -> bool:
    """Whether an article names, anywhere, a study, a body or people that its figures may come from, or a reference."""
    if source.article.references or source.article.citations or source.bearing(*_BACKING):
        return True
    if any(t.claim.study is not None or t.claim.sample_size is not None for t in source.told):
        return True
    return any(
        name.label in ("STUDY", "ORGANISATION") and not _names_publisher(case, source, name.text)
        for statement in source.statements
        for name in statement.names
    )


def _is_of_effect(told: Told) -> bool:
    """Whether a figure is of what something does."""
    claim = told.claim
    compares = claim.direction is not None or claim.strength == "causal" or claim.measure == "difference"
    return claim.intervention is not None and compares


def _is_praise(told: Told, params: Params) -> bool:
    """Whether a page tells with a share of its own people how content they are, which nobody can check; how many of them went how far is
    its own count, told as such."""
    quote = f" {' '.join(told.claim.quote.lower().split())} "
    return any(f" {phrase} " in quote for phrase in params["praise"])


def _is_survey(case: Case, source: Source, told: Told, params: Params) -> bool:
    """Whether the sentence says how many were asked, or the one before it that so many were, not only that there are so many."""
    if _is_counted(case, source, told, params):
        return True
    start = told.claim.start
    before = source.article.text[max(0, start - int(params["reach"])) : start].rpartition("\n")[2]
    last = re.split(r"[.!?] ", before.rstrip(" .!?"))[-1]
    asks = not {str(word) for word in params["asks"]}.isdisjoint(LETTERS.findall(last.lower()))
    return asks and _asks_people(case, source, told, params)


def _is_counted(case: Case, source: Source, told: Told, params: Params) -> bool:
    """Whether the sentence says how many were asked."""
    claim = told.claim
    if any(value.n is not None for value in claim.values):
        return True
    parts = {value.value for value in claim.values}
    return any(
        number.value is not None
        and number.value >= _FEWEST_ASKED
        and number.value.is_integer()
        and number.value not in parts
        and (number.unit is None or number.unit in params["asked"])
        and not (number.value in _YEARS and number.text.isdigit())
        for number in case.numbers(source.index, claim.start, claim.end)
    )


_BACKING = ("attributed", "one-study", "randomised", "observational", "review-design")
"""Signs of who says so, or of what study."""


def _beats_rivals(source: Source, told: Told) -> bool:
    """Whether a figure sets something against all others of its kind, and names no study itself: the one that was told last compared it
    with something else."""
    claim = told.claim
    statement = source.statement_at.get(claim.start)
    if claim.measure not in RELATIVE or statement is None or not statement.bears("rivals"):
        return False
    cited = any(claim.start <= mark.start <= claim.end for mark in source.article.citations)
    cue = claim.study.cue if claim.study is not None else None
    return not cited and not statement.bears(*_BACKING) and (cue is None or cue not in claim.quote)


def _is_backed(case: Case, source: Source, told: Told, params: Params) -> bool:
    claim, reach = told.claim, int(params["reach"])
    if " | " in claim.quote:
        return True  # a row of a table, whose caption tells
    if claim.population is not None or any(v.role == "total" and v.group is not None for v in claim.values):
        return True
    if claim.study is not None or claim.sample_size is not None or any(value.n is not None for value in claim.values):
        return True
    text = source.article.text
    if any(
        claim.start - reach <= mark.start <= claim.end + reach
        and "\n" not in text[min(mark.start, claim.end) : max(mark.start, claim.start)]
        for mark in source.article.citations
    ):
        return True
    if any(
        sign.sign in _BACKING and -reach <= s.start - claim.start <= 0 for s in source.statements for sign in s.signs
    ):
        return True
    if any(_is_told_by_others(case, t) for t in _beside(source, told)) or _asks_people(case, source, told, params):
        return True
    return any(
        name.label in ("STUDY", "ORGANISATION") and not _names_publisher(case, source, name.text)
        for s in source.statements
        if s.start == claim.start
        for name in s.names
    )


def _beside(source: Source, told: Told) -> list[Told]:
    """The claims of the same sentence, and of the one before it in the paragraph."""
    start = told.claim.start
    text = source.article.text
    return [
        t
        for t in source.told
        if t.claim.start == start
        or (0 <= start - t.claim.end <= _BEHIND_STOP and "\n" not in text[t.claim.end : start])
    ]


def _asks_people(case: Case, source: Source, told: Told, params: Params) -> bool:
    """Whether the sentence before says how many were asked or looked at."""
    start = told.claim.start
    before = source.article.text[max(0, start - int(params["reach"])) : start]
    line = before.rpartition("\n")[2].rstrip(" .!?")
    begin = start - len(before.rpartition("\n")[2]) + max(line.rfind(stop) for stop in (". ", "! ", "? ")) + 1
    return any(
        number.unit in params["asked"] and number.value is not None and number.value >= _FEWEST_ASKED
        for number in case.numbers(source.index, begin, start)
    )


def _is_of_own_people(case: Case, source: Source, told: Told, params: Params) -> bool:
    """Whether a figure is of the publisher's own customers: it says ``our``, calls them so, or by its own name."""
    quote = told.claim.quote.lower()
    if any(str(phrase) in quote for phrase in params["own_people"]):
        return True
    if source.article.kind not in params["sellers"]:
        return False
    if any(str(phrase) in quote for phrase in params["of_us"]):
        return True
    groups = [value.group for value in told.claim.values if value.group is not None]
    groups += [told.claim.population.text] if told.claim.population is not None else []
    words = case.corpus.words
    customers = words.stems(" ".join(params["customers"]))
    return any(words.stems(group) & customers or _names_publisher(case, source, group) for group in groups)


def _names_publisher(case: Case, source: Source, text: str) -> bool:
    """Whether ``text`` has a name that begins the publisher's."""
    named = re.findall(r"[^\W\d_]+", source.article.publisher or "")[:1]
    return bool(named) and len(named[0]) > _SHORT and named[0] in re.findall(r"[^\W\d_]+", text)


def _is_told_by_others(case: Case, told: Told) -> bool:
    """Whether other articles give the figure too."""
    result = case.result_of.get(told.claim.claim_id)
    others = result.told if result is not None else ()
    same = [t for t in others if t.source != told.source and t.claim.measure == told.claim.measure]
    return any(agreement(told, other).agree for other in same)


@check("citation_mismatch")
def citation_mismatch(case: Case, params: Params) -> Iterator[Draft]:
    """The cited reference cannot bear the sentence: another kind of work, or animals where the sentence speaks of no animals."""
    kinds = {case.corpus.words.all_stems(str(phrase)): str(phrase) for phrase in params["kinds"]}
    animals = [case.corpus.words.all_stems(str(phrase)) for phrase in params["animals"]]
    in_glass = case.corpus.words.all_stems(str(params["in_glass"]))
    tubes = case.corpus.words.stems(" ".join(str(word) for word in params["of_cells"]))
    for source in case.judged:
        texts = {reference.key: reference.text for reference in source.article.references}
        for spot, told in _resting(case, source, params) if texts else ():
            own = case.corpus.words.all_stems(case.quote(spot))
            marks = [m for m in source.article.citations if spot.start <= m.start <= spot.end]
            cited = [
                (key, case.corpus.words.all_stems(texts[key])) for mark in marks for key in mark.keys if key in texts
            ]
            of_animals = str(params["of_animals"])
            foreign = [stems for stems in animals if not (stems == in_glass and own & tubes)]
            reasons = [
                _unfit(stems, own, kinds if told is not None else {}, foreign, of_animals)
                or other_subject(case, source, spot, told, texts[key], params)
                for key, stems in cited
            ]
            if not cited or not all(reasons):
                continue
            words = {
                "source": source.name,
                "key": cited[0][0],
                "reason": str(reasons[0]),
                "reference": excerpt(texts[cited[0][0]]),
                "quote": excerpt(case.quote(spot)),
            }
            result = case.result_of.get(told.claim.claim_id) if told is not None else None
            yield Draft([spot], (), result, words, {"key": cited[0][0]})


def _resting(case: Case, source: Source, params: Params) -> Iterator[tuple[Spot, Told | None]]:
    """The claims that rest on what they cite, and the sentences that tell of people, or of something that was found, and are no claim."""
    claimed = set()
    for told in source.told:
        claimed.add(told.claim.start)
        compares = {"arm", "comparator"} <= {value.role for value in told.claim.values}
        if (told.claim.strength != "none" or told.sort is not None or compares) and told.claim.certainty != "negated":
            yield Spot.of(told), told
    for statement in source.bearing(*params["of_people"]):
        if statement.start not in claimed and statement.certainty == "asserted":
            yield case.sentence(source.index, statement), None


def _unfit(
    reference: Stems,
    own: Stems,
    kinds: Mapping[Stems, str],
    animals: Sequence[Stems],
    of_animals: str,
) -> str | None:
    """Why a reference cannot bear a sentence; None where nothing says so."""
    if any(stems <= reference for stems in animals) and not any(own & stems for stems in animals):
        return of_animals
    return next((name for stems, name in kinds.items() if stems <= reference and not stems & own), None)
