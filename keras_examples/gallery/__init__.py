"""The page of all figures, made from the records of the runs that drew them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keras_examples.core import InputError, RunError, Text, catalogue
from keras_examples.core.files import check_output, reason, write_whole
from keras_examples.core.records import read_record

_HEAD = """\
# Gallery

The course, in the order in which the articles build up. Every figure was drawn by the command above
it, in the run whose numbers stand beside it. This page is written by `keras-examples gallery` from
the records of those runs; `keras-examples run all --lang both --animate` makes them anew.

整个课程，顺序与文章一致。每张图由其上方的命令绘制，旁边的数字来自同一次运行。本页由
`keras-examples gallery`
根据运行记录生成；`keras-examples run all --lang both --animate` 可重新生成全部内容。
"""
_MARK = "written by `keras-examples gallery`"
_SOURCES = {"stand-in": "STAND-IN, drawn by code", "computed": "computed"}


def write(
    plots: str | os.PathLike[str] = "plots",
    runs: str | os.PathLike[str] = "runs",
    *,
    force: bool = False,
) -> Path:
    """Writes the gallery page into the folder of the figures.

    Args:
        plots: Folder of the figures.
        runs: Folder of the runs' records.
        force: Whether to replace a README.md that is not such a page.

    Returns:
        The path of the page.

    Raises:
        InputError: There is no record of any example, a record is damaged, a figure is missing, or
            there is another README.md.
        RunError: The page cannot be written.
    """
    plots, runs = Path(plots), Path(runs)
    chapters = [_chapter(title, names, plots, runs) for title, names in catalogue.chapters()]
    if not any(chapters):
        raise InputError(
            f"no run.json of any example below {str(runs)!r}; run `keras-examples run all` first, "
            "or name the folder of the runs (--runs).",
            f"{str(runs)!r} 下没有任何示例的 run.json；请先运行 `keras-examples run all`，"
            "或指定存放运行结果的文件夹（--runs）。",
        )
    target = plots / "README.md"
    check_output(target, _MARK, force=force)
    try:
        write_whole(target, "\n".join([_HEAD, *filter(None, chapters)]))
    except OSError as error:
        raise RunError(
            f"cannot write {str(target)!r}: {reason(error).en}; choose a writable folder of "
            "figures (--plots), or free some space there.",
            f"无法写入 {str(target)!r}：{reason(error).zh}；"
            "请另选一个可写的文件夹存放图（--plots），或在那里腾出空间。",
        ) from None
    return target


def _chapter(title: Text, names: list[str], plots: Path, runs: Path) -> str:
    sections = [section for name in names if (section := _section(runs / name, plots))]
    return "\n".join([f"## {title.en} · {title.zh}\n", *sections]) if sections else ""


def _section(folder: Path, plots: Path) -> str | None:
    record = read_record(folder / "run.json")
    return None if record is None else _describe(record, plots)


def _describe(record: Mapping[str, Any], plots: Path) -> str:
    moving = {Path(name).stem for name in record["figures"] if name.endswith(".gif")}
    figures = [
        _figure(name, record["example"], plots)
        for name in record["figures"]
        if name.endswith(".gif") or Path(name).stem not in moving  # the still of an animation
    ]
    rows = [f"| {name} | {value} |" for name, value in _facts(record).items()]
    return "\n".join(
        [
            f"### {record['title']['en']} · {record['title']['zh']}\n",
            f"```\n{record['command']}\n```\n",
            *["| | |", "|---|---|", *rows, ""],
            *figures,
        ]
    )


def _facts(record: Mapping[str, Any]) -> dict[str, Any]:
    data, status = record["data"], record["status"]
    metrics = {
        name: f"{value:.4g}" for name, value in record["metrics"].items() if value is not None
    }
    seconds = f"{record['seconds']['total']:.0f}"
    return {
        **({} if status == "complete" else {"Status": status}),
        "Data": f"{data['name']} ({_SOURCES.get(data['source'], 'real data')})",
        "Seed": record["seed"],
        "Parameters": f"{record['parameters']:,}",
        **metrics,
        "Seconds": f"{seconds} ({record['cores']} cores, {record['processor']})",
        "Weights (SHA-256)": f"`{record['weights_sha256'][:16]}…`",
    }


def _figure(name: str, example: str, plots: Path) -> str:
    if not (plots / name).exists():
        raise InputError(
            f"{name} is in the record of {example} but not in {str(plots)!r}; run "
            f"`keras-examples run {example}` again, or name its folder (--plots).",
            f"{example} 的记录里有 {name}，{str(plots)!r} 中却没有；请重新运行 "
            f"`keras-examples run {example}`，或指定它所在的文件夹（--plots）。",
        )
    both = f"![{Path(name).stem}]({name})"
    if (plots / "zh" / name).exists():
        both += f" ![{Path(name).stem}，中文](zh/{name})"
    return f"{both}\n"
