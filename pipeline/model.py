"""The records the pipeline reads and writes (see docs/records.md). All are frozen; absent is ``None``, never a marker string.

Every ``start`` and ``end`` counts Unicode code points into the article's cleaned ``text``, end exclusive, so that
``text[start:end]`` is the quoted passage.
"""

from __future__ import annotations

from typing import Any, Literal, TypeVar

import msgspec

ENGLISH = "en"
"""The language that the rules are written for."""

SourceKind = Literal["primary", "review", "news", "press", "clinic", "reference", "other"]
BlockKind = Literal["heading", "paragraph", "list_item", "table_row", "caption", "quote", "reference"]
Qualifier = Literal["about", "nearly", "over", "at_least", "at_most", "under", "up_to"]
Role = Literal["arm", "comparator", "baseline", "followup", "total"]
Direction = Literal["higher", "lower", "equal"]
Strength = Literal["none", "correlational", "conditional_causal", "causal"]
Certainty = Literal["asserted", "hedged", "negated"]
Way = Literal["better", "worse", "same"]
"""Which way a sentence says that the studied thing works on people: for them, against them, neither."""
Family = Literal["disagreement", "overstatement", "integrity"]
Severity = Literal["error", "warning", "note"]
FindingStatus = Literal["single", "agree", "rounded", "disagree"]
PlaceRole = Literal["subject", "evidence"]
ClaimKind = Literal["comparison", "change", "single", "assertion"]
QuantityClass = Literal[
    "result",
    "sample_size",
    "timepoint",
    "duration",
    "dose",
    "count",
    "age",
    "money",
    "statistic",
    "year",
    "citation",
    "other",
]
Measure = Literal[
    "proportion",
    "count",
    "relative_change",
    "difference",
    "ratio",
    "rate",
    "mean",
    "median",
    "score",
    "duration",
    "dose",
    "sample_size",
    "p_value",
    "interval",
    "money",
    "age",
    "other",
]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all records: immutable, fields by name only, JSON in the order of declaration."""


class SourceMeta(Record, frozen=True, kw_only=True):
    """What is known of an article beside its words: given by a JSONL line or sidecar, or found in the page."""

    url: str | None = None
    title: str | None = None
    author: str | None = None
    publisher: str | None = None
    published: str | None = None
    """ISO date, ``YYYY-MM-DD``, or as much of it as is known."""
    kind: SourceKind | None = None
    language: str | None = None
    """ISO 639-1 code."""


class RawDocument(Record, frozen=True, kw_only=True):
    """One article as it lies in ``raw/``, decoded but not cleaned: what a reader yields and the cleaner takes."""

    path: str
    """Relative to the raw folder, with ``/``; ``FILE#ID`` for a line of a JSONL or a record of a WARC."""
    input_id: str | None = None
    """The ``id`` of the raw JSONL line or sidecar, else ``None``."""
    media: Literal["html", "text", "markdown"]
    content: str
    sha256: str
    """Of the raw bytes of this article: the file, the JSONL line or the WARC record's body."""
    meta: SourceMeta = SourceMeta()
    """What was given beside the page. It wins over what the page says of itself."""


class Block(Record, frozen=True, kw_only=True):
    """One piece of an article in reading order; its text holds no newline."""

    kind: BlockKind
    text: str
    level: int = 0
    """Of a heading, 1 to 6; of a list item, how deep; else 0."""


class Reference(Record, frozen=True, kw_only=True):
    """One entry of an article's reference list."""

    key: str
    """The mark that points to it in the text: ``17``, or ``Grabski et al., 2022`` where marks are names."""
    text: str
    doi: str | None = None
    pmid: str | None = None
    url: str | None = None


class Cleaned(Record, frozen=True, kw_only=True):
    """A cleaned article before it has an id: what ``pipeline.clean.clean`` returns."""

    blocks: tuple[Block, ...]
    references: tuple[Reference, ...] = ()
    meta: SourceMeta = SourceMeta()

    @property
    def text(self) -> str:
        """The cleaned prose: the blocks, one a line, an empty line between paragraphs and around headings."""
        return join_blocks(self.blocks)


