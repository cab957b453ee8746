"""Whether a reference is on the subject of the sentence that rests on it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.drafts import Spot
from pipeline.reconcile.checks.register import Params
from pipeline.reconcile.corpus import Source, Told
from pipeline.reconcile.words import Stems

_PARTS = re.compile(r"(?<=[^\W_])[.?!]\)?\s+|\)\.?\s+")
_SMALL = re.compile(r"(?<![\w’'-])[a-z][^\W\d_]{2,}")
_FEWEST_LETTERS = 4
"""Letters of a word that another is put together with, at least."""
_FEWEST_OTHER = 2
"""Words of a title for what it is on, beside the treatment, at least."""
_ROUNDING = 1e-9
_FIGURE = re.compile(
    r"\d|\b(?:half|halves|halved|third|quarter|fifth|tenth|two|three|four|five|six|seven|eight|nine|ten|twice|double)\b"
)
_MARK = re.compile(r"[\[(][^\[\]()]{0,40}\d[\])]")
_FEWEST_SMALL = 3
"""Words in small letters of a title, at least; authors and journals have fewer."""


def title_of(reference: str) -> str | None:
    """The title of the work in an entry of a reference list; None where it is not plain which part it is."""
    for part in _PARTS.split(reference):
        words = _SMALL.findall(part)
        if len(words) >= _FEWEST_SMALL:
            return part
    return None


def other_subject(
    case: Case, source: Source, spot: Spot, told: Told | None, reference: str, params: Params
) -> str | None:
    """Why a reference is on something else than a sentence, or the claim in it: another treatment, or nothing that the article speaks of;
    None where it is not plain that it is."""
    title = title_of(reference)
    if title is None:
        return None
    quote = case.quote(spot)
    if _is_on_other_treatment(case, source, told, quote, title, params):
        return str(params["of_other_treatment"])
    if _is_foreign(case, source, quote, title, params) or (
        told is not None and _is_on_other_condition(case, source, quote, title, params)
    ):
        return str(params["of_other_subject"])
    return None


def _is_on_other_treatment(
    case: Case, source: Source, told: Told | None, quote: str, title: str, params: Params
) -> bool:
    """Whether a title names treatments that the article does not speak of, and not the one of the sentence."""
    words = case.corpus.words
    vague = words.stems(
        " ".join(
            [
                *(p for name in ("vague-treatments", "statement-subjects") for p in case.corpus.rules.phrases(name)),
                *(str(form) for form in params["forms"]),
            ]
        )
    )
    theirs = {sense: stems for sense, stems in case.corpus.treatments_in(title).items() if not stems <= vague}
    named = told.claim.intervention.text if told is not None and told.claim.intervention is not None else ""
    if not theirs:
        return False
    said, whole = (
        words.stems(title) - vague,
        _text(case, source),
    )
    if any(stems <= whole for stems in theirs.values()):
        return _has_third(case, source, named, theirs, said - whole)  # of what the article speaks of elsewhere
    ours = case.corpus.treatments_in(quote)
    if case.corpus.are_kin(ours, theirs) or theirs.keys() & _treatments(case, source).keys():
        return False
    known: Stems = frozenset().union(*ours.values()) - vague
    if known:
        return not known & said
    own = words.stems(named) - vague if named in quote else frozenset()
    return (
        bool(own) and not own & said and not _is_near(case, named, title)
    )  # a name for it that the thesaurus does not know


def _has_third(case: Case, source: Source, named: str, theirs: Mapping[str, Stems], unsaid: Stems) -> bool:
    """Whether a title that names what a claim compares with sets something else beside it than what the claim is of, both known."""
    ours = case.corpus.treatments_in(named)
    others = {sense: stems for sense, stems in theirs.items() if stems <= unsaid}
    spoken = _treatments(case, source)
    return bool(ours and others) and not case.corpus.are_kin(ours, theirs) and not case.corpus.are_kin(spoken, others)


def _text(case: Case, source: Source) -> Stems:
    """All that the text of an article says."""
    return case.once((_text, source.index), lambda: case.corpus.words.stems(source.article.text))


def _words(case: Case, source: Source) -> Stems:
    """All that an article says, its title too."""
    article = source.article
    return case.once((_words, source.index), lambda: case.corpus.words.stems(f"{article.title or ''} {article.text}"))


def _treatments(case: Case, source: Source) -> Mapping[str, Stems]:
    """The treatments that an article speaks of."""
    return case.once((_treatments, source.index), lambda: case.corpus.treatments_in(source.article.text))


def _named(case: Case, source: Source) -> Mapping[str, Stems]:
    """All that the thesaurus knows in an article."""
    return case.once((_named, source.index), lambda: case.corpus.named_in(source.article.text))


def _is_near(case: Case, named: str, title: str) -> bool:
    """Whether a word of the title is near in meaning to one of a name."""
    content = case.corpus.words.content
    return case.corpus.words_alike(content(named), content(title)) > 0.5


def _is_compound(stem: str, whole: Stems) -> bool:
    """Whether a word ends or begins with one of the article: toenails, of nails."""
    return any(
        len(part) >= _FEWEST_LETTERS and len(stem) > len(part) and (stem.endswith(part) or stem.startswith(part))
        for part in whole
    )


def _is_on_other_condition(case: Case, source: Source, quote: str, title: str, params: Params) -> bool:
    """Whether a title has the treatment of a sentence with a figure, and else something that neither it nor the article speaks of."""
    ours, theirs = case.corpus.named_in(quote), case.corpus.named_in(title)
    shared: Stems = frozenset().union(*(theirs[sense] for sense in case.corpus.treatments_in(quote) if sense in theirs))
    own = {sense: stems for sense, stems in ours.items() if sense not in theirs}
    other = {sense: stems for sense, stems in theirs.items() if sense not in ours}
    if not shared or not own or not other or not _FIGURE.search(_MARK.sub("", quote)):
        return False
    if case.corpus.are_kin(own, other) or case.corpus.are_kin(_named(case, source), other):
        return False
    content = _subject(case, title, params, shared)
    whole = _words(case, source)
    if len(content) < _FEWEST_OTHER or any(stem in whole or _is_compound(stem, whole) for stem in content):
        return False
    return case.corpus.words_alike(content, _subject(case, quote, params, shared)) < float(params["near"])


def _subject(case: Case, text: str, params: Params, without: Stems) -> dict[str, str]:
    """The content words of a text that say what it is on, by their stems."""
    plain = case.corpus.words.stems(" ".join(str(word) for word in params["study_words"])) | without
    return {stem: word for stem, word in case.corpus.words.content(text).items() if stem not in plain}


def _is_foreign(case: Case, source: Source, quote: str, title: str, params: Params) -> bool:
    """Whether hardly a word of a title, nor one for the same thing, stands in the sentence or anywhere in the article."""
    content = _subject(case, title, params, frozenset())
    if len(content) < int(params["least_words"]):
        return False
    whole = _words(case, source)
    rare = case.corpus.sentences.of
    total = sum(rare(stem) for stem in content)
    spoken = (stem for stem in content if stem in whole or _is_compound(stem, whole))
    if sum(rare(stem) for stem in spoken) >= float(params["foreign"]) * total - _ROUNDING:
        return False
    said = _subject(case, quote, params, frozenset())
    one, other = case.corpus.named_in(quote), case.corpus.named_in(title)
    if not one or not other or case.corpus.are_kin(one, other):
        return False  # laymen and doctors have other words for what neither is known by
    return case.corpus.words_alike(content, said) < float(params["near"])
