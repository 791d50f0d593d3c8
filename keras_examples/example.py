"""What an example declares to the runner, and what its figures are drawn from."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_examples.datasets import Dataset

if TYPE_CHECKING:
    import keras
    from matplotlib.figure import Figure
    from PIL.Image import Image

LANGUAGES = ("en", "zh")


@dataclass(frozen=True, kw_only=True)
class Example:
    """One network of the articles: how to build it, what it learns from, and what to draw of it.

    Args:
        name: The command's name of the example, in kebab-case.
        title: Its title for people, by language (`"en"`, `"zh"`).
        article: Number of the article that it comes from, such as `"004"`.
        load_data: Returns the `Dataset` to train on. Takes `data` and `data_dir` if there is a
            choice of sources.
        build_model: Returns the compiled model, with the article's numbers as defaults. Takes
            `rescale` if its inputs are pixels.
        epochs: How often training goes over the data, as in the article; 0 where the weights are
            given and there is nothing to train.
        batch_size: Samples a step, as in the article.
        figures: Functions that each draw one figure of a `Trained` example; a figure's file is
            named after its function.
        companions: Other examples that the figures set beside this one, by name. They are trained
            first, with the same seed and sources.
        measure: Returns further numbers for the record, by name.
        snapshot: Called with the model after each epoch; what it returns (an array) is kept for the
            figures, in `Trained.snapshots`.
        fast: The same network trained by a recipe for speed instead of the article's.
        classes: Names of what the outputs stand for, by language, if it classifies pictures; two
            names for a single output that says how sure it is of the second.
        picture: Makes an input, shape `(28, 28)`, 0 to 255, of anybody's picture, if it classifies
            pictures.
        series: Returns the series, shape `(n,)`, that it continues unless given another, if it
            forecasts.
    """

    name: str
    title: Mapping[str, str]
    article: str
    load_data: Callable[..., Dataset]
    build_model: Callable[..., keras.Model]
    epochs: int
    batch_size: int
    figures: tuple[Callable[[Trained], Figure], ...]
    companions: Mapping[str, Example] = field(default_factory=dict)
    measure: Callable[[Trained], Mapping[str, float]] | None = None
    snapshot: Callable[[Any], np.ndarray] | None = None
    fast: Example | None = None
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    picture: Callable[[Image], np.ndarray] | None = None
    series: Callable[[], np.ndarray] | None = None

    def takes(self, option: str) -> bool:
        """Returns whether `build_model` has an argument of this name."""
        return option in inspect.signature(self.build_model).parameters


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A trained example, as its figures and measurements see it.

    Args:
        example: What was trained.
        model: The trained model.
        data: What it was trained on.
        history: Keras's metrics, one number an epoch each; empty where nothing was trained.
        seed: The seed of the run.
        lang: Language of the figures, `"en"` or `"zh"`.
        companions: The example's companions, trained.
        snapshots: What the example's `snapshot` returned, one entry an epoch.
    """

    example: Example
    model: keras.Model
    data: Dataset
    history: Mapping[str, list[float]]
    seed: int = 0
    lang: str = "en"
    companions: Mapping[str, Trained] = field(default_factory=dict)
    snapshots: tuple[np.ndarray, ...] = ()

    @property
    def title(self) -> str:
        """The example's title in the language of the figures."""
        return self.example.title[self.lang]

    def say(self, en: str, zh: str) -> str:
        """Returns whichever of the two texts is in the language of the figures."""
        return {"en": en, "zh": zh}[self.lang]

    @cached_property
    def outputs(self) -> np.ndarray:
        """The model's outputs on the test set, or on the training set where there is no other."""
        x, _ = self.data.evaluation
        return np.asarray(self.model.predict(x, batch_size=500, verbose=0))

    @cached_property
    def measures(self) -> Mapping[str, float]:
        """What the example's `measure` found, by name; empty if it has none."""
        return self.example.measure(self) if self.example.measure else {}
