"""The folders a run writes to: checked before training, and changed only when all is ready."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from filelock import FileLock, Timeout

from keras_examples.core import InputError, RunError, Text
from keras_examples.core.files import NotAFileError, at, is_in_use, reason, replace, replacing
from keras_examples.core.signals import postponed

# With such a name in a staging folder, no path below the two folders is longer.
_LONGEST_NAME = 64


class Output:
    """Collects the files of one run in staging folders, and moves them into place together.

    Whatever happens before `commit()`, an earlier run's files stay as they were. Two processes
    cannot write the same example to the same folders: the second gets an error.

    Args:
        name: The example's name.
        plots: Folder for the figures.
        runs: Folder in which the example gets a folder of its own for everything else.
        more: Further folders for figures.

    Raises:
        InputError: A folder cannot be created or written, or another run is using it.
        RunError: The disk is full.
    """

    def __init__(self, name: str, plots: Path, runs: Path, more: Sequence[Path] = ()) -> None:
        self.folder = runs / name
        self.plots = plots
        self._drawn = drawn = (plots, *more)
        # On the same file system as the place they move to.
        self._staging = {self.folder: self.folder / ".partial"}
        self._staging |= {folder: folder / f".{name}.partial" for folder in drawn}
        self._lock_files = {self.folder: self.folder / ".lock"}
        self._lock_files |= {folder: folder / f".{name}.lock" for folder in drawn}
        self._open()

    def _open(self) -> None:
        self._locks = ExitStack()
        self._held: dict[Path, os.stat_result] = {}
        try:
            for place, lock in self._lock_files.items():
                self._claim(place, lock)
            for place, staging in self._staging.items():
                # The lock is ours, so a run that was killed left whatever is there.
                shutil.rmtree(staging, ignore_errors=True)
                try:
                    staging.mkdir()
                    probe = staging / ("-" * _LONGEST_NAME)  # some systems limit whole paths
                    probe.touch()
                    probe.unlink()
                except OSError as error:
                    raise _unwritable(place, error) from None
        except BaseException:
            self._locks.close()
            self._held.clear()
            raise

    def _claim(self, folder: Path, lock: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            at(lock)
            self._locks.enter_context(FileLock(lock, timeout=0))
            self._held[lock] = lock.stat()
        except Timeout:
            raise InputError(
                f"folder {str(folder)!r} is in use by another run of the same example; "
                "wait until it is done, or choose other folders (--runs, --plots).",
                f"文件夹 {str(folder)!r} 正被同一示例的另一次运行使用；"
                "请等它结束，或另选文件夹（--runs、--plots）。",
            ) from None
        except OSError as error:
            raise _unwritable(folder, error) from None

    def check(self) -> None:
        """Checks that the folders are those of the start, and the run's own.

        Raises:
            RunError: Somebody has removed one.
        """
        for folder, staging in self._staging.items():
            if not self._holds(folder) or not staging.is_dir():
                raise RunError(
                    f"folder {str(folder)!r} was removed, or something in it, during the run, so "
                    "its results could not be saved; run it again.",
                    f"运行期间文件夹 {str(folder)!r} 或其中的内容被删除，"
                    "因此结果无法保存；请重新运行。",
                )

    def _holds(self, folder: Path) -> bool:
        """Returns whether the lock of a folder is still there, and not another run's."""
        lock = self._lock_files[folder]
        try:
            # It is open, so no other file can have got its number.
            return lock in self._held and os.path.samestat(lock.stat(), self._held[lock])
        except OSError:
            return False

    def renew(self) -> None:
        """Makes the folders anew, if somebody has removed them during the run.

        Raises:
            RunError: They cannot be made, or another run is using them by now.
        """
        try:
            self.check()
        except RunError:
            self._locks.close()  # of files that are gone
            try:
                self._open()
            except InputError as error:
                raise RunError(
                    f"the run's folders were removed, and now {error.text.en}",
                    f"本次运行的文件夹已被删除，而现在{error.text.zh}",
                ) from None

    def path(self, file: str) -> Path:
        """Returns where to write a file of the example's own folder, until `commit()`."""
        return self._staging[self.folder] / file

    @property
    def figures(self) -> list[Path]:
        """Where to write figures until `commit()`, a folder for each that they are for."""
        return [self._staging[folder] for folder in self._drawn]

    def plot(self, file: str) -> Path:
        """Returns where to write a figure, until `commit()`."""
        return self._staging[self.plots] / file

    def commit(self, *, into: str = ".", last: str = "run.json") -> None:
        """Moves everything written so far into place, replacing what has the same name.

        All or nothing: if one file cannot be moved, or Ctrl-C comes between two, those that were
        moved before are put back.

        Args:
            into: Folder within the example's own folder for the files that are not figures.
            last: The file to move last, because it describes the others.

        Raises:
            RunError: The files cannot be moved.
        """
        places = {folder: folder for folder in self._staging} | {self.folder: self.folder / into}
        target = self.folder
        try:
            moves = [
                (file, places[place] / file.name)
                for place, staging in self._staging.items()
                for file in sorted(staging.iterdir())
            ]
            moves.sort(key=lambda move: move[0].name == last)
            places[self.folder].mkdir(exist_ok=True)
            undo = ExitStack()
            try:
                for file, target in moves:
                    real = at(target)
                    undo.callback(_restore, file, real, _back_up(real, file))
                    _move(file, real)
            except BaseException:
                with postponed():
                    undo.close()
                raise
        except OSError as error:
            self.check()
            what = Text("Free some space there", "请在那里腾出一些空间")
            if is_in_use(error):
                what = Text("Close it", "请关闭它")
            if isinstance(error, NotAFileError):
                what = Text("Put it aside", "请把它移到别处")
            why = reason(error)
            raise RunError(
                f"cannot move results to {str(target)!r}: {why.en}; "
                f"earlier results are intact. {what.en} and continue with --resume.",
                f"无法把结果移到 {str(target)!r}：{why.zh}；"
                f"之前的结果完好无损。{what.zh}，再用 --resume 继续。",
            ) from None

    def __enter__(self) -> Output:
        return self

    def __exit__(self, *error: object) -> None:
        for folder, staging in self._staging.items():
            if self._holds(folder):
                shutil.rmtree(staging, ignore_errors=True)
        self._locks.close()


