"""The options of a comparison, and its result."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence, Sized
from dataclasses import KW_ONLY, MISSING, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_examples.core import InputError
from keras_examples.core.options import config_of, flag, option
from keras_examples.runner.options import TrainingOptions

if TYPE_CHECKING:
    from keras_examples.compare.results import Result

MOST_RUNS = 10_000  # whose results still fit in a table, and in memory


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
        "Number of seeds, from 0, to train each combination with; of all seeds and combinations "
        "there may be 10,000 (default: 3).",
        least=1,
        most=MOST_RUNS,
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
        for varied, values in self.vary.items():
            if isinstance(values, str) or not isinstance(values, Sized) or not len(values):
                raise InputError(
                    f"{varied}: got {values!r}, expected a list of values to try; write it as "
                    f"{varied}=[…]."
                )
        self._check_set_once()
        runs = int(self.seeds) * math.prod(len(values) for values in self.vary.values())
        if runs > MOST_RUNS:
            raise InputError(
                f"these are {runs:,} runs, of all seeds and combinations, expected at most "
                f"{MOST_RUNS:,}; vary fewer values, or take fewer seeds."
            )
        if self.tensorboard is not None and find_spec("tensorboard") is None:
            raise InputError(
                "--tensorboard needs TensorBoard, which is not installed; run "
                '`pip install "keras-examples[tensorboard]"`, or leave out --tensorboard.'
            )

    def _check_set_once(self) -> None:
        for name, default in config_of(TrainingOptions()).items():
            value = getattr(self, name)
            if name in self.vary and value != default:
                raise InputError(
                    f"{name} is varied, and also set to {value!r}; leave out {flag(name)}, or do "
                    f"not vary {name}."
                )
