"""Optimizers that depend on the number of training steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

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
