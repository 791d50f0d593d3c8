from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from keras_examples.cli import main

# A shell that starts tests in the background makes them and their children ignore Ctrl-C.
_WITH_CTRL_C = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from keras_examples.cli import main
raise SystemExit(main())
"""


def test_without_gradio_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert main(["demo"]) == 2
    assert 'pip install "keras-examples[demo]"' in capsys.readouterr().err


def test_a_port_in_use_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["demo", "--port", str(port)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert f"port {port}" in error
    assert "--port" in error


@pytest.mark.parametrize("host", ["no.such.host.invalid", "203.0.113.7"])
def test_a_host_of_another_machine_is_one_clear_line(
    host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--host", host]) == 2
    assert host in capsys.readouterr().err


def test_a_port_out_of_range_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--port", "70000"]) == 2
    assert "65535" in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="sends Ctrl-C as POSIX does")
def test_is_quiet_warns_of_an_open_host_and_ends_at_ctrl_c(tmp_path: Path) -> None:
    options = ["--no-browser", "--data", "stand-in", "--runs", str(tmp_path), "--host", "0.0.0.0"]
    with subprocess.Popen(
        [sys.executable, "-c", _WITH_CTRL_C, "demo", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("http://")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 0
    warning, *others = errors.splitlines()
    assert "0.0.0.0 can be reached from other machines" in warning
    assert all("stand-ins" in line for line in others)
