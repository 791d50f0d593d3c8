from __future__ import annotations

import gzip
import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_examples.core.errors import InputError
from keras_examples.datasets import load
from keras_examples.datasets.folder import read_file
from keras_examples.datasets.idx import IdxError, decode, header_of
from tests.datasets.conftest import Tiny, make_tiny
from tests.platforms import posix

LABELS = "train-labels-idx1-ubyte"


def refusal(tiny: Tiny, folder: Path) -> str:
    """Loads a folder that is wrong and returns the message, a line that names a file."""
    with pytest.raises(InputError) as caught:
        load("mnist", data_dir=folder)
    message = str(caught.value)
    assert "\n" not in message
    assert "; " in message
    assert str(folder / "mnist") in message
    return message


@pytest.fixture
def folder(tiny: Tiny, tmp_path: Path) -> Path:
    tiny.write(tmp_path / "data" / "mnist")
    return tmp_path / "data"


@pytest.mark.parametrize("gzipped", [True, False])
def test_a_named_folder_is_read_gzipped_or_not(tiny: Tiny, tmp_path: Path, gzipped: bool) -> None:
    tiny.write(tmp_path / "mnist", gzipped=gzipped)
    mnist = load("mnist", data_dir=tmp_path)
    assert mnist.source == "folder"
    for found, written in zip(
        (mnist.x_train, mnist.y_train, mnist.x_test, mnist.y_test), tiny.arrays, strict=True
    ):
        assert found.dtype == np.uint8
        np.testing.assert_array_equal(found, written)


def test_the_environment_names_the_folder_and_data_dir_comes_before_it(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_EXAMPLES_DATA", str(folder))
    assert load("mnist").source == "folder"
    with pytest.raises(InputError, match="no such folder"):
        load("mnist", data_dir=tmp_path / "elsewhere")


def test_the_home_folder_may_be_written_as_a_tilde(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(folder.parent))
    assert load("mnist", data_dir="~/data").source == "folder"


@pytest.mark.parametrize("data", ["auto", "real"])
def test_a_named_folder_is_never_skipped(tiny: Tiny, tmp_path: Path, data: str) -> None:
    tiny.write(tmp_path / "cache" / "mnist", gzipped=False)
    with pytest.raises(InputError, match="no such folder; put the four files of mnist there"):
        load("mnist", data=data, data_dir=tmp_path / "missing")


def test_a_missing_file_is_named(tiny: Tiny, folder: Path) -> None:
    (folder / "mnist" / f"{LABELS}.gz").unlink()
    assert f"{LABELS}[.gz]: no such file" in refusal(tiny, folder)


def test_a_file_that_is_not_gzip_is_named(tiny: Tiny, folder: Path) -> None:
    (folder / "mnist" / f"{LABELS}.gz").write_bytes(b"<html>no</html>")
    assert "is not a valid gzip file" in refusal(tiny, folder)


def test_a_gzip_file_without_the_ending_is_named(tiny: Tiny, folder: Path) -> None:
    (folder / "mnist" / f"{LABELS}.gz").rename(folder / "mnist" / LABELS)
    assert "its name does not end in .gz" in refusal(tiny, folder)


def test_a_truncated_gzip_file_is_named(tiny: Tiny, folder: Path) -> None:
    path = folder / "mnist" / f"{LABELS}.gz"
    path.write_bytes(path.read_bytes()[:-12])
    assert "is truncated" in refusal(tiny, folder)


def test_a_damaged_gzip_file_is_named(tiny: Tiny, folder: Path) -> None:
    path = folder / "mnist" / "train-images-idx3-ubyte.gz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    assert "train-images-idx3-ubyte.gz: " in refusal(tiny, folder)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (header_of((20,))[:2], "starts with 0x0000, expected 0x00000801"),
        (header_of((20, 1)), "starts with 0x00000802, expected 0x00000801"),
        (header_of((20,))[:6], "ends inside its header, after 6 bytes"),
        (header_of((4_000_000_000,)), "has the shape 4000000000, expected 20"),
        (header_of((20,)) + bytes(19), "ends after 27 bytes, expected 28"),
        (header_of((20,)) + bytes(21), "goes on after the 28 bytes expected"),
        (header_of((20,)) + bytes(200_000), "has 200008 bytes, expected at most 28"),
        (header_of((20,)) + bytes(20), "has the SHA-256"),
    ],
)
def test_wrong_content_is_described(tiny: Tiny, folder: Path, content: bytes, said: str) -> None:
    (folder / "mnist" / LABELS).write_bytes(content)
    message = refusal(tiny, folder)
    assert said in message
    assert message.endswith("replace it with the published file")


