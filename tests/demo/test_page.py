"""The demo in a real browser, with networks trained on stand-ins."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from keras_examples import datasets
from keras_examples.inference import load_trained
from keras_examples.inference.classification import probabilities
from tests.demo.browser import SEVEN, draw, open_page

np = pytest.importorskip("numpy")
Image = pytest.importorskip("PIL.Image")


def answers(page: Any, where: str = "#digit-answers") -> list[str]:
    return [text.strip() for text in page.locator(f"{where} .best").all_inner_texts()]


def wait_for(page: Any, condition: Any, *, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, page.locator("body").inner_text()
        page.wait_for_timeout(100)


def test_a_digit_drawn_with_the_mouse_is_classified_and_lights_the_network(page: Any) -> None:
    assert page.locator("#lit-network img").count() == 0
    draw(page, SEVEN)
    wait_for(page, lambda: answers(page)[:1] == ["7"])
    lit = page.locator("#lit-network img")
    lit.wait_for()
    assert lit.evaluate("image => image.naturalWidth") > 500
    assert "neurons" in (lit.get_attribute("alt") or "")


def test_the_answer_follows_the_pen(page: Any) -> None:
    draw(page, SEVEN)
    lit = page.locator("#lit-network img")
    lit.wait_for()
    before = lit.get_attribute("src")
    draw(page, ((0.3, 0.5), (0.7, 0.5)))
    wait_for(page, lambda: lit.get_attribute("src") != before)


def test_clearing_the_square_clears_the_answer(page: Any) -> None:
    draw(page, SEVEN)
    page.locator("#lit-network img").wait_for()
    page.get_by_role("button", name="Clear").click()
    wait_for(page, lambda: answers(page) == ["–", "–"])


def test_says_that_the_networks_learned_from_stand_ins(page: Any) -> None:
    draw(page, SEVEN)
    page.get_by_text("Trained on stand-ins drawn by code.").first.wait_for()


def test_switches_to_chinese_and_keeps_the_drawing(page: Any) -> None:
    draw(page, SEVEN)
    page.locator("#lit-network img").wait_for()
    page.get_by_label("中文").check()
    page.get_by_role("tab", name="衣物").wait_for()
    page.get_by_text("卷积神经网络").wait_for()
    assert answers(page)[0] == "7"
    assert page.evaluate("document.documentElement.lang") == "zh-CN"


def test_everything_works_with_the_keyboard_alone(page: Any) -> None:
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "CANVAS":
            break
    page.keyboard.press("Space")
    for _ in range(14):
        page.keyboard.press("ArrowDown")
    page.locator("#lit-network img").wait_for()
    page.keyboard.press("Delete")
    wait_for(page, lambda: answers(page) == ["–", "–"])
    page.locator("#test-digits button").nth(3).press("Enter")
    wait_for(page, lambda: answers(page)[0] == "3")
    page.get_by_label("中文").press("Space")
    page.get_by_role("tab", name="衣物").wait_for()


def test_a_garment_is_picked_and_classified(page: Any, runs: Path) -> None:
    garments = datasets.load("fashion-mnist", data="stand-in")
    trouser = garments.x_test[garments.y_test == 1][:1]
    model = load_trained("fashion-mnist-ffn", runs=runs)
    expected = garments.class_names[int(probabilities(model, trouser).argmax())]["en"]
    page.get_by_role("tab", name="Garments").click()
    page.get_by_text("These are stand-ins drawn by code").wait_for()
    page.get_by_label("Garment 2", exact=True).click()
    page.get_by_text("Its label: Trouser.").wait_for()
    assert answers(page, "#garment-answer") == [expected]


def test_a_picture_of_a_garment_is_uploaded(page: Any) -> None:
    page.get_by_role("tab", name="Garments").click()
    page.get_by_text("Its label").wait_for()
    picture = np.full((200, 160, 3), 255, np.uint8)
    picture[20:180, 60:100] = 40
    upload(page, png(picture), "dress.png")
    wait_for(page, lambda: "Its label" not in page.locator("#garment-answer").inner_text())
    assert answers(page, "#garment-answer") != ["–"]


def test_an_empty_picture_is_refused_with_the_reason(page: Any) -> None:
    page.get_by_role("tab", name="Garments").click()
    upload(page, png(np.full((50, 50, 3), 255, np.uint8)), "empty.png")
    page.get_by_text("nothing on it stands out").wait_for()


@pytest.mark.slow
def test_an_upload_that_is_too_big_is_refused(page: Any, address: str) -> None:
    page.get_by_role("tab", name="Garments").click()
    upload(page, b"\x89PNG" + bytes(11_000_000), "big.png")
    page.get_by_text("exceed").first.wait_for()
    refused = page.request.post(
        f"{address}gradio_api/upload",
        multipart={
            "files": {"name": "a.png", "mimeType": "image/png", "buffer": bytes(13_000_000)}
        },
    )
    assert refused.status == 413


@pytest.mark.slow
def test_fits_the_width_of_a_phone(browser: Any, address: str) -> None:
    page = open_page(browser, address, width=375, height=700)
    for lang in ("English", "中文"):
        page.get_by_label(lang).check()
        for tab in range(3):
            page.get_by_role("tab").nth(tab).click()
            page.wait_for_timeout(500)
            assert page.evaluate("document.documentElement.scrollWidth") <= 375
            wide = page.evaluate(
                "[...document.querySelectorAll('main *')].filter(it => it.checkVisibility() && "
                "it.getBoundingClientRect().right > 376).map(it => it.outerHTML.slice(0, 99))"
            )
            assert wide == []
    page.close()


def test_connects_to_no_other_host(browser: Any, address: str) -> None:
    page = browser.new_page()
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(address)
    page.locator("#digit-answers .best").first.wait_for()
    draw(page, SEVEN)
    page.locator("#lit-network img").wait_for()
    page.wait_for_timeout(1000)
    hosts = {urlsplit(url).hostname for url in requested if not url.startswith(("data:", "blob:"))}
    assert hosts == {"127.0.0.1"}
    page.close()


@pytest.mark.slow
def test_a_missing_network_is_trained_in_front_of_the_user(page: Any) -> None:
    page.get_by_role("tab", name="Sine").click()
    page.get_by_text("Not trained yet: sine-rnn").wait_for()
    before = page.locator("#sine img").get_attribute("src")
    page.get_by_role("button", name="Train what is missing").locator("visible=true").click()
    page.locator("progress").locator("visible=true").first.wait_for()
    page.get_by_text("Training sine-rnn").wait_for()
    wait_for(page, lambda: page.locator("#sine img").get_attribute("src") != before, seconds=120)


def png(pixels: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="png")
    return file.getvalue()


def upload(page: Any, content: bytes, name: str) -> None:
    button = page.get_by_role("button", name="Upload").locator("visible=true")
    with page.expect_file_chooser() as chooser:
        button.click()
    chooser.value.set_files({"name": name, "mimeType": "image/png", "buffer": content})
