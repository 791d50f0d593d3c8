"""Runs the experiments of the course's pages on the real data and says whether they come out alike.

An experiment is a block of Python on a page, under the command that runs it, with its output below:

    python docs/experiments.py             # all of them
    python docs/experiments.py sine-rnn    # those of one example
    python docs/experiments.py --list
    python docs/experiments.py --write     # replaces the outputs on the pages

`docs/experiments.json` keeps each output with the code it came from, so that a test can tell when a
page shows what its code has not printed.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import hashlib
import io
import json
import platform
import re
import time
from pathlib import Path
from typing import NamedTuple

DOCS = Path(__file__).parent
RECORD = DOCS / "experiments.json"
_BLOCK = re.compile(
    r'^```python title="python docs/experiments\.py (?P<name>[a-z0-9-]+)"\n(?P<code>.*?)^```\n'
    r"\n```text\n(?P<output>.*?)^```\n",
    re.MULTILINE | re.DOTALL,
)


class Experiment(NamedTuple):
    """A block of Python on a page, and the output that stands below it."""

    page: Path
    name: str
    code: str
    output: str

    @property
    def digest(self) -> str:
        """SHA-256 of the code."""
        return hashlib.sha256(self.code.encode()).hexdigest()

    @property
    def examples(self) -> set[str]:
        """The modules of the examples that the code imports, such as `"mnist_cnn"`."""
        from keras_examples.core import catalogue

        found = set()
        for node in ast.walk(ast.parse(self.code)):
            if isinstance(node, ast.ImportFrom):
                found |= {name.name for name in node.names} | {(node.module or "").split(".")[-1]}
        return found & set(catalogue.MODULES)


def experiments() -> list[Experiment]:
    """Returns the experiments of all pages, in the order of the course."""
    return [
        Experiment(page, *found.group("name", "code", "output"))
        for page in sorted(DOCS.glob("course/*.md"))
        for found in _BLOCK.finditer(page.read_text(encoding="utf-8"))
    ]


def require_data(chosen: list[Experiment]) -> None:
    """Loads the real data of the examples in experiments, if they have any.

    Raises:
        InputError: They are nowhere to be found: an error now, instead of numbers from stand-ins.
    """
    from keras_examples.core import catalogue

    for name in sorted(set().union(*(one.examples for one in chosen))):
        example = catalogue.load(name)
        if "data" in example.data_arguments:
            example.load(data="real", data_dir=None)


def measure(experiment: Experiment) -> dict[str, object]:
    """Runs an experiment and returns what the record keeps of it."""
    printed, began = io.StringIO(), time.perf_counter()
    with contextlib.redirect_stdout(printed):
        exec(compile(experiment.code, experiment.name, "exec"), {})  # noqa: S102 (our own pages)
    return {
        "code_sha256": experiment.digest,
        "output": printed.getvalue(),
        "seconds": round(time.perf_counter() - began, 1),
        "versions": _versions(),
    }


def _versions() -> dict[str, str]:
    import keras
    import tensorflow as tf

    return {
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
    }


def write_down(experiment: Experiment, output: str) -> None:
    """Puts an output below its experiment, and leaves the rest of the page as it is."""

    def replaced(found: re.Match[str]) -> str:
        if found["name"] != experiment.name:
            return found[0]
        start, end = (place - found.start() for place in found.span("output"))
        return found[0][:start] + output + found[0][end:]

    page = experiment.page.read_text(encoding="utf-8")
    experiment.page.write_text(_BLOCK.sub(replaced, page), encoding="utf-8")


def main() -> None:
    """Runs the experiments that are asked for."""
    parser = argparse.ArgumentParser(description="Runs the experiments of the course's pages.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="an experiment, or an example")
    parser.add_argument("--list", action="store_true", help="show the experiments")
    parser.add_argument("--write", action="store_true", help="put the outputs on the pages")
    options = parser.parse_args()
    chosen = [
        one
        for one in experiments()
        if not options.names or any(f"{one.name}-".startswith(f"{n}-") for n in options.names)
    ]
    if not chosen:
        parser.error(f"no experiment {' or '.join(options.names)}; --list shows all")
    if options.list:
        print("\n".join(one.name for one in chosen))
        return

    from keras_examples.core import InputError, console

    try:
        with console.quiet():
            require_data(chosen)
    except InputError as error:
        parser.error(str(error))
    for one in chosen:
        print(f"{one.name} …", flush=True)
        with console.quiet():
            found = measure(one)
        print(found["output"], end="", flush=True)
        if not options.write:
            same = found["output"] == one.output
            print("(as on the page)" if same else "(other than on the page)", flush=True)
            continue
        write_down(one, str(found["output"]))
        record = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
        record[one.name] = found
        order = [each.name for each in experiments()]
        kept = {name: record[name] for name in order if name in record}
        RECORD.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
