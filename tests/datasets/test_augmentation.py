from __future__ import annotations

import numpy as np
import pytest

from keras_examples.core import InputError
from keras_examples.datasets import Dataset, with_distorted
from keras_examples.datasets.augmentation import thicken


@pytest.fixture
def data() -> Dataset:
    """Twenty crosses for training, four for testing."""
    images = np.zeros((24, 28, 28), np.uint8)
    images[:, 6:22, 13:15] = images[:, 13:15, 6:22] = 255
    labels = (np.arange(24) % 10).astype(np.uint8)
    return Dataset.of("mnist", (images[:20], labels[:20], images[20:], labels[20:]), "folder")


def test_the_images_themselves_come_first_and_each_copy_keeps_its_label(data: Dataset) -> None:
    more = with_distorted(data, 3)

    assert more.x_train.shape == (80, 28, 28)
    assert more.x_train.dtype == np.uint8
    np.testing.assert_array_equal(more.x_train[:20], data.x_train)
    np.testing.assert_array_equal(more.y_train, np.tile(data.y_train, 4))
    assert not more.x_train.flags.writeable


def test_copies_differ_from_the_image_and_from_each_other(data: Dataset) -> None:
    copies = with_distorted(data, 3).x_train[20:]

    assert len(np.unique(copies, axis=0)) == 60
    ink = copies.mean(axis=(1, 2)) / data.x_train[0].mean()
    assert ink.min() < 0.8  # thinner or smaller
    assert ink.max() > 1.2  # thicker or larger


def test_the_test_images_stay_as_they_are(data: Dataset) -> None:
    more = with_distorted(data, 1)

    assert more.x_test is data.x_test
    assert more.y_test is data.y_test


def test_copies_are_the_same_each_time_and_have_a_digest_of_their_own(data: Dataset) -> None:
    once, again, other = (with_distorted(data, copies) for copies in (2, 2, 1))

    np.testing.assert_array_equal(once.x_train, again.x_train)
    assert once.digest == again.digest
    assert len({data.digest, once.digest, other.digest}) == 3


def test_without_copies_a_data_set_stays_as_it_is(data: Dataset) -> None:
    assert with_distorted(data, 0) is data


@pytest.mark.parametrize("copies", [-1, 1.5, "two"])
def test_a_number_of_copies_that_cannot_be_is_refused(data: Dataset, copies: int) -> None:
    with pytest.raises(InputError, match=r"distorted: got .*, expected a whole number"):
        with_distorted(data, copies)


def test_a_stroke_grows_by_a_pixel_on_either_side_shrinks_by_one_or_stays() -> None:
    image = np.zeros((1, 9, 9), np.float32)
    image[:, :, 3:6] = 1

    for amount, width in ((1, 5), (0, 3), (-1, 1), (0.5, 4), (-0.5, 2)):
        row = thicken(image, np.full((1, 1, 1), amount, np.float32))[0, 4]
        assert row.sum() == width
        assert row[4] == 1


def test_each_image_has_a_thickness_of_its_own() -> None:
    image = np.zeros((2, 9, 9), np.float32)
    image[:, :, 4] = 1

    thin, thick = thicken(image, np.array([-1, 1], np.float32)[:, None, None])

    assert thin.sum() == 0
    assert thick.sum() == 27
