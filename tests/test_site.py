"""The site in both languages, as MkDocs and `docs/hooks.py` build it."""

from __future__ import annotations

import functools
import http.server
import inspect
import json
import os
import posixpath
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure

import keras_examples
from keras_examples.compare import compare
from keras_examples.core import catalogue
from tests.demo.browser import CHROMIUM, browsing
from tests.pages import PAGES, ROOT, chapter_pages, read, script, without_code

FORMULA = re.compile(r"\$\$[^$]+\$\$|\$[^$]+\$")
SEARCHED = ("梯度消失", "混淆矩阵", "全连接", "池化", "模式坍塌")
for needed in ("jieba", "latex2mathml", "mkdocs", "material", "mkdocstrings"):
    pytest.importorskip(needed, reason=f"needs {needed}: pip install '.[docs]'")
hooks = script("hooks")


def build(folder: Path, built: Path, **environment: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(built)],
        cwd=folder,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built with an empty figure under each name that a page links."""
    plots, built = tmp_path_factory.mktemp("plots"), tmp_path_factory.mktemp("site")
    linked = (re.findall(r"\.\./plots/([\w.-]+)\)", read(page)) for page in PAGES)
    Figure(figsize=(1, 1)).savefig(empty := plots / "empty.png")
    for figure in set().union(*linked):
        shutil.copyfile(empty, plots / figure)
    build(ROOT, built, KERAS_EXAMPLES_PLOTS=str(plots))
    return built


def address(page: str) -> str:
    """The folder of a page on the site: `data` of `zh/data.md`, and `en/data` of `data.md`."""
    name = page.removesuffix(".md").removesuffix("index").rstrip("/")
    return posixpath.normpath(posixpath.relpath(name, "zh") if page[:3] == "zh/" else f"en/{name}")


def html(site: Path, page: str) -> str:
    return (site / address(page) / "index.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_site_has_every_page_in_its_language_and_the_figures(site: Path) -> None:
    for page in PAGES:
        lang = "zh" if page.startswith("zh/") else "en"
        assert f'<html lang="{lang}"' in html(site, page)
    assert len(list(site.glob("plots/*.png"))) > len(catalogue.names())
    assert len(list(site.glob("en/plots/*.png"))) > len(catalogue.names())


@pytest.mark.slow
def test_the_switch_of_languages_stays_on_the_page_or_leads_to_the_start_page(site: Path) -> None:
    for page in PAGES:
        here = address(page)
        found = re.findall(r'<a href="([^"]+)" hreflang="(\w+)" class="md-select', html(site, page))
        leads = {lang: posixpath.normpath(posixpath.join(here, link)) for link, lang in found}
        name = page.removeprefix("zh/")
        both = f"zh/{name}" in PAGES
        assert leads == {
            "zh": address(f"zh/{name}" if both else "zh/index.md"),
            "en": address(name if both else "index.md"),
        }


@pytest.mark.slow
def test_a_link_on_the_site_leads_to_a_file_of_the_site(site: Path) -> None:
    for page in PAGES:
        for link in re.findall(r'(?:href|src)="([^"#:]+)["#]', html(site, page)):
            there = site / address(page) / link
            assert (there / "index.html" if link.endswith(("/", ".")) else there).exists(), page


@pytest.mark.slow
def test_a_chinese_page_has_the_code_of_the_english_one_with_its_output(site: Path) -> None:
    text = unescape(re.sub(r"<[^>]+>", "", html(site, "zh/course/1-neuron.md")))
    assert 'print(f"η = {learning_rate}: w1 = {w1:g}' in text
    assert "η = 0.25: w1 = 0.25" in text


@pytest.mark.slow
def test_the_site_shows_every_argument_of_run_and_compare(site: Path) -> None:
    page = html(site, "api/run.md")
    for function in (keras_examples.run, compare):
        for name in inspect.signature(function).parameters:
            assert f"<code>{name}</code>" in page


@pytest.mark.slow
def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert not re.findall(r"<(?:script|img|iframe)[^>]+src=\"?(?:https?:)?//", text)
        assert not re.findall(r"<link[^>]+stylesheet[^>]+href=\"?(?:https?:)?//", text)


@pytest.mark.slow
def test_no_formula_of_the_course_is_left_as_tex(site: Path) -> None:
    for page in chapter_pages("en") + chapter_pages("zh"):
        prose = re.sub(r"<code.*?</code>|<script.*?</script>", "", html(site, page), flags=re.S)
        formulas = FORMULA.findall(without_code(read(page)))
        assert html(site, page).count("<math") == sum(1 + f.count(r"\qquad") for f in formulas)
        assert not re.search(r"\$|\\frac|\\top", prose)


# What a reader does with it


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def served(site: Path) -> Iterator[str]:
    """The address of the site on this machine."""
    handler = functools.partial(_Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser with the window of a telephone."""
    pytest.importorskip("playwright", reason="needs Playwright: pip install '.[test]'")
    if not CHROMIUM:
        pytest.skip("needs Chromium")
    with browsing() as opened:
        yield opened.new_context(viewport={"width": 390, "height": 844})


