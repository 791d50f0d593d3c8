"""Offers to train the networks that are missing, and shows how far that is."""

from __future__ import annotations

from html import escape
from typing import Any

import gradio as gr

from keras_examples.demo.html import note
from keras_examples.demo.site import Site
from keras_examples.demo.training import Progress
from keras_examples.demo.words import Text

_EVENT: dict[str, Any] = {
    "concurrency_limit": None,
    "api_visibility": "private",
    "show_progress": "hidden",
}


class Offer:
    """The offer of one part of the page.

    Args:
        site: What the parts share.
        names: The examples whose networks the part asks.
        takes: How long their training takes.

    Attributes:
        found: Holds the names of the networks that there are; changes when training is done.
    """

    def __init__(self, site: Site, names: tuple[str, ...], takes: Text) -> None:
        self._site, self._names, self._takes = site, names, takes
        self._status = gr.HTML(elem_classes="offer", visible=False)
        self._button = site.words.make(
            gr.Button,
            value=Text("Train what is missing", "训练缺少的网络"),
            variant="primary",
            visible=False,
        )
        self._timer = gr.Timer(1.0, active=False)
        self.found = gr.State([])

    def listen(self, page: gr.Blocks) -> None:
        """Makes it work, once the page has all its components."""
        outputs = [self._status, self._button, self._timer, self.found]
        gr.on(
            [page.load, self._timer.tick, self._site.lang.change],
            self._look,
            [self._site.lang],
            outputs,
            **_EVENT,
        )
        self._button.click(self._start, [self._site.lang], outputs, **_EVENT)

    def _start(self, lang: str) -> tuple[Any, ...]:
        self._site.trainer.start(self._site.networks.missing(self._names))
        return self._look(lang)

    def _look(self, lang: str) -> tuple[Any, ...]:
        progress = self._site.trainer.progress
        missing = self._site.networks.missing(self._names)
        busy = progress is not None and bool(missing)
        return (
            gr.update(value=self._said(lang, progress, missing), visible=bool(missing)),
            gr.update(visible=bool(missing) and not busy),
            gr.update(active=busy),
            [name for name in self._names if name not in missing],
        )

    def _said(self, lang: str, progress: Progress | None, missing: list[str]) -> str:
        if not missing:
            return ""
        if progress is not None:
            return _bar(progress, lang)
        which = ", ".join(missing)
        said = note(
            Text(
                f"Not trained yet: {which}. {self._takes.en}",
                f"尚未训练：{which}。{self._takes.zh}",
            ).in_(lang)
        )
        for name in missing:
            if reason := self._site.trainer.failures.get(name):
                failed = Text(f"Training {name} failed: {reason}", f"训练 {name} 失败：{reason}")
                said += note(failed.in_(lang), bad=True)
        return said


def _bar(progress: Progress, lang: str) -> str:
    starting = Text("starting …", "正在启动……").in_(lang)
    training = Text(f"Training {progress.name}", f"正在训练 {progress.name}").in_(lang)
    # Without a value the browser shows that something goes on, not how far it is.
    value = f' value="{progress.share:.3f}"' if progress.share else ""
    return (
        f'<div class="training"><label>{escape(training)}<progress{value}></progress></label>'
        f'<p class="remark">{escape(progress.says or starting)}</p></div>'
    )
