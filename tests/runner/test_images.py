from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from keras_examples import InputError, Run, predict, run
from keras_examples.core import catalogue
from keras_examples.figures import shared, style
from keras_examples.runner.images import of_images
from keras_examples.runner.options import Options
from tests.pictures import draw_pictures

LEARNERS = ("digit-mlp", "fashion-mnist-ffn", "mnist-cnn", "self-attention")
CLASSES = ("一", "two", "$3$")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("own")
    draw_pictures(root / "signs", CLASSES)
    return root


@pytest.fixture(scope="module")
def done(place: Path) -> Run:
    return learn(place)


def learn(place: Path, **options: Any) -> Run:
    folders: dict[str, Any] = {"plots": place / "plots", "runs": place / "runs"}
    return run(
        "fashion-mnist-ffn", epochs=2, images=place / "signs", verbose=False, **folders, **options
    )


def test_a_network_learns_ones_own_pictures_under_a_name_of_its_own(done: Run) -> None:
    assert done.name == done.folder.name == "fashion-mnist-ffn-images"
    assert done.model.output_shape == (None, 3)
    kinds = ("loss", "accuracy", "predictions", "confusion")
    assert [path.stem.rpartition("-")[2] for path in done.figures] == list(kinds)
    with pytest.raises(InputError, match="no trained model of fashion-mnist-ffn"):
        predict("fashion-mnist-ffn", done.figures[0], runs=done.folder.parent)


def test_the_record_says_which_pictures_it_learned(done: Run, place: Path) -> None:
    data = done.record["data"]
    assert (data["name"], data["source"]) == ("signs", "images")
    assert data["classes"] == sorted(CLASSES)
    assert (data["training_samples"], data["test_samples"]) == (15, 3)
    assert done.record["config"]["data_sha256"] == data["sha256"]
    assert f"--images {place / 'signs'}" in done.record["command"]


def test_predict_knows_the_names_from_the_model_alone(
    done: Run, place: Path, tmp_path: Path
) -> None:
    model = (done.folder / "model.keras").rename(tmp_path / "given.keras")
    picture = place / "signs" / "two" / "0.png"
    (prediction,) = predict("fashion-mnist-ffn", picture, model=model)
    model.rename(done.folder / "model.keras")
    assert {name for name, _ in prediction.top} == set(CLASSES)
    assert sum(chance for _, chance in prediction.top) == pytest.approx(1)


def test_a_complete_run_of_the_same_pictures_is_left_as_it_is_and_of_others_refused(
    done: Run, place: Path
) -> None:
    again = learn(place, resume=True)
    assert again.record == json.loads((done.folder / "run.json").read_text("utf-8"))
    added = place / "signs" / "two" / "more.png"
    added.write_bytes((place / "signs" / "two" / "0.png").read_bytes())
    try:
        with pytest.raises(InputError, match=r"cannot resume.*data_sha256"):
            learn(place, resume=True)
    finally:
        added.unlink()


def test_the_examples_that_learn_ones_own_pictures_are_those_with_a_number_of_classes(
    place: Path,
) -> None:
    options = Options(images=place / "signs")
    taking = [
        name for name in catalogue.names() if "images" not in options.unusable(catalogue.load(name))
    ]
    assert sorted(taking) == sorted(LEARNERS)


@pytest.mark.parametrize("name", LEARNERS)
def test_each_builds_a_network_with_an_output_for_each_class(name: str, place: Path) -> None:
    example = of_images(catalogue.load(name), place / "signs")
    data, model = example.load(data="auto", data_dir=None), example.build()
    outputs = model(data.x_train[:4])
    assert outputs.shape == (4, 3)
    assert np.isfinite(model.evaluate(data.x_test, data.y_test, verbose=0)[0])
    assert "classes" not in example.hyperparameters


def test_what_does_not_classify_pictures_does_not_take_them(place: Path) -> None:
    with pytest.raises(InputError, match="sine-rnn does not take --images; leave out --images"):
        Options(images=place / "signs").check_example(catalogue.load("sine-rnn"))


@pytest.mark.parametrize("other", [{"data": "stand-in"}, {"data_dir": "."}])
def test_pictures_and_other_data_exclude_each_other(place: Path, other: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"--images and --data.*leave out one of the two"):
        Options(images=place / "signs", **other).check("mnist-cnn")


def test_a_bad_folder_is_told_before_anything_is_imported_or_written(tmp_path: Path) -> None:
    folders: dict[str, Any] = {"plots": tmp_path / "plots", "runs": tmp_path / "runs"}
    with pytest.raises(InputError, match="'nowhere' does not exist"):
        run("mnist-cnn", images="nowhere", **folders)
    assert not list(tmp_path.iterdir())


def test_a_picture_without_anything_on_it_is_named(tmp_path: Path) -> None:
    folder = draw_pictures(tmp_path / "signs", ("a", "b"))
    Image.new("L", (60, 60), 255).save(folder / "b" / "0.png")
    with pytest.raises(InputError, match=r"b.0\.png': .*nothing"):
        of_images(catalogue.load("mnist-cnn"), folder)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_among_the_pictures_is_named_and_not_waited_for(tmp_path: Path) -> None:
    folder = draw_pictures(tmp_path / "signs", ("a", "b"))
    os.mkfifo(folder / "b" / "pipe.png")
    with pytest.raises(InputError, match=r"pipe\.png"):
        of_images(catalogue.load("mnist-cnn"), folder)


def test_names_of_classes_may_be_chinese_or_hold_dollars_in_an_english_figure(
    place: Path, tmp_path: Path
) -> None:
    from keras_examples.core import Trained

    example = of_images(catalogue.load("digit-mlp"), place / "signs")
    data = example.load(data="auto", data_dir=None)
    trained = Trained(example=example, model=example.build(), data=data, history={})
    with style.style("en", foreign=True):
        for draw in (shared.predictions, shared.confusion):
            draw(trained).savefig(tmp_path / "figure.png")


def test_the_script_on_the_page_cuts_a_sheet_into_pictures_that_are_learned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")
    script = page.partition('```python title="cut.py"\n')[2].partition("```")[0]
    monkeypatch.chdir(tmp_path)
    Path("sheets").mkdir()
    for strokes, name in enumerate(("一", "二"), start=1):
        sheet = Image.new("L", (600, 500), 235)
        pen = ImageDraw.Draw(sheet)
        for place in range(30):
            left, top = 100 * (place % 6), 100 * (place // 6)
            pen.rectangle((left, top, left + 100, top + 100), outline=90)
            for stroke in range(strokes):
                row = top + 35 + 25 * stroke
                pen.line((left + 25, row, left + 60 + place % 6, row + place // 6), 40, 5)
        sheet.save(f"sheets/{name}.jpg", quality=95)
    exec(compile(script, "cut.py", "exec"), {})
    data = of_images(catalogue.load("mnist-cnn"), "ours").load(data="auto", data_dir=None)
    assert [name.en for name in data.class_names] == ["一", "二"]
    assert len(data.x_train) + len(data.x_test) == 60
    # A sign has as many strokes as its name says, and nothing of the frame.
    ink = (data.x_train[..., 0].max(axis=2) > 100).astype(int)
    strokes = (np.diff(ink, axis=1, prepend=0) == 1).sum(axis=1)
    np.testing.assert_array_equal(strokes, data.y_train + 1)
