"""The command `keras-examples`: arguments and messages, nothing else."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from keras_examples import __version__
from keras_examples.cli import predict, run, verify
from keras_examples.cli.arguments import (
    Parser,
    PrintCompletion,
    add_example,
    add_force,
    add_options,
    reading,
)
from keras_examples.core import InputError, RunError, catalogue, console
from keras_examples.core.options import Option
from keras_examples.core.signals import INTERRUPTED, Ending
from keras_examples.runner.options import TrainingOptions


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command.

    Args:
        arguments: The words after the command; `sys.argv`'s by default.

    Returns:
        The exit code: 0 for success, 1 for a run that failed, 2 for input that cannot be used, 130
        after Ctrl-C, 143 after SIGTERM and 129 after SIGHUP.
    """
    console.release_stderr()
    with Ending() as ending, console.usable_streams():
        return ending.exit_code(_report(arguments, ending))


def _report(arguments: Sequence[str] | None, ending: Ending) -> int:
    """Executes a command, and reports in one line what stands in its way; returns the exit code."""
    try:
        return _execute(arguments)
    except (InputError, RunError) as error:
        console.announce_error(error)
        return error.exit_code
    except KeyboardInterrupt:
        console.announce("keras-examples: interrupted; no results of the current run were saved.")
        return INTERRUPTED
    except OSError as error:
        if console.is_closed_pipe(error) or ending.lost_terminal(error):
            return 0
        console.announce(f"keras-examples: error: {error}.")
        return RunError.exit_code


def _execute(arguments: Sequence[str] | None) -> int:
    try:
        options = vars(make_parser().parse_args(arguments))
        command = options.pop("command")
        return int(command(**options))
    finally:  # `--help` ends the process
        sys.stdout.flush()  # here, where an error of it can still be reported


def make_parser() -> argparse.ArgumentParser:
    """Returns the parser of the whole command line."""
    parser = Parser(
        prog="keras-examples",
        description="Trains the networks of five Chinese deep-learning articles, and saves "
        "their figures.",
        epilog="Start with `keras-examples run sine-rnn`: it takes a few seconds. "
        "`keras-examples run --help` explains the options.",
    )
    parser.add_argument(
        "--print-completion",
        action=PrintCompletion,
        choices=("bash", "zsh", "tcsh"),
        default=argparse.SUPPRESS,
        help="print a script that makes the shell complete this command",
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"keras-examples {__version__}",
        help="print the version",
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)
    listing = commands.add_parser("list", help="show the examples")
    listing.set_defaults(command=_list)
    run.add(commands)
    verify.add(commands)
    _add_compare(commands)
    _add_notebook(commands)
    predict.add_predict(commands)
    predict.add_forecast(commands)
    _add_gallery(commands)
    _add_demo(commands)
    return parser


def _add_compare(commands: Any) -> None:
    from keras_examples.compare import CompareOptions

    parser = commands.add_parser(
        "compare",
        help="train an example with several settings and seeds, and compare",
        description="Trains every combination of the values given by --vary, each with several "
        "seeds, in processes side by side. Saves one figure with the mean and the spread of every "
        "metric to the plots folder, and a table (compare.md), all numbers (compare.csv) and a "
        "record (compare.json) to a folder of its own in the runs folder. Ctrl-C stops and saves "
        "the runs that have finished.",
    )
    add_example(parser)
    parser.add_argument(
        "--vary",
        type=_values,
        action="append",
        required=True,
        metavar="NAME=VALUE,…",
        help="values to try for a hyperparameter, such as learning_rate=1e-4,1e-3,1e-2, or for "
        "epochs, batch_size or rescale; repeat it for all combinations",
    )
    add_options(parser, CompareOptions)
    parser.set_defaults(command=_compare)


def _values(text: str) -> tuple[str, list[str]]:
    name, _, values = text.partition("=")
    stripped = [value.strip() for value in values.split(",")]
    if "=" in values:
        raise argparse.ArgumentTypeError(
            f"got {text!r}, expected NAME=VALUE,VALUE,… with the name once; write --vary again for "
            "another name"
        )
    if not name or not all(stripped):
        raise argparse.ArgumentTypeError(f"got {text!r}, expected NAME=VALUE,VALUE,…")
    return name.strip().replace("-", "_"), stripped


def _add_notebook(commands: Any) -> None:
    parser = commands.add_parser(
        "notebook",
        help="write a Jupyter notebook of an example",
        description="Writes a notebook made from the example's own module: its text, its "
        "functions, its training and its figures. It runs from top to bottom in Colab or Jupyter. "
        'Needs `pip install "keras-examples[notebook]"`.',
    )
    add_example(parser)
    parser.add_argument(
        "--output",
        metavar="FILE",
        help="where to write it (default: notebooks/NAME.ipynb, or NAME.zh-CN.ipynb in Chinese)",
    )
    parser.add_argument(
        "--execute", action="store_true", help="run it, and write it with its outputs"
    )
    add_options(parser, TrainingOptions, only=["lang"])
    add_force(parser, "file")
    parser.set_defaults(command=_notebook)


def _add_gallery(commands: Any) -> None:
    parser = commands.add_parser(
        "gallery",
        help="write a page of all figures",
        description="Writes README.md to the plots folder: each figure of the recorded runs, with "
        "its metrics, its seed and the command that made it.",
    )
    add_options(parser, TrainingOptions, only=["plots", "runs"])
    add_force(parser, "README.md")
    parser.set_defaults(command=_gallery)


def _add_demo(commands: Any) -> None:
    parser = commands.add_parser(
        "demo",
        help="try the trained networks in the browser",
        description="Opens a page in the browser to draw digits, pick garments and shape sines, "
        "and see what the trained networks make of them; it offers to train those that are "
        'missing. Needs Gradio: `pip install "keras-examples[demo]"`. Ctrl-C ends it.',
    )
    port = Option(help="The port (default: the first free one from 7860).", least=1, most=65535)
    parser.add_argument("--port", type=reading(port), metavar="N", help=port.help)
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="H",
        help="the address to listen on (default: 127.0.0.1, which only this machine can reach)",
    )
    parser.add_argument(
        "--no-browser", dest="browser", action="store_false", help="do not open the browser"
    )
    add_options(parser, TrainingOptions, only=["data", "data_dir", "lang", "plots", "runs"])
    parser.set_defaults(command=_demo)


def _list() -> int:
    width = max(map(len, catalogue.names()))
    for title, names in catalogue.chapters():
        print(f"{title['en']} · {title['zh']}")
        for name in names:
            print(f"  {name:{width}}  {catalogue.summary(name)}")
    return 0


def _compare(name: str, vary: list[tuple[str, list[str]]], **options: Any) -> int:
    from keras_examples.compare import compare

    values: dict[str, list[str]] = {}
    for varied, some in vary:
        if varied in values:
            every = ",".join(values[varied] + some)
            raise InputError(f"--vary {varied} is given twice; write --vary {varied}={every}.")
        values[varied] = some
    comparison = compare(name, values, **options)
    print(comparison.table)
    print(f"saved: {', '.join(map(str, comparison.files))}", flush=True)
    return INTERRUPTED if comparison.status == "interrupted" else 0


def _notebook(name: str, **options: Any) -> int:
    from keras_examples.notebook import write

    print(f"written: {write(name, **options)}")
    return 0


def _gallery(plots: str, runs: str, *, force: bool) -> int:
    from keras_examples.gallery import write

    print(f"written: {write(plots, runs, force=force)}")
    return 0


def _demo(**options: Any) -> int:
    from keras_examples.demo import serve

    return serve(**options)


if __name__ == "__main__":
    raise SystemExit(main())
