"""The published files of MNIST and Fashion-MNIST: eight IDX files and their digests."""

from __future__ import annotations

import math
from dataclasses import dataclass

from keras_examples.datasets.idx import header_of


@dataclass(frozen=True)
class IdxFile:
    """One published file.

    Attributes:
        name: Its file name, without `.gz`.
        shape: The shape of the `uint8` array in it.
        sha256: The SHA-256 of the uncompressed file. The compressed one has no
            fixed digest: mirrors compress the same content differently.
    """

    name: str
    shape: tuple[int, ...]
    sha256: str

    @property
    def size(self) -> int:
        """The size of the uncompressed file in bytes."""
        return len(header_of(self.shape)) + math.prod(self.shape)


def _files(x_train: str, y_train: str, x_test: str, y_test: str) -> tuple[IdxFile, ...]:
    return (
        IdxFile("train-images-idx3-ubyte", (60000, 28, 28), x_train),
        IdxFile("train-labels-idx1-ubyte", (60000,), y_train),
        IdxFile("t10k-images-idx3-ubyte", (10000, 28, 28), x_test),
        IdxFile("t10k-labels-idx1-ubyte", (10000,), y_test),
    )


# In the order of Dataset's arrays.
PUBLISHED: dict[str, tuple[IdxFile, ...]] = {
    "mnist": _files(
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
    "fashion-mnist": _files(
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ),
}
