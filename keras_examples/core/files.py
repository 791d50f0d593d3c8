"""The one way to read and to write files: only regular ones, bounded, and whole or not at all."""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TypeAlias

from keras_examples.core.console import announce
from keras_examples.core.errors import InputError
from keras_examples.core.text import Text

PathLike: TypeAlias = str | os.PathLike[str]

# Seconds. Windows moves no file onto one that a program has open. A virus scanner soon closes it; a
# viewer does not, so that the user has to.
A_MOMENT, A_WHILE = 2.0, 60.0
_IN_USE = (5, 32)  # Windows's errors: access denied, and a sharing violation
_LONGEST_PATH = 247  # on Windows, unless its settings allow longer ones
_SHORT = 1_000_000  # bytes; texts that this project reads have far fewer
_HEAD = 16_384  # bytes of a file among which what names this project is looked for
# What else than a file a path may lead to. Windows has no sockets there.
_KINDS = {
    stat.S_IFDIR: (errno.EISDIR, Text("a directory", "文件夹")),
    stat.S_IFIFO: (errno.EINVAL, Text("a named pipe", "命名管道")),
    stat.S_IFSOCK: (errno.EINVAL, Text("a socket", "套接字")),
    stat.S_IFCHR: (errno.EINVAL, Text("a device", "设备")),
    stat.S_IFBLK: (errno.EINVAL, Text("a device", "设备")),
}
_SOMETHING_ELSE = (errno.EINVAL, Text("something else", "别的东西"))
# What the system says in English only.
_REASONS = {
    errno.EACCES: "没有权限",
    errno.EPERM: "不允许这样操作",
    errno.ENOENT: "文件或文件夹不存在",
    errno.ENOTDIR: "路径中有一处不是文件夹",
    errno.EISDIR: "那是文件夹",
    errno.EEXIST: "已经存在",
    errno.ENOTEMPTY: "文件夹不是空的",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "超出磁盘配额",
    errno.EROFS: "文件系统只读",
    errno.EFBIG: "文件太大",
    errno.ENAMETOOLONG: "文件名太长",
    errno.ELOOP: "符号链接太多",
    errno.EAGAIN: "暂时没有内容可读",
    errno.EIO: "读写出错",
    errno.EBUSY: "正被占用",
    errno.EMFILE: "打开的文件太多",
    errno.EADDRINUSE: "地址已被占用",
    errno.EADDRNOTAVAIL: "本机没有这个地址",
}


class NotAFileError(OSError):
    """A path leads to something else than a regular file, such as a folder or a named pipe.

    Args:
        number: The error's number.
        kind: What it leads to.
        path: The path.
    """

    def __init__(self, number: int, kind: Text, path: str) -> None:
        super().__init__(number, f"{kind.en}, expected a file", path)
        self.kind = kind


