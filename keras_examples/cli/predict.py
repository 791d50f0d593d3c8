"""The commands `keras-examples predict` and `forecast`: arguments and messages, nothing else."""

from __future__ import annotations

import argparse
import json as json_format
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_examples.cli import language
from keras_examples.cli.arguments import (
    add_example,
    add_force,
    add_language,
    add_options,
    reading,
)
from keras_examples.cli.chinese import columns, padded
from keras_examples.core import InputError, RunError, Text, catalogue
from keras_examples.core.console import announce
from keras_examples.core.files import check_output, portable_name, reason, replacing
from keras_examples.core.options import Option
from keras_examples.core.text import say, spoken
from keras_examples.inference import (
    LARGEST_STEPS,
    Prediction,
    forecast,
    own_series,
    predict,
    require,
)
from keras_examples.inference.series import check_series, read_series
from keras_examples.runner.options import TrainingOptions

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure

_MARK = "keras-examples"  # in a figure's metadata


def add_predict(commands: Any) -> None:
    """Adds the command `predict` to the parser's commands."""
    parser = commands.add_parser(
        "predict",
        help=say(
            "classify your own pictures with a trained network",
            "用训练好的网络识别自己的图片",
        ),
        description=say(
            "Prints the three most likely classes of each picture with their probabilities. A "
            "phone photo of one digit, or of one garment on a plain background, will do: the digit "
            "or garment is found, cropped and resized to 28×28 pixels like those of the training "
            "data. The network is that of the last run of the example; NAME-augmented is the one "
            "trained by its recipe of that name.",
            "输出每张图片最可能的三个类别及其概率。用手机拍一个数字，或纯色背景上的一件服装就可以："
            "程序会找到它，裁剪并缩放成 28×28 像素，与训练数据一样。"
            "所用网络来自该示例的最近一次运行；NAME-augmented 是用同名配方训练的网络。",
        ),
    )
    add_example(parser, catalogue.declaring("reads"))
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help=say(
            "a picture: PNG, JPEG, WebP, GIF, BMP or TIFF",
            "一张图片：PNG、JPEG、WebP、GIF、BMP 或 TIFF",
        ),
    )
    parser.add_argument(
        "--explain",
        action="store_true",
        help=say(
            "save a figure for each picture: the picture, what the network saw, its prediction",
            "为每张图片保存一张图：原图、网络看到的样子、预测",
        ),
    )
    _add_common(parser)
    parser.set_defaults(command=_predict)


def add_forecast(commands: Any) -> None:
    """Adds the command `forecast` to the parser's commands."""
    parser = commands.add_parser(
        "forecast",
        help=say(
            "continue your own series with a trained recurrent network",
            "用训练好的循环神经网络延续自己的序列",
        ),
        description=say(
            "Prints how a series continues, one number per line, and saves a figure of it. "
            "The network learned a wave from -1 to 1: a series is scaled to that range, and the "
            "forecasts are scaled back. The network is that of the last run of the example.",
            "输出序列如何延续，每行一个数，并保存一张图。网络学的是 -1 到 1 之间的波："
            "序列先缩放到这个范围，预测值再缩放回去。所用网络来自该示例的最近一次运行。",
        ),
    )
    add_example(parser, catalogue.declaring("series"))
    parser.add_argument(
        "--steps",
        type=reading(Option(help=Text("", ""), least=1, most=LARGEST_STEPS)),
        default=200,
        metavar="N",
        help=say("how many values to forecast (default: 200)", "预测多少个值（默认：200）"),
    )
    parser.add_argument(
        "--csv",
        metavar="FILE",
        help=say(
            "the series so far, one number per line, with or without a heading (default: the sine "
            "that the network learned)",
            "已有的序列，每行一个数，有无标题行均可（默认：网络学过的正弦波）",
        ),
    )
    _add_common(parser)
    parser.set_defaults(command=_forecast)


def _add_common(parser: argparse.ArgumentParser) -> None:
    json = say("print JSON, for other programs", "输出 JSON，供其他程序使用")
    parser.add_argument("--json", action="store_true", help=json)
    parser.add_argument(
        "--model",
        metavar="PATH",
        help=say(
            "a .keras file (default: that of the last run)",
            "一个 .keras 文件（默认：最近一次运行的模型）",
        ),
    )
    add_options(parser, TrainingOptions, only=["plots", "runs"])
    add_language(parser)
    add_force(parser, Text("figure of that name", "同名图"))


