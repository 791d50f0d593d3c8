"""The page of all figures, made from the records of the runs that drew them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from keras_examples.core import InputError, RunError, catalogue

_HEAD = """\
# Gallery

The course, in the order in which the articles build up. Every figure was drawn by the command above
it, in the run whose numbers stand beside it. This page is written by `keras-examples gallery` from
the records of those runs; `keras-examples run all` makes them anew.

整个课程，顺序与文章一致。每张图由其上方的命令绘制，旁边的数字来自同一次运行。本页由
`keras-examples gallery`
根据运行记录生成；`keras-examples run all` 可重新生成全部内容。
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
    sections = [_chapter(*chapter, plots, runs) for chapter in catalogue.chapters()]
    if not any(sections):
        raise InputError(
            f"no run.json of any example below {str(runs)!r}; run `keras-examples run all` first, "
            "or name the folder of the runs (--runs)."
        )
    page = "\n".join([_HEAD, *filter(None, sections)])
    target = plots / "README.md"
    partial = target.with_suffix(".partial")
    try:
        partial.write_text(page, encoding="utf-8")
        partial.replace(target)
    except OSError as error:
        raise RunError(
            f"cannot write {str(target)!r}: {error.strerror}; name a folder of figures that can be "
            "written (--plots), or make room there."
        ) from None
    finally:
        with suppress(OSError):
            partial.unlink()
    return target


def _chapter(titles: tuple[str, str], names: list[str], plots: Path, runs: Path) -> str:
    sections = [section for name in names if (section := _section(runs / name, plots))]
    return "\n".join([f"## {' · '.join(titles)}\n", *sections]) if sections else ""


def _section(folder: Path, plots: Path) -> str | None:
    path = folder / "run.json"
    if not path.exists():
        return None
    try:
        return _describe(json.loads(path.read_text(encoding="utf-8")), plots)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        raise InputError(
            f"{str(path)!r} is no record of a run; run `keras-examples run {folder.name}` again."
        ) from None


def _describe(record: Mapping[str, Any], plots: Path) -> str:
    lines = [f"### {record['title']['en']} · {record['title']['zh']}", ""]
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
