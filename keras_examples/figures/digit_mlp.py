"""The figures of the sigmoid network: its neurons lit by a digit, and what they look for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Patch

from keras_examples.core import Text, Trained
from keras_examples.figures import style

if TYPE_CHECKING:
    import keras

_STRONGEST = 32  # connections drawn between two layers
_UNLIT = "#BBBBBB"


def lit_network(trained: Trained) -> Figure:
    """A digit, the neurons that it lights up, and the connections that carry most."""
    fired = trained.measures["nine"]
    answer = int(fired[-1].argmax())
    title = trained.text(
        f": what a 9 lights up (answer: {answer})", f"：数字 9 点亮的神经元（回答：{answer}）"
    )
    figure = style.new_figure(trained.title + title, figsize=(10.0, 4.5))
    axes = figure.subplots()
    lit = light_up(axes, trained.model, fired, trained.lang)
    figure.colorbar(lit, ax=axes, shrink=0.7, pad=0.01).set_label(
        trained.text("Activation (0 to 1)", "激活值（0 到 1）")
    )
    return figure


def light_up(
    axes: Axes, model: keras.Model, fired: list[np.ndarray], lang: str, *, size: float = 95
) -> AxesImage:
    """Draws the network with its neurons lit.

    Args:
        axes: What to draw on.
        model: A model of `digit_mlp.build_model()`.
        fired: What `digit_mlp.activations()` returned of it.
        lang: Language of the labels, `"en"` or `"zh"`.
        size: Area of a neuron, in square points.

    Returns:
        The image of the pixels, for a colour bar.
    """
    axes.set(xlim=(-1, 89), ylim=(30, -4), facecolor="#202020", xticks=[], yticks=[])
    axes.set_aspect("equal")
    axes.spines[:].set_visible(False)
    pixels = fired[0].reshape(28, 28)
    lit = axes.imshow(pixels, cmap="gray", vmin=0, vmax=1, extent=(0, 28, 28, 0))
    places = _places(fired)
    for number, kernel in enumerate(_kernels(model)):
        _connect(axes, fired[number], kernel, places[number], places[number + 1])
    shade: dict[str, Any] = {"cmap": "gray", "vmin": 0, "vmax": 1, "ec": "white"}
    for neurons, where in zip(fired[1:], places[1:], strict=True):
        axes.scatter(where[:, 0], where[:, 1], s=size, c=neurons, zorder=3, **shade)
    answer = int(fired[-1].argmax())
    for digit, (left, top) in enumerate(places[-1]):
        text = f"{digit}   {fired[-1][digit]:.2f}"
        axes.text(left + 2, top, text, color="white" if digit == answer else "#A0A0A0", va="center")
    _name_layers(axes, lang, places)
    return lit


def _kernels(model: keras.Model) -> list[np.ndarray]:
    return list(model.get_weights()[::2])  # the others are biases


def _places(fired: list[np.ndarray]) -> list[np.ndarray]:
    """Returns where each neuron is drawn, shape `(neurons, 2)` per layer; a pixel is 1×1."""
    down, across = np.divmod(np.arange(784), 28)
    pixels = np.column_stack([across, down]) + 0.5
    columns = [
        np.column_stack(
            [np.full(len(neurons), left), 28 * (np.arange(len(neurons)) + 0.5) / len(neurons)]
        )
        for neurons, left in zip(fired[1:], (46.0, 63.0, 80.0), strict=True)
    ]
    return [pixels, *columns]


def _connect(
    axes: Axes, fired: np.ndarray, kernel: np.ndarray, start: np.ndarray, end: np.ndarray
) -> None:
    """Draws the connections that add or take away most: weight times activation."""
    carried = fired[:, None] * kernel
    picked = np.argsort(-np.abs(carried), axis=None)[:_STRONGEST]
    sources, targets = np.unravel_index(picked, carried.shape)
    share = carried[sources, targets] / np.abs(carried).max()
    axes.add_collection(
        LineCollection(
            list(np.stack([start[sources], end[targets]], axis=1)),
            colors=np.where(share > 0, style.SKY, style.ORANGE).tolist(),
            linewidths=2 * np.abs(share),
            alpha=0.8,
        )
    )


def _name_layers(axes: Axes, lang: str, places: list[np.ndarray]) -> None:
    names = (
        Text("784 pixels", "784 个像素"),
        Text("Hidden, 16", "隐藏层，16"),
        Text("Hidden, 16", "隐藏层，16"),
        Text("Output, 10", "输出层，10"),
    )
    for name, where in zip(names, places, strict=True):
        axes.text(where[:, 0].mean(), -2, name[lang], color="white", ha="center", va="center")
    for colour, name in (
        (style.SKY, Text("excites (weight × activation > 0)", "兴奋（权重 × 激活值 > 0）")),
        (style.ORANGE, Text("inhibits (< 0)", "抑制（< 0）")),
    ):
        axes.plot([], [], color=colour, label=name[lang])
    strongest = Text(
        f"The {_STRONGEST} strongest connections from layer to layer; the others are not drawn",
        f"每两层之间只画最强的 {_STRONGEST} 条连接",
    )
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 0), ncols=2, title=strongest[lang])


def first_weights(trained: Trained) -> Figure:
    """The weights of each neuron of the first layer, as an image of what it looks for.

    Pixels that no training image lights, near the border, keep the weights that they began with:
    they are left out.
    """
    title = trained.text(": what the first 16 neurons look for", "：第一层 16 个神经元寻找的图案")
    figure = style.new_figure(trained.title + title, figsize=(7.4, 6.6))
    lit = trained.data.x_train.any(axis=0)
    images = np.where(lit, _kernels(trained.model)[0].T.reshape(-1, 28, 28), np.nan)
    most = float(np.nanmax(np.abs(images)))
    grid = figure.subplots(4, 4)
    for number, (axes, image) in enumerate(zip(grid.flat, images, strict=True), start=1):
        drawn = axes.imshow(image, cmap="RdBu", vmin=-most, vmax=most)
        axes.set_title(str(number), fontsize=9)
        axes.set(facecolor=_UNLIT, xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
    figure.colorbar(drawn, ax=grid, shrink=0.8).set_label(
        trained.text(
            "Weight of the pixel (blue excites, red inhibits)", "像素的权重（蓝色兴奋，红色抑制）"
        )
    )
    unlit = trained.text(
        "black in every training image: the weight never changes",
        "在所有训练图像中都是黑色，权重从不改变",
    )
    figure.legend(handles=[Patch(color=_UNLIT, label=unlit)], loc="outside lower left")
    return figure
