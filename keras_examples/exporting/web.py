"""The web format, which `network.js` reads: a JSON of the layers beside a file of the weights."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_examples.core import InputError, Text
from keras_examples.exporting.network import Network

FORMAT = 1
_LARGEST = 32767  # of 16 bits
DTYPES = ("int16", "float16", "float32")


def describe(
    name: str,
    network: Network,
    dtype: str,
    classes: Sequence[Text] = (),
    record: Mapping[str, Any] | None = None,
) -> tuple[str, bytes]:
    """Returns a network in the web format.

    Args:
        name: The name of what was trained, and of its files.
        network: The network.
        dtype: What weights are stored as. In `"int16"`, each column of a matrix has a `float32`
            scale and is whole numbers of it, the scales first; vectors are in `"float32"`. As large
            as `"float16"`, it is eight times as exact.
        classes: The names of its classes, if it has any.
        record: The record of its run, if there is one.

    Returns:
        The content of `NAME.json` and of `NAME.bin`.

    Raises:
        InputError: A weight is no finite number, or too large for the type.
    """
    weights, offset, nodes = [], 0, []
    for node in network.nodes:
        places = []
        for weight, values in node.weights.items():
            stored = _stored(values, dtype, f"{node.name}/{weight}")
            places.append({"name": weight, "shape": list(values.shape), "offset": offset})
            weights.append(stored)
            offset += len(stored)
        nodes.append(
            {
                "name": node.name,
                "type": node.kind,
                "inputs": node.inputs,
                "config": node.config,
                "weights": places,
            }
        )
    content = b"".join(weights)
    description: dict[str, Any] = {
        "format": FORMAT,
        "name": name,
        "input": network.shape,
        "outputs": network.outputs,
        "bin": f"{name}.bin",
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "dtype": dtype,
        "nodes": nodes,
    }
    if classes:
        description["classes"] = [dataclasses.asdict(one) for one in classes]
    if record:
        description["record"] = {
            "command": record["command"],
            "seed": record["seed"],
            "data": record["data"]["name"],
            "source": record["data"]["source"],
            "metrics": record["metrics"],
        }
    return json.dumps(description, ensure_ascii=False, separators=(",", ":")) + "\n", content


def _stored(values: np.ndarray, dtype: str, name: str) -> bytes:
    scales = np.empty(0, "<f4")
    with np.errstate(over="ignore", invalid="ignore"):
        if dtype == "int16" and values.ndim > 1:
            columns = np.abs(values).reshape(-1, values.shape[-1])
            scales = (columns.max(axis=0) / _LARGEST).astype("<f4")
            stored = np.rint(values / np.where(scales, scales, 1))
        else:
            stored = values.astype("<f2" if dtype == "float16" else "<f4")
    if not np.isfinite(stored).all():
        if np.isfinite(values).all():
            raise InputError(
                f"the weights {name!r} go up to {np.abs(values).max():.3g}, too much for {dtype}; "
                "export them with --dtype float32.",
                f"权重 {name!r} 的绝对值最大为 {np.abs(values).max():.3g}，超出 {dtype} 的范围；"
                "请用 --dtype float32 导出。",
            )
        raise InputError(
            f"the weights {name!r} are not all finite numbers: the training has diverged; train "
            "again, with a smaller learning rate for example.",
            f"权重 {name!r} 中有无穷大或 NaN：训练已发散；请重新训练，例如用更小的学习率。",
        )
    return scales.tobytes() + (stored.astype("<i2") if scales.size else stored).tobytes()
