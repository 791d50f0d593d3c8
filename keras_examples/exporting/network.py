"""A trained network as a list of nodes, read from its file without Keras."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_examples.core import InputError
from keras_examples.exporting.layers import LAYERS

if TYPE_CHECKING:
    import h5py

INPUT = "input"
_MODELS = ("Sequential", "Functional", "Model")


@dataclass(frozen=True)
class Node:
    """A layer, or an addition, in a network.

    Args:
        name: Its name; that of a layer within a model within the network is `"outer/inner"`.
        kind: Keras's name of its class, such as `"Conv2D"`.
        inputs: Names of the nodes that it reads, or `INPUT`.
        config: What running it needs to know.
        weights: Its weights by name.
    """

    name: str
    kind: str
    inputs: list[str]
    config: dict[str, Any]
    weights: dict[str, np.ndarray]


@dataclass(frozen=True)
class Network:
    """A network that can be run node by node.

    Args:
        shape: The shape of an input, without the batch; None for a size that may vary.
        nodes: Its nodes, each after those that it reads.
        outputs: Names of the nodes whose outputs are the network's.
    """

    shape: list[int | None]
    nodes: list[Node]
    outputs: list[str]


def read_network(config: Mapping[str, Any], weights: bytes) -> Network:
    """Reads a network of layers that the web format knows.

    Args:
        config: The model's configuration, as `models.contents` returns it.
        weights: Its weights as an HDF5 file, as `models.contents` returns them.

    Raises:
        InputError: It has a layer that the web format does not know, several inputs, or weights
            that do not belong to it.
    """
    import h5py

    shapes: list[list[int | None]] = []
    try:
        with h5py.File(io.BytesIO(weights), "r") as file:
            nodes, outputs = _read(config, file, [INPUT], "", shapes)
        shape = shapes[0]
    except InputError:
        raise
    except Exception:  # h5py raises anything, and the configuration may have any form
        raise InputError(
            "the model's file is damaged, or of another version of Keras; train the model again.",
            "模型文件已损坏，或来自其他版本的 Keras；请重新训练。",
        ) from None
    names = [node.name for node in nodes]
    if len({INPUT, *names}) != len(names) + 1:
        raise _unknown("a layer that is called more than once", "一个被多次调用的层")
    return Network(shape, nodes, outputs)


def _read(
    model: Mapping[str, Any],
    group: h5py.Group,
    given: list[str],
    prefix: str,
    shapes: list[list[int | None]],
) -> tuple[list[Node], list[str]]:
    """Reads a model; returns its nodes, and the names of those that are its outputs."""
    kind, config = model["class_name"], model["config"]
    if kind not in _MODELS or "layers" not in config:
        raise _unknown(f"a model of class {kind}", f"{kind} 类的模型")
    # What each layer of this model stands for outside: a model within it stands for its output.
    stands: dict[str, list[str]] = {}
    nodes: list[Node] = []
    previous = given
    for layer in config["layers"]:
        kind, settings = layer["class_name"], layer["config"]
        name = settings["name"]
        if kind == "InputLayer":
            shapes.append(settings["batch_shape"][1:])
            stands[name] = given
            continue
        inputs = previous
        if "inbound_nodes" in layer:
            inputs = [one for read in _inputs(layer, name) for one in stands[read]]
        if kind in _MODELS:
            inner, previous = _read(
                layer, _group_of(group, name), inputs, f"{prefix}{name}/", shapes
            )
            nodes += inner
        else:
            nodes.append(_node(layer, group, inputs, prefix))
            previous = [nodes[-1].name]
        stands[name] = previous
    if "output_layers" in config:
        inputs, outputs = (
            list(_references(config[key])) for key in ("input_layers", "output_layers")
        )
        if len(inputs) != 1:
            raise _unknown(f"{len(inputs)} inputs", f"{len(inputs)} 个输入")
        previous = [one for name in outputs for one in stands[name]]
    return nodes, previous


def _node(layer: Mapping[str, Any], group: h5py.Group, inputs: list[str], prefix: str) -> Node:
    kind, config = layer["class_name"], layer["config"]
    name = config["name"]
    if kind not in LAYERS:
        raise _unknown(f"the layer {name!r} ({kind})", f"层 {name!r}（{kind}）")
    known = LAYERS[kind]
    names = known.weight_names(config)
    # Before the weights, which another configuration may have more of.
    kept = known.config(kind, name, config)
    arrays = list(_weights(_group_of(group, name))) if names else []
    if len(arrays) != len(names):
        raise InputError(
            f"layer {name!r} ({kind}) has {len(arrays)} weights in the model's file, expected "
            f"{len(names)}: the file is damaged; train the model again.",
            f"层 {name!r}（{kind}）在模型文件中有 {len(arrays)} 个权重，应有 {len(names)} 个："
            "文件已损坏；请重新训练。",
        )
    return Node(f"{prefix}{name}", kind, inputs, kept, dict(zip(names, arrays, strict=True)))


def _group_of(group: h5py.Group, name: str) -> h5py.Group | None:
    """Returns the group of a layer, which Keras numbers by class, and marks with its name."""
    for member in group.get("layers", {}).values():
        if "vars" in member and member["vars"].attrs.get("name") == name:
            return member
    return None


# Keras saves a layer's parts by the names of attributes, sorted: those of attention are wanted in
# the order of its inputs.
_PARTS = ("cell", "query_dense", "key_dense", "value_dense", "output_dense")


def _weights(group: h5py.Group | None) -> Iterator[np.ndarray]:
    if group is None:
        return
    variables = group.get("vars", {})
    for number in range(len(variables)):
        yield np.asarray(variables[str(number)])
    for part in _PARTS:
        if part in group:
            yield from _weights(group[part])


def _inputs(layer: Mapping[str, Any], name: str) -> list[str]:
    """Returns the names of the layers whose outputs a layer of a functional model reads."""
    calls = layer["inbound_nodes"]
    given = [value for call in calls for value in call["kwargs"].values()]
    if len(calls) != 1 or any(value not in (None, False) for value in given):
        raise _unknown(f"a special call of the layer {name!r}", f"层 {name!r} 的特殊调用")
    return list(_tensors(calls[0]["args"], name))


def _tensors(value: Any, name: str) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _tensors(one, name)
    elif isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
        yield value["config"]["keras_history"][0]
    elif value is not None:
        raise _unknown(f"a number given to the layer {name!r}", f"传给层 {name!r} 的数")


def _references(value: Any) -> Iterator[str]:
    """Yields the names in `["a", 0, 0]`, or in a list of such."""
    if value and isinstance(value[0], str):
        yield value[0]
    else:
        for one in value:
            yield from _references(one)


def _unknown(en: str, zh: str) -> InputError:
    return InputError(
        f"the network has {en}, which the web format does not know; export it as onnx, litert or "
        "savedmodel.",
        f"该网络有{zh}，web 格式不支持；请导出为 onnx、litert 或 savedmodel。",
    )
