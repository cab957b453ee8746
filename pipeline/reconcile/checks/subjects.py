"""Whether a reference is on the subject of the sentence that rests on it."""

from __future__ import annotations

import re

from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.drafts import Spot
from pipeline.reconcile.checks.register import Params
from pipeline.reconcile.corpus import Source, Told
from pipeline.reconcile.words import Stems

_PARTS = re.compile(r"(?<=[^\W_])[.?!]\)?\s+|\)\.?\s+")
_SMALL = re.compile(r"(?<![\w’'-])[a-z][^\W\d_]{2,}")
_FEWEST_SMALL = 3
"""Words in small letters of a title, at least; authors and journals have fewer."""


def title_of(reference: str) -> str | None:
    """The title of the work in an entry of a reference list; None where it is not plain which part it is."""
    for part in _PARTS.split(reference):
        words = _SMALL.findall(part)
        if len(words) >= _FEWEST_SMALL:
            return part
    return None


def other_subject(case: Case, source: Source, spot: Spot, told: Told, reference: str, params: Params) -> str | None:
    """Why a reference is on something else than a claim: another treatment, or nothing that the article speaks of; None where it is not
    plain that it is."""
    title = title_of(reference)
    if title is None:
        return None
    quote = case.quote(spot)
    if _is_on_other_treatment(case, source, told, quote, title):
        return str(params["of_other_treatment"])
    if _is_foreign(case, source, quote, title, params):
        return str(params["of_other_subject"])
    return None


def _is_on_other_treatment(case: Case, source: Source, told: Told, quote: str, title: str) -> bool:
    """Whether a title names treatments that the article does not speak of, and not the one of the sentence."""
    words = case.corpus.words
    vague = words.stems(
        " ".join(p for name in ("vague-treatments", "statement-subjects") for p in case.corpus.rules.phrases(name))
    )
    theirs = {sense: stems for sense, stems in case.corpus.treatments_in(title).items() if not stems <= vague}
    named = told.claim.intervention.text if told.claim.intervention is not None else ""
    if not theirs:
        return False
    said, whole = words.stems(title) - vague, words.stems(source.article.text)
    if any(stems & whole for stems in theirs.values()):
        return False  # of what the article speaks of elsewhere
    ours = case.corpus.treatments_in(quote)
    if case.corpus.are_kin(ours, theirs) or theirs.keys() & case.corpus.treatments_in(source.article.text).keys():
        return False
    known: Stems = frozenset().union(*ours.values()) - vague
    if known:
        return not known & said
    own = words.stems(named) - vague if named in quote else frozenset()
    return (
        bool(own) and not own & said and not _is_near(case, named, title)
    )  # a name for it that the thesaurus does not know


def _is_near(case: Case, named: str, title: str) -> bool:
    """Whether a word of the title is near in meaning to one of a name."""
    content = case.corpus.words.content
    return case.corpus.words_alike(content(named), content(title)) > 0.5


def _is_foreign(case: Case, source: Source, quote: str, title: str, params: Params) -> bool:
    """Whether hardly a word of a title, nor one for the same thing, stands in the sentence or anywhere in the article."""
    words = case.corpus.words
    plain = words.stems(" ".join(str(word) for word in params["study_words"]))
    content = {stem: word for stem, word in words.content(title).items() if stem not in plain}
    if len(content) < int(params["least_words"]):
        return False
    whole = words.stems(f"{source.article.title or ''} {source.article.text}")
    rare = case.corpus.sentences.of
    total = sum(rare(stem) for stem in content)
    if sum(rare(stem) for stem in content if stem in whole) > float(params["foreign"]) * total:
        return False
    said = {stem: word for stem, word in words.content(quote).items() if stem not in plain}
    one, other = case.corpus.named_in(quote), case.corpus.named_in(title)
    if not one or not other or case.corpus.are_kin(one, other):
        return False  # laymen and doctors have other words for what neither is known by
    return case.corpus.words_alike(content, said) < float(params["near"])
