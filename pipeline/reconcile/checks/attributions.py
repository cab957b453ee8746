"""The check on whom a sentence names as the source of what it tells, and its own reference does not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.drafts import Draft, Spot, excerpt
from pipeline.reconcile.checks.register import Params, check

_PERSON = re.compile(r"[^\W\d_][\w’'-]*(?: [^\W\d_][\w’'-]*)?,? (?:[A-Z]\.?[ -]?){1,3}(?=[,.;&(]|\s|$)")
"""A surname and initials."""
_PAGES = re.compile(
    r"\b\d{1,4} ?(?:\(\d{1,4}\) ?)?[:,;] ?(?:pp?\. ?)?[A-Za-z]?\d|\bvol(?:ume|\.)? ?\d"
    r"|\b(?:published online|online first|online ahead of print|epub|in press|doi)\b",
    re.IGNORECASE,
)
"""Volume and pages, or what stands for them before there are any."""
_WORDS_FIRST = re.compile(r"(?:[^\W\d_]{2,}[ ,.]{1,2}){2}")
_BEHIND_STOP = 2
"""Characters between a sentence and a mark that stands behind its full stop."""
_SHORT = 3
"""Letters of a word that a name leaves out when it is abbreviated, at most."""


@check("misattributed_source")
def misattributed_source(case: Case, params: Params) -> Iterator[Draft]:
    """The prose names one journal or body, its own reference another."""
    words_of = case.corpus.words.listed
    for source in case.judged:
        texts = {reference.key: reference.text for reference in source.article.references}
        if not texts:
            continue
        for statement, sign in source.signs("names-source", "names-body"):
            named = [w for w in re.findall(r"[^\W\d_]+", source.article.text[sign.start : sign.end]) if w[0].isupper()]
            stems = set(words_of(" ".join(named))) - {stem for word in params["common"] for stem in words_of(str(word))}
            marks = [
                m
                for m in source.article.citations
                if statement.start <= m.start <= statement.end + int(params["reach"])
            ]
            own = [m for m in marks if m.start <= statement.end + _BEHIND_STOP]
            cited = [(key, texts[key]) for mark in own or marks for key in mark.keys if key in texts]
            if not source.article.citations and len(texts) == 1 and sign.sign == "names-source":
                cited = [one for one in texts.items() if _is_entry(one[1])]  # what the whole article is on
            if sign.sign == "names-body":  # bodies report what others found; only another body in its place is wrong
                cited = cited if all(_is_of_body(text) for _, text in cited) else []
                compared = [text.partition(". ")[0] for _, text in cited]  # who wrote it, not on what
            else:
                compared = [text for _, text in cited]
            if not stems or not cited:
                continue
            common = {str(word) for word in params["common"]}
            while named[0].lower() in common:
                del named[0]
            printed = source.article.text[sign.start : sign.end]
            if any(
                stems & set(words_of(text))
                or _initials(text, named, common)
                or _is_alias(printed, text, params["same"])
                for text in compared
            ):
                continue
            message = {
                "source": source.name,
                "named": " ".join(named),
                "key": cited[0][0],
                "reference": excerpt(cited[0][1]),
            }
            yield Draft(
                [Spot(source.index, statement.start, statement.end)], (), None, message, {"named": " ".join(named)}
            )


def _is_entry(text: str) -> bool:
    """Whether a reference has an author, and volume and pages."""
    return _PERSON.match(text) is not None and _PAGES.search(text) is not None


def _is_of_body(text: str) -> bool:
    """Whether the author of a reference is no person: it does not begin with a surname and initials."""
    return _PERSON.match(text) is None and _WORDS_FIRST.match(text) is not None


def _is_alias(named: str, text: str, same: Sequence[Sequence[str]]) -> bool:
    """Whether a reference has another name of what the prose names."""
    return any(_holds(named, names) and _holds(text, names) for names in same)


def _holds(text: str, names: Sequence[str]) -> bool:
    return any(re.search(rf"(?<!\w){re.escape(str(name))}(?!\w)", text) for name in names)


def _initials(text: str, named: list[str], common: set[str]) -> bool:
    """Whether a reference gives the named journal by its initials: NEJM, JAMA, or abbreviated words, of which the ``common`` ones may be
    left out."""
    letters = "".join(word[0] for word in named if word[0].isupper())
    words = re.findall(r"[^\W\d_]+", text)
    shorts = [word.lower() for word in words if len(word) >= 2]
    told = [name for name in named if len(name) > _SHORT and name.lower() not in common]
    abbreviated = bool(told) and all(any(name.lower().startswith(short) for short in shorts) for name in told)
    return (len(letters) >= 3 and any(word == letters for word in words)) or abbreviated
