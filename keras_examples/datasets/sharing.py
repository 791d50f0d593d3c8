"""Lets several processes, or runs one after the other, read each data set only once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import cast

import numpy as np

from keras_examples.core.files import read, write_whole
from keras_examples.datasets.dataset import CLASS_NAMES, Arrays, Dataset

_ARRAYS = ("x_train", "y_train", "x_test", "y_test")

_folder: Path | None = None


@contextmanager
def sharing(folder: Path) -> Iterator[None]:
    """Has `once` read each data set only once within a block.

    Args:
        folder: Where to keep the arrays, uncompressed; a temporary one, of all who share them.
    """
    global _folder
    before, _folder = _folder, folder
    try:
        yield
    finally:
        _folder = before


def once(read_data: Callable[[], Dataset], name: str, *where: object) -> Dataset:
    """Returns MNIST or Fashion-MNIST, which processes that share a folder read once.

    The others get the same arrays, mapped into their memory: it holds them once, too.

    Args:
        read_data: Reads and checks the data.
        name: The name of the data set.
        *where: What determines where it is read from.
    """
    if _folder is None:
        return read_data()
    from filelock import FileLock  # its import is as long as that of all data sets

    key = hashlib.sha256(repr((name, *where)).encode()).hexdigest()[:16]
    place = _folder / f"{name}-{key}"
    with FileLock(f"{place}.lock"):
        if not (place / "about.json").exists():
            data = read_data()
            with suppress(OSError):  # a full disk: the next one reads them, too
                _keep(data, place)
            return data
    about = json.loads(read(place / "about.json"))
    arrays = [np.asarray(np.load(place / f"{one}.npy", mmap_mode="r")) for one in _ARRAYS]
    return Dataset(name, *cast(Arrays, arrays), CLASS_NAMES[name], about["source"], about["digest"])


def _keep(data: Dataset, place: Path) -> None:
    place.mkdir(exist_ok=True)
    for name in _ARRAYS:
        np.save(place / f"{name}.npy", getattr(data, name))
    write_whole(place / "about.json", json.dumps({"source": data.source, "digest": data.digest}))
