"""One comparison, from what is to be varied to the files that it leaves."""

from __future__ import annotations

import dataclasses
import inspect
import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf

from keras_examples.compare import Comparison
from keras_examples.compare.crew import Crew, Request
from keras_examples.compare.figure import draw
from keras_examples.compare.grid import applied, label, settings
from keras_examples.compare.progress import Progress
from keras_examples.compare.results import Result, table, write_csv
from keras_examples.core import InputError, RunError, catalogue
from keras_examples.datasets import Dataset
from keras_examples.figures.style import note, style
from keras_examples.runner import hyperparameters
from keras_examples.runner.options import Options
from keras_examples.runner.output import Output
from keras_examples.runner.record import write_record


class Plan:
    """A comparison that is found to be possible.

    Args:
        name: The example's name.
        vary: The values to try, by name.
        options: What else was asked, checked.
        seeds: How many seeds.
        tensorboard: Folder for TensorBoard's logs, if any.
        jobs: How many processes, if that was asked.

    Raises:
        InputError: The example cannot be varied like this.
    """

    def __init__(
        self,
        name: str,
        vary: Mapping[str, Sequence[Any]],
        options: Options,
        seeds: int,
        tensorboard: str | os.PathLike[str] | None,
        jobs: int | None,
    ) -> None:
        self._example = catalogue.load(name)
        self._options, self._seeds = options, seeds
        self._tensorboard = None if tensorboard is None else Path(tensorboard)
        options.check_example(self._example)
        self._settings = settings(self._example, vary)
        for setting in self._settings:
            applied(setting, options).check(name)
        # One seed of every setting first: an interrupted comparison then still compares.
        self._tasks = [(setting, seed) for seed in range(seeds) for setting in self._settings]
        self._jobs = min(int(jobs or _default_jobs()), len(self._tasks))
        self._name = f"{name}-by-{'-'.join(vary)}".replace("_", "-")

    def carry_out(self, *, verbose: bool) -> Comparison:
        """Trains, and saves what comes of it.

        Args:
            verbose: Whether to show progress on stderr.

        Raises:
            InputError: The data cannot be had, or an output folder cannot be written.
            RunError: Not one run was completed, or the results cannot be saved.
            KeyboardInterrupt: Ctrl-C, before any run had ended.
        """
        data = self._load()
        with Output(self._name, Path(self._options.plots), Path(self._options.runs)) as output:
            results, status = self._train(data, verbose=verbose)
            if not any(result.status == "complete" for result in results):
                raise RunError(
                    f"not one run of {self._name} was completed, so nothing was saved; the first, "
                    f"{label(results[0].setting)}, {results[0].trouble('en').rstrip('.')}."
                )
            try:
                return self._save(results, status, data, output)
            except OSError as error:
                raise RunError(
                    f"cannot write results of {self._name}: {error.strerror or error}; "
                    f"what was in {str(output.folder)!r} before is intact. Make room and run again."
                ) from error

    def _load(self) -> Dataset:
        """Loads the data once, so that what is missing is told before anything is trained."""
        load, options = self._example.load_data, self._options
        if "data" not in inspect.signature(load).parameters:
            return load()
        return load(data=options.data, data_dir=options.data_dir)

    def _train(self, data: Dataset, *, verbose: bool) -> tuple[list[Result], str]:
        # All processes are to train on what was found here, wherever they would find it.
        source = "stand-in" if data.stand_in else "real" if data.source != "computed" else "auto"
        options = dataclasses.replace(self._options, data=source)
        asked = [self._request(number, options) for number in range(len(self._tasks))]
        epochs = [int(one["options"]["epochs"] or self._example.epochs) for one in asked]
        found: dict[int, Result] = {}
        status = "complete"
        with Crew(self._jobs, asked) as crew, Progress(self._name, epochs, verbose=verbose) as show:
            try:
                for number, reply in crew.replies():
                    if "epoch" in reply:
                        show.move(number, reply["epoch"])
                    else:
                        found[number] = Result.of(*self._tasks[number], reply)
                        show.end(number, found[number])
            except KeyboardInterrupt:
                if not found:
                    raise
                status = "interrupted"
        order = [label(setting) for setting in self._settings]
        results = sorted(
            found.values(), key=lambda one: (order.index(label(one.setting)), one.seed)
        )
        return results, status

    def _request(self, number: int, options: Options) -> Request:
        setting, seed = self._tasks[number]
        own = dataclasses.asdict(applied(setting, dataclasses.replace(options, seed=seed)))
        paths = ("data_dir", "plots", "runs")
        logs = None
        if self._tensorboard is not None:
            logs = _make(self._tensorboard / label(setting).replace("/", "_") / f"seed-{seed}")
        return {
            "name": self._example.name,
            "options": {
                **own,
                **{path: os.fspath(own[path]) for path in paths if own[path] is not None},
            },
            "logs": logs,
        }

    def _save(
        self, results: list[Result], status: str, data: Dataset, output: Output
    ) -> Comparison:
        lang = self._options.lang
        figure = f"{self._name}.png"
        with style(lang):
            drawn = draw(self._example, results, lang)
            note(drawn, *self._caption(data))
            drawn.savefig(output.plot(figure))
        heading = f"# {self._example.title[lang]}\n\n{self._caption(data)[0]}\n"
        words = table(results, lang)
        output.path("compare.md").write_text(f"{heading}\n{words}\n", encoding="utf-8")
        write_csv(output.path("compare.csv"), results)
        write_record(output.path("compare.json"), self._record(results, status))
        output.commit(last="compare.json")
        files = ("compare.md", "compare.csv", "compare.json")
        return Comparison(
            name=self._name,
            status=status,
            results=results,
            table=words,
            files=(output.plots / figure, *(output.folder / file for file in files)),
        )

    def _caption(self, data: Dataset) -> tuple[str, bool]:
        last = self._seeds - 1
        caption = {
            "en": f"seeds 0 to {last}: mean, and from the smallest to the largest",
            "zh": f"随机种子 0 至 {last}：平均值，以及最小值至最大值",
        }[self._options.lang]
        if not last:
            caption = {"en": "seed 0", "zh": "随机种子 0"}[self._options.lang]
        if not data.stand_in:
            return caption, False
        warning = {
            "en": f"STAND-IN DATA drawn by code, not the real {data.name}; ",
            "zh": f"替代数据：由程序绘制，不是真实的 {data.name}；",
        }[self._options.lang]
        return warning + caption, True

    def _record(self, results: list[Result], status: str) -> dict[str, Any]:
        return {
            "comparison": self._name,
            "status": status,
            "command": self._command(),
            "runs": [
                {
                    "setting": dict(result.setting),
                    "seed": result.seed,
                    "status": result.status,
                    "error": result.error,
                    "record": result.record,
                }
                for result in results
            ],
        }

    def _command(self) -> str:
        """Returns the command that repeats this, but for folders, which differ by machine."""
        options, default = self._options, Options()
        words = ["keras-examples", "compare", self._example.name]
        for name in self._settings[0]:
            values = dict.fromkeys(
                hyperparameters.spell({name: one[name]}) for one in self._settings
            )
            spelt = ",".join(value.partition("=")[2] for value in values)
            words += ["--vary", f"{name}={spelt}"]
        words += ["--seeds", str(self._seeds)]
        for name in ("epochs", "batch_size", "data", "rescale", "lang"):
            value = getattr(options, name)
            if value != getattr(default, name):
                words.append(f"--{name.replace('_', '-')}")
                words += [] if value is True else [str(value)]
        return shlex.join(words)


def _default_jobs() -> int:
    if tf.config.list_physical_devices("GPU"):  # it is one that they would have to share
        return 1
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _make(folder: Path) -> str:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"cannot make the folder {str(folder)!r} for TensorBoard's logs ({error.strerror}); "
            "name one that can be written (--tensorboard)."
        ) from None
    return str(folder)
