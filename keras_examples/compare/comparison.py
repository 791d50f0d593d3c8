"""One comparison, from the values to vary to the files that it saves."""

from __future__ import annotations

import dataclasses
import os
import shlex
from pathlib import Path
from typing import Any

import tensorflow as tf

from keras_examples.compare.figure import draw
from keras_examples.compare.options import CompareOptions, Comparison
from keras_examples.compare.progress import RunsProgress
from keras_examples.compare.results import Result, table, write_csv
from keras_examples.compare.settings import Setting, apply, label, settings
from keras_examples.core import InputError, RunError, Text, catalogue
from keras_examples.core.files import portable_name, reason, write_whole
from keras_examples.core.machine import count_cores
from keras_examples.core.options import words
from keras_examples.datasets import Dataset
from keras_examples.figures.style import add_footnote, style
from keras_examples.runner import overrides
from keras_examples.runner.drawing import stand_in_warning
from keras_examples.runner.options import Options, TrainingOptions
from keras_examples.runner.output import Output
from keras_examples.runner.processes.pool import ProcessPool, Request, is_last
from keras_examples.runner.record import write_record


class ComparisonTask:
    """A comparison, checked and ready to run.

    Args:
        name: The example's name.
        options: What to compare, checked.

    Raises:
        InputError: The example cannot be varied like this.
    """

    def __init__(self, name: str, options: CompareOptions) -> None:
        self._example, self._options = catalogue.load(name), options
        shared = [field.name for field in dataclasses.fields(TrainingOptions)]
        self._common = Options(**{one: getattr(options, one) for one in shared}, verbose=False)
        self._common.check_example(self._example)
        self._settings = settings(self._example, options.vary)
        for setting in self._settings:
            apply(setting, self._common).check(name)
        # One seed of every setting first, so that an interrupted comparison still compares.
        seeds = range(int(options.seeds))
        self._runs = [(setting, seed) for seed in seeds for setting in self._settings]
        self._jobs = min(int(options.jobs or _default_jobs()), len(self._runs))
        self._name = f"{name}-by-{'-'.join(options.vary)}".replace("_", "-")

    def run(self) -> Comparison:
        """Trains, and saves the results.

        Raises:
            InputError: The data cannot be loaded, or an output folder cannot be written.
            RunError: No run was completed, or the results cannot be saved.
            KeyboardInterrupt: Ctrl-C, before any run had finished.
        """
        options = self._options
        # Once here, so that missing data are reported before anything is trained.
        data = self._example.load(data=options.data, data_dir=options.data_dir)
        with Output(self._name, Path(options.plots), Path(options.runs)) as output:
            results, status = self._train(data)
            if not any(result.status == "complete" for result in results):
                first, problem = label(results[0].setting), results[0].problem
                raise RunError(
                    f"no run of {self._name} was completed, so nothing was saved; the first, "
                    f"{first}, {problem.en.rstrip('.')}.",
                    f"{self._name} 没有一次运行完成，因此什么也没有保存；"
                    f"第一次是 {first}，{problem.zh.rstrip('。.')}。",
                )
            output.renew()
            try:
                return self._save(results, status, data, output)
            except OSError as error:
                output.check()
                why, folder = reason(error), str(output.folder)
                raise RunError(
                    f"cannot write results of {self._name}: {why.en}; what was in {folder!r} "
                    "before is intact. Free some space and run it again.",
                    f"无法写入 {self._name} 的结果：{why.zh}；{folder!r} 中原有的内容完好无损。"
                    "请腾出一些空间，然后重新运行。",
                ) from error

    def _train(self, data: Dataset) -> tuple[list[Result], str]:
        # All processes have to train on the data that were found here.
        source = "stand-in" if data.stand_in else "real" if data.source != "computed" else "auto"
        common = dataclasses.replace(self._common, data=source)
        requests = [self._request(*one, common) for one in self._runs]
        epochs = [int(each["options"]["epochs"] or self._example.epochs) for each in requests]
        finished: dict[int, Result] = {}
        status = "complete"
        with (
            ProcessPool(self._jobs, requests) as pool,
            RunsProgress(self._name, epochs, verbose=self._options.verbose) as progress,
        ):
            try:
                for number, reply in pool.replies():
                    if "epoch" in reply:
                        progress.move(number, reply["epoch"])
                    elif is_last(reply):
                        finished[number] = Result.of(*self._runs[number], reply)
                        progress.end(number, finished[number])
            except KeyboardInterrupt:
                if not finished:
                    raise
                status = "interrupted"
        order = [label(setting) for setting in self._settings]
        results = sorted(
            finished.values(), key=lambda one: (order.index(label(one.setting)), one.seed)
        )
        return results, status

    def _request(self, setting: Setting, seed: int, common: Options) -> Request:
        options = dataclasses.asdict(apply(setting, dataclasses.replace(common, seed=seed)))
        for folder in ("data_dir", "plots", "runs"):
            options[folder] = options[folder] and os.fspath(options[folder])
        logs = self._options.tensorboard
        if logs is not None:
            logs = _make(Path(logs) / portable_name(label(setting)) / f"seed-{seed}")
        return {"task": "train", "name": self._example.name, "options": options, "logs": logs}

    def _save(
        self, results: list[Result], status: str, data: Dataset, output: Output
    ) -> Comparison:
        lang = self._options.lang
        figure, caption = f"{self._name}.png", self._caption(data)[lang]
        with style(lang):
            drawn = draw(self._example, results, lang)
            add_footnote(drawn, caption, warning=data.stand_in)
            drawn.savefig(output.plot(figure))
        compared = table(results, lang)
        page = f"# {self._example.title[lang]}\n\n{caption}\n\n{compared}\n"
        write_whole(output.path("compare.md"), page)
        write_csv(output.path("compare.csv"), results)
        write_record(output.path("compare.json"), self._record(results, status))
        output.commit(last="compare.json")
        files = ("compare.md", "compare.csv", "compare.json")
        return Comparison(
            name=self._name,
            status=status,
            results=results,
            table=compared,
            files=(output.plots / figure, *(output.folder / file for file in files)),
        )

    def _caption(self, data: Dataset) -> Text:
        last = int(self._options.seeds) - 1
        caption = Text("seed 0", "随机种子 0")
        if last:
            caption = Text(
                f"seeds 0 to {last}: mean, and from the smallest to the largest",
                f"随机种子 0 至 {last}：平均值，以及最小值至最大值",
            )
        if not data.stand_in:
            return caption
        return stand_in_warning(data.name) + Text("; ", "；") + caption

    def _record(self, results: list[Result], status: str) -> dict[str, Any]:
        runs = [
            {
                "setting": dict(result.setting),
                "seed": result.seed,
                "status": result.status,
                "error": result.error.en,
                "record": result.record,
            }
            for result in results
        ]
        return {
            "comparison": self._name,
            "status": status,
            "command": self._command(),
            "runs": runs,
        }

    def _command(self) -> str:
        """Returns the command that repeats it, except for folders, which differ by machine."""
        varied = []
        for name in self._settings[0]:
            values = dict.fromkeys(overrides.spell({name: one[name]}) for one in self._settings)
            spelt = ",".join(value.partition("=")[2] for value in values)
            varied += ["--vary", f"{name}={spelt}"]
        seeds = ["--seeds", str(self._options.seeds)]
        example = self._example.name
        return shlex.join(
            ["keras-examples", "compare", example, *varied, *seeds, *words(self._common)]
        )


def _default_jobs() -> int:
    # Several processes would have to share one GPU.
    return 1 if tf.config.list_physical_devices("GPU") else count_cores()


def _make(folder: Path) -> str:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = reason(error)
        raise InputError(
            f"cannot create the folder {str(folder)!r} for TensorBoard's logs ({why.en}); choose a "
            "writable one (--tensorboard).",
            f"无法为 TensorBoard 的日志创建文件夹 {str(folder)!r}（{why.zh}）；"
            "请另选一个可写的文件夹（--tensorboard）。",
        ) from None
    return str(folder)
