"""A run in a process of its own, for a program whose TensorFlow is set up in other ways."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keras_examples.core import Text, catalogue, keras_defaults, require_tensorflow
from keras_examples.core.console import announce_line, quiet
from keras_examples.core.files import reading
from keras_examples.core.signals import on_interrupt
from keras_examples.runner.options import Options
from keras_examples.runner.processes.pool import ProcessPool, Reply, error_of
from keras_examples.runner.result import Run


class RunElsewhere:
    """Runs an example in another process, and loads what it has saved.

    So its numbers are those of the command, and the threads of this process's TensorFlow stay as
    they are.

    Args:
        name: The example's name.
        options: The options of the run, checked.
    """

    def __init__(self, name: str, options: Options) -> None:
        self._name, self._options = name, options

    def run(self) -> Run:
        """Runs the example.

        Raises:
            InputError: An option cannot be used; nothing was changed.
            RunError: Training or saving failed.
            KeyboardInterrupt: Ctrl-C, before there was anything to save.
        """
        options = {
            name: os.fspath(value) if isinstance(value, os.PathLike) else value
            for name, value in dataclasses.asdict(self._options).items()
        }
        request = {"task": "run", "name": self._name, "options": options}
        package = str(Path(__file__).parents[3])  # which a program may have put on `sys.path`
        path = os.pathsep.join([package, *filter(None, [os.environ.get("PYTHONPATH")])])
        with (
            ProcessPool(1, [request], environment={"PYTHONPATH": path}) as pool,
            on_interrupt(pool.interrupt),
        ):
            with quiet():  # while the other process imports the same
                require_tensorflow(Text("run()", "run()"))
                catalogue.load(self._name)  # the classes of its model
            return self._load(self._result(pool))

    def _result(self, pool: ProcessPool) -> Reply:
        for _, reply in pool.replies():
            if "line" in reply:
                announce_line(reply["line"])
            elif "error" in reply:
                raise error_of(reply)
            elif "status" in reply:
                return reply
        raise AssertionError  # the last reply is one of these

    def _load(self, reply: Mapping[str, Any]) -> Run:
        import keras

        from keras_examples.runner.record import read_history

        folder = Path(reply["folder"])
        file, history = folder / "model.keras", folder / "history.csv"
        with keras_defaults(), reading(file, sys.maxsize):
            model = keras.saving.load_model(file)
        return Run(
            name=reply["record"]["example"],
            status=reply["status"],
            model=model,
            history=read_history(history) if history.exists() else {},
            metrics=reply["record"]["metrics"],
            record=reply["record"],
            folder=folder,
            figures=tuple(map(Path, reply["figures"])),
        )
