"""``make bench``: extract each benchmark's texts with the shipped rules, score them, print one table; 1 if a figure fell below its floor.

The benchmarks and their scorers are no part of the project; they are looked for in ``../shared`` or where ``--shared`` says.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import calibration, cases, clusters, faithful, signs
from bench.common import ROOT, command, write_table

FLOORS = Path(__file__).with_name("floors.json")
FIGURES = "<!-- figures: make bench -->", "<!-- end of figures -->"
BANDS = "<!-- confidence: make bench -->", "<!-- end of confidence -->"
"""Where in the document the two tables stand."""
_CONFIDENCE = "confidence"
"""Where a result holds what :func:`bench.calibration.calibration` says."""


@dataclass(frozen=True)
class Benchmark:
    """One scorer over one raw folder; paths are relative to the shared folder, ``{out}`` stands for the results folder."""

    name: str
    raw: str
    """Empty where the benchmark is our own: then ``scorer`` is what Python runs at the top of the project."""
    scorer: tuple[str, ...]
    figures: tuple[tuple[str, str, float | None], ...]
    """``(label, path into the scorer's JSON, figure to reach)``; the path's steps are set apart by ``/``."""
    predictor: tuple[str, ...] = ()
    """A script that makes of the results what the scorer reads, by name ``{out}/predictions.jsonl``."""
    without_class: str | None = None
    """Score once more with this class of quantities left out; its figures stand under ``without CLASS``."""
    reconciled: bool = False
    """Compare the sources, too, before the scorer is run."""
    calibrated: tuple[str, str] | None = None
    """Also judge claims by their confidence, on the data in this folder and its part."""


def _dev(
    name: str,
    figures: tuple[tuple[str, str, float | None], ...],
    without_class: str | None = None,
    part: str | None = None,
    calibrated: bool = False,
) -> Benchmark:
    data = f"bench/data/{name}/dev"
    scorer = ("bench/score.py", name, "--extracted", "{out}", "--data", data, *(("--part", part) if part else ()))
    judged = (data, part) if calibrated and part else None
    return Benchmark(name, f"{data}/raw", scorer, figures, without_class=without_class, calibrated=judged)


def _own(name: str, module: str, parts: Sequence[str], *figures: tuple[str, str, float | None]) -> Benchmark:
    """One of ours that ``module`` scores, part by part; ``figures`` are labels, keys within a part, and what to reach."""
    told = tuple((f"{label}, {part}", f"{part}/{key}", goal) for part in parts for label, key, goal in figures)
    return Benchmark(name, "", ("-m", f"bench.{module}", "--json"), told)


def _strength(name: str, task: str, sentences: str, gold: str, goal: float) -> Benchmark:
    folder = "bench/overstatement"
    told = (f"{folder}/predictions.py", task, "{out}", "--gold", f"{folder}/dev/{gold}.jsonl")
    known = f"{folder}/dev/{gold}.jsonl"
    scorer = (f"{folder}/score_strength.py", task, "--gold", known, "--pred", "{out}/predictions.jsonl")
    figures = (("macro F1", "macro_f1", goal),)
    return Benchmark(name, f"{folder}/dev/{sentences}.jsonl", scorer, figures, predictor=told)


BENCHMARKS = (
    Benchmark(
        "cleaning",
        "bench/cleaning/html",
        ("bench/cleaning/score_clean.py", "{out}/articles.jsonl"),
        (("text F1", "text_f1", 0.970), ("figures F1", "figures_f1", 0.955)),
    ),
    Benchmark(
        "seeds",
        "seeds",
        ("gold/score_seeds.py", "{out}"),
        (
            ("value recall", "value_recall", 0.95),
            ("value precision", "value_precision", 0.95),
            ("unit accuracy", "unit_accuracy", None),
            ("groups together", "groups_together", 0.95),
            ("role", "role", 0.95),
            ("group id", "group_id", 0.95),
            ("outcome", "outcome", 0.90),
            ("intervention", "intervention", None),
            ("comparator", "comparator", None),
            ("condition", "condition", None),
            ("timepoint", "timepoint", 0.95),
            ("sample size", "sample_size", 0.95),
            ("direction", "direction", 0.95),
            ("numeric pairs joined", "numeric_pairs_joined", 1.0),
            ("statement pairs joined", "statement_pairs_joined", 0.7),
            ("joined pairs right", "pairs_precision", 0.9),
            ("flags found, high", "flag_recall_high", 0.85),
            ("flags found, medium", "flag_recall_medium", 0.5),
            ("flags right", "flag_precision", 0.85),
        ),
        reconciled=True,
    ),
    Benchmark(
        "demonstration",
        "",
        ("-m", "bench.demonstration"),
        (("flags found", "found", 0.95), ("flags right", "right", 0.95)),
    ),
    _own(
        "stories",
        "clusters",
        clusters.PARTS,
        ("pairs joined", "pairs joined", None),
        ("joined pairs right", "joined pairs right", 0.9),
        ("flags found", "flags found", None),
        ("flags right", "flags right", 0.85),
        ("look-alikes silent", "look-alikes silent", 1.0),
    ),
    _own("cases", "cases", cases.PARTS, ("raised", "raised", None), ("silent", "silent", 1.0)),
    _own("faithful", "faithful", faithful.PARTS, ("stories without a wrong flag", "quiet", 1.0)),
    _own(
        "signs",
        "signs",
        signs.PARTS,
        ("average precision", "average_precision", None),
        ("found", "found", None),
        ("right", "right", None),
    ),
    Benchmark(
        "tellings",
        "",
        ("-m", "bench.tellings", "--json"),
        (
            ("nearest tells the same", "nearest", None),
            ("average precision of pairs", "average_precision", None),
            ("ways right", "ways", None),
        ),
    ),
    Benchmark(
        "nights",
        "",
        ("-m", "bench.fortnight", "--json", "--kills", os.environ.get("CLAIMS_BENCH_KILLS", "50")),
        (
            ("told right, folder", "folder", 1.0),
            ("told right, fetched", "fetched", 1.0),
            ("killed runs made good", "kills", 1.0),
        ),
    ),
    _dev(
        "measeval",
        (
            ("overlap F1", "metrics/quantity overlap/f1", 0.75),
            ("exact F1", "metrics/quantity exact/f1", 0.60),
            ("unit F1", "metrics/unit/f1", 0.80),
        ),
    ),
    _dev(
        "newsquant",
        (
            ("value F1", "metrics/value/f1", 0.90),
            ("value and unit F1", "metrics/value+unit/f1", 0.80),
            # The corpus does not count calendar years as quantities; the record format does.
            ("value F1, no years", "without year/metrics/value/f1", 0.90),
            ("value and unit, no years", "without year/metrics/value+unit/f1", 0.80),
        ),
        without_class="year",
    ),
    _dev(
        "pico",
        (
            ("percent detection F1", "metrics/percent detection/f1", 0.93),
            ("role accuracy", "metrics/percent role accuracy/value", 0.88),
            ("percent labelled F1", "metrics/percent labelled/f1", 0.80),
            ("study size F1", "metrics/sample size/f1", 0.93),
        ),
        part="check",
        calibrated=True,
    ),
    _dev(
        "rctart",
        (("measure F1", "metrics/measure/f1", None), ("tuple relaxed F1", "metrics/tuple relaxed/f1", 0.72)),
        part="check",
    ),
    _strength("strength pubmed", "strength", "pubmed", "pubmed", 0.75),
    _strength("strength press", "strength", "eureka", "eureka", 0.68),
    _strength("strength pairs", "pairs", "insciout_sentences", "insciout_pairs", 0.54),
)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help=f"which of {', '.join(b.name for b in BENCHMARKS)}; default all")
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared", help="folder that holds the benchmarks")
    parser.add_argument("--keep", type=Path, help="keep the extracted results in this folder")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--doc", type=Path, help="also write the table into this Markdown file, between its markers")
    parser.add_argument("--raise-floors", action="store_true", help="raise the floors to what is measured")
    parser.add_argument(
        "--lower-floors", action="store_true", help="set the floors to what is measured, also where it is less"
    )
    parser.add_argument("--jobs", type=int, default=2, help="how many are measured at a time, one process each")
    options = parser.parse_args(arguments)
    unknown = set(options.names) - {b.name for b in BENCHMARKS}
    if unknown:
        parser.error(f"no benchmark named {', '.join(sorted(unknown))}")
    if not options.shared.is_dir():
        print(f"bench: no benchmarks in {options.shared}; nothing was measured")
        return 0
    chosen = [b for b in BENCHMARKS if not options.names or b.name in options.names]
    with tempfile.TemporaryDirectory() as temporary, ThreadPoolExecutor(options.jobs) as pool:
        folder: Path = options.keep or Path(temporary)
        measured = pool.map(lambda b: measure(b, options.shared, folder / b.name), chosen)
        results = dict(zip((b.name for b in chosen), measured, strict=True))
    figures = figures_of(chosen, results)
    floors: dict[str, float] = json.loads(FLOORS.read_text("utf-8"))
    if options.raise_floors or options.lower_floors:
        write_floors(figures, floors, options.lower_floors)
    lines = table(chosen, figures, floors)
    bands = next((r[_CONFIDENCE] for r in results.values() if _CONFIDENCE in r), None)
    shown = [] if bands is None else calibration.table(bands)
    print("\n".join([*lines, *([""] if shown else []), *shown]))
    if options.json:
        options.json.write_text(json.dumps(results, indent=2, sort_keys=True) + "\n", "utf-8")
    if options.doc:
        write_table(options.doc, FIGURES, lines)
        if shown:
            write_table(options.doc, BANDS, shown)
    problems = below(figures, floors)
    for problem in problems:
        print(f"bench: {problem}", file=sys.stderr)
    return 1 if problems else 0


def measure(benchmark: Benchmark, shared: Path, out: Path) -> dict[str, Any]:
    """Extracts and scores ``benchmark``; returns the scorer's JSON, its last line of output."""
    print(f"bench: {benchmark.name} ...", file=sys.stderr)
    if not benchmark.raw:
        own = [sys.executable, *benchmark.scorer]
        scored = subprocess.run(own, cwd=ROOT, check=True, capture_output=True, text=True)
        figures: dict[str, Any] = json.loads(scored.stdout.strip().splitlines()[-1])
        return figures
    raw = shared / benchmark.raw
    if raw.is_file():
        folder = out.with_name(f"{out.name} raw")
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(raw, folder)
        raw = folder
    done = command("extract", raw, "-o", out, "--quiet", "--workers", "1")
    if done.code not in (0, 3):
        raise SystemExit(f"bench: extraction of {benchmark.name} ended with code {done.code}: {done.err}")
    if benchmark.reconciled:
        done = command("reconcile", out, "--quiet")
        if done.code:
            raise SystemExit(f"bench: comparing {benchmark.name} ended with code {done.code}: {done.err}")
    result = score(benchmark, shared, out)
    if benchmark.without_class is not None:
        with tempfile.TemporaryDirectory() as temporary:
            fewer = Path(shutil.copytree(out, Path(temporary) / "fewer", ignore=shutil.ignore_patterns(".work")))
            lines = (out / "quantities.jsonl").read_bytes().splitlines(keepends=True)
            kept = [line for line in lines if json.loads(line)["class"] != benchmark.without_class]
            (fewer / "quantities.jsonl").write_bytes(b"".join(kept))
            result[f"without {benchmark.without_class}"] = score(benchmark, shared, fewer)
    if benchmark.calibrated is not None:
        data, part = benchmark.calibrated
        scorer = shared / benchmark.scorer[0]
        result[_CONFIDENCE] = calibration.calibration(scorer, shared / data, out, part)
    return result


def score(benchmark: Benchmark, shared: Path, out: Path) -> dict[str, Any]:
    """What the scorer says of the results in ``out``: the JSON in its last line of output."""
    if benchmark.predictor:
        predictor = [sys.executable, *(part.format(out=out) for part in benchmark.predictor)]
        predicted = subprocess.run(predictor, cwd=shared, check=True, capture_output=True)
        (out / "predictions.jsonl").write_bytes(predicted.stdout)
    script, *rest = benchmark.scorer
    scorer = [sys.executable, script, *(part.format(out=out) for part in rest)]
    scored = subprocess.run(scorer, cwd=shared, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(scored.stdout.strip().splitlines()[-1])
    return result


def figures_of(benchmarks: list[Benchmark], results: dict[str, dict[str, Any]]) -> dict[str, float | None]:
    """``benchmark: figure`` to what was measured."""
    found: dict[str, float | None] = {}
    for benchmark in benchmarks:
        for label, path, _ in benchmark.figures:
            value: Any = results[benchmark.name]
            for step in path.split("/"):
                value = value.get(step) if isinstance(value, dict) else None
            found[f"{benchmark.name}: {label}"] = None if value is None else round(float(value), 4)
    return found


def table(benchmarks: list[Benchmark], figures: dict[str, float | None], floors: dict[str, float]) -> list[str]:
    """The figures as a Markdown table."""
    lines = ["| benchmark | figure | measured | to reach | floor |", "| --- | --- | --- | --- | --- |"]
    for benchmark in benchmarks:
        for label, _, goal in benchmark.figures:
            name = f"{benchmark.name}: {label}"
            cells = [figures[name], goal, floors.get(name)]
            shown = ["" if cell is None else f"{cell:.3f}" for cell in cells]
            lines.append(f"| {benchmark.name} | {label} | {' | '.join(shown)} |")
    return lines


def below(figures: dict[str, float | None], floors: dict[str, float]) -> list[str]:
    """The figures that fell under their floor."""
    return [
        f"{name}: {figures[name]} is below its floor {floor}"
        for name, floor in floors.items()
        if name in figures and (figures[name] or 0.0) < floor
    ]


def write_floors(figures: dict[str, float | None], floors: dict[str, float], lower: bool) -> None:
    """Raises each floor to just under what was measured; lowers one only if told to."""
    for name, figure in figures.items():
        if figure is not None:
            reached = int(figure * 1000 - 2) / 1000  # a margin for libraries that differ in the last digits
            floors[name] = reached if lower else max(reached, floors.get(name, 0.0))
    FLOORS.write_text(json.dumps(floors, indent=2, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
