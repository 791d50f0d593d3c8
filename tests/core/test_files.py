"""Files that are written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from keras_examples.core.files import replacing, write_whole


def test_a_file_is_replaced_by_a_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("before")
    write_whole(path, "after é")
    assert path.read_bytes() == "after é".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_what_breaks_while_it_is_written_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("before")

    def write_half() -> None:
        with replacing(path) as partial:
            partial.write_text("half of")
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        write_half()
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_block_that_writes_nothing_is_an_error_and_leaves_the_file(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("before")

    def write_elsewhere() -> None:
        with replacing(path) as partial:
            partial.with_name("elsewhere").write_text("")

    with pytest.raises(FileNotFoundError):
        write_elsewhere()
    assert path.read_text() == "before"
