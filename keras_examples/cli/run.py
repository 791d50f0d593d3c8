"""The command `keras-examples run`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keras_examples.cli import language
from keras_examples.cli.arguments import EXAMPLE, add_options
from keras_examples.cli.side_by_side import SideBySide, interrupted
from keras_examples.core import Text, catalogue
from keras_examples.core.console import announce
from keras_examples.core.machine import count_cores
from keras_examples.core.options import option
from keras_examples.core.signals import INTERRUPTED
from keras_examples.core.text import say
from keras_examples.core.threads import prepare
from keras_examples.datasets.sharing import sharing
from keras_examples.runner import run
from keras_examples.runner.options import Options

# What a record says in English.
_STATUS = {"complete": "已完成", "interrupted": "已中断"}
_SOURCES = {
    "folder": "文件夹",
    "cache": "缓存",
    "download": "下载",
    "stand-in": "替代数据",
    "computed": "计算得到",
    "images": "图片文件夹",
}


@dataclass(frozen=True, kw_only=True)
class RunOptions(Options):
    """What the command takes."""

    jobs: int | None = option(
        None,
        "Number of examples to train side by side, if there are several, the longest first. If one "
        "fails, those in training are completed, and no other is started (default: one per core; "
        "with a GPU or --strategy, one).",
        "有多个示例时，同时训练几个，耗时最长的先开始。若有一个失败，正在训练的会做完，"
        "不再开始新的（默认：每个核一个；有 GPU 或 --strategy 时为一个）。",
        least=1,
        repeat=False,
    )


def add(commands: Any) -> None:
    """Adds the command to the parser's commands."""
    parser = commands.add_parser(
        "run",
        help=say(
            "train examples and save their figures, record and model",
            "训练示例，保存图、记录和模型",
        ),
        description=say(
            "Trains each example on its data and saves its figures to the plots folder, "
            "and its history.csv, model.keras and run.json to a folder of its own in the runs "
            "folder. Without options everything is as in the article. Ctrl-C stops after the "
            "current epoch and saves what there is.",
            "在相应的数据上训练每个示例，把图保存到图文件夹，把 history.csv、model.keras "
            "和 run.json 保存到运行文件夹中它自己的文件夹。不加选项时，一切与文章一致。"
            "按 Ctrl-C 会在当前这一轮结束后停止，并保存已有的结果。",
        ),
    )
    more = Text(", or: all", "，或 all（全部示例）")
    parser.add_argument("names", nargs="+", metavar="NAME", help=str(EXAMPLE + more))
    add_options(parser, RunOptions)
    parser.set_defaults(command=run_examples)


def run_examples(names: list[str], jobs: int | None, **options: Any) -> int:
    """Runs examples; returns the exit code."""
    options["lang"] = language.of_figures(options["lang"])
    if options["strategy"] is None:
        prepare()
    chosen = list(dict.fromkeys(catalogue.resolve(name) for name in names if name != "all"))
    everything = "all" in names
    if everything:
        chosen = catalogue.names()
    if len(chosen) == 1:
        return _one_by_one({chosen[0]: options}, options)
    if options["strategy"] is None and (jobs or count_cores()) > 1:
        both = SideBySide(chosen, options, leave_out=everything, summarise=_summarise)
        return both.run(jobs)
    # A mistake in the options of the last must show before the first is trained.
    from keras_examples.runner.planning import plan

    plans = plan(chosen, Options(**options), leave_out=everything)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, sharing(Path(folder)):
        return _one_by_one({name: plans[name] for name in chosen}, options)


def _one_by_one(plans: Mapping[str, dict[str, Any]], options: Mapping[str, Any]) -> int:
    for name, plan in plans.items():
        if plan["strategy"] != options["strategy"] and _follows():
            continue  # an example without training: the chief alone draws it
        done = run(name, **plan)
        if done.is_chief:
            _summarise(done.record, done.folder, done.figures)
        if done.status == "interrupted":
            if done.is_chief and not plan["plain"]:
                announce(*interrupted(name))
            return INTERRUPTED
    return 0


def _follows() -> bool:
    """Returns whether another machine, the chief, saves the results of training together."""
    if not os.environ.get("TF_CONFIG"):
        return False
    from keras_examples.runner.distributed.cluster import read_tf_config

    return not read_tf_config().is_chief


def _summarise(record: Mapping[str, Any], folder: Path, figures: Sequence[Path]) -> None:
    name, status, data = record["example"], record["status"], record["data"]
    metrics = "  ".join(f"{metric} {value:.4g}" for metric, value in record["metrics"].items())
    seconds = f"{record['seconds']['total']:.1f}"
    ended = _STATUS.get(status, status)
    print(
        say(
            f"{name}: {status} in {seconds} s  {metrics}",
            f"{name}：{ended}，用时 {seconds} 秒  {metrics}",
        )
    )
    source = _SOURCES.get(data["source"], data["source"])
    print(
        say(
            f"  data     {data['name']} ({data['source']})",
            f"  数据     {data['name']}（{source}）",
        )
    )
    for figure in figures:
        print(say(f"  figure   {figure}", f"  图       {figure}"))
    files = ("history.csv", "model.keras", "run.json")
    saved = ", ".join(str(folder / file) for file in files if (folder / file).exists())
    print(say(f"  saved    {saved}", f"  已保存   {saved}"), flush=True)
