"""Whatever the user has set, a run has the same numbers, and a builder the same network."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_examples import InputError, Run, run
from keras_examples.core import catalogue, keras_defaults
from keras_examples.core.settings import pinned
from keras_examples.datasets import Dataset
from keras_examples.figures.style import style
from keras_examples.runner.ways import layers_within
from tests import stub
from tests.stub import Declare, declarer

ROOT = Path(__file__).parent.parent.parent
CONFIG = keras.config

# What each function of `keras.config` that sets something is given to set something else. A new one
# makes a test fail until it is decided here, and in `keras_examples.core.settings`, what to do.
OTHER: dict[str, tuple[Any, ...]] = {
    "set_dtype_policy": ("mixed_float16",),
    "set_epsilon": (0.1,),
    "set_floatx": ("float64",),
    "set_image_data_format": ("channels_first",),
    "set_max_epochs": (1,),
    "set_max_steps_per_epoch": (1,),
    "disable_flash_attention": (),
    "disable_interactive_logging": (),
    "disable_traceback_filtering": (),
    "enable_flash_attention": (),
    "enable_interactive_logging": (),
    "enable_traceback_filtering": (),
    "enable_unsafe_deserialization": (),  # for loading; our models are loaded safely anyway
}
AVAILABLE = [name for name in OTHER if hasattr(CONFIG, name)]
ELSEWHERE = {"set_backend"}  # reloads Keras; `test_backend.py` has other backends
KEYS = {"floatx", "epsilon", "image_data_format", "backend", "nnx_enabled"}


def set_to(name: str) -> None:
    getattr(CONFIG, name)(*OTHER[name])


def look() -> dict[str, Any]:
    """Returns every setting that Keras, TensorFlow and NumPy tell of."""
    reading = (name for name in dir(CONFIG) if not name.startswith(("_", "set_", "enable_", "dis")))
    return {
        **{name: getattr(CONFIG, name)() for name in reading},
        "eagerly": tf.config.functions_run_eagerly(),
        "placement": tf.config.get_soft_device_placement(),
        "tf32": tf.config.experimental.tensor_float_32_execution_enabled(),
        "jit": tf.config.optimizer.get_jit(),
        "errors": np.geterr(),
    }


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """Puts back what a test sets."""
    before = look()
    yield
    for name in ("dtype_policy", "epsilon", "floatx", "image_data_format"):
        getattr(CONFIG, f"set_{name}")(before[name])
    for name in {"max_epochs", "max_steps_per_epoch"} & set(before):
        getattr(CONFIG, f"set_{name}")(before[name])
    for name in ("interactive_logging", "traceback_filtering"):
        way = "enable" if before[f"is_{name}_enabled"] else "disable"
        getattr(CONFIG, f"{way}_{name}")()
    tf.config.run_functions_eagerly(before["eagerly"])
    tf.config.set_soft_device_placement(before["placement"])
    tf.config.experimental.enable_tensor_float_32_execution(before["tf32"])
    tf.config.optimizer.set_jit(before["jit"])
    np.seterr(**before["errors"])


def load_data() -> Dataset:
    images = np.random.default_rng(0).integers(0, 256, (24, 6, 6, 1), dtype=np.uint8)
    labels = (images.mean(axis=(1, 2)) > 128).astype(np.uint8)
    return Dataset.computed("noise", (images[:16], labels[:16]), (images[16:], labels[16:]))


def build_model() -> Any:
    """Builds a network that every setting of Keras changes."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(2, 3),
            layers.Flatten(),
            layers.Dropout(0.2),
            layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Declare:
    return declarer(monkeypatch)


def results(done: Run) -> dict[str, Any]:
    """Returns what has to be the same of a run."""
    figures = [figure.read_bytes() for figure in done.figures]
    return {"weights": done.record["weights_sha256"], "history": done.history, "figures": figures}


Train = Callable[..., dict[str, Any]]


