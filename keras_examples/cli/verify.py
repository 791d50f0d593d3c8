"""The command `keras-examples verify`."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from keras_examples import verification
from keras_examples.cli.arguments import EXAMPLE, add_language, add_options
from keras_examples.cli.chinese import padded
from keras_examples.cli.run import RunOptions
from keras_examples.cli.side_by_side import SideBySide
from keras_examples.core import InputError, RunError, Text, catalogue
from keras_examples.core.text import say
from keras_examples.core.threads import prepare

_HELP = Text(
    "Look at the data (a damaged copy?), at the versions of the packages (`pip install -c "
    "constraints.txt` has the published ones), at another seed (`keras-examples run {name} --seed "
    "1`).",
    "请检查数据（副本是否损坏）、各软件包的版本（`pip install -c constraints.txt` "
    "可装上发布时的版本），再换一个随机种子试试（`keras-examples run {name} --seed 1`）。",
)

_JUDGED = {
    True: Text("agrees", "一致"),
    False: Text("DIFFERS", "不一致"),
    None: Text("not judged: one seed is published", "无法判断：只发布了一个随机种子"),
}


def add(commands: Any) -> None:
    """Adds the command to the parser's commands."""
    parser = commands.add_parser(
        "verify",
        help=say("repeat the published runs, and compare", "重复已发布的运行，并加以对照"),
        description=say(
            "Repeats the published runs on this machine, on the real data, and prints line by line "
            "what was published and what was found: the weights to the bit where processor and "
            "versions are the published ones, else each metric beside the range in which a run "
            "with another seed is expected. Ends with 1 if one is outside. Nothing is saved.",
            "在本机用真实数据重复已发布的运行，逐行列出发布的结果和本机得到的结果：处理器和版本与发布时相同的，"
            "权重逐位对照；否则把每个指标与更换随机种子时预期的范围对照。"
            "若有一项在范围之外，退出码为 1。不保存任何文件。",
        ),
    )
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=str(EXAMPLE + Text(", or: all (default: all)", "，或 all（默认：all）")),
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help=say(
            "only those whose published run took at most a minute",
            "只运行发布时用时不超过一分钟的示例",
        ),
    )
    add_options(parser, RunOptions, only=["data_dir", "jobs"])
    add_language(parser)
    parser.set_defaults(command=verify)


def verify(
    names: list[str], quick: bool, jobs: int | None, lang: str | None, **options: Any
) -> int:
    """Repeats runs, and prints the comparison; returns the exit code.

    Raises:
        InputError: An example is not known, or the real data cannot be loaded.
        RunError: A result is not as published.
    """
    published = verification.load()
    chosen = [catalogue.resolve(name) for name in names if name != "all"]
    if not chosen or "all" in names:
        chosen = list(published)
    if quick:
        chosen = [name for name in chosen if name in verification.quick(published)]
    if not chosen:
        raise InputError(
            "--quick: none of these ends within a minute; leave it out, or name others.",
            "--quick：这些示例都不能在一分钟内完成；请去掉它，或指定其他示例。",
        )
    if missing := ", ".join(name for name in chosen if name not in published):
        raise InputError(
            f"no run of {missing} is published; name another example.",
            f"{missing} 没有已发布的运行；请指定其他示例。",
        )
    prepare()
    outside: list[str] = []

    def compare(record: Mapping[str, Any], folder: Path, figures: Sequence[Path]) -> None:
        name = record["example"]
        for line in published[name].compare(record):
            what, published_as = padded(str(line.what), 28), padded(str(line.published), 32)
            found = f"{line.found:14} {_JUDGED[line.agrees]}"
            print(
                say(
                    f"{name:28} {what} published {published_as} found {found}",
                    f"{name:28} {what} 发布 {published_as} 本机 {found}",
                ),
                flush=True,
            )
            if line.agrees is False:
                outside.append(name)

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        defaults = RunOptions(data="real", plots=folder, runs=folder, **options)
        words = {
            field.name: getattr(defaults, field.name)
            for field in dataclasses.fields(defaults)
            if field.name != "jobs"
        }
        code = SideBySide(chosen, words, leave_out=True, summarise=compare).run(jobs)
    if outside and not code:
        found = list(dict.fromkeys(outside))
        listed, look = ", ".join(found), _HELP.format(name=found[0])
        raise RunError(
            f"not as published: {listed}. {look.en}", f"与发布的不符：{listed}。{look.zh}"
        )
    return code
