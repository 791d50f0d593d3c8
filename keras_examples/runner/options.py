"""The options of a run, each declared once, and checked before anything is trained or written."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keras_examples.core import LANGUAGES, Example, InputError, catalogue
from keras_examples.core.files import PathLike
from keras_examples.core.options import check, flag, option, words
from keras_examples.datasets import images
from keras_examples.datasets.folder import expand
from keras_examples.datasets.loading import SOURCES
from keras_examples.runner import overrides

LARGEST_SEED = 2**32 - 1
# Beyond anyone's time or memory, and within the 64-bit integers that TensorFlow counts with.
LARGEST_COUNT = 10**9
RECIPES = ("fast", "augmented")  # an option each


def read_assignments(text: str) -> dict[str, str]:
    """Parses assignments such as `units=64,bias=none`.

    Raises:
        InputError: It is not of this form.
    """
    assignments: dict[str, str] = {}
    for word in text.split(","):
        name, equals, value = word.partition("=")
        if not (name and equals and value):
            raise InputError(f"got {word!r}, expected NAME=VALUE.")
        name = name.strip().replace("-", "_")
        if name in assignments:
            raise InputError(f"got {name} twice; leave out one of the two.")
        assignments[name] = value.strip()
    return assignments


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """What `run()` and `compare()` both take."""

    epochs: int | None = option(
        None,
        "Number of passes over the training data, at least 1 (default: as in the article).",
        least=1,
        most=LARGEST_COUNT,
        config=True,
    )
    batch_size: int | None = option(
        None,
        "Samples per training step, at least 1 (default: as in the article).",
        least=1,
        most=LARGEST_COUNT,
        config=True,
    )
    rescale: bool = option(
        False,
        "Divide pixels by 255 first, which the articles do not do (with `all`, examples without "
        "pixels are trained as usual).",
        config=True,
    )
    data: str = option(
        "auto",
        "`real`: the real data or an error; `stand-in`: images drawn by code, for a quick try; "
        "`auto`: the real data if it can be loaded, else the stand-in (default: auto).",
        choices=SOURCES,
    )
    data_dir: PathLike | None = option(
        None,
        "Folder that contains `mnist/` and `fashion-mnist/` with their IDX files (default: "
        "$KERAS_EXAMPLES_DATA, then the cache, then a download).",
        metavar="DIR",
        repeat=False,
    )
    lang: str = option(
        "en",
        "Language of the figures, English (`en`) or Chinese (`zh`) (default: en).",
        choices=LANGUAGES,
    )
    plots: PathLike = option(
        "plots", "Folder for figures (default: plots).", metavar="DIR", repeat=False
    )
    runs: PathLike = option(
        "runs", "Folder for records and models (default: runs).", metavar="DIR", repeat=False
    )

    def check(self, name: str) -> None:
        """Checks everything that can be checked without importing the example.

        Args:
            name: The example's name.

        Raises:
            InputError: An option cannot be used; the message says why, and what to do.
        """
        catalogue.resolve(name)
        check(self)
        if self.lang != "en":
            from keras_examples.figures import fonts  # imports matplotlib, which is slow

            fonts.require("zh")
        if self.data_dir is not None and not expand(self.data_dir).is_dir():
            raise InputError(
                f"data folder {os.fspath(self.data_dir)!r} does not exist or is not a folder; "
                "name one that contains mnist/ and fashion-mnist/, or leave it out to download "
                "them."
            )


@dataclass(frozen=True, kw_only=True)
class Options(TrainingOptions):
    """What `run()` takes."""

    seed: int = option(
        0,
        "Whole number from 0 to 4294967295 that determines everything random: on one machine, the "
        "same seed gives the same result, to the bit (default: 0).",
        least=0,
        most=LARGEST_SEED,
        config=True,
    )
    fast: bool = option(
        False,
        "Train with the example's recipe for speed, if it has one, instead of the article's. The "
        "results are saved beside the article's, under a name of their own.",
    )
    augmented: bool = option(
        False,
        "Train with the example's recipe that adds distorted copies of the training images (moved, "
        "turned, scaled, sheared, thicker or thinner), if it has one. The results are saved beside "
        "the article's, under a name of their own.",
    )
    plain: bool = option(
        False,
        "Train with Keras's fit, on the same batches: slower, for comparison; equal to rounding.",
        config=True,
    )
    animate: bool = option(
        False,
        "Also save an animation of how it learned (a GIF) and its last frame, for examples that "
        "have one.",
        config=True,
    )
    lang: str = option(
        "en",
        "Language of the figures, English (`en`), Chinese (`zh`), or both of them (`both`), then "
        "the Chinese ones in a folder `zh` in that of the others (default: en).",
        choices=(*LANGUAGES, "both"),
    )
    images: PathLike | None = option(
        None,
        "Learn your own pictures instead: a folder with a subfolder for each class, which gives "
        "it its name. A fifth of each class is held out for testing. The results are saved "
        "beside the article's, under a name of their own (default: as in the article).",
        metavar="DIR",
    )
    resume: bool = option(
        False,
        "Continue an interrupted run from its last checkpoint; the result is the same, to the "
        "bit, as without the interruption. A complete run is left as it is.",
        repeat=False,
    )
    strategy: str | None = option(
        None,
        "Split each batch among all devices of this machine (`mirrored`), or among the machines in "
        "the environment variable TF_CONFIG, each of which runs the same command "
        "(`multi-worker`) (default: one device).",
        choices=("mirrored", "multi-worker"),
        config=True,
    )
    hyperparameters: Mapping[str, Any] | None = option(
        None,
        "Change arguments of the example's `build_model`, such as learning_rate=0.01,units=64 "
        "(default: as in the article).",
        read=read_assignments,
        metavar="NAME=VALUE,…",
        repeat=False,
    )
    verbose: bool = option(True, "Whether to show progress on stderr.", read=None, repeat=False)

    def check(self, name: str) -> None:
        """Checks everything that can be checked without importing the example."""
        super().check(name)
        if len(chosen := self._recipes()) > 1:
            both = " and ".join(map(flag, chosen))
            raise InputError(f"{both}: each is a recipe of its own; leave out one of the two.")
        for other in ("resume", "strategy"):
            if self.plain and getattr(self, other):
                raise InputError(
                    f"--plain and --{other}: plain training is Keras's own fit, on one device and "
                    "without checkpoints to resume from; leave out one of the two."
                )
        if self.images is not None:
            if self.data != "auto" or self.data_dir is not None:
                other = flag("data" if self.data_dir is None else "data_dir")
                raise InputError(f"--images and {other}: both name data; leave out one of the two.")
            images.find(self.images)
        if self.strategy == "multi-worker":
            from keras_examples.runner.distributed import cluster

            cluster.read_tf_config()

    def _recipes(self) -> list[str]:
        return [name for name in RECIPES if getattr(self, name)]

    @property
    def recipe(self) -> str | None:
        """The recipe to train with, instead of the article's, if any."""
        return next(iter(self._recipes()), None)

    def unusable(self, example: Example) -> dict[str, str]:
        """Returns the options set here that an example has no use for, each with the reason."""
        reasons = {}
        if self.recipe and self.recipe not in example.recipes:
            reasons[self.recipe] = f"has no recipe {self.recipe!r}"
        if self.rescale and "rescale" not in example.model_arguments:
            reasons["rescale"] = "does not take --rescale"
        if self.animate and example.animation is None:
            reasons["animate"] = "has no animation"
        if self.images is not None and not (example.reads and "classes" in example.model_arguments):
            reasons["images"] = "does not take --images"
        for name in ("epochs", "batch_size", "strategy"):
            if getattr(self, name) is not None and not example.epochs:
                reasons[name] = "has nothing to train, because its weights are fixed"
        for name in set(self.hyperparameters or ()) - set(example.hyperparameters):
            has = overrides.explain(example.hyperparameters)
            reasons["hyperparameters"] = f"has no hyperparameter {name!r}, it has {has}"
        return reasons

    def check_example(self, example: Example) -> None:
        """Checks what depends on the example itself.

        Args:
            example: The example to run.

        Raises:
            InputError: It has no use for an option set here, or cannot take its value.
        """
        for name, reason in self.unusable(example).items():
            raise InputError(f"{example.name} {reason}; leave out {flag(name)}.")
        overrides.parse(example, self.hyperparameters)

    def command(self, example: Example) -> str:
        """Returns the command that repeats a run, except for folders, which differ by machine."""
        changed = overrides.parse(example, self.hyperparameters)
        more = ["--hyperparameters", overrides.spell(changed)] if changed else []
        return shlex.join(["keras-examples", "run", example.name, *words(self), *more])
