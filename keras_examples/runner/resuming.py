"""What `--resume` finds: a run that is complete, or one that was started with other options."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from keras_examples.core import InputError, Text
from keras_examples.core.files import reading
from keras_examples.core.records import config_of, read_record
from keras_examples.runner.output import Output
from keras_examples.runner.record import history_digest, read_history, weights_digest
from keras_examples.runner.result import Run
from keras_examples.runner.training import Network


def check_same(name: str, config: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """Refuses to resume a run with another config.

    Args:
        name: The example's name.
        config: What the result depends on now, by name.
        before: The config of the run to resume.

    Raises:
        InputError: They differ; the message lists the differences.
    """
    keys = dict.fromkeys([*config, *before])
    changed = [key for key in keys if config.get(key) != before.get(key)]
    if changed:
        now = [(key, repr(config.get(key)), repr(before.get(key))) for key in changed]
        differences = Text(
            "; ".join(f"{key} is {value}, was {old}" for key, value, old in now),
            "；".join(f"{key} 是 {value}，原来是 {old}" for key, value, old in now),
        )
        raise InputError(
            f"cannot resume {name}: {differences.en}. Run it as it was started, or leave out "
            "--resume to start afresh.",
            f"无法继续 {name}：{differences.zh}。请照原来的方式运行，或去掉 --resume 从头开始。",
        )


def load_complete(network: Network, config: Mapping[str, Any], output: Output) -> Run | None:
    """Returns the complete run that a folder holds, or None if there is none.

    Args:
        network: The example's own network.
        config: What the result depends on now, by name.
        output: The folders of the run.

    Raises:
        InputError: It depended on something else, or its files cannot be read; what may be a
            complete run is not run over.
    """
    name = network.example.name
    record = read_record(output.folder / "run.json")
    if record is None or record["status"] != "complete":
        return None
    before = config_of(record)
    check_same(name, config, before)
    model = network.build()
    if model.optimizer is not None:
        model.optimizer.build(model.trainable_variables)
    try:
        with reading(output.folder / "model.keras", sys.maxsize):  # which a pipe, say, is not
            model.load_weights(output.folder / "model.keras")
        history = read_history(output.folder / "history.csv") if before["epochs"] else {}
        if weights_digest(model) != record["weights_sha256"]:
            raise ValueError("the weights are not those of the record")
        if history_digest(history) != record.get("history_sha256", history_digest(history)):
            raise ValueError("the history is not that of the record")  # 0.1 had no digest of it
    except MemoryError:
        raise
    except Exception as error:  # for lost or damaged files Keras and h5py may raise anything
        raise InputError(
            f"{name} is complete by its record, but its files in {str(output.folder)!r} cannot be "
            f"read ({type(error).__name__}); leave out --resume to run it again.",
            f"按记录 {name} 已经完成，但无法读取它在 {str(output.folder)!r} 中的文件"
            f"（{type(error).__name__}）；请去掉 --resume，重新运行。",
        ) from None
    return Run.of(model, history, record, output)
