"""The process that trains: reads requests and writes replies, one JSON object per line.

A reply is `{"epoch": n}` after each epoch, and at the end `{"status", "history", "record"}` or
`{"error"}`.
"""

from __future__ import annotations

import json
import os
import sys
from typing import IO, Any

from keras_examples.core import InputError, RunError
from keras_examples.core.console import quiet, release_stderr
from keras_examples.runner.options import Options


def main() -> None:
    """Answers requests until there are no more."""
    release_stderr()  # which is held for whatever runs by `python -m`
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as replies:
        os.dup2(2, 1)  # so that nothing that a library prints gets between the replies
        with quiet():
            import keras

            from keras_examples.runner import job  # noqa: F401 (while TensorFlow is quiet)
        for line in sys.stdin:
            _reply(replies, _answer(json.loads(line), replies))
            keras.utils.clear_session()


def _reply(replies: IO[str], reply: dict[str, Any]) -> None:
    replies.write(json.dumps(reply, default=float) + "\n")
    replies.flush()


def _answer(request: dict[str, Any], replies: IO[str]) -> dict[str, Any]:
    try:
        return _train(request, replies)
    except (InputError, RunError) as error:
        return {"error": str(error)}
    except Exception as error:  # a setting that cannot be trained must not stop the others
        return {"error": f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"}


def _train(request: dict[str, Any], replies: IO[str]) -> dict[str, Any]:
    import keras

    from keras_examples.runner.clock import Clock
    from keras_examples.runner.job import Job

    callbacks = [
        keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: _reply(replies, {"epoch": epoch + 1})
        )
    ]
    if request["logs"]:
        callbacks.append(keras.callbacks.TensorBoard(request["logs"], write_graph=False))
    options = Options(**request["options"])
    job = Job(request["name"], options, Clock(), callbacks=callbacks, alone=True)
    outcome, record = job.train()
    return {"status": outcome.status, "history": outcome.history, "record": record}


if __name__ == "__main__":
    main()
