"""A row of images to pick one from, with the mouse or the keyboard."""

from __future__ import annotations

import gradio as gr
import numpy as np

from keras_examples.core import Text
from keras_examples.demo.html import data_url
from keras_examples.demo.site import Site, read_asset

COUNT = 10


def first_of_each(labels: np.ndarray) -> list[int]:
    """Returns the index of the first image of each class, in the order of the classes."""
    return [int(np.flatnonzero(labels == label)[0]) for label in range(COUNT)]


def image_picker(
    site: Site, images: np.ndarray, label: Text, *, elem_id: str, value: int | None = None
) -> gr.HTML:
    """Makes a row of images to pick from; its value is the number of the picked one.

    Args:
        site: What the parts of the page share.
        images: The images, shape `(n, 28, 28)`, `uint8`.
        label: The label of one of them.
        elem_id: The row's id on the page.
        value: The number of the initially picked one.
    """
    buttons = "".join(
        f'<button type="button" data-number="{number}" aria-label="${{label}} {number + 1}" '
        f'aria-pressed="${{value === {number}}}"><img src="{data_url(image)}" alt=""></button>'
        for number, image in enumerate(images)
    )
    return site.components.make(
        gr.HTML,
        value,
        label=label,
        html_template=f'<div class="picker">{buttons}</div>',
        js_on_load=read_asset("picker.js"),
        apply_default_css=False,
        elem_id=elem_id,
    )
