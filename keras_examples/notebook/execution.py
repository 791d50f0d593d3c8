"""Runs a notebook from top to bottom."""

from __future__ import annotations

import os
import subprocess
import tempfile
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from keras_examples.core import RunError


def execute_in_place(notebook: Any) -> None:
    """Runs a notebook in a kernel and a folder of its own, and puts the results into it.

    Args:
        notebook: An `nbformat` notebook.

    Raises:
        RunError: A cell failed.
    """
    about = dict(notebook.metadata)
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    try:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            NotebookClient(
                notebook,
                timeout=None,
                kernel_name="python3",
                record_timing=False,  # it would be another file each time
                resources={"metadata": {"path": folder}},
            ).execute(env=quiet, stderr=subprocess.DEVNULL)
    except CellExecutionError as error:
        reason = f"{error.ename}: {error.evalue}".partition("\n")[0]
        raise RunError(f"the notebook broke, and was not written: {reason}") from None
    except DeadKernelError:
        raise RunError(
            "the notebook's kernel died, perhaps for want of memory, and it was not written."
        ) from None
    notebook.metadata = type(notebook.metadata)(about)  # without the versions of this machine
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
