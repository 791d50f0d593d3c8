"""The layers that the web format knows: what running each needs of its configuration."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from keras_examples.core import InputError

Check = Callable[[Any], bool]

ACTIVATIONS = (
    "linear",
    "relu",
    "sigmoid",
    "softmax",
    "softplus",
    "tanh",
)


def _any(*values: Any) -> Check:
    return values.__contains__


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def _maps_last_axis(equation: Any) -> bool:
    """Whether an Einstein sum is a dense layer over the last axis, such as `bij,jk->bik`."""
    return bool(re.fullmatch(r"(\w+)(\w),\2(\w)->\1\3", str(equation)))


@dataclass(frozen=True)
class Layer:
    """What the web format keeps of a layer.

    Args:
        weights: Names of its weights, in Keras's order.
        kept: What of its configuration decides how it runs, by name: which values are known.
        only: The same for what is not kept, as there is one known value; where Keras does not save
            it, it has that.
    """

    weights: tuple[str, ...] = ()
    kept: Mapping[str, Check] = field(default_factory=dict)
    only: Mapping[str, Check] = field(default_factory=dict)

    def config(self, kind: str, name: str, config: Mapping[str, Any]) -> dict[str, Any]:
        """Returns what is kept of a layer's configuration.

        Raises:
            InputError: It has a value that the web format does not know.
        """
        for key, check in {**self.kept, **self.only}.items():
            if not check(config.get(key)):
                value = repr(config.get(key))[:80]
                raise InputError(
                    f"layer {name!r} ({kind}) has {key}={value}, which the web format does not "
                    "know; export it as onnx, litert or savedmodel.",
                    f"层 {name!r}（{kind}）的 {key}={value}，web 格式不支持；"
                    "请导出为 onnx、litert 或 savedmodel。",
                )
        return {key: config[key] for key in self.kept if key in config}

    def weight_names(self, config: Mapping[str, Any]) -> list[str]:
        """Returns the names of the weights that a layer of this configuration has, in order."""
        return [
            name
            for name in self.weights
            if all(config.get(key, True) for key in _OPTIONAL.get(name.split("_")[-1], ()))
        ]


_OPTIONAL = {"bias": ("use_bias", "bias_axes"), "gamma": ("scale",), "beta": ("center",)}
_NO = _any(None, False)
_SIZE: Check = lambda value: isinstance(value, list)  # noqa: E731
_activation = {"activation": _any(*ACTIVATIONS)}
_channels_last = {"data_format": _any(None, "channels_last")}
_window = {"strides": _SIZE, "padding": _any("valid", "same")}
_recurrent = {"return_sequences": _any(False, True), **_activation}
_forwards = {"return_state": _NO, "go_backwards": _NO, "stateful": _NO}
_dense = ("kernel", "bias")
_cell = ("kernel", "recurrent_kernel", "bias")
_attended = ("query", "key", "value", "attention_output")

LAYERS: Mapping[str, Layer] = {
    "Activation": Layer(kept=_activation),
    "Add": Layer(),
    "Conv2D": Layer(
        _dense,
        {**_window, **_activation},
        {**_channels_last, "dilation_rate": _any(None, [1, 1]), "groups": _any(None, 1)},
    ),
    "Dense": Layer(_dense, _activation),
    "Dropout": Layer(),
    "EinsumDense": Layer(_dense, _activation, {"equation": _maps_last_axis}),
    "Flatten": Layer(only=_channels_last),
    "GlobalAveragePooling1D": Layer(only={**_channels_last, "keepdims": _NO}),
    "LSTM": Layer(_cell, {**_recurrent, "recurrent_activation": _any(*ACTIVATIONS)}, _forwards),
    "LayerNormalization": Layer(
        ("gamma", "beta"), {"epsilon": _is_number}, {"axis": _any([-1], -1), "rms_scaling": _NO}
    ),
    "LeakyReLU": Layer(kept={"negative_slope": _is_number}),
    "MaxPooling2D": Layer(kept={"pool_size": _SIZE, **_window}, only=_channels_last),
    "MultiHeadAttention": Layer(
        tuple(f"{part}_{weight}" for part in _attended for weight in _dense),
        {},
        {"attention_axes": _any(None, [1]), "use_gate": _NO, "sliding_window": _NO},
    ),
    "Rescaling": Layer(kept={"scale": _is_number, "offset": _is_number}),
    "Reshape": Layer(kept={"target_shape": _SIZE}),
    "SimpleRNN": Layer(_cell, _recurrent, _forwards),
}
