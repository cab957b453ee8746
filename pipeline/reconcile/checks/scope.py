"""Checks on whom a result covers: animals told as people, one use as all, one approval as any."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.model import Statement
from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.drafts import Draft
from pipeline.reconcile.checks.register import Params, check
from pipeline.reconcile.checks.said import against, best, draft, is_sentence, names, nearest, softened, subjects
from pipeline.reconcile.corpus import Source, Told

_NO_CLAIM = ("efficacy-absolute", "safe-absolute", "awaits", "approved-only", "limits", "open-question")
"""Sentences of which other checks speak, and such as leave it open."""


@check("scope_widened")
def scope_widened(case: Case, params: Params) -> Iterator[Draft]:
    """Animals told as people, or one use as all."""
    for source in case.judged:
        yield from _all_kinds(case, source, params)
        yield from _beyond_study(case, source, params)
        yield from _animals_elsewhere(case, source, params)
        yield from _animals_before(case, source, params)


def _all_kinds(case: Case, source: Source, params: Params) -> Iterator[Draft]:
    """Every kind of illness or person, where another source says how little is known, or whom the study was made with."""
    story = case.related.retellings(source.index)
    for statement in subjects(source, "all-kinds", "everyone", "likewise"):
        if statement.certainty != "asserted" or statement.bears(*_NO_CLAIM):
            continue
        if softened(source, statement.start, statement.end, int(params["reach"])):
            continue
        acts = story and statement.strength == "causal" and names(statement, "INTERVENTION")
        found = best(case, source, statement, ("limits", "open-question"), own=False)
        limits = [pair for pair in found if pair[0] in story or pair[0].rank < source.rank]
        if limits and (acts or _is_claimed(source, statement)):
            yield draft(case, source, statement, limits)
        elif statement.bears("everyone", "likewise"):
            yield from (draft(case, source, statement, [pair]) for pair in _studied(source, story)[:1])


def _beyond_study(case: Case, source: Source, params: Params) -> Iterator[Draft]:
    """Everyone, every kind or many studies, where a better source of the story says whom or what its study left out, or that it is but
    one; and those whom it left out, told as if they had been in it."""
    better = case.related.better_retellings(source)
    left_out = [
        (other, s) for other in better for s in other.bearing("left-out", "limits", "lone-study") if is_sentence(s)
    ]
    if not left_out or any(other.signs("review-design") for other in better):
        return
    for statement in subjects(source, "reach", "many-studies"):
        many = statement.bears("many-studies")  # so many say that it does nothing, too
        sure = ("asserted", "negated") if many else ("asserted",)
        if statement.certainty not in sure or statement.bears("left-out", "told-level", *_NO_CLAIM):
            continue
        if softened(source, statement.start, statement.end, int(params["reach"]), ("limits", "left-out")):
            continue
        acts = statement.strength == "causal" or statement.bears("cause", "cause-named", "of-people", "avails")
        narrow = ("left-out", "limits", "lone-study") if many else ("left-out",)
        found = [pair for pair in left_out if pair[1].bears(*narrow)]
        if found and (many or acts):
            yield draft(case, source, statement, found[:1])


def _studied(source: Source, story: Sequence[Source]) -> list[tuple[Source, Statement]]:
    """Where better sources of a story say whom the study was made with."""
    return [
        (other, s)
        for other in story
        if other.rank < source.rank
        for s in other.statements
        if s.bears("randomised", "observational") and names(s, "POPULATION")
    ]


def _is_claimed(source: Source, statement: Statement) -> bool:
    """Whether a statement is more than an aside: it claims something, rests on studies, or stands on the page of one who sells."""
    return (
        any(told.claim.certainty == "asserted" for told in source.told_at.get(statement.start, ()))
        or statement.bears("studies-show", "proof")
        or (source.article.kind == "clinic" and bool(source.signs("sells")))
    )


def _animals_elsewhere(case: Case, source: Source, params: Params) -> Iterator[Draft]:
    """What a better source saw in animals only, told of people."""
    own = {statement.start for statement, _ in source.signs("animals")}
    tested = [
        o
        for o in case.related.retellings(source.index)
        if o.rank < source.rank and _is_animal_study(o, int(params["animals"]))
    ]
    if not tested:
        return
    told = [
        one
        for one in source.told
        if one.claim.strength != "none" and one.claim.certainty != "negated" and one.claim.start not in own
    ]
    of_people = [one for one in told if _is_of_people(source, one)]
    found = _shown_in_animals(case, of_people, tested, params)
    if found is None:
        found = next(_of_people(case, source, tested, bool(own)), None)
    if found is None and not own:
        found = _shown_in_animals(case, told, tested, params)
    if found is None and not own:
        found = next(_people_for_animals(case, source, tested, params), None)
    if found is not None:
        yield found


def _shown_in_animals(case: Case, told: Sequence[Told], tested: Sequence[Source], params: Params) -> Draft | None:
    """The first of some claims that is of what better sources saw in animals."""
    for one in told:
        of_it = [o for o in tested if case.is_treatment(one.concepts["intervention"], o.main)]
        shown = nearest(case, one, of_it, float(params["near"]), lambda t: t.claim.certainty != "negated")
        if shown is not None:
            return against(case, one, shown)
    return None


def _of_people(case: Case, source: Source, tested: Sequence[Source], named: bool) -> Iterator[Draft]:
    """What people gain or lose, told as known; where the article never says that animals were ``named``, also what they were helped to."""
    found = [(o, s) for o in tested for s in o.bearing("animals") if is_sentence(s)]
    for statement in subjects(source, "of-people", "humans") if found else ():
        if statement.certainty == "hedged" or statement.bears("animals", *_NO_CLAIM) or not is_sentence(statement):
            continue
        if statement.bears("of-people") or (
            not named
            and statement.certainty == "asserted"
            and statement.strength == "causal"
            and statement.bears("cause", "cause-named")
        ):
            yield draft(case, source, statement, found[:1])


def _people_for_animals(case: Case, source: Source, tested: Sequence[Source], params: Params) -> Iterator[Draft]:
    """A sentence on people in an article that names no animals, in the words of those that tell of animals only."""
    stems = case.corpus.words.stems
    for statement in subjects(source, "humans"):
        if statement.certainty != "asserted" or statement.bears(*_NO_CLAIM) or not is_sentence(statement):
            continue
        if softened(source, statement.start, statement.end, int(params["reach"])):
            continue
        said = stems(statement.quote)
        found = [
            (case.corpus.sentences.shared(said, stems(s.quote)), -number, other, s)
            for number, other in enumerate(tested)
            for s in other.bearing("animals")
            if not s.bears("limits", "open-question")
        ]
        likest = max(found, key=lambda pair: (*pair[:2], -pair[3].start), default=None)
        if likest is not None and likest[0] >= float(params["shared"]):
            yield draft(case, source, statement, [likest[2:]])


def _is_of_people(source: Source, one: Told) -> bool:
    """Whether a claim of an article that names the animals is of people, and sure."""
    statement = source.statement_at.get(one.claim.start)
    people = one.claim.population is not None or (statement is not None and statement.bears("humans"))
    return people and one.claim.strength == "causal" and one.claim.certainty == "asserted"


def _is_animal_study(source: Source, least: int) -> bool:
    """Whether an article tells of animals, and of no people who were treated: those it names beside are not as many."""
    animals = {s.start for s, _ in source.signs("animals")}
    aside = ("animals", "limits", "awaits", "open-question")
    people = {s.start for s, _ in source.signs("humans") if not s.bears(*aside)}
    assigned = any(not s.bears("animals", "limits", "awaits") for s, _ in source.signs("randomised"))
    return len(animals) >= max(least, len(people) + 1) and not assigned


def _animals_before(case: Case, source: Source, params: Params) -> Iterator[Draft]:
    """A conclusion about the treatment at large that the article draws from animals in the sentence before."""
    for statement in subjects(source, "concludes"):
        told = source.told_at.get(statement.start, ())
        if statement.bears("animals", "limits") or not any(t.claim.certainty != "negated" for t in told):
            continue
        before = [
            s for s in source.statements if 0 <= statement.start - s.end <= int(params["next"]) and s.bears("animals")
        ]
        if before:
            yield draft(case, source, statement, [(source, before[-1])])
