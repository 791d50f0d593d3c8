"""The parts of the benchmark, in the order in which they run and stand on the page.

Each is a module that measures (`measure`), writes its section of the page (`section`) and says what
is worth saying first (`summary`).
"""

from __future__ import annotations

from types import ModuleType

from benchmarks.parts import (
    articles,
    everything,
    fast,
    gpu,
    rivals,
    startup,
    sweeps,
    whole,
)

PARTS: dict[str, ModuleType] = {
    "articles": articles,
    "whole": whole,
    "run-all": everything,
    "rivals": rivals,
    "sweeps": sweeps,
    "fast": fast,
    "startup": startup,
    "gpu": gpu,
}
