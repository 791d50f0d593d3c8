"""Shows how far the runner's steps are from Keras's `fit` on the same batches, and why.

    python -m benchmarks.equality    # about three minutes on two cores

The convolutional network takes the same steps twice, by `fit` and in parts side by side, from the
same weights. What differs is the order in which numbers are added up: its rounding, and what
training makes of it. Pixels from 0 to 255 amplify it, pixels from 0 to 1 hardly do, and in float64
nothing is left of it. Set KERAS_EXAMPLES_DATA to the real data first.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from keras_examples.core.markdown import table
from keras_examples.core.threads import prepare

STEPS = (1, 50, 200)
BATCH = 32
SEEDS = 5
SAMPLES = 6000


def main() -> None:
    """Measures, and prints two tables."""
    prepare()
    rows = [
        [name, *(f"{abs(a / b - 1):.1e}" for a, b in zip(*losses(*how), strict=True))]
        for name, how in {
            "pixels 0 to 255": (False, "float32"),
            "`--rescale`": (True, "float32"),
            "`--rescale`, float64": (True, "float64"),
        }.items()
    ]
    print(table(["Loss differs by", *(f"step {step}" for step in STEPS)], rows), end="\n\n")
    rows = [
        [name, f"{np.mean(found):.4f}", f"{np.std(found, ddof=1):.4f}"]
        for name, found in accuracies().items()
    ]
    print(table([f"Test accuracy, {SEEDS} seeds", "mean", "standard deviation"], rows))


def losses(rescale: bool, precision: str) -> tuple[list[float], list[float]]:
    """Returns the losses of a few steps, by the runner's way and by `fit`."""
    import keras

    from keras_examples import mnist_cnn

    keras.config.set_floatx(precision)
    keras.config.set_dtype_policy(precision)
    data = mnist_cnn.load_data("real")
    found = []
    for parts in (2, 0):
        keras.utils.set_random_seed(0)
        built = mnist_cnn.build_model(rescale=rescale)  # always in float32
        model = keras.models.model_from_json(built.to_json().replace("float32", precision))
        model.set_weights(_same_weights(built))
        model.compile("adam", "sparse_categorical_crossentropy")
        found.append(_losses(model, data.x_train, data.y_train, parts))
    return found[0], found[1]


def _same_weights(model: Any) -> list[np.ndarray]:
    random = np.random.default_rng(0)
    limits = [np.sqrt(6 / (w.size / w.shape[-1] + w.shape[-1])) for w in model.get_weights()]
    pairs = zip(model.get_weights(), limits, strict=True)
    return [random.uniform(-one, one, w.shape) * (w.ndim > 1) for w, one in pairs]


def _losses(model: Any, x: np.ndarray, y: np.ndarray, parts: int) -> list[float]:
    import tensorflow as tf

    from keras_examples.runner.steps import Steps, make_variables
    from keras_examples.runner.ways import Way

    make_variables(model, x, y)
    order = np.random.default_rng(0).permutation(len(x))[: BATCH * STEPS[-1]]
    x, y, found = x[order], y[order], []
    steps = Steps(model, model.train_step, x, y, BATCH, way=Way(parts=parts)) if parts else None
    for step in range(STEPS[-1]):
        model.reset_metrics()
        batch = slice(step * BATCH, (step + 1) * BATCH)
        if steps:
            loss = steps(tf.range(len(x)), step, step + 1)["loss"]
        else:
            loss = model.train_on_batch(x[batch], y[batch], return_dict=True)["loss"]
        if step + 1 in STEPS:
            found.append(float(np.asarray(loss)))
    return found


def accuracies() -> dict[str, list[float]]:
    """Returns test accuracies after an epoch over some images, a seed each, both ways."""
    import keras

    from keras_examples import mnist_cnn
    from keras_examples.runner.plain import fit
    from keras_examples.runner.training import Network, Training

    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")
    whole = mnist_cnn.load_data("real")
    data = dataclasses.replace(
        whole, x_train=whole.x_train[:SAMPLES], y_train=whole.y_train[:SAMPLES]
    )
    found: dict[str, list[float]] = {"`fit`": [], "runner": []}
    for seed in range(SEEDS):
        network = Network(
            example=mnist_cnn.EXAMPLE, data=data, epochs=1, batch_size=BATCH, seed=seed
        )
        history = fit(
            network.build(),
            data.x_train,
            data.y_train,
            batch_size=BATCH,
            seed=seed,
            validation_data=data.test,
            verbose=0,
        )
        outcome = Training(network).run()
        for name, one in (("`fit`", history.history), ("runner", outcome.history)):
            found[name].append(one["val_accuracy"][-1])
    return found


if __name__ == "__main__":
    main()
