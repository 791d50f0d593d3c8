"""The part of the page for digits: draw one, and see which neurons it activates."""

from __future__ import annotations

import gradio as gr
import numpy as np
from matplotlib.figure import Figure

from keras_examples import digit_mlp
from keras_examples.core import InputError, Text
from keras_examples.demo.drawing import drawing_square, read_drawing
from keras_examples.demo.html import answer, data_url, message, no_answer, picture
from keras_examples.demo.language import figure_language
from keras_examples.demo.networks import Network, classify
from keras_examples.demo.offer import Offer
from keras_examples.demo.picker import first_of_each, image_picker
from keras_examples.demo.site import LATEST, ONE_AT_A_TIME, Site
from keras_examples.demo.upload import read_upload, upload_button
from keras_examples.figures import digit_mlp as digit_figures
from keras_examples.figures.style import style
from keras_examples.inference.pictures import prepare_digit

NAMES = ("mnist-cnn", "digit-mlp")
_TITLES = {
    "mnist-cnn": Text("Convolutional network", "卷积神经网络"),
    "digit-mlp": Text("784-16-16-10 network", "784-16-16-10 网络"),
}
_DIGITS = tuple("0123456789")


class Digits:
    """The part of the page for digits.

    Args:
        site: What the parts of the page share.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        make = site.components.make
        make(
            gr.Markdown,
            value=Text(
                "Draw a digit. Two networks read it as you draw, and the smaller one shows which "
                "of its neurons light up.",
                "写一个数字。你一边写，两个网络一边识别；小的那个还会点亮它的神经元。",
            ),
        )
        self._offer = Offer(site, NAMES, Text("It takes a few minutes.", "需要几分钟。"))
        with gr.Row():
            with gr.Column(scale=0, min_width=300):
                self._drawing = drawing_square(site)
                with gr.Row(elem_classes="buttons"):
                    self._clear = make(gr.Button, value=Text("Clear", "清空"), size="md")
                    self._upload = upload_button(site)
            with gr.Column(min_width=300):
                self._answers = gr.HTML(elem_id="digit-answers", apply_default_css=False)
                make(
                    gr.Markdown,
                    value=Text("Or pick a digit of the test set:", "或选一个测试集里的数字："),
                    elem_classes="small",
                )
                mnist = site.images("mnist")
                self._images = mnist.x_test[first_of_each(mnist.y_test)]
                self._picker = image_picker(
                    site, self._images, Text("Test digit", "测试数字"), elem_id="test-digits"
                )
        self._lit = gr.HTML(elem_id="lit-network", apply_default_css=False)
        self._listen()

    def listen(self, page: gr.Blocks) -> None:
        """Connects its events, once the page has all its components."""
        self._offer.listen(page)
        gr.on(
            [page.load, self._drawing.change, self._site.lang.change, self._offer.available.change],
            self._answer,
            [self._site.lang, self._drawing],
            [self._answers, self._lit],
            **LATEST,
        )

    def _listen(self) -> None:
        self._clear.click(None, None, self._drawing, js="() => ''", api_visibility="private")
        self._picker.select(
            lambda number: data_url(self._images[int(number)]),
            [self._picker],
            [self._drawing],
            **ONE_AT_A_TIME,
        )
        self._upload.upload(
            self._take, [self._site.lang, self._upload], [self._drawing], **ONE_AT_A_TIME
        )

    def _take(self, lang: str, path: str) -> str:
        return data_url(read_upload(path, prepare_digit, lang))

    def _answer(self, lang: str, drawing: str | None) -> tuple[str, str]:
        try:
            image = read_drawing(drawing)
        except InputError as error:
            return message(error.text[lang], error=True), ""
        networks = {name: self._site.networks.get(name) for name in NAMES}
        cards = "".join(_card(name, network, image, lang) for name, network in networks.items())
        return f'<div class="answers">{cards}</div>', _lit(networks["digit-mlp"], image, lang)


def _card(name: str, network: Network | None, image: np.ndarray | None, lang: str) -> str:
    title = _TITLES[name][lang]
    if network is None:
        return no_answer(title, Text("Not trained yet.", "尚未训练。")[lang])
    if image is None:
        return no_answer(title, Text("Waiting for a digit.", "等待数字。")[lang])
    remark = " ".join(remark[lang] for remark in network.remarks)
    return answer(title, _DIGITS, classify(network, image), remark=remark)


def _lit(network: Network | None, image: np.ndarray | None, lang: str) -> str:
    """Draws the article's picture of the network, with its activations for an image."""
    if network is None or image is None:
        return ""
    fired = digit_mlp.activations(network.model, image)
    with style(figure_language(lang)):
        figure = Figure(figsize=(6.2, 2.6))
        axes = figure.add_axes((0, 0.08, 1, 0.92))
        digit_figures.light_up(axes, network.model, fired, figure_language(lang), size=42)
        axes.set_xlim(-1, 92)  # the outputs' numbers are wider in so small a figure
        description = Text("The network's neurons, lit by the digit", "被这个数字点亮的神经元")
        return picture(figure, description[lang])