def test_a_gzip_bomb_is_not_decompressed(tiny: Tiny, folder: Path) -> None:
    bomb = gzip.compress(header_of((20,)) + bytes(40_000_000))
    (folder / "mnist" / f"{LABELS}.gz").write_bytes(bomb)
    tracemalloc.start()
    try:
        assert "goes on after the 28 bytes" in refusal(tiny, folder)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_a_directory_in_the_place_of_a_file_is_named(tiny: Tiny, folder: Path) -> None:
    (folder / "mnist" / LABELS).mkdir()
    assert "is a directory, expected a file" in refusal(tiny, folder)


@posix("named pipes")
def test_a_named_pipe_is_not_waited_for(tiny: Tiny, folder: Path) -> None:
    os.mkfifo(folder / "mnist" / LABELS)
    assert "is a named pipe, expected a file" in refusal(tiny, folder)


@posix("symbolic links")
def test_a_link_to_nothing_is_named(tiny: Tiny, folder: Path) -> None:
    (folder / "mnist" / LABELS).symlink_to("nowhere")
    assert "symbolic link to a file that does not exist" in refusal(tiny, folder)


@posix("symbolic links")
def test_a_link_to_itself_is_named(tiny: Tiny, folder: Path) -> None:
    (folder / "mnist" / LABELS).symlink_to(LABELS)
    assert "symbolic link that leads back to itself" in refusal(tiny, folder)


def test_a_file_without_permission_is_named(
    tiny: Tiny, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("keras_examples.core.files._open_at_once", refuse)
    assert "cannot be read (Permission denied)" in refusal(tiny, folder)


@pytest.mark.parametrize("name", ["mnist.gz", "MNIST", ""])
def test_an_unknown_data_set_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="expected one of mnist, fashion-mnist"):
        load(name)


def test_an_unknown_source_is_refused() -> None:
    with pytest.raises(InputError, match="expected one of auto, real, stand-in"):
        load("mnist", data="fake")


def test_the_arrays_are_read_only(tiny: Tiny, folder: Path) -> None:
    with pytest.raises(ValueError, match="read-only"):
        load("mnist", data_dir=folder).x_train[0] = 0


@given(content=st.binary(max_size=64), shape=st.lists(st.integers(0, 5), min_size=1, max_size=3))
def test_any_bytes_are_an_array_or_an_idx_error(content: bytes, shape: list[int]) -> None:
    try:
        array = decode(content, tuple(shape))
    except IdxError:
        return
    assert header_of(array.shape) + array.tobytes() == content


@given(shape=st.lists(st.integers(0, 2**32 - 1), max_size=4))
def test_a_header_that_lies_is_an_idx_error(shape: list[int]) -> None:
    if shape != [10]:
        with pytest.raises(IdxError):
            decode(header_of(tuple(shape)) + bytes(10), (10,))


@given(data=st.data(), gzipped=st.booleans())
def test_a_file_with_a_bit_flipped_or_an_end_missing_is_an_input_error(
    tmp_path: Path, data: st.DataObject, gzipped: bool
) -> None:
    made = make_tiny("mnist", 0)
    file = made.files[1]
    content = made.contents[file.name]
    stored = bytearray(gzip.compress(content, mtime=0) if gzipped else content)
    if data.draw(st.booleans()):
        bit = data.draw(st.integers(0, 8 * len(stored) - 1))
        stored[bit // 8] ^= 1 << bit % 8
    else:
        del stored[data.draw(st.integers(0, len(stored) - 1)) :]
    path = tmp_path / ("file.gz" if gzipped else "file")
    path.write_bytes(stored)
    try:
        array = read_file(path, file)
    except InputError:
        return
    assert header_of(array.shape) + array.tobytes() == content


@pytest.mark.real
@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_the_real_data_is_complete(name: str, real_folder: Path) -> None:
    real = load(name, data="real", data_dir=real_folder)
    assert real.x_train.shape == (60000, 28, 28)
    assert real.y_train.shape == (60000,)
    assert real.x_test.shape == (10000, 28, 28)
    assert np.array_equal(np.unique(real.y_test), np.arange(10))
    assert len(real.class_names) == 10
