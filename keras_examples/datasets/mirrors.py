"""The public mirrors of both data sets, asked in turn until one serves."""

from __future__ import annotations

import logging
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from keras_examples.core import InputError
from keras_examples.datasets.caches import UnavailableError, cache_folder
from keras_examples.datasets.dataset import Arrays
from keras_examples.datasets.folder import read_folder
from keras_examples.datasets.published import PUBLISHED, IdxFile
from keras_examples.datasets.transfer import MirrorError, UnreachableError, transfer

# Below each lie the four files with .gz behind their names. The one of Baidu, which
# PaddlePaddle uses, is there for readers in China, where the others may not answer.
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

# Why a mirror, or a whole host, has failed in this process. Asking a blocked network for each
# file of each set again would take minutes.
_failures: dict[str, str] = {}


def forget_failures() -> None:
    """Makes the next download ask every mirror again, those that have failed included."""
    _failures.clear()


def download(name: str) -> Arrays:
    """Downloads what the cache lacks of a data set, and reads it from there.

    A file appears in the cache only when it is whole and has the published digest.

    Args:
        name: `"mnist"` or `"fashion-mnist"`.

    Returns:
        `x_train`, `y_train`, `x_test`, `y_test`, read-only.

    Raises:
        UnavailableError: If no mirror serves a file, or the cache cannot be written.
        InputError: If `KERAS_EXAMPLES_MIRROR` is not the URL of a mirror.
    """
    folder, mirrors = cache_folder(name), _mirrors(name)
    try:
        # Labels first: they are small, so a mirror that is no good shows early.
        for file in sorted(PUBLISHED[name], key=lambda file: file.size):
            _fetch_from_first(mirrors, file, folder)
        return read_folder(folder, name)
    except InputError as error:
        # Another process has changed the cache since.
        raise UnavailableError(str(error).partition("; ")[0]) from error
    except OSError as error:
        raise UnavailableError(
            f"the cache {folder} cannot be used ({error.strerror or error}); "
            "name another in KERAS_EXAMPLES_CACHE"
        ) from error


def _mirrors(name: str) -> tuple[str, ...]:
    own = os.environ.get("KERAS_EXAMPLES_MIRROR")
    if not own:
        return MIRRORS[name]
    try:
        parts = urlsplit(own)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        sound = False
    if not sound:
        raise InputError(
            f"KERAS_EXAMPLES_MIRROR is {_without_password(own)!r}, expected a URL like "
            "https://example.org/data"
        )
    return (f"{own.rstrip('/')}/{name}/", *MIRRORS[name])


def _without_password(url: str) -> str:
    return re.sub(r"^(\w+://)?.*@", r"\1…@", url, flags=re.DOTALL)


def _fetch_from_first(mirrors: tuple[str, ...], file: IdxFile, folder: Path) -> None:
    for mirror in mirrors:
        host = urlsplit(mirror).netloc
        if mirror in _failures or host in _failures:
            continue
        try:
            return _fetch(mirror, file, folder)
        except UnreachableError as error:
            _failures[host] = str(error)
        except MirrorError as error:
            _failures[mirror] = str(error)
    raise UnavailableError("; ".join(map(_failure, mirrors)) or "there are no mirrors")


def _failure(mirror: str) -> str:
    # Without the user name and password that a mirror of one's own may carry.
    parts = urlsplit(mirror)
    return f"{parts.hostname} {_failures.get(mirror) or _failures.get(parts.netloc)}"


def _fetch(mirror: str, file: IdxFile, folder: Path) -> None:
    """Leaves the right file as it is; gets it, by way of a temporary one, where it is not."""
    import pooch

    # Its lines would show the URL, password and all.
    pooch.get_logger().setLevel(logging.WARNING)
    files = pooch.create(
        path=folder,
        base_url=mirror,
        registry={file.name: f"sha256:{file.sha256}"},
        urls={file.name: f"{mirror}{file.name}.gz"},
        retry_if_failed=1,
    )

    def downloader(url: str, target: str, _: object) -> None:
        transfer(url, file, Path(target))

    try:
        files.fetch(file.name, downloader=downloader)
    except MirrorError:
        raise
    except ValueError:
        raise MirrorError(f"serves a {file.name} that is not the published one") from None