def trainer(declare: Declare, root: Path) -> Train:
    """Returns a function that trains the network above, and returns what came of it."""
    declare(load_data=load_data, build_model=build_model)

    def train(folder: str = "run", **options: Any) -> dict[str, Any]:
        place = root / folder
        options = {"plots": place / "plots", "runs": place / "runs", "verbose": False, **options}
        return results(run("line", **options))

    return train


@pytest.fixture
def train(declare: Declare, tmp_path: Path) -> Train:
    return trainer(declare, tmp_path)


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What comes of training where nothing is set."""
    with pytest.MonkeyPatch.context() as patch:
        return trainer(declarer(patch), tmp_path_factory.mktemp("usual"))()


def in_a_thread(work: Callable[[], None]) -> None:
    """Does something in a thread of its own, whose own some of Keras's settings are."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(work).result()


# Keras's settings


def test_every_setting_of_keras_is_decided() -> None:
    setting = {name for name in dir(CONFIG) if name.startswith(("set_", "enable_", "disable_"))}
    assert setting - ELSEWHERE <= OTHER.keys()
    source = Path(import_module("keras.src.backend.config").__file__ or "").read_text()
    assert set(re.findall(r'_config\.get\("(\w+)"', source)) <= KEYS


def test_no_setting_of_keras_changes_a_run_or_is_changed_by_it(
    train: Train, usual: dict[str, Any]
) -> None:
    def change() -> None:
        for name in AVAILABLE:
            set_to(name)
        before = look()
        assert train() == usual
        assert look() == before

    in_a_thread(change)


@pytest.mark.slow
@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("name", AVAILABLE)
def test_nor_does_any_one_of_them(name: str, plain: bool, train: Train) -> None:
    usual = train(plain=plain)

    def change() -> None:
        set_to(name)
        assert train(plain=plain) == usual

    in_a_thread(change)


@pytest.mark.parametrize("floatx", ["float16", "float64"])
def test_nor_does_the_precision_that_is_set_after_a_layer_was_made(
    floatx: str, train: Train, usual: dict[str, Any]
) -> None:
    keras.layers.Dense(1)
    CONFIG.set_floatx(floatx)
    assert train() == usual
    assert CONFIG.floatx() == floatx


def test_limits_of_keras_do_not_shorten_plain_training(train: Train) -> None:
    if not hasattr(CONFIG, "set_max_epochs"):
        pytest.skip("this Keras has none")
    CONFIG.set_max_epochs(1)
    CONFIG.set_max_steps_per_epoch(1)
    assert len(train(plain=True)["history"]["loss"]) == 2


def test_a_complete_run_is_found_whatever_the_precision_is_now(train: Train) -> None:
    usual = train()
    CONFIG.set_floatx("float64")
    CONFIG.set_dtype_policy("float64")
    assert train(resume=True) == usual


def test_what_a_failed_run_pinned_is_put_back(declare: Declare, tmp_path: Path) -> None:
    def fail() -> Dataset:
        assert CONFIG.floatx() == "float32"
        raise InputError("no data", "没有数据")

    declare(load_data=fail)
    CONFIG.set_floatx("float64")
    CONFIG.set_dtype_policy("mixed_bfloat16")
    before, numbers = look(), random.getstate()
    with pytest.raises(InputError, match="no data"):
        run("line", plots=tmp_path, runs=tmp_path)
    assert look() == before
    assert random.getstate() == numbers


