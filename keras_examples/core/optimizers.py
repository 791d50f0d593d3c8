"""Optimizers that depend on the number of training steps, and recipes that use them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from keras_examples.core.example import Recipe
from keras_examples.core.text import Text

if TYPE_CHECKING:
    import keras


def one_cycle(peak: float, *, beta_2: float = 0.999) -> Callable[[int], keras.Optimizer]:
    """Returns a function that makes Adam with a learning rate that rises and then falls to 0.

    It rises from a tenth of the peak for a tenth of the steps, and then follows a cosine down. So
    it can be larger than a constant one, and training still converges in the end (Smith and Topin,
    "Super-Convergence", 2018).

    Args:
        peak: The largest learning rate, above 0.
        beta_2: Adam's decay rate for the squares of past gradients, from 0 to below 1. A short
            training is better off with a smaller one.

    Returns:
        A function from the number of steps to the optimizer.
    """

    def make(steps: int) -> keras.Optimizer:
        import keras

        rising = steps // 10
        rate = keras.optimizers.schedules.CosineDecay(
            peak / 10, steps - rising, warmup_target=peak, warmup_steps=rising
        )
        return keras.optimizers.Adam(rate, beta_2=beta_2)

    return make


def quick(title: Text, **data: Any) -> Recipe:
    """Returns a recipe that trains an image classifier in few steps.

    Two epochs in batches of 128, pixels divided by 255, and a learning rate of `one_cycle` with a
    peak of 0.005.

    Args:
        title: The title of the example trained so.
        **data: Arguments of `load_data` that differ.
    """
    return Recipe(
        title=title,
        epochs=2,
        batch_size=128,
        rescale=True,
        optimizer=one_cycle(peak=0.005, beta_2=0.99),
        data=data,
    )
