"""The page of what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.parts import PARTS, gpu


def write(measured: Mapping[str, Any], folder: Path) -> None:
    """Writes `README.md` and the figures into a folder.

    Args:
        measured: What `python -m benchmarks` measured; parts may be missing.
        folder: The folder.
    """
    best = max(max(values) for values in measured["ceiling"].values())
    # What the machine has reached before and after a part belongs to it; its mood changes.
    ceilings = {name: max(measured["ceiling"].get(name, [best])) for name in PARTS}
    there = {name: part for name, part in PARTS.items() if measured.get(name)}
    facts = ", ".join(f"{name} {value}" for name, value in measured["machine"].items())
    lines = [part.summary(measured[name], ceilings[name]) for name, part in there.items()]
    sections = [
        "# Benchmark\n\n" + "\n".join(filter(None, lines)),
        f"Machine: {facts}. A 2048×2048 float32 matrix product reached {best:.0f} GFLOP/s in "
        "between: the ceiling.",
        "Written by `python -m benchmarks` from its own measurements (`measured.json`). The "
        "contestants ran in turn, each in a process of its own; numbers are medians, with the "
        "smallest and the largest in brackets. Unless a section says otherwise, seconds are those "
        "of the whole training with tracing, compiling and validation, without imports and "
        "loading. `python -m benchmarks --quick` looks at the main table in under five minutes.",
        *(part.section(measured[name], ceilings[name], folder) for name, part in there.items()),
    ]
    if "gpu" not in there:
        sections.append(gpu.without())
    (folder / "README.md").write_text("\n\n".join(sections) + "\n", encoding="utf-8")
