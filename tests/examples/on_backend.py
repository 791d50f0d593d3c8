"""Tries every example on the backend of Keras that is in use, and prints what came of it as JSON.

    KERAS_BACKEND=jax python -m tests.examples.on_backend FOLDER

TensorFlow comes first: it leaves each network in the folder, with samples and its outputs.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_examples import digit_mlp, edge_detection, mnist_gan, self_attention, three_layer_network
from keras_examples.core import Example, InputError, catalogue

SAMPLES = 4
# Other tests trace what TensorFlow computes, which takes seconds; here it computes eagerly.
FIRST = keras.backend.backend() == "tensorflow"

# What a page computes with its network besides, from samples of its inputs.
COMPUTES: Mapping[str, Callable[[Any, np.ndarray], np.ndarray]] = {
    "three-layer-network": lambda model, x: three_layer_network.signals(model, x)["z2"],
    "digit-mlp": lambda model, x: digit_mlp.activations(model, x[0])[1],
    "edge-detection": lambda model, x: edge_detection.convolve(model, x[0, ..., 0]),
    "self-attention": self_attention.attention_weights,
}


def networks(example: Example) -> dict[str, keras.Model]:
    """Builds the example's network, its companions' and those of its recipes."""
    others = (example.companion_examples, example.recipe_examples)
    every = [example, *(one for group in others for one in group.values())]
    return {one.name: one.build(steps=100) for one in every}


def outputs(example: Example, model: keras.Model, samples: Mapping[str, np.ndarray]) -> np.ndarray:
    """Returns all that is computed from the samples, in one row."""
    computed = [model.predict(samples["inputs"], verbose=0)]
    if example.name in COMPUTES:
        computed.append(COMPUTES[example.name](model, samples["inputs"]))
    return np.concatenate([array.ravel() for array in computed])


def draw_samples(example: Example) -> dict[str, Any]:
    """Returns what a network is trained on, and the inputs to predict from."""
    data = example.load(data="stand-in", data_dir=None)
    x, y = (np.resize(array, (SAMPLES, *array.shape[1:])) for array in (data.x_train, data.y_train))
    return {"x": x, "y": y, "inputs": mnist_gan.noise(SAMPLES) if "gan" in example.name else x}


def read(file: Path) -> dict[str, Any]:
    """Returns the arrays in a file."""
    with np.load(file) as arrays:
        return dict(arrays)


def build_and_train(example: Example, folder: Path) -> dict[str, Any]:
    """Builds the networks of an example, and trains its own; returns what came of it."""
    file = folder / f"{example.name}.npz"
    samples = draw_samples(example) if FIRST else read(file)
    built = networks(example)
    model = built[example.name]
    model.run_eagerly = FIRST
    found = {"parameters": {name: one.count_params() for name, one in built.items()}}
    if example.epochs:
        history = model.fit(samples["x"], samples["y"], batch_size=SAMPLES // 2, verbose=0).history
        found["losses"] = {name: values[-1] for name, values in history.items()}
    if FIRST:
        model.save(file.with_suffix(".keras"))
        np.savez(file, **samples, outputs=outputs(example, model, samples))
    return found


def compare(example: Example, folder: Path) -> float:
    """Returns by how much the saved network's outputs differ from TensorFlow's."""
    samples = read(folder / f"{example.name}.npz")
    expected = samples["outputs"]
    saved = keras.saving.load_model(folder / f"{example.name}.keras")
    saved.run_eagerly = FIRST
    found = outputs(example, saved, samples)
    return float(np.max(np.abs(found - expected) / (1 + np.abs(expected))))


def look_at(example: Example, folder: Path) -> dict[str, Any]:
    """Returns what comes of an example."""
    try:
        found = build_and_train(example, folder)
    except InputError as error:
        found = {"refused": str(error)}
    except Exception as error:
        found = {"broken": f"{type(error).__name__}: {error}"}
    return {**found, "difference": compare(example, folder)}


def look_at_all(folder: Path) -> dict[str, dict[str, Any]]:
    """Returns what comes of every example, by name."""
    return {name: look_at(catalogue.load(name), folder) for name in catalogue.names()}


def main() -> None:
    """Prints what comes of every example."""
    warnings.simplefilter("error")
    # Keras reads its variables in a way that NumPy 2 wants done differently.
    warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)
    # JAX computes in float32, also what is to be computed in float64.
    warnings.filterwarnings("ignore", "Explicitly requested dtype float64", UserWarning)
    print(json.dumps(look_at_all(Path(sys.argv[1]))))


if __name__ == "__main__":
    main()
