"""The command `keras-examples export`: arguments and messages, nothing else."""

from __future__ import annotations

from typing import Any

from keras_examples.cli.arguments import add_example, add_language, add_options
from keras_examples.core.text import say
from keras_examples.exporting import ExportOptions, export


def add(commands: Any) -> None:
    """Adds the command to the parser's commands."""
    parser = commands.add_parser(
        "export",
        help=say("write what was trained, for use elsewhere", "导出训练好的网络，供别处使用"),
        description=say(
            "Writes the network of the last run of an example for the browser, for ONNX, for "
            "LiteRT or for TensorFlow. NAME-augmented is the one trained by its recipe of that "
            'name. ONNX needs `pip install "keras-examples[export]"`.',
            "导出示例最近一次运行训练出的网络，用于浏览器、ONNX、LiteRT 或 TensorFlow。"
            "NAME-augmented 是用该名称的配方训练出的网络。"
            'ONNX 需要 `pip install "keras-examples[export]"`。',
        ),
    )
    add_example(parser)
    add_options(parser, ExportOptions)
    add_language(parser)
    parser.set_defaults(command=_export)


def _export(name: str, lang: str | None, **options: Any) -> int:
    for path in export(name, **options):
        print(say(f"written: {path}", f"已写出：{path}"))
    return 0
