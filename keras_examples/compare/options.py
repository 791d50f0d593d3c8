"""The options of a comparison, and its result."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, MISSING, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_examples.core import InputError
from keras_examples.core.options import option
from keras_examples.runner.options import LARGEST_SEED, TrainingOptions

if TYPE_CHECKING:
    from keras_examples.compare.results import Result


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The result of a comparison.

    Args:
        name: The comparison's name.
        status: `"complete"`, or `"interrupted"` if Ctrl-C ended it early.
        results: The results of the runs that finished, ordered by setting, then by seed.
        table: The final metrics by setting, in Markdown.
        files: The paths of the saved files: figure, table, CSV and record.
    """

    name: str
    status: str
    results: Sequence[Result]
    table: str
    files: tuple[Path, ...]


@dataclass(frozen=True)
class CompareOptions(TrainingOptions):
    """What `compare()` takes."""

    vary: Mapping[str, Sequence[Any]] = option(
        MISSING,
        "Values to try (or text that spells them), by name: an argument of the example's "
        '`build_model`, `"epochs"`, `"batch_size"` or `"rescale"`.',
        read=None,
    )
    _: KW_ONLY
    seeds: int = option(
        3,
        "Number of seeds, from 0, to train each combination with (default: 3).",
        least=1,
        most=LARGEST_SEED,
    )
    jobs: int | None = option(
        None,
        "Number of runs to train in parallel (default: one per core; with a GPU, one).",
        least=1,
    )
    tensorboard: str | os.PathLike[str] | None = option(
        None,
        "Folder for TensorBoard's logs of each run "
        '(needs `pip install "keras-examples[tensorboard]"`).',
        metavar="DIR",
    )
    verbose: bool = option(True, "Whether to show progress on stderr.", read=None)

    def check(self, name: str) -> None:
        """Checks everything that can be checked without importing the example."""
        super().check(name)
        if not self.vary:
            raise InputError(
                "nothing to compare; name what to vary, such as learning_rate=0.001,0.01."
            )
        if self.tensorboard is not None and find_spec("tensorboard") is None:
            raise InputError(
                "--tensorboard needs TensorBoard, which is not installed; run "
                '`pip install "keras-examples[tensorboard]"`, or leave out --tensorboard.'
            )