class Citation(Record, frozen=True, kw_only=True):
    """One reference mark in an article's text, with the keys of the references it points to, also where no list explains them."""

    start: int
    end: int
    text: str
    keys: tuple[str, ...]


class Article(Record, frozen=True, kw_only=True):
    """One line of ``articles.jsonl``."""

    article_id: str
    input_id: str | None
    path: str
    url: str | None
    title: str | None
    author: str | None
    publisher: str | None
    published: str | None
    kind: SourceKind
    language: str | None
    sha256: str
    references: tuple[Reference, ...]
    citations: tuple[Citation, ...]
    text: str


class Mention(Record, frozen=True, kw_only=True):
    """One number mention as the quantity components find it in a text: a quantity before it has an article.

    ``value`` is ``None`` for a range (``low``/``high``) and for a vague amount (``several weeks``: all three ``None``).
    """

    start: int
    end: int
    text: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str | None = None
    qualifier: Qualifier | None = None
    quantity_class: QuantityClass = "other"
    form: str = "number"
    """How it is written: ``number``, ``word``, ``range``, ``list_item`` (its unit stands behind a later one), ``fraction``, ``share`` (part
    of ``total``, or one in five), ``total``, ``ratio``, ``rate``, ``tolerance``, ``index`` (week 12), ``level`` (the 95% of an interval),
    ``n`` (n = 23), ``mark`` (a citation's), ``vague``."""
    rule: str | None = None
    """The rule that gave it its class."""
    total: float | None = None
    """Of how many, where the text says so beside it: 27 for both ``12`` and ``44%`` in "12 (44%) of 27"."""
    tolerance: float | None = None
    """What stands after a plus-minus sign: 5 in "70 ± 5 mg"."""


class Quantity(Record, frozen=True, kw_only=True):
    """One line of ``quantities.jsonl``."""

    article_id: str
    start: int
    end: int
    text: str
    value: float | None
    low: float | None
    high: float | None
    unit: str | None
    qualifier: Qualifier | None
    quantity_class: QuantityClass = msgspec.field(name="class")
    claim_ids: tuple[str, ...]


class Value(Record, frozen=True, kw_only=True):
    """One stated value of a claim."""

    text: str
    start: int
    end: int
    value: float | None
    low: float | None
    high: float | None
    unit: str | None
    qualifier: Qualifier | None
    role: Role | None = None
    group: str | None = None
    group_id: str | None = None
    n: int | None = None


class Slot(Record, frozen=True, kw_only=True):
    """Words of the text and the canonical name that ``rules/`` has for them, if any."""

    text: str
    id: str | None = None


class Timepoint(Record, frozen=True, kw_only=True):
    """When an outcome was measured; ``days`` from the start of treatment, a month being 365.25/12 days."""

    text: str
    days: float | None


class SampleSize(Record, frozen=True, kw_only=True):
    """How many took part in the study that a claim is about."""

    text: str
    value: float | None


class Study(Record, frozen=True, kw_only=True):
    """Which study a claim rests on."""

    ref_keys: tuple[str, ...] = ()
    doi: str | None = None
    pmid: str | None = None
    cue: str | None = None


class Claim(Record, frozen=True, kw_only=True):
    """One line of ``claims.jsonl``: a statement that reports one outcome as one or more values."""

    claim_id: str
    article_id: str
    quote: str
    start: int
    end: int
    values_hash: str
    kind: ClaimKind
    measure: Measure
    values: tuple[Value, ...]
    intervention: Slot | None = None
    comparator: Slot | None = None
    condition: Slot | None = None
    outcome: Slot | None = None
    population: Slot | None = None
    timepoint: Timepoint | None = None
    sample_size: SampleSize | None = None
    direction: Direction | None = None
    strength: Strength = "none"
    certainty: Certainty = "asserted"
    study: Study | None = None
    way: Way | None = None
    """Of its sentence; None where the model is not sure."""
    meaning: str | None = None
    """Of its sentence, see :mod:`pipeline.language.meaning`; None without the add-on."""
    rule: str
    confidence: float


LEARNT = "signs-by-model"
"""The ``rule`` of a sign that no rule found but the model."""


class Sign(Record, frozen=True, kw_only=True):
    """What some words of a sentence say of the evidence: that it is small, that a treatment is safe, that mice were studied ..."""

    sign: str
    start: int
    end: int
    rule: str