@pytest.mark.slow
def test_the_search_of_the_site_finds_chinese_words(served: str, browser: Any) -> None:
    page = browser.new_page()
    page.goto(served)
    page.locator("label.md-header__button[for=__search]").click()
    for word in SEARCHED:
        page.locator("input.md-search__input").fill(word)
        page.keyboard.press("End")  # the page listens for keys
        page.wait_for_function(
            """word => [...document.querySelectorAll(".md-search-result__link")].some(
                link => link.textContent.replaceAll("\u200b", "").includes(word))""",
            arg=word,
            timeout=60_000,
        )
    page.close()


@pytest.mark.slow
def test_on_a_telephone_no_page_is_wider_than_the_window(served: str, browser: Any) -> None:
    page, wide, asked = browser.new_page(), [], set()
    page.on("request", lambda request: asked.add(request.url.split("/")[2]))
    for name in PAGES:
        page.goto(f"{served}/{address(name)}/")
        if page.evaluate("document.documentElement.scrollWidth") > 390:
            wide.append(name)
    page.close()
    assert wide == []
    assert asked == {served.split("/")[2]}


@pytest.mark.slow
def test_a_click_on_a_figure_shows_it_larger_and_another_click_closes_it(
    served: str, browser: Any
) -> None:
    page = browser.new_page()
    page.goto(f"{served}/{address('zh/course/1-neuron.md')}/")
    figure, shown = page.locator(".md-content img[src*='plots/']").first, page.locator("dialog img")
    assert shown.count() == 0
    figure.click()
    assert shown.bounding_box()["width"] > 390 > figure.bounding_box()["width"]
    shown.click(position={"x": 100, "y": 100})
    assert not shown.is_visible()
    figure.press("Enter")
    assert shown.is_visible()
    page.keyboard.press("Escape")
    assert not shown.is_visible()
    page.close()


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_networks_of_a_page_run_when_the_reader_comes_to_them(
    served: str, browser: Any, lang: str
) -> None:
    page, wrong = browser.new_page(), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    sizes: dict[str, int] = {}
    page.on(
        "response", lambda one: sizes.setdefault(one.url, int(one.headers.get("content-length", 0)))
    )
    shown = []
    for name in chapter_pages(lang):
        sizes.clear()
        page.goto(f"{served}/{address(name)}/")
        for figure in page.locator("[data-network]").all():
            shown.append(figure.get_attribute("data-network"))
            assert figure.locator("img").get_attribute("alt")
            figure.scroll_into_view_if_needed()
            page.locator(f"[data-network={shown[-1]}][data-ready]").wait_for()
            assert not figure.locator("img").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        loaded = {url: size for url, size in sizes.items() if "/networks/" in url}
        assert sum(loaded.values()) <= 300_000
        assert bool(loaded) == bool(page.locator("[data-network]").count())
    page.close()
    assert wrong == []
    assert sorted(shown) == sorted(path.stem for path in hooks.WIDGETS.glob("widgets/*.js"))


@pytest.mark.slow
def test_without_javascript_a_page_has_a_picture_of_its_network(served: str, browser: Any) -> None:
    context = browser.browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served}/{address('zh/course/1-neuron.md')}/")
    still = page.locator("[data-network=neuron] > img")
    still.scroll_into_view_if_needed()
    assert still.bounding_box()["width"] > 300
    context.close()


# What the hooks do


def test_a_marker_and_the_picture_below_it_become_the_figure_of_a_network() -> None:
    marked = "Before.\n\n<!-- network: neuron -->\n![A <line>](../stills/x.png)\n\nAfter."
    for chinese, still in ((False, "stills/neuron.png"), (True, "stills/zh/neuron.png")):
        page = hooks.with_networks(marked, "page.md", "../networks/", chinese)
        assert re.fullmatch(
            r'Before\.\n\n<figure class="network" data-network="neuron"><img src="../networks/'
            rf'{still}" alt="A &lt;line&gt;" width="\d+" height="\d+" loading="lazy">'
            r"<p hidden>.+</p></figure>\n\nAfter\.",
            page,
        )


@pytest.mark.parametrize(
    "marked", ["<!-- network: nothing -->\n![A](a.png)", "<!-- network: neuron -->\n\nText."]
)
def test_a_marker_without_a_widget_or_a_picture_is_one_line(marked: str) -> None:
    with pytest.raises(hooks.PluginError) as caught:
        hooks.with_networks(marked, "course/page.md", "../networks/", True)
    assert str(caught.value) == (
        f"docs/zh/course/page.md: no widget with a picture below it: {marked.splitlines()[0]}"
    )


def test_a_picture_of_a_network_is_small() -> None:
    for still in hooks.WIDGETS.rglob("stills/**/*.png"):
        assert still.stat().st_size <= 30_000


def tokens(text: str, separator: str) -> set[str]:
    return set(re.split(separator, re.sub(r"<[^>]+>", " ", text)))


