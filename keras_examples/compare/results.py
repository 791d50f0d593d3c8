"""What came of a comparison, as numbers: every epoch as CSV, the last ones as a table."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from keras_examples.compare.grid import Setting, label


@dataclass(frozen=True, kw_only=True)
class Result:
    """One run of a comparison.

    Args:
        setting: What it was trained with.
        seed: Its seed.
        status: `"complete"`, `"diverged"` (the loss was no number) or `"failed"`.
        history: Keras's metrics, one number an epoch each.
        record: What `run.json` of such a run holds; empty where it failed.
        error: Why it failed; empty where it did not.
    """

    setting: Setting
    seed: int
    status: str
    history: Mapping[str, list[float]]
    record: Mapping[str, Any]
    error: str = ""

    @classmethod
    def of(cls, setting: Setting, seed: int, reply: Mapping[str, Any]) -> Result:
        """Makes one of a worker's last reply."""
        return cls(
            setting=setting,
            seed=seed,
            status=reply.get("status", "failed"),
            history=reply.get("history", {}),
            record=reply.get("record", {}),
            error=reply.get("error", ""),
        )

    @property
    def metrics(self) -> Mapping[str, float]:
        """The final metrics, by name; empty unless it is complete."""
        return self.record["metrics"] if self.status == "complete" else {}

    def trouble(self, lang: str) -> str:
        """Returns what went wrong; empty if nothing did."""
        if self.status == "diverged":
            epoch = len(next(iter(self.history.values())))
            return {
                "en": f"diverged: the loss is no number in epoch {epoch}",
                "zh": f"发散：第 {epoch} 轮的损失不再是数值",
            }[lang]
        return self.error


def by_setting(results: Sequence[Result]) -> dict[str, list[Result]]:
    """Returns the results of each setting, by its label."""
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(label(result.setting), []).append(result)
    return groups


def table(results: Sequence[Result], lang: str) -> str:
    """Returns the final metrics as a Markdown table, and what went wrong as a list below it.

    Args:
        results: All results.
        lang: Language of its words, `"en"` or `"zh"`.
    """
    names = list(dict.fromkeys(name for result in results for name in result.metrics))
    heads = {"en": ["Setting", "Complete runs"], "zh": ["设置", "完成的运行"]}[lang] + names
    rows = [heads, ["---"] * len(heads)]
    for setting, group in by_setting(results).items():
        complete = [result for result in group if result.status == "complete"]
        cells = [_range([result.metrics[name] for result in complete]) for name in names]
        rows.append([setting, _of(len(complete), len(group), lang), *cells])
    lines = [f"| {' | '.join(row)} |" for row in rows]
    troubles = [
        f"- {label(result.setting)}, seed {result.seed}: {result.trouble(lang)}"
        for result in results
        if result.trouble(lang)
    ]
    return "\n".join([*lines, *([""] if troubles else []), *troubles])


def _of(complete: int, tried: int, lang: str) -> str:
    if complete == tried:
        return str(tried)
    return {"en": f"{complete} of {tried}", "zh": f"{tried} 次中 {complete} 次"}[lang]


def _range(values: Sequence[float]) -> str:
    if not values:
        return "—"
    mean, least, most = float(np.mean(values)), min(values), max(values)
    return f"{mean:.4g}" + (f" ({least:.4g}–{most:.4g})" if len(values) > 1 else "")


def write_csv(path: Path, results: Sequence[Result]) -> None:
    """Writes one row an epoch of each run: the setting, the seed, the epoch and the metrics.

    The numbers are written in full, so that they read back as the same floats. A run that failed
    has no rows; one that diverged has them up to that epoch.
    """
    varied = list(results[0].setting)
    metrics = list(dict.fromkeys(name for result in results for name in result.history))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*varied, "seed", "epoch", *metrics])
        for result in results:
            for epoch, row in enumerate(zip(*result.history.values(), strict=True), start=1):
                writer.writerow([*result.setting.values(), result.seed, epoch, *row])
