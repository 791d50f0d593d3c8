"""A process of a pool: reads requests and writes replies, one JSON object per line.

A request names its `"task"`, one of `_TASKS`, and has the `"options"` of `run()`. Replies are
`{"epoch": n}` after each epoch of the example's own network, `{"line": text}` for a message to the
user, and at the end the result, with its `"status"`, or `{"error": [English, Chinese], "code": exit
code}`.

`{"interrupt": true}`, at any time, does what Ctrl-C does; so does the end of the input.
"""

from __future__ import annotations

import gc
import io
import json
import os
import queue
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from keras_examples.core import InputError, RunError
from keras_examples.core.console import quiet, release_stderr
from keras_examples.core.language import VARIABLE
from keras_examples.core.text import speaking
from keras_examples.core.threads import prepare
from keras_examples.datasets.sharing import sharing
from keras_examples.runner.options import Options
from keras_examples.runner.planning import plan
from keras_examples.runner.processes.pool import STOPPED

Requests = queue.SimpleQueue[dict[str, Any] | None]
Send = Callable[[dict[str, Any]], None]


def main() -> None:
    """Answers requests until there are no more."""
    prepare()
    release_stderr()  # which is held for whatever runs by `python -m`
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job would ignore it
    lang = os.environ.get(VARIABLE, "en")  # set for this process, by the one that started it
    with speaking(lang), os.fdopen(os.dup(1), "w", encoding="utf-8") as replies:
        os.dup2(2, 1)  # so that nothing that a library prints gets between the replies

        def send(reply: dict[str, Any]) -> None:
            try:
                replies.write(json.dumps(reply, default=float) + "\n")
                replies.flush()
            except OSError:  # nobody is left to read it, but training is still to be saved
                os.dup2(os.open(os.devnull, os.O_WRONLY), replies.fileno())

        sys.stderr = _Messages(send)
        requests = Requests()
        threading.Thread(target=_listen, args=(requests,), daemon=True).start()
        with suppress(KeyboardInterrupt), sharing(Path(tempfile.gettempdir())):
            with quiet():
                import keras

                from keras_examples.runner import job  # noqa: F401 (while TensorFlow is quiet)
            while request := requests.get():
                send(_answer(request, send))
                keras.utils.clear_session()
                gc.collect()


class _Messages(io.TextIOBase):
    """Stands for stderr, and sends each line of it."""

    def __init__(self, send: Send) -> None:
        self._send, self._begun = send, ""

    def write(self, text: str) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            self._send({"line": line})
        return len(text)


def _listen(requests: Requests) -> None:
    # Without a buffer, whose lock this thread would still hold when Python exits.
    for line in os.fdopen(0, "rb", buffering=0, closefd=False):
        request = json.loads(line)
        if "interrupt" in request:
            signal.raise_signal(signal.SIGINT)
        else:
            requests.put(request)
    requests.put(None)
    signal.raise_signal(signal.SIGINT)  # nobody is left to wait for the end


def _answer(request: dict[str, Any], send: Send) -> dict[str, Any]:
    try:
        return _TASKS[request["task"]](request, send)
    except (InputError, RunError) as error:
        return {"error": error.args, "code": error.exit_code}
    except KeyboardInterrupt:
        return STOPPED
    except OSError as error:
        return {"error": (f"{error}.", f"{error}。"), "code": RunError.exit_code}
    except Exception as error:  # what cannot be trained must not stop the others
        traceback.print_exc()
        text = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
        return {"error": (text, text), "code": RunError.exit_code}


def _plan(request: dict[str, Any], send: Send) -> dict[str, Any]:
    """Checks the options for several examples, see `planning.plan`."""
    import tensorflow as tf

    options, names = Options(**request["options"]), request["names"]
    plans = plan(names, options, leave_out=request["leave_out"])
    gpus = len(tf.config.list_physical_devices("GPU"))
    return {"status": "complete", "plans": plans, "gpus": gpus}


def _run(request: dict[str, Any], send: Send) -> dict[str, Any]:
    """Does what `run()` does; returns what there is in a `Run`, except for the model."""
    from keras_examples.runner.clock import Clock

    clock = Clock()
    with clock("import"):
        from keras_examples.runner.job import Job
    options = Options(**request["options"])
    options.check(request["name"])
    done = Job(request["name"], options, clock, callbacks=[_epochs(send)]).run()
    return {
        "status": done.status,
        "record": done.record,
        "folder": os.fspath(done.folder),
        "figures": [os.fspath(figure) for figure in done.figures],
    }


def _train(request: dict[str, Any], send: Send) -> dict[str, Any]:
    """Trains an example alone, with `"logs"` for TensorBoard if they are asked for."""
    import keras

    from keras_examples.runner.clock import Clock
    from keras_examples.runner.job import Job

    callbacks = [_epochs(send)]
    if request["logs"]:
        callbacks.append(keras.callbacks.TensorBoard(request["logs"], write_graph=False))
    options = Options(**request["options"])
    job = Job(request["name"], options, Clock(), callbacks=callbacks, alone=True)
    outcome, record = job.train()
    return {"status": outcome.status, "history": outcome.history, "record": record}


def _epochs(send: Send) -> Any:
    import keras

    return keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: send({"epoch": epoch + 1})
    )


_TASKS = {"plan": _plan, "run": _run, "train": _train}


if __name__ == "__main__":
    main()
