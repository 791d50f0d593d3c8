"""The record of a run, `run.json`: read and checked, so that everything else may rely on it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import NoneType
from typing import Any

from keras_examples.core.errors import InputError
from keras_examples.core.files import read, reason
from keras_examples.core.text import Text

Shape = Mapping[str, Any] | tuple[type, ...] | list[Any]

STATUSES = ("complete", "interrupted", "diverged")

_TEXT, _NUMBER, _WHOLE = (str,), (int, float), (int,)
# A mapping has these keys, and a list entries of this type; of a tuple, it is one of the types.
_SHAPE: Shape = {
    "example": _TEXT,
    "title": {"en": _TEXT, "zh": _TEXT},
    "status": _TEXT,
    "command": _TEXT,
    "seed": _WHOLE,
    "data": {"name": _TEXT, "source": _TEXT},
    "processor": _TEXT,
    "cores": _WHOLE,
    "metrics": {"*": (*_NUMBER, NoneType)},
    "parameters": _WHOLE,
    "weights_sha256": _TEXT,
    "figures": [_TEXT],
    "seconds": {"total": _NUMBER},
}


def read_record(path: Path) -> dict[str, Any] | None:
    """Returns the record of a run, or None if there is no such file.

    Args:
        path: Its `run.json`.

    Raises:
        InputError: The file is not the record of a run.
    """
    try:
        record = json.loads(read(path))
        if not _fits(record, _SHAPE) or not _is_sound(record):
            raise ValueError("it has another content")
        return dict(record)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        why = Text("", "")
        if isinstance(error, OSError):
            why = Text(f" ({reason(error).en})", f"（{reason(error).zh}）")
        raise InputError(
            f"{str(path)!r} is not the record of a run{why.en}; run `keras-examples run "
            f"{path.parent.name}` again without --resume, or put the file aside.",
            f"{str(path)!r} 不是一次运行的记录{why.zh}；请不加 --resume 重新运行 "
            f"`keras-examples run {path.parent.name}`，或把这个文件移到别处。",
        ) from None


def config_of(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns what the result of a recorded run depended on; empty if it does not say."""
    config = record.get("config") or record.get("asked")  # its name before version 0.2
    return config if isinstance(config, dict) else {}


def _fits(value: Any, shape: Shape) -> bool:
    if isinstance(shape, tuple):
        return type(value) in shape  # which bool is not
    if isinstance(shape, list):
        return isinstance(value, list) and all(_fits(entry, shape[0]) for entry in value)
    if not isinstance(value, dict):
        return False
    if "*" in shape:
        return all(_fits(entry, shape["*"]) for entry in value.values())
    return all(key in value and _fits(value[key], part) for key, part in shape.items())


def _is_sound(record: Mapping[str, Any]) -> bool:
    # Figures have names, not paths to elsewhere.
    named = all(Path(name).name == name and name.isprintable() for name in record["figures"])
    return named and record["status"] in STATUSES
