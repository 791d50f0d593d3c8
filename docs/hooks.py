"""What MkDocs does not do by itself: two languages with one source of code, figures, and formulas.

The site is built from `mkdocs.yml`, in Chinese, and `mkdocs.en.yml`, in English below `en/`. A
Chinese page has `<!-- code: TITLE -->` where the English page of the same name has a block of code
with that title; the block is put in there, with the output below it.

A picture below `<!-- network: NAME -->` is the still of a widget of `keras_examples/demo/pages/`,
whose files go to `networks/` of the site. Only pages that have one load them.

Links are those that work for whoever reads the pages in the repository: to `plots/`, and from a
Chinese page to an English one that has no translation. Formulas are TeX between dollar signs, as
GitHub shows them; the site gets them as MathML, which a browser typesets by itself.
"""

from __future__ import annotations

import re
import struct
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from latex2mathml.converter import convert
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.utils import get_relative_url

from keras_examples.core.address import repository

DOCS = Path(__file__).parent
CHINESE = DOCS / "zh"
WIDGETS = DOCS.parent / "keras_examples" / "demo" / "pages"
# Where each site begins, by the link to it in `extra.alternate`.
STARTS = {"chinese:": "", "english:": "en/"}
_MARKER = re.compile(r"^<!-- code: (.+?) -->$", re.M)
_NETWORK = re.compile(r"^<!-- network: (?P<name>\w+) -->(?:\n!\[(?P<alt>.+)\]\(\S+\)$)?", re.M)
_TITLED = re.compile(
    r'^(?P<fence>`{3,})\w+ title="(?P<title>[^"]+)"\n.*?^(?P=fence)$(?:\n\n```text\n.*?^```$)?',
    re.M | re.S,
)
# Code comes first, so that what looks like a formula in it is passed over.
_FORMULA = re.compile(
    r"^(?P<fence>`{3,}).*?^(?P=fence)$|`[^`\n]+`"
    r"|\$\$(?P<block>[^$\n]+)\$\$|\$(?P<inline>[^$\s](?:[^$\n]*[^$\s])?)\$",
    re.M | re.S,
)


class Elsewhere(File):
    """A page of the English site, for links of the Chinese one."""

    def is_documentation_page(self) -> bool:
        """It is no page of this site."""
        return False

    def copy_file(self, dirty: bool = False) -> None:
        """Leaves it to the other site."""


def on_config(config: Any) -> Any:
    """Shows where the repository is, if `pyproject.toml` says so."""
    if address := repository():
        config.repo_url, config.repo_name = address, address.partition("://")[2].partition("/")[2]
    return config


def on_files(files: Files, config: Any) -> Files:
    """Adds what pages link to outside their folder: figures, and what is in English only."""
    plots = Path(config.config_file_path).parent / config.extra["plots"]
    up = "../.." if _is_chinese(config) else ".."
    for name, figure in figures(plots, _is_chinese(config)).items():
        file = File.generated(config, f"{up}/plots/{name}", abs_src_path=str(figure))
        _add(files, file, f"plots/{figure.name}")
    for name in untranslated() if _is_chinese(config) else ():
        page = Elsewhere(f"../{name}", None, config.site_dir, config.use_directory_urls)
        _add(files, page, f"en/{name.removesuffix('.md')}/index.html")
    # Once, for both languages.
    for path in sorted(WIDGETS.rglob("*.*")) if _is_chinese(config) else ():
        place = f"networks/{path.relative_to(WIDGETS).as_posix()}"
        _add(files, File.generated(config, place, abs_src_path=str(path)), place)
    return files


def _add(files: Files, file: File, place: str) -> None:
    """Adds a file from outside the folder of pages, which MkDocs would take for a hidden one."""
    file.dest_uri = place
    file.inclusion = InclusionLevel.INCLUDED
    files.append(file)


def on_page_markdown(markdown: str, page: Any, config: Any, **_: Any) -> str:
    """Puts in the code that both languages share and the widgets, and typesets formulas."""
    name, chinese = page.file.src_uri, _is_chinese(config)
    if chinese:
        english = DOCS / name
        source = english.read_text(encoding="utf-8") if english.exists() else ""
        markdown = with_code(markdown, source, name)
    return typeset(with_networks(markdown, name, _networks(page, config), chinese))


def _networks(page: Any, config: Any) -> str:
    """Returns the way from a page to the files of the widgets."""
    here = page.url if _is_chinese(config) else f"en/{page.url}"
    return str(get_relative_url("networks/", here))


def on_page_content(html: str, **_: Any) -> str:
    """Marks options in code, so that no line breaks after their dashes."""

    def marked(code: re.Match[str]) -> str:
        return re.sub(r"--[\w-]+", r'<span class="option">\g<0></span>', code[0])

    return re.sub(r"(?<=<code>)[^<\n]+(?=</code>)", marked, html)


def on_post_page(output: str, page: Any, config: Any) -> str:
    """Lets the switch of languages stay on the page, if it is in both, and loads the widgets."""
    if " data-network=" in output:
        start = _networks(page, config)
        style = f'<link rel="stylesheet" href="{start}style.css">'
        output = output.replace("</head>", f"{style}</head>", 1)
        # Modules are not loaded from files, nor by old browsers.
        say = "document.querySelectorAll('.network > p').forEach(p => p.hidden = false)"
        module = f'<script type="module" src="{start}start.js" onerror="{say}"></script>'
        output = output.replace("</body>", f"{module}<script nomodule>{say}</script></body>", 1)
    name = page.file.src_uri
    both = (DOCS / name).exists() and (CHINESE / name).exists()
    here = page.url if _is_chinese(config) else f"en/{page.url}"
    for mark, start in STARTS.items():
        there = f"{start}{page.url}" if both else start
        output = output.replace(f'href="{mark}"', f'href="{get_relative_url(there, here)}"')
    return output


