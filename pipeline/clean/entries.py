"""Entries of reference lists: how much a text looks like one, whether it is prose after all, and what it says."""

from __future__ import annotations

import re

from pipeline.model import Reference
from pipeline.rules.ruleset import Ruleset
from pipeline.shapes import DOI, LETTERS, NEVER, YEAR

_DOI = re.compile(rf"\b{DOI}")
_PMID = re.compile(r"(?:\bPMID:?\s{0,3}|pubmed(?:\.ncbi\.nlm\.nih\.gov|/)/?)([0-9]{1,9})\b", re.IGNORECASE)
_PMCID = re.compile(r"\bPMC[0-9]{4,9}\b")
_URL = re.compile(r"(?:https?://|www\.)[^\s\"<>“”]{3,500}")
_YEAR = re.compile(rf"\b{YEAR}[a-z]?\b")
# The year of publication stands in brackets, or alone; one in a title is often part of a span.
_PUBLISHED = re.compile(rf"(?<=\(){YEAR}[a-z]?(?=[,)])|(?<![\w–/-]){YEAR}[a-z]?(?![\w–/-])")
_VOLUME = re.compile(
    r"\b[0-9]{1,4}\s?(?:\([A-Za-z0-9 .–-]{1,20}\))?\s?[:;,]\s?(?:pp?\.\s?)?[A-Za-z]?[0-9]{1,6}\s?[-–]\s?[A-Za-z]?[0-9]{1,6}"
    r"|\b[0-9]{1,4}\([0-9 –-]{1,10}\)\s?[:,]\s?[A-Za-z]?[0-9]"
    rf"|\b{YEAR}[^.;:]{{0,10}};\s?[0-9]"
)
_NAME = r"[A-ZÀ-Þ][\w’'-]{1,30}"
_DIGIT = re.compile("[0-9]")
_LETTERS = r"(?:[A-Z]{1,3}(?![A-Za-z])\.?|(?:[A-Z]\.[- ]?){1,4})"
_LIST_NUMBER = r"[\[(^]?[0-9]{0,3}[\]).]?\s{0,5}"
_SENTENCE = re.compile(r"(?<=[a-z0-9)\]%”\"][.!?])\s{1,3}(?=[A-ZÀ-Þ“\"(])")
_MARK_IN_SENTENCE = re.compile(r"[a-z0-9%)]\s?\[[0-9]{1,3}(?:[,–-][0-9]{1,3}){0,5}\]\s?[.,;]")
_HEAD = 1200
"""Characters of a text that are looked at."""