def _unwritable(folder: Path, error: OSError) -> InputError | RunError:
    why = reason(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return RunError(
            f"cannot write to folder {str(folder)!r} ({why.en}); earlier results are intact. Free "
            "some space there and run again.",
            f"无法写入文件夹 {str(folder)!r}（{why.zh}）；之前的结果完好无损。"
            "请在那里腾出一些空间，然后重新运行。",
        )
    if folder.is_file():
        why = Text("there is a file of that name", "已有同名的文件")
    return InputError(
        f"cannot write to folder {str(folder)!r} ({why.en}); "
        "choose writable folders (--runs, --plots).",
        f"无法写入文件夹 {str(folder)!r}（{why.zh}）；请另选可写的文件夹（--runs、--plots）。",
    )


def _back_up(target: Path, file: Path) -> Path | None:
    """Copies what `file` is about to replace next to `file`; returns the copy, if there is one."""
    if not target.exists():
        return None
    return Path(shutil.copy2(target, file.with_name(f"{file.name}.before")))


def _move(file: Path, target: Path) -> None:
    try:
        replace(file, target)
    except OSError as error:
        if error.errno != errno.EXDEV:  # a link may lead to another file system
            raise
        with replacing(target) as partial:
            shutil.copyfile(file, partial)
        file.unlink()


def _restore(file: Path, target: Path, backup: Path | None) -> None:
    if file.exists():  # it was not moved, and the target may be in use
        return
    if backup is None:
        target.unlink(missing_ok=True)
    else:
        _move(backup, target)
