"""The published runs: their metrics over several seeds, and how another run compares with them."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from keras_examples.core import Text

# A run's result depends on these besides its code and its data: where they are the same, so are
# the bits.
ENVIRONMENT = ("versions", "processor", "instructions", "cores", "gpus", "settings")

# Of five runs with other seeds, a sixth is within so many standard deviations with a probability of
# 99 % (Student's t with 4 degrees of freedom, 4.604, times the root of 1 + 1/5).
_DEVIATIONS = 5.04
# What only rounding may change, in networks that no seed changes.
_ROUNDING = 1e-3
_QUICK = 60.0  # seconds


@dataclass(frozen=True)
class Verdict:
    """One line of the comparison.

    Args:
        what: The metric, or `"weights"`.
        published: What was published.
        found: What this machine has found.
        agrees: Whether that is as it should be; None where one seed alone is published, which says
            nothing of the spread.
    """

    what: Text
    published: Text
    found: str
    agrees: bool | None


@dataclass(frozen=True)
class Published:
    """The published runs of one example on the real data.

    Args:
        seeds: The seeds; the first is that of the run shown, with its figures.
        metrics: By name, the value for each seed, or None where it was no number.
        weights: SHA-256 of the weights of the run shown.
        data: SHA-256 of its data.
        seconds: How long it took.
        environment: Where it ran, by the names in `ENVIRONMENT`.
        trained: Whether anything was trained, so that another seed gives another result.
    """

    seeds: Sequence[int]
    metrics: Mapping[str, Sequence[float | None]]
    weights: str
    data: str
    seconds: float
    environment: Mapping[str, Any]
    trained: bool = False

    @classmethod
    def of(cls, records: Sequence[Mapping[str, Any]]) -> Published:
        """Returns the published runs, made of their records, that of the run shown first."""
        shown = records[0]
        return cls(
            seeds=[record["seed"] for record in records],
            metrics={
                name: [record["metrics"][name] for record in records] for name in shown["metrics"]
            },
            weights=shown["weights_sha256"],
            data=shown["data"]["sha256"],
            seconds=shown["seconds"]["total"],
            environment={name: shown[name] for name in ENVIRONMENT},
            trained=shown.get("optimizer") is not None,
        )

    def compare(self, record: Mapping[str, Any]) -> Iterator[Verdict]:
        """Yields the comparison with the record of a run that has the seed of the run shown.

        Weights are compared where the environment is the same, metrics elsewhere.
        """
        if record["data"]["sha256"] != self.data:
            found = record["data"]["sha256"]
            yield Verdict(Text("data", "数据"), _same(self.data[:12]), found[:12], agrees=False)
        elif all(record.get(name) == self.environment[name] for name in ENVIRONMENT):
            found = record["weights_sha256"]
            what = Text("weights", "权重")
            yield Verdict(what, _same(self.weights[:12]), found[:12], found == self.weights)
        else:
            for name, values in self.metrics.items():
                yield self._compare(name, values, record["metrics"].get(name))

    def _compare(self, name: str, values: Sequence[float | None], found: float | None) -> Verdict:
        numbers = [value for value in values if value is not None]
        if found is None or not numbers:
            shown = _same(_written(values[0]))
            return Verdict(_same(name), shown, _written(found), found is values[0])
        mean, margin = statistics.fmean(numbers), _ROUNDING * max(map(abs, numbers))
        if len(numbers) > 1:
            margin = max(margin, _DEVIATIONS * statistics.stdev(numbers))
        shown = _same(_written(values[0]))
        if self.trained and len(numbers) == 1:
            return Verdict(_same(name), shown, _written(found), agrees=None)
        if len(numbers) > 1:
            least, most = _written(mean - margin), _written(mean + margin)
            shown += Text(f" ({least} to {most})", f"（{least} 到 {most}）")
        return Verdict(_same(name), shown, _written(found), abs(found - mean) <= margin)

    def spread(self, name: str) -> tuple[float, float]:
        """Returns the mean and the standard deviation of a metric over the seeds."""
        numbers = [value for value in self.metrics[name] if value is not None]
        return statistics.fmean(numbers), statistics.stdev(numbers) if len(numbers) > 1 else 0.0

    def is_typical(self, name: str) -> bool:
        """Returns whether the run shown is within one standard deviation of the mean."""
        mean, deviation = self.spread(name)
        shown = self.metrics[name][0]
        return shown is not None and abs(shown - mean) <= deviation + 1e-12


def _same(text: str) -> Text:
    return Text(text, text)


def _written(value: float | None) -> str:
    return "—" if value is None or math.isnan(value) else f"{value:.4g}"


def load() -> dict[str, Published]:
    """Returns the published runs by the example's name."""
    text = resources.files(__package__ or "").joinpath("published.json").read_text("utf-8")
    return {name: Published(**run) for name, run in json.loads(text).items()}


def quick(runs: Mapping[str, Published]) -> list[str]:
    """Returns the names of the examples whose published run took at most a minute."""
    return [name for name, run in runs.items() if run.seconds <= _QUICK]
