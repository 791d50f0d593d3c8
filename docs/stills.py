"""Takes the pictures that stand in the pages where their networks do not run.

    python docs/stills.py [NAME…]

Each is a screenshot of the widget, in both languages, of few colours and so of few bytes.
"""

from __future__ import annotations

import functools
import http.server
import io
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

PAGES = Path(__file__).parent.parent / "keras_examples" / "demo" / "pages"
# What each shows, where it is not the state that it begins with.
STATES = {"boundary": "steps:960,lines:1", "signals": "of:1_0_9"}
WIDTH = 760
COLOURS = (48, 32, 24, 16, 12)
BYTES = 30_000


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files without a word."""

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serves a folder on this machine; yields its address."""
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def shrunk(picture: bytes) -> bytes:
    """Returns a picture in as many colours as fit into the bytes that one may have."""
    for colours in COLOURS:
        found = io.BytesIO()
        whole = Image.open(io.BytesIO(picture)).convert("RGB")
        few = whole.quantize(colours, dither=Image.Dither.NONE)
        few.save(found, "PNG", optimize=True)
        if found.tell() <= BYTES:
            return found.getvalue()
    raise SystemExit(f"A picture of {found.tell():,} bytes; it may have {BYTES:,}.")


def main(names: list[str]) -> None:
    """Writes the pictures of these widgets, or of all."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with served(PAGES) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH + 20, "height": 1200})
        for name in names or sorted(path.stem for path in PAGES.glob("widgets/*.js")):
            state = f"&{name}={STATES[name]}" if name in STATES else ""
            for lang, folder in (("en", "stills"), ("zh", "stills/zh")):
                page.goto(f"{address}/alone.html?show={name}&lang={lang}{state}")
                page.locator("figure[data-ready]").wait_for()
                page.add_style_tag(content=".n-try, .n-tools { display: none }")
                page.wait_for_timeout(500)  # for what is drawn in the next frame
                picture = page.locator(".n-frame").screenshot()
                path = PAGES / folder / f"{name}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(shrunk(picture))
                print(f"{path.relative_to(PAGES)}: {path.stat().st_size:,} bytes")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