def in_a_process(words: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a program with settings of its own."""
    return subprocess.run(
        [sys.executable, "-c", words],
        env={**os.environ, "PYTHONPATH": str(ROOT), "KERAS_HOME": str(home), **environment},
        cwd=home.parent,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )


def test_keras_json_does_not_change_a_run_which_is_refused_while_tf_data_is_debugged(
    tmp_path: Path,
) -> None:
    options = {"epochs": 3, "plots": tmp_path / "plots", "runs": tmp_path / "runs"}
    usual = results(run("sine-rnn", **options))  # type: ignore[arg-type]
    home = tmp_path / "home"
    home.mkdir()
    other = {"floatx": "float16", "epsilon": 0.1, "image_data_format": "channels_first"}
    (home / "keras.json").write_text(json.dumps(other))
    program = (
        "from keras_examples.core.threads import prepare; prepare()\n"
        "import tensorflow as tf; from keras_examples import InputError, run\n"
        "run('sine-rnn', epochs=3)\n"
        "tf.data.experimental.enable_debug_mode()  # which has no way back\n"
        "try: run('sine-rnn', epochs=3)\n"
        "except InputError as error: print(error)"
    )
    limits = {"KERAS_MAX_EPOCHS": "1", "KERAS_MAX_STEPS_PER_EPOCH": "1"}
    done = in_a_process(program, home, **limits)
    assert done.returncode == 0, done.stderr
    assert "debug mode" in done.stdout
    folder = tmp_path / "runs/sine-rnn"
    record = json.loads((folder / "run.json").read_text())
    assert record["weights_sha256"] == usual["weights"]
    assert (tmp_path / "plots" / record["figures"][0]).read_bytes() == usual["figures"][0]


INVALID = """
import os, shutil, sys
from pathlib import Path
from keras_examples import InputError, forecast, predict, run
from keras_examples.core.catalogue import load

file = Path(os.environ["KERAS_HOME"]) / "keras.json"
for content in CONTENTS:
    file.write_bytes(content)
    for call in (lambda: run("sine-rnn"), lambda: load("mnist-cnn")):
        try:
            call()
        except InputError as error:
            print(error)
        else:
            raise SystemExit(f"{content} passes")
    file.unlink()
for make in (file.mkdir, lambda: os.mkfifo(file) if hasattr(os, "mkfifo") else file.mkdir()):
    make()
    try:
        run("sine-rnn")
    except InputError as error:
        print(error)
    file.rmdir() if file.is_dir() else file.unlink()
"""


def test_an_invalid_keras_json_is_one_line(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    texts = [
        '{"floatx": "int8"}',
        '{"floatx": []}',
        '{"epsilon": "small"}',
        '{"image_data_format": "rows"}',
        '{"backend": "nonsense"}',
        '{"backend": 5}',
        "[]",
        "null",
        "[" * 100_000,
    ]
    program = f"CONTENTS = {[text.encode() for text in texts]!r}".replace(
        repr(texts[-1].encode()), "b'[' * 100_000"
    )
    done = in_a_process(program + INVALID, home)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 2 * len(texts) + 2
    assert all("keras.json" in line and "Keras cannot be imported" in line for line in lines)


@pytest.mark.slow
def test_what_keras_itself_ignores_is_ignored(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("a file")
    done = in_a_process("from keras_examples.core.catalogue import load; load('sine-rnn')", home)
    assert done.returncode == 0, done.stderr


# TensorFlow's, NumPy's and Matplotlib's


@contextmanager
def eagerly() -> Iterator[None]:
    tf.config.run_functions_eagerly(True)
    yield


@contextmanager
def compiled() -> Iterator[None]:
    tf.config.optimizer.set_jit("autoclustering")
    yield


@contextmanager
def without_tf32() -> Iterator[None]:
    tf.config.experimental.enable_tensor_float_32_execution(False)
    tf.config.set_soft_device_placement(False)
    yield


@contextmanager
def raising() -> Iterator[None]:
    np.seterr(all="raise")
    yield


@pytest.mark.parametrize("change", [eagerly, compiled, without_tf32, raising])
def test_nor_do_settings_of_tensorflow_and_numpy(
    change: Callable[[], AbstractContextManager[None]], train: Train, usual: dict[str, Any]
) -> None:
    with change():
        before = look()
        assert train() == usual
        assert look() == before


def test_a_figure_is_drawn_though_numpy_shall_raise() -> None:
    np.seterr(all="raise")
    with style():
        assert np.exp(np.float32(-200)) == 0
    with pytest.raises(FloatingPointError):
        np.exp(np.float32(-200))


# What cannot be undone


@pytest.mark.parametrize(
    "around",
    [
        lambda: tf.distribute.MirroredStrategy(["CPU:0"]).scope(),
        lambda: tf.Graph().as_default(),
        pinned,
    ],
    ids=["strategy", "graph", "run"],
)
def test_within_what_would_change_its_numbers_a_run_is_refused_in_one_line(
    around: Callable[[], AbstractContextManager[Any]],
    train: Train,
    tmp_path: Path,
) -> None:
    with around(), pytest.raises(InputError, match=r"^run\(\) was called within .*; call it "):
        train()
    assert not list(tmp_path.rglob("*.*"))


# Threads and random numbers


def test_two_threads_that_run_have_the_numbers_of_runs_alone(
    declare: Declare, train: Train
) -> None:
    def build_slowly() -> Any:
        time.sleep(0.2)  # between the seed and the weights
        return stub.build_model()

    declare(build_model=build_slowly)
    alone = [train(f"alone {seed}", seed=seed) for seed in (1, 2)]
    with ThreadPoolExecutor(2) as threads:
        together = list(threads.map(lambda seed: train(f"thread {seed}", seed=seed), (1, 2)))
    assert together == alone


def test_a_thread_that_builds_waits_until_another_has_run() -> None:
    order = []

    def build() -> None:
        with keras_defaults():
            order.append("built")

    with pinned():
        thread = threading.Thread(target=build)
        thread.start()
        thread.join(0.2)
        order.append("run")
    thread.join()
    assert order == ["run", "built"]


def draw() -> dict[str, list[float]]:
    return {
        "python": [random.random() for _ in range(3)],
        "numpy": np.random.random(3).tolist(),
        "keras": np.asarray(keras.random.uniform((3,))).tolist(),
        "tensorflow": tf.random.uniform((3,)).numpy().tolist(),
    }


def test_the_random_numbers_of_the_caller_do_not_depend_on_a_run(
    declare: Declare, train: Train
) -> None:
    declare()
    keras.utils.set_random_seed(3)
    without = draw()
    drawn = []
    for seed in (1, 2):
        keras.utils.set_random_seed(3)
        train(seed=seed)
        drawn.append(draw())
    assert drawn[0] == drawn[1]
    assert {name: drawn[0][name] for name in ("python", "numpy")} == {
        name: without[name] for name in ("python", "numpy")
    }
    train(seed=1)
    assert all(values != drawn[1][name] for name, values in draw().items())


# Builders


def traits(model: Any) -> list[Any]:
    """Returns what a network and its optimizer are, but for their names."""
    layers = [
        (type(layer), layer.dtype_policy.name, getattr(layer, "data_format", None))
        for layer in layers_within(model)
    ]
    weights = [(weight.shape, weight.dtype) for weight in model.get_weights()]
    optimizer = model.optimizer and (type(model.optimizer), model.optimizer.learning_rate.dtype)
    return [layers, weights, optimizer, model.dtype_policy.name]


@pytest.mark.parametrize("name", catalogue.names())
def test_a_builder_builds_the_articles_network_whatever_is_set(name: str) -> None:
    example = catalogue.load(name)
    builders = [
        (one.build_model, one.model) for one in (example, *example.companion_examples.values())
    ]
    usual = [traits(build(**model)) for build, model in builders]
    for setting in ("set_floatx", "set_dtype_policy", "set_image_data_format", "set_epsilon"):
        set_to(setting)
    before = look()
    assert [traits(build(**model)) for build, model in builders] == usual
    assert look() == before


def test_an_imported_network_computes_the_same_whatever_is_set() -> None:
    page = import_module("keras_examples.mnist_cnn")
    image = np.random.default_rng(0).random((2, 28, 28, 1), np.float32)
    keras.utils.set_random_seed(0)
    usual = np.asarray(page.build_model()(image))
    for setting in ("set_floatx", "set_dtype_policy", "set_image_data_format"):
        set_to(setting)
    keras.utils.set_random_seed(0)
    assert np.array_equal(page.build_model()(image), usual)
