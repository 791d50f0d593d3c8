"""What was trained, for elsewhere: for the browser, ONNX, LiteRT and TensorFlow."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from keras_examples.core import InputError, Text, catalogue
from keras_examples.core.files import PathLike, reason, replace, write_whole
from keras_examples.core.options import check, takes
from keras_examples.core.records import read_record
from keras_examples.exporting import runtimes, web
from keras_examples.exporting.network import read_network
from keras_examples.exporting.options import ExportOptions
from keras_examples.inference import models

__all__ = ["ExportOptions", "export"]


@dataclass(frozen=True)
class _Export:
    name: str
    model: Path
    part: str
    options: ExportOptions

    def run(self) -> list[Path]:
        folder = Path(self.options.output)
        kind = self.options.format
        if kind == "web":
            written = [folder / f"{self.name}.json", folder / f"{self.name}.bin"]
            self._check_free(*written)
            text, weights = self._in_web_format()
            with _reported(folder):
                # The weights first: what tells their digest is then never without them.
                write_whole(written[1], weights)
                write_whole(written[0], text)
            return written
        target = folder / f"{self.name}{runtimes.FORMATS[kind].ending}"
        self._check_free(target)
        runtimes.check_installed(kind)
        with _reported(folder), tempfile.TemporaryDirectory(dir=folder, prefix=".export-") as aside:
            made = Path(aside, target.name)
            runtimes.save(self.model, self.part, kind, made)
            if target.is_dir():
                target.rename(Path(aside, "before"))
            replace(made, target)
        return [target]

    def _in_web_format(self) -> tuple[str, bytes]:
        network = read_network(*models.contents(self.model, self.part))
        reads = catalogue.declared(self.name, "reads")
        classes = (models.classes_of(self.model) or reads.classes) if reads else ()
        record = read_record(self.model.with_name("run.json"))
        return web.describe(self.name, network, self.options.dtype or "int16", classes, record)

    def _check_free(self, *targets: Path) -> None:
        for target in targets:
            if os.path.lexists(target) and not self.options.force:
                raise InputError(
                    f"{str(target)!r} exists; name another folder (--output), or replace it with "
                    "--force.",
                    f"{str(target)!r} 已存在；请换一个文件夹（--output），或用 --force 替换它。",
                )


@takes(ExportOptions)
def export(name: str, options: ExportOptions) -> _Export:
    """Writes what a run of an example trained, for use elsewhere.

    Args:
        name: An example, such as `"mnist-cnn"`, or `"mnist-cnn-fast"`, trained by a recipe.
        options: Those of `ExportOptions`, as keyword arguments.

    Returns:
        What was written.

    Raises:
        InputError: There is no such model, it is damaged or unsafe, the format does not know one
            of its layers or needs a package that is not installed, or it cannot be written.
        RunError: Keras could not convert it.
    """
    check(options)
    if options.dtype and options.format != "web":
        raise InputError(
            f"--dtype is for the format web, got --format {options.format}; leave one of the two "
            "out.",
            f"--dtype 只用于 web 格式，得到的是 --format {options.format}；请去掉其中一个。",
        )
    name = catalogue.resolve(name, recipes=True)
    part = catalogue.declared(name, "part") or ""
    return _Export(name, models.find(name, None, options.runs, part), part, options)


@contextmanager
def _reported(folder: PathLike) -> Iterator[None]:
    """Makes a folder to write to, and says in one line what stands in the way."""
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        is_file = isinstance(error, FileExistsError)
        why = Text("it is no folder", "它不是文件夹") if is_file else reason(error)
        raise InputError(
            f"cannot write to {str(folder)!r} ({why.en}); name another folder (--output).",
            f"无法写入 {str(folder)!r}（{why.zh}）；请换一个文件夹（--output）。",
        ) from None
