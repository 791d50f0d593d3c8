"""The page of all figures, made from the records of the runs that drew them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keras_examples import catalogue
from keras_examples.errors import InputError, RunError

_HEAD = """\
# Gallery

Every figure here was drawn by the command above it, from a run whose numbers stand beside it.
This page is written by `keras-examples gallery` from the records of those runs; `keras-examples run
all` makes them anew.
"""


def write(plots: str | os.PathLike[str] = "plots", runs: str | os.PathLike[str] = "runs") -> Path:
    """Writes the gallery page into the folder of the figures.

    Args:
        plots: Folder of the figures.
        runs: Folder of the runs' records.

    Returns:
        The path of the page.

    Raises:
        InputError: There is no record of any example, or a record or figure is damaged or missing.
        RunError: The page cannot be written.
    """
    plots, runs = Path(plots), Path(runs)
    records = [record for name in catalogue.names() if (record := _read(runs / name))]
    if not records:
        raise InputError(
            f"no run.json of any example below {str(runs)!r}; run `keras-examples run all` first, "
            "or name the folder of the runs (--runs)."
        )
    page = "\n".join([_HEAD, *(_section(record, plots) for record in records)])
    target = plots / "README.md"
    partial = target.with_suffix(".partial")
    try:
        partial.write_text(page, encoding="utf-8")
        partial.replace(target)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise RunError(f"cannot write {str(target)!r}: {error.strerror}.") from error
    return target


def _read(folder: Path) -> dict[str, Any] | None:
    path = folder / "run.json"
    if not path.exists():
        return None
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        assert isinstance(record, dict)  # noqa: S101
        assert {"title", "command", "metrics", "figures", "seconds"} <= record.keys()  # noqa: S101
    except (OSError, ValueError, AssertionError):
        raise InputError(
            f"{str(path)!r} is no record of a run; run `keras-examples run {folder.name}` again."
        ) from None
    return record


def _section(record: Mapping[str, Any], plots: Path) -> str:
    lines = [f"## {record['title']['en']} · {record['title']['zh']}", ""]
    lines += ["```", record["command"], "```", ""]
    data = record["data"]
    facts = {
        "Data": f"{data['name']} ({_WORDS.get(data['source'], 'real data')})",
        "Seed": record["seed"],
        "Parameters": f"{record['parameters']:,}",
        **{name: f"{value:.4g}" for name, value in record["metrics"].items() if value is not None},
        "Seconds": f"{record['seconds']['total']:.0f} ({record['cores']} cores, "
        f"{record['processor']})",
        "Weights (SHA-256)": f"`{record['weights_sha256'][:16]}…`",
    }
    if record["status"] != "complete":
        facts = {"Status": record["status"], **facts}
    lines += ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in facts.items()), ""]
    for figure in record["figures"]:
        if not (plots / figure).exists():
            raise InputError(
                f"{figure} is in the record of {record['example']} but not in {str(plots)!r}; run "
                f"`keras-examples run {record['example']}` again, or name its folder (--plots)."
            )
        lines += [f"![{Path(figure).stem}]({figure})", ""]
    return "\n".join(lines)


_WORDS = {"stand-in": "STAND-IN, drawn by code", "computed": "computed"}
