"""How much machine a job needs: ``python -m bench.sizing``.

Measures seconds of processor time, memory and bytes, which a busy machine changes little, not time by the clock. What grows with the
articles is told from what does not by doing everything twice, with few articles and with many. What is too large to run here is worked
out from what was measured, and said to be.

The articles are no part of the project; they are looked for in ``../shared`` or where ``--shared`` says.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import gzip
import json
import multiprocessing
import re
import resource
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from bench import incremental
from bench.common import ROOT, command, write_table
from bench.local_cluster import LocalCluster, Passing
from pipeline.run.cluster import connected

MARKS = "<!-- sizing: python -m bench.sizing -->", "<!-- end of sizing -->"
"""Where in the document the tables stand."""
PAGES, TEXTS = "bench/cleaning/html", "bench/articles/health_news.jsonl"
_FEW = 6
_MILLION = 1_000_000
_HOUR = 3600
_MIB, _GIB = 2**20, 2**30
_EDITED = 0.01
_PASSED = 2000


class Usage(NamedTuple):
    """What a process used, with all that it started."""

    cpu: float
    """Seconds."""
    memory: int
    """Bytes at most, of the largest process."""

    def per(self, other: Usage, articles: int) -> float:
        """Seconds for each of the ``articles`` that the other run had less."""
        return (self.cpu - other.cpu) / articles


class Load(NamedTuple):
    """A folder of articles."""

    folder: Path
    articles: int


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.sizing", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=60, help="how many articles of either kind to extract")
    parser.add_argument("--nights", type=int, nargs=2, default=(1000, 4000), help="articles of two refreshes")
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared", help="folder that holds the articles")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--doc", type=Path, help="also write the tables into this Markdown file, between their markers")
    options = parser.parse_args(arguments)
    if not (options.shared / TEXTS).is_file():
        print(f"bench: no articles in {options.shared}; nothing was measured")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), options.shared, options.articles, tuple(options.nights))
    lines = tables(figures)
    print("\n".join(lines))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n", "utf-8")
    if options.doc:
        write_table(options.doc, MARKS, ["", *lines, ""])
    return 0


def measure(folder: Path, shared: Path, articles: int, nights: tuple[int, int]) -> dict[str, float]:
    """All figures: seconds, bytes and counts."""
    few, texts, pages = (folder / name for name in ("few", "texts", "pages"))
    little = _load(few, shared, _FEW, 0)
    text, page = _load(texts, shared, articles, 0), _load(pages, shared, 0, articles)
    start = _claims("extract", few, "-o", folder / "a", "--workers", "1")
    of_texts = _claims("extract", texts, "-o", folder / "b", "--workers", "1")
    of_pages = _claims("extract", pages, "-o", folder / "c", "--workers", "1")
    more = text.articles - little.articles
    per_text = of_texts.per(start, more)
    found = {
        "cpu_text": per_text,
        "cpu_page": of_pages.cpu / page.articles - (start.cpu - per_text * little.articles) / page.articles,
        "cpu_start": start.cpu - per_text * little.articles,
        "memory_child": float(max(of_texts.memory, of_pages.memory)),
        **_clustered(folder, little, text),
        **_stored(folder / "b", text),
        "page_bytes": _size(pages) / page.articles,
    }
    return found | _nights(nights)


def _load(folder: Path, shared: Path, texts: int, pages: int) -> Load:
    """A folder with so many of the articles, evenly chosen."""
    folder.mkdir()
    lines = (shared / TEXTS).read_bytes().splitlines()
    for number, line in enumerate(_some(lines, texts)):
        (folder / f"{number}.jsonl").write_bytes(line + b"\n")
    files = _some(sorted((shared / PAGES).iterdir()), pages)
    for number, file in enumerate(files):
        (folder / f"{number}.html").write_bytes(gzip.decompress(file.read_bytes()))
    return Load(folder, min(texts, len(lines)) + len(files))


def _some(items: list[Any], number: int) -> list[Any]:
    return [items[i * len(items) // number] for i in range(number)] if number < len(items) else items


def _claims(*arguments: object) -> Usage:
    """Runs the program."""
    done = command(*arguments, "--quiet")
    if done.code not in (0, 3):
        raise RuntimeError(f"claims {' '.join(map(str, arguments))} ended with {done.code}: {done.err}")
    return Usage(done.cpu, done.peak_bytes)


def _clustered(folder: Path, little: Load, much: Load) -> dict[str, float]:
    """What the scheduler, a worker and the client of a cluster need."""
    place = folder / "cluster"
    place.mkdir()
    cluster = LocalCluster(place, 1)
    try:
        scheduler, worker = (psutil.Process(process.pid) for process in cluster.processes)
        # The first makes the worker ready.
        client = [_claims("extract", little.folder, "-o", place / "a", "--cluster", cluster.file)]
        client.append(_claims("extract", much.folder, "-o", place / "b", "--cluster", cluster.file))
        children = worker.children()
        return {
            "cpu_client": client[1].per(client[0], much.articles - little.articles),
            "cpu_scheduler": _passed(cluster, scheduler, _size(much.folder) // much.articles),
            "memory_scheduler": float(_peak(scheduler)),
            "memory_worker": float(_peak(worker)),
            "memory_client": float(client[1].memory),
            "memory_child_there": float(max((_peak(child) for child in children), default=0)),
        }
    finally:
        cluster.close()


def _passed(cluster: LocalCluster, scheduler: psutil.Process, size: int) -> float:
    """Seconds that the scheduler needs for a task that carries so many bytes there and back."""
    with connected(cluster.address) as machines:
        runs = machines.executor(30.0, 2**32)
        for _ in runs.map(Passing(size), range(_PASSED // 10)):
            pass  # the child processes are there, and batches whole
        before = _own(scheduler)
        for _ in runs.map(Passing(size), range(_PASSED)):
            pass
        return (_own(scheduler) - before) / _PASSED


def _own(process: psutil.Process) -> float:
    used = process.cpu_times()
    return float(used.user + used.system)


def _peak(process: psutil.Process) -> int:
    """Bytes of memory at most. Linux only."""
    status = Path(f"/proc/{process.pid}/status").read_text("ascii")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) * 1024 if found else 0


def _stored(out: Path, load: Load) -> dict[str, float]:
    """Bytes of what is kept, once the results have been refreshed, too."""
    _claims("refresh", load.folder, "-o", out, "--no-fetch")
    claims = sum(1 for _ in (out / "claims.jsonl").open("rb"))
    return {
        "claims_per_article": claims / load.articles,
        "stored_claims": (out / "claims.jsonl").stat().st_size / claims,
        "stored_results": sum(path.stat().st_size for path in out.glob("*.jsonl")) / claims,
        "stored_cache": _size(out / ".work") / claims,
        "stored_history": _size(out / "history") / claims,
        "stored_reports": _size(out / "reports") / claims,
    }


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _nights(sizes: tuple[int, int]) -> dict[str, float]:
    """What a refresh costs for each article that is there, whether it changed or not."""
    runs = []
    context = multiprocessing.get_context("spawn")
    for articles in sizes:  # each in a process of its own, whose memory tells
        with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
            runs.append(pool.submit(night, articles).result())
    (few, some), (small, large) = sizes, runs
    grown = some - few
    return {
        "night_articles": float(some),
        "night_cpu": (large["cpu"] - small["cpu"]) / grown,
        "night_memory": (large["memory"] - small["memory"]) / grown,
    }


def night(articles: int) -> dict[str, float]:
    """A refresh of so many invented articles: seconds of one in which nothing is left to extract, and bytes of memory."""
    with tempfile.TemporaryDirectory() as folder:
        found = incremental.measure(Path(folder), articles, patterns=30, share=_EDITED, workers=1)
    return {"cpu": found["unchanged"]["cpu"], "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


def tables(found: dict[str, float]) -> list[str]:
    """The tables as lines of Markdown."""
    page, text = found["cpu_page"], found["cpu_text"]
    article = statistics.mean((page, text))
    changed = _EDITED * _MILLION * article / _HOUR
    rest = _MILLION * found["night_cpu"] / _HOUR
    stored = ("results", "cache", "history", "reports")
    rows = [
        ("processor time of a web page (HTML)", f"{page:.2f} s", "measured"),
        ("processor time of a plain text", f"{text:.2f} s", "measured"),
        (
            "articles per core-hour, pages / texts",
            f"{_HOUR / page:,.0f} / {_HOUR / text:,.0f}",
            "measured, by division",
        ),
        ("to start a worker", f"{found['cpu_start']:.1f} s", "measured"),
        (
            "memory of a worker: itself, and for each thread",
            f"{found['memory_worker'] / _MIB:.0f} MiB + {max(found['memory_child'], found['memory_child_there']) / _MIB:.0f} MiB",
            "measured, the most at any time",
        ),
        (
            "memory of the scheduler",
            f"{found['memory_scheduler'] / _MIB:.0f} MiB",
            "measured; grows with what is in flight",
        ),
        (
            "processor time of the scheduler for an article",
            f"{1000 * found['cpu_scheduler']:.1f} ms",
            "measured with a job that does nothing",
        ),
        ("processor time of the client for an article", f"{1000 * found['cpu_client']:.1f} ms", "measured"),
        (
            "cores that one client and scheduler keep busy",
            f"about {article / max(found['cpu_client'], found['cpu_scheduler']):.0f}",
            "extrapolated from the rows above",
        ),
        ("claims per text", f"{found['claims_per_article']:.1f}", "measured"),
        *(
            (
                f"storage per million claims: {name}",
                f"{found[f'stored_{name}'] * _MILLION / _GIB:.1f} GiB",
                "extrapolated, in proportion",
            )
            for name in stored
        ),
        (
            "storage of a million pages as they were fetched",
            f"{found['page_bytes'] * _MILLION / _GIB:.0f} GiB",
            "extrapolated, in proportion",
        ),
        (
            "a night on 1,000,000 articles, 1% changed: extracting 10,000",
            f"{changed:.1f} core-hours",
            "extrapolated from the cost of an article; spread over the cluster",
        ),
        (
            "the same night: all else (look-ups, comparing sources, writing, history, reports)",
            f"{rest:.1f} core-hours",
            f"extrapolated from {found['night_articles']:,.0f} articles; on the client alone",
        ),
        (
            "memory of the client in that night",
            f"{found['night_memory'] * _MILLION / _GIB:.0f} GiB",
            f"extrapolated from {found['night_articles']:,.0f} articles",
        ),
    ]
    return ["| figure | value | how |", "| --- | --- | --- |", *(f"| {' | '.join(row)} |" for row in rows)]


if __name__ == "__main__":
    sys.exit(main())
