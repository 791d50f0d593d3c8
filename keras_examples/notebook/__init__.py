"""Makes a Jupyter notebook of an example's module: its text, its functions, training, figures."""

from __future__ import annotations

import os
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from keras_examples.core import LANGUAGES, InputError, RunError, catalogue
from keras_examples.core.files import check_output, reason, write_whole
from keras_examples.core.text import choice_of
from keras_examples.figures import fonts

__all__ = ["make", "write"]

_SUFFIXES = {"en": ".ipynb", "zh": ".zh-CN.ipynb"}
_MARK = "from keras_examples.figures.style import style as in_style"  # in a cell of every one
_NEEDED = ("nbformat", "nbclient", "ipykernel")


def write(
    name: str,
    *,
    lang: str = "en",
    output: str | os.PathLike[str] | None = None,
    execute: bool = False,
    force: bool = False,
) -> Path:
    """Writes the notebook of an example.

    Args:
        name: The example, such as `"mnist-cnn"`.
        lang: Language of its texts and figures, `"en"` or `"zh"`.
        output: The file; by default `notebooks/NAME.ipynb`, or `NAME.zh-CN.ipynb` for Chinese.
        execute: Whether to run it first, and write it with its results.
        force: Whether to replace a file that is not such a notebook.

    Returns:
        The path of the file.

    Raises:
        InputError: There is no such example or language, what notebooks need is not installed, or
            the file is somebody else's.
        RunError: The notebook broke when it ran, or cannot be written; an earlier one is intact.
    """
    name = catalogue.resolve(name)
    if lang not in LANGUAGES:
        choice = choice_of(LANGUAGES)
        raise InputError(
            f"lang: got {lang!r}, expected {choice.en}.", f"lang：得到 {lang!r}，应为 {choice.zh}。"
        )
    fonts.require(lang)
    missing = [package for package in _NEEDED if find_spec(package) is None]
    if missing:
        raise InputError(
            f"notebooks need {', '.join(missing)}, which cannot be found; "
            '`pip install "keras-examples[notebook]"`.',
            f"生成笔记本需要 {'、'.join(missing)}，但没有找到；"
            '请运行 `pip install "keras-examples[notebook]"`。',
        )
    import nbformat

    target = Path(output or Path("notebooks") / f"{name}{_SUFFIXES[lang]}")
    check_output(target, _MARK, force=force)
    notebook = make(name, lang)
    if execute:
        from keras_examples.notebook.execution import execute_in_place

        execute_in_place(notebook)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, nbformat.writes(notebook).rstrip("\n") + "\n")
    except OSError as error:
        raise RunError(
            f"cannot write {str(target)!r}: {reason(error).en}; name a file that can be written "
            "(--output), or make room there.",
            f"无法写入 {str(target)!r}：{reason(error).zh}；请指定一个可以写入的文件"
            "（--output），或腾出空间。",
        ) from None
    return target


def make(name: str, lang: str = "en") -> Any:
    """Makes the notebook of an example, the same each time.

    Args:
        name: The example, as the catalogue spells it.
        lang: Language of its texts and figures.

    Returns:
        An `nbformat` notebook.
    """
    import nbformat

    from keras_examples.notebook.cells import Cells

    example = catalogue.load(name)
    module = resources.files("keras_examples").joinpath(f"{name.replace('-', '_')}.py")
    cells = []
    for number, (kind, text) in enumerate(Cells(example, module.read_text("utf-8"), lang).all()):
        new = getattr(nbformat.v4, f"new_{kind}_cell")
        # nbformat gives cells random names, and the same notebook is to be the same file.
        cells.append(new(text.strip("\n"), id=f"cell-{number:02}"))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    about = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return nbformat.v4.new_notebook(cells=cells, metadata=about)