class Naming(Record, frozen=True, kw_only=True):
    """Words of a sentence that name a treatment, condition, outcome, population, study or organisation."""

    label: str
    start: int
    end: int
    text: str
    id: str | None = None


class Statement(Record, frozen=True, kw_only=True):
    """One line of ``statements.jsonl``: a sentence that says something of the evidence which a check may rest on, claim or not."""

    article_id: str
    start: int
    end: int
    quote: str
    certainty: Certainty
    strength: Strength
    signs: tuple[Sign, ...]
    names: tuple[Naming, ...]

    def is_learnt(self, *signs: str) -> bool:
        """Whether it bears signs of these names, and all are the model's, none a rule's."""
        borne = [sign.rule for sign in self.signs if sign.sign in signs]
        return bool(borne) and all(rule == LEARNT for rule in borne)

    def bears(self, *signs: str) -> bool:
        """Whether it has a sign of one of these names."""
        for sign in self.signs:  # noqa: SIM110 asked very often: a generator would cost more than the answer
            if sign.sign in signs:
                return True
        return False


class Stated(Record, frozen=True, kw_only=True):
    """What one claim states for one group of a finding; the fields are those of a claim's value."""

    claim_id: str
    article_id: str
    text: str
    value: float | None
    low: float | None
    high: float | None
    unit: str | None
    qualifier: Qualifier | None


class FindingValues(Record, frozen=True, kw_only=True):
    """One group of a finding: what every claim states for it, and what the best source states."""

    role: Role | None
    group: str | None
    group_id: str | None
    stated: tuple[Stated, ...]
    reference: Stated | None


class Finding(Record, frozen=True, kw_only=True):
    """One line of ``findings.jsonl``: one result, with the claims of all articles that report it."""

    finding_id: str
    label: str
    claim_ids: tuple[str, ...]
    articles: int
    witnesses: int = 0
    """Of these, how many are independent: one publisher's pages, and articles that copy each other, are one."""
    status: FindingStatus
    values: tuple[FindingValues, ...]


class Place(Record, frozen=True, kw_only=True):
    """A passage that a flag concerns, claim or not."""

    article_id: str
    start: int
    end: int
    quote: str
    role: PlaceRole


class Flag(Record, frozen=True, kw_only=True):
    """One line of ``flags.jsonl``: one problem for a reviewer."""

    flag_id: str
    family: Family
    rule: str
    severity: Severity
    finding_id: str | None
    claim_ids: tuple[str, ...]
    """First the claim that the flag is about, then the evidence."""
    places: tuple[Place, ...]
    message: str
    details: dict[str, Any]
    values_hash: str
    """Of the figures in the passages it rests on: a reviewer's decision lapses when it changes."""


class InputError(Record, frozen=True, kw_only=True):
    """One line of ``errors.jsonl``: an input that could not be used, wholly or in part."""

    path: str
    reason: str


R = TypeVar("R", bound=Record)


def join_blocks(blocks: tuple[Block, ...]) -> str:
    """The text of ``blocks``: rows of one table and items of one list on lines of their own, all else set apart by an empty line."""
    parts: list[str] = []
    previous: Block | None = None
    for block in blocks:
        if previous is not None:
            together = block.kind == previous.kind and block.kind in ("list_item", "table_row")
            parts.append("\n" if together else "\n\n")
        parts.append(block.text)
        previous = block
    return "".join(parts)


# Characters that some readers of lines take for the end of one; JSON may hold them as they are, but a line must not.
_LINE_ENDS = ((b"\xe2\x80\xa8", b"\\u2028"), (b"\xe2\x80\xa9", b"\\u2029"), (b"\xc2\x85", b"\\u0085"))


def encode(record: Record) -> bytes:
    """``record`` as one line of compact UTF-8 JSON, without the newline; no reader finds a line break in it."""
    line = msgspec.json.encode(record)
    for character, escaped in _LINE_ENDS:
        line = line.replace(character, escaped)
    return line


def decode(line: bytes | str, kind: type[R]) -> R:
    """The record of type ``kind`` that ``line`` holds. Raises ``msgspec.ValidationError`` where it does not fit."""
    return msgspec.json.decode(line, type=kind)
