"""``python -m pipeline.train``: trains the model that ships. Stopped, it goes on where it was when it is run again."""

from __future__ import annotations

import logging
from pathlib import Path

import click

from pipeline.train.options import FOLDER, ROOT, base_option, shared_option, work_option


@click.command()
@shared_option("corpora/ with the treebanks")
@base_option
@work_option("train", "checkpoints and the log")
@click.option(
    "--out",
    type=FOLDER,
    default=ROOT / "pipeline/language/weights",
    help="Folder that gets the files that ship.",
)
@click.option("--threads", type=click.IntRange(min=1), default=2, help="Processor threads.")
@click.option("--folds", is_flag=True, help="Train nothing that ships: measure the entities of RCT-ART in five folds.")
def main(shared: Path, base: Path, work: Path, out: Path, threads: int, folds: bool) -> None:
    """Train the language model and write its files."""
    try:
        import torch

        from pipeline.train.recipe import measure_folds, train
    except ImportError as error:
        raise click.ClickException(f"{error}; install the extra: pip install 'claims-pipeline[train]'") from error
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(threads)
    if folds:
        figures = measure_folds(shared, base, work)
        click.echo(f"F {sum(figures) / len(figures):.1f} ({', '.join(f'{figure:.1f}' for figure in figures)})")
    else:
        train(shared, base, work, out)


if __name__ == "__main__":
    main()
