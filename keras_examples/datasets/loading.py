"""The order in which the sources are asked, and what is said where they have nothing."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from keras_examples.core import InputError
from keras_examples.datasets.caches import UnavailableError, read_cache, read_keras_cache
from keras_examples.datasets.dataset import Dataset
from keras_examples.datasets.folder import expand, read_folder
from keras_examples.datasets.published import PUBLISHED

_CHOICES = ("auto", "real", "stand-in")
_REMEDY = "name a folder that has mnist/ and fashion-mnist/ in KERAS_EXAMPLES_DATA"


def load(
    name: str, *, data: str = "auto", data_dir: str | os.PathLike[str] | None = None
) -> Dataset:
    """Loads MNIST or Fashion-MNIST from the first place that has it.

    The places are, in order: the folder that the user names; the cache of earlier downloads;
    what Keras has downloaded; the mirrors. The images of the last place, the stand-ins, are
    drawn: digits from fonts, garments from shapes, 6000 for training and 1000 for testing.
    A named folder must have the data: no other place is asked then.

    Args:
        name: `"mnist"` or `"fashion-mnist"`.
        data: `"auto"` for the first of all places, `"real"` for the first without the
            stand-ins, `"stand-in"` for these alone.
        data_dir: A folder with `mnist/` and `fashion-mnist/` in it, each with the four IDX
            files, gzipped or not. By default the environment variable
            `KERAS_EXAMPLES_DATA` names it.

    Returns:
        A `Dataset`: images `uint8` of shape `(n, 28, 28)`, labels `uint8` of shape `(n,)`.

    Raises:
        InputError: If `name` or `data` is none of the above, if the named folder does not
            hold the published files, or if `data` is `"real"` and no place has them.

    Example:
    ```python
    mnist = load("mnist")
    model.fit(mnist.x_train / 255.0, mnist.y_train)
    ```
    """
    _check("data set", name, tuple(PUBLISHED))
    _check("data", data, _CHOICES)
    if data == "stand-in":
        _say(f"{name}: drawn stand-ins, not the real data, as asked for")
        return _stand_in(name)
    named = data_dir if data_dir is not None else os.environ.get("KERAS_EXAMPLES_DATA") or None
    if named is not None:
        return Dataset.of(name, read_folder(_named_folder(named, name), name), "folder")
    try:
        return _first(name, ask_all=data == "real")
    except UnavailableError as error:
        if data == "real":
            raise InputError(f"{name}: no real data found: {error}; {_REMEDY}") from None
        _say(f"{name}: drawn stand-ins, not the real data: {error}; to get it, {_REMEDY}")
        return _stand_in(name)


def mnist(data: str = "auto", data_dir: str | os.PathLike[str] | None = None) -> Dataset:
    """Loads MNIST: handwritten digits. See `load` for the arguments and what may be raised."""
    return load("mnist", data=data, data_dir=data_dir)


def fashion_mnist(data: str = "auto", data_dir: str | os.PathLike[str] | None = None) -> Dataset:
    """Loads Fashion-MNIST: garments. See `load` for the arguments and what may be raised."""
    return load("fashion-mnist", data=data, data_dir=data_dir)


def _check(what: str, given: str, expected: tuple[str, ...]) -> None:
    if given not in expected:
        raise InputError(f"{what} is {given!r}, expected one of {', '.join(expected)}")


def _named_folder(root: str | os.PathLike[str], name: str) -> Path:
    folder = expand(root) / name
    try:
        there = folder.is_dir()
    except OSError:
        there = False
    if not there:
        raise InputError(
            f"{folder}: no such folder; put the four files of {name} there, or name another "
            "folder in data_dir or KERAS_EXAMPLES_DATA"
        )
    return folder


def _first(name: str, *, ask_all: bool) -> Dataset:
    # Here, because requests costs a tenth of a second that a named folder need not pay.
    from keras_examples.datasets.mirrors import download, forget_failures

    if ask_all:
        # Whoever insists on the real data may have mended the network since.
        forget_failures()
    reasons = []
    sources = (("cache", read_cache), ("keras-cache", read_keras_cache), ("download", download))
    for source, read in sources:
        try:
            return Dataset.of(name, read(name), source)
        except UnavailableError as error:
            reasons.append(f"{source}: {error}")
    raise UnavailableError("; ".join(reasons))


def _stand_in(name: str) -> Dataset:
    from keras_examples.datasets.stand_in import draw

    return Dataset.of(name, draw(name), "stand-in")


def _say(line: str) -> None:
    print(line, file=sys.stderr)
