"""A square to draw a digit on."""

from __future__ import annotations

import base64
import binascii
import io

import gradio as gr
import numpy as np

from keras_examples.core import InputError, Text
from keras_examples.demo.site import Site, read_asset
from keras_examples.inference.pictures import open_picture, prepare_digit

SIDE = 280
LONGEST = 500_000  # characters; a square full of scribbles has a tenth of that

_TEMPLATE = f"""
<div class="pad">
  <canvas width="{SIDE}" height="{SIDE}" tabindex="0" role="application" aria-label="${{label}}">
  </canvas>
  <span class="pen" aria-hidden="true"></span>
</div>
"""


def drawing_square(site: Site) -> gr.HTML:
    """Makes the square; its value is the drawing as a data URL, or `""` for none."""
    return site.components.make(
        gr.HTML,
        "",
        label=Text(
            "Square to draw a digit on. Arrow keys move the pen, the space bar puts it down or "
            "lifts it, Delete clears the square.",
            "写数字的方框。方向键移动画笔，空格键落笔或提笔，Delete 键清空。",
        ),
        html_template=_TEMPLATE,
        js_on_load=read_asset("drawing.js"),
        apply_default_css=False,
        elem_id="drawing",
    )


def read_drawing(url: str | None) -> np.ndarray | None:
    """Returns a drawing as an input of the networks, shape `(28, 28)`, or None if there is none.

    Args:
        url: The value of the square. It comes from the browser, so it can be anything.

    Raises:
        InputError: It is not a picture, or empty.
    """
    if not url:
        return None
    kind, _, encoded = str(url).partition(",")
    if kind != "data:image/png;base64" or len(encoded) > LONGEST:
        raise InputError(
            "the drawing is not a PNG, or too large; clear the square and draw again.",
            "写的字不是 PNG 图片，或太大；请清空后重写。",
        )
    try:
        file = io.BytesIO(base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError):
        raise InputError(
            "the drawing is damaged; clear the square and draw again.",
            "写的字已损坏；请清空后重写。",
        ) from None
    return prepare_digit(open_picture(file))
