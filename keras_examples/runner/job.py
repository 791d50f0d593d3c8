"""One run of one example, from its data to the files that it saves."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import keras

from keras_examples.core import LANGUAGES, Example, RunError, Trained, catalogue, require_tensorflow
from keras_examples.core.console import announce
from keras_examples.core.files import reason
from keras_examples.core.options import config_of
from keras_examples.core.settings import pinned
from keras_examples.core.text import Text
from keras_examples.datasets import Dataset
from keras_examples.inference.models import name_classes
from keras_examples.runner import overrides
from keras_examples.runner.checkpoints import CheckpointManager
from keras_examples.runner.clock import Clock
from keras_examples.runner.devices import Devices
from keras_examples.runner.drawing import draw
from keras_examples.runner.images import of_images
from keras_examples.runner.memory import enough_memory
from keras_examples.runner.options import LARGEST_SEED, Options
from keras_examples.runner.output import Output
from keras_examples.runner.record import describe, write_history, write_record
from keras_examples.runner.result import Run
from keras_examples.runner.resuming import check_same, load_complete
from keras_examples.runner.training import Network, Outcome, Training
from keras_examples.runner.ways import make_deterministic


@dataclass(frozen=True)
class Start:
    """Where a run starts: afresh, from a checkpoint, or at its end.

    Args:
        output: The folders to write to; None if another machine writes.
        checkpoints: Where to resume from and save to; None if another machine does.
        resumes: Whether to resume from the checkpoints; otherwise they are removed.
        done: The run, if it is already complete.
    """

    output: Output | None = None
    checkpoints: CheckpointManager | None = None
    resumes: bool = False
    done: Run | None = None


class Job:
    """Trains one example, and saves the results.

    Args:
        name: The example's name, checked.
        options: The options of the run, checked.
        clock: Measures the seconds; started with the run.
        callbacks: Keras callbacks for the example's training, but not its companions'.
        alone: Whether to leave out its companions, and the measurements that need them.
    """

    def __init__(
        self,
        name: str,
        options: Options,
        clock: Clock,
        *,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        alone: bool = False,
    ) -> None:
        require_tensorflow(Text("training by the runner", "运行器的训练"))
        make_deterministic()
        example = catalogue.load(name)
        options.check_example(example)
        self.options, self.devices = options, Devices()
        self._clock, self._callbacks = clock, callbacks
        self._command = options.command(example)
        if options.recipe:
            example = example.recipe_examples[options.recipe]
        if options.images is not None:
            with clock("data"):
                example = of_images(example, options.images)
        if options.animate and example.frame:
            example = dataclasses.replace(example, snapshot=example.frame)
        if alone:
            example = dataclasses.replace(example, companions={}, measure=None)
        self.example = example
        self._overrides = overrides.parse(example, options.hyperparameters)
        self._loaded: dict[Any, Dataset] = {}

    @cached_property
    def network(self) -> Network:
        """The example's own network."""
        options, example = self.options, self.example
        return self._network(
            example,
            epochs=int(options.epochs or example.epochs),
            batch_size=int(options.batch_size or example.batch_size),
            overrides=self._overrides,
        )

    @cached_property
    def companions(self) -> Mapping[str, Network]:
        """The networks of the companions, by name."""
        most = self.network.epochs if self.options.epochs else None
        return {
            name: self._network(
                companion,
                # A short run is to be short as a whole.
                epochs=companion.epochs if most is None else min(companion.epochs, most),
                batch_size=companion.batch_size,
                seed=self.example.companions[name].seed,
            )
            for name, companion in self.example.companion_examples.items()
        }

    def _network(self, example: Example, *, seed: int = 0, **more: Any) -> Network:
        options = self.options
        key = example.load_data, *example.data.items()
        if key not in self._loaded:  # a companion often learns from the same data
            with self._clock("data"):
                self._loaded[key] = example.load(data=options.data, data_dir=options.data_dir)
        return Network(
            example=example,
            data=self._loaded[key],
            seed=(int(options.seed) + seed) % (LARGEST_SEED + 1),
            plain=options.plain,
            rescale=options.rescale,
            **more,
        )

    @cached_property
    def config(self) -> Mapping[str, Any]:
        """What the result depends on, besides versions and the processor."""
        network = self.network
        return {
            **config_of(self.options),
            "epochs": network.epochs,
            "batch_size": network.batch_size,
            "seed": network.seed,
            **overrides.defaults(self.example),
            **self._overrides,
            "replicas": self.devices.replicas,
            "data_sha256": network.data.digest,
        }

    @pinned()
    def run(self) -> Run:
        """Trains the companions and the example, draws the figures and saves everything.

        Raises:
            InputError: The data cannot be loaded, or an output folder cannot be written.
            RunError: Training or saving failed.
            KeyboardInterrupt: Ctrl-C ended the training of a companion.
        """
        with enough_memory(self.example.name), ExitStack() as stack:
            start = self.start(stack)
            if start.done:
                return start.done
            if start.checkpoints and not start.resumes:
                start.checkpoints.clear()
            companions = {}
            for name, network in self.companions.items():
                outcome = self._training(network, start).run()
                self._check_companion(network, outcome, start)
                companions[name] = self._trained(network, outcome)
            outcome = self._training(self.network, start).run()
            return self.finish(start, self._trained(self.network, outcome, companions), outcome)

    @pinned()
    def train(self) -> tuple[Outcome, dict[str, Any]]:
        """Trains the example alone, without figures or files.

        Returns:
            The result, and the content of its `run.json`, except for figures and seconds.

        Raises:
            InputError: The data cannot be loaded.
        """
        with enough_memory(self.example.name):
            outcome = self._training(self.network, Start()).run()
            return outcome, self._describe(self._trained(self.network, outcome), outcome)

    def _training(self, network: Network, start: Start) -> Training:
        return Training(
            network,
            devices=self.devices,
            clock=self._clock,
            callbacks=self._callbacks if network is self.network else (),
            checkpoints=start.checkpoints and start.checkpoints.of(network.example.name),
            verbose=self.options.verbose,
        )

    def _trained(
        self, network: Network, outcome: Outcome, companions: Mapping[str, Trained] | None = None
    ) -> Trained:
        return Trained(
            example=network.example,
            model=outcome.model,
            data=network.data,
            history=outcome.history,
            seed=network.seed,
            lang=self._langs[0],
            companions=companions or {},
            snapshots=outcome.snapshots,
        )

    @property
    def _langs(self) -> tuple[str, ...]:
        """The languages of the figures; those of the first are in the folder of figures itself."""
        return LANGUAGES if self.options.lang == "both" else (self.options.lang,)

    def _describe(self, trained: Trained, outcome: Outcome) -> dict[str, Any]:
        with self._clock("evaluate"):
            return describe(trained, outcome, self.config, self._command)

    def start(self, stack: ExitStack) -> Start:
        """Locks the folders, until the stack is closed, and finds out where to start.

        Raises:
            InputError: The folders cannot be written, or the run has another config than the one to
                resume.
            RunError: A checkpoint cannot be read, or the disk is full.
        """
        plots, runs = Path(self.options.plots), Path(self.options.runs)
        more = (plots / "zh",) if self.options.lang == "both" else ()
        output = stack.enter_context(Output(self.example.name, plots, runs, more))
        checkpoints = CheckpointManager(output.folder / "checkpoints", self.config, output.renew)
        start = Start(output, checkpoints)
        if self.options.resume:
            if before := checkpoints.saved_config():
                check_same(self.example.name, self.config, before)
                return dataclasses.replace(start, resumes=True)
            if done := load_complete(self.network, self.config, output):
                self._print("already complete, left as it is.", "已经完成，保持不变。")
                return dataclasses.replace(start, done=done)
            self._print("nothing to resume, starting afresh.", "没有可继续的运行，从头开始。")
        return start

    def _print(self, en: str, zh: str) -> None:
        if self.options.verbose:
            announce(f"{self.example.name}: {en}", f"{self.example.name}：{zh}")

    def _check_companion(self, network: Network, outcome: Outcome, start: Start) -> None:
        if outcome.status == "interrupted":
            raise KeyboardInterrupt  # the example's figures need its companions
        if outcome.status == "diverged":
            if start.checkpoints:
                start.checkpoints.clear()
            raise RunError(
                f"the loss of {network.example.name}, which {self.example.name} is compared with, "
                "became NaN, so nothing was saved. Try another --seed.",
                f"与 {self.example.name} 对照的 {network.example.name} 的损失变为 NaN，"
                "因此什么也没有保存。请换一个 --seed 试试。",
            )

    def finish(self, start: Start, trained: Trained, outcome: Outcome) -> Run:
        """Draws the figures and saves everything.

        Raises:
            RunError: It cannot be saved, or the loss became NaN.
        """
        assert start.output  # noqa: S101 (the process that saves has folders)
        assert start.checkpoints  # noqa: S101
        record = self._describe(trained, outcome)
        start.output.renew()
        try:
            self._save(start.output, trained, outcome, record)
        except OSError as error:
            start.output.check()
            why, folder = reason(error), str(start.output.folder)
            raise RunError(
                f"cannot write results of {self.example.name}: {why.en}; what was in {folder!r} "
                "before is intact. Free some space and continue with --resume.",
                f"无法写入 {self.example.name} 的结果：{why.zh}；{folder!r} 中原有的内容完好无损。"
                "请腾出一些空间，再用 --resume 继续。",
            ) from error
        if outcome.status != "interrupted":
            start.checkpoints.clear()
        if outcome.status == "diverged":
            raise self.diverged(outcome)
        return Run.of(trained.model, trained.history, record, start.output)

    def _save(
        self, output: Output, trained: Trained, outcome: Outcome, record: dict[str, Any]
    ) -> None:
        diverged, record["figures"] = outcome.status == "diverged", []
        if not diverged:
            with self._clock("figures"):
                for lang, folder in zip(self._langs, output.figures, strict=True):
                    one, animate = trained.in_language(lang), self.options.animate
                    record["figures"] = draw(one, folder, animate=animate)
        with self._clock("save"):
            if outcome.history:
                write_history(output.path("history.csv"), outcome.history)
            if not diverged:
                trained.model.save(output.path("model.keras"))
                if self.options.images is not None:
                    name_classes(output.path("model.keras"), trained.data.class_names)
        record["seconds"] = self._clock.seconds()
        write_record(output.path("run.json"), record)
        output.commit(into="diverged" if diverged else ".")

    def diverged(self, outcome: Outcome) -> RunError:
        """Returns the error for a loss that became NaN."""
        folder = Path(self.options.runs) / self.example.name / "diverged"
        epoch = len(next(iter(outcome.history.values())))
        return RunError(
            f"the loss of {self.example.name} became NaN in epoch {epoch}, so training stopped; "
            f"its history is in {str(folder)!r}, earlier results are intact. Try --rescale, if its "
            "inputs are pixels, or another --seed.",
            f"{self.example.name} 的损失在第 {epoch} 轮变为 NaN，训练因此停止；"
            f"它的历史在 {str(folder)!r} 中，之前的结果完好无损。"
            "如果输入是像素，请试试 --rescale，或换一个 --seed。",
        )
