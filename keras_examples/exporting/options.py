"""The options of an export, each declared once."""

from __future__ import annotations

from dataclasses import dataclass

from keras_examples.core.files import PathLike
from keras_examples.core.options import option
from keras_examples.exporting import runtimes
from keras_examples.exporting.web import DTYPES

FORMATS = ("web", *runtimes.FORMATS)


@dataclass(frozen=True, kw_only=True)
class ExportOptions:
    """What `export()` takes."""

    format: str = option(
        "web",
        "What to write: `web`, for the pages of the course (NAME.json and NAME.bin); `onnx` "
        "(NAME.onnx); `litert`, for phones and small devices (NAME.tflite); `savedmodel`, for "
        "TensorFlow (a folder NAME) (default: web).",
        "写成什么格式：`web`，用于课程网页（NAME.json 和 NAME.bin）；`onnx`（NAME.onnx）；"
        "`litert`，用于手机和小型设备（NAME.tflite）；`savedmodel`，用于 TensorFlow（文件夹 NAME）"
        "（默认为 web）。",
        choices=FORMATS,
        metavar="FORMAT",
    )
    output: PathLike = option(
        "exports",
        "Folder to write to (default: exports).",
        "写入的文件夹（默认为 exports）。",
        metavar="DIR",
    )
    dtype: str | None = option(
        None,
        "What the web format stores weights as: `int16`, with a scale for each unit; `float16`, as "
        "large and less exact; `float32`, twice as large (default: int16).",
        "web 格式中权重的类型：`int16`，每个单元有一个比例；`float16`，大小相同，精度较低；"
        "`float32`，大一倍（默认为 int16）。",
        choices=DTYPES,
        metavar="TYPE",
    )
    runs: PathLike = option(
        "runs",
        "Folder of the runs (default: runs).",
        "运行的文件夹（默认为 runs）。",
        metavar="DIR",
    )
    force: bool = option(False, "Replace what is there.", "替换已有的文件。")
