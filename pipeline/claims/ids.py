"""Stable identities (docs/records.md, Identity).

An id depends on the words of the text alone. Rules, versions and slots take no part, so that a reworded rule or a newly filled slot
makes no old claim look new; that is also why the number words below stand here, frozen, and not under ``rules/``: changing them
changes ids.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence

_NUMBER_WORDS = (
    "zero none half halves third thirds quarter quarters once twice thrice dozen dozens single double triple "
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen "
    "twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands million millions billion billions "
    "twofold threefold fourfold fivefold sixfold sevenfold eightfold ninefold tenfold "
    "fourths fifths sixths sevenths eighths ninths tenths"
)
_FROZEN = frozenset(_NUMBER_WORDS.split())
# A run of digits with what may stand inside a printed number, or a word; all other characters only separate.
_TOKEN = re.compile(r"\d(?:[\d.,·  ]?\d)*|[^\W\d_]+")
_ID_CHARS = 16


def masked(sentence: str) -> str:
    """``sentence`` in lower case without punctuation, every number in digits or words as ``#``, runs of them as one.

    >>> masked("Nearly fifty-five percent (48.2%) did.")
    'nearly # percent # did'
    """
    words: list[str] = []
    for match in _TOKEN.finditer(sentence):
        word = match.group().casefold()
        if word[0].isdigit() or word in _FROZEN:
            if not words or words[-1] != "#":
                words.append("#")
        else:
            words.append(word)
    return " ".join(words)


def figures(text: str) -> list[str]:
    """The numbers that :func:`masked` hides, in text order: digits as a number, words as they are.

    >>> figures("Nearly fifty-five of 1,200 (48.20%) did.")
    ['fifty', 'five', '1200', '48.2']
    """
    found = (match.group().casefold() for match in _TOKEN.finditer(text))
    return [_plain(word) for word in found if word[0].isdigit() or word in _FROZEN]


def _plain(word: str) -> str:
    """A number as it is compared: without separators and closing zeros."""
    if not word[0].isdigit():
        return word
    whole, point, rest = re.sub(r"[,  ]", "", word).replace("·", ".").partition(".")
    rest = rest.rstrip("0")
    return whole + point + rest if rest else whole


def digest(*parts: str) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of ``parts``, each set apart."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:_ID_CHARS]


def claim_ids(article_id: str, sentences: Sequence[tuple[int, str]]) -> list[str]:
    """The ids of the claims of one article.

    ``sentences`` has, for each claim in text order, the offset where its sentence starts and the sentence's words. Claims of one
    sentence are counted within it, equal sentences within the article, so that a second claim found in one sentence moves no id of
    the next.
    """
    seen: Counter[str] = Counter()
    ids: list[str] = []
    previous_start, place, occurrence = None, 0, 0
    for start, sentence in sentences:
        mask = masked(sentence)
        if start == previous_start:
            place += 1
        else:
            occurrence, place, previous_start = seen[mask], 0, start
            seen[mask] += 1
        ids.append("c" + digest(article_id, mask, str(occurrence), str(place)))
    return ids


def values_hash(values: Iterable[tuple[float | None, float | None, float | None]]) -> str:
    """Of the ``(value, low, high)`` of a claim's values, in text order.

    Units and qualifiers need no part in it: they are words, so a change of theirs changes the claim's id.
    """
    return digest(*(",".join("" if number is None else repr(float(number)) for number in value) for value in values))
