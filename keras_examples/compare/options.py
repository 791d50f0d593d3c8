"""What a comparison is told, and what it leaves."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
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
    """What a comparison left.

    Args:
        name: The comparison's name.
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


@dataclass(frozen=True)
class CompareOptions(TrainingOptions):
    """What `compare()` takes."""

    vary: Mapping[str, Sequence[Any]] = option(
        {},
        "Values to try, as such or as text, by the name of an argument of the example's "
        '`build_model`, or `"epochs"`, `"batch_size"` or `"rescale"`.',
        read=None,
    )
    _: KW_ONLY
    seeds: int = option(
        3,
        "How many seeds, from 0, to train each combination with (default: 3).",
        least=1,
        most=LARGEST_SEED,
    )
    jobs: int | None = option(
        None,
        "How many to train at a time (default: as many as there are cores; one with a GPU).",
        least=1,
    )
    tensorboard: str | os.PathLike[str] | None = option(
        None,
        "Write TensorBoard's logs of each run there "
        "(needs `pip install 'keras-examples[tensorboard]'`).",
        metavar="DIR",
    )
    verbose: bool = option(True, "Whether to show progress on stderr.", read=None)

    def check(self, name: str) -> None:
        """Checks everything that can be checked without the example itself."""
        super().check(name)
        if not self.vary:
            raise InputError(
                "nothing to compare; name what to vary, such as learning_rate=0.001,0.01."
            )
        if self.tensorboard is not None and find_spec("tensorboard") is None:
            raise InputError(
                "TensorBoard is not installed, and its logs need it; "
                "`pip install 'keras-examples[tensorboard]'`, or leave out --tensorboard."
            )
