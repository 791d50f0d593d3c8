"""One run of one example, from its data to the files it leaves."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, redirect_stderr
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import keras
import numpy as np

from keras_examples.core import InputError, RunError, Trained, catalogue
from keras_examples.figures.style import note, style
from keras_examples.runner.checkpoints import Unfinished, check_same
from keras_examples.runner.clock import Clock
from keras_examples.runner.distributed import group
from keras_examples.runner.distributed.group import Team
from keras_examples.runner.options import Options
from keras_examples.runner.output import Output
from keras_examples.runner.record import (
    describe,
    read_history,
    read_record,
    weights_digest,
    write_history,
    write_record,
)
from keras_examples.runner.result import Run
from keras_examples.runner.trainer import Trainer
from keras_examples.runner.training import Outcome

T = TypeVar("T")


@dataclass(frozen=True)
class _Beginning:
    """Where a run begins: after an earlier one, in the middle of one, or afresh."""

    output: Output
    unfinished: Unfinished
    done: Run | None = None
    resumes: bool = False


class Job:
    """Trains one example as asked, and saves what comes of it.

    Args:
        name: The example's name, checked.
        options: What was asked, checked.
        clock: Has been counting since the run was asked for.
        verbose: Whether to show progress on stderr.
        callbacks: Keras callbacks that watch the example's training, but not its companions'.
    """

    def __init__(
        self,
        name: str,
        options: Options,
        clock: Clock,
        *,
        verbose: bool,
        callbacks: Sequence[keras.callbacks.Callback] = (),
    ) -> None:
        if keras.backend.backend() != "tensorflow":
            raise InputError(
                f"Keras runs on {keras.backend.backend()!r} here, and the runner needs TensorFlow; "
                "set KERAS_BACKEND=tensorflow. (The model builders work on any.)"
            )
        example = catalogue.load(name)
        options.check_example(example)
        self._options, self._clock, self._verbose = options, clock, verbose
        self._team = group.team(options.strategy) if options.strategy else None
        self._trainer = Trainer(
            example, options, clock, self._team, verbose=verbose, callbacks=callbacks
        )
        self._name = self._trainer.example.name
        self._command = options.command(example.name, self._trainer.given)

    def run(self) -> Run:
        """Does it.

        Raises:
            InputError: The data cannot be had, or an output folder cannot be written.
            RunError: Training or saving broke.
        """
        if self._team and not self._team.is_chief:
            # Errors are raised, and all else the chief says.
            with Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere):
                return self._assist(self._team)
        with ExitStack() as stack:
            begin = partial(self._begin, stack)
            beginning = self._agree(self._team, begin) if self._team else begin()
            output, unfinished, done = beginning.output, beginning.unfinished, beginning.done
            if self._team:
                self._share(self._team, done)
            if done:
                return done
            if not beginning.resumes:  # what was there may go only now, when all agree
                unfinished.clear()
            trained, outcome = self._trainer.train(unfinished)
            record = self._describe(trained, outcome)
            try:
                self._save(trained, outcome, record, output)
            except OSError as error:
                raise RunError(
                    f"cannot write results of {self._name}: {error.strerror or error}; what was in "
                    f"{str(output.folder)!r} before is intact. Make room and go on with --resume."
                ) from error
            if outcome.status != "interrupted":
                unfinished.clear()
            if outcome.status == "diverged":
                raise self._diverged(outcome)
        return _run(trained.model, trained.history, record, output)

    def train(self) -> tuple[Outcome, dict[str, Any]]:
        """Trains the example alone, without companions, figures or files.

        Returns:
            How training ended, and what `run.json` would hold, but for figures and seconds.

        Raises:
            InputError: The data cannot be had.
        """
        trained, outcome = self._trainer.train(alone=True)
        return outcome, self._describe(trained, outcome)

    def _describe(self, trained: Trained, outcome: Outcome) -> dict[str, Any]:
        with self._clock("evaluate"):
            return describe(trained, outcome, self._trainer.asked(), self._command)

    def _begin(self, stack: ExitStack) -> _Beginning:
        """Takes the folders, until the stack is closed, and finds out where to begin.

        Raises:
            InputError: The folders cannot be had; the earlier run, which is to be resumed, was
                asked for something else, or its model does not belong to it.
            RunError: A checkpoint cannot be read.
        """
        folders = Path(self._options.plots), Path(self._options.runs)
        output = stack.enter_context(Output(self._name, *folders))
        unfinished = Unfinished(output.folder / "checkpoints", self._trainer.asked)
        afresh = _Beginning(output, unfinished)
        asked = self._trainer.asked()
        if not self._options.resume:
            return afresh
        if before := unfinished.found():
            check_same(self._name, asked, before)
            return dataclasses.replace(afresh, resumes=True)
        record = read_record(output.folder / "run.json")
        if record.get("status") == "complete" and "asked" in record:
            check_same(self._name, asked, record["asked"])
            done = self._reload(record, output)
            self._say(f"{self._name}: complete already, left as it is.")
            return dataclasses.replace(afresh, done=done)
        self._say(f"{self._name}: nothing to resume, starting afresh.")
        return afresh

    def _reload(self, record: dict[str, Any], output: Output) -> Run:
        model = self._trainer.build()
        if model.optimizer is not None:
            model.optimizer.build(model.trainable_variables)
        try:
            model.load_weights(output.folder / "model.keras")
            trained = record["asked"]["epochs"]
            history = read_history(output.folder / "history.csv") if trained else {}
            if weights_digest(model) != record["weights_sha256"]:
                raise ValueError("the weights are not those of the record")
        except Exception as error:  # what is lost or damaged makes Keras and h5py raise anything
            raise InputError(
                f"{self._name} is complete by its record, but its files in "
                f"{str(output.folder)!r} cannot be read ({type(error).__name__}); leave out "
                "--resume to run it again."
            ) from None
        return _run(model, history, record, output)

    def _agree(self, team: Team, begin: Callable[[], T]) -> T:
        """Begins only if all can, and all do the same.

        Args:
            team: Who trains.
            begin: Prepares this process; what it returns is returned.

        Raises:
            InputError: This worker cannot begin, or another was asked for something else.
            RunError: This worker cannot begin, or another cannot, or is gone.
        """
        try:
            begun = begin()
            asked = {"example": self._name, **self._trainer.asked()}
        except (InputError, RunError) as error:
            with team.noticing():
                team.gather(str(error).encode())
            raise
        with team.noticing():
            troubles = team.gather(b"")
            for index, other in enumerate(troubles):
                if other and team.workers:
                    raise RunError(f"{team.workers.describe(index)} cannot begin: {other.decode()}")
            team.check_same(", ".join(f"{name} {value}" for name, value in asked.items()))
        return begun

    def _share(self, team: Team, done: Run | None) -> list[np.ndarray] | None:
        """Tells the others of a run that is done; returns the chief's weights if it has one."""
        with team.noticing():
            if team.any(done is not None):
                return team.share(done.model.get_weights() if done else [])
        return None

    def _assist(self, team: Team) -> Run:
        """Trains with the chief, who alone saves what comes of it."""
        self._agree(team, lambda: None)
        weights = self._share(team, None)
        if weights is not None:
            model, status = self._trainer.build(), "complete"
            model.set_weights(weights)
        else:
            trained, outcome = self._trainer.train()
            model, status = trained.model, outcome.status
            if status == "diverged":
                raise self._diverged(outcome)
        return Run(
            name=self._name,
            status=status,
            model=model,
            history={},
            metrics={},
            record={},
            folder=Path(self._options.runs) / self._name,
            figures=(),
            is_chief=False,
        )

    def _diverged(self, outcome: Outcome) -> RunError:
        folder = Path(self._options.runs) / self._name / "diverged"
        return RunError(
            f"the loss of {self._name} is no longer a number in epoch "
            f"{len(next(iter(outcome.history.values())))}, so training stopped; its history is in "
            f"{str(folder)!r}, earlier results are intact. Try --rescale, if it has pixels, or "
            "another --seed."
        )

    def _say(self, line: str) -> None:
        if self._verbose:
            print(line, file=sys.stderr)

    def _save(
        self, trained: Trained, outcome: Outcome, record: dict[str, Any], output: Output
    ) -> None:
        diverged = outcome.status == "diverged"
        record["figures"] = [] if diverged else self._draw(trained, output)
        with self._clock("save"):
            if outcome.history:
                write_history(output.path("history.csv"), outcome.history)
            if not diverged:
                trained.model.save(output.path("model.keras"))
        record["seconds"] = self._clock.seconds()
        write_record(output.path("run.json"), record)
        output.commit(into="diverged" if diverged else ".")

    def _draw(self, trained: Trained, output: Output) -> list[str]:
        names = []
        with self._clock("figures"), style(trained.lang):
            for draw in trained.example.figures:
                figure = draw(trained)
                if caption := self._caption(trained):
                    note(figure, *caption)
                name = f"{trained.example.name}-{draw.__name__.replace('_', '-')}.png"
                figure.savefig(output.plot(name))
                names.append(name)
        return names

    def _caption(self, trained: Trained) -> tuple[str, bool] | None:
        stand_ins = sorted(
            {one.data.name for one in (trained, *trained.companions.values()) if one.data.stand_in}
        )
        if stand_ins:
            which = ", ".join(stand_ins)
            return (
                trained.text(
                    f"STAND-IN DATA drawn by code, not the real {which}",
                    f"替代数据：由程序绘制，不是真实的 {which}",
                ),
                True,
            )
        if not trained.history:  # nothing here depends on a seed
            return None
        return trained.text(f"seed {trained.seed}", f"随机种子 {trained.seed}"), False


def _run(
    model: keras.Model, history: Mapping[str, list[float]], record: dict[str, Any], output: Output
) -> Run:
    return Run(
        name=record["example"],
        status=record["status"],
        model=model,
        history=history,
        metrics=record["metrics"],
        record=record,
        folder=output.folder,
        figures=tuple(output.plots / figure for figure in record["figures"]),
    )
