"""What an example is made of, and what everything else needs."""

from keras_examples.core.backend import require_tensorflow
from keras_examples.core.bounds import Bounds, Rate, Size
from keras_examples.core.builders import builder
from keras_examples.core.errors import InputError, RunError
from keras_examples.core.example import DIGITS, GARMENTS, Example, Pictures, Recipe, Trained
from keras_examples.core.optimizers import one_cycle, quick
from keras_examples.core.settings import keras_defaults
from keras_examples.core.text import LANGUAGES, Text

__all__ = [
    "DIGITS",
    "GARMENTS",
    "LANGUAGES",
    "Bounds",
    "Example",
    "InputError",
    "Pictures",
    "Rate",
    "Recipe",
    "RunError",
    "Size",
    "Text",
    "Trained",
    "builder",
    "keras_defaults",
    "one_cycle",
    "quick",
    "require_tensorflow",
]
