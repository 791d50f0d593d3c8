"""What a run was asked to do, checked before anything is imported, trained or written."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from keras_examples import catalogue
from keras_examples.errors import InputError
from keras_examples.example import LANGUAGES

LARGEST_SEED = 2**32 - 1
SOURCES = ("auto", "real", "stand-in")


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
    lang: str = "en"
    plots: str | os.PathLike[str] = "plots"
    runs: str | os.PathLike[str] = "runs"
    plain: bool = False

    def check(self, name: str) -> None:
        """Checks everything that can be checked without the example itself.

        Args:
            name: The example to run.

        Raises:
            InputError: Something cannot be done; the message says what, and what to do.
        """
        catalogue.resolve(name)
        if self.epochs is not None:
            whole_number("epochs", self.epochs, 1)
        if self.batch_size is not None:
            whole_number("batch size", self.batch_size, 1)
        whole_number("seed", self.seed, 0, LARGEST_SEED)
        one_of("data", self.data, SOURCES)
        one_of("lang", self.lang, LANGUAGES)
        if self.lang != "en":
            from keras_examples.figures import fonts  # matplotlib, which `--help` can do without

            fonts.require(self.lang)
        if self.data_dir is not None and not Path(self.data_dir).is_dir():
            raise InputError(
                f"data folder {os.fspath(self.data_dir)!r} does not exist or is no folder; "
                "name one that holds mnist/ and fashion-mnist/, or leave it out to download them."
            )
