"""The description of a run: its history as CSV, its record as JSON, the digest of its weights."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
import json
import os
import platform
from collections.abc import Mapping
from numbers import Real
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_examples.core import Trained
from keras_examples.core.files import read, write_whole
from keras_examples.core.machine import count_cores, processor_name, vector_instructions
from keras_examples.datasets import Dataset
from keras_examples.runner.training import Outcome

_LARGEST_HISTORY = 1_000_000_000  # bytes; a million epochs have about a tenth
# Environment variables that change how TensorFlow and what it calls compute.
VARIABLES = (
    "CUBLAS_WORKSPACE_CONFIG",
    "DNNL_DEFAULT_FPMATH_MODE",
    "DNNL_MAX_CPU_ISA",
    "MKL_NUM_THREADS",
    "NVIDIA_TF32_OVERRIDE",
    "OMP_NUM_THREADS",
    "ONEDNN_DEFAULT_FPMATH_MODE",
    "ONEDNN_MAX_CPU_ISA",
    "TF_CUDNN_DETERMINISTIC",
    "TF_CUDNN_USE_AUTOTUNE",
    "TF_DETERMINISTIC_OPS",
    "TF_DISABLE_MKL",
    "TF_ENABLE_ONEDNN_OPTS",
    "TF_NUM_INTEROP_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_SET_ONEDNN_FPMATH_MODE",
    "TF_XLA_FLAGS",
    "XLA_FLAGS",
)


def write_history(path: Path, history: Mapping[str, list[float]]) -> None:
    """Writes `history.csv`: Keras's names in the first row, then one row per epoch, from 1.

    The numbers are written in full, so that they read back as the same floats.
    """
    write_whole(path, _as_csv(history))


def _as_csv(history: Mapping[str, list[float]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["epoch", *history])
    for epoch, row in enumerate(zip(*history.values(), strict=True), start=1):
        writer.writerow([epoch, *map(float, row)])
    return text.getvalue()


def write_record(path: Path, record: Mapping[str, Any]) -> None:
    """Writes `run.json`. A loss that is NaN is written as null, because JSON has no NaN."""
    text = json.dumps(_finite(record), indent=2, ensure_ascii=False, allow_nan=False)
    write_whole(path, text + "\n")


def read_history(path: Path) -> dict[str, list[float]]:
    """Returns the history that `write_history` wrote.

    Raises:
        OSError: It cannot be read.
        ValueError: It is not such a file.
    """
    text = io.StringIO(read(path, _LARGEST_HISTORY).decode(), newline="")
    rows = list(csv.DictReader(text, strict=True))
    return {name: [float(row[name]) for row in rows] for name in rows[0] if name != "epoch"}


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(entry) for entry in value]
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    return value


def weights_digest(model: keras.Model) -> str:
    """Returns the SHA-256 over all weights: dtypes, shapes and bytes, in the model's order."""
    sha256 = hashlib.sha256()
    for weight in model.get_weights():
        sha256.update(f"{weight.dtype.str}{weight.shape}".encode())
        sha256.update(np.ascontiguousarray(weight).tobytes())
    return sha256.hexdigest()


def history_digest(history: Mapping[str, list[float]]) -> str:
    """Returns the SHA-256 of a history as `write_history` writes it."""
    return hashlib.sha256(_as_csv(history).encode()).hexdigest()


def describe(
    trained: Trained, outcome: Outcome, config: Mapping[str, Any], command: str
) -> dict[str, Any]:
    """Returns the content of `run.json`, except for figures and seconds.

    Args:
        trained: The trained example.
        outcome: The result of its training.
        config: What the result depends on, by name.
        command: The command that repeats the run.
    """
    example, model, data = trained.example, trained.model, trained.data
    optimizer = getattr(model, "optimizer", None) if outcome.history else None
    return {
        "example": example.name,
        "title": dataclasses.asdict(example.title),
        "article": example.article,
        "status": outcome.status,
        "command": command,
        "config": dict(config),
        "optimizer": type(optimizer).__name__ if optimizer else None,
        "loss": getattr(model, "loss", None) if outcome.history else None,
        "seed": config["seed"],
        "resumed_from_epoch": outcome.resumed_from or None,
        "data": {
            "name": data.name,
            "source": data.source,
            "sha256": data.digest,
            **_classes(data),
            "training_samples": len(data.x_train),
            "test_samples": 0 if data.test is None else len(data.test[0]),
        },
        **environment(),
        "metrics": _metrics(trained, outcome),
        "parameters": model.count_params(),
        "weights_sha256": weights_digest(model),
        "history_sha256": history_digest(outcome.history),
    }


def _classes(data: Dataset) -> dict[str, list[str]]:
    """Returns the names of the classes, where they are the user's own."""
    return {"classes": [name.en for name in data.class_names]} if data.source == "images" else {}


def _metrics(trained: Trained, outcome: Outcome) -> dict[str, float]:
    metrics = {name: values[-1] for name, values in outcome.history.items()}
    if outcome.status == "diverged":
        return metrics
    if outcome.history and trained.data.test is None:
        # The last epoch's loss is a mean over steps, each with other weights.
        final = trained.model.evaluate(*trained.data.evaluation, verbose=0, return_dict=True)
        metrics |= {f"final_{name}": value for name, value in final.items()}
    measured = {
        name: float(value) for name, value in trained.measures.items() if isinstance(value, Real)
    }
    return metrics | measured


def environment() -> dict[str, Any]:
    """Returns what the result may depend on besides the code: versions, processor, settings."""
    return {
        "versions": {
            "python": platform.python_version(),
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
            "numpy": np.__version__,
        },
        "processor": processor_name(),
        "instructions": vector_instructions(),
        "cores": count_cores(),
        "gpus": len(tf.config.list_physical_devices("GPU")),
        "settings": _settings(),
    }


def _settings() -> dict[str, Any]:
    """Returns what changes how TensorFlow computes and is not as it is by default."""
    threading = tf.config.threading
    found = {
        **{name: os.environ.get(name) for name in VARIABLES},
        "inter_op_parallelism_threads": threading.get_inter_op_parallelism_threads(),
        "intra_op_parallelism_threads": threading.get_intra_op_parallelism_threads(),
    }
    # Passes over graphs are listed if they are turned on or off, these always.
    passes = tf.config.optimizer.get_experimental_options()
    chosen = {name: on for name, on in passes.items() if on or not name.startswith("disable_")}
    return {name: value for name, value in found.items() if value} | chosen
