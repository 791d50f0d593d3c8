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
        "要尝试的值（或拼写这些值的文字），按名称给出：示例的 `build_model` 的一个参数、"
        '`"epochs"`、`"batch_size"` 或 `"rescale"`。',
        read=None,
    )
    _: KW_ONLY
    seeds: int = option(
        3,
        "Number of seeds, from 0, to train each combination with; of all seeds and combinations "
        "there may be 10,000 (default: 3).",
        "每种组合用几个随机种子训练，从 0 开始；种子与组合合计最多 10,000 次运行（默认为 3）。",
        least=1,
        most=MOST_RUNS,
    )
    jobs: int | None = option(
        None,
        "Number of runs to train in parallel (default: one per core; with a GPU, one).",
        "并行训练的运行个数（默认每个核心一个；使用 GPU 时为一个）。",
        least=1,
    )
    tensorboard: str | os.PathLike[str] | None = option(
        None,
        "Folder for TensorBoard's logs of each run "
        '(needs `pip install "keras-examples[tensorboard]"`).',
        "保存每次运行的 TensorBoard 日志的文件夹"
        '（需要 `pip install "keras-examples[tensorboard]"`）。',
        metavar="DIR",
    )
    verbose: bool = option(
        True, "Whether to show progress on stderr.", "是否在标准错误输出上显示进度。", read=None
    )

    def check(self, name: str) -> None:
        """Checks everything that can be checked without importing the example."""
        super().check(name)
        if not self.vary:
            raise InputError(
                "nothing to compare; name what to vary, such as learning_rate=0.001,0.01.",
                "没有可比较的内容；请指定要改变什么，例如 learning_rate=0.001,0.01。",
            )
        for varied, values in self.vary.items():
            if isinstance(values, str) or not isinstance(values, Sized) or not len(values):
                raise InputError(
                    f"{varied}: got {values!r}, expected a list of values to try; write it as "
                    f"{varied}=[…].",
                    f"{varied}：得到 {values!r}，应为要尝试的值的列表；请写成 {varied}=[…]。",
                )
        self._check_set_once()
        runs = int(self.seeds) * math.prod(len(values) for values in self.vary.values())
        if runs > MOST_RUNS:
            raise InputError(
                f"these are {runs:,} runs, of all seeds and combinations, expected at most "
                f"{MOST_RUNS:,}; vary fewer values, or take fewer seeds.",
                f"种子与组合合计 {runs:,} 次运行，最多只能有 {MOST_RUNS:,} 次；"
                "请少试一些值，或少用一些种子。",
            )
        if self.tensorboard is not None and find_spec("tensorboard") is None:
            raise InputError(
                "--tensorboard needs TensorBoard, which is not installed; run "
                '`pip install "keras-examples[tensorboard]"`, or leave out --tensorboard.',
                "--tensorboard 需要 TensorBoard，而它没有安装；请运行 "
                '`pip install "keras-examples[tensorboard]"`，或去掉 --tensorboard。',
            )

    def _check_set_once(self) -> None:
        for name, default in config_of(TrainingOptions()).items():
            value = getattr(self, name)
            if name in self.vary and value != default:
                raise InputError(
                    f"{name} is varied, and also set to {value!r}; leave out {flag(name)}, or do "
                    f"not vary {name}.",
                    f"{name} 既要改变，又被设为 {value!r}；"
                    f"请去掉 {flag(name)}，或不要改变 {name}。",
                )
