"""The page: its heading, the switch of the language, and its parts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import gradio as gr

from keras_examples.demo.digits import Digits
from keras_examples.demo.garments import Garments
from keras_examples.demo.networks import Networks
from keras_examples.demo.sines import Sines
from keras_examples.demo.site import Site
from keras_examples.demo.training import Trainer
from keras_examples.demo.words import LANGUAGE_NAMES, Text, Words

TITLE = Text("Try the networks", "试试这些网络")
_SYSTEM_FONTS = ("system-ui", "sans-serif")  # Gradio's own come from elsewhere

# Tells the browser, and with it screen readers, which language the page is in.
_TELL_LANGUAGE = "(lang) => { document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en'; }"


def build_page(
    networks: Networks,
    trainer: Trainer,
    *,
    lang: str,
    data: str,
    data_dir: str | os.PathLike[str] | None,
) -> gr.Blocks:
    """Builds the page.

    Args:
        networks: The trained networks.
        trainer: Trains what is missing.
        lang: The language that it starts in.
        data: Source of the images to pick from, as in `run()`.
        data_dir: Their folder, if not the usual places.

    Returns:
        The page, not served yet.

    Raises:
        InputError: The images cannot be had.
    """
    words = Words(lang)
    page = gr.Blocks(title="keras_examples", analytics_enabled=False)
    with page:
        with gr.Row(elem_id="heading"):
            words.make(gr.Markdown, value=Text(f"# {TITLE.en}", f"# {TITLE.zh}"))
            choice = gr.Radio(
                LANGUAGE_NAMES,
                value=lang,
                show_label=False,
                label="Language · 语言",
                container=False,
                elem_id="language",
                scale=0,
                min_width=180,
            )
        site = Site(networks, trainer, words, choice, data, data_dir)
        with gr.Tabs():
            with words.make(gr.Tab, label=Text("Digits", "数字")):
                digits = Digits(site)
            with words.make(gr.Tab, label=Text("Garments", "衣物")):
                garments = Garments(site)
            with words.make(gr.Tab, label=Text("Sine", "正弦波")):
                sines = Sines(site)
        for part in (digits, garments, sines):
            part.listen(page)
        event: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        choice.change(words.updates, [choice], words.components, **event)
        for spoken in (page.load, choice.change):
            spoken(None, [choice], None, js=_TELL_LANGUAGE, api_visibility="private")
    # Few wait: who finds a longer queue is told so, and the machine stays usable.
    page.queue(max_size=32, default_concurrency_limit=4, api_open=False)
    return page


def look() -> dict[str, Any]:
    """Returns how the page looks, as arguments of its `launch()`."""
    return {
        "theme": gr.themes.Default(
            primary_hue="blue",
            neutral_hue="slate",
            font=_SYSTEM_FONTS,
            font_mono=("ui-monospace", "monospace"),
        ),
        "css_paths": Path(__file__).with_name("page.css"),
        "footer_links": [],
    }
