"""Trains an example with several settings and seeds, and shows what difference they make."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_examples.core import InputError, catalogue
from keras_examples.runner.options import LARGEST_SEED, Options, whole_number

if TYPE_CHECKING:
    from keras_examples.compare.results import Result

__all__ = ["Comparison", "compare"]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What a comparison left.

    Args:
        name: The example's name.
        status: `"complete"`, or `"interrupted"` if Ctrl-C ended it early.
        results: What came of each run that ended, settings in order, then seeds.
        table: The final metrics by setting, in Markdown.
        files: The paths of what was saved: figure, table, CSV and record.
    """

    name: str
    status: str
    results: Sequence[Result]
    table: str
    files: tuple[Path, ...]


def compare(
    name: str,
    vary: Mapping[str, Sequence[Any]],
    *,
    seeds: int = 3,
    epochs: int | None = None,
    batch_size: int | None = None,
    rescale: bool = False,
    data: str = "auto",
    data_dir: str | os.PathLike[str] | None = None,
    lang: str = "en",
    plots: str | os.PathLike[str] = "plots",
    runs: str | os.PathLike[str] = "runs",
    tensorboard: str | os.PathLike[str] | None = None,
    jobs: int | None = None,
    verbose: bool = True,
) -> Comparison:
    """Trains every combination of some values with several seeds, in processes side by side.

    Each run has the result, to the bit, that `run()` has with the same settings and seed: the
    processes train as it does, with as many threads, for their number changes how sums are rounded.

    Args:
        name: An example, such as `"mnist-cnn"`.
        vary: Values to try, as such or as text, by the name of an argument of the example's
            `build_model`, or `"epochs"`, `"batch_size"` or `"rescale"`.
        seeds: How many seeds, from 0, to train each combination with.
        epochs: As for `run()`, as are the following.
        batch_size: Samples a step.
        rescale: Whether pixels are divided by 255 first.
        data: `"auto"`, `"real"` or `"stand-in"`.
        data_dir: Folder that holds the real data.
        lang: Language of figure and table, `"en"` or `"zh"`.
        plots: Folder for the figure.
        runs: Folder in which the comparison's own folder gets its table, CSV and record.
        tensorboard: Folder for TensorBoard's logs of each run; None for none.
        jobs: How many processes; by default as many as there are cores, or one with a GPU.
        verbose: Whether to show progress on stderr.

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
    options = Options(
        epochs=epochs,
        batch_size=batch_size,
        data=data,
        data_dir=data_dir,
        rescale=rescale,
        lang=lang,
        plots=plots,
        runs=runs,
    )
    options.check(name)
    whole_number("seeds", seeds, 1, LARGEST_SEED)
    if jobs is not None:
        whole_number("jobs", jobs, 1)
    if not vary:
        raise InputError("nothing to compare; name what to vary, such as learning_rate=0.001,0.01.")
    if tensorboard is not None and find_spec("tensorboard") is None:
        raise InputError(
            "TensorBoard is not installed, and its logs need it; "
            "`pip install 'keras-examples[tensorboard]'`, or leave out --tensorboard."
        )
    # Only now, with nothing left to find wrong in what was asked, is TensorFlow worth its seconds.
    from keras_examples.core import console

    with console.quiet():
        from keras_examples.compare.plan import Plan
    plan = Plan(catalogue.resolve(name), vary, options, int(seeds), tensorboard, jobs)
    return plan.carry_out(verbose=verbose)
