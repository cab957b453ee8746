"""Checks on causes: what a study only saw go together, told as one thing bringing about the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.model import Slot, Statement
from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.drafts import Draft
from pipeline.reconcile.checks.register import Params, check
from pipeline.reconcile.checks.said import (
    about_same,
    against,
    draft,
    is_randomised,
    nearest,
    nearness,
    softened,
    subjects,
)
from pipeline.reconcile.corpus import Source, Told
from pipeline.shapes import LETTERS

_LOOKED_ON = ("cause-open", "observational", "looked-on")
"""What tells that a study only looked on."""
CAUSES = ("cause", "cause-named")
"""What a sentence says that tells of a cause, by its verb or in so many words."""


@check("causal_upgrade")
def causal_upgrade(case: Case, params: Params) -> Iterator[Draft]:
    """A correlation restated as a cause: the source that tells it best is no randomised comparison, and says that it is none."""
    for source in case.judged:
        if _is_of_trial(source, params):
            continue
        story = case.related.retellings(source.index)
        nearest_rank = min((o.rank for o in story), default=0)
        trials = [o.index for o in story if o.rank == nearest_rank and _is_of_trial(o, params)]
        better = [
            o
            for o in story
            if o.rank < source.rank
            and o.signs("observational")
            and o.index not in trials
            and not any(case.related.tells_story_of(o.index, trial) for trial in trials)
        ]
        told = set()
        for one in source.told if better else ():
            if one.claim.strength != "causal" or one.claim.certainty != "asserted":
                continue
            statement = source.statement_at.get(one.claim.start)
            if statement is not None and statement.bears("limits", "mechanism-open"):
                continue
            if statement is None or not statement.bears(*CAUSES) or statement.bears("efficacy-absolute"):
                continue  # figures that rose or fell, whatever the verb
            found = (
                _joined(case, one, better)
                or nearest(case, one, better, float(params["near"]), _is_linked)
                or _seen_only(case, one, better, params)
            )
            if found is None or _is_from_trial(case, found, params):
                continue
            if not one.concepts["outcome"] or _is_joined(case, one, found) or _acts_alike(case, one, found) > 0:
                told.add(one.claim.start)
                yield against(case, one, found, {"strength": "causal", "reference": "correlational"})
        above = [o for o in story if o.rank < source.rank and o.bearing(*_LOOKED_ON)]
        seen_only = above and not trials and not any(map(_is_tried, (source, *story)))
        for statement in subjects(source, *CAUSES) if seen_only else ():
            if statement.start not in told and tells_cause(case, source, statement, above, params):
                yield draft(case, source, statement, _left_open(case, source, statement, above))


def _is_tried(source: Source) -> bool:
    """Whether an article tells of something that was tried on people or animals."""
    aside = ("limits", "awaits", "cause-open", "open-question")
    return any(not statement.bears(*aside) for statement, _ in source.signs("randomised", "tried", "animals"))


def tells_cause(case: Case, source: Source, statement: Statement, better: Sequence[Source], params: Params) -> bool:
    """Whether a sentence says flatly that what the story is about brings about what it is about, with no word near it that nobody knows:
    it names the one or the other, or right after the result it names a cause, or says by how it begins that it tells the result again."""
    aside = ("cause-open", "limits", "open-question", "null-result", "efficacy-absolute")
    if statement.certainty != "asserted" or statement.bears(*aside):
        return False
    reach = int(params["reach"])
    if softened(source, statement.start, statement.end, reach, ("cause-open", "limits", "open-question")):
        return False
    said = case.corpus.concept(Slot(text=statement.quote))
    exposures, outcomes = (
        max(
            (
                case.judge.alike(concept, said) or 0.0
                for other in (source, *better)
                for told in other.told
                if told.claim.start != statement.start and (told.claim.values or _is_linked(told))
                for slot in slots
                if (concept := told.concepts[slot])
            ),
            default=0.0,
        )
        for slots in (("intervention",), ("outcome", "condition"))
    )
    stems = case.corpus.words.stems(statement.quote)
    titles = (case.corpus.words.stems(other.article.title or "") for other in better)
    if any(len(stems & title) >= int(params["title_words"]) for title in titles):
        return True
    least, little = float(params["about"]), float(params["about_after"])
    if statement.is_learnt(*CAUSES) and min(exposures, outcomes) < least:
        return False  # the model sees any cause: that of the illness, too
    if outcomes >= least or (
        exposures >= least and (outcomes >= little or any(told.claim.values for told in source.told))
    ):
        return True
    after = any(
        told.claim.values and 0 <= statement.start - told.claim.end <= int(params["next"]) for told in source.told
    )
    return after and (statement.bears("cause-named", "restates") or exposures + outcomes >= little)


def _left_open(
    case: Case, source: Source, statement: Statement, better: list[Source]
) -> list[tuple[Source, Statement]]:
    """Where better sources say that they know of no cause, or else of what goes together: of each the sentence nearest in meaning."""
    found = []
    for other in better:
        said = other.bearing("cause-open") or other.bearing(*_LOOKED_ON)
        found.append((other, max(said, key=lambda s: (about_same(case, source, statement, other, s), -s.start))))
    return found


def _is_linked(one: Told) -> bool:
    return one.claim.strength == "correlational" and one.claim.certainty != "negated"


def _joined(case: Case, one: Told, better: Sequence[Source]) -> Told | None:
    """The association whose figures a claim tells, in whatever words; that sentences without figures tell one result is less sure."""
    result = case.result_of.get(one.claim.claim_id) if one.is_result else None
    indices = {source.index for source in better}
    told = (t for t in (result.told if result is not None else ()) if t.is_result and t.source in indices)
    return next((t for t in told if _is_linked(t) and case.is_held_against(one, t)), None)


def _is_joined(case: Case, one: Told, other: Told) -> bool:
    """Whether two claims give figures of one result."""
    result = case.result_of.get(one.claim.claim_id)
    return (
        result is not None and one.is_result and other.is_result and result is case.result_of.get(other.claim.claim_id)
    )


def _is_from_trial(case: Case, told: Told, params: Params) -> bool:
    """Whether what a claim tells was tried, not only seen: its sentence says so, or its article tells of a randomised comparison, and the
    sentence of nothing that was only looked on."""
    source = case.source(told)
    statement = source.statement_at.get(told.claim.start)
    if statement is not None and statement.bears("randomised", "tried"):
        return True
    return _is_of_trial(source, params) and (statement is None or not statement.bears("observational"))


def _seen_only(case: Case, one: Told, better: list[Source], params: Params) -> Told | None:
    """The association in a study that only looked on, where a claim is on its exposure and outcome in other words, or gives a figure of
    it."""
    for other in better:
        if (case.judge.alike(one.concepts["intervention"], other.main) or 0.0) < float(params["exposure"]):
            continue
        linked = [t for t in other.told if _is_linked(t) and t.claim.direction != "equal"]
        same = [t for t in linked if _acts_alike(case, one, t) >= float(params["near"])]
        unnamed = not one.concepts["outcome"]
        of_size = one.size is not None and other.index in case.related.with_size(one.size)
        of_study = of_size or (unnamed and case.related.tells_story_of(one.source, other.index))
        if not same and one.is_result and other.rank == 0 and of_study:
            same = linked
        if same:
            return max(same, key=lambda t: (nearness(case, one, t), -t.claim.start))
    return None


def _acts_alike(case: Case, one: Told, other: Told) -> float:
    """How much two claims are of one outcome, or of the condition that the other has for its outcome."""
    slots = ("outcome", "condition")
    return max(case.judge.alike(one.concepts[a], other.concepts[b]) or 0.0 for a in slots for b in slots)


def _is_of_trial(source: Source, params: Params) -> bool:
    """Whether an article describes a randomised comparison as done, or is titled as one."""
    titled = LETTERS.findall((source.article.title or "").lower())
    return is_randomised(source) or ("non" not in titled and not set(params["trial_titles"]).isdisjoint(titled))
