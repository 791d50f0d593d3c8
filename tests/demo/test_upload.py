from __future__ import annotations

from pathlib import Path

import gradio as gr
import pytest

from keras_examples.demo.upload import read_upload
from keras_examples.inference.pictures import prepare_digit


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", "the picture is not a readable picture"), ("zh", "这张图片：不是能读取的图片")],
)
def test_what_is_wrong_with_an_upload_is_told_in_the_language_of_the_page_and_without_its_path(
    lang: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / "seven.png").write_text("not a picture")
    with pytest.raises(gr.Error, match=said) as refused:
        read_upload(str(tmp_path / "seven.png"), prepare_digit, lang)
    assert "seven" not in refused.value.message
