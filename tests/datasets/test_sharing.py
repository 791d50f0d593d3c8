"""A data set that several runs need is read once."""

from __future__ import annotations

from pathlib import Path
from threading import Barrier, Thread

import numpy as np
import pytest

from keras_examples.datasets import Dataset, loading, mnist, sharing
from keras_examples.datasets.dataset import digest_of
from tests.datasets.conftest import make_tiny


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows with each time that a data set is read."""
    found: list[str] = []

    def read(name: str, *where: object) -> Dataset:
        found.append(name)
        return Dataset.of(name, make_tiny(name, len(name)).arrays, "folder")

    monkeypatch.setattr(loading, "_load", read)
    return found


def test_within_the_block_each_is_read_once_and_otherwise_each_time(
    reads: list[str], tmp_path: Path
) -> None:
    with sharing.sharing(tmp_path):
        for _ in range(2):
            mnist(), loading.fashion_mnist()
    assert reads == ["mnist", "fashion-mnist"]
    mnist(), mnist()
    assert reads == ["mnist", "fashion-mnist", "mnist", "mnist"]


def test_who_shares_it_has_the_same_data(reads: list[str], tmp_path: Path) -> None:
    with sharing.sharing(tmp_path):
        first, second = mnist(), mnist()
    for name in ("x_train", "y_train", "x_test", "y_test"):
        mine, theirs = getattr(first, name), getattr(second, name)
        assert type(theirs) is np.ndarray
        assert not theirs.flags.writeable
        assert theirs.ctypes.data % 64 == 0  # which TensorFlow then does not copy
        np.testing.assert_array_equal(mine, theirs)
    assert (first.source, first.digest) == (second.source, second.digest)
    assert second.digest == digest_of([second.x_train, second.y_train, *(second.test or ())])
    assert reads == ["mnist"]


def test_another_source_is_another_data_set(reads: list[str], tmp_path: Path) -> None:
    with sharing.sharing(tmp_path):
        mnist("real"), mnist("stand-in"), mnist("real", tmp_path), mnist("real", tmp_path)
    assert reads == ["mnist"] * 3


def test_of_several_at_once_one_reads_and_the_others_wait(reads: list[str], tmp_path: Path) -> None:
    barrier = Barrier(4)

    def load() -> None:
        barrier.wait(10)
        mnist()

    with sharing.sharing(tmp_path):
        threads = [Thread(target=load) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert reads == ["mnist"]


def test_on_a_full_disk_each_reads_it(
    reads: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with sharing.sharing(tmp_path):
        assert len(mnist().x_train) == len(mnist().x_train)
    assert reads == ["mnist"] * 2
