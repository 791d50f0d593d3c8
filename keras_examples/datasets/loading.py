"""Tries the sources of a data set in order, and announces a stand-in."""

from __future__ import annotations

import os

from keras_examples.core import InputError, Text
from keras_examples.core.console import announce
from keras_examples.core.options import one_of
from keras_examples.datasets.caches import UnavailableError, read_cache, read_keras_cache
from keras_examples.datasets.dataset import Dataset
from keras_examples.datasets.failures import listed
from keras_examples.datasets.folder import expand, read_folder
from keras_examples.datasets.published import PUBLISHED
from keras_examples.datasets.sharing import once

SOURCES = ("auto", "real", "stand-in")
_REMEDY = Text(
    "name a folder that has mnist/ and fashion-mnist/ in KERAS_EXAMPLES_DATA",
    "请用 KERAS_EXAMPLES_DATA 指定一个含有 mnist/ 和 fashion-mnist/ 的文件夹",
)


def load(
    name: str, *, data: str | Dataset = "auto", data_dir: str | os.PathLike[str] | None = None
) -> Dataset:
    """Loads MNIST or Fashion-MNIST from the first source that has it.

    The sources are, in order: the folder that the user names; the cache of earlier downloads;
    Keras's own downloads; the mirrors; and last the stand-ins, which are drawn by code: digits
    from fonts, garments from shapes, 6000 for training and 1000 for testing. A named folder must
    have the data: no other source is tried then.

    Args:
        name: `"mnist"` or `"fashion-mnist"`.
        data: `"auto"` for the first of all sources, `"real"` for the first without the
            stand-ins, `"stand-in"` for these alone. A `Dataset` of images like them, such as a
            user's own, is returned as it is.
        data_dir: A folder with `mnist/` and `fashion-mnist/` in it, each with the four IDX
            files, gzipped or not. By default the environment variable
            `KERAS_EXAMPLES_DATA` names it.

    Returns:
        A `Dataset`: images `uint8` of shape `(n, 28, 28)`, labels `uint8` of shape `(n,)`.

    Raises:
        InputError: If `name` or `data` is none of the above, if the named folder does not
            hold the published files, or if `data` is `"real"` and no source has them.

    Example:
    ```python
    mnist = load("mnist")
    model.fit(mnist.x_train / 255.0, mnist.y_train)
    ```
    """
    if isinstance(data, Dataset):
        return data
    one_of("data set", name, tuple(PUBLISHED))
    one_of("data", data, SOURCES)
    named = data_dir if data_dir is not None else os.environ.get("KERAS_EXAMPLES_DATA") or None
    return once(lambda: _load(name, data, named), name, data, named)


def _load(name: str, data: str, named: str | os.PathLike[str] | None) -> Dataset:
    if data == "stand-in":
        announce(
            f"{name}: drawn stand-ins, not the real data, as requested",
            f"{name}：按要求使用程序绘制的替代数据，不是真实数据",
        )
        return _stand_in(name)
    if named is not None:
        return _named_folder(named, name)
    try:
        return _first_available(name, retry=data == "real")
    except UnavailableError as error:
        if data == "real":
            raise InputError(
                f"{name}: no real data found: {error.text.en}; {_REMEDY.en}",
                f"{name}：没有找到真实数据：{error.text.zh}；{_REMEDY.zh}",
            ) from None
        announce(
            f"{name}: drawn stand-ins, not the real data: {error.text.en}; to get it, {_REMEDY.en}",
            f"{name}：使用程序绘制的替代数据，不是真实数据：{error.text.zh}；"
            f"要用真实数据，{_REMEDY.zh}",
        )
        return _stand_in(name)


def mnist(data: str = "auto", data_dir: str | os.PathLike[str] | None = None) -> Dataset:
    """Loads MNIST: handwritten digits. See `load` for the arguments and what may be raised."""
    return load("mnist", data=data, data_dir=data_dir)


def fashion_mnist(data: str = "auto", data_dir: str | os.PathLike[str] | None = None) -> Dataset:
    """Loads Fashion-MNIST: garments. See `load` for the arguments and what may be raised."""
    return load("fashion-mnist", data=data, data_dir=data_dir)


def _named_folder(root: str | os.PathLike[str], name: str) -> Dataset:
    folder = expand(root) / name
    if not os.path.isdir(folder):  # noqa: PTH112 (`Path.is_dir` raises for some names)
        raise InputError(
            f"{folder}: no such folder; put the four files of {name} there, or name another "
            "folder in data_dir or KERAS_EXAMPLES_DATA",
            f"{folder}：文件夹不存在；请把 {name} 的四个文件放在那里，"
            "或用 data_dir 或 KERAS_EXAMPLES_DATA 指定别的文件夹",
        )
    return Dataset.of(name, read_folder(folder, name), "folder")


def _first_available(name: str, *, retry: bool) -> Dataset:
    # Here, because requests takes a tenth of a second to import.
    from keras_examples.datasets.mirrors import download, forget_failures

    if retry:  # the network may work again
        forget_failures()
    reasons = []
    sources = (
        (Text("cache", "缓存"), read_cache),
        (Text("keras-cache", "Keras 的缓存"), read_keras_cache),
        (Text("download", "下载"), download),
    )
    for source, read in sources:
        try:
            return Dataset.of(name, read(name), source.en)
        except UnavailableError as error:
            reasons.append(source + Text(": ", "：") + error.text)
    why = listed(reasons)
    raise UnavailableError(why.en, why.zh)


def _stand_in(name: str) -> Dataset:
    from keras_examples.datasets.stand_in import draw

    return Dataset.of(name, draw(name), "stand-in")
