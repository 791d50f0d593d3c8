"""What training that was killed goes on from: its whole state, written after every epoch."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from keras_examples.core import InputError, RunError
from keras_examples.core.files import write_whole

KEPT = 2


@dataclass(frozen=True)
class Checkpoint:
    """Training as it stood at the end of an epoch.

    Args:
        config: What the result of the run depends on, by name.
        epoch: How many epochs were complete.
        state: The variables of the model and its optimizer, random states among them, in order.
        history: Keras's metrics, one number per epoch each.
        snapshots: What the example's `snapshot` returned, one entry per epoch.
    """

    config: Mapping[str, Any]
    epoch: int
    state: list[np.ndarray]
    history: Mapping[str, list[float]] = field(default_factory=dict)
    snapshots: tuple[np.ndarray, ...] = ()


class CheckpointManager:
    """The checkpoints of a run: of each of its trainings the last two, in a folder.

    Keras's `BackupAndRestore` does not do here: it leaves out the history and the states of
    `SeedGenerator`s, writes weights and epoch in place and as two files, so that a kill between
    them pairs the weights of one epoch with the number of another, takes a file with a flipped bit
    for a good one, and works in `fit` alone. Delete this class once it does all that.

    A file is the SHA-256 of what follows, and then an `.npz`.

    Args:
        folder: Where they are; made when the first is written.
        config: What the result of the run depends on, see `check_same`.
    """

    def __init__(self, folder: Path, config: Mapping[str, Any]) -> None:
        self._folder, self._config = folder, config

    def of(self, name: str) -> CheckpointManager:
        """Returns the checkpoints of one of the run's trainings: the example's or a companion's."""
        return CheckpointManager(self._folder / name, self._config)

    def saved_config(self) -> Mapping[str, Any]:
        """Returns the config of the run that left checkpoints; empty if there are none."""
        folders = sorted(self._folder.iterdir()) if self._folder.is_dir() else []
        found = (self.of(folder.name).latest() for folder in folders)
        return next((checkpoint.config for checkpoint in found if checkpoint), {})

    def clear(self) -> None:
        """Removes them all.

        Raises:
            RunError: They cannot be removed.
        """
        try:
            if self._folder.exists():
                shutil.rmtree(self._folder)
        except OSError as error:
            raise RunError(
                f"cannot remove {str(self._folder)!r}: {error.strerror or error}; "
                "remove it and run again."
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
        """Writes a checkpoint, whole or not at all, and removes all but the last two.

        Args:
            epoch: As in `Checkpoint`.
            state: As in `Checkpoint`.
            history: As in `Checkpoint`.
            snapshots: As in `Checkpoint`.

        Raises:
            RunError: It cannot be written.
        """
        checkpoint = Checkpoint(self._config, epoch, state, history, tuple(snapshots))
        path = self._folder / f"epoch-{checkpoint.epoch:010}.ckpt"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_whole(path, _pack(checkpoint))
            for old in self.files()[:-KEPT]:
                old.unlink()
        except OSError as error:
            raise RunError(
                f"cannot write a checkpoint to {str(self._folder)!r}: {error.strerror or error}; "
                "earlier results are intact. Make room there and go on with --resume."
            ) from None

    def latest(self) -> Checkpoint | None:
        """Returns the latest checkpoint that is whole, or None; removes damaged ones, and says so.

        Raises:
            RunError: One cannot be read, for another reason than damage.
        """
        files = self.files()
        for path in reversed(files):
            try:
                return _unpack(path.read_bytes())
            except OSError as error:
                raise RunError(
                    f"cannot read the checkpoint {str(path)!r}: {error.strerror or error}; nothing "
                    "was changed."
                ) from None
            except (ValueError, KeyError, EOFError, zipfile.BadZipFile):
                before = "there is none before it" if path == files[0] else "taking the one before"
                print(f"{path}: damaged checkpoint, {before}.", file=sys.stderr)
                path.unlink()
        return None


def check_same(name: str, config: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """Refuses to resume a run whose result depended on something else.

    Args:
        name: The example's name.
        config: What the result depends on now, by name.
        before: The same of the run that is to be resumed.

    Raises:
        InputError: They differ; the message says in what.
    """
    names = dict.fromkeys([*config, *before])
    changed = [one for one in names if config.get(one) != before.get(one)]
    if changed:
        differences = "; ".join(
            f"{one} is {config.get(one)!r}, was {before.get(one)!r}" for one in changed
        )
        raise InputError(
            f"cannot resume {name}: {differences}. Run it as it was begun, or leave out --resume "
            "to start afresh."
        )


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
            config=about.get("config", about.get("asked")),  # its name before version 0.2,
            epoch=about["epoch"],
            state=[arrays[f"state-{index}"] for index in range(count)],
            history=about["history"],
            snapshots=tuple(arrays["snapshots"]) if "snapshots" in arrays.files else (),
        )
