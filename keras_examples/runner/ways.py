"""The ways to take a model's steps on a CPU, and which of them suits a model.

A small step is mostly overhead, which XLA removes. A large one is arithmetic, which the cores share
best by parts of the batch, each computed by one of them from the first layer to the last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_examples.core.machine import count_cores
from keras_examples.core.threads import prepared

# XLA takes about a second to compile a step, and then saves about a third of a millisecond of each.
XLA_PAYS_FROM = 3000

# Multiplications of a batch from which on a step is mostly arithmetic.
LARGE = 20_000_000

# The least multiplications of a sample. In parts of very many smaller ones, the gradient of one
# output was not the same to the bit each time when the machine was busy; nor are parts faster.
LEAST_SAMPLE = 10_000

# The least samples that are worth a part of their own.
LEAST_PART = 8

# Recurrent layers over at most this many time steps are traced as that many layers.
UNROLLED = 16


@dataclass(frozen=True)
class Way:
    """How to take steps.

    Args:
        xla: Whether XLA compiles them.
        parts: Number of parts of each batch that are computed side by side.
    """

    xla: bool = False
    parts: int = 1


def choose(model: keras.Model, x: np.ndarray, y: np.ndarray, batch_size: int, steps: int) -> Way:
    """Returns the fastest way that has the results of Keras's `fit`, to rounding.

    Args:
        model: A compiled model with all its variables made.
        x: Inputs.
        y: Their targets.
        batch_size: Samples per step.
        steps: Total number of steps.
    """
    each = multiplications(model)
    if batch_size * each < LARGE or each < LEAST_SAMPLE or has_gpu():
        return Way(xla=xla_pays(model, steps))
    parts = min(count_cores(), batch_size // LEAST_PART)
    return Way(parts=parts if parts > 1 and separable(model, x, y) else 1)


def has_gpu() -> bool:
    """Returns whether TensorFlow trains on a GPU."""
    return bool(tf.config.get_visible_devices("GPU"))


def make_deterministic() -> None:
    """Makes a GPU add numbers up in the same order each time, as a CPU does by itself.

    TensorFlow cannot undo it, so only a process of our own is changed.
    """
    if has_gpu() and prepared():
        tf.config.experimental.enable_op_determinism()


def xla_pays(model: keras.Model, steps: int) -> bool:
    """Returns whether XLA saves more time in small steps than it takes to compile.

    It fuses the many small operations of dense and recurrent layers and of the optimizer. Its
    convolutions on the CPU are 2 to 20 times slower than TensorFlow's own.

    Args:
        model: The model.
        steps: Total number of steps.
    """
    return steps >= XLA_PAYS_FROM and not has_convolutions(model)


def has_convolutions(model: keras.Model) -> bool:
    """Returns whether there is a convolution in the model, at any depth."""
    return any("Conv" in type(layer).__name__ for layer in layers_within(model))


def layers_within(layer: keras.Layer) -> Iterator[keras.Layer]:
    """Yields a layer, or a model, and all layers within it, at any depth."""
    yield layer
    for part in getattr(layer, "layers", None) or [getattr(layer, "layer", None)]:
        if part is not None:
            yield from layers_within(part)


def multiplications(model: keras.Model) -> int:
    """Returns about how many multiplications one sample takes forward.

    Each weight of a layer counts once for each position (a pixel, a time step) of its input.
    """
    return sum(
        layer.count_params() * _positions(layer)
        for layer in layers_within(model)
        if layer.built and not hasattr(layer, "layers")
    )


def _positions(layer: keras.Layer) -> int:
    try:
        inputs = keras.tree.flatten(layer.input)
    except (AttributeError, ValueError):  # it is used within a layer, or more than once
        return 1
    return max((int(np.prod(one.shape[1:-1])) for one in inputs), default=1)


def separable(model: keras.Model, x: np.ndarray, y: np.ndarray) -> bool:
    """Returns whether the gradient of a batch is the mean of the gradients of its samples.

    It is not where samples meet (batch normalisation), where each step changes more than the
    weights (dropout's random state), or where the model has a step or a loss of its own. Whether
    samples meet anywhere else is tried with a few of them.

    Args:
        model: A compiled model with all its variables made.
        x: Inputs, of which the first few are tried.
        y: Their targets.
    """
    own = any(
        getattr(type(model), name) is not getattr(keras.Model, name)
        for name in ("train_step", "test_step", "compute_loss")
    )
    if own or model.non_trainable_variables or len(x) < 4:
        return False
    weights = [variable.value for variable in model.trainable_variables]

    def loss(start: int, stop: int) -> tuple[Any, Any]:
        some, target = tf.constant(x[start:stop]), tf.constant(y[start:stop])
        outputs, _, extra = model.stateless_call(
            weights, [], some, training=True, return_losses=True
        )
        return outputs, np.nan if extra else float(model.compute_loss(some, target, outputs))

    (whole, expected), (first, one), (second, other) = loss(0, 4), loss(0, 2), loss(2, 4)
    return bool(
        np.isclose((one + other) / 2, expected, rtol=1e-3)
        and np.allclose(tf.concat([first, second], 0), whole, rtol=1e-3, atol=1e-5)
    )


@contextmanager
def in_parts(model: keras.Model, sizes: Sequence[int]) -> Iterator[None]:
    """Makes steps that are traced within the block compute a batch in parts.

    The parts have no operation in common before their gradients are added up, so that TensorFlow
    computes them side by side.

    Args:
        model: The model.
        sizes: Samples of each part.
    """
    call, compute_loss = model.call, model.compute_loss
    outputs: list[Any] = []

    def call_in_parts(x: tf.Tensor, **options: Any) -> tf.Tensor:
        outputs[:] = [call(part, **options) for part in tf.split(x, sizes)]
        return tf.concat(outputs, 0)

    def mean_of_losses(x: Any = None, y: Any = None, *_: Any, **options: Any) -> tf.Tensor:
        # From the parts' own outputs, for Keras finds the logits by the operation they come from.
        parts = zip(sizes, tf.split(x, sizes), tf.split(y, sizes), outputs, strict=True)
        training = options.get("training", True)
        losses = [size * compute_loss(a, b, c, training=training) for size, a, b, c in parts]
        return tf.add_n(losses) / sum(sizes)

    with (
        replaced(model, "call", call_in_parts),
        replaced(model, "compute_loss", mean_of_losses),
    ):
        yield


@contextmanager
def unrolled(model: keras.Model) -> Iterator[None]:
    """Makes steps that are traced within the block unroll recurrence over short sequences."""
    with ExitStack() as stack:
        for layer in layers_within(model):
            if isinstance(layer, keras.layers.RNN) and 1 < _positions(layer) <= UNROLLED:
                stack.callback(setattr, layer, "unroll", layer.unroll)
                layer.unroll = True
        yield


@contextmanager
def replaced(owner: Any, name: str, method: Any) -> Iterator[None]:
    """Gives an object another method within a block."""
    setattr(owner, name, method)
    try:
        yield
    finally:
        delattr(owner, name)