def _predict(
    name: str,
    files: list[str],
    *,
    explain: bool,
    json: bool,
    model: str | None,
    lang: str | None,
    plots: str,
    runs: str,
    force: bool,
) -> int:
    name = require(name, "reads")
    lang = language.of_figures(lang) if explain else lang or spoken()
    figures = _figures(name, files, plots) if explain else []
    if explain:
        _check_figures(lang, plots, figures, force=force)
    predictions = predict(name, files, model=model, runs=runs, lang=lang)
    if explain:
        # Another model may be of other data than the title says.
        title = name if model else catalogue.load(name).title[lang]
        _explain(title, predictions, lang, figures)
    if json:
        _print_json([_as_json(prediction) for prediction in predictions])
        return 0
    for prediction in predictions:
        print(f"{prediction.file}: {prediction.top[0][0]}")
        width = max(columns(label) for label, _ in prediction.top)
        for label, chance in prediction.top:
            print(f"  {padded(label, width)}  {chance:6.1%}")
    for figure in figures:
        print(say(f"  figure   {figure}", f"  图       {figure}"))
    return 0


def _as_json(prediction: Prediction) -> dict[str, Any]:
    top = [{"label": label, "probability": round(chance, 6)} for label, chance in prediction.top]
    return {"file": prediction.file, "top": top}


def _figures(name: str, files: list[str], plots: str) -> list[Path]:
    """Returns the path of each picture's figure."""
    paths: list[Path] = []
    for file in files:
        stem = f"{name}-explain-{portable_name(Path(file).stem)}"
        path, number = Path(plots) / f"{stem}.png", 2
        while path in paths:  # pictures of the same name from several folders
            path, number = path.with_name(f"{stem}-{number}.png"), number + 1
        paths.append(path)
    return paths


def _explain(title: str, predictions: list[Prediction], lang: str, paths: list[Path]) -> None:
    from keras_examples.figures.explaining import explanation
    from keras_examples.figures.style import style

    with style(lang, foreign=True):
        for prediction, path in zip(predictions, paths, strict=True):
            _save(explanation(prediction, title, lang), path)


def _forecast(
    name: str,
    *,
    steps: int,
    csv: str | None,
    json: bool,
    model: str | None,
    lang: str | None,
    plots: str,
    runs: str,
    force: bool,
) -> int:
    name = require(name, "series")
    path, lang = Path(plots) / f"{name}-continued.png", language.of_figures(lang)
    _check_figures(lang, plots, [path], force=force)
    series = None if csv is None else check_series(read_series(csv))
    values = forecast(name, steps=steps, series=series, model=model, runs=runs)
    known = own_series(name) if series is None else series
    _draw_forecast(name, known, values, lang, path)
    if json:
        _print_json([float(f"{value:.7g}") for value in values])
    else:
        print("\n".join(f"{value:.7g}" for value in values))
    announce(
        f"  figure   {path}", f"  图       {path}"
    )  # what is on stdout can be read back by --csv
    return 0


def _draw_forecast(name: str, known: np.ndarray, values: np.ndarray, lang: str, path: Path) -> None:
    from keras_examples.figures.explaining import continuation
    from keras_examples.figures.style import style

    with style(lang):
        figure = continuation(known, values, catalogue.load(name).title[lang], lang)
        _save(figure, path)


def _check_figures(lang: str, plots: str, paths: list[Path], *, force: bool) -> None:
    """Checks that figures can be drawn and saved, before anything takes time."""
    from keras_examples.figures import fonts

    fonts.require(lang)
    if (folder := Path(plots)).exists() and not folder.is_dir():
        raise InputError(
            f"{plots!r} is a file, expected a folder for figures; choose one (--plots).",
            f"{plots!r} 是文件，应为存放图的文件夹；请另选一个（--plots）。",
        )
    for path in paths:
        check_output(path, _MARK, force=force)


def _save(figure: Figure, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as partial:
            figure.savefig(partial, format="png", metadata={"Software": _MARK})
    except OSError as error:
        raise RunError(
            f"cannot write {str(path)!r} ({reason(error).en}); choose a writable folder (--plots).",
            f"无法写入 {str(path)!r}（{reason(error).zh}）；请选一个可写的文件夹（--plots）。",
        ) from None


def _print_json(value: Any) -> None:
    print(json_format.dumps(value, indent=2))  # ASCII, which programs read alike everywhere
