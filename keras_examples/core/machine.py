"""What differs between machines: cores, the processor, how a process is kept from Ctrl-C."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from typing import Any

from keras_examples.core.files import read


def count_cores() -> int:
    """Returns how many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def processor_name() -> str:
    """Returns the name of the processor, such as `"AMD EPYC 9B14"`."""
    try:
        lines = read("/proc/cpuinfo", most=10_000_000).decode().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.machine())


def vector_instructions() -> list[str]:
    """Returns the instruction sets that the processor adds to those of all its kind.

    Processors of one name may differ in them, and then round differently.
    """
    import numpy as np

    built: Any = np.show_config(mode="dicts")
    return list(built.get("SIMD Extensions", {}).get("found", []))


def without_ctrl_c() -> dict[str, Any]:
    """Returns arguments of `subprocess.Popen` for a process that Ctrl-C in a terminal leaves alone.

    It goes to all processes of a terminal, and only the one that the user started is to obey.
    """
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}
