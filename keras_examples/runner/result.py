"""What a run hands back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a run left.

    Args:
        name: The example's name.
        status: `"complete"`, or `"interrupted"` if Ctrl-C ended it early.
        model: The trained model.
        history: Keras's metrics, one number an epoch each.
        metrics: The final ones, by name.
        record: What `run.json` holds.
        folder: The folder of `history.csv`, `model.keras` and `run.json`.
        figures: The paths of the figures.
        is_chief: Whether this process saved it all; of several machines only the first does.
    """

    name: str
    status: str
    model: keras.Model
    history: Mapping[str, list[float]]
    metrics: Mapping[str, float]
    record: Mapping[str, Any]
    folder: Path
    figures: tuple[Path, ...]
    is_chief: bool = True
