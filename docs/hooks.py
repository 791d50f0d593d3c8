"""What MkDocs does not do by itself: the repository's figures, and formulas.

The pages link the figures as `../../plots/NAME.png`, which is where they lie for whoever reads the
pages in the repository. Formulas are TeX between dollar signs, as GitHub shows them; the site gets
them as MathML, which a browser typesets by itself.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from latex2mathml.converter import convert
from mkdocs.structure.files import File, Files

from keras_examples.core.address import repository

# Code comes first, so that what looks like a formula or a link in it is passed over.
_CODE = r"^(?P<fence>`{3,}).*?^(?P=fence)$|`[^`\n]+`"
_FORMULA = re.compile(
    rf"{_CODE}|\$\$(?P<block>[^$\n]+)\$\$|\$(?P<inline>[^$\s](?:[^$\n]*[^$\s])?)\$", re.M | re.S
)


def on_config(config: Any) -> Any:
    """Shows where the repository is, if `pyproject.toml` says so."""
    if address := repository():
        config.repo_url, config.repo_name = address, address.partition("://")[2].partition("/")[2]
    return config


def on_files(files: Files, config: Any) -> Files:
    """Adds the figures to the site, below `plots/`."""
    plots = Path(config.config_file_path).parent / config.extra["plots"]
    for figure in sorted(path for path in plots.iterdir() if path.suffix in (".png", ".gif")):
        files.append(
            File.generated(config, f"plots/{figure.name}", abs_src_path=str(figure.absolute()))
        )
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Turns links to the repository's figures into links to the site's, and typesets formulas."""
    up = page.file.src_uri.count("/") * "../"
    link = re.compile(rf"{_CODE}|(?P<link>\({re.escape(up)}\.\./plots/)", re.M | re.S)
    linked = link.sub(lambda found: f"({up}plots/" if found["link"] else found[0], markdown)
    return typeset(linked)


def typeset(markdown: str) -> str:
    """Turns `$…$` and `$$…$$` into MathML, but in code."""

    def mathml(found: re.Match[str]) -> str:
        if found["block"]:
            return convert(found["block"], display="block")
        # Markdown would take <math> at the start of a line for a block of its own.
        return f"<span>{convert(found['inline'])}</span>" if found["inline"] else found[0]

    return _FORMULA.sub(mathml, markdown)
