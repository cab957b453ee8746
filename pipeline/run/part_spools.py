"""What the parts of a run gave, on its way from the workers to the files of results (``parts.py``)."""

from __future__ import annotations

import mmap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np

from pipeline.model import Flag, decode, encode
from pipeline.reconcile.findings import finding_id
from pipeline.run.results import Tally

FINDINGS, FLAGS = "findings.part", "flags.part"
"""How the names of the spools end that a part leaves."""
TEXTS = "texts.part"
"""How those end that hold what was found in texts."""
_BLOCK = 10_000
_NO_ID = b'{"finding_id":""'


class Found(msgspec.Struct):
    """What comparing a part gives the main process, beside its spool."""

    part: int
    finding_ids: bytes
    """[findings] uint64: the ids they would have if no other part had the same."""
    findings: bytes
    """[findings + 1] int64: where each begins in the spool, and the end."""
    flag_ids: list[str]
    flags: bytes
    statuses: dict[str, int]


def spooled(path: Path, records: Iterable[bytes]) -> bytes:
    """Writes ``records`` one after the other. Returns where each begins, and the end."""
    edges = [0]
    with path.open("wb") as file:
        for record in records:
            file.write(record)
            edges.append(edges[-1] + len(record))
    return np.array(edges, np.int64).tobytes()


def merge(work: Path, found: Sequence[Found], findings: BinaryIO, flags: BinaryIO) -> Tally:
    """Writes the findings and flags of all parts, whose spools are in ``work``, sorted by id."""
    statuses: Counter[str] = Counter()
    for one in found:
        statuses.update(one.statuses)
    ids = _numbered(work, found)
    with _Spools(work, found, FINDINGS) as spools:
        order = np.argsort(ids, kind="stable")
        decoder = msgspec.msgpack.Decoder(tuple[msgspec.Raw, msgspec.Raw, bytes])
        for record, number in zip(spools.records(order), ids[order].tolist(), strict=True):
            _, _, data = decoder.decode(record)
            findings.write(b'{"finding_id":"%016x"%b\n' % (number, data[len(_NO_ID) :]))
    rules: Counter[str] = Counter()
    severities: Counter[str] = Counter()
    firsts = np.cumsum([0, *(len(one.finding_ids) // 8 for one in found)]).tolist()
    listed = sorted(
        (flag_id, part, place) for part, one in enumerate(found) for place, flag_id in enumerate(one.flag_ids)
    )
    with _Spools(work, found, FLAGS) as spools:
        last = None
        for flag_id, part, place in listed:
            if flag_id == last:
                continue  # of one article in two parts
            last = flag_id
            of, data = msgspec.msgpack.decode(spools.record_of(part, place))
            flag = decode(data, Flag)
            if of >= 0:
                flag = msgspec.structs.replace(flag, finding_id=f"{int(ids[firsts[part] + of]):016x}")
            rules[flag.rule] += 1
            severities[flag.severity] += 1
            flags.write(encode(flag) + b"\n")
    return Tally(statuses, rules, severities)


def _numbered(work: Path, found: Sequence[Found]) -> Any:
    """[all findings] the ids of the findings of all parts; those that are the same by all that names them are numbered."""
    ids = np.frombuffer(b"".join(one.finding_ids for one in found), np.uint64).copy()
    order = np.argsort(ids, kind="stable")
    ranked = ids[order]
    edges = (
        np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1], [True]])) if len(ids) else np.zeros(1, int)
    )
    several = np.flatnonzero(np.diff(edges) > 1)
    with _Spools(work, found, FINDINGS) as spools:
        for first, last in zip(edges[several].tolist(), edges[several + 1].tolist(), strict=True):
            same = []
            for place in order[first:last].tolist():
                base, claim_id, _ = msgspec.msgpack.decode(spools.record(place))
                same.append((claim_id, place, base))
            for number, (_, place, base) in enumerate(sorted(same), 1):
                ids[place] = int(finding_id(base, number), 16)
    return ids


class _Spools:
    """The spools of all parts, mapped."""

    def __init__(self, work: Path, found: Sequence[Found], suffix: str) -> None:
        self._paths = [work / f"{one.part}.{suffix}" for one in found]
        kinds = [one.findings if suffix == FINDINGS else one.flags for one in found]
        self._edges = [memoryview(edges).cast("q") for edges in kinds]
        self._first = np.cumsum([0, *(len(edges) - 1 for edges in self._edges)])
        self._maps: list[mmap.mmap | None] = []

    def __enter__(self) -> _Spools:
        for path in self._paths:
            with path.open("rb") as file:
                empty = path.stat().st_size == 0
                self._maps.append(None if empty else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        return self

    def __exit__(self, *_: object) -> None:
        for found in self._maps:
            if found is not None:
                found.close()

    def records(self, places: Any) -> Iterator[bytes]:
        """Those at ``places`` among those of all parts, in this order."""
        for first in range(0, len(places), _BLOCK):
            block = places[first : first + _BLOCK]
            parts = np.searchsorted(self._first, block, side="right") - 1
            for part, place in zip(parts.tolist(), (block - self._first[parts]).tolist(), strict=True):
                yield self.record_of(part, place)

    def record(self, place: int) -> bytes:
        """That at ``place`` among those of all parts."""
        part = int(np.searchsorted(self._first, place, side="right")) - 1
        return self.record_of(part, place - int(self._first[part]))

    def record_of(self, part: int, place: int) -> bytes:
        found, edges = self._maps[part], self._edges[part]
        assert found is not None
        return found[edges[place] : edges[place + 1]]
