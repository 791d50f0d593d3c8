from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

import pytest

from keras_examples.core.console import announce, announce_error
from keras_examples.core.text import Text, speaking
from keras_examples.demo import training
from keras_examples.demo.training import TrainingProgress, TrainingQueue


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Puts a command that only repeats its first argument on stderr in the place of `run`."""
    calls: list[dict[str, Any]] = []

    class Repeating(subprocess.Popen[str]):
        def __init__(self, command: list[str], **more: Any) -> None:
            calls.append(more["env"])
            code = f"import sys; sys.stderr.write({json.dumps(command[-1])}); sys.exit(1)"
            super().__init__([sys.executable, "-c", code], **more)

    monkeypatch.setattr(subprocess, "Popen", Repeating)
    return calls


def failure(last_line: str, lang: str) -> str:
    queue = TrainingQueue([last_line])
    queue.add(["sine-rnn"], lang)
    end = time.monotonic() + 20
    while queue.progress and time.monotonic() < end:
        time.sleep(0.02)
    return queue.failures["sine-rnn"]


@pytest.mark.parametrize(("lang", "said"), [("en", "no space"), ("zh", "磁盘已满")])
def test_a_failure_is_told_in_the_language_of_who_asked_for_the_training(
    lang: str, said: str, started: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    with speaking(lang):
        announce_error(Text("no space", "磁盘已满"))
    assert failure(capsys.readouterr().err, lang) == said
    assert started[0]["KERAS_EXAMPLES_LANG"] == lang


@pytest.mark.parametrize(("lang", "epoch"), [("en", "epoch 3/4"), ("zh", "第 3/4 轮")])
@pytest.mark.usefixtures("started")
def test_the_progress_is_read_in_both_languages(
    lang: str, epoch: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[TrainingProgress] = []

    def note(*about: Any) -> TrainingProgress:
        seen.append(TrainingProgress(*about))
        return seen[-1]

    monkeypatch.setattr(training, "TrainingProgress", note)
    with speaking(lang):
        announce(
            "sine-rnn  epoch 3/4  loss 0.01  5 s left", "sine-rnn  第 3/4 轮  loss 0.01  还需 5 秒"
        )
    failure(capsys.readouterr().err, lang)
    assert seen[-1].share == 0.75
    assert seen[-1].message.startswith(f"{epoch}  loss 0.01  ")
