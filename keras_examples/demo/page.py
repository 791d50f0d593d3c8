"""The page: its heading, the choice of language, and its parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from keras_examples.core import Text
from keras_examples.demo.digits import Digits
from keras_examples.demo.garments import Garments
from keras_examples.demo.language import LANGUAGE_NAMES, Components
from keras_examples.demo.networks import Networks
from keras_examples.demo.sines import Sines
from keras_examples.demo.site import Site
from keras_examples.demo.training import TrainingQueue

_SYSTEM_FONTS = ("system-ui", "sans-serif")  # Gradio's own are loaded from a server

# Sets the language of the page for the browser and for screen readers.
_SET_LANGUAGE = "(lang) => { document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en'; }"


def build_page(
    networks: Networks,
    queue: TrainingQueue,
    *,
    lang: str,
    data: str,
    data_dir: str | None,
) -> gr.Blocks:
    """Builds the page.

    Args:
        networks: The trained networks.
        queue: Trains missing networks.
        lang: The language that it starts in.
        data: Source of the images to pick from, as in `run()`.
        data_dir: Their folder, if not the usual places.

    Returns:
        The page, not served yet.

    Raises:
        InputError: The images are not available.
    """
    components = Components(lang)
    page = gr.Blocks(title="keras_examples", analytics_enabled=False)
    with page:
        with gr.Row(elem_id="heading"):
            components.make(gr.Markdown, value=Text("# Try the networks", "# 试试这些网络"))
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
        site = Site(networks, queue, components, choice, data, data_dir)
        with gr.Tabs():
            with components.make(gr.Tab, label=Text("Digits", "数字")):
                digits = Digits(site)
            with components.make(gr.Tab, label=Text("Garments", "衣物")):
                garments = Garments(site)
            with components.make(gr.Tab, label=Text("Sine", "正弦波")):
                sines = Sines(site)
        for part in (digits, garments, sines):
            part.listen(page)
        event: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        choice.change(components.updates, [choice], components.translated, **event)
        for listen in (page.load, choice.change):
            listen(None, [choice], None, js=_SET_LANGUAGE, api_visibility="private")
    # A short queue, so that the machine stays usable; Gradio rejects further requests.
    page.queue(max_size=32, default_concurrency_limit=4, api_open=False)
    return page


def appearance() -> dict[str, Any]:
    """Returns the theme and the styles, as arguments of the page's `launch()`."""
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
