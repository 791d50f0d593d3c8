"""Serves the demo, opens it in a browser, and draws on it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]

# In shares of the square, from its top left.
SEVEN = ((0.25, 0.22), (0.73, 0.22), (0.45, 0.82))
TWO = (
    (0.27, 0.34),
    (0.32, 0.21),
    (0.50, 0.16),
    (0.68, 0.25),
    (0.68, 0.39),
    (0.50, 0.57),
    (0.25, 0.80),
    (0.75, 0.80),
)


@contextmanager
def served(*options: str) -> Iterator[str]:
    """Serves the demo; yields its address."""
    command = [sys.executable, "-m", "keras_examples", "demo", "--no-browser", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().split(" ")[0]
        finally:
            process.terminate()


@contextmanager
def browsing() -> Iterator[Any]:
    """Yields Debian's Chromium, driven by Playwright."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def open_page(browser: Any, url: str, *, width: int = 1100, height: int = 900) -> Any:
    """Opens the demo and waits until it is ready."""
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(60_000)
    page.goto(url)
    page.locator("#digit-answers .best").first.wait_for()
    return page


def draw(page: Any, stroke: tuple[tuple[float, float], ...]) -> None:
    """Draws one stroke with the mouse."""
    canvas = page.locator("#drawing canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    for number, (x, y) in enumerate(stroke):
        place = box["x"] + x * box["width"], box["y"] + y * box["height"]
        page.mouse.move(*place, steps=5)
        if not number:
            page.mouse.down()
    page.mouse.up()
