"""The figure of the feed-forward network's loss, with pixels as they are and from 0 to 1."""

from __future__ import annotations

from matplotlib.figure import Figure

from keras_examples.core import Trained
from keras_examples.figures import shared, style


def loss(trained: Trained) -> Figure:
    """Training and validation loss over the epochs, beside those with pixels from 0 to 1."""
    title = trained.text(": loss", "：损失")
    figure = style.new_figure(trained.title + title, figsize=(9.6, 4.4))
    own, other = figure.subplots(1, 2)
    shared.draw_loss(own, trained)
    rescaled = any(layer.name.startswith("rescaling") for layer in trained.model.layers)
    whole, small = (
        trained.text("Pixels from 0 to 255, as in the article", "像素为 0 到 255，同文章"),
        trained.text("Pixels from 0 to 1", "像素缩放到 0 到 1"),
    )
    own.set_title(small if rescaled else whole)
    shared.draw_loss(other, trained.companions["rescaled"])
    other.set_title(small)
    return figure
