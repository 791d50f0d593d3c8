"""A data set: four arrays, the names of their classes, their digest."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from keras_examples.core import DIGITS, GARMENTS, Text

Array: TypeAlias = npt.NDArray[np.uint8]
AnyArray: TypeAlias = npt.NDArray[Any]
Arrays: TypeAlias = tuple[Array, Array, Array, Array]

CLASS_NAMES: Mapping[str, tuple[Text, ...]] = {
    "mnist": DIGITS.classes,
    "fashion-mnist": GARMENTS.classes,
}


@dataclass(frozen=True, eq=False)
class Dataset:
    """Samples in memory, the same whichever source they came from.

    The arrays are read-only.

    Attributes:
        name: `"mnist"`, `"fashion-mnist"`, or the name of what was computed.
        x_train: Training inputs, shape `(n, ...)`. The images of the two sets are `uint8`, shape
            `(n, 28, 28)`, 0 (background) to 255; the real sets have `n = 60000`.
        y_train: Training targets, shape `(n, ...)`. The labels of the two sets are `uint8`, shape
            `(n,)`, 0 to 9.
        x_test: Test inputs, as `x_train`; empty where nothing is held out. The real sets have
            `n = 10000`.
        y_test: Test targets, as `y_train`.
        class_names: The classes' names in label order; empty where there are no classes.
        source: `"folder"`, `"cache"`, `"keras-cache"`, `"download"`, `"stand-in"`, `"images"` or
            `"computed"`.
        digest: SHA-256, in hexadecimal, over the four arrays as `digest_of` takes it; of a user's
            own images also over the names of the classes. With distorted copies, over the digest
            of the data they were made from, and that of the training arrays.
    """

    name: str
    x_train: AnyArray
    y_train: AnyArray
    x_test: AnyArray
    y_test: AnyArray
    class_names: tuple[Text, ...]
    source: str
    digest: str

    def __post_init__(self) -> None:
        for array in (self.x_train, self.y_train, self.x_test, self.y_test):
            array.flags.writeable = False

    @classmethod
    def of(cls, name: str, arrays: Arrays, source: str) -> Dataset:
        """Returns MNIST or Fashion-MNIST, made of its four arrays.

        Args:
            name: `"mnist"` or `"fashion-mnist"`.
            arrays: `x_train`, `y_train`, `x_test`, `y_test`. They become read-only.
            source: Where they came from, as `Dataset.source` lists.
        """
        return cls(name, *arrays, CLASS_NAMES[name], source, digest_of(arrays))

    @classmethod
    def computed(
        cls,
        name: str,
        train: tuple[AnyArray, AnyArray],
        test: tuple[AnyArray, AnyArray] | None = None,
        class_names: tuple[Text, ...] = (),
    ) -> Dataset:
        """Returns a data set of computed arrays, with source `"computed"`.

        Args:
            name: What was computed.
            train: `x_train` and `y_train`. They become read-only.
            test: `x_test` and `y_test`, if anything is held out.
            class_names: The classes' names in label order, if there are classes.
        """
        arrays = (*train, *(test or (train[0][:0], train[1][:0])))
        return cls(name, *arrays, class_names, "computed", digest_of(arrays))

    def with_channels(self) -> Dataset:
        """Returns the images with the channel axis that a convolution expects, shape `(…, 1)`."""
        return dataclasses.replace(
            self, x_train=self.x_train[..., None], x_test=self.x_test[..., None]
        )

    def first(self, samples: int) -> Dataset:
        """Returns the data with only the first of the training samples, and all test samples."""
        return dataclasses.replace(
            self, x_train=self.x_train[:samples], y_train=self.y_train[:samples]
        )

    def one_hot(self) -> Dataset:
        """Returns the labels as activations, `float32`: 1 for the class, 0 for the others."""
        rows = np.eye(len(self.class_names), dtype=np.float32)
        return dataclasses.replace(self, y_train=rows[self.y_train], y_test=rows[self.y_test])

    def one_against_all(self, label: int, class_names: tuple[Text, Text]) -> Dataset:
        """Returns binary labels, `uint8` of shape `(n, 1)`: 1 for one class, 0 for all others.

        Args:
            label: The label of that class.
            class_names: The names of 0 and 1.
        """
        train, test = (
            np.asarray(labels == label, np.uint8)[:, None] for labels in (self.y_train, self.y_test)
        )
        return dataclasses.replace(self, y_train=train, y_test=test, class_names=class_names)

    @property
    def test(self) -> tuple[AnyArray, AnyArray] | None:
        """`x_test` and `y_test`, or None where nothing is held out."""
        return (self.x_test, self.y_test) if len(self.x_test) else None

    @property
    def evaluation(self) -> tuple[AnyArray, AnyArray]:
        """What a trained model is evaluated on: the test set, or else the training set."""
        return self.test or (self.x_train, self.y_train)

    @property
    def stand_in(self) -> bool:
        """Whether the images were drawn by code in place of the real data."""
        return self.source == "stand-in"


def digest_of(arrays: Sequence[AnyArray]) -> str:
    """Returns the SHA-256 of the dtypes, shapes and bytes of arrays.

    Args:
        arrays: Arrays of numbers, of any shape.

    Returns:
        64 hexadecimal digits.
    """
    sha256 = hashlib.sha256()
    for array in arrays:
        sha256.update(f"{array.dtype.str}{array.shape}".encode())
        sha256.update(np.ascontiguousarray(array).data)
    return sha256.hexdigest()
