"""The same networks and steps in JAX: a whole epoch in one compiled scan."""

from __future__ import annotations

import argparse
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from benchmarks.contestants import Stopwatch, load

Parameters = list[tuple[jax.Array, ...]]


def build(example: str, key: jax.Array) -> Parameters:
    """Returns the first weights of an example's network, as Keras draws them (Glorot uniform)."""

    def glorot(*shape: int) -> jax.Array:
        nonlocal key
        key, drawn = jax.random.split(key)
        field = int(np.prod(shape[:-2]))
        limit = (6 / (field * (shape[-2] + shape[-1]))) ** 0.5
        return jax.random.uniform(drawn, shape, minval=-limit, maxval=limit)

    shapes: dict[str, list[tuple[int, ...]]] = {
        "fashion-mnist-ffn": [(784, 128), (128, 10)],
        "mnist-cnn": [(3, 3, 1, 32), (3, 3, 32, 64), (1600, 64), (64, 10)],
        "sine-rnn": [(1, 10), (10, 10), (10, 1)],
    }
    return [(glorot(*shape), jnp.zeros(shape[-1])) for shape in shapes[example]]


def apply(example: str, parameters: Parameters, x: jax.Array) -> jax.Array:
    """Returns the network's outputs, before softmax."""
    if example == "sine-rnn":
        (w_in, b), (w_state, _), (w_out, b_out) = parameters
        state = jnp.zeros((len(x), 10))
        state, _ = lax.scan(
            lambda h, value: (jnp.tanh(value @ w_in + h @ w_state + b), None),
            state,
            x.swapaxes(0, 1),
        )
        return state @ w_out + b_out
    if example == "mnist-cnn":
        for kernel, bias in parameters[:2]:
            x = lax.conv_general_dilated(
                x, kernel, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
            )
            x = jax.nn.relu(x + bias)
            x = lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    x = x.reshape(len(x), -1)
    for w, b in parameters[-2:-1]:
        x = jax.nn.relu(x @ w + b)
    w, b = parameters[-1]
    return x @ w + b


def cost(example: str, parameters: Parameters, x: jax.Array, y: jax.Array) -> jax.Array:
    """Returns the mean loss of a batch."""
    outputs = apply(example, parameters, x.astype(jnp.float32))
    if example == "sine-rnn":
        return jnp.mean((outputs - y) ** 2)
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(outputs), y[:, None].astype(int), 1))


@partial(jax.jit, static_argnums=0, donate_argnums=1)
def steps(example: str, state: Any, x: jax.Array, y: jax.Array, batches: jax.Array) -> Any:
    """Takes a step of Adam for each row of `batches`, and returns the state and the losses."""

    def step(state: Any, picked: jax.Array) -> Any:
        parameters, mean, square, count = state
        loss, gradient = jax.value_and_grad(partial(cost, example))(
            parameters, x[picked], y[picked]
        )
        count += 1
        rate = 0.001 * jnp.sqrt(1 - 0.999**count) / (1 - 0.9**count)
        tree = jax.tree_util.tree_map
        mean = tree(lambda m, g: m + (g - m) * 0.1, mean, gradient)
        square = tree(lambda v, g: v + (g * g - v) * 0.001, square, gradient)
        parameters = tree(
            lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-7), parameters, mean, square
        )
        return (parameters, mean, square, count), loss

    return lax.scan(step, state, batches)


@partial(jax.jit, static_argnums=0)
def right(example: str, parameters: Parameters, x: jax.Array, y: jax.Array) -> jax.Array:
    """Returns how many samples of a batch are classified correctly."""
    return (apply(example, parameters, x.astype(jnp.float32)).argmax(1) == y).sum()


def train(options: argparse.Namespace) -> dict[str, Any]:
    """Trains, and returns seconds and metrics."""
    _, data, epochs, batch_size = load(options)
    x, y = jnp.asarray(data.x_train), jnp.asarray(data.y_train)
    watch = Stopwatch()
    key = jax.random.key(options.seed)
    parameters = build(options.example, key)
    zeros = jax.tree_util.tree_map(jnp.zeros_like, parameters)
    state = (parameters, zeros, jax.tree_util.tree_map(jnp.zeros_like, parameters), 0.0)
    whole = len(x) // batch_size * batch_size
    history: dict[str, list[float]] = {"loss": []}
    for epoch in range(epochs):
        order = jax.random.permutation(jax.random.fold_in(key, epoch), len(x))
        batches = order[:whole].reshape(-1, batch_size)
        state, losses = steps(options.example, state, x, y, batches)
        if whole < len(x):
            state, _ = steps(options.example, state, x, y, order[None, whole:])
        if data.test:
            count = sum(
                int(right(options.example, state[0], *(a[i : i + 500] for a in data.test)))
                for i in range(0, len(data.x_test), 500)
            )
            history.setdefault("val_accuracy", []).append(count / len(data.x_test))
        history["loss"].append(float(losses.mean()))
        watch.epoch()
    return watch.report(history)
