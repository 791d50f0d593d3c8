"""The two errors of this project: input that cannot be used, and a run that failed."""

from __future__ import annotations


class InputError(Exception):
    """An option or an input cannot be used; nothing was changed.

    The message is one line: what was given, what was expected, what to do.
    """

    exit_code = 2


class RunError(Exception):
    """A run failed; what was saved before is intact.

    The message is one line, as in `InputError`.
    """

    exit_code = 1
