"""The two ways in which a command of this project fails: before it ran, or while it ran."""

from __future__ import annotations


class InputError(Exception):
    """What was asked for cannot be done; nothing has been changed.

    The message is one line: what was given, what was expected, what to do.
    """

    exit_code = 2


class RunError(Exception):
    """Something broke while running; what was saved before is intact.

    The message is one line, as in `InputError`.
    """

    exit_code = 1
