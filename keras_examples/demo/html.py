"""The HTML of the page: pictures, answers with bars, messages."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape

import numpy as np
from matplotlib.figure import Figure
from PIL import Image


def data_url(image: np.ndarray | Figure) -> str:
    """Returns an image as a data URL, so that no file needs serving.

    Args:
        image: A figure, or grey levels, shape `(height, width)`, `uint8`.
    """
    file = io.BytesIO()
    if isinstance(image, Figure):
        image.savefig(file, format="png")
    else:
        Image.fromarray(image).save(file, format="png")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def picture(image: np.ndarray | Figure, description: str, kind: str = "figure") -> str:
    """Returns an image element.

    Args:
        image: As in `data_url()`.
        description: Its alternative text.
        kind: Its CSS class.
    """
    return f'<img class="{kind}" src="{data_url(image)}" alt="{escape(description)}">'


def answer(
    network: str, names: Sequence[str], outputs: np.ndarray, *, top: int = 3, remark: str = ""
) -> str:
    """Returns a network's answer: the likeliest class large, the likeliest few as bars.

    Args:
        network: The network's title.
        names: The names of the classes.
        outputs: The network's output for each, 0 to 1.
        top: How many classes to show.
        remark: A line below.
    """
    order = np.argsort(-outputs, kind="stable")[:top]
    bars = "".join(_bar(names[index], float(outputs[index])) for index in order)
    best = escape(names[order[0]])
    return (
        f'<section class="answer"><h3>{escape(network)}</h3>'
        f'<p class="best" role="status">{best}</p><ul>{bars}</ul>{_remark(remark)}</section>'
    )


def _bar(name: str, share: float) -> str:
    percent = f"{100 * share:.1f}%"
    return (
        f'<li><span class="name">{escape(name)}</span>'
        f'<span class="track"><span class="bar" style="width:{percent}"></span></span>'
        f'<span class="share">{percent}</span></li>'
    )


def no_answer(network: str, reason: str) -> str:
    """Returns the placeholder for an answer, with the reason why there is none."""
    return (
        f'<section class="answer"><h3>{escape(network)}</h3>'
        f'<p class="best" role="status">–</p>{_remark(reason)}</section>'
    )


def _remark(text: str) -> str:
    return f'<p class="remark">{escape(text)}</p>' if text else ""


def message(text: str, *, error: bool = False) -> str:
    """Returns a line of information, or an error message."""
    return f'<p class="message{" error" if error else ""}" role="status">{escape(text)}</p>'
