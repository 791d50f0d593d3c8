"""An example and its companions, trained in memory as asked."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any, TypeVar

import keras

from keras_examples.core import Example, InputError, RunError, Trained
from keras_examples.datasets import Dataset
from keras_examples.runner import hyperparameters
from keras_examples.runner.checkpoints import Unfinished
from keras_examples.runner.clock import Clock
from keras_examples.runner.distributed.group import Team
from keras_examples.runner.distributed.steps import Sharing
from keras_examples.runner.options import Options
from keras_examples.runner.training import Outcome, train

T = TypeVar("T")


class Trainer:
    """Trains one example as asked.

    Args:
        example: The example, which has use for all the options.
        options: What was asked, checked.
        clock: Counts the seconds.
        team: The devices or machines that share the work; None for none.
        verbose: Whether to show progress on stderr.
        callbacks: Keras callbacks that watch the example's training, but not its companions'.
    """

    def __init__(
        self,
        example: Example,
        options: Options,
        clock: Clock,
        team: Team | None = None,
        *,
        verbose: bool = False,
        callbacks: Sequence[keras.callbacks.Callback] = (),
    ) -> None:
        self.example = (
            example.using(example.fast, "fast") if options.fast and example.fast else example
        )
        self.given = hyperparameters.resolve(self.example, options.hyperparameters)
        self._options, self._clock, self._team = options, clock, team
        self._verbose, self._callbacks = verbose, callbacks
        self._data: dict[Any, Dataset] = {}
        of_example = self.example.epochs, self.example.batch_size
        self._epochs = int(options.epochs or of_example[0])
        self._batch_size = int(options.batch_size or of_example[1])

    def asked(self) -> dict[str, Any]:
        """Returns what the result depends on, besides versions and processor."""
        options = self._options
        return {
            "epochs": self._epochs,
            "batch_size": self._batch_size,
            **hyperparameters.defaults(self.example),
            **self.given,
            "seed": int(options.seed),
            "rescale": options.rescale,
            "plain": options.plain,
            "strategy": options.strategy,
            "replicas": self._team.strategy.num_replicas_in_sync if self._team else 1,
            "data_sha256": self._load(self.example).digest,
        }

    def build(self) -> keras.Model:
        """Builds and compiles the example's model.

        Raises:
            InputError: It cannot be built with the hyperparameters asked for.
        """
        steps = self._epochs * -(-len(self._load(self.example).x_train) // self._batch_size)
        return self._build(self.example, steps)

    def train(
        self, unfinished: Unfinished | None = None, *, alone: bool = False
    ) -> tuple[Trained, Outcome]:
        """Trains the example, and its companions before it.

        Args:
            unfinished: Has the checkpoints to go on from, and gets new ones.
            alone: Whether to leave the companions out, and what needs them.

        Returns:
            The trained example, and how its training ended.

        Raises:
            InputError: The data cannot be had.
            RunError: A companion's loss is no number, or another machine is gone.
            KeyboardInterrupt: Ctrl-C ended the training of a companion.
        """
        example = self.example
        if alone:
            example = dataclasses.replace(example, companions={}, measure=None)
        companions = {
            name: self._accompany(one, unfinished)
            for name, one in example.companion_examples.items()
        }
        trained, outcome = self._train(example, self._epochs, self._batch_size, unfinished)
        return dataclasses.replace(trained, companions=companions), outcome

    def _accompany(self, companion: Example, unfinished: Unfinished | None) -> Trained:
        epochs = companion.epochs
        if self._options.epochs is not None:  # who asked for a short run did not mean half of it
            epochs = min(epochs, self._epochs)
        trained, outcome = self._train(companion, epochs, companion.batch_size, unfinished)
        if outcome.status == "interrupted":
            raise KeyboardInterrupt  # without its companion the example has no figures to save
        if outcome.status == "diverged":
            if unfinished:
                unfinished.clear()
            raise RunError(
                f"the loss of {companion.name}, which {self.example.name} is compared with, is no "
                "longer a number, so nothing was saved. Try another --seed."
            )
        return trained

    def _train(
        self, example: Example, epochs: int, batch_size: int, unfinished: Unfinished | None
    ) -> tuple[Trained, Outcome]:
        options, team = self._options, self._team
        seed, data = int(options.seed), self._load(example)
        with self._clock("build"):
            keras.utils.set_random_seed(seed)
            steps = epochs * -(-len(data.x_train) // batch_size)
            model = self._build(example, steps)
        outcome = Outcome({}, "complete", ())
        if epochs:
            with team.noticing() if team else nullcontext():
                outcome = train(
                    model,
                    data,
                    epochs=epochs,
                    batch_size=batch_size,
                    seed=seed,
                    plain=options.plain,
                    show=example.name if self._verbose else None,
                    snapshot=example.snapshot,
                    clock=self._clock,
                    callbacks=self._callbacks if example.name == self.example.name else (),
                    checkpoints=unfinished.of(example.name) if unfinished else None,
                    sharing=Sharing(team, partial(self._build, example, steps)) if team else None,
                )
        trained = Trained(
            example=example,
            model=model,
            data=data,
            history=outcome.history,
            seed=seed,
            lang=options.lang,
            snapshots=outcome.snapshots,
        )
        return trained, outcome

    def _build(self, example: Example, steps: int) -> keras.Model:
        given: Mapping[str, Any] = self.given if example.name == self.example.name else {}
        try:
            return example.build(steps=steps, rescale=self._options.rescale, **given)
        except (TypeError, ValueError) as error:
            if not given:
                raise
            raise InputError(
                f"{example.name} cannot be built with {hyperparameters.spell(given)}: "
                f"{str(error).partition(chr(10))[0]}"
            ) from None

    def _load(self, example: Example) -> Dataset:
        # A companion often learns from the same data.
        key = example.load_data, *example.data.items()
        if key not in self._data:
            options = self._options
            with self._clock("data"):
                self._data[key] = example.load(data=options.data, data_dir=options.data_dir)
        return self._data[key]
