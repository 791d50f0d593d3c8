"""What differs between systems for the tests themselves: marks, and how processes are started."""

from __future__ import annotations

import multiprocessing
import os
import sys
from pathlib import Path
from typing import Any

import pytest


def posix(what: str) -> pytest.MarkDecorator:
    """Returns a mark for tests that need something which only POSIX systems have.

    Args:
        what: What they need, such as `"SIGKILL"`.
    """
    reason = f"needs {what}, which only POSIX systems have"
    return pytest.mark.skipif(os.name != "posix", reason=reason)


def linux(what: str) -> pytest.MarkDecorator:
    """Returns a mark for tests that need something which only Linux has, such as `"/proc"`."""
    reason = f"needs {what}, which only Linux has"
    return pytest.mark.skipif(sys.platform != "linux", reason=reason)


def fork_server(*modules: str) -> Any:
    """Returns a context for processes that come from a server which has imported modules once.

    Windows has no such server, and on macOS a process that has imported TensorFlow cannot be forked
    reliably: there each process imports the modules itself.
    """
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    # Before Python 3.13 the server finds modules in the current folder alone, which tests change.
    paths = [str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(modules))
    return context
