"""Imports Keras and its backend, and says in one line what the user's settings do not allow."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from keras_examples.core.errors import InputError
from keras_examples.core.text import Text

BACKENDS = ("tensorflow", "jax", "torch")


def load_keras() -> str:
    """Imports Keras, which takes seconds, and returns the name of its backend.

    Raises:
        InputError: It cannot be imported: its backend is not installed, or there is none of that
            name, or its `keras.json` or an environment variable is invalid.
    """
    load_matplotlib()
    home = os.environ.get("KERAS_HOME", "~/.keras")
    file = Path(os.path.expanduser(home), "keras.json")  # noqa: PTH111 (which never raises)
    try:
        if "keras" not in sys.modules and file.exists() and not file.is_file():
            raise ValueError(f"{str(file)!r} is not a file")  # Keras would read a pipe forever
        import keras
    except Exception as error:  # Keras checks little of what it reads
        reason = str(error).partition("\n")[0]
        raise InputError(
            f"Keras cannot be imported with its settings ({type(error).__name__}: {reason}), "
            f"expected a backend that is installed and valid values; correct or remove "
            f"{str(file)!r} and the environment's KERAS_…, or set KERAS_BACKEND=tensorflow.",
            f"Keras 按现有设置无法导入（{type(error).__name__}：{reason}），"
            f"后端须已安装，各项取值须有效；请改正或删除 {str(file)!r} 和环境变量 KERAS_…，"
            "或设置 KERAS_BACKEND=tensorflow。",
        ) from None
    return str(keras.backend.backend())


def load_matplotlib() -> None:
    """Imports Matplotlib, as Keras does too.

    Raises:
        InputError: It cannot be imported, because of an environment variable.
    """
    try:
        import matplotlib  # noqa: F401
    except ValueError as error:
        reason = str(error).partition(";")[0]  # what follows is a list of all there are
        raise InputError(
            f"Matplotlib cannot be imported with its settings ({reason}), expected valid ones; "
            "correct or unset the environment variable MPLBACKEND.",
            f"Matplotlib 按现有设置无法导入（{reason}），设置须有效；"
            "请改正或取消环境变量 MPLBACKEND。",
        ) from None


def require_tensorflow(what: Text) -> None:
    """Imports Keras, and checks that its backend is TensorFlow.

    Args:
        what: What needs it, for the message.

    Raises:
        InputError: It is another one, or cannot be imported.
    """
    if (backend := load_keras()) != "tensorflow":
        raise InputError(
            f"{what.en} needs TensorFlow, but Keras's backend is {backend!r}; set "
            "KERAS_BACKEND=tensorflow.",
            f"{what.zh} 需要 TensorFlow，而 Keras 的后端是 {backend!r}；"
            "请设置 KERAS_BACKEND=tensorflow。",
        )
