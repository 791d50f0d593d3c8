"""The command `keras-examples`: arguments and messages, nothing else."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NoReturn

from keras_examples.cli import predict
from keras_examples.core import LANGUAGES, InputError, RunError, catalogue, console
from keras_examples.runner import Run, run
from keras_examples.runner.distributed import cluster
from keras_examples.runner.options import (
    LARGEST_COUNT,
    LARGEST_SEED,
    SOURCES,
    STRATEGIES,
    Options,
    whole_number,
)

INTERRUPTED = 130  # what shells expect of a program that Ctrl-C ended


class _Parser(argparse.ArgumentParser):
    """Reports a mistake in one line, without repeating the usage."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message} (see `{self.prog} --help`)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command.

    Args:
        arguments: The words after the command; `sys.argv`'s by default.

    Returns:
        The exit code: 0, or 2 for input that cannot be used, 1 for a run that broke, 130 after
        Ctrl-C.
    """
    console.release()
    try:
        options = vars(_parser().parse_args(arguments))
        command = options.pop("command")
        code = int(command(**options))
        sys.stdout.flush()  # here, where what goes wrong with it can still be told
    except (InputError, RunError) as error:
        print(f"keras-examples: error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print(
            "keras-examples: interrupted; no results of what was in progress were saved.",
            file=sys.stderr,
        )
        return INTERRUPTED
    except BrokenPipeError:  # `keras-examples list | head`: the reader has seen enough
        _drop_output()
        return 0
    except OSError as error:
        _drop_output()
        print(f"keras-examples: error: {error}.", file=sys.stderr)
        return RunError.exit_code
    return code


def run_example(name: str) -> int:
    """Runs one example with the options on the command line: what its module does as a script."""
    return main(["run", name, *sys.argv[1:]])


def _drop_output() -> None:
    # Python would try to write what is left when it ends, and complain.
    with suppress(OSError):  # not every stdout is a file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="keras-examples",
        description="Trains the networks of five Chinese deep-learning articles, and saves "
        "their plots.",
        epilog="Start with `keras-examples run sine-rnn`: it takes a few seconds. "
        "`keras-examples run --help` explains the options.",
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)
    listing = commands.add_parser("list", help="show the examples")
    listing.set_defaults(command=_list)
    _add_run(commands)
    _add_compare(commands)
    _add_notebook(commands)
    predict.add_predict(commands)
    predict.add_forecast(commands)
    gallery = commands.add_parser(
        "gallery",
        help="write a page of all figures",
        description="Writes README.md into the plots folder: each figure of the runs that were "
        "recorded, with its metrics, its seed and the command that made it.",
    )
    _add_folders(gallery)
    gallery.set_defaults(command=_gallery)
    _add_demo(commands)
    return parser


def _add_run(commands: Any) -> None:
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
    _add_training(parser)
    parser.add_argument(
        "--seed",
        type=_seed,
        default=0,
        metavar="N",
        help="fixes everything random: the same seed gives the same result (default: 0)",
    )
    _add_data(parser)
    parser.add_argument(
        "--fast",
        action="store_true",
        help="train by the example's recipe for speed, if it has one, instead of the article's",
    )
    parser.add_argument(
        "--plain",
        action="store_true",
        help="train by Keras's fit on arrays, as the articles' scripts do: slower, for comparison",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on with a run that was cut off, from its last complete epoch; a complete one is "
        "left as it is",
    )
    parser.add_argument(
        "--strategy",
        choices=STRATEGIES,
        help="share each batch among all devices of this machine, or among the machines in the "
        "environment variable TF_CONFIG, each of which runs the same command (default: one device)",
    )
    parser.add_argument(
        "--hyperparameters",
        type=_assignments,
        default={},
        metavar="NAME=VALUE,…",
        help="change numbers of the network, such as learning_rate=0.01,units=64 (default: as in "
        "the article)",
    )
    _add_folders(parser)
    parser.set_defaults(command=_run)


def _add_training(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--epochs",
        type=_at_least_one,
        metavar="N",
        help="how often to go over the training data (default: as in the article)",
    )
    parser.add_argument(
        "--batch-size",
        type=_at_least_one,
        metavar="N",
        help="how many samples a training step looks at (default: as in the article)",
    )
    parser.add_argument(
        "--rescale",
        action="store_true",
        help="divide pixels by 255 first, which the articles do not (`all` leaves examples without "
        "pixels as they are)",
    )
    _add_lang(parser)


def _add_lang(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--lang",
        choices=LANGUAGES,
        default="en",
        help="language of the figures: English or Chinese (default: en)",
    )


def _add_compare(commands: Any) -> None:
    parser = commands.add_parser(
        "compare",
        help="train an example with several settings and seeds, and compare",
        description="Trains every combination of the values given by --vary, each with several "
        "seeds, in processes side by side. Saves one figure with the mean and the spread of every "
        "metric to the plots folder, and a table (compare.md), all numbers (compare.csv) and a "
        "record (compare.json) to a folder of its own in the runs folder. Ctrl-C stops and saves "
        "the runs that have ended.",
    )
    parser.add_argument("name", metavar="NAME", help="an example (see `keras-examples list`)")
    parser.add_argument(
        "--vary",
        type=_values,
        action="append",
        required=True,
        metavar="NAME=VALUE,…",
        help="values to try of a number of the network, such as learning_rate=1e-4,1e-3,1e-2, or "
        "of epochs, batch_size or rescale; more than once for combinations",
    )
    parser.add_argument(
        "--seeds",
        type=_at_least_one,
        default=3,
        metavar="N",
        help="how many seeds, from 0, to train each combination with (default: 3)",
    )
    parser.add_argument(
        "--jobs",
        type=_at_least_one,
        metavar="N",
        help="how many to train at a time (default: as many as there are cores; one with a GPU)",
    )
    parser.add_argument(
        "--tensorboard",
        metavar="DIR",
        help="write TensorBoard's logs of each run there "
        "(needs `pip install 'keras-examples[tensorboard]'`)",
    )
    _add_training(parser)
    _add_data(parser)
    _add_folders(parser)
    parser.set_defaults(command=_compare)


def _add_notebook(commands: Any) -> None:
    parser = commands.add_parser(
        "notebook",
        help="write a Jupyter notebook of an example",
        description="Writes a notebook made from the example's own module: its text, its "
        "functions, its training and its figures. It runs from top to bottom in Colab or Jupyter. "
        "Needs `pip install 'keras-examples[notebook]'`.",
    )
    parser.add_argument("name", metavar="NAME", help="an example (see `keras-examples list`)")
    parser.add_argument(
        "--output",
        metavar="FILE",
        help="where to write it (default: notebooks/NAME.ipynb, or NAME.zh-CN.ipynb in Chinese)",
    )
    parser.add_argument(
        "--execute", action="store_true", help="run it first, and write it with its results"
    )
    _add_lang(parser)
    parser.set_defaults(command=_notebook)


def _add_demo(commands: Any) -> None:
    parser = commands.add_parser(
        "demo",
        help="try the trained networks in the browser",
        description="Opens a page in the browser to draw digits, pick garments and shape sines, "
        "and see what the trained networks make of them; it offers to train those that are "
        "missing. Needs Gradio: `pip install 'keras-examples[demo]'`. Ctrl-C ends it.",
    )
    parser.add_argument(
        "--port", type=_port, metavar="N", help="the port (default: the first free one from 7860)"
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="H",
        help="the address to listen on (default: 127.0.0.1, which only this machine reaches)",
    )
    parser.add_argument(
        "--lang", choices=LANGUAGES, default="en", help="language that the page starts in"
    )
    parser.add_argument(
        "--no-browser", dest="browser", action="store_false", help="do not open the browser"
    )
    _add_data(parser)
    _add_folders(parser)
    parser.set_defaults(command=_demo)


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        choices=SOURCES,
        default="auto",
        help="real: the real data or an error; stand-in: images drawn by code, for a quick try; "
        "auto: real if it can be had, else stand-in (default)",
    )
    parser.add_argument(
        "--data-dir",
        metavar="DIR",
        help="folder with mnist/ and fashion-mnist/ and their files in it "
        "(default: $KERAS_EXAMPLES_DATA, then the cache, then a download)",
    )


def _add_folders(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--plots", default="plots", metavar="DIR", help="folder for figures (default: plots)"
    )
    parser.add_argument(
        "--runs", default="runs", metavar="DIR", help="folder for all else (default: runs)"
    )


def _at_least_one(text: str) -> int:
    return _number(text, 1, LARGEST_COUNT)


def _port(text: str) -> int:
    return _number(text, 1, 65535)


def _seed(text: str) -> int:
    return _number(text, 0, LARGEST_SEED)


def _assignments(text: str) -> dict[str, str]:
    found = {}
    for word in text.split(","):
        name, equals, value = word.partition("=")
        if not (name and equals and value):
            raise argparse.ArgumentTypeError(f"got {word!r}, expected NAME=VALUE")
        found[name.strip().replace("-", "_")] = value.strip()
    return found


def _values(text: str) -> tuple[str, list[str]]:
    name, _, values = text.partition("=")
    found = [value.strip() for value in values.split(",")]
    if not name or not all(found):
        raise argparse.ArgumentTypeError(f"got {text!r}, expected NAME=VALUE,VALUE,…")
    return name.strip().replace("-", "_"), found


def _number(text: str, least: int, most: int) -> int:
    try:
        return whole_number("", text, least, most)
    except InputError as error:
        raise argparse.ArgumentTypeError(str(error).removeprefix(": ").rstrip(".")) from None


def _list() -> int:
    width = max(map(len, catalogue.names()))
    for (english, chinese), names in catalogue.chapters():
        print(f"{english} · {chinese}")
        for name in names:
            print(f"  {name:{width}}  {catalogue.summary(name)}")
    return 0


def _run(names: list[str], **options: Any) -> int:
    chosen = [catalogue.resolve(name) for name in names if name != "all"]
    everything = "all" in names
    if everything:
        chosen = catalogue.names()
    plans = dict.fromkeys(chosen, options)
    if len(plans) > 1:  # what is wrong with the last is not to be found out after the first
        plans = {name: _plan(name, options, leave_out=everything) for name in chosen}
    for name, plan in plans.items():
        if plan["strategy"] != options["strategy"] and _assists():
            continue  # an example without training, which the chief draws alone
        done = run(name, **plan)
        if done.is_chief:
            _summarise(done)
        if done.status == "interrupted":
            if not done.is_chief:
                return INTERRUPTED
            if not plan["plain"]:
                print(f"{name}: interrupted; the same with --resume goes on.", file=sys.stderr)
            return INTERRUPTED
    return 0


def _assists() -> bool:
    """Returns whether another machine than this one saves what comes of training together."""
    return bool(os.environ.get("TF_CONFIG")) and not cluster.read_tf_config().is_chief


def _plan(name: str, options: dict[str, Any], *, leave_out: bool) -> dict[str, Any]:
    """Returns the options for one of several examples, checked.

    Args:
        name: The example.
        options: What was asked of all.
        leave_out: Whether to leave out what the example has no use for, instead of an error.
    """
    with console.quiet():  # this imports Keras
        example = catalogue.load(name)
    asked, default = Options(**options), Options()
    if not leave_out:
        asked.check_example(example)
    return {**options, **{option: getattr(default, option) for option in asked.unusable(example)}}


def _summarise(done: Run) -> None:
    metrics = "  ".join(f"{name} {value:.4g}" for name, value in done.metrics.items())
    seconds = done.record["seconds"]["total"]
    print(f"{done.name}: {done.status} in {seconds:.1f} s  {metrics}")
    source = done.record["data"]["source"]
    print(f"  data     {done.record['data']['name']} ({source})")
    for figure in done.figures:
        print(f"  figure   {figure}")
    files = ("history.csv", "model.keras", "run.json")
    saved = [str(done.folder / file) for file in files if (done.folder / file).exists()]
    print(f"  saved    {', '.join(saved)}", flush=True)


def _compare(name: str, vary: list[tuple[str, list[str]]], **options: Any) -> int:
    from keras_examples.compare import compare

    done = compare(name, dict(vary), **options)
    print(done.table)
    print(f"saved: {', '.join(map(str, done.files))}", flush=True)
    return INTERRUPTED if done.status == "interrupted" else 0


def _notebook(name: str, **options: Any) -> int:
    from keras_examples.notebook import write

    print(f"written: {write(name, **options)}")
    return 0


def _gallery(plots: str, runs: str) -> int:
    from keras_examples.gallery import write

    print(f"written: {write(plots, runs)}")
    return 0


def _demo(**options: Any) -> int:
    from keras_examples.demo import serve

    return serve(**options)


if __name__ == "__main__":
    raise SystemExit(main())
