"""One run of one example, from its data to the files it leaves."""

from __future__ import annotations

import dataclasses
import inspect
import os
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, redirect_stderr, suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import keras

from keras_examples import catalogue
from keras_examples.datasets import Dataset
from keras_examples.errors import InputError, RunError
from keras_examples.example import Example, Trained
from keras_examples.figures.style import note, style
from keras_examples.runner import hyperparameters, strategies
from keras_examples.runner.checkpoints import Unfinished, check_same
from keras_examples.runner.clock import Clock
from keras_examples.runner.options import Options
from keras_examples.runner.output import Output
from keras_examples.runner.record import (
    environment,
    read_history,
    read_record,
    weights_digest,
    write_history,
    write_record,
)
from keras_examples.runner.result import Run
from keras_examples.runner.shared_steps import Sharing
from keras_examples.runner.strategies import Team
from keras_examples.runner.training import Outcome, train

T = TypeVar("T")


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
        self._options = options
        self._clock = clock
        self._verbose = verbose
        self._callbacks = callbacks
        self._data: dict[Callable[..., Dataset], Dataset] = {}
        self._unfinished: Unfinished | None = None
        if keras.backend.backend() != "tensorflow":
            raise InputError(
                f"Keras runs on {keras.backend.backend()!r} here, and the runner needs TensorFlow; "
                "set KERAS_BACKEND=tensorflow. (The model builders work on any.)"
            )
        self._example = catalogue.load(name)
        self._name = self._example.name
        options.check_example(self._example)
        self._team = strategies.team(options.strategy) if options.strategy else None
        if options.fast and self._example.fast:
            self._example = self._example.fast
        self._given = hyperparameters.resolve(self._example, options.hyperparameters)

    def run(self) -> Run:
        """Does it.

        Raises:
            InputError: The data cannot be had, or an output folder cannot be written.
            RunError: Training or saving broke.
        """
        options, example = self._options, self._example
        if self._team and not self._team.is_chief:
            # Errors are raised, and all else the chief says.
            with Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere):
                return self._assist(example, self._team)
        with Output(example.name, Path(options.plots), Path(options.runs)) as output:
            done = self._begin(example, output)
            if self._team:
                self._agree(example, self._team, done=done is not None)
            if done:
                return done
            trained, outcome, record = self._train_and_record(example)
            try:
                self._save(trained, outcome, record, output)
            except OSError as error:
                raise RunError(
                    f"cannot write results of {example.name}: {error.strerror or error}; "
                    f"what was in {str(output.folder)!r} before is intact. Make room and run again."
                ) from error
        return _run(trained.model, trained.history, record, output)

    def _agree(self, example: Example, team: Team, *, done: bool = False) -> bool:
        """Makes sure that all do the same; returns whether the chief finds it done already."""
        with team.noticing():
            asked = {"example": example.name, **self._asked(example)}
            team.check_same(", ".join(f"{name} {value}" for name, value in asked.items()))
            return team.any(done)

    def _assist(self, example: Example, team: Team) -> Run:
        """Trains with the chief, who alone saves what comes of it."""
        status = "complete"
        if self._agree(example, team):
            model = self._build(example)
        else:
            trained, outcome = self._train(
                example, self._epochs(example), self._batch_size(example)
            )
            model, status = trained.model, outcome.status
        return Run(
            name=example.name,
            status=status,
            model=model,
            history={},
            metrics={},
            record={},
            folder=Path(self._options.runs) / example.name,
            figures=(),
            is_chief=False,
        )

    def train(self) -> tuple[Outcome, dict[str, Any]]:
        """Trains the example alone, without companions, figures or files.

        Returns:
            How training ended, and what `run.json` would hold, but for figures and seconds.

        Raises:
            InputError: The data cannot be had.
        """
        self._example = dataclasses.replace(self._example, companions={}, measure=None)
        _, outcome, record = self._train_and_record(self._example)
        return outcome, record

    def _begin(self, example: Example, output: Output) -> Run | None:
        """Finds out where to begin; returns the earlier run if there is nothing left to do.

        Raises:
            InputError: The earlier run, which is to be resumed, was asked for something else.
            RunError: What is left of an earlier run cannot be removed.
        """
        asked = self._asked(example)
        self._unfinished = Unfinished(output.folder / "checkpoints", asked)
        if self._options.resume:
            if before := self._unfinished.asked():
                check_same(example.name, asked, before)
                return None
            record = read_record(output.folder / "run.json")
            if record.get("status") == "complete" and "asked" in record:
                check_same(example.name, asked, record["asked"])
                # A file that is lost or damaged makes Keras and h5py raise anything: begin afresh.
                with suppress(Exception):
                    model = self._build(example)
                    if model.optimizer is not None:
                        model.optimizer.build(model.trainable_variables)
                    model.load_weights(output.folder / "model.keras")
                    history = read_history(output.folder / "history.csv") if asked["epochs"] else {}
                    self._say(f"{example.name}: complete already, left as it is.")
                    return _run(model, history, record, output)
            self._say(f"{example.name}: nothing to resume, starting afresh.")
        self._unfinished.clear()
        return None

    def _say(self, line: str) -> None:
        if self._verbose:
            print(line, file=sys.stderr)

    def _asked(self, example: Example) -> dict[str, Any]:
        """Returns what the result depends on, besides versions and processor."""
        options = self._options
        with self._clock("data"):
            data = self._load(example)
        return {
            "epochs": self._epochs(example),
            "batch_size": self._batch_size(example),
            **hyperparameters.defaults(example),
            **self._given,
            "seed": int(options.seed),
            "rescale": options.rescale,
            "plain": options.plain,
            "strategy": options.strategy,
            "replicas": self._team.strategy.num_replicas_in_sync if self._team else 1,
            "data_sha256": data.digest,
        }

    def _epochs(self, example: Example) -> int:
        return example.epochs if self._options.epochs is None else int(self._options.epochs)

    def _batch_size(self, example: Example) -> int:
        return int(self._options.batch_size or example.batch_size)

    def _train_and_record(self, example: Example) -> tuple[Trained, Outcome, dict[str, Any]]:
        epochs, batch_size = self._epochs(example), self._batch_size(example)
        trained, outcome = self._train(example, epochs, batch_size)
        return trained, outcome, self._record(trained, outcome, epochs, batch_size)

    def _train(self, example: Example, epochs: int, batch_size: int) -> tuple[Trained, Outcome]:
        companions = {name: self._accompany(one) for name, one in example.companions.items()}
        options = self._options
        with self._clock("data"):
            data = self._load(example)
        with self._clock("build"):
            keras.utils.set_random_seed(int(options.seed))
            model = self._build(example)
        outcome = Outcome({}, "complete", ())
        if epochs:
            outcome = self._learn(example, model, data, epochs, batch_size)
        trained = Trained(
            example=example,
            model=model,
            data=data,
            history=outcome.history,
            seed=int(options.seed),
            lang=options.lang,
            companions=companions,
            snapshots=outcome.snapshots,
        )
        return trained, outcome

    def _learn(
        self, example: Example, model: keras.Model, data: Dataset, epochs: int, batch_size: int
    ) -> Outcome:
        options, team = self._options, self._team
        with team.noticing() if team else nullcontext():
            return train(
                model,
                data,
                epochs=epochs,
                batch_size=batch_size,
                seed=int(options.seed),
                plain=options.plain,
                show=example.name if self._verbose else None,
                snapshot=example.snapshot,
                clock=self._clock,
                callbacks=self._callbacks if example is self._example else (),
                checkpoints=self._unfinished.of(example.name) if self._unfinished else None,
                sharing=Sharing(team, partial(self._build, example)) if team else None,
            )

    def _build(self, example: Example) -> keras.Model:
        given: Mapping[str, Any] = self._given if example is self._example else {}
        try:
            return _call(example.build_model, rescale=self._options.rescale, **given)
        except (TypeError, ValueError) as error:
            if not given:
                raise
            raise InputError(
                f"{example.name} cannot be built with {hyperparameters.spell(given)}: "
                f"{str(error).partition(chr(10))[0]}"
            ) from None

    def _accompany(self, companion: Example) -> Trained:
        epochs = companion.epochs
        if self._options.epochs is not None:  # who asked for a short run did not mean half of it
            epochs = min(epochs, int(self._options.epochs))
        trained, outcome = self._train(companion, epochs, companion.batch_size)
        if outcome.status == "interrupted":
            raise KeyboardInterrupt  # without its companion the example has no figures to save
        if outcome.status == "diverged":
            if self._unfinished:
                self._unfinished.clear()
            raise RunError(
                f"the loss of {companion.name}, which {self._example.name} is compared with, is no "
                "longer a number, so nothing was saved. Try another --seed."
            )
        return trained

    def _load(self, example: Example) -> Dataset:
        # A companion often learns from the same data.
        load = example.load_data
        if load not in self._data:
            options = self._options
            self._data[load] = _call(load, data=options.data, data_dir=options.data_dir)
        return self._data[load]

    def _record(
        self, trained: Trained, outcome: Outcome, epochs: int, batch_size: int
    ) -> dict[str, Any]:
        example, model, data = trained.example, trained.model, trained.data
        metrics = {name: values[-1] for name, values in outcome.history.items()}
        with self._clock("evaluate"):
            if outcome.status != "diverged":
                if outcome.history and data.test is None:
                    # The last epoch's loss is a mean over weights that were still moving.
                    found = model.evaluate(*data.evaluation, verbose=0, return_dict=True)
                    metrics |= {f"final_{name}": value for name, value in found.items()}
                metrics |= trained.measures
        optimizer = getattr(model, "optimizer", None)
        return {
            "example": example.name,
            "title": dict(example.title),
            "article": example.article,
            "status": outcome.status,
            "command": self._command(),
            "hyperparameters": {
                "epochs": epochs,
                "batch_size": batch_size,
                "optimizer": type(optimizer).__name__ if optimizer and epochs else None,
                "learning_rate": optimizer.get_config()["learning_rate"]
                if optimizer and epochs
                else None,
                "loss": getattr(model, "loss", None) if epochs else None,
                "rescale": self._options.rescale,
                **self._given,
            },
            "seed": int(self._options.seed),
            "plain": self._options.plain,
            "resumed_from_epoch": outcome.begun or None,
            "asked": self._asked(example),
            "data": {
                "name": data.name,
                "source": data.source,
                "sha256": data.digest,
                "training_samples": len(data.x_train),
                "test_samples": 0 if data.test is None else len(data.test[0]),
            },
            **environment(),
            "metrics": metrics,
            "parameters": model.count_params(),
            "weights_sha256": weights_digest(model),
        }

    def _command(self) -> str:
        """Returns the command that repeats this run, but for folders, which differ by machine."""
        options, default = self._options, Options()
        words = ["keras-examples", "run", self._name]
        for name in (
            "epochs",
            "batch_size",
            "seed",
            "data",
            "rescale",
            "fast",
            "lang",
            "plain",
            "strategy",
        ):
            value = getattr(options, name)
            if value != getattr(default, name):
                words.append(f"--{name.replace('_', '-')}")
                words += [] if value is True else [str(value)]
        if self._given:
            words += ["--hyperparameters", hyperparameters.spell(self._given)]
        return shlex.join(words)

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
        if self._unfinished and outcome.status != "interrupted":
            self._unfinished.clear()
        if diverged:
            raise RunError(
                f"the loss of {record['example']} is no longer a number in epoch "
                f"{len(next(iter(outcome.history.values())))}, so training stopped; its history is "
                f"in {str(output.folder / 'diverged')!r}, earlier results are intact. "
                "Try --rescale, if it has pixels, or another --seed."
            )

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
                trained.say(
                    f"STAND-IN DATA drawn by code, not the real {which}",
                    f"替代数据：由程序绘制，不是真实的 {which}",
                ),
                True,
            )
        if not trained.history:  # nothing here depends on a seed
            return None
        return trained.say(f"seed {trained.seed}", f"随机种子 {trained.seed}"), False


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


def _call(function: Callable[..., T], **options: Any) -> T:
    """Calls a function with those of the options that it takes."""
    taken = inspect.signature(function).parameters
    return function(**{name: value for name, value in options.items() if name in taken})
