"""What a run was asked to do, checked before anything is imported, trained or written."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from keras_examples.core import LANGUAGES, Example, InputError, catalogue
from keras_examples.datasets.folder import expand
from keras_examples.runner import hyperparameters
from keras_examples.runner.distributed import cluster

LARGEST_SEED = 2**32 - 1
# More epochs, or larger batches, than anyone has time or memory for; TensorFlow counts in 64 bits.
LARGEST_COUNT = 10**9
SOURCES = ("auto", "real", "stand-in")
STRATEGIES = ("mirrored", "multi-worker")
_REPEATED = ["epochs", "batch_size", "seed", "data", "rescale", "fast", "lang", "plain", "strategy"]


def whole_number(what: str, given: object, least: int, most: int | None = None) -> int:
    """Returns `given` as a whole number within bounds.

    Args:
        what: What the number is, for the message.
        given: An int, or text that spells one.
        least: The smallest value allowed.
        most: The largest value allowed, if there is one.

    Raises:
        InputError: `given` is no whole number, or out of bounds.
    """
    try:
        number = int(str(given))
    except ValueError:
        number = None
    if number is None or number < least or (most is not None and number > most):
        bounds = f"at least {least}" if most is None else f"from {least} to {most}"
        raise InputError(f"{what}: got {given!r}, expected a whole number {bounds}.")
    return number


def one_of(what: str, given: object, choices: tuple[str, ...]) -> str:
    """Returns `given` if it is one of the choices.

    Raises:
        InputError: It is none of them.
    """
    if given not in choices:
        raise InputError(f"{what}: got {given!r}, expected one of {', '.join(choices)}.")
    return str(given)


@dataclass(frozen=True, kw_only=True)
class Options:
    """The arguments of `run()`, which says what each means."""

    epochs: int | None = None
    batch_size: int | None = None
    seed: int = 0
    data: str = "auto"
    data_dir: str | os.PathLike[str] | None = None
    rescale: bool = False
    fast: bool = False
    lang: str = "en"
    plots: str | os.PathLike[str] = "plots"
    runs: str | os.PathLike[str] = "runs"
    plain: bool = False
    resume: bool = False
    strategy: str | None = None
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)

    def check(self, name: str) -> None:
        """Checks everything that can be checked without the example itself.

        Args:
            name: The example to run.

        Raises:
            InputError: Something cannot be done; the message says what, and what to do.
        """
        catalogue.resolve(name)
        if self.epochs is not None:
            whole_number("epochs", self.epochs, 1, LARGEST_COUNT)
        if self.batch_size is not None:
            whole_number("batch size", self.batch_size, 1, LARGEST_COUNT)
        whole_number("seed", self.seed, 0, LARGEST_SEED)
        one_of("data", self.data, SOURCES)
        one_of("lang", self.lang, LANGUAGES)
        if self.lang != "en":
            from keras_examples.figures import fonts  # matplotlib, which `--help` can do without

            fonts.require(self.lang)
        if self.plain and self.resume:
            raise InputError(
                "--plain and --resume: plain training is Keras's own fit, which keeps no "
                "checkpoints to go on from; leave out one of the two."
            )
        if self.strategy is not None:
            one_of("strategy", self.strategy, STRATEGIES)
            if self.plain:
                raise InputError(
                    "--plain and --strategy: plain training is Keras's own fit on one device; "
                    "leave out one of the two."
                )
        if self.strategy == "multi-worker":
            cluster.read_tf_config()
        if self.data_dir is not None and not expand(self.data_dir).is_dir():
            raise InputError(
                f"data folder {os.fspath(self.data_dir)!r} does not exist or is no folder; "
                "name one that holds mnist/ and fashion-mnist/, or leave it out to download them."
            )

    def unusable(self, example: Example) -> dict[str, str]:
        """Returns the options given here that an example has no use for, each with the reason."""
        reasons = {}
        if self.fast and example.fast is None:
            reasons["fast"] = "has no recipe for speed"
        if self.rescale and "rescale" not in example.model_arguments:
            reasons["rescale"] = "takes no --rescale"
        for option in ("epochs", "batch_size", "strategy"):
            if getattr(self, option) is not None and not example.epochs:
                reasons[option] = "has nothing to train, its weights are given"
        possible = hyperparameters.possible(example)
        for name in set(self.hyperparameters) - set(possible):
            has = hyperparameters.explain(possible)
            reasons["hyperparameters"] = f"has no hyperparameter {name!r}, it has {has}"
        return reasons

    def check_example(self, example: Example) -> None:
        """Checks what only the example itself can tell.

        Args:
            example: The example to run.

        Raises:
            InputError: It has no use for an option given here, or cannot take its value.
        """
        for option, reason in self.unusable(example).items():
            raise InputError(f"{example.name} {reason}; leave out --{option.replace('_', '-')}.")
        hyperparameters.resolve(example, self.hyperparameters)

    def command(self, name: str, given: Mapping[str, Any]) -> str:
        """Returns the command that repeats a run, but for folders, which differ by machine.

        Args:
            name: The example's name.
            given: The hyperparameters, each in the type that the example wants.
        """
        words = ["keras-examples", "run", name]
        for option in fields(self):
            value = getattr(self, option.name)
            if option.name in _REPEATED and value != option.default:
                words.append(f"--{option.name.replace('_', '-')}")
                words += [] if value is True else [str(value)]
        if given:
            words += ["--hyperparameters", hyperparameters.spell(given)]
        return shlex.join(words)
