"""Runs a notebook from top to bottom."""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
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
            client = NotebookClient(
                notebook,
                timeout=None,
                kernel_name="python3",
                record_timing=False,  # it would be another file each time
                resources={"metadata": {"path": folder}},
            )
            _complete(client.async_execute(env=quiet, stderr=subprocess.DEVNULL))
    except CellExecutionError as error:
        reason = f"{error.ename}: {error.evalue}".partition("\n")[0]
        raise RunError(
            f"the notebook broke, and was not written: {reason}", f"笔记本出错，没有写入：{reason}"
        ) from None
    except DeadKernelError:
        raise RunError(
            "the notebook's kernel died, perhaps for want of memory, and it was not written.",
            "运行笔记本的内核意外终止，可能是内存不足；笔记本没有写入。",
        ) from None
    notebook.metadata = type(notebook.metadata)(about)  # without the versions of this machine
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]


def _complete(execution: Coroutine[Any, Any, Any]) -> None:
    """Waits for a notebook's execution; at Ctrl-C its kernel ends.

    In another thread, for in the main one nbclient takes the signals for itself, and goes on.
    """
    loop = asyncio.new_event_loop()
    task = loop.create_task(execution)
    with closing(loop), ThreadPoolExecutor(1) as thread:
        running = thread.submit(loop.run_until_complete, task)
        try:
            while not wait([running], timeout=1).done:  # on Windows Ctrl-C waits for the timeout
                pass
        except BaseException:
            loop.call_soon_threadsafe(task.cancel)
            raise
        running.result()
