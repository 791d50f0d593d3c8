"""The command `keras-examples`: arguments and messages, nothing else."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from keras_examples import __version__
from keras_examples.cli import compare, export, language, predict, run, verify
from keras_examples.cli.arguments import (
    Parser,
    PrintCompletion,
    add_example,
    add_force,
    add_language,
    add_options,
    reading,
)
from keras_examples.core import LANGUAGES, InputError, RunError, Text, catalogue, console
from keras_examples.core.language import VARIABLE
from keras_examples.core.options import Option
from keras_examples.core.signals import INTERRUPTED, Ending
from keras_examples.core.text import say, speaking, spoken
from keras_examples.runner.options import TrainingOptions


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command.

    Args:
        arguments: The words after the command; `sys.argv`'s by default.

    Returns:
        The exit code: 0 for success, 1 for a run that failed, 2 for input that cannot be used, 130
        after Ctrl-C, 143 after SIGTERM and 129 after SIGHUP.
    """
    console.release_stderr()
    words = sys.argv[1:] if arguments is None else list(arguments)
    with Ending() as ending, console.usable_streams():
        try:
            lang = language.of_words(words)
        except InputError as error:
            console.announce_error(error.text)
            return error.exit_code
        with speaking(lang):
            return ending.exit_code(_report(words, ending))


def _report(words: Sequence[str], ending: Ending) -> int:
    """Executes a command, and reports in one line what stands in its way; returns the exit code."""
    try:
        return _execute(words)
    except (InputError, RunError) as error:
        console.announce_error(error.text)
        return error.exit_code
    except KeyboardInterrupt:
        console.announce(
            "keras-examples: interrupted; no results of the current run were saved.",
            "keras-examples：已中断；本次运行的结果没有保存。",
        )
        return INTERRUPTED
    except OSError as error:
        if console.is_closed_pipe(error) or ending.lost_terminal(error):
            return 0
        console.announce_error(Text(f"{error}.", f"{error}。"))
        return RunError.exit_code


def _execute(words: Sequence[str]) -> int:
    try:
        options = vars(make_parser().parse_args(words))
        options.pop("speak")
        command = options.pop("command")
        return int(command(**options))
    finally:  # `--help` ends the process
        sys.stdout.flush()  # here, where an error of it can still be reported


def make_parser() -> argparse.ArgumentParser:
    """Returns the parser of the whole command line."""
    parser = Parser(
        prog="keras-examples",
        description=say(
            "Trains the networks of five Chinese deep-learning articles, and saves their figures.",
            "训练五篇深度学习中文文章里的网络，并保存它们的图。",
        ),
        epilog=say(
            "Start with `keras-examples run sine-rnn`: it takes a few seconds. "
            "`keras-examples run --help` explains the options.",
            "从 `keras-examples run sine-rnn` 开始：只需几秒钟。"
            "各选项的说明见 `keras-examples run --help`。",
        ),
    )
    parser.add_argument(
        "--lang",
        dest="speak",
        choices=LANGUAGES,
        help=say(
            "language of the messages (default: that of the environment variable "
            f"{VARIABLE}, else of the locale)",
            f"提示信息的语言（默认：环境变量 {VARIABLE} 指定的语言，否则为系统区域的语言）",
        ),
    )
    parser.add_argument(
        "--print-completion",
        action=PrintCompletion,
        choices=("bash", "zsh", "tcsh"),
        default=argparse.SUPPRESS,
        help=say(
            "print a script that makes the shell complete this command",
            "输出使命令行外壳能补全本命令的脚本",
        ),
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"keras-examples {__version__}",
        help=say("print the version", "输出版本号"),
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)
    listing = commands.add_parser("list", help=say("show the examples", "列出所有示例"))
    add_language(listing)
    listing.set_defaults(command=_list)
    run.add(commands)
    verify.add(commands)
    compare.add(commands)
    _add_notebook(commands)
    predict.add_predict(commands)
    predict.add_forecast(commands)
    export.add(commands)
    _add_gallery(commands)
    _add_demo(commands)
    return parser


