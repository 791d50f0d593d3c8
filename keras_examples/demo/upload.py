"""A button to upload a picture, and its conversion to an input of the networks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr
import numpy as np
from PIL import Image

from keras_examples.core import InputError, Text
from keras_examples.demo.site import Site
from keras_examples.inference.pictures import open_picture

LARGEST_FILE = "10mb"  # a phone's photo has 3 to 8


def upload_button(site: Site, **options: Any) -> gr.UploadButton:
    """Makes the button; its value is the path of the picture on this machine.

    Args:
        site: What the parts of the page share.
        **options: Further arguments of the button.
    """
    return site.components.make(
        gr.UploadButton,
        label=Text("Upload", "上传图片"),
        file_types=["image"],
        type="filepath",
        size="md",
        **options,
    )


def read_upload(path: str, prepare: Callable[[Image.Image], np.ndarray], lang: str) -> np.ndarray:
    """Returns an uploaded picture as an input of the networks, shape `(28, 28)`.

    Args:
        path: The uploaded file.
        prepare: `prepare_digit` or `prepare_garment`.
        lang: The language of the page.

    Raises:
        gr.Error: It cannot be used; the page shows why.
    """
    try:
        return prepare(open_picture(path))
    except InputError as error:
        # The user does not know the path on this machine.
        picture = Text("the picture", "这张图片")[lang]
        message = error.text[lang].replace(repr(path), picture)
        raise gr.Error(message, title="", print_exception=False) from None
