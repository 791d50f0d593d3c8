"""What makes a function the builder of a network that others may rely on."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from keras_examples.core.bounds import check
from keras_examples.core.settings import keras_defaults

P = ParamSpec("P")
T = TypeVar("T")


def builder(function: Callable[P, T]) -> Callable[P, T]:
    """Has a `build_model` build the same network for everybody, or refuse to.

    Its arguments are within the bounds that its signature declares, such as `Size` and `Rate`, and
    Keras has its default settings while it builds, whatever precision and image format the user's
    `keras.json` or program sets.

    Args:
        function: The function.

    Returns:
        The same function, which raises an `InputError` for an argument that is out of bounds.
    """

    @functools.wraps(function)
    def build(*args: P.args, **options: P.kwargs) -> T:
        check(function, inspect.signature(function).bind(*args, **options).arguments)
        with keras_defaults():
            return function(*args, **options)

    return build
