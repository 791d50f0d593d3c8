"""Whatever is done in a folder, in whatever order: no result is lost, half, or not what it says."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import json
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from matplotlib.figure import Figure
from PIL import Image

from keras_examples import cli
from keras_examples.compare import comparison
from keras_examples.core import DIGITS, Trained
from keras_examples.datasets import Dataset
from keras_examples.figures.style import new_figure
from keras_examples.runner import training
from keras_examples.runner.processes import worker
from keras_examples.runner.record import read_history, weights_digest
from tests.platforms import posix
from tests.runner import killed
from tests.stub import declarer

Place = tuple[str, str, str]  # a module, a class in it, a function
Moment = tuple[Place, int]  # the call of it, from 1

KEPT = (".ckpt", ".lock", ".partial")

# Where a run reads, computes or writes: there a signal, a full disk or the end of the process
# comes.
MOMENTS = [
    ("keras_examples.runner.checkpoints", "", "write_whole"),
    ("keras_examples.runner.output", "", "replace"),
    ("keras_examples.runner.output", "Output", "commit"),
    ("keras_examples.runner.job", "Job", "start"),
    ("keras_examples.runner.job", "", "draw"),
    ("keras_examples.runner.training", "Training", "_end_epoch"),
    ("keras", "Model", "save"),
]
moments = st.tuples(st.sampled_from(MOMENTS), st.integers(1, 4))
epochs = st.sampled_from([1, 2, 5])
seeds = st.integers(0, 1)


def load_data() -> Dataset:
    digits = np.arange(40) % 10
    x = (digits[:, None, None] * np.ones((28, 28)) * 25).astype(np.uint8)
    return Dataset.computed("digits", (x[:30], digits[:30]), (x[30:], digits[30:]))


def build_model(*, learning_rate: float = 0.1) -> keras.Model:
    layers = [
        keras.layers.Rescaling(1 / 255),
        keras.layers.Flatten(),
        keras.layers.Dense(10, activation="softmax"),
    ]
    model = keras.Sequential([keras.Input((28, 28)), *layers])
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate), loss="sparse_categorical_crossentropy"
    )
    return model


def outputs(trained: Trained) -> Figure:
    """All outputs of the network."""
    figure = new_figure(trained.title, figsize=(2, 2))
    figure.subplots().imshow(trained.outputs)
    return figure


def declare(patch: pytest.MonkeyPatch) -> None:
    """Adds `line`, which classifies digits, badly and at once, and saves each epoch."""
    patch.setattr(training, "CHECKPOINT_SECONDS", 0)
    declarer(patch)(
        load_data=load_data,
        build_model=build_model,
        batch_size=10,
        reads=DIGITS,
        figures=(outputs,),
    )


def command(*words: str) -> tuple[int, str]:
    """Runs the command; returns the exit code and what it printed on stderr."""
    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()) as errors,
    ):
        code = cli.main(words)
    return code, errors.getvalue()


def command_that_dies(folder: Path, words: Sequence[str], moment: Place, number: int) -> None:
    """Runs the command up to a moment at which the process is killed; the body of a process."""
    os.chdir(folder)
    declare(pytest.MonkeyPatch())
    killed.at_call(*moment, number)
    raise SystemExit(cli.main(words))


class OneAfterTheOther:
    """Stands for the processes of a comparison: answers in this one."""

    def __init__(self, size: int, requests: Sequence[Mapping[str, Any]]) -> None:
        self._requests = requests

    def __enter__(self) -> OneAfterTheOther:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def replies(self) -> Iterator[tuple[int, Any]]:
        for number, request in enumerate(self._requests):
            reply = worker._answer(json.loads(json.dumps(request)), lambda reply: None)
            yield number, json.loads(json.dumps(reply, default=float))


class Folder(RuleBasedStateMachine):
    """One folder, in which commands follow each other, and files are damaged between them."""

    def __init__(self) -> None:
        super().__init__()
        self._before = Path.cwd()
        self._folder = Path(tempfile.mkdtemp())
        os.chdir(self._folder)
        self._patch = pytest.MonkeyPatch()
        declare(self._patch)
        self._patch.setattr(comparison, "ProcessPool", OneAfterTheOther)
        self._killed = False
        # What ended whole: the digest of its weights by epochs and seed.
        self._weights: dict[tuple[int, int], str] = {}

    def teardown(self) -> None:
        self._patch.undo()
        os.chdir(self._before)
        shutil.rmtree(self._folder)

    @initialize()
    def picture(self) -> None:
        drawn = np.full((60, 60), 255, np.uint8)
        drawn[10:50, 25:33] = 0
        Image.fromarray(drawn).save("one.png")

    # What a user does

    @rule(epochs=epochs, seed=seeds, resume=st.booleans())
    def run(self, epochs: int, seed: int, resume: bool) -> None:
        words = self._words(epochs, seed, resume)
        if self._execute(words, allowed={0, 2} if resume else {0, 1, 2}) == 0:
            self._check_complete(epochs, seed)

    @rule(epochs=epochs, seed=seeds, resume=st.booleans(), moment=moments, twice=st.booleans())
    def interrupt(self, epochs: int, seed: int, resume: bool, moment: Moment, twice: bool) -> None:
        def press() -> None:
            for _ in range(1 + twice):
                signal.raise_signal(signal.SIGINT)

        self._disturb(epochs, seed, resume, moment, press, {0, 1, 2, 130})

    @posix("SIGTERM for a process that goes on")
    @rule(epochs=epochs, seed=seeds, resume=st.booleans(), moment=moments)
    def end(self, epochs: int, seed: int, resume: bool, moment: Moment) -> None:
        term = lambda: signal.raise_signal(signal.SIGTERM)  # noqa: E731
        self._disturb(epochs, seed, resume, moment, term, {0, 1, 2, 143})

    @rule(epochs=epochs, seed=seeds, resume=st.booleans(), moment=moments)
    def fill_the_disk(self, epochs: int, seed: int, resume: bool, moment: Moment) -> None:
        def full() -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        self._disturb(epochs, seed, resume, moment, full, {0, 1, 2})

    @rule(epochs=epochs, seed=seeds, resume=st.booleans(), moment=moments)
    def kill(self, epochs: int, seed: int, resume: bool, moment: Moment) -> None:
        before = self._results()
        arguments = self._folder, self._words(epochs, seed, resume), *moment
        child = killed.PROCESSES.Process(target=command_that_dies, args=arguments, daemon=True)
        child.start()
        child.join(60)
        assert child.exitcode in (killed.CODE, 0, 1, 2)
        if child.exitcode == killed.CODE:
            self._killed = True
        elif child.exitcode:
            assert self._results() == before
        else:
            self._check_complete(epochs, seed)

    @rule()
    def diverge(self) -> None:
        words = ["run", "line", "--hyperparameters", "learning_rate=1e38", "--epochs", "3"]
        self._execute(words, allowed={1, 2})

    @rule(seeds=st.integers(1, 2))
    def compare(self, seeds: int) -> None:
        words = ["compare", "line", "--vary", "epochs=1,2", "--seeds", str(seeds)]
        self._execute([*words, "--jobs", "1"], allowed={0, 1, 2})

    @rule()
    def predict(self) -> None:
        self._execute(["predict", "line", "one.png"], allowed={0, 2})

    @rule()
    def gallery(self) -> None:
        self._execute(["gallery"], allowed={0, 1, 2}, makes={"plots/README.md"})

    # What happens to the files

    @precondition(lambda self: self._files())
    @rule(
        data=st.data(),
        change=st.sampled_from(["empty", "cut", "flip", "list", "null", "folder", "gone"]),
    )
    def damage(self, data: st.DataObject, change: str) -> None:
        path = data.draw(st.sampled_from(self._files()), label="file")
        content = path.read_bytes()
        path.unlink()
        if change == "folder":
            path.mkdir()
        elif change != "gone":
            middle = len(content) // 2
            path.write_bytes(
                {
                    "empty": b"",
                    "cut": content[:middle],
                    "flip": content[:middle]
                    + bytes(255 - byte for byte in content[middle : middle + 1])
                    + content[middle + 1 :],
                    "list": b"[]",
                    "null": b"null",
                }[change]
            )

    @rule(name=st.sampled_from(["runs", "runs/line", "runs/line/checkpoints", "plots"]))
    def remove(self, name: str) -> None:
        shutil.rmtree(name, ignore_errors=True)

    # What holds

    @invariant()
    def there_is_no_litter(self) -> None:
        if not self._killed:
            assert not [path for path in Path().rglob("*") if path.name.endswith(".partial")]

    def _words(self, epochs: int, seed: int, resume: bool) -> list[str]:
        words = ["run", "line", "--epochs", str(epochs), "--seed", str(seed)]
        return [*words, "--resume"] if resume else words

    def _execute(self, words: list[str], allowed: set[int], makes: set[str] | None = None) -> int:
        before = self._results()
        code, errors = command(*words)
        assert code in allowed, errors
        assert "Traceback" not in errors
        if words[0] == "run":
            self._killed = False
        after = self._results()
        if code in (1, 2):
            kept = {name: content for name, content in after.items() if "diverged" not in name}
            earlier = {name: content for name, content in before.items() if "diverged" not in name}
            assert kept == earlier
            assert errors.count("keras-examples: error: ") == 1
        elif makes is not None:
            assert set(after) - set(before) <= makes
        return code

    def _disturb(
        self,
        epochs: int,
        seed: int,
        resume: bool,
        moment: Moment,
        do: Callable[[], None],
        allowed: set[int],
    ) -> None:
        before = self._results()
        with pytest.MonkeyPatch.context() as patch:
            (where, number) = moment
            killed.at_call(*where, number, do, patch)
            code = self._execute(self._words(epochs, seed, resume), allowed)
        if code == 0:
            self._check_complete(epochs, seed)
        elif code > 2 and self._results() != before:
            record = self._check_record()
            assert record["status"] in ("interrupted", "complete")

    def _check_complete(self, epochs: int, seed: int) -> None:
        record = self._check_record()
        assert record["status"] == "complete"
        assert (record["config"]["epochs"], record["seed"]) == (epochs, seed)
        digest = self._weights.setdefault((epochs, seed), record["weights_sha256"])
        assert record["weights_sha256"] == digest

    def _check_record(self) -> Any:
        """Checks that the record is true to the files beside it, and returns it."""
        folder = Path("runs/line")
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        model = keras.saving.load_model(folder / "model.keras")
        assert weights_digest(model) == record["weights_sha256"]
        history = read_history(folder / "history.csv")
        assert history["loss"][-1] == record["metrics"]["loss"]
        assert record["figures"]
        return record

    def _results(self) -> dict[str, str]:
        """Every file but locks, checkpoints and what a killed run left, with its digest."""
        return {
            str(path): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(Path().rglob("*"))
            if path.is_file()
            and not path.name.endswith(KEPT)
            and not any(parent.name.endswith(".partial") for parent in path.parents)
        }

    def _files(self) -> list[Path]:
        """What may be damaged."""
        return [
            path
            for path in sorted(Path().rglob("*"))
            if path.is_file()
            and path.name != "one.png"
            and not path.name.endswith(".lock")
            and ".partial" not in str(path)
        ]


@posix("SIGKILL")
@pytest.mark.parametrize(
    "sequences", [2, pytest.param(25, marks=pytest.mark.slow)], ids=["few", "many"]
)
def test_after_any_sequence_each_result_is_whole_and_what_its_record_says(sequences: int) -> None:
    run_state_machine_as_test(
        Folder, settings=settings(max_examples=sequences, stateful_step_count=15)
    )