def on_post_template(output: str, config: Any, **_: Any) -> str:
    """Lets the switch on the page for what is not found lead to the start pages."""
    root = urlsplit(config.site_url or "/").path
    for mark, start in STARTS.items():
        output = output.replace(f'href="{mark}"', f'href="{root}{start}"')
    return output


def on_post_build(config: Any) -> None:
    """Builds the English site within the Chinese one."""
    if not _is_chinese(config):
        return
    site_url = config.site_url and f"{config.site_url.rstrip('/')}/en/"
    english = load_config(
        str(Path(config.config_file_path).with_name("mkdocs.en.yml")),
        site_dir=f"{config.site_dir}/en",
        site_url=site_url,
        strict=config.strict,
    )
    english.plugins.on_startup(command="build", dirty=False)
    try:
        build(english)
    finally:
        english.plugins.on_shutdown()


def _is_chinese(config: Any) -> bool:
    return bool(config.theme["language"] == "zh")


def figures(plots: Path, chinese: bool) -> dict[str, Path]:
    """Returns the figures of a language, by their paths below `plots/` as pages link them."""
    found = {path.name: path.absolute() for path in plots.iterdir() if _is_figure(path)}
    if not chinese:
        return found
    # Those that are not drawn in Chinese yet are shown in English.
    own = {path.name: path.absolute() for path in plots.glob("zh/*") if _is_figure(path)}
    return {f"zh/{name}": path for name, path in sorted({**found, **own}.items())}


def _is_figure(path: Path) -> bool:
    return path.suffix in (".png", ".gif")


def untranslated() -> list[str]:
    """Returns the pages that are in English only."""
    names = [page.relative_to(DOCS) for page in sorted(DOCS.rglob("*.md"))]
    return [
        name.as_posix() for name in names if name.parts[0] != "zh" and not (CHINESE / name).exists()
    ]


def with_code(markdown: str, english: str, name: str) -> str:
    """Returns a Chinese page with the code of the English one.

    Args:
        markdown: The Chinese page, on which the n-th marker of a title stands for the n-th block.
        english: The English page.
        name: The path of both, for the error.

    Raises:
        PluginError: A marker has no block.
    """
    blocks: dict[str, list[str]] = {}
    for found in _TITLED.finditer(english):
        blocks.setdefault(found["title"], []).append(found[0])

    def block(marker: re.Match[str]) -> str:
        if not blocks.get(marker[1]):
            raise PluginError(f"docs/zh/{name}: docs/{name} has no code for {marker[0]}")
        return blocks[marker[1]].pop(0)

    return _MARKER.sub(block, markdown)


def with_networks(markdown: str, name: str, start: str, chinese: bool) -> str:
    """Returns a page with a figure for each widget, which shows its still until it is loaded.

    Args:
        markdown: The page, on which a picture follows each marker.
        name: Its path, for the error.
        start: The way from the page to the widgets.
        chinese: Whether it is the Chinese page.

    Raises:
        PluginError: There is no such widget, or no picture of it.
    """

    def figure(marker: re.Match[str]) -> str:
        still = f"stills/{'zh/' if chinese else ''}{marker['name']}.png"
        found = (WIDGETS / f"widgets/{marker['name']}.js").exists() and (WIDGETS / still).exists()
        if not (found and marker["alt"]):
            page = f"docs/{'zh/' if chinese else ''}{name}"
            said = marker[0].partition("\n")[0]
            raise PluginError(f"{page}: no widget with a picture below it: {said}")
        width, height = struct.unpack(">II", (WIDGETS / still).read_bytes()[16:24])
        return (
            f'<figure class="network" data-network="{marker["name"]}"><img src="{start}{still}" '
            f'alt="{escape(marker["alt"])}" width="{width}" height="{height}" loading="lazy">'
            f"<p hidden>{_NO_MODULES['zh' if chinese else 'en']}</p></figure>"
        )

    return _NETWORK.sub(figure, markdown)


_NO_MODULES = {
    "en": "This is a picture. The figure itself runs where a server shows the page, for example "
    "<code>python -m http.server</code>, and in a browser that is not too old.",
    "zh": "这里只是截图。要操作这张图，请通过服务器打开本页，例如 "
    "<code>python -m http.server</code>，并使用较新的浏览器。",
}


def typeset(markdown: str) -> str:
    """Turns `$…$` and `$$…$$` into MathML, but in code."""

    def mathml(found: re.Match[str]) -> str:
        if found["block"]:
            formulas = [convert(one, display="block") for one in found["block"].split(r"\qquad")]
            # So that on a phone one stands below the other.
            joined = "".join(formulas)
            return f'<div class="formulas">{joined}</div>' if formulas[1:] else joined
        # Markdown would take <math> at the start of a line for a block of its own.
        return f"<span>{convert(found['inline'])}</span>" if found["inline"] else found[0]

    return _FORMULA.sub(mathml, markdown)
