"""The command `keras-examples`: arguments and messages, nothing else."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from keras_examples import catalogue, quiet
from keras_examples.errors import InputError, RunError
from keras_examples.example import LANGUAGES
from keras_examples.runner import Run, run
from keras_examples.runner.options import LARGEST_SEED, SOURCES, whole_number

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
    quiet.release()
    try:
        options = vars(_parser().parse_args(arguments))
        command = options.pop("command")
        return int(command(**options))
    except (InputError, RunError) as error:
        print(f"keras-examples: error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("keras-examples: interrupted; nothing new was saved.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # `keras-examples list | head`: the reader has seen enough
        sys.stderr.close()
        return 0


def run_example(name: str) -> int:
    """Runs one example with the options on the command line: what its module does as a script."""
    return main(["run", name, *sys.argv[1:]])


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
    gallery = commands.add_parser(
        "gallery",
        help="write a page of all figures",
        description="Writes README.md into the plots folder: each figure of the runs that were "
        "recorded, with its metrics, its seed and the command that made it.",
    )
    _add_folders(gallery)
    gallery.set_defaults(command=_gallery)
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
        "--seed",
        type=_seed,
        default=0,
        metavar="N",
        help="fixes everything random: the same seed gives the same result (default: 0)",
    )
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
    parser.add_argument(
        "--rescale",
        action="store_true",
        help="divide pixels by 255 first, which the articles do not; examples without pixels stay "
        "as they are when all are run",
    )
    parser.add_argument(
        "--lang",
        choices=LANGUAGES,
        default="en",
        help="language of the figures: English or Chinese (default: en)",
    )
    parser.add_argument(
        "--plain",
        action="store_true",
        help="train by Keras's fit on arrays, as the articles' scripts do: slower, for comparison",
    )
    _add_folders(parser)
    parser.set_defaults(command=_run)


def _add_folders(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--plots", default="plots", metavar="DIR", help="folder for figures (default: plots)"
    )
    parser.add_argument(
        "--runs", default="runs", metavar="DIR", help="folder for all else (default: runs)"
    )


def _at_least_one(text: str) -> int:
    return _number(text, 1)


def _seed(text: str) -> int:
    return _number(text, 0, LARGEST_SEED)


def _number(text: str, least: int, most: int | None = None) -> int:
    try:
        return whole_number("", text, least, most)
    except InputError as error:
        raise argparse.ArgumentTypeError(str(error).removeprefix(": ").rstrip(".")) from None


def _list() -> int:
    width = max(map(len, catalogue.names()))
    for name in catalogue.names():
        print(f"{name:{width}}  {catalogue.summary(name)}")
    return 0


def _run(names: list[str], rescale: bool, **options: Any) -> int:
    everything = "all" in names
    chosen = catalogue.names() if everything else [catalogue.resolve(name) for name in names]
    code = 0
    for name in dict.fromkeys(chosen):
        done = run(name, rescale=rescale and (not everything or _has_pixels(name)), **options)
        _summarise(done)
        if done.status == "interrupted":
            code = INTERRUPTED
            break
    return code


def _has_pixels(name: str) -> bool:
    with quiet.quiet():  # this imports Keras
        return catalogue.load(name).takes("rescale")


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


def _gallery(plots: str, runs: str) -> int:
    from keras_examples.gallery import write

    print(f"written: {write(plots, runs)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
