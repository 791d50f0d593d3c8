"""The user's own pictures: a folder with one subfolder for each class, as Keras reads it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import numpy as np

from keras_examples.core import InputError, Text
from keras_examples.core.console import announce
from keras_examples.core.files import PathLike, reason
from keras_examples.datasets.dataset import Array, Dataset, digest_of
from keras_examples.datasets.folder import expand

EXTENSIONS = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
LEAST_PICTURES = 5  # of a class, of which one is held out
MOST_PICTURES = 20_000  # to prepare ten of them takes about a second
MOST_CLASSES = 100
_LONGEST_NAME = 40
_HELD_OUT = 5  # of so many pictures, one

Prepare = Callable[[Path], Array]


def find(folder: PathLike) -> Mapping[str, Sequence[Path]]:
    """Finds the pictures of each class, without opening them.

    The classes are the subfolders, sorted by name. A picture is a file in one of them, at any
    depth, with an extension of `EXTENSIONS`. What begins with a dot is left out.

    Args:
        folder: The folder.

    Returns:
        The paths by class.

    Raises:
        InputError: It does not hold such pictures, or too few or too many of them.
    """
    root = expand(folder)
    if not root.is_dir():
        what = Text("does not exist or is not a folder", "不存在或不是文件夹")
        _refuse(folder, what, Text("name one", "请指定一个文件夹"))
    names = sorted(path.name for path in _entries(root) if path.is_dir())
    if not 2 <= len(names) <= MOST_CLASSES:
        what = Text(f"has {len(names)} subfolders", f"有 {len(names)} 个子文件夹")
        _refuse(folder, what, Text(f"make 2 to {MOST_CLASSES}", f"请准备 2 到 {MOST_CLASSES} 个"))
    for name in names:
        if not name.isprintable() or len(name) > _LONGEST_NAME:
            rule = Text(
                f"give it a name of {_LONGEST_NAME} printable characters at most",
                f"请给它起一个至多 {_LONGEST_NAME} 个可打印字符的名字",
            )
            _refuse(folder, Text(f"has a subfolder {name!r}", f"有子文件夹 {name!r}"), rule)
    found = {name: [*filter(_is_picture, _files(root / name))] for name in names}
    for name, paths in found.items():
        if len(paths) < LEAST_PICTURES:
            has = Text(
                f"has {len(paths) or 'no'} pictures of class {name!r}",
                f"中类别 {name!r} 有 {len(paths)} 张图片",
            )
            more = Text(
                f"put at least {LEAST_PICTURES} there (PNG, JPEG, WebP, GIF, BMP or TIFF)",
                f"请至少放 {LEAST_PICTURES} 张（PNG、JPEG、WebP、GIF、BMP 或 TIFF）",
            )
            _refuse(folder, has, more)
    if (count := sum(map(len, found.values()))) > MOST_PICTURES:
        most = Text(f"leave {MOST_PICTURES:,} at most", f"请至多留下 {MOST_PICTURES:,} 张")
        _refuse(folder, Text(f"has {count:,} pictures", f"有 {count:,} 张图片"), most)
    return found


def load(folder: PathLike, prepare: Prepare) -> Dataset:
    """Loads the pictures of a folder as a data set.

    A fifth of each class is held out for testing, at least one picture: those whose prepared images
    have the smallest SHA-256. So the split depends on the pictures alone, and the same picture
    twice is never on both sides.

    Args:
        folder: The folder, see `find`.
        prepare: Returns the image, shape `(28, 28)`, for the path of a picture.

    Returns:
        A `Dataset` with source `"images"`, named after the folder. Its digest covers the names of
        the classes, too.

    Raises:
        InputError: It does not hold such pictures, or some of them cannot be used.
    """
    found = find(folder)
    paths = [path for paths in found.values() for path in paths]
    labels = np.repeat(np.arange(len(found), dtype=np.uint8), [*map(len, found.values())])
    images = _prepared(folder, paths, prepare)
    digests = np.array([hashlib.sha256(image.tobytes()).hexdigest() for image in images])
    _refuse_contradictions(folder, paths, labels, digests)
    test = np.isin(digests, _held_out(folder, list(found), labels, digests))
    # By digest, for by class the first images would all be of one.
    order = np.argsort(digests, kind="stable")
    train, held = order[~test[order]], order[test[order]]
    arrays = images[train], labels[train], images[held], labels[held]
    spelt = np.frombuffer(json.dumps(list(found)).encode(), np.uint8)
    names = tuple(Text(name, name) for name in found)
    name = expand(folder).resolve().name
    return Dataset(name, *arrays, names, "images", digest_of((*arrays, spelt)))


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise InputError(
            f"cannot read folder {str(folder)!r} ({reason(error).en}); allow reading it.",
            f"无法读取文件夹 {str(folder)!r}（{reason(error).zh}）；请允许读取它。",
        ) from None


def _files(folder: Path) -> list[Path]:
    entries = _entries(folder)
    found = [path for path in entries if not path.is_dir()]
    for path in entries:
        if path.is_dir() and not path.is_symlink():  # which may lead back
            found += _files(path)
    return found


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in EXTENSIONS


def _prepared(folder: PathLike, paths: Sequence[Path], prepare: Prepare) -> Array:
    others = [path.name for path in _files(expand(folder)) if not _is_picture(path)]
    more = Text("", "")
    if others:
        more = Text(
            f"; {len(others):,} other files are left out, such as {others[0]!r}",
            f"；另有 {len(others):,} 个文件不用，例如 {others[0]!r}",
        )
    announce(
        f"{os.fspath(folder)}: preparing {len(paths):,} pictures{more.en}",
        f"{os.fspath(folder)}：正在准备 {len(paths):,} 张图片{more.zh}",
    )
    images, errors = [], []
    for path in paths:
        try:
            images.append(prepare(path))
        except InputError as error:
            errors.append(error.text)
    if not errors:
        return np.stack(images)
    first = errors[0]
    if len(errors) > 1:
        count = f"{len(errors):,} of {len(paths):,} pictures"
        first = Text(
            f"{count} cannot be used, such as the first: {first.en}",
            f"{len(paths):,} 张图片中有 {len(errors):,} 张无法使用，例如第一张：{first.zh}",
        )
    raise InputError(first.en, first.zh)


def _refuse_contradictions(
    folder: PathLike, paths: Sequence[Path], labels: Array, digests: np.ndarray
) -> None:
    known: dict[str, int] = {}
    for index, digest in enumerate(digests):
        first = known.setdefault(digest, index)
        if labels[first] != labels[index]:
            one, other = (repr(str(paths[place])) for place in (first, index))
            what = Text(
                f"has the same picture in two classes, {one} and {other}",
                f"的两个类别里有同一张图片：{one} 和 {other}",
            )
            _refuse(folder, what, Text("remove one", "请删去其中一张"))


def _held_out(
    folder: PathLike, names: Sequence[str], labels: Array, digests: np.ndarray
) -> list[str]:
    held: list[str] = []
    for label, name in enumerate(names):
        different = sorted(set(digests[labels == label]))
        if len(different) < LEAST_PICTURES:
            has = Text(
                f"has {len(different)} different pictures of class {name!r}",
                f"中类别 {name!r} 有 {len(different)} 张不同的图片",
            )
            more = Text(f"put at least {LEAST_PICTURES} there", f"请至少放 {LEAST_PICTURES} 张")
            _refuse(folder, has, more)
        held += different[: max(1, round(len(different) / _HELD_OUT))]
    return held


def _refuse(folder: PathLike, what: Text, remedy: Text) -> NoReturn:
    raise InputError(
        f"folder of pictures {os.fspath(folder)!r} {what.en}, expected a subfolder with pictures "
        f"for each class; {remedy.en}.",
        f"图片文件夹 {os.fspath(folder)!r} {what.zh}，应为每个类别准备一个放有图片的子文件夹；"
        f"{remedy.zh}。",
    )
