"""The progress of a comparison on stderr: one bar on a terminal, and a line for each run."""

from __future__ import annotations

from keras_examples.compare.results import Result
from keras_examples.compare.settings import label
from keras_examples.core.console import announce, progress_bar
from keras_examples.core.text import say


class RunsProgress:
    """Shows the progress within a block.

    Args:
        name: The comparison's name.
        epochs: Number of epochs of each run.
        verbose: Whether to show anything.
    """

    def __init__(self, name: str, epochs: list[int], *, verbose: bool) -> None:
        self._name, self._epochs, self._verbose = name, epochs, verbose
        self._reached = [0] * len(epochs)
        self._ended = 0

    def __enter__(self) -> RunsProgress:
        unit = say("epoch", "轮")
        self._bar = progress_bar(sum(self._epochs), self._name, unit, shown=self._verbose)
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.close()

    def move(self, number: int, epoch: int) -> None:
        """Moves the bar to an epoch of a run."""
        self._bar.update(epoch - self._reached[number])
        self._reached[number] = epoch

    def end(self, number: int, result: Result) -> None:
        """Writes a line about a run that has ended."""
        self.move(number, self._epochs[number])  # one that diverged has fewer epochs
        self._ended += 1
        if not self._verbose:
            return
        metrics = "  ".join(f"{name} {value:.4g}" for name, value in result.metrics.items())
        run = f"{self._name}  {self._ended}/{len(self._epochs)}  {label(result.setting)}"
        announce(
            f"{run}  seed {result.seed}  {result.problem.en or metrics}",
            f"{run}  随机种子 {result.seed}  {result.problem.zh or metrics}",
        )
