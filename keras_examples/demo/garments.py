"""The part of the page for garments: pick or upload one, and see how the network classifies it."""

from __future__ import annotations

import gradio as gr
import numpy as np

from keras_examples.core import Text
from keras_examples.demo.html import answer, no_answer, picture
from keras_examples.demo.networks import Network, classify
from keras_examples.demo.offer import Offer
from keras_examples.demo.picker import first_of_each, image_picker
from keras_examples.demo.site import LATEST, ONE_AT_A_TIME, Site
from keras_examples.demo.upload import read_upload, upload_button
from keras_examples.inference.pictures import prepare_garment

NAMES = ("fashion-mnist-ffn",)


class Garments:
    """The part of the page for garments.

    Args:
        site: What the parts of the page share.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._data = site.images("fashion-mnist")
        self._picked = first_of_each(self._data.y_test)
        make = site.components.make
        make(
            gr.Markdown,
            value=Text(
                "Pick a garment, or upload a picture of one on a plain ground.",
                "选一件衣物，或上传一张纯色背景的衣物图片。",
            ),
        )
        self._offer = Offer(site, NAMES, Text("It takes about a minute.", "大约需要一分钟。"))
        self._picker = image_picker(
            site,
            self._data.x_test[self._picked],
            Text("Garment", "衣物"),
            value=0,
            elem_id="garments",
        )
        if self._data.stand_in:
            make(
                gr.Markdown,
                value=Text(
                    "These are stand-ins drawn by code, not Fashion-MNIST's photos.",
                    "这些是程序绘制的替代图像，不是 Fashion-MNIST 的照片。",
                ),
                elem_classes="small",
            )
        self._upload = upload_button(site, elem_classes="alone")
        # The image to classify, and its label if it is known.
        self._chosen = gr.State((self._data.x_test[self._picked[0]], 0))
        self._card = gr.HTML(elem_id="garment-answer", apply_default_css=False)

    def listen(self, page: gr.Blocks) -> None:
        """Connects its events, once the page has all its components."""
        self._offer.listen(page)
        inputs, outputs = [self._site.lang, self._chosen], [self._card]
        gr.on(
            [page.load, self._site.lang.change, self._offer.available.change],
            self._answer,
            inputs,
            outputs,
            **LATEST,
        )
        picked = self._picker.select(self._pick, [self._picker], [self._chosen], **LATEST)
        taken = self._upload.upload(
            self._take,
            [self._site.lang, self._upload],
            [self._chosen, self._picker],
            **ONE_AT_A_TIME,
        )
        for chosen in (picked, taken):
            chosen.success(self._answer, inputs, outputs, **LATEST)

    def _pick(self, number: int) -> tuple[np.ndarray, int]:
        return self._data.x_test[self._picked[int(number)]], int(number)

    def _take(self, lang: str, path: str) -> tuple[tuple[np.ndarray, None], None]:
        return (read_upload(path, prepare_garment, lang), None), None

    def _answer(self, lang: str, chosen: tuple[np.ndarray, int | None]) -> str:
        image, label = chosen
        title = Text("Feed-forward network", "前馈神经网络")[lang]
        seen = picture(image, Text("What the network sees", "网络看到的图像")[lang], kind="pixels")
        network = self._site.networks.get(NAMES[0])
        if network is None:
            card = no_answer(title, Text("Not trained yet.", "尚未训练。")[lang])
        else:
            names = [name[lang] for name in self._data.class_names]
            remark = self._remark(lang, label, network)
            card = answer(title, names, classify(network, image), top=5, remark=remark)
        return f'<div class="answers">{seen}{card}</div>'

    def _remark(self, lang: str, label: int | None, network: Network) -> str:
        remarks = []
        if label is not None:
            name = self._data.class_names[label][lang]
            remarks.append(Text(f"Its label: {name}.", f"标签：{name}。")[lang])
        remarks += [remark[lang] for remark in network.remarks]
        return " ".join(remarks)
