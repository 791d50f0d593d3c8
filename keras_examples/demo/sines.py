"""The part of the page for sines: shape one, and see how the recurrent networks continue it."""

from __future__ import annotations

import gradio as gr
import numpy as np
from matplotlib.figure import Figure

from keras_examples.core import Text
from keras_examples.demo.html import message, picture
from keras_examples.demo.language import figure_language
from keras_examples.demo.networks import Network
from keras_examples.demo.offer import Offer
from keras_examples.demo.site import LATEST, Site
from keras_examples.figures import style
from keras_examples.inference import forecast

NAMES = ("sine-rnn", "sine-lstm")
_STYLES = {
    "sine-rnn": ("SimpleRNN", style.BLUE, "-"),
    "sine-lstm": ("LSTM", style.VERMILION, "--"),
}
SEEN, AHEAD = 40, 60
STEP = 100 / 99  # between two points, as in the article
_SEED = 4


class Sines:
    """The part of the page for sines.

    Args:
        site: What the parts of the page share.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        make = site.components.make
        make(
            gr.Markdown,
            value=Text(
                "Shape a sine. The networks see its last ten points and go on from there, each on "
                "its own forecasts. They learned one frequency, without noise.",
                "调整正弦波。网络只看最后十个点，然后以自己的预测继续下去。训练时只见过一种频率，没有噪声。",
            ),
        )
        self._offer = Offer(site, NAMES, Text("It takes a few seconds.", "只需几秒钟。"))
        with gr.Row():
            self._frequency = make(
                gr.Slider,
                0.5,
                2,
                1,
                step=0.05,
                label=Text("Frequency (1: as in training)", "频率（1 为训练时的频率）"),
                elem_id="frequency",
                buttons=[],
            )
            self._noise = make(
                gr.Slider,
                0,
                0.5,
                0,
                step=0.02,
                label=Text("Noise (standard deviation)", "噪声（标准差）"),
                elem_id="noise",
                buttons=[],
            )
        self._figure = gr.HTML(elem_id="sine", apply_default_css=False)

    def listen(self, page: gr.Blocks) -> None:
        """Connects its events, once the page has all its components."""
        self._offer.listen(page)
        shaped = [self._frequency.change, self._noise.change]
        gr.on(
            [page.load, *shaped, self._site.lang.change, self._offer.available.change],
            self._continue,
            [self._site.lang, self._frequency, self._noise],
            [self._figure],
            **LATEST,
        )

    def _continue(self, lang: str, frequency: float, noise: float) -> str:
        found = {name: self._site.networks.get(name) for name in NAMES}
        networks = {name: network for name, network in found.items() if network}
        description = Text("The sine, and how the networks continue it", "正弦波及网络的延续")[lang]
        labels = figure_language(lang)
        with style.style(labels):
            html = picture(_draw(networks, frequency, noise, labels), description)
        if not networks:
            html += message(Text("No network to continue it yet.", "还没有能延续它的网络。")[lang])
        return html


def wave(frequency: float, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Returns a sine: the points that the networks get, and all points without noise.

    Args:
        frequency: In multiples of the one that the networks learned.
        noise: Standard deviation of the noise on the points that they get.

    Returns:
        Values of shape `(SEEN,)` and `(SEEN + AHEAD,)`.
    """
    truth = np.sin(frequency * STEP * np.arange(SEEN + AHEAD))
    points = truth[:SEEN] + noise * np.random.default_rng(_SEED).standard_normal(SEEN)
    return points, truth


def _draw(networks: dict[str, Network], frequency: float, noise: float, lang: str) -> Figure:
    seen, truth = wave(frequency, noise)
    t = STEP * np.arange(SEEN + AHEAD)
    figure = Figure(figsize=(6.2, 3.4), layout="constrained")
    axes = figure.subplots()
    axes.plot(
        t, truth, color=style.GREY, alpha=0.4, lw=4, label=Text("True sine", "真实的正弦")[lang]
    )
    axes.plot(
        t[:SEEN],
        seen,
        ".",
        color=style.BLACK,
        ms=5,
        label=Text("Points so far", "已知的点")[lang],
    )
    for name, network in networks.items():
        label, colour, dashes = _STYLES[name]
        values = forecast(name, steps=AHEAD, series=seen, model=network.model)
        axes.plot(t[SEEN:], values, dashes, color=colour, label=label)
    axes.axvline(t[SEEN - 1] + STEP / 2, color=style.GREY, lw=1, ls=":")
    axes.set(xlabel=Text("Time t (radians)", "时间 t（弧度）")[lang], ylim=(-2, 2))
    axes.margins(x=0.01)
    axes.grid(visible=True)
    figure.legend(loc="outside lower center", ncols=4)
    return figure
