from __future__ import annotations

from pathlib import Path

import numpy as np

from keras_examples import mnist_cnn
from keras_examples.demo.networks import AUGMENTED, Networks


def test_the_page_prefers_the_network_that_saw_distorted_digits_and_says_so(tmp_path: Path) -> None:
    networks = Networks(str(tmp_path))
    assert networks.missing(("mnist-cnn",)) == ["mnist-cnn"]
    _save(tmp_path / "mnist-cnn", bias=0)
    usual = networks.get("mnist-cnn")
    assert usual
    assert not usual.remarks

    _save(tmp_path / "mnist-cnn-augmented", bias=1)

    preferred = networks.get("mnist-cnn")
    assert preferred
    assert preferred.remarks == (AUGMENTED,)
    np.testing.assert_array_equal(preferred.model.get_weights()[-1], 1)


def test_the_network_that_saw_distorted_digits_alone_is_enough(tmp_path: Path) -> None:
    _save(tmp_path / "mnist-cnn-augmented", bias=1)

    assert not Networks(str(tmp_path)).missing(("mnist-cnn",))


def _save(folder: Path, bias: float) -> None:
    model = mnist_cnn.build_model()
    model.set_weights([np.full_like(weight, bias) for weight in model.get_weights()])
    folder.mkdir()
    model.save(folder / "model.keras")
