"""Takes the README's pictures of the demo, from networks trained on the real data.

    keras-examples run mnist-cnn digit-mlp --data real
    python -m tests.demo.screenshots [RUNS [PLOTS]]

Writes `demo-en.png` and `demo-zh.png` into the plots folder.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.demo.browser import TWO, browsing, draw, open_page, served

BEST = "#digit-answers .best >> text=2"


def main(runs: str = "runs", plots: str = "plots") -> None:
    with served("--runs", runs) as address, browsing() as browser:
        for lang, name in (("en", "English"), ("zh", "中文")):
            page = open_page(browser, address, width=1000, height=640)
            page.get_by_label(name).check()
            page.locator(f"html[lang^={lang}]").wait_for(state="attached")
            draw(page, TWO)
            page.locator(BEST).nth(1).wait_for()
            page.mouse.move(0, 0)
            page.wait_for_timeout(2000)  # the last of the strokes has been answered by then
            page.screenshot(path=Path(plots) / f"demo-{lang}.png", full_page=True)
            page.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
