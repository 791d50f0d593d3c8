"""What happens to an example: training, figures, record. Nothing here knows any one example."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from keras_examples.runner.options import Options
from keras_examples.runner.result import Run

__all__ = ["Run", "run"]


def run(
    name: str,
    *,
    epochs: int | None = None,
    batch_size: int | None = None,
    seed: int = 0,
    data: str = "auto",
    data_dir: str | os.PathLike[str] | None = None,
    rescale: bool = False,
    fast: bool = False,
    lang: str = "en",
    plots: str | os.PathLike[str] = "plots",
    runs: str | os.PathLike[str] = "runs",
    plain: bool = False,
    resume: bool = False,
    strategy: str | None = None,
    hyperparameters: Mapping[str, Any] | None = None,
    verbose: bool = True,
) -> Run:
    """Trains an example and saves its figures, its record and its model.

    Args:
        name: An example, such as `"mnist-cnn"`; `keras-examples list` shows all.
        epochs: How often to go over the training data, at least 1. The article's number by default.
        batch_size: Samples a step, at least 1. The article's number by default.
        seed: Whole number from 0 to 4294967295 that fixes the first weights and the order of the
            batches. On one machine, one seed gives one result, to the bit.
        data: `"auto"` takes the real data from wherever it is found, and a stand-in if nowhere;
            `"real"` fails instead; `"stand-in"` takes the stand-in.
        data_dir: Folder that holds `mnist/` and `fashion-mnist/` with their IDX files. By default
            the environment variable `KERAS_EXAMPLES_DATA`, if it is set.
        rescale: Whether pixels are divided by 255 first. The articles leave them at 0 to 255.
        fast: Whether to take the example's recipe for speed, if it has one, instead of the
            article's. It is saved beside the article's, under a name of its own.
        lang: Language of the figures, `"en"` or `"zh"`.
        plots: Folder for the figures.
        runs: Folder in which the example's own folder gets `history.csv`, `model.keras` and
            `run.json`.
        plain: Whether to train by Keras's `fit` on NumPy arrays, as the articles' scripts do,
            instead of the faster pipeline; the mathematics are the same.
        resume: Whether to go on with a run that was cut off, from its last complete epoch; it ends
            as if nothing had happened, to the bit. A run that is complete is left as it is, and
            where there is none, one is started.
        strategy: `"mirrored"` shares each batch among all devices of this machine,
            `"multi-worker"` among the machines that the environment variable `TF_CONFIG` lists;
            the batch size is that of all together. None trains on one device. It must be the first
            that a process asks of TensorFlow.
        hyperparameters: Arguments of the example's `build_model` to change, by name, such as
            `{"learning_rate": 0.01}`; as in the article by default.
        verbose: Whether to show progress on stderr.

    Returns:
        A `Run`: the trained model, its history, metrics, and the paths of what was saved. Of
        several machines only the first, the chief, saves; the others' `Run` has only the model.

    Raises:
        InputError: Something that was asked for cannot be done; nothing was changed.
        RunError: Training or saving broke; what was saved before is intact.

    Example:
        >>> from keras_examples import run
        >>> run("sine-rnn", epochs=5).history["loss"]
    """
    options = Options(
        epochs=epochs,
        batch_size=batch_size,
        seed=seed,
        data=data,
        data_dir=data_dir,
        rescale=rescale,
        fast=fast,
        lang=lang,
        plots=plots,
        runs=runs,
        plain=plain,
        resume=resume,
        strategy=strategy,
        hyperparameters=hyperparameters or {},
    )
    options.check(name)
    # Only now, with nothing left to find wrong in what was asked, is TensorFlow worth its seconds.
    from keras_examples.core import console
    from keras_examples.runner.clock import Clock

    clock = Clock()
    with clock("import"), console.quiet():
        from keras_examples.runner.job import Job
    return Job(name, options, clock, verbose=verbose).run()
