"""How TensorFlow has to start in a process that trains, which cannot be changed afterwards."""

from __future__ import annotations

import os
import sys

_prepared = False


def prepare() -> None:
    """Makes TensorFlow start as training needs it, if it has not started yet.

    Each operation gets one thread, so that a batch can be computed in parts side by side without
    waiting for each other, and operations are oneDNN's, which TensorFlow has on every x86 processor
    but turns on by itself only on some. For a process of our own: it sets environment variables.
    """
    global _prepared
    if _prepared or "tensorflow" in sys.modules:
        return
    os.environ["TF_NUM_INTRAOP_THREADS"] = "1"
    os.environ.pop("TF_NUM_INTEROP_THREADS", None)
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    _prepared = True


def prepared() -> bool:
    """Returns whether TensorFlow starts, or has started, as training needs it."""
    return _prepared
