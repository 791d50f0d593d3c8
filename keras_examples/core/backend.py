"""The backends of Keras: which one is in use, and whether it is the one that is needed."""

from __future__ import annotations

from keras_examples.core.errors import InputError

BACKENDS = ("tensorflow", "jax", "torch")


def load_keras() -> str:
    """Imports Keras, which takes seconds, and returns the name of its backend.

    Raises:
        InputError: The backend is not installed, or there is none of that name.
    """
    try:
        import keras
    except (ModuleNotFoundError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise InputError(
            f"Keras cannot be imported with its backend ({reason}), expected one that is "
            "installed; set KERAS_BACKEND=tensorflow."
        ) from None
    return str(keras.backend.backend())


def require_tensorflow(what: str) -> None:
    """Imports Keras, and checks that its backend is TensorFlow.

    Args:
        what: What needs it, for the message.

    Raises:
        InputError: It is another one, or cannot be imported.
    """
    if (backend := load_keras()) != "tensorflow":
        raise InputError(
            f"{what} needs TensorFlow, but Keras's backend is {backend!r}; set "
            "KERAS_BACKEND=tensorflow."
        )
