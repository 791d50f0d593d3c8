"""The commands `keras-examples predict` and `forecast`: arguments and messages, nothing else."""

from __future__ import annotations

import argparse
import json as json_format
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_examples.cli.arguments import add_example, add_force, add_options, reading
from keras_examples.core import InputError, RunError, catalogue
from keras_examples.core.console import announce
from keras_examples.core.files import check_output, portable_name, reason, replacing
from keras_examples.core.options import Option
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
        help="classify your own pictures with a trained network",
        description="Prints the three most likely classes of each picture with their "
        "probabilities. A phone photo of one digit, or of one garment on a plain background, will "
        "do: the digit or garment is found, cropped and resized to 28×28 pixels like those of the "
        "training data. The network is that of the last run of the example; NAME-augmented is the "
        "one trained by its recipe of that name.",
    )
    add_example(parser, catalogue.declaring("reads"))
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="a picture: PNG, JPEG, WebP, GIF, BMP or TIFF",
    )
    parser.add_argument(
        "--explain",
        action="store_true",
        help="save a figure for each picture: the picture, what the network saw, its prediction",
    )
    _add_common(parser)
    parser.set_defaults(command=_predict)


def add_forecast(commands: Any) -> None:
    """Adds the command `forecast` to the parser's commands."""
    parser = commands.add_parser(
        "forecast",
        help="continue your own series with a trained recurrent network",
        description="Prints how a series continues, one number per line, and saves a figure of it. "
        "The network learned a wave from -1 to 1: a series is scaled to that range, and the "
        "forecasts are scaled back. The network is that of the last run of the example.",
    )
    add_example(parser, catalogue.declaring("series"))
    parser.add_argument(
        "--steps",
        type=reading(Option(help="", least=1, most=LARGEST_STEPS)),
        default=200,
        metavar="N",
        help="how many values to forecast (default: 200)",
    )
    parser.add_argument(
        "--csv",
        metavar="FILE",
        help="the series so far, one number per line, with or without a heading (default: the sine "
        "that the network learned)",
    )
    _add_common(parser)
    parser.set_defaults(command=_forecast)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON, for other programs")
    parser.add_argument(
        "--model", metavar="PATH", help="a .keras file (default: that of the last run)"
    )
    add_options(parser, TrainingOptions, only=["lang", "plots", "runs"])
    add_force(parser, "figure of that name")


def _predict(
    name: str,
    files: list[str],
    *,
    explain: bool,
    json: bool,
    model: str | None,
    lang: str,
    plots: str,
    runs: str,
    force: bool,
) -> int:
    name = require(name, "reads")
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
        width = max(len(label) for label, _ in prediction.top)
        for label, chance in prediction.top:
            print(f"  {label:{width}}  {chance:6.1%}")
    for figure in figures:
        print(f"  figure   {figure}")
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
    lang: str,
    plots: str,
    runs: str,
    force: bool,
) -> int:
    name = require(name, "series")
    path = Path(plots) / f"{name}-continued.png"
    _check_figures(lang, plots, [path], force=force)
    series = None if csv is None else check_series(read_series(csv))
    values = forecast(name, steps=steps, series=series, model=model, runs=runs)
    known = own_series(name) if series is None else series
    _draw_forecast(name, known, values, lang, path)
    if json:
        _print_json([float(f"{value:.7g}") for value in values])
    else:
        print("\n".join(f"{value:.7g}" for value in values))
    announce(f"  figure   {path}")  # what is on stdout can be read back by --csv
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
            f"{plots!r} is a file, expected a folder for figures; choose one (--plots)."
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
            f"cannot write {str(path)!r} ({reason(error)}); choose a writable folder (--plots)."
        ) from None


def _print_json(value: Any) -> None:
    print(json_format.dumps(value, indent=2))  # ASCII, which programs read alike everywhere
