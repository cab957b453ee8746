"""Which article is which: ids that stay from night to night (docs/records.md, Identity)."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from functools import cached_property
from pathlib import Path
from typing import Protocol

import msgspec
from rapidfuzz import fuzz

from pipeline.claims.ids import digest
from pipeline.errors import UsageError
from pipeline.model import Article

_NEAR = 0.9
"""Share of equal text above which a file under a new name is the article that an earlier run knew under an old one."""
_TELLING = 500
"""Characters from which on a text is some article's own: "access denied" stands on many pages."""
_CANDIDATES = 3
"""With how many earlier articles one is compared word by word at a time: those with which it has the most in common."""
_WORDS_IN_ID = 8
_WORD = re.compile(r"\w+")


class Identity(Protocol):
    """What an article's id is made of."""

    @property
    def path(self) -> str: ...
    @property
    def input_id(self) -> str | None: ...
    @property
    def url(self) -> str | None: ...
    @property
    def sha256(self) -> str: ...
    @property
    def words(self) -> str:
        """:func:`words_of` its cleaned text."""

    def reads(self, text: str) -> bool:
        """Whether this is surely its cleaned text: a cheaper question than whether the words are the same."""


class Identified(msgspec.Struct, frozen=True):
    """An article whose text is elsewhere."""

    path: str
    input_id: str | None
    url: str | None
    sha256: str
    words: str
    text: str | None = None
    """:func:`exact` its cleaned text, where that is known."""

    def reads(self, text: str) -> bool:
        return self.text is not None and self.text == exact(text)


class ReadArticle:
    """An article whose text is at hand."""

    def __init__(self, article: Article) -> None:
        self.path = article.path
        self.input_id = article.input_id
        self.url = article.url
        self.sha256 = article.sha256
        self._text = article.text

    @cached_property
    def words(self) -> str:
        return words_of(self._text)

    def reads(self, text: str) -> bool:
        return self._text == text


class Earlier(msgspec.Struct, frozen=True):
    """An article of an earlier run; the names are those of ``articles.jsonl``."""

    article_id: str
    path: str
    text: str


def words_of(text: str) -> str:
    """A digest of the words of ``text``, whatever its case, spaces and punctuation."""
    return digest(" ".join(word.casefold() for word in _WORD.findall(text)))


