"""The public mirrors of both data sets, tried in turn until one has the file."""

from __future__ import annotations

import logging
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from keras_examples.core import InputError, Text
from keras_examples.core.files import reason
from keras_examples.datasets.caches import UnavailableError, cache_folder
from keras_examples.datasets.dataset import Arrays
from keras_examples.datasets.failures import listed
from keras_examples.datasets.folder import read_folder
from keras_examples.datasets.published import PUBLISHED, IdxFile
from keras_examples.datasets.transfer import MirrorError, UnreachableError, transfer

# Each has the four files with .gz appended to their names. Baidu's, which PaddlePaddle uses, is
# for readers in China, where the others may not answer.
MIRRORS: dict[str, tuple[str, ...]] = {
    "mnist": (
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://dataset.bj.bcebos.com/mnist/",
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
    ),
    "fashion-mnist": (
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        "https://dataset.bj.bcebos.com/fashion_mnist/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ),
}

# Why a mirror, or a whole host, has failed in this process. Trying again for each file of each set
# would take minutes on a blocked network.
_failures: dict[str, Text] = {}
_PLAIN = Text("is over plain http", "用的是明文 http")


def forget_failures() -> None:
    """Makes the next download try every mirror again, also those that have failed."""
    _failures.clear()


def download(name: str) -> Arrays:
    """Downloads the files that are missing in the cache, and reads the data set from there.

    A file appears in the cache only when it is complete and has the published digest.

    Args:
        name: `"mnist"` or `"fashion-mnist"`.

    Returns:
        `x_train`, `y_train`, `x_test`, `y_test`, read-only.

    Raises:
        UnavailableError: If no mirror has a file, or the cache cannot be written.
        InputError: If `KERAS_EXAMPLES_MIRROR` is not the URL of a mirror.
    """
    folder, mirrors = cache_folder(name), (*_own_mirror(name), *MIRRORS[name])
    _failures.update(dict.fromkeys(filter(_is_plain, MIRRORS[name]), _PLAIN))
    try:
        # Labels first: they are small, so a bad mirror shows early.
        for file in sorted(PUBLISHED[name], key=lambda file: file.size):
            _fetch_from_first(mirrors, file, folder)
        return read_folder(folder, name)
    except InputError as error:
        # Another process has changed the cache meanwhile.
        raise UnavailableError.of(error) from error
    except OSError as error:
        raise UnavailableError(
            f"the cache {folder} cannot be used ({reason(error).en}); "
            "name another in KERAS_EXAMPLES_CACHE",
            f"缓存 {folder} 无法使用（{reason(error).zh}）；请用 KERAS_EXAMPLES_CACHE 另指定一个",
        ) from error


def _is_plain(mirror: str) -> bool:
    """Returns whether others on the way could read what is asked of a public mirror."""
    parts = urlsplit(mirror)
    return parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost")


def _own_mirror(name: str) -> tuple[str, ...]:
    """Returns the user's mirror, if there is one; it may be over plain HTTP, as in a classroom."""
    own = os.environ.get("KERAS_EXAMPLES_MIRROR")
    if not own:
        return ()
    try:
        parts = urlsplit(own)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        valid = False
    if not valid:
        shown = re.sub(r"^(\w+://)?.*@", r"\1…@", own, flags=re.DOTALL)  # without the password
        raise InputError(
            f"KERAS_EXAMPLES_MIRROR is {shown!r}, expected a URL like https://example.org/data",
            f"KERAS_EXAMPLES_MIRROR 是 {shown!r}，应为网址，如 https://example.org/data",
        )
    return (f"{own.rstrip('/')}/{name}/",)


def _fetch_from_first(mirrors: tuple[str, ...], file: IdxFile, folder: Path) -> None:
    for mirror in mirrors:
        host = urlsplit(mirror).netloc
        if mirror in _failures or host in _failures:
            continue
        try:
            return _fetch(mirror, file, folder)
        except UnreachableError as error:
            _failures[host] = error.text
        except MirrorError as error:
            _failures[mirror] = error.text
    why = listed(map(_failure, mirrors))
    raise UnavailableError(why.en or "there are no mirrors", why.zh or "没有镜像")


def _failure(mirror: str) -> Text:
    # Without the user name and password that a user's mirror may contain.
    parts = urlsplit(mirror)
    why = _failures.get(mirror) or _failures[parts.netloc]
    return Text(f"{parts.hostname} {why.en}", f"{parts.hostname} {why.zh}")


def _fetch(mirror: str, file: IdxFile, folder: Path) -> None:
    """Downloads a file, by way of a temporary one, unless the cache has the right one."""
    import pooch

    # Its log shows the URL with the password.
    pooch.get_logger().setLevel(logging.WARNING)
    files = pooch.create(
        path=folder,
        base_url=mirror,
        registry={file.name: f"sha256:{file.sha256}"},
        urls={file.name: f"{mirror}{file.name}.gz"},
        retry_if_failed=1,
    )

    try:
        files.fetch(file.name, downloader=lambda url, path, _: transfer(url, file, Path(path)))
    except MirrorError:
        raise
    except ValueError:
        raise MirrorError(
            f"serves a {file.name} that is not the published one",
            f"提供的 {file.name} 不是公开发布的那一个",
        ) from None
