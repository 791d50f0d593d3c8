"""Settings of Keras, TensorFlow and NumPy that change numbers: their defaults, for a time."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np

from keras_examples.core.backend import load_keras
from keras_examples.core.errors import InputError

# NumPy's own; Matplotlib and Keras rely on them.
NUMPY_ERRORS: Any = {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}

# Settings and random states are the process's, so one thread at a time may rely on them.
_lock = threading.RLock()
_running = False

Setting = tuple[Callable[[], Any], Callable[[Any], object], Any]


@contextmanager
def keras_defaults() -> Iterator[None]:
    """Puts settings to their defaults within a block or a function, whatever the user's are.

    They come from `keras.json`, environment variables or the program: the precision of numbers, the
    order of an image's axes, the smallest divisor, whether TensorFlow traces functions. Afterwards
    they are as before. Another thread that gets here meanwhile has to wait.

    Raises:
        InputError: Keras cannot be imported.
    """
    backend = load_keras()
    with _lock, np.errstate(**NUMPY_ERRORS), ExitStack() as stack:
        for read, write, default in _settings(backend):
            before = read()
            if before != default:
                stack.callback(write, before)
                write(default)
        yield


def _settings(backend: str) -> Iterator[Setting]:
    """Yields how to read and to write each setting, and its default."""
    import keras

    config = keras.config
    # First, because Keras makes it from `floatx` when it is read for the first time.
    yield config.dtype_policy, config.set_dtype_policy, keras.DTypePolicy("float32")
    yield config.floatx, config.set_floatx, "float32"
    yield config.epsilon, config.set_epsilon, 1e-7
    yield config.image_data_format, config.set_image_data_format, "channels_last"
    yield config.is_flash_attention_enabled, _enable_flash_attention, None
    if hasattr(config, "max_epochs"):  # not in Keras 3.8
        yield config.max_epochs, config.set_max_epochs, None
        yield config.max_steps_per_epoch, config.set_max_steps_per_epoch, None
    if backend == "tensorflow":
        import tensorflow as tf

        config = tf.config
        tensor_float = config.experimental.tensor_float_32_execution_enabled
        yield config.functions_run_eagerly, config.run_functions_eagerly, False
        yield config.get_soft_device_placement, config.set_soft_device_placement, True
        yield tensor_float, config.experimental.enable_tensor_float_32_execution, True
        yield config.optimizer.get_jit, config.optimizer.set_jit, ""


def _enable_flash_attention(enabled: bool | None) -> None:
    import keras

    if enabled is False:
        keras.config.disable_flash_attention()
    else:
        keras.config.enable_flash_attention()


@contextmanager
def pinned() -> Iterator[None]:
    """Makes what a run computes within a block, or a function, depend on the run alone.

    Settings have their defaults. Random numbers outside go on afterwards as if there had been no
    run; those of Keras and TensorFlow, which cannot be put back, go on from a number drawn before.

    Raises:
        InputError: Something that changes numbers cannot be undone: the block is within a run, a
            strategy's scope or a TensorFlow graph.
    """
    global _running
    with keras_defaults():
        if _running:
            raise InputError(
                "run() was called within another run of this thread, which would change its "
                "numbers; call it before or after, or in another process.",
                "run() 在同一线程的另一次运行之中被调用，那会改变其结果；"
                "请在它之前、之后或另一个进程中调用。",
            )
        _check_surroundings()
        _running = True
        try:
            with _own_random_numbers():
                yield
        finally:
            _running = False


def _check_surroundings() -> None:
    import tensorflow as tf

    if tf.distribute.has_strategy():
        raise InputError(
            "run() was called within the scope of a tf.distribute strategy, expected none; call it "
            "outside, with strategy='mirrored' or 'multi-worker' to train on several devices.",
            "run() 在 tf.distribute 策略的作用域内被调用，应在作用域之外；请在外面调用，"
            "要用多个设备训练，就加上 strategy='mirrored' 或 'multi-worker'。",
        )
    if not tf.executing_eagerly():
        raise InputError(
            "run() was called within a TensorFlow graph or function, or in a process without eager "
            "execution; call it outside, or in another process.",
            "run() 在 TensorFlow 的计算图或函数之中、或在关闭了即时执行的进程中被调用；"
            "请在外面或另一个进程中调用。",
        )
    if _debugs_data():
        raise InputError(
            "run() was called in tf.data's debug mode, which shuffles in another order and cannot "
            "be turned off; call it in a process without tf.data.experimental.enable_debug_mode().",
            "run() 在 tf.data 的调试模式下被调用，这种模式的打乱顺序不同，又无法关闭；"
            "请在没有调用 tf.data.experimental.enable_debug_mode() 的进程中调用。",
        )


def _debugs_data() -> bool:
    """Returns whether tf.data calls functions for every element instead of tracing them."""
    import tensorflow as tf

    eager = False

    def look(number: Any) -> Any:
        nonlocal eager
        eager = tf.executing_eagerly()
        return number

    list(tf.data.Dataset.range(1).map(look))
    return eager


@contextmanager
def _own_random_numbers() -> Iterator[None]:
    import keras

    python, numpy = random.getstate(), np.random.get_state()
    seed = int(keras.random.randint((), 0, 2**31 - 1))
    try:
        yield
    finally:
        keras.utils.set_random_seed(seed)
        random.setstate(python)
        np.random.set_state(numpy)