def exact(text: str) -> str:
    """A digest of ``text`` as it is."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read_earlier(folder: Path) -> list[Earlier]:
    """The articles of the run in ``folder``. Raises UsageError where there is none."""
    path = folder / "articles.jsonl"
    try:
        with path.open("rb") as file:
            return [msgspec.json.decode(line, type=Earlier) for line in file if line.strip()]
    except (OSError, msgspec.DecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(
            f"--since {folder}: {path.name} could not be read ({reason}); give the results folder of an earlier run"
        ) from error


def natural_ids(articles: Sequence[Identity]) -> tuple[list[str | None], list[tuple[int, int]]]:
    """The id of each article from its input id, else its URL, else its path.

    Of two that would share one, the later by path takes its path instead; where even the bytes are equal it is no second article,
    gets ``None``, and is returned as ``(index, index of the first)``. ``articles`` must be sorted by path.
    """
    ids: list[str | None] = []
    repeated: list[tuple[int, int]] = []
    owner: dict[str, int] = {}
    for index, article in enumerate(articles):
        wanted = article.input_id or article.url or article.path
        first = owner.get(wanted)
        if first is not None and articles[first].sha256 == article.sha256:
            ids.append(None)
            repeated.append((index, first))
            continue
        if first is not None:
            wanted = article.path
        while wanted in owner:  # a path that is also another article's input id
            wanted += "#"
        owner[wanted] = index
        ids.append(wanted)
    return ids, repeated


def carried_ids(
    articles: Sequence[Identity],
    ids: Sequence[str | None],
    text_of: Callable[[int], str],
    earlier: Sequence[Earlier],
) -> list[str | None]:
    """``ids``, with those of ``earlier`` articles that went on under another name.

    An article is carried over where its own id is new, the earlier one's id is gone, and their texts are equal or nearly so; and where
    it lies under the name that the earlier one had got. ``text_of`` gives the text of an article by its index; it is asked only for those
    with a new id that no earlier one has the words of.
    """
    result = _where_they_lay(articles, ids, earlier)
    present = {article_id for article_id in result if article_id is not None}
    gone = [old for old in earlier if old.article_id not in present]
    known = {old.article_id for old in earlier}
    fresh = {index for index, article_id in enumerate(result) if article_id is not None and article_id not in known}
    if not fresh:
        return result
    fresh -= _exchanged(articles, result, earlier, fresh)
    if not gone or not fresh:
        return result
    taken: set[int] = set()
    for index, number in _equal(articles, fresh, gone):
        taken.add(number)
        fresh.discard(index)
        result[index] = gone[number].article_id
    for index, number in _near(text_of, fresh, gone, taken):
        result[index] = gone[number].article_id
    return result


def _where_they_lay(
    articles: Sequence[Identity], ids: Sequence[str | None], earlier: Sequence[Earlier]
) -> list[str | None]:
    """``ids``, but a file without a name of its own keeps the id it had where it lies, also one that came from an earlier name."""
    result = list(ids)
    holder = {article_id: index for index, article_id in enumerate(ids) if article_id is not None}
    before = {old.path: old.article_id for old in earlier}
    for index, article in enumerate(articles):
        had = before.get(article.path)
        if had is None or had == result[index] or result[index] is None or not _named_by_path(article):
            continue
        other = holder.get(had)
        if other is not None:
            if not _named_by_path(articles[other]):
                continue
            _give_way(other, articles[other], result, holder)
        holder.pop(str(result[index]), None)
        result[index] = had
        holder[had] = index
    return result


def _exchanged(
    articles: Sequence[Identity], result: list[str | None], earlier: Sequence[Earlier], fresh: set[int]
) -> set[int]:
    """Carries over files whose old name another article bears now; returns which. ``result`` is changed in place.

    ``latest.html`` of yesterday is ``yesterday.html`` today, and there is a new ``latest.html``.
    """
    holder = {article_id: index for index, article_id in enumerate(result) if article_id is not None}
    by_words = {articles[index].words: index for index in sorted(fresh, reverse=True)}
    found: set[int] = set()
    for old in earlier:
        other = holder.get(old.article_id)
        if other is None or not _named_by_path(articles[other]) or len(old.text) < _TELLING:
            continue
        if articles[other].reads(old.text):
            continue
        words = words_of(old.text)
        index = by_words.get(words)
        if index is None or index in found or words == articles[other].words or not _named_by_path(articles[index]):
            continue
        _give_way(other, articles[other], result, holder)
        holder.pop(str(result[index]), None)
        result[index] = old.article_id
        holder[old.article_id] = index
        found.add(index)
    return found


def _named_by_path(article: Identity) -> bool:
    return article.input_id is None and article.url is None


def _give_way(index: int, article: Identity, result: list[str | None], holder: dict[str, int]) -> None:
    """Gives the article another id, made of its path and its words."""
    wanted = f"{article.path}#{article.words[:_WORDS_IN_ID]}"
    while wanted in holder:
        wanted += "#"
    result[index] = wanted
    holder[wanted] = index


def _sample(text: str, size: int = 8, keep: int = 64) -> list[str]:
    """The ``keep`` runs of ``size`` words whose digests are smallest: texts that share most runs share most of these."""
    words = [word.casefold() for word in _WORD.findall(text)]
    runs = {digest(" ".join(words[i : i + size])) for i in range(max(1, len(words) - size + 1))}
    return sorted(runs)[:keep]


def _equal(articles: Sequence[Identity], fresh: Set[int], gone: Sequence[Earlier]) -> list[tuple[int, int]]:
    """Which of ``fresh`` has the words of which of ``gone``."""
    by_words: dict[str, list[int]] = defaultdict(list)
    for number in reversed(range(len(gone))):
        by_words[words_of(gone[number].text)].append(number)
    return [
        (index, by_words[articles[index].words].pop()) for index in sorted(fresh) if by_words.get(articles[index].words)
    ]


def _near(
    text_of: Callable[[int], str], fresh: Set[int], gone: Sequence[Earlier], taken: Set[int]
) -> Iterator[tuple[int, int]]:
    """Which of ``fresh`` has nearly the words of which of ``gone`` that are not ``taken``: the most alike first, one for one.

    The most alike of all, and not of each in turn: or two runs would be paired in another way when they are compared the other way
    round.
    """
    by_shingle: dict[str, list[int]] = defaultdict(list)
    for number, old in enumerate(gone):
        if number not in taken:
            for shingle in _sample(old.text):
                by_shingle[shingle].append(number)
    left, done = set(fresh), set(taken)
    while left:
        scored = sorted(
            (-score, i, n) for i in sorted(left) for score, n in _nearest(text_of(i), gone, by_shingle, done)
        )
        left = set()
        found: set[int] = set()
        for _, index, number in scored:
            if index in found:
                continue
            if number in done:
                left.add(index)  # may be another's, of those not looked at
                continue
            found.add(index)
            done.add(number)
            yield index, number
        left -= found


def _nearest(
    text: str, gone: Sequence[Earlier], by_shingle: Mapping[str, Sequence[int]], taken: Set[int]
) -> Iterator[tuple[float, int]]:
    """How like it those of ``gone`` are that share most with it, where they are nearly equal."""
    shared: dict[int, int] = defaultdict(int)
    for shingle in _sample(text):
        for number in by_shingle.get(shingle, ()):
            if number not in taken:
                shared[number] += 1
    words = _WORD.findall(text.casefold())
    for number in sorted(shared, key=lambda n: (-shared[n], n))[:_CANDIDATES]:
        score = fuzz.ratio(words, _WORD.findall(gone[number].text.casefold()), score_cutoff=100 * _NEAR)
        if score > 0:
            yield score, number
