"""The pages' engine beside Keras: every layer of every example, and of two more networks."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from keras_examples import Run
from tests.exporting import networks

ROOT = Path(__file__).parent.parent.parent
NODE = shutil.which("node")
TRAINED = ("digit-mlp", "fashion-mnist-ffn", "mnist-cnn")
TESTS = "tests/demo/js/agreement.test.js"


needs_node = pytest.mark.skipif(NODE is None, reason="needs Node")


def compare(folder: Path, *, whole: bool) -> int:
    """Has Node compare what is in a folder, and returns how many tests have passed."""
    environment = {**os.environ, "NETWORKS": str(folder), "WHOLE": str(int(whole))}
    command = [str(NODE), "--test", "--test-reporter=tap", TESTS]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return int(re.findall(r"^# pass (\d+)$", done.stdout, re.MULTILINE)[0])


@needs_node
def test_every_node_of_every_network_is_keras_own(tmp_path: Path) -> None:
    names = [*networks.EXPORTED, *networks.CASES]
    for name in names:
        networks.write(name, tmp_path)
    assert compare(tmp_path, whole=True) == 3 * len(names) + 1


@needs_node
@pytest.mark.real
def test_what_was_trained_on_the_real_data_gives_keras_probabilities(
    tmp_path: Path, real_run: Callable[..., Run]
) -> None:
    for name in TRAINED:
        networks.write_trained(real_run(name), tmp_path)
    assert compare(tmp_path, whole=False) == 2 * len(TRAINED) + 1