class EntryLook:
    """Judges texts by the rules ``reference-words`` (words seen in entries), ``reference-prose-verbs`` (verbs that a sentence has and a
    title seldom) and ``mark-names`` (words between the names of a citation)."""

    def __init__(self, rules: Ruleset) -> None:
        self._words = re.compile(_either(rules.phrases("reference-words")), re.IGNORECASE)
        self._verbs = frozenset(str(v).casefold() for v in rules.lexicon("reference-prose-verbs"))
        others, joins = citation_words(rules)
        behind = rf"(?=\s?[,.;&:(]|\s(?:{others}|{joins})(?!\w)|$)"
        self._initials = re.compile(rf"(?:^|[\s,;&]){_NAME},?\s{_LETTERS}{behind}")
        self._surname = re.compile(rf"({_NAME}),?\s{_LETTERS}{behind}")
        self._starts = re.compile(rf"{_LIST_NUMBER}{_NAME}(?:[ -]{_NAME})?,?\s{_LETTERS}{behind}")
        self._cited = re.compile(
            rf"\([^()]{{0,200}}?{_NAME}(?:,?\s(?:{others})\.?|\s(?:{joins})\s{_NAME}),?\s{YEAR}[a-z]?(?=[,;)])"
        )

    def points(self, text: str) -> int:
        """How much ``text`` looks like an entry: prose has 0 or 1, most entries 3 and more."""
        head = text[:_HEAD]
        points = min(2, len(self._initials.findall(head[:300]))) + (self._words.search(head) is not None)
        if "://" in head or "www." in head:
            points += _URL.search(head) is not None
        if _DIGIT.search(head) is None:  # all else has some
            return points
        points += _YEAR.search(head) is not None
        return points + 2 * _identified(head) + 2 * (_VOLUME.search(head) is not None)

    def is_sure(self, text: str) -> bool:
        """Whether ``text`` has what only entries have: an identifier, volume and pages, or an author's surname and initials first."""
        head = text[:_HEAD]
        if self._starts.match(head) is not None:
            return True
        return _DIGIT.search(head) is not None and (_identified(head) or _VOLUME.search(head) is not None)

    def is_prose(self, text: str) -> bool:
        """Whether ``text`` cites others in brackets, or has two sentences with a verb; one is enough where nothing else shows an entry."""
        if self._cited.search(text) is not None or _MARK_IN_SENTENCE.search(text, 6) is not None:
            return True
        spoken = sum(self._is_spoken(sentence) for sentence in _SENTENCE.split(text))
        return spoken > 1 or (spoken == 1 and not self.is_sure(text))

    def _is_spoken(self, sentence: str) -> bool:
        words = LETTERS.findall(sentence)
        return len(words) >= 5 and any(word in self._verbs for word in words)

    def key(self, text: str) -> str | None:
        """``Roe, 2019``, ``Roe & Poe, 2019`` or ``Roe et al., 2019``: how prose points to an entry without a number."""
        year = _PUBLISHED.search(text) or _YEAR.search(text)
        if year is None:
            return None
        end = max(60, min(year.start(), 400))
        # Cut behind the place where names end, so that no cut word looks like an initial.
        names = [match.group(1) for match in self._surname.finditer(text[: end + 60]) if match.end() <= end]
        if not names:
            return None
        if len(names) == 1:
            return f"{names[0]}, {year.group()}"
        return f"{names[0]} & {names[1]}, {year.group()}" if len(names) == 2 else f"{names[0]} et al., {year.group()}"


def citation_words(rules: Ruleset) -> tuple[str, str]:
    """Alternatives of a regular expression by the rule ``mark-names``: what stands for further authors, and what joins two names."""
    named = {"others": NEVER, "join": NEVER}
    for entry in rules.lexicon("mark-names"):
        named[str(entry["role"])] = "|".join(
            re.escape(str(word)).replace(r"\ ", r"\s") for word in sorted(entry["words"], key=lambda w: -len(str(w)))
        )
    return named["others"], named["join"]


def parse_reference(key: str, text: str) -> Reference:
    """One entry with the identifiers that stand in it."""
    doi = _DOI.search(text)
    pmid = _PMID.search(text)
    pmcid = _PMCID.search(text)
    url = next((u for m in _URL.finditer(text) if "doi.org/" not in (u := _trim(m.group()))), None)
    if url is None and pmcid is not None:
        url = f"https://pmc.ncbi.nlm.nih.gov/articles/{pmcid.group()}/"
    return Reference(
        key=key,
        text=text.strip(),
        doi=_trim(doi.group()).lower() if doi is not None else None,
        pmid=pmid.group(1) if pmid is not None else None,
        url=url,
    )


def has_doi(text: str) -> bool:
    """Whether a DOI stands in ``text``."""
    return "10." in text and _DOI.search(text) is not None


def _identified(text: str) -> bool:
    return has_doi(text) or _PMID.search(text) is not None


def _either(words: tuple[str, ...]) -> str:
    options = sorted((re.escape(word) for word in words), key=lambda word: (-len(word), word))
    return rf"(?<!\w)(?:{'|'.join(options)})(?!\w)" if options else NEVER


def _trim(found: str) -> str:
    """Without punctuation of the sentence around it; a closing bracket stays where it was opened inside."""
    while found:
        last = found[-1]
        unopened = last in ")]" and found.count(last) > found.count("(" if last == ")" else "[")
        if not unopened and last not in ".,;:'’*":
            break
        found = found[:-1]
    return found
