"""The settings of a comparison: every combination of the values to try."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from keras_examples.core import Example, InputError
from keras_examples.core.bounds import check
from keras_examples.core.options import options_of
from keras_examples.runner import overrides
from keras_examples.runner.options import Options, TrainingOptions

Setting = Mapping[str, Any]


def settings(example: Example, vary: Mapping[str, Sequence[Any]]) -> list[Setting]:
    """Returns every combination of values, the first name's changing slowest.

    Args:
        example: The example to train.
        vary: The values to try (or text that spells them), by name: a hyperparameter, `epochs`,
            `batch_size` or `rescale`.

    Raises:
        InputError: The example has nothing to vary by that name, or a value is not of its type,
            out of bounds, or there twice.
    """
    if not example.epochs:
        raise InputError(
            f"{example.name} has nothing to train or compare, because its weights are fixed. "
            "Choose another example (see `keras-examples list`).",
            f"{example.name} 没有可训练或比较的内容，因为它的权重是固定的。"
            "请另选一个示例（见 `keras-examples list`）。",
        )
    types = {**example.hyperparameters, **_options(example)}
    for name in vary:
        if name not in types:
            choices = overrides.explain(types)
            raise InputError(
                f"cannot vary {name!r} of {example.name}; expected one of {choices.en}.",
                f"无法改变 {example.name} 的 {name!r}；应为 {choices.zh} 之一。",
            )
    parsed = [_parse(example, name, values, types) for name, values in vary.items()]
    return [dict(zip(vary, chosen, strict=True)) for chosen in itertools.product(*parsed)]


def _parse(
    example: Example, name: str, values: Sequence[Any], types: Mapping[str, overrides.Types]
) -> list[Any]:
    parsed: dict[Any, None] = {}
    for value in values:
        one = overrides.parse_value(name, value, types[name])
        if name in example.hyperparameters:
            check(example.build_model, {name: one})
        if one in parsed:
            raise InputError(
                f"{name}: got {value} twice; leave out one of the two.",
                f"{name}：{value} 出现了两次；请去掉其中一个。",
            )
        parsed[one] = None
    return list(parsed)


def apply(setting: Setting, options: Options) -> Options:
    """Returns a run's options with a setting applied to them."""
    of_run = {name: value for name, value in setting.items() if name in _OPTIONS}
    of_network = {name: value for name, value in setting.items() if name not in _OPTIONS}
    return dataclasses.replace(options, **of_run, hyperparameters=of_network)


def label(setting: Setting) -> str:
    """Returns a setting in words, such as `learning_rate=0.01, units=64`."""
    return overrides.spell(setting, separator=", ")


_OPTIONS: Mapping[str, overrides.Types] = {
    field.name: (bool if isinstance(field.default, bool) else int,)
    for field, about in options_of(TrainingOptions)
    if about.config
}


def _options(example: Example) -> dict[str, overrides.Types]:
    return {
        name: types
        for name, types in _OPTIONS.items()
        if name != "rescale" or "rescale" in example.model_arguments
    }
