"""One run of one example on several devices or machines, of which only the first saves."""

from __future__ import annotations

import json
import os
from contextlib import ExitStack, redirect_stderr
from pathlib import Path
from typing import Any

from keras_examples.core import InputError, RunError, Trained
from keras_examples.runner.clock import Clock
from keras_examples.runner.distributed.devices import ReplicatedDevices
from keras_examples.runner.distributed.group import connect
from keras_examples.runner.job import Job, Start
from keras_examples.runner.options import Options
from keras_examples.runner.result import Run
from keras_examples.runner.training import Outcome


class DistributedJob(Job):
    """A `Job` that every worker of a group runs; the chief alone reads and writes files.

    Args:
        name: The example's name, checked.
        options: The options of the run, checked; they name a strategy.
        clock: Measures the seconds; started with the run.
    """

    def __init__(self, name: str, options: Options, clock: Clock) -> None:
        super().__init__(name, options, clock)
        assert options.strategy  # noqa: S101 (or else it would be a `Job`)
        self._group = connect(options.strategy)
        self.devices = ReplicatedDevices(self._group)

    def run(self) -> Run:
        """Trains together with the other workers."""
        if self._group.is_chief:
            return super().run()
        # Errors are raised; the chief prints everything else.
        with Path(os.devnull).open("w", encoding="utf-8") as null, redirect_stderr(null):
            return super().run()

    def start(self, stack: ExitStack) -> Start:
        """Starts only if all workers can, and all have the same job.

        Raises:
            InputError: This worker cannot start, or another one has another job.
            RunError: This worker or another one cannot start, or another one is lost.
        """
        group = self._group
        try:
            start = super().start(stack) if group.is_chief else Start()
            job = {"example": self.example.name, **self.config}
        except (InputError, RunError) as error:
            with group.watching():
                group.all_gather(json.dumps([error.text.en, error.text.zh]).encode())
            raise
        with group.watching():
            for index, problem in enumerate(group.all_gather(b"")):
                if problem and group.workers:
                    worker, (en, zh) = group.workers.describe(index), json.loads(problem)
                    raise RunError(f"{worker} cannot start: {en}", f"{worker} 无法启动：{zh}")
            group.check_same(", ".join(f"{name} {value}" for name, value in job.items()))
            if not group.any(start.done is not None):
                return start
            weights = group.broadcast(start.done.model.get_weights() if start.done else [])
        return start if start.done else Start(done=self._done_by_the_chief(weights))

    def _done_by_the_chief(self, weights: Any) -> Run:
        model = self.network.build()
        model.set_weights(weights)
        return self._without_files(model, "complete")

    def finish(self, start: Start, trained: Trained, outcome: Outcome) -> Run:
        """Saves everything on the chief, and nothing on the other workers."""
        if self._group.is_chief:
            return super().finish(start, trained, outcome)
        if outcome.status == "diverged":
            raise self.diverged(outcome)
        return self._without_files(outcome.model, outcome.status)

    def _without_files(self, model: Any, status: str) -> Run:
        return Run(
            name=self.example.name,
            status=status,
            model=model,
            history={},
            metrics={},
            record={},
            folder=Path(self.options.runs) / self.example.name,
            figures=(),
            is_chief=False,
        )
