"""`run()` in a program whose TensorFlow was not prepared has the numbers of the command."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from keras_examples import InputError, run, sine_rnn
from keras_examples.core import threads
from keras_examples.runner.processes import elsewhere
from tests.runner.conftest import Place


@pytest.fixture
def unprepared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_prepared", False)


def test_a_program_gets_the_numbers_and_figures_of_the_command_and_stays_as_it_is(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = place.run("sine-rnn", epochs=2)
    before = place.files()
    environment = dict(os.environ)
    inter = tf.config.threading.get_inter_op_parallelism_threads()
    monkeypatch.setattr(threads, "_prepared", False)
    there = place.run("sine-rnn", epochs=2, verbose=True)
    assert there.record["weights_sha256"] == here.record["weights_sha256"]
    assert (there.history, there.status) == (here.history, "complete")
    assert (there.figures, there.folder) == (here.figures, here.folder)
    after = place.files()
    figures = [name for name in after if name.startswith("plots/")]
    assert [after[name] for name in figures] == [before[name] for name in figures]
    x, _ = sine_rnn.load_data().evaluation
    np.testing.assert_array_equal(there.model(x), here.model(x))
    for one, other in zip(
        here.model.optimizer.variables, there.model.optimizer.variables, strict=True
    ):
        np.testing.assert_array_equal(one, other)
    assert "sine-rnn  epoch 2/2" in capsys.readouterr().err
    assert dict(os.environ) == environment
    assert tf.config.threading.get_inter_op_parallelism_threads() == inter


@pytest.mark.usefixtures("unprepared")
def test_ctrl_c_ends_it_after_the_epoch_and_it_is_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def press_ctrl_c_in_the_first_epochs(line: str) -> None:
        if "epoch" in line:
            monkeypatch.setattr(elsewhere, "announce_line", lambda line: None)
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(elsewhere, "announce_line", press_ctrl_c_in_the_first_epochs)
    before = signal.getsignal(signal.SIGINT)
    done = run("sine-rnn", epochs=100_000, plots=tmp_path / "plots", runs=tmp_path / "runs")
    assert done.status == "interrupted"
    assert 0 < len(done.history["loss"]) < 100_000
    assert (tmp_path / "runs/sine-rnn/model.keras").exists()
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.slow
@pytest.mark.usefixtures("unprepared")
def test_an_error_there_is_raised_here(place: Place) -> None:
    with pytest.raises(InputError, match="units"):
        place.run("sine-rnn", hyperparameters={"units": "many"})
    assert place.files() == {}
