"""The command `keras-examples run`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keras_examples.cli.arguments import add_options
from keras_examples.cli.side_by_side import SideBySide
from keras_examples.core import catalogue
from keras_examples.core.console import announce
from keras_examples.core.machine import count_cores
from keras_examples.core.options import option
from keras_examples.core.signals import INTERRUPTED
from keras_examples.core.threads import prepare
from keras_examples.datasets.sharing import sharing
from keras_examples.runner import run
from keras_examples.runner.options import Options


@dataclass(frozen=True, kw_only=True)
class RunOptions(Options):
    """What the command takes."""

    jobs: int | None = option(
        None,
        "Number of examples to train side by side, if there are several, the longest first. If one "
        "fails, those in training are completed, and no other is started (default: one per core; "
        "with a GPU or --strategy, one).",
        least=1,
        repeat=False,
    )


def add(commands: Any) -> None:
    """Adds the command to the parser's commands."""
    parser = commands.add_parser(
        "run",
        help="train examples and save their figures, record and model",
        description="Trains each example on its data and saves its figures to the plots folder, "
        "and its history.csv, model.keras and run.json to a folder of its own in the runs folder. "
        "Without options everything is as in the article. Ctrl-C stops after the current epoch and "
        "saves what there is.",
    )
    parser.add_argument(
        "names", nargs="+", metavar="NAME", help="an example (see `keras-examples list`), or: all"
    )
    add_options(parser, RunOptions)
    parser.set_defaults(command=run_examples)


def run_examples(names: list[str], jobs: int | None, **options: Any) -> int:
    """Runs examples; returns the exit code."""
    if options["strategy"] is None:
        prepare()
    chosen = list(dict.fromkeys(catalogue.resolve(name) for name in names if name != "all"))
    everything = "all" in names
    if everything:
        chosen = catalogue.names()
    if len(chosen) == 1:
        return _one_by_one({chosen[0]: options}, options)
    if options["strategy"] is None and (jobs or count_cores()) > 1:
        both = SideBySide(chosen, options, leave_out=everything, summarise=_summarise)
        return both.run(jobs)
    # A mistake in the options of the last must show before the first is trained.
    from keras_examples.runner.planning import plan

    plans = plan(chosen, Options(**options), leave_out=everything)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, sharing(Path(folder)):
        return _one_by_one({name: plans[name] for name in chosen}, options)


def _one_by_one(plans: Mapping[str, dict[str, Any]], options: Mapping[str, Any]) -> int:
    for name, plan in plans.items():
        if plan["strategy"] != options["strategy"] and _follows():
            continue  # an example without training: the chief alone draws it
        done = run(name, **plan)
        if done.is_chief:
            _summarise(done.record, done.folder, done.figures)
        if done.status == "interrupted":
            if done.is_chief and not plan["plain"]:
                announce(f"{name}: interrupted; run it again with --resume to continue.")
            return INTERRUPTED
    return 0


def _follows() -> bool:
    """Returns whether another machine, the chief, saves the results of training together."""
    if not os.environ.get("TF_CONFIG"):
        return False
    from keras_examples.runner.distributed.cluster import read_tf_config

    return not read_tf_config().is_chief


def _summarise(record: Mapping[str, Any], folder: Path, figures: Sequence[Path]) -> None:
    metrics = "  ".join(f"{name} {value:.4g}" for name, value in record["metrics"].items())
    seconds = record["seconds"]["total"]
    print(f"{record['example']}: {record['status']} in {seconds:.1f} s  {metrics}")
    print(f"  data     {record['data']['name']} ({record['data']['source']})")
    for figure in figures:
        print(f"  figure   {figure}")
    files = ("history.csv", "model.keras", "run.json")
    saved = [str(folder / file) for file in files if (folder / file).exists()]
    print(f"  saved    {', '.join(saved)}", flush=True)
