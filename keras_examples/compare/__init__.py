"""Trains an example with several settings and seeds, and shows what difference they make."""

from __future__ import annotations

from keras_examples.compare.options import CompareOptions, Comparison
from keras_examples.core import catalogue
from keras_examples.core.options import Task, takes

__all__ = ["CompareOptions", "Comparison", "compare"]


@takes(CompareOptions)
def compare(name: str, options: CompareOptions) -> Task[Comparison]:
    """Trains every combination of some values with several seeds, in parallel processes.

    Each run has the same result, to the bit, as `run()` with the same settings and seed: the
    processes train as it does, with as many threads, because their number affects rounding.

    Args:
        name: The example's name, such as `"mnist-cnn"`.
        options: Those of `CompareOptions`.

    Returns:
        A `Comparison`. It includes the runs that diverged or failed, with the reason.

    Raises:
        InputError: An option cannot be used; nothing was changed.
        RunError: No run was completed, or the results cannot be saved.
        KeyboardInterrupt: Ctrl-C, before any run had finished.

    Example:
        >>> from keras_examples.compare import compare
        >>> print(compare("sine-rnn", {"learning_rate": [1e-4, 1e-3, 1e-2]}).table)
    """
    options.check(name)
    # TensorFlow takes seconds to import: not before the options are known to be valid.
    from keras_examples.core import console

    with console.quiet():
        from keras_examples.compare.comparison import ComparisonTask

    return ComparisonTask(catalogue.resolve(name), options)
