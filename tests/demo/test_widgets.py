"""The networks that run in the page: arithmetic by Node, and what a reader does in Chromium."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from PIL import Image

from keras_examples import decision_boundary
from tests.demo.browser import CHROMIUM, browsing
from tests.pages import ROOT, script

PAGES = ROOT / "keras_examples" / "demo" / "pages"
WIDGETS = sorted(path.stem for path in PAGES.glob("widgets/*.js"))
NODE = shutil.which("node")


def node(*tests: str, **environment: str) -> None:
    if not NODE:
        pytest.skip("needs Node")
    done = subprocess.run(
        [NODE, "--test", *(f"tests/demo/js/{name}.test.js" for name in tests)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_arithmetic_is_that_of_the_course() -> None:
    node("kit", "neuron", "activations", "signals", "edges")


def test_a_step_in_the_page_is_a_step_of_keras(tmp_path: Path) -> None:
    keras.utils.set_random_seed(0)
    model = decision_boundary.build_model(units=6)
    data = decision_boundary.load_data()
    x, y = data.x_train[490:510], data.y_train[490:510]

    def weights() -> list[float]:
        (first, bias, second, last) = model.get_weights()
        return np.concatenate([first[0], first[1], bias, second[:, 0], last]).tolist()

    said = {"points": {"x": x.tolist(), "y": y[:, 0].tolist()}, "steps": 20, "rate": 0.01}
    said["before"] = weights()
    for _ in range(20):
        model.train_on_batch(x, y)
    said |= {"after": weights(), "answers": model(x).numpy()[:, 0].tolist()}
    (tmp_path / "steps.json").write_text(json.dumps(said), encoding="utf-8")
    node("boundary", KERAS_STEPS=str(tmp_path / "steps.json"))


# In a browser

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def chromium() -> Iterator[tuple[Any, str]]:
    """A browser, and the address of the pages."""
    pytest.importorskip("playwright", reason="needs Playwright: pip install '.[test]'")
    if not CHROMIUM:
        pytest.skip("needs Chromium")
    stills = script("stills")
    with stills.served(PAGES) as address, browsing() as browser:
        yield browser, address


@pytest.fixture
def show(chromium: tuple[Any, str]) -> Iterator[Open]:
    """Opens a widget alone; checks that nothing goes wrong and nothing is asked for elsewhere."""
    browser, address = chromium
    wrong: list[str] = []
    pages: list[Any] = []

    def opened(name: str, state: str = "", *, lang: str = "en", **options: Any) -> Any:
        page = browser.new_page(**{"viewport": {"width": 800, "height": 900}, **options})
        pages.append(page)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda line: wrong.extend([line.text] if line.type == "error" else []))
        page.on("request", lambda one: wrong.extend([one.url] * (not one.url.startswith(ours))))
        query = f"&{name}={state}" if state else ""
        page.goto(f"{address}/alone.html?show={name}&lang={lang}{query}")
        page.locator("figure[data-ready]").wait_for()
        return page

    ours = (address, "data:")
    yield opened
    for page in pages:
        page.close()
    assert wrong == []


@pytest.mark.parametrize(
    ("name", "state", "said"),
    [
        ("neuron", "w1:1,w2:1,t:2", "All 4 right."),
        ("neuron", "w1:1,w2:1,t:0.5,y:0_1_1_0", "3 of 4 right."),
        ("activations", "x:5", "0.0066"),
        ("activations", "c:700", "Both agree."),
        ("activations", "c:710", "∞ / ∞ is NaN"),
        ("signals", "", "0.31682708"),
        ("signals", "back:1,of:1_0_0", "= 1 · (−0.00134) = −0.00134350"),
        ("boundary", "steps:960", "right 100.0 %"),
        ("edges", "at:0_1", "row 1, column 2: 30"),
        ("edges", "pad:1,at:0_0", "Result, 6×6"),
        ("edges", "k:_,pad:x,at:9,img:zz", "row 2, column 2: 30"),
    ],
)
def test_a_widget_shows_what_the_address_says(show: Open, name: str, state: str, said: str) -> None:
    page = show(name, state)
    page.locator(".n-stage").get_by_text(said).first.wait_for()
    page.wait_for_timeout(300)
    assert page.url.endswith(f"&{name}={state}" if state else "lang=en"), "reading changed it"


def changed(page: Any, name: str) -> str:
    page.wait_for_function(f"location.search.includes('&{name}=')")
    page.wait_for_timeout(300)
    return str(page.url).partition(f"&{name}=")[2]


def test_what_was_changed_by_keyboard_is_in_the_address_and_reset_forgets_it(show: Open) -> None:
    page = show("neuron")
    page.get_by_label("θ", exact=True).press("ArrowRight")
    state = changed(page, "neuron")
    assert "t:0.35" in state
    page.reload()
    page.get_by_text("0.00 < 0.35").wait_for()
    page.get_by_role("button", name="Reset").click()
    page.get_by_text("0.00 < 0.30").wait_for()
    page.wait_for_function("!location.search.includes('neuron=')")


def test_a_line_is_dragged_with_the_mouse(show: Open) -> None:
    page = show("neuron", "w1:1,w2:1,t:1")
    plane = page.locator(".n-plot").bounding_box()
    place = [plane[side] + plane[size] / 2 for side, size in (("x", "width"), ("y", "height"))]
    page.mouse.move(*place)
    page.mouse.down()
    page.mouse.move(place[0] + 60, place[1] - 60, steps=5)
    page.mouse.up()
    page.get_by_text("All 4 right.").wait_for()


def test_the_neuron_learns_and_and_goes_on_with_xor(show: Open) -> None:
    page = show("neuron")
    page.get_by_role("button", name="From 0").click()
    for _ in range(15):
        page.get_by_role("button", name="One epoch").press("Enter")
    page.get_by_text("All 4 right.").wait_for()
    page.get_by_text("it has learned").first.wait_for()
    page.get_by_role("radio", name="XOR").check()
    for _ in range(7):
        page.get_by_role("button", name="One epoch").click()
    page.get_by_text("this never ends").wait_for()


def test_a_weight_is_chosen_and_changed_by_keyboard_and_a_step_is_taken(show: Open) -> None:
    page = show("signals")
    page.get_by_role("button", name="W1[1, 2] = 0.6").press("Enter")
    page.get_by_text("= 0.6 · 0.5 = 0.3").first.wait_for()
    page.get_by_label("W1[1, 2]", exact=True).first.press("ArrowRight")
    page.get_by_text("= 0.65 · 0.5 = 0.325").first.wait_for()
    page.get_by_role("button", name="The article's weights").click()
    page.get_by_role("radio", name="← Gradients").check()
    page.get_by_role("button", name="Take a step").click()
    page.get_by_text("Step 1: promised 0.038340, the loss fell by 0.034537.").first.wait_for()
    assert ",w:0.100134_" in changed(page, "signals")


def test_points_are_added_by_click_and_by_keyboard(show: Open) -> None:
    page = show("boundary", "data:none")
    page.get_by_text("Add points of both classes.").first.wait_for()
    right = page.locator("canvas").nth(1)
    right.click()
    right.press("ArrowUp")
    right.press("Enter")
    state = changed(page, "boundary")
    assert [float(at) for at in state.partition("pts:")[2].split("_")] == pytest.approx(
        [0, 0, 1, 0, 0.2, 1], abs=0.02
    )
    page.get_by_role("button", name="100 steps").click()
    page.get_by_text("100 steps", exact=True).nth(1).wait_for()


def test_the_network_trains_while_one_watches_unless_motion_is_unwanted(show: Open) -> None:
    page = show("boundary")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("parseInt(document.querySelector('.n-said').textContent) > 20")
    page.get_by_role("button", name="Pause").click()
    page = show("boundary", reduced_motion="reduce")
    assert not page.get_by_role("button", name="Play").is_visible()


def test_arrow_keys_move_the_window_of_the_kernel(show: Open) -> None:
    page = show("edges")
    result = page.get_by_label("The result")
    result.press("ArrowRight")
    page.get_by_text("row 1, column 2: 30").first.wait_for()
    page.get_by_label("Kernel, row 1, column 1").fill("3")
    page.get_by_text("row 1, column 2: 50").first.wait_for()
    page.get_by_label("Kernel, row 1, column 1").fill("")
    page.get_by_text("row 1, column 2: 50").first.wait_for()


def test_a_picture_of_ones_own_is_made_small_and_a_bad_one_gets_a_sentence(
    show: Open, tmp_path: Path
) -> None:
    Image.new("RGB", (300, 200), "white").save(tmp_path / "good.jpg")
    Image.new("L", (900, 2)).save(tmp_path / "thin.png")
    (tmp_path / "bad.png").write_bytes(b"\x89PNG nothing")
    page = show("edges")
    chosen = page.locator("input[type=file]")
    for name, said in (
        ("bad.png", "The browser cannot read bad.png as a picture."),
        ("thin.png", "thin.png is less than 3 pixels wide or high"),
        ("good.jpg", "Image, 64×96"),
        ("bad.png", "The browser cannot read bad.png as a picture."),
    ):
        chosen.set_input_files(tmp_path / name)
        page.get_by_text(said).first.wait_for()
    assert page.get_by_text("Image, 64×96").is_visible(), "the good one stays"


@pytest.mark.parametrize("name", WIDGETS)
def test_a_widget_fits_a_phone_is_dark_where_wanted_and_names_its_controls(
    show: Open, name: str
) -> None:
    light = show(name)
    page = show(
        name, lang="zh", viewport={"width": 360, "height": 700}, color_scheme="dark", has_touch=True
    )
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    ground = "getComputedStyle(document.querySelector('.n-frame')).backgroundColor"
    assert page.evaluate(ground) != light.evaluate(ground)
    nameless = """[...document.querySelectorAll("input, button, canvas, svg")].filter(one =>
        !one.labels?.length && !one.textContent && !one.getAttribute("aria-label") &&
        !one.hasAttribute("aria-hidden")).map(one => one.outerHTML)"""
    assert page.evaluate(nameless) == []
    assert page.locator("html[lang=zh]").count() == 1


def test_what_does_not_run_says_so(chromium: tuple[Any, str]) -> None:
    browser, address = chromium
    page = browser.new_page()
    page.route("**/widgets/neuron.js", lambda route: route.abort())
    page.goto(f"{address}/alone.html?show=neuron")
    page.get_by_text("This figure does not run here").wait_for()
    page.goto((PAGES / "alone.html").as_uri())
    page.get_by_text("A browser runs this only from a server").wait_for()
    page.close()