def _check_regular(path: PathLike, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        number, kind = _KINDS.get(stat.S_IFMT(status.st_mode), _SOMETHING_ELSE)
        raise NotAFileError(number, kind, os.fspath(path))


@contextmanager
def reading(path: PathLike, most: int) -> Iterator[BinaryIO]:
    """Opens a file for reading, if it is one.

    Reading a named pipe would wait for ever, and devices have no end.

    Args:
        path: The file; links are followed.
        most: The largest size allowed, in bytes.

    Yields:
        The open file.

    Raises:
        OSError: It cannot be opened, is no regular file, or is larger.
        ValueError: No file can have such a path.
    """
    # Before, as opening a device may do something; and after, as the file may have been replaced.
    _check_regular(path, Path(path).stat())
    with open(path, "rb", opener=_open_at_once) as file:
        status = os.fstat(file.fileno())
        _check_regular(path, status)
        if status.st_size > most:
            raise OSError(errno.EFBIG, f"more than {most:,} bytes", os.fspath(path))
        yield file


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # which Windows does not need


def read(path: PathLike, most: int = _SHORT) -> bytes:
    """Returns the content of a file, if it is one.

    Args:
        path: The file; links are followed.
        most: The largest size allowed, in bytes.

    Raises:
        OSError: It cannot be read, is no regular file, or is larger.
        ValueError: No file can have such a path.
    """
    with reading(path, most) as file:
        # Files of the system may have size 0, and yet content; and all that is asked for is
        # allocated, so that asking for far more than there is may take more memory than there is.
        size = os.fstat(file.fileno()).st_size
        content = file.read(min(most, max(size, _SHORT)) + 1)
        if content is None:
            raise OSError(errno.EAGAIN, "it has nothing to read yet", os.fspath(path))
        if len(content) > most:
            raise OSError(errno.EFBIG, f"more than {most:,} bytes", os.fspath(path))
        return content


def at(path: PathLike) -> Path:
    """Returns where a file is to be written: its path, or the one that a link leads to.

    Args:
        path: The file to write or replace.

    Raises:
        OSError: There is something else than a regular file, or the link leads back to itself.
    """
    with suppress(FileNotFoundError):
        _check_regular(path, Path(path).stat())
    return Path(path).resolve() if Path(path).is_symlink() else Path(path)


def check_output(path: PathLike, mark: str, *, force: bool = False) -> None:
    """Refuses a file to write that is no regular file, or that somebody else has written.

    Args:
        path: The file to write or replace.
        mark: What files like it have near their beginning if this project wrote them.
        force: Whether to replace somebody else's, too.

    Raises:
        InputError: It cannot be written, or is somebody else's.
    """
    try:
        with reading(path, sys.maxsize) as file:
            head = file.read(_HEAD) or b""
    except NotAFileError as error:
        raise InputError(
            f"cannot write {os.fspath(path)!r} ({reason(error).en}); name another place for it.",
            f"无法写入 {os.fspath(path)!r}（{reason(error).zh}）；请换一个位置。",
        ) from None
    except PermissionError:
        head = b"?"  # of somebody else
    except (OSError, ValueError):  # there is none, or none can be written, as will be told then
        return
    if head and mark.encode() not in head and not force:
        raise InputError(
            f"{os.fspath(path)!r} exists, and keras-examples did not write it; name another place, "
            "or replace it with --force.",
            f"{os.fspath(path)!r} 已存在，且不是 keras-examples 写的；请换一个位置，"
            "或用 --force 替换它。",
        )


def replace(source: Path, target: Path) -> None:
    """Moves a file to another place, and replaces what is there.

    Args:
        source: The file.
        target: Its new path, on the same file system.

    Raises:
        OSError: It cannot be moved; on Windows also if a program has had one of the two open for a
            minute, during which the user was asked to close it.
    """
    start, asked = time.monotonic(), False
    while True:
        try:
            source.replace(target)
            return
        except OSError as error:
            waited = time.monotonic() - start
            if not is_in_use(error) or waited > A_WHILE:
                raise
            if waited > A_MOMENT and not asked:
                asked = True
                announce(
                    f"{str(target)!r} may be open in another program; close it there.",
                    f"{str(target)!r} 可能正被另一个程序打开；请在那里关闭它。",
                )
        time.sleep(0.1)


def is_in_use(error: OSError) -> bool:
    """Returns whether an error may be due to another program that has the file open."""
    if getattr(error, "winerror", None) not in _IN_USE:
        return False
    return not os.path.isdir(error.filename2 or error.filename or "")  # noqa: PTH112


def reason(error: OSError) -> Text:
    """Returns why a file cannot be read or written, in a few words."""
    what = error.strerror or str(error)
    if isinstance(error, NotAFileError):
        return Text(what, f"是{error.kind.zh}，应为文件")
    zh = _REASONS.get(error.errno or 0, what)
    if is_in_use(error):
        return Text(f"{what}: it may be open in another program", f"{zh}：可能正被另一个程序打开")
    path = os.path.abspath(error.filename2 or error.filename or "")  # noqa: PTH100
    if sys.platform == "win32" and isinstance(error, FileNotFoundError):
        if len(path) > _LONGEST_PATH:  # of which Windows says that it cannot be found
            return Text(
                f"its path has {len(path)} characters, which is too long for Windows",
                f"路径有 {len(path)} 个字符，对 Windows 来说太长",
            )
    return Text(what, zh)


def portable_name(text: str) -> str:
    """Returns a text as part of a file's name that Linux, macOS and Windows all allow."""
    allowed = re.sub(r'[<>:"/\\|?*\x00-\x1f\x7f\ud800-\udfff]', "_", text)
    return allowed.encode()[:180].decode(errors="ignore").rstrip(". ")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yields a temporary path, and renames that file to `path` when the block succeeds.

    Args:
        path: The file to write or replace; if it is a link, what it leads to.

    Yields:
        The temporary path, in the same folder.

    Raises:
        OSError: It cannot be written, or there is something else than a regular file.
    """
    target = at(path)
    partial = target.with_name(f".{target.name}.partial")
    if os.path.lexists(partial):  # of a process that was killed; or a link, or a pipe
        partial.unlink()
    try:
        yield partial
        with partial.open("r+b") as file:  # Windows syncs only files that are open for writing
            os.fsync(file.fileno())
        replace(partial, target)
    except BaseException:
        with suppress(OSError):
            partial.unlink()
        raise


def write_whole(path: Path, content: str | bytes) -> None:
    """Writes a file atomically: readers see all of it or none, even after a power cut.

    Args:
        path: The file to write or replace, see `replacing`; its folder must exist.
        content: Its content; text is written in UTF-8.

    Raises:
        OSError: It cannot be written, or there is something else than a regular file.
    """
    with replacing(path) as partial:
        partial.write_bytes(content.encode() if isinstance(content, str) else content)
