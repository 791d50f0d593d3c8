"""A button to upload a picture, its limits, and what becomes of the picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr
import numpy as np
from PIL import Image

from keras_examples.core import InputError
from keras_examples.demo.site import Site
from keras_examples.demo.words import Text
from keras_examples.inference.pictures import check_not_empty, open_picture

LARGEST_FILE = "10mb"  # a phone's photo has 3 to 8


def upload_button(site: Site, **options: Any) -> gr.UploadButton:
    """Makes the button; its value is the path of the picture on this machine.

    Args:
        site: What the parts of the page share.
        **options: Further arguments of the button.
    """
    return site.words.make(
        gr.UploadButton,
        label=Text("Upload", "上传图片"),
        file_types=["image"],
        type="filepath",
        size="md",
        **options,
    )


def read_upload(path: str, prepare: Callable[[Image.Image], np.ndarray]) -> np.ndarray:
    """Returns an uploaded picture as a network sees it, shape `(28, 28)`.

    Args:
        path: Where the upload is.
        prepare: `prepare_digit` or `prepare_garment`.

    Raises:
        gr.Error: It cannot be used; the page shows why.
    """
    try:
        opened = open_picture(path)
        check_not_empty(opened)
        return prepare(opened)
    except InputError as error:
        # The path is where the upload happens to lie on this machine.
        said = str(error).replace(repr(path), "the picture")
        raise gr.Error(said, title="", print_exception=False) from None
