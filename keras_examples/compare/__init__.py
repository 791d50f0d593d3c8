"""Trains an example with several settings and seeds, and shows what difference they make."""

from __future__ import annotations

from keras_examples.compare.options import CompareOptions, Comparison
from keras_examples.core import catalogue
from keras_examples.core.options import Task, takes

__all__ = ["CompareOptions", "Comparison", "compare"]


@takes(CompareOptions)
def compare(name: str, options: CompareOptions) -> Task[Comparison]:
    """Trains every combination of some values with several seeds, in processes side by side.

    Each run has the result, to the bit, that `run()` has with the same settings and seed: the
    processes train as it does, with as many threads, for their number changes how sums are rounded.

    Args:
        name: An example, such as `"mnist-cnn"`.
        options: Those of `CompareOptions`.

    Returns:
        A `Comparison`. Runs that diverge or fail are in it as such.

    Raises:
        InputError: Something that was asked for cannot be done; nothing was changed.
        RunError: Not one run was completed, or the results cannot be saved.
        KeyboardInterrupt: Ctrl-C, before any run had ended.

    Example:
        >>> from keras_examples.compare import compare
        >>> print(compare("sine-rnn", {"learning_rate": [1e-4, 1e-3, 1e-2]}).table)
    """
    options.check(name)
    # Only now, with nothing left to find wrong in the options, is TensorFlow worth its seconds.
    from keras_examples.core import console

    with console.quiet():
        from keras_examples.compare.comparison import ComparisonTask

    return ComparisonTask(catalogue.resolve(name), options)
