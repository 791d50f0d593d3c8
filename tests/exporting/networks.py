"""Networks with random weights, and what Keras makes of some inputs at each of their nodes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

from keras_examples import Run
from keras_examples.core import catalogue
from keras_examples.exporting import export
from keras_examples.exporting.web import DTYPES

# The perceptron's step is code of its own, which no file is trusted with.
EXPORTED = [name for name in catalogue.names() if name != "perceptron"]


def build(name: str) -> Any:
    """Returns an example's model, or one of `CASES`, with weights that are random throughout."""
    keras.utils.set_random_seed(0)
    model = CASES[name]() if name in CASES else catalogue.load(name).build_model()
    random = np.random.default_rng(0)
    model.set_weights(
        [value + 0.1 * random.standard_normal(value.shape) for value in model.get_weights()]
    )
    return model


def images() -> Any:
    """A model of what the layers for images can be set to besides what the examples do."""
    x = image = keras.Input((11, 9, 2))
    x = layers.Conv2D(4, (3, 2), strides=2, padding="same", use_bias=False)(x)
    x = layers.MaxPooling2D((2, 3), strides=(1, 2), padding="same")(x)
    x = layers.LeakyReLU(0.3)(layers.Dropout(0.5)(x))
    inner = keras.Sequential(
        [keras.Input((6, 3, 4)), layers.Conv2D(3, 2, activation="softplus"), layers.Flatten()],
        name="inner",
    )
    x = layers.Dense(6, activation="tanh", use_bias=False)(inner(x))
    y = layers.Dense(6, activation="sigmoid")(layers.Reshape((2, -1))(x))
    return keras.Model(image, layers.Activation("softmax")(y))


def sequences() -> Any:
    """The same for sequences."""
    x = sequence = keras.Input((7, 3))
    x = layers.LSTM(4, return_sequences=True, use_bias=False)(x)
    y = layers.SimpleRNN(6, activation="relu", return_sequences=True)(x)
    z = layers.MultiHeadAttention(2, 3, value_dim=5, use_bias=False, output_shape=6)(y, x)
    y = layers.Add()([y, z, layers.Dense(6)(x)])
    y = layers.LayerNormalization(center=False, scale=False)(y)
    y = layers.EinsumDense("abc,cd->abd", output_shape=(7, 4), activation="relu")(y)
    both = [layers.GlobalAveragePooling1D()(y), layers.LSTM(2)(y)]
    return keras.Model(sequence, both)


CASES = {"images": images, "sequences": sequences}


def write(name: str, folder: Path) -> None:
    """Writes a network in both types, and what Keras makes of two inputs."""
    model = build(name)
    known = name if name in EXPORTED else EXPORTED[0]  # a run may hold any model
    run = folder / "runs" / name
    (run / known).mkdir(parents=True)
    model.save(run / known / "model.keras")
    for dtype in DTYPES:
        export(known, output=folder / name / dtype, runs=run, dtype=dtype)
    network = getattr(model, catalogue.declared(known, "part") or "", model)
    expected = [expect(network, x) for x in _inputs(network)]
    (folder / name / "expected.json").write_text(json.dumps(expected))


def write_trained(run: Run, folder: Path) -> None:
    """Writes the network of a run, and what Keras makes of the first 500 test images."""
    for dtype in ("int16", "float32"):
        name = run.name
        export(name, output=folder / name / dtype, runs=run.folder.parent, dtype=dtype)
    x = catalogue.load(name).load(data="real", data_dir=None).evaluation[0][:500]
    outputs = run.model.predict(x, verbose=0)
    (last,) = json.loads((folder / name / f"float32/{name}.json").read_text())["outputs"]
    expected = [
        {"shape": one.shape, "x": one.ravel().tolist(), "nodes": {last: _as_json(output[None])}}
        for one, output in zip(x, outputs, strict=True)
    ]
    (folder / name / "expected.json").write_text(json.dumps(expected))


def _inputs(network: Any) -> np.ndarray:
    random = np.random.default_rng(1)
    shape = (2, *(size or 12 for size in network.input_shape[1:]))
    if shape[1:3] == (28, 28):
        return random.integers(0, 256, shape) * (random.random(shape) < 0.2).astype(np.float32)
    return random.standard_normal(shape).astype(np.float32)


def expect(network: Any, x: np.ndarray) -> dict[str, Any]:
    """Returns an input, and what Keras makes of it at each node, by name."""
    nodes = network.layers if isinstance(network, keras.Sequential) else network.operations
    values = dict(_values(network, nodes, x[None]))
    return {"shape": x.shape, "x": x.ravel().tolist(), "nodes": values}


def _values(network: Any, nodes: Any, x: np.ndarray) -> Iterator[tuple[str, dict[str, Any]]]:
    nodes = [node for node in nodes if not isinstance(node, layers.InputLayer)]
    for node in nodes:
        value = _at(network, node.output, x)
        # What stands for a model within the model is its last layer.
        inner = f"/{node.layers[-1].name}" if isinstance(node, keras.Sequential) else ""
        yield f"{node.name}{inner}", _as_json(value)
        if isinstance(node, layers.MultiHeadAttention):
            given = [_at(network, one, x) for one in node.input]
            yield f"{node.name}/scores", _as_json(node(*given, return_attention_scores=True)[1])
        if isinstance(node, (layers.LSTM, layers.SimpleRNN)):
            every = type(node).from_config({**node.get_config(), "return_sequences": True})
            given = _at(network, node.input, x)
            every.build(given.shape)
            every.set_weights(node.get_weights())
            yield f"{node.name}/states", _as_json(every(given))


def _at(network: Any, place: Any, x: np.ndarray) -> Any:
    return keras.Model(network.inputs[0], place)(x)


def _as_json(value: Any) -> dict[str, Any]:
    array = np.asarray(keras.ops.convert_to_numpy(value))[0]
    return {"shape": array.shape, "data": array.ravel().tolist()}
