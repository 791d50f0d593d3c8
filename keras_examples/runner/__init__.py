"""What happens to an example: training, figures, record. Nothing here knows any one example."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from keras_examples.core.options import Task, takes
from keras_examples.core.threads import prepared
from keras_examples.runner.options import Options
from keras_examples.runner.result import Run

if TYPE_CHECKING:
    from keras_examples.runner.clock import Clock

__all__ = ["Run", "run"]


@takes(Options)
def run(name: str, options: Options) -> Task[Run]:
    """Trains an example and saves its figures, its record and its model.

    Args:
        name: The example's name; `keras-examples list` shows all.
        options: Those of `Options`, as keyword arguments.

    Returns:
        A `Run`: the trained model, its history, metrics, and the paths of the saved files. Of
        several machines only the first, the chief, saves; the others' `Run` has only the model.

    Raises:
        InputError: An option cannot be used; nothing was changed.
        RunError: Training or saving failed; what was saved before is intact.
    """
    options.check(name)
    if not (options.strategy or prepared()):
        from keras_examples.runner.processes.elsewhere import RunElsewhere

        return RunElsewhere(name, options)
    # TensorFlow takes seconds to import: not before the options are known to be valid.
    from keras_examples.core import backend, console
    from keras_examples.runner.clock import Clock

    clock = Clock()
    kind: Callable[[str, Options, Clock], Task[Run]]
    with clock("import"), console.quiet():
        backend.load_keras()
        if options.strategy:
            from keras_examples.runner.distributed.job import DistributedJob

            kind = DistributedJob
        else:
            from keras_examples.runner.job import Job

            kind = Job
    return kind(name, options, clock)
