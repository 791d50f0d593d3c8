"""The command `keras-examples run`."""

from __future__ import annotations

import os
from typing import Any

from keras_examples.cli.arguments import add_options
from keras_examples.core import catalogue
from keras_examples.core.console import announce
from keras_examples.core.signals import INTERRUPTED
from keras_examples.runner import Run, run
from keras_examples.runner.options import Options


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
    add_options(parser, Options)
    parser.set_defaults(command=run_examples)


def run_examples(names: list[str], **options: Any) -> int:
    """Runs examples one after the other; returns the exit code."""
    chosen = [catalogue.resolve(name) for name in names if name != "all"]
    everything = "all" in names
    if everything:
        chosen = catalogue.names()
    plans = dict.fromkeys(chosen, options)
    if len(plans) > 1:  # a mistake in the options of the last must show before the first is trained
        plans = {name: _plan(name, options, leave_out=everything) for name in chosen}
    for name, plan in plans.items():
        if plan["strategy"] != options["strategy"] and _follows():
            continue  # an example without training: the chief alone draws it
        done = run(name, **plan)
        if done.is_chief:
            _summarise(done)
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


def _plan(name: str, options: dict[str, Any], *, leave_out: bool) -> dict[str, Any]:
    """Returns the options for one of several examples, checked.

    Args:
        name: The example.
        options: The options for all of them.
        leave_out: Whether to drop options that the example has no use for, instead of an error.
    """
    example = catalogue.load(name)
    common, default = Options(**options), Options()
    if not leave_out:
        common.check_example(example)
    return {**options, **{option: getattr(default, option) for option in common.unusable(example)}}


def _summarise(done: Run) -> None:
    metrics = "  ".join(f"{name} {value:.4g}" for name, value in done.metrics.items())
    seconds = done.record["seconds"]["total"]
    print(f"{done.name}: {done.status} in {seconds:.1f} s  {metrics}")
    print(f"  data     {done.record['data']['name']} ({done.record['data']['source']})")
    for figure in done.figures:
        print(f"  figure   {figure}")
    files = ("history.csv", "model.keras", "run.json")
    saved = [str(done.folder / file) for file in files if (done.folder / file).exists()]
    print(f"  saved    {', '.join(saved)}", flush=True)
