"""What MkDocs does not do by itself: the figures of the repository's plots folder on the site.

The pages link them as `../../plots/NAME.png`, which is where they lie for whoever reads the pages
in the repository.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files


def on_files(files: Files, config: Any) -> Files:
    """Adds the figures to the site, below `plots/`."""
    plots = Path(config.config_file_path).parent / config.extra["plots"]
    for figure in sorted(plots.glob("*.png")):
        files.append(
            File.generated(config, f"plots/{figure.name}", abs_src_path=str(figure.absolute()))
        )
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Turns links to the repository's figures into links to the site's, but in blocks of code."""
    up = page.file.src_uri.count("/") * "../"
    block_or_link = re.compile(rf"^(`{{3,}}).*?^\1$|\({re.escape(up)}\.\./plots/", re.M | re.S)
    return block_or_link.sub(lambda found: found[0] if found[1] else f"({up}plots/", markdown)
