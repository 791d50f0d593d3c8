"""The settings of a comparison: every combination of the values that are to be tried."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from keras_examples.core import Example, InputError
from keras_examples.runner import overrides
from keras_examples.runner.options import Options

Setting = Mapping[str, Any]


def settings(example: Example, vary: Mapping[str, Sequence[Any]]) -> list[Setting]:
    """Returns every combination of values, the first name's changing slowest.

    Args:
        example: The example to train.
        vary: The values to try, as such or as text, by the name of a hyperparameter, or `epochs`,
            `batch_size` or `rescale`.

    Raises:
        InputError: The example has nothing of such a name, or it cannot have such a value.
    """
    if not example.epochs:
        raise InputError(
            f"{example.name} has nothing to train, so nothing to compare; its weights are given. "
            "Take another example (see `keras-examples list`)."
        )
    types = {**example.hyperparameters, **_options(example)}
    for name in vary:
        if name not in types:
            words = overrides.explain(types)
            raise InputError(f"cannot vary {name!r} of {example.name}; expected one of {words}.")
    values = [
        dict.fromkeys(overrides.parse_value(name, one, types[name]) for one in given)
        for name, given in vary.items()
    ]
    return [dict(zip(vary, chosen, strict=True)) for chosen in itertools.product(*values)]


def apply(setting: Setting, options: Options) -> Options:
    """Returns a run's options with a setting applied to them."""
    of_run = {name: value for name, value in setting.items() if name in _OPTIONS}
    of_network = {name: value for name, value in setting.items() if name not in _OPTIONS}
    return dataclasses.replace(options, **of_run, hyperparameters=of_network)


def label(setting: Setting) -> str:
    """Returns a setting as people read it, such as `learning_rate=0.01, units=64`."""
    return overrides.spell(setting, separator=", ")


_OPTIONS: Mapping[str, overrides.Types] = {
    "epochs": (int,),
    "batch_size": (int,),
    "rescale": (bool,),
}


def _options(example: Example) -> dict[str, overrides.Types]:
    return {
        name: types
        for name, types in _OPTIONS.items()
        if name != "rescale" or "rescale" in example.model_arguments
    }
