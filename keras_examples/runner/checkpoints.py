"""Checkpoints: the whole state of training at the end of an epoch, to resume from."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from keras_examples.core import RunError, Text
from keras_examples.core.console import announce
from keras_examples.core.files import read, reason, write_whole

KEPT = 2
_LARGEST = 20_000_000_000  # bytes: the largest model that can be loaded, and its optimizer


@dataclass(frozen=True)
class Checkpoint:
    """Training as it stood at the end of an epoch.

    Args:
        config: What the result of the run depends on, by name.
        epoch: How many epochs were complete.
        state: The variables of the model and its optimizer, random states among them, in order.
        history: Keras's metrics, one value per epoch each.
        snapshots: What the example's `snapshot` returned, one entry per epoch.
    """

    config: Mapping[str, Any]
    epoch: int
    state: list[np.ndarray]
    history: Mapping[str, list[float]] = field(default_factory=dict)
    snapshots: tuple[np.ndarray, ...] = ()


class CheckpointManager:
    """The checkpoints of a run in a folder: the last two of each network that it trains.

    Keras's `BackupAndRestore` is not enough: it leaves out the history and the states of
    `SeedGenerator`s; it writes weights and epoch in place and as two files, so that a kill between
    them pairs the weights of one epoch with the number of another; it does not detect a flipped
    bit; and it works in `fit` alone. Delete this class once it does all that.

    A file is the SHA-256 of what follows, and then an `.npz`.

    Args:
        folder: Their folder, made when the first is written.
        config: What the result of the run depends on, see `resuming.check_same`.
        prepare: Called before each is written; it sees to it that the run's folder is still there,
            and its own.
    """

    def __init__(
        self,
        folder: Path,
        config: Mapping[str, Any],
        prepare: Callable[[], None] = lambda: None,
    ) -> None:
        self._folder, self._config, self._prepare = folder, config, prepare

    def of(self, name: str) -> CheckpointManager:
        """Returns the checkpoints of one of the run's networks: the example's or a companion's."""
        return CheckpointManager(self._folder / name, self._config, self._prepare)

    def saved_config(self) -> Mapping[str, Any]:
        """Returns the config of the run that left checkpoints; empty if there are none."""
        folders = sorted(self._folder.iterdir()) if self._folder.is_dir() else []
        checkpoints = (self.of(folder.name).latest() for folder in folders)
        return next((checkpoint.config for checkpoint in checkpoints if checkpoint), {})

    def clear(self) -> None:
        """Removes all of them.

        Raises:
            RunError: They cannot be removed.
        """
        try:
            if self._folder.exists():
                shutil.rmtree(self._folder)
        except OSError as error:
            why = reason(error)
            raise RunError(
                f"cannot remove {str(self._folder)!r}: {why.en}; remove it and run again.",
                f"无法删除 {str(self._folder)!r}：{why.zh}；请删除它，然后重新运行。",
            ) from None

    def files(self) -> list[Path]:
        """Returns the files, the oldest first."""
        return sorted(self._folder.glob("epoch-*.ckpt"))

    def save(
        self,
        epoch: int,
        state: list[np.ndarray],
        history: Mapping[str, list[float]],
        snapshots: Sequence[np.ndarray] = (),
    ) -> None:
        """Writes a checkpoint atomically, and removes all but the last two.

        Args:
            epoch: As in `Checkpoint`.
            state: As in `Checkpoint`.
            history: As in `Checkpoint`.
            snapshots: As in `Checkpoint`.

        Raises:
            RunError: It cannot be written.
        """
        self._prepare()
        checkpoint = Checkpoint(self._config, epoch, state, history, tuple(snapshots))
        path = self._folder / f"epoch-{checkpoint.epoch:010}.ckpt"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_whole(path, _pack(checkpoint))
            for old in self.files()[:-KEPT]:
                old.unlink()
        except OSError as error:
            why = reason(error)
            raise RunError(
                f"cannot write a checkpoint to {str(self._folder)!r}: {why.en}; earlier results "
                "are intact. Free some space there and continue with --resume.",
                f"无法把检查点写入 {str(self._folder)!r}：{why.zh}；之前的结果完好无损。"
                "请在那里腾出一些空间，再用 --resume 继续。",
            ) from None

    def latest(self) -> Checkpoint | None:
        """Returns the latest intact checkpoint, or None; removes damaged ones, with a message.

        Raises:
            RunError: One cannot be read, for a reason other than damage.
        """
        files = self.files()
        for path in reversed(files):
            try:
                return _unpack(read(path, _LARGEST))
            except OSError as error:
                why = reason(error)
                raise RunError(
                    f"cannot read the checkpoint {str(path)!r}: {why.en}; nothing was changed.",
                    f"无法读取检查点 {str(path)!r}：{why.zh}；没有改动任何内容。",
                ) from None
            except MemoryError:  # which is no damage
                raise
            except Exception:  # zipfile and NumPy may raise anything at damaged content
                before = Text("using the one before", "改用前一个")
                if path == files[0]:
                    before = Text("there is none before it", "它之前没有别的检查点")
                announce(
                    f"{path}: damaged checkpoint, {before.en}.",
                    f"{path}：检查点已损坏，{before.zh}。",
                )
                path.unlink()
        return None


def _pack(checkpoint: Checkpoint) -> bytes:
    about = {
        "config": checkpoint.config,
        "epoch": checkpoint.epoch,
        "history": checkpoint.history,
    }
    arrays: dict[str, Any] = {
        f"state-{index}": array for index, array in enumerate(checkpoint.state)
    }
    if checkpoint.snapshots:
        arrays["snapshots"] = np.stack(checkpoint.snapshots)
    content = io.BytesIO()
    np.savez(content, about=np.array(json.dumps(about)), **arrays)
    return hashlib.sha256(content.getbuffer()).digest() + content.getbuffer()


def _unpack(content: bytes) -> Checkpoint:
    size = hashlib.sha256().digest_size
    if hashlib.sha256(content[size:]).digest() != content[:size]:
        raise ValueError("the digest differs")
    with np.load(io.BytesIO(content[size:]), allow_pickle=False) as arrays:
        about = json.loads(str(arrays["about"]))
        count = sum(name.startswith("state-") for name in arrays.files)
        return Checkpoint(
            config=about.get("config", about.get("asked")),  # its name before version 0.2
            epoch=about["epoch"],
            state=[arrays[f"state-{index}"] for index in range(count)],
            history=about["history"],
            snapshots=tuple(arrays["snapshots"]) if "snapshots" in arrays.files else (),
        )
