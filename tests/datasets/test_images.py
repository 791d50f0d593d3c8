from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from keras_examples import InputError
from keras_examples.datasets import images
from tests.pictures import draw_pictures


def prepare(path: Path) -> Any:
    """Reads a picture as an image, without looking for what is on it."""
    try:
        with Image.open(path) as picture:
            return np.asarray(picture.convert("L").resize((28, 28)))
    except OSError:
        raise InputError(f"{str(path)!r} is damaged.", f"{str(path)!r} 已损坏。") from None


def load(folder: Path) -> Any:
    return images.load(folder, prepare)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return draw_pictures(tmp_path / "signs", ("一", "b", "A"), count=10)


def test_the_classes_are_the_subfolders_sorted_by_name(folder: Path) -> None:
    data = load(folder)
    assert [name.zh for name in data.class_names] == ["A", "b", "一"]
    assert (data.name, data.source) == ("signs", "images")
    assert data.x_train.dtype == data.y_train.dtype == np.uint8
    image, label = prepare(folder / "b" / "0.png"), 1
    every = zip((*data.x_train, *data.x_test), (*data.y_train, *data.y_test), strict=True)
    assert [int(y) for x, y in every if np.array_equal(x, image)] == [label]


def test_a_fifth_of_each_class_is_held_out(folder: Path) -> None:
    data = load(folder)
    assert np.bincount(data.y_train).tolist() == [8, 8, 8]
    assert np.bincount(data.y_test).tolist() == [2, 2, 2]


def test_the_split_depends_on_the_pictures_and_not_on_their_names(
    folder: Path, tmp_path: Path
) -> None:
    renamed = tmp_path / "renamed"
    for path in folder.rglob("*.png"):
        place = renamed / path.parent.name / "deeper" / f"{9 - int(path.stem)}.PNG"
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)
    one, other = load(folder), load(renamed)
    np.testing.assert_array_equal(one.x_test, other.x_test)
    assert one.digest == other.digest


def test_other_names_of_classes_are_other_data(folder: Path) -> None:
    before = load(folder).digest
    (folder / "b").rename(folder / "c")
    assert load(folder).digest != before


def test_the_same_picture_twice_is_never_on_both_sides(folder: Path) -> None:
    for path in [*folder.rglob("*.png")]:
        shutil.copy(path, path.with_stem(f"copy-of-{path.stem}"))
    data = load(folder)
    train, test = ({x.tobytes() for x in side} for side in (data.x_train, data.x_test))
    assert len(data.x_train) + len(data.x_test) == 60
    assert not train & test


def test_what_is_no_picture_is_left_out_and_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in (".DS_Store", "._0.png", "IMG_1.HEIC"):
        (folder / "b" / name).write_text("nothing")
    (folder / ".git").mkdir()
    data = load(folder)
    assert len(data.x_train) + len(data.x_test) == 30
    assert (
        "30 pictures; 1 other files are left out, such as 'IMG_1.HEIC'" in capsys.readouterr().err
    )


def test_a_link_to_a_folder_above_it_is_not_followed_for_ever(folder: Path) -> None:
    (folder / "b" / "again").symlink_to(folder, target_is_directory=True)
    assert len(images.find(folder)["b"]) == 10


@pytest.mark.parametrize(
    ("classes", "count", "message"),
    [
        ((), 0, "has 0 subfolders.*make 2 to 100"),
        (("a",), 10, "has 1 subfolders.*make 2 to 100"),
        (tuple(f"{n}" for n in range(101)), 0, "has 101 subfolders.*make 2 to 100"),
        (("a", "b"), 0, "has no pictures of class 'a'.*at least 5.*PNG, JPEG"),
        (("a", "b"), 1, "has 1 pictures of class 'a'.*at least 5"),
        (("a", "b\n"), 5, r"has a subfolder 'b\\n'.*40 printable characters"),
        (("a", "b" * 41), 5, "has a subfolder 'b+'.*40 printable characters"),
    ],
)
def test_a_folder_without_enough_pictures_is_one_line(
    tmp_path: Path, classes: tuple[str, ...], count: int, message: str
) -> None:
    (tmp_path / "signs").mkdir()
    with pytest.raises(InputError, match=message) as raised:
        images.find(draw_pictures(tmp_path / "signs", classes, count))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", ["nowhere", "a file", "nul\0"])
def test_what_is_no_folder_is_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "a file").touch()
    with pytest.raises(InputError, match="does not exist or is not a folder"):
        images.find(tmp_path / name)


def test_too_many_pictures_are_told_before_one_is_opened(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "MOST_PICTURES", 29)
    with pytest.raises(InputError, match=r"has 30 pictures.*leave 29 at most"):
        images.find(folder)


def test_five_times_the_same_picture_are_too_few(folder: Path) -> None:
    for path in (folder / "b").iterdir():
        shutil.copy(folder / "b" / "0.png", path) if path.stem != "0" else None
    with pytest.raises(InputError, match="has 1 different pictures of class 'b'"):
        load(folder)


def test_the_same_picture_in_two_classes_is_a_contradiction(folder: Path) -> None:
    shutil.copy(folder / "b" / "0.png", folder / "A" / "0.png")
    with pytest.raises(InputError, match=r"same picture in two classes.*A.*0\.png.*b.*0\.png"):
        load(folder)


def test_all_pictures_that_cannot_be_used_are_counted_in_one_line(folder: Path) -> None:
    (folder / "b" / "3.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"^'.*3\.png' is damaged"):
        load(folder)
    (folder / "b" / "5.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"^2 of 30 pictures cannot be used, such as .*3\.png"):
        load(folder)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everything can be read")
def test_a_folder_that_may_not_be_read_is_one_line(folder: Path) -> None:
    (folder / "b").chmod(0)
    with pytest.raises(InputError, match="cannot read folder"):
        images.find(folder)
