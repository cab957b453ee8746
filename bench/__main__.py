"""``make bench``: extract each benchmark's texts with the shipped rules, score them, print one table.

The benchmarks and their scorers are no part of the project; they are looked for in ``../shared`` or where ``--shared`` says.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Benchmark:
    """One scorer over one raw folder; paths are relative to the shared folder, ``{out}`` stands for the results folder."""

    name: str
    raw: str
    scorer: tuple[str, ...]
    figures: tuple[tuple[str, str, float | None], ...]
    """``(label, path into the scorer's JSON, figure to reach)``; the path's steps are set apart by ``/``."""


def _dev(name: str, figures: tuple[tuple[str, str, float | None], ...]) -> Benchmark:
    data = f"bench/data/{name}/dev"
    return Benchmark(name, f"{data}/raw", ("bench/score.py", name, "--extracted", "{out}", "--data", data), figures)


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
            ("groups together", "groups_together", None),
            ("timepoint", "timepoint", None),
            ("sample size", "sample_size", None),
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
    _dev("newsquant", (("value F1", "metrics/value/f1", 0.90), ("value and unit F1", "metrics/value+unit/f1", 0.80))),
    _dev(
        "pico",
        (
            ("percent detection F1", "metrics/percent detection/f1", None),
            ("percent labelled F1", "metrics/percent labelled/f1", None),
            ("study size F1", "metrics/sample size/f1", None),
        ),
    ),
    _dev(
        "rctart", (("measure F1", "metrics/measure/f1", None), ("tuple relaxed F1", "metrics/tuple relaxed/f1", None))
    ),
)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help=f"which of {', '.join(b.name for b in BENCHMARKS)}; default all")
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared", help="folder that holds the benchmarks")
    parser.add_argument("--keep", type=Path, help="keep the extracted results in this folder")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args(arguments)
    unknown = set(options.names) - {b.name for b in BENCHMARKS}
    if unknown:
        parser.error(f"no benchmark named {', '.join(sorted(unknown))}")
    if not options.shared.is_dir():
        print(f"bench: no benchmarks in {options.shared}; nothing was measured")
        return 0
    chosen = [b for b in BENCHMARKS if not options.names or b.name in options.names]
    with tempfile.TemporaryDirectory() as temporary:
        results = {b.name: measure(b, options.shared, (options.keep or Path(temporary)) / b.name) for b in chosen}
    print_table(chosen, results)
    if options.json:
        options.json.write_text(json.dumps(results, indent=2, sort_keys=True) + "\n", "utf-8")
    return 0


def measure(benchmark: Benchmark, shared: Path, out: Path) -> dict[str, Any]:
    """Extracts and scores ``benchmark``; returns the scorer's JSON, its last line of output."""
    print(f"bench: {benchmark.name} ...", file=sys.stderr)
    claims = [
        sys.executable,
        "-m",
        "pipeline.cli",
        "extract",
        str(shared / benchmark.raw),
        "-o",
        str(out),
        "--quiet",
        "--workers",
        "2",
    ]
    done = subprocess.run(claims, cwd=ROOT, check=False)
    if done.returncode not in (0, 3):
        raise SystemExit(f"bench: extraction of {benchmark.name} ended with code {done.returncode}")
    script, *rest = benchmark.scorer
    scorer = [sys.executable, script, *(part.format(out=out) for part in rest)]
    scored = subprocess.run(scorer, cwd=shared, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(scored.stdout.strip().splitlines()[-1])
    return result


def print_table(benchmarks: list[Benchmark], results: dict[str, dict[str, Any]]) -> None:
    print(f"{'benchmark':12} {'figure':24} {'measured':>9} {'to reach':>9}")
    for benchmark in benchmarks:
        for label, path, goal in benchmark.figures:
            value: Any = results[benchmark.name]
            for step in path.split("/"):
                value = value.get(step) if isinstance(value, dict) else None
            shown = "-" if value is None else f"{value:.3f}"
            print(f"{benchmark.name:12} {label:24} {shown:>9} {'' if goal is None else f'{goal:.3f}':>9}")


if __name__ == "__main__":
    sys.exit(main())
