"""The HTML half of cleaning: a page to blocks and what it says of itself."""

from __future__ import annotations

from lxml.html import HtmlElement

from pipeline.clean.blocks import Segment, Segmenter
from pipeline.clean.body import choose
from pipeline.clean.cues import Cues
from pipeline.clean.dom import parse, reveal, strip_tags
from pipeline.clean.entries import EntryLook
from pipeline.clean.inline import InlineMarks
from pipeline.clean.page_meta import PageFacts, page_facts
from pipeline.clean.reference_headings import ReferenceHeadings
from pipeline.clean.reference_lists import reference_entries
from pipeline.clean.votes import dense, extracted, mark, remainder
from pipeline.config import Limits
from pipeline.dates import Dates
from pipeline.errors import UnusableInputError
from pipeline.model import Block, Record, SourceMeta
from pipeline.rules.ruleset import Ruleset


class HtmlArticle(Record, frozen=True, kw_only=True):
    """What a page holds: its article as blocks, its metadata, and all its words, those around the article too."""

    blocks: tuple[Block, ...]
    meta: SourceMeta
    page: str


class HtmlReader:
    """Reads pages by one set of rules; ``look`` and ``headings`` tell reference lists."""

    def __init__(self, rules: Ruleset, look: EntryLook, headings: ReferenceHeadings, dates: Dates) -> None:
        self._rules = rules
        self._dates = dates
        self._cues = Cues(rules, look, headings)
        self._marks = InlineMarks(rules)

    def article(self, html: str, *, url: str | None, limits: Limits) -> HtmlArticle:
        """The article in ``html``.

        ``url`` is where the page was found, if known. The title is in ``meta``, not in the blocks. Entries of reference lists are kept as
        blocks of the kind ``reference``, with the number of a numbered list before them. Raises ``UnusableInputError`` with an empty
        path where there is nothing to read.
        """
        root = parse(html, limits)
        if root is None:
            raise UnusableInputError("", "the page is empty")
        alive = list(root.iter())  # Else lxml makes the Python object of an element anew at every visit.
        facts = page_facts(root, url, self._rules, self._dates)
        self._marks.rewrite(root)
        page, blocks = _read(root, facts, url, self._cues)
        del alive
        if not blocks:
            # The tree is used up: it holds marks now.
            root = parse(html, limits)
            if root is not None and reveal(root):
                self._marks.rewrite(root)
                page, blocks = _read(root, facts, url, self._cues)
        if not blocks:
            raise UnusableInputError(
                "", "the page holds no article: no running text was found beside menus, forms and links"
            )
        return HtmlArticle(blocks=blocks, meta=facts.meta, page=page)


def _read(root: HtmlElement, facts: PageFacts, url: str | None, cues: Cues) -> tuple[str, tuple[Block, ...]]:
    """All words of the page, and the article."""
    cues = cues.of_page()
    segments = Segmenter(cues).run(root)
    page = "\n".join(segment.text for segment in segments)
    running, references = reference_entries(segments, cues)
    chosen = choose(running, _votes(root, running, url, cues), cues, facts.meta.title)
    if not chosen:
        chosen = remainder(running, cues)
    article_body = [" ".join(line.split()) for line in strip_tags(facts.article_body or "").splitlines()]
    if sum(map(len, article_body)) > float(cues.params["body_share"]) * sum(len(segment.text) for segment in chosen):
        return page, tuple(Block(kind="paragraph", text=line) for line in article_body if line) + _as_blocks(references)
    if not chosen:
        return page, ()
    return page, _as_blocks(sorted([*chosen, *references], key=lambda segment: segment.index))


def _as_blocks(segments: list[Segment]) -> tuple[Block, ...]:
    return tuple(Block(kind=segment.kind, text=segment.text, level=segment.level) for segment in segments)


def _votes(root: HtmlElement, segments: list[Segment], url: str | None, cues: Cues) -> set[int]:
    """The blocks that trafilatura takes and those where prose is densest.

    Where the two hardly meet, the longer text wins: the prose may be a copy of the article for another kind of screen.
    """
    mark(segments)
    voted = extracted(root, url)
    prose = dense(segments, cues)
    words = {segment.index: segment.words for segment in segments}
    found = sum(words.get(index, 0) for index in voted)
    shared = sum(words[index] for index in prose & voted)
    enough = sum(words[index] for index in prose)
    if found >= enough and shared < float(cues.params["vote_share"]) * enough:
        return voted
    return voted | prose
