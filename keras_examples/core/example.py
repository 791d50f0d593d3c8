"""What an example declares, and what its figures and measurements get once it is trained."""

from __future__ import annotations

import dataclasses
import inspect
import runpy
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from keras_examples.core.backend import BACKENDS
from keras_examples.core.settings import keras_defaults
from keras_examples.core.text import Text

if TYPE_CHECKING:
    import keras
    from matplotlib.figure import Figure

    from keras_examples.datasets import Dataset

# Types of `build_model`'s arguments that can be written, and so changed, on the command line.
WORDS = (int, float, bool, str, NoneType)
_FROM_MODULE: Any = None


@dataclass(frozen=True)
class Pictures:
    """A kind of picture that a network classifies.

    Args:
        kind: How a photo of one is prepared, `"digit"` or `"garment"`, see
            `keras_examples.inference.pictures`.
        classes: The names of the classes, in the order of the outputs; two for a single output,
            which is the probability of the second.
    """

    kind: str
    classes: tuple[Text, ...]


DIGITS = Pictures("digit", tuple(Text(digit, digit) for digit in "0123456789"))
GARMENTS = Pictures(
    "garment",
    (
        Text("T-shirt/top", "T恤"),
        Text("Trouser", "裤子"),
        Text("Pullover", "套头衫"),
        Text("Dress", "连衣裙"),
        Text("Coat", "外套"),
        Text("Sandal", "凉鞋"),
        Text("Shirt", "衬衫"),
        Text("Sneaker", "运动鞋"),
        Text("Bag", "包"),
        Text("Ankle boot", "短靴"),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Another way to train a network: what differs from how the example itself is trained.

    Args:
        title: Its title, if not the example's.
        of: The example whose network it trains, if not this one's.
        build_model: Returns the compiled model, if not the example's own `build_model`.
        epochs: Number of passes over the training data.
        batch_size: Samples per step.
        rescale: Whether pixels are divided by 255 first.
        optimizer: Returns the optimizer to compile with, given the total number of training steps.
        model: Arguments of `build_model` that differ, by name.
        data: Arguments of `load_data` that differ, by name.
        seed: Added to the run's seed.
    """

    title: Text | None = None
    of: Example | None = None
    build_model: Callable[..., keras.Model] | None = None
    epochs: int | None = None
    batch_size: int | None = None
    rescale: bool = False
    optimizer: Callable[[int], keras.Optimizer] | None = None
    model: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class Example:
    """One network of the articles: how it is trained, and which figures are drawn.

    `load_data`, `build_model` and the name are those of the module that declares it.

    Args:
        title: Its title.
        article: Number of the article that it comes from, such as `"004"`.
        epochs: Number of passes over the training data, as in the article; 0 where the weights are
            fixed and there is nothing to train.
        batch_size: Samples per step, as in the article.
        figures: Functions that each draw one figure of a `Trained` example; a figure's file is
            named after its function.
        backends: The backends of Keras on which `build_model` works, and what it returns can be
            trained by `fit`. The runner always takes TensorFlow.
        reads: The kind of picture that it classifies, if any.
        series: For an example that forecasts: returns the series, shape `(n,)`, that it continues
            by default.
        part: For a model of several networks: the attribute that holds the one which makes its
            predictions; that one is exported.
        companions: Other networks that the figures compare with this one, by name. They are trained
            first, with the same seed and sources.
        measure: Returns further measurements, by name. Numbers go into the record; everything else
            is for the figures, in `Trained.measures`.
        snapshot: Called with the model and its data after each epoch; what it returns (an array) is
            kept for the figures, in `Trained.snapshots`.
        animation: Returns the figure of an animation of how it learned, as it is at each frame; the
            file is named after the function.
        frame: As `snapshot`, where snapshots are needed for the animation alone.
        recipes: Other ways to train it than the article's, by name; each is an option of a run.
        name: Its name on the command line, in kebab-case; the module's by default.
        load_data: Returns the `Dataset` to train on; the module's by default. Takes `data` and
            `data_dir` if there is a choice of sources.
        build_model: Returns the compiled model, with the article's numbers as defaults; the
            module's by default. Takes `rescale` if its inputs are pixels that may be rescaled, and
            `classes` if it can learn a user's own pictures.
        optimizer: As in `Recipe`.
        model: Arguments of `build_model` that are fixed, by name.
        data: Arguments of `load_data` that are fixed, by name.
    """

    title: Text
    article: str
    epochs: int
    batch_size: int
    figures: tuple[Callable[[Trained], Figure], ...]
    backends: tuple[str, ...] = BACKENDS
    reads: Pictures | None = None
    series: Callable[[], np.ndarray] | None = None
    part: str = ""
    companions: Mapping[str, Recipe] = field(default_factory=dict)
    measure: Callable[[Trained], Mapping[str, Any]] | None = None
    snapshot: Callable[[Any, Dataset], np.ndarray] | None = None
    animation: Callable[[Trained], Iterable[Figure]] | None = None
    frame: Callable[[Any, Dataset], np.ndarray] | None = None
    recipes: Mapping[str, Recipe] = field(default_factory=dict)
    name: str = ""
    load_data: Callable[..., Dataset] = _FROM_MODULE
    build_model: Callable[..., keras.Model] = _FROM_MODULE
    optimizer: Callable[[int], keras.Optimizer] | None = None
    model: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # The caller of `__init__`, as with `namedtuple`. `__name__` is no help: it may be a script.
        module = sys._getframe(2).f_globals
        name = Path(module.get("__file__", self.title.en.lower().replace(" ", "-"))).stem.replace(
            "_", "-"
        )
        defaults = {
            "name": name,
            "load_data": module.get("load_data"),
            "build_model": module.get("build_model"),
        }
        for attribute, value in defaults.items():
            if not getattr(self, attribute):
                object.__setattr__(self, attribute, value)

    def using(self, recipe: Recipe, name: str) -> Example:
        """Returns the example trained by a recipe.

        Args:
            recipe: The recipe.
            name: The suffix that distinguishes its name from the example's; not used if the recipe
                is for another example's network as that trains it, with the run's seed.
        """
        base = recipe.of or self
        return dataclasses.replace(
            base,
            name=f"{base.name}-{name}" if recipe.seed or not recipe.of else base.name,
            title=recipe.title or base.title,
            epochs=base.epochs if recipe.epochs is None else recipe.epochs,
            batch_size=recipe.batch_size or base.batch_size,
            build_model=recipe.build_model or base.build_model,
            optimizer=recipe.optimizer or base.optimizer,
            model={**base.model, **recipe.model, **({"rescale": True} if recipe.rescale else {})},
            data={**base.data, **recipe.data},
            companions={},
            recipes={},
        )

    @cached_property
    def companion_examples(self) -> Mapping[str, Example]:
        """The companions, each as an example."""
        return {name: self.using(recipe, name) for name, recipe in self.companions.items()}

    @cached_property
    def recipe_examples(self) -> Mapping[str, Example]:
        """The recipes, each as an example."""
        return {name: self.using(recipe, name) for name, recipe in self.recipes.items()}

    @cached_property
    def model_arguments(self) -> Mapping[str, inspect.Parameter]:
        """The arguments of `build_model` that are not fixed, by name."""
        fixed = {*self.model, *(("learning_rate",) if self.optimizer else ())}
        parameters = inspect.signature(self.build_model, eval_str=True).parameters
        return {name: parameter for name, parameter in parameters.items() if name not in fixed}

    @cached_property
    def data_arguments(self) -> Mapping[str, inspect.Parameter]:
        """The arguments of `load_data` that are not fixed, by name."""
        parameters = inspect.signature(self.load_data).parameters
        return {name: parameter for name, parameter in parameters.items() if name not in self.data}

    @cached_property
    def hyperparameters(self) -> Mapping[str, tuple[type, ...]]:
        """The hyperparameters of the network, by name: the types that each can have.

        They are the arguments of `build_model` that can be written on the command line, except
        `rescale`, which is an option of every run, `classes` and those that `load_data` takes too:
        the network and its data have to agree on them.
        """
        hyperparameters = {}
        for name, parameter in self.model_arguments.items():
            if name in ("rescale", "classes") or name in self.data_arguments:
                continue
            annotated = get_args(parameter.annotation) or (parameter.annotation,)
            types = tuple(kind for kind in annotated if kind in WORDS)
            if types and parameter.kind is not parameter.VAR_POSITIONAL:
                hyperparameters[name] = types
        return hyperparameters

    def load(self, *, data: str, data_dir: Any) -> Dataset:
        """Loads the data.

        Args:
            data: Their source, if there is a choice: `"auto"`, `"real"` or `"stand-in"`.
            data_dir: Folder of the real data; None for the default locations.
        """
        source = {"data": data, "data_dir": data_dir}
        arguments = {name: value for name, value in source.items() if name in self.data_arguments}
        return self.load_data(**arguments, **self.data)

    @keras_defaults()
    def build(self, *, steps: int = 0, rescale: bool = False, **overrides: Any) -> keras.Model:
        """Builds and compiles the model.

        Args:
            steps: Total number of training steps, where the optimizer depends on it.
            rescale: Whether pixels are divided by 255 first, where there is a choice.
            **overrides: Further arguments of `build_model`.
        """
        if "rescale" in self.model_arguments:
            overrides["rescale"] = rescale
        model = self.build_model(**overrides, **self.model)
        if self.optimizer:
            import keras

            optimizer = keras.optimizers.serialize(self.optimizer(steps))
            model.compile_from_config({**model.get_compile_config(), "optimizer": optimizer})
        return model

    def main(self) -> None:
        """Runs the example as the command `keras-examples run` does, with the same options."""
        sys.argv[1:] = ["run", self.name, *sys.argv[1:]]
        runpy.run_module("keras_examples", run_name="__main__", alter_sys=True)


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A trained example, as its figures and measurements get it.

    Args:
        example: What was trained.
        model: The trained model.
        data: What it was trained on.
        history: Keras's metrics, one value per epoch each; empty where nothing was trained.
        seed: The seed of the run.
        lang: Language of the figures, `"en"` or `"zh"`.
        companions: The example's companions, trained.
        snapshots: What the example's `snapshot` returned, one entry per epoch.
    """

    example: Example
    model: keras.Model
    data: Dataset
    history: Mapping[str, list[float]]
    seed: int = 0
    lang: str = "en"
    companions: Mapping[str, Trained] = field(default_factory=dict)
    snapshots: tuple[np.ndarray, ...] = ()

    def in_language(self, lang: str) -> Trained:
        """Returns the same with figures in another language, without measuring anything again."""
        companions = {name: one.in_language(lang) for name, one in self.companions.items()}
        other = dataclasses.replace(self, lang=lang, companions=companions)
        for name in ("outputs", "measures"):
            if name in vars(self):
                vars(other)[name] = vars(self)[name]
        return other

    @property
    def title(self) -> str:
        """The example's title in the language of the figures."""
        return self.example.title[self.lang]

    def text(self, en: str, zh: str) -> str:
        """Returns whichever of two texts is in the language of the figures."""
        return Text(en, zh)[self.lang]

    @cached_property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes in the language of the figures."""
        return tuple(name[self.lang] for name in self.data.class_names)

    @cached_property
    def outputs(self) -> np.ndarray:
        """The model's outputs on the test set, or on the training set if there is no test set."""
        x, _ = self.data.evaluation
        return np.asarray(self.model.predict(x, batch_size=500, verbose=0))

    @cached_property
    def measures(self) -> Mapping[str, Any]:
        """What the example's `measure` returned, by name; empty if it has none."""
        return self.example.measure(self) if self.example.measure else {}