def _add_notebook(commands: Any) -> None:
    parser = commands.add_parser(
        "notebook",
        help=say("write a Jupyter notebook of an example", "生成一个示例的 Jupyter 笔记本"),
        description=say(
            "Writes a notebook made from the example's own module: its text, its "
            "functions, its training and its figures. It runs from top to bottom in Colab or "
            'Jupyter. Needs `pip install "keras-examples[notebook]"`.',
            "由示例自己的模块生成一个笔记本：说明、函数、训练和图，可在 Colab 或 Jupyter "
            '中从头运行到尾。需要 `pip install "keras-examples[notebook]"`。',
        ),
    )
    add_example(parser)
    parser.add_argument(
        "--output",
        metavar="FILE",
        help=say(
            "where to write it (default: notebooks/NAME.ipynb, or NAME.zh-CN.ipynb in Chinese)",
            "写到哪里（默认：notebooks/NAME.ipynb，中文为 NAME.zh-CN.ipynb）",
        ),
    )
    parser.add_argument(
        "--execute",
        action="store_true",
        help=say("run it, and write it with its outputs", "运行它，连同输出一起写入"),
    )
    add_language(parser)
    add_force(parser, Text("file", "文件"))
    parser.set_defaults(command=_notebook)


def _add_gallery(commands: Any) -> None:
    parser = commands.add_parser(
        "gallery",
        help=say("write a page of all figures", "生成一页，展示所有的图"),
        description=say(
            "Writes README.md to the plots folder: each figure of the recorded runs, with "
            "its metrics, its seed and the command that made it.",
            "在图文件夹中写入 README.md：各次运行的每张图，连同其指标、随机种子和生成它的命令。",
        ),
    )
    add_options(parser, TrainingOptions, only=["plots", "runs"])
    add_language(parser)
    add_force(parser, Text("README.md", " README.md"))
    parser.set_defaults(command=_gallery)


def _add_demo(commands: Any) -> None:
    parser = commands.add_parser(
        "demo",
        help=say("try the trained networks in the browser", "在浏览器中试用训练好的网络"),
        description=say(
            "Opens a page in the browser to draw digits, pick garments and shape sines, "
            "and see what the trained networks make of them; it offers to train those that are "
            'missing. Needs Gradio: `pip install "keras-examples[demo]"`. Ctrl-C ends it.',
            "在浏览器中打开一页，可以手写数字、挑选服装、改变正弦波，看训练好的网络如何回答；"
            '缺少的网络可以当场训练。需要 Gradio：`pip install "keras-examples[demo]"`。'
            "按 Ctrl-C 结束。",
        ),
    )
    port = Option(
        help=Text(
            "the port (default: the first free one from 7860)",
            "端口（默认：从 7860 起第一个空闲的端口）",
        ),
        least=1,
        most=65535,
    )
    parser.add_argument("--port", type=reading(port), metavar="N", help=str(port.help))
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="H",
        help=say(
            "the address to listen on (default: 127.0.0.1, which only this machine can reach)",
            "监听的地址（默认：127.0.0.1，只有本机可以访问）",
        ),
    )
    parser.add_argument(
        "--no-browser",
        dest="browser",
        action="store_false",
        help=say("do not open the browser", "不打开浏览器"),
    )
    add_options(parser, TrainingOptions, only=["data", "data_dir", "plots", "runs"])
    add_language(parser)
    parser.set_defaults(command=_demo)


def _list(lang: str | None) -> int:
    width = max(map(len, catalogue.names()))
    for title, names in catalogue.chapters():
        print(title)
        for name in names:
            print(f"  {name:{width}}  {catalogue.summary(name)}")
    return 0


def _notebook(name: str, lang: str | None, **options: Any) -> int:
    from keras_examples.notebook import write

    _written(write(name, lang=language.of_figures(lang), **options))
    return 0


def _gallery(plots: str, runs: str, lang: str | None, *, force: bool) -> int:
    from keras_examples.gallery import write

    _written(write(plots, runs, force=force))
    return 0


def _written(path: Path) -> None:
    print(say(f"written: {path}", f"已写入：{path}"))


def _demo(lang: str | None, **options: Any) -> int:
    from keras_examples.demo import serve

    return serve(lang=lang or spoken(), **options)


if __name__ == "__main__":
    raise SystemExit(main())
