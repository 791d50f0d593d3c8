"""The command `keras-examples compare`."""

from __future__ import annotations

import argparse
from typing import Any

from keras_examples.cli import language
from keras_examples.cli.arguments import add_example, add_options
from keras_examples.core import InputError
from keras_examples.core.signals import INTERRUPTED
from keras_examples.core.text import say

_VARIED = "NAME=VALUE,VALUE,…"


def add(commands: Any) -> None:
    """Adds the command to the parser's commands."""
    from keras_examples.compare import CompareOptions

    parser = commands.add_parser(
        "compare",
        help=say(
            "train an example with several settings and seeds, and compare",
            "用多组设置和多个随机种子训练一个示例，并加以比较",
        ),
        description=say(
            "Trains every combination of the values given by --vary, each with several "
            "seeds, in processes side by side. Saves one figure with the mean and the spread of "
            "every metric to the plots folder, and a table (compare.md), all numbers (compare.csv) "
            "and a record (compare.json) to a folder of its own in the runs folder. Ctrl-C stops "
            "and saves the runs that have finished.",
            "训练 --vary 给出的取值的每种组合，每种都用多个随机种子，在多个进程中同时进行。"
            "把一张图（每个指标的均值和波动）保存到图文件夹，把表格（compare.md）、全部数值（compare.csv）"
            "和记录（compare.json）保存到运行文件夹中单独的文件夹。按 Ctrl-C 会停止，"
            "并保存已完成的运行。",
        ),
    )
    add_example(parser)
    parser.add_argument(
        "--vary",
        type=_values,
        action="append",
        required=True,
        metavar="NAME=VALUE,…",
        help=say(
            "values to try for a hyperparameter, such as learning_rate=1e-4,1e-3,1e-2, or for "
            "epochs, batch_size or rescale; repeat it for all combinations",
            "一个超参数要尝试的取值，如 learning_rate=1e-4,1e-3,1e-2，也可以是 epochs、batch_size "
            "或 rescale；多次给出则尝试所有组合",
        ),
    )
    add_options(parser, CompareOptions)
    parser.set_defaults(command=_compare)


def _values(text: str) -> tuple[str, list[str]]:
    name, _, values = text.partition("=")
    stripped = [value.strip() for value in values.split(",")]
    if "=" in values:
        once = say(
            f"got {text!r}, expected {_VARIED} with the name once; write --vary again for another "
            "name",
            f"得到 {text!r}，应为 {_VARIED}，名称只写一次；另一个名称请另写 --vary",
        )
        raise argparse.ArgumentTypeError(once)
    if not name or not all(stripped):
        raise argparse.ArgumentTypeError(
            say(f"got {text!r}, expected {_VARIED}", f"得到 {text!r}，应为 {_VARIED}")
        )
    return name.strip().replace("-", "_"), stripped


def _compare(name: str, vary: list[tuple[str, list[str]]], lang: str | None, **options: Any) -> int:
    from keras_examples.compare import compare

    values: dict[str, list[str]] = {}
    for varied, some in vary:
        if varied in values:
            every = ",".join(values[varied] + some)
            raise InputError(
                f"--vary {varied} is given twice; write --vary {varied}={every}.",
                f"--vary {varied} 给出了两次；请写成 --vary {varied}={every}。",
            )
        values[varied] = some
    comparison = compare(name, values, lang=language.of_figures(lang), **options)
    files = ", ".join(map(str, comparison.files))
    print(comparison.table)
    print(say(f"saved: {files}", f"已保存：{files}"), flush=True)
    return INTERRUPTED if comparison.status == "interrupted" else 0
