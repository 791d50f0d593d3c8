"""The results of a comparison as numbers: every epoch as CSV, the final metrics as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from keras_examples.compare.settings import Setting, label
from keras_examples.core import Text, markdown
from keras_examples.core.files import write_whole

NO_ERROR = Text("", "")


@dataclass(frozen=True, kw_only=True)
class Result:
    """One run of a comparison.

    Args:
        setting: The setting that it was trained with.
        seed: Its seed.
        status: `"complete"`, `"diverged"` (the loss became NaN) or `"failed"`.
        history: Keras's metrics, one value per epoch each.
        record: What its `run.json` would contain; empty if it failed.
        error: Why it failed; empty if it did not.
    """

    setting: Setting
    seed: int
    status: str
    history: Mapping[str, list[float]]
    record: Mapping[str, Any]
    error: Text = NO_ERROR

    @classmethod
    def of(cls, setting: Setting, seed: int, reply: Mapping[str, Any]) -> Result:
        """Returns the result that is in the last reply of a process."""
        return cls(
            setting=setting,
            seed=seed,
            status=reply.get("status", "failed"),
            history=reply.get("history", {}),
            record=reply.get("record", {}),
            error=Text(*reply["error"]) if "error" in reply else NO_ERROR,
        )

    @property
    def metrics(self) -> Mapping[str, float]:
        """The final metrics, by name; empty unless it is complete."""
        return self.record["metrics"] if self.status == "complete" else {}

    @property
    def problem(self) -> Text:
        """Why it diverged or failed; empty if it is complete."""
        if self.status == "diverged":
            epoch = len(next(iter(self.history.values())))
            return Text(
                f"diverged: the loss became NaN in epoch {epoch}",
                f"发散：第 {epoch} 轮的损失变为 NaN",
            )
        return self.error


def by_setting(results: Sequence[Result]) -> dict[str, list[Result]]:
    """Returns the results of each setting, by its label."""
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(label(result.setting), []).append(result)
    return groups


def table(results: Sequence[Result], lang: str) -> str:
    """Returns the final metrics as a Markdown table, with a list of the failures below it.

    Args:
        results: All results.
        lang: Language of the table, `"en"` or `"zh"`.
    """
    names = list(dict.fromkeys(name for result in results for name in result.metrics))
    heads = [Text("Setting", "设置")[lang], Text("Complete runs", "完成的运行")[lang], *names]
    rows = []
    for setting, group in by_setting(results).items():
        complete = [result for result in group if result.status == "complete"]
        cells = [_range([result.metrics[name] for result in complete]) for name in names]
        rows.append([setting, _of(len(complete), len(group))[lang], *cells])
    problems = [
        Text(
            f"- {label(result.setting)}, seed {result.seed}: {result.problem.en}",
            f"- {label(result.setting)}，随机种子 {result.seed}：{result.problem.zh}",
        )[lang]
        for result in results
        if result.problem.en
    ]
    return "\n".join([markdown.table(heads, rows), *([""] if problems else []), *problems])


def _of(complete: int, tried: int) -> Text:
    if complete == tried:
        return Text(str(tried), str(tried))
    return Text(f"{complete} of {tried}", f"{tried} 次中 {complete} 次")


def _range(values: Sequence[float]) -> str:
    if not values:
        return "—"
    mean, least, most = float(np.mean(values)), min(values), max(values)
    return f"{mean:.4g}" + (f" ({least:.4g}–{most:.4g})" if len(values) > 1 else "")


def write_csv(path: Path, results: Sequence[Result]) -> None:
    """Writes one row per epoch of each run: the setting, the seed, the epoch and the metrics.

    The numbers are written in full, so that they read back as the same floats. A run that failed
    has no rows; one that diverged has rows up to that epoch.
    """
    varied = list(results[0].setting)
    metrics = list(dict.fromkeys(name for result in results for name in result.history))
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([*varied, "seed", "epoch", *metrics])
    for result in results:
        for epoch, row in enumerate(zip(*result.history.values(), strict=True), start=1):
            writer.writerow([*result.setting.values(), result.seed, epoch, *row])
    write_whole(path, text.getvalue())
