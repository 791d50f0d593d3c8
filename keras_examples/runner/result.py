"""What a run returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

    from keras_examples.runner.output import Output


@dataclass(frozen=True, kw_only=True)
class Run:
    """The result of a run.

    Args:
        name: The example's name.
        status: `"complete"`, or `"interrupted"` if Ctrl-C ended it early.
        model: The trained model.
        history: Keras's metrics, one value per epoch each.
        metrics: The final metrics, by name.
        record: The content of `run.json`.
        folder: The folder of `history.csv`, `model.keras` and `run.json`.
        figures: The paths of the figures.
        is_chief: Whether this process saved the files; of several machines only the first does.
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

    @classmethod
    def of(
        cls,
        model: keras.Model,
        history: Mapping[str, list[float]],
        record: Mapping[str, Any],
        output: Output,
    ) -> Run:
        """Returns the run of a record.

        Args:
            model: The trained model.
            history: Keras's metrics.
            record: What `run.json` holds.
            output: The folders of the run.
        """
        return cls(
            name=record["example"],
            status=record["status"],
            model=model,
            history=history,
            metrics=record["metrics"],
            record=record,
            folder=output.folder,
            figures=tuple(output.plots / figure for figure in record["figures"]),
        )
