"""Offers to train missing networks, and shows the progress."""

from __future__ import annotations

from html import escape
from typing import Any

import gradio as gr

from keras_examples.core import Text
from keras_examples.demo.html import message
from keras_examples.demo.site import Site
from keras_examples.demo.training import TrainingProgress

_EVENT: dict[str, Any] = {
    "concurrency_limit": None,
    "api_visibility": "private",
    "show_progress": "hidden",
}


class Offer:
    """The offer to train the networks of one part of the page.

    Args:
        site: What the parts share.
        names: The examples whose networks the part uses.
        duration: A sentence about how long training them takes.

    Attributes:
        available: Holds the names of the trained networks; changes when training is done.
    """

    def __init__(self, site: Site, names: tuple[str, ...], duration: Text) -> None:
        self._site, self._names, self._duration = site, names, duration
        self._status = gr.HTML(elem_classes="offer", visible=False)
        self._button = site.components.make(
            gr.Button,
            value=Text("Train what is missing", "训练缺少的网络"),
            variant="primary",
            visible=False,
        )
        self._timer = gr.Timer(1.0, active=False)
        self.available = gr.State([])

    def listen(self, page: gr.Blocks) -> None:
        """Connects its events, once the page has all its components."""
        outputs = [self._status, self._button, self._timer, self.available]
        gr.on(
            [page.load, self._timer.tick, self._site.lang.change],
            self._refresh,
            [self._site.lang],
            outputs,
            **_EVENT,
        )
        self._button.click(self._start, [self._site.lang], outputs, **_EVENT)

    def _start(self, lang: str) -> tuple[Any, ...]:
        self._site.queue.add(self._site.networks.missing(self._names), lang)
        return self._refresh(lang)

    def _refresh(self, lang: str) -> tuple[Any, ...]:
        missing = self._site.networks.missing(self._names)
        progress = self._site.queue.progress if missing else None
        if progress:
            status = _progress_bar(progress, lang)
        else:
            status = self._describe(missing, lang) if missing else ""
        return (
            gr.update(value=status, visible=bool(missing)),
            gr.update(visible=bool(missing) and not progress),
            gr.update(active=bool(progress)),
            [name for name in self._names if name not in missing],
        )

    def _describe(self, missing: list[str], lang: str) -> str:
        names = ", ".join(missing)
        text = Text(f"Not trained yet: {names}. ", f"尚未训练：{names}。") + self._duration
        html = message(text[lang])
        for name in missing:
            if reason := self._site.queue.failures.get(name):
                failed = Text(f"Training {name} failed: {reason}", f"训练 {name} 失败：{reason}")
                html += message(failed[lang], error=True)
        return html


def _progress_bar(progress: TrainingProgress, lang: str) -> str:
    label = Text(f"Training {progress.name}", f"正在训练 {progress.name}")[lang]
    starting = Text("starting …", "正在启动……")[lang]
    # Without a value the browser shows an indeterminate bar.
    value = f' value="{progress.share:.3f}"' if progress.share else ""
    return (
        f'<div class="training"><label>{escape(label)}<progress{value}></progress></label>'
        f'<p class="remark">{escape(progress.message or starting)}</p></div>'
    )
