"""The command `keras-examples verify`."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from keras_examples import verification
from keras_examples.cli.arguments import add_options
from keras_examples.cli.run import RunOptions
from keras_examples.cli.side_by_side import SideBySide
from keras_examples.core import InputError, RunError, catalogue
from keras_examples.core.threads import prepare

_HELP = (
    "Look at the data (a damaged copy?), at the versions of the packages (`pip install -c "
    "constraints.txt` has the published ones), at another seed (`keras-examples run {name} --seed "
    "1`)."
)

_JUDGED = {True: "agrees", False: "DIFFERS", None: "not judged: one seed is published"}


def add(commands: Any) -> None:
    """Adds the command to the parser's commands."""
    parser = commands.add_parser(
        "verify",
        help="repeat the published runs, and compare",
        description="Repeats the published runs on this machine, on the real data, and prints line "
        "by line what was published and what was found: the weights to the bit where processor and "
        "versions are the published ones, else each metric beside the range in which a run with "
        "another seed is expected. Ends with 1 if one is outside. Nothing is saved.",
    )
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="an example (see `keras-examples list`), or: all (default: all)",
    )
    parser.add_argument(
        "--quick", action="store_true", help="only those whose published run took at most a minute"
    )
    add_options(parser, RunOptions, only=["data_dir", "jobs"])
    parser.set_defaults(command=verify)


def verify(names: list[str], quick: bool, jobs: int | None, **options: Any) -> int:
    """Repeats runs, and prints the comparison; returns the exit code.

    Raises:
        InputError: An example is not known, or the real data cannot be loaded.
        RunError: A result is not as published.
    """
    published = verification.load()
    chosen = [catalogue.resolve(name) for name in names if name != "all"]
    if not chosen or "all" in names:
        chosen = list(published)
    if quick:
        chosen = [name for name in chosen if name in verification.quick(published)]
    if not chosen:
        raise InputError(
            "--quick: none of these ends within a minute; leave it out, or name others."
        )
    if missing := [name for name in chosen if name not in published]:
        raise InputError(f"no run of {', '.join(missing)} is published; name another example.")
    prepare()
    outside: list[str] = []

    def compare(record: Mapping[str, Any], folder: Path, figures: Sequence[Path]) -> None:
        name = record["example"]
        for line in published[name].compare(record):
            agrees = _JUDGED[line.agrees]
            print(
                f"{name:28} {line.what:28} published {line.published:32} found "
                f"{line.found:14} {agrees}",
                flush=True,
            )
            if line.agrees is False:
                outside.append(name)

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        defaults = RunOptions(data="real", plots=folder, runs=folder, **options)
        words = {
            field.name: getattr(defaults, field.name)
            for field in dataclasses.fields(defaults)
            if field.name != "jobs"
        }
        code = SideBySide(chosen, words, leave_out=True, summarise=compare).run(jobs)
    if outside and not code:
        found = list(dict.fromkeys(outside))
        raise RunError(f"not as published: {', '.join(found)}. {_HELP.format(name=found[0])}")
    return code