def made_of(word: str, known: set[str]) -> bool:
    """Whether a word is a chain of those known, which is how the search takes it apart."""
    return not word or any(
        word.startswith(one) and made_of(word[len(one) :], known) for one in known if one
    )


def test_chinese_words_are_found_in_the_index(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    page = "".join(f"## 一\n\n这一句话里有{word}这个词。\n\n" for word in SEARCHED)
    (tmp_path / "docs/index.md").write_text(f"# 标题\n\n{page}", encoding="utf-8")
    config = {
        "INHERIT": str(ROOT / "mkdocs.yml"),
        "docs_dir": "docs",
        "extra": {"alternate": []},
        "hooks": [],
        "nav": ["index.md"],
        "theme": {"custom_dir": str(ROOT / "docs/theme")},
        "watch": [],
    }
    (tmp_path / "mkdocs.yml").write_text(json.dumps(config), encoding="utf-8")
    build(tmp_path, tmp_path / "site")
    index = json.loads((tmp_path / "site/search/search_index.json").read_text(encoding="utf-8"))
    parts = [tokens(part["text"], index["config"]["separator"]) for part in index["docs"]]
    for word in (*SEARCHED, "一句话"):
        assert any(made_of(word, part) for part in parts), word
    assert not any(made_of("反向传播", part) for part in parts)


ENGLISH = """
```python title="run this"
1
```

```text
one
```

```python title="run this"
2
```

Text.

```python title="that"
3
```
"""


def test_a_marker_stands_for_a_block_and_its_output_the_second_for_the_second() -> None:
    chinese = "甲\n\n<!-- code: run this -->\n\n乙\n\n<!-- code: run this -->\n"
    assert hooks.with_code(chinese, ENGLISH, "page.md") == (
        '甲\n\n```python title="run this"\n1\n```\n\n```text\none\n```\n\n'
        '乙\n\n```python title="run this"\n2\n```\n'
    )


@pytest.mark.parametrize("marker", ["<!-- code: those -->", "<!-- code: that -->\n" * 2])
def test_a_marker_without_a_block_is_one_line(marker: str) -> None:
    with pytest.raises(hooks.PluginError) as caught:
        hooks.with_code(marker, ENGLISH, "course/page.md")
    assert str(caught.value) == (
        f"docs/zh/course/page.md: docs/course/page.md has no code for {marker.splitlines()[0]}"
    )


def test_a_figure_that_is_not_drawn_in_chinese_yet_is_shown_in_english(tmp_path: Path) -> None:
    (tmp_path / "zh").mkdir()
    for name in ("a.png", "b.gif", "zh/a.png", "README.md"):
        (tmp_path / name).touch()
    assert hooks.figures(tmp_path, chinese=False) == {
        "a.png": tmp_path / "a.png",
        "b.gif": tmp_path / "b.gif",
    }
    assert hooks.figures(tmp_path, chinese=True) == {
        "zh/a.png": tmp_path / "zh/a.png",
        "zh/b.gif": tmp_path / "b.gif",
    }


def test_both_languages_have_the_same_pages_in_their_navigation() -> None:
    chinese, english = (
        re.findall(
            r"^ +- (?:.+: )?(?:\.\./)?(.+\.md)$", (ROOT / name).read_text(encoding="utf-8"), re.M
        )
        for name in ("mkdocs.yml", "mkdocs.en.yml")
    )
    assert chinese == english
    assert set(english) == {page for page in PAGES if not page.startswith("zh/")}


def test_a_formula_becomes_mathml_and_code_stays_as_it_is() -> None:
    typeset = hooks.typeset
    assert re.fullmatch(
        r'a <span><math [^>]*display="inline"><.*x</mi>.*</span> b', typeset("a $x$ b")
    )
    assert re.fullmatch(r'<math [^>]*display="block"><.*</math>', typeset(r"$$\frac{x}{2}$$"))
    for kept in ("`$x$`", "```sh\necho $a $b$\n```", "it costs $5", "$5 or $6"):
        assert typeset(kept) == kept


def test_formulas_in_one_line_can_stand_below_each_other() -> None:
    both = hooks.typeset(r"$$x = 1, \qquad y = 2$$")
    assert re.fullmatch(
        r'<div class="formulas">(<math [^>]*display="block">.+?</math>){2}</div>', both
    )


def test_an_option_in_a_line_is_marked_so_that_it_does_not_break() -> None:
    marked = hooks.on_page_content
    assert marked("<code>run --lang zh</code>") == (
        '<code>run <span class="option">--lang</span> zh</code>'
    )
    for kept in ("--lang", "<code>a-b</code>", "<pre><code>run --lang\n</code></pre>"):
        assert marked(kept) == kept


def test_a_formula_at_the_start_of_a_line_does_not_break_the_paragraph() -> None:
    markdown = pytest.importorskip("markdown").markdown
    page = markdown(hooks.typeset("$x$ is one of *two*\n$y$ letters."))
    assert page.startswith("<p>")
    assert page.endswith(" letters.</p>")
    assert page.count("<p>") == 1
    assert "<em>two</em>" in page
