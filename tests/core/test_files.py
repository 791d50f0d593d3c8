"""Files that are read if they are any, and written whole or not at all."""

from __future__ import annotations

import ast
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

import keras_examples
from keras_examples.core import InputError, files
from keras_examples.core.files import NotAFileError, check_output, read, replacing, write_whole
from tests.platforms import linux, posix

PACKAGE = Path(keras_examples.__file__).parent


def test_a_file_is_replaced_by_a_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("before")
    write_whole(path, "after é")
    assert path.read_bytes() == "after é".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_what_breaks_while_it_is_written_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("before")

    def write_half() -> None:
        with replacing(path) as partial:
            partial.write_text("half of")
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        write_half()
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_block_that_writes_nothing_is_an_error_and_leaves_the_file(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("before")

    def write_elsewhere() -> None:
        with replacing(path) as partial:
            partial.with_name("elsewhere").write_text("")

    with pytest.raises(FileNotFoundError):
        write_elsewhere()
    assert path.read_text() == "before"


# What is no file, and what is too large


def make_other(kind: str, path: Path) -> None:
    """Puts something else than a file at a path."""
    if kind == "directory":
        path.mkdir()
    elif kind == "named pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(os.path.relpath(path))  # its path may not be long
    else:
        path.symlink_to("/dev/zero")


OTHERS = pytest.mark.parametrize(
    "kind",
    [
        "directory",
        *(
            pytest.param(kind, marks=posix("special files"))
            for kind in ("named pipe", "socket", "device")
        ),
    ],
)


@OTHERS
def test_what_is_no_file_is_neither_read_nor_waited_for(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "one"
    make_other(kind, path)
    with pytest.raises(NotAFileError, match=f"a {kind}, expected a file"):
        read(path)


@posix("named pipes")
def test_what_takes_a_files_place_just_before_it_is_opened_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, pipe = tmp_path / "one", tmp_path / "pipe"
    path.touch()
    os.mkfifo(pipe)
    open_at_once = files._open_at_once
    monkeypatch.setattr(
        files, "_open_at_once", lambda _, flags: open_at_once(os.fspath(pipe), flags)
    )
    with pytest.raises(NotAFileError, match="a named pipe"):
        read(path)


def test_a_file_is_read_up_to_a_size(tmp_path: Path) -> None:
    path = tmp_path / "one"
    path.write_bytes(b"12345")
    assert read(path, most=5) == b"12345"
    with pytest.raises(OSError, match="more than 4 bytes"):
        read(path, most=4)
    path.write_bytes(b"")
    assert read(path) == b""


@linux("/proc")
def test_a_file_of_the_system_is_read_up_to_a_size_though_it_says_that_it_is_empty() -> None:
    assert b"Name:" in read("/proc/self/status")
    with pytest.raises(OSError, match="more than 10 bytes"):
        read("/proc/self/status", most=10)


def test_a_small_file_is_read_however_large_it_may_be(tmp_path: Path) -> None:
    (tmp_path / "small").write_bytes(b"small")
    assert read(tmp_path / "small", 10**15) == b"small"


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "one"
    path.touch()
    os.truncate(path, 1 << 40)
    with pytest.raises(OSError, match="more than 1,000,000 bytes"):
        read(path)


@posix("symbolic links")
def test_links_are_followed_for_reading_and_for_writing(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "aside" / "link"
    link.parent.mkdir()
    link.symlink_to("../real")
    write_whole(link, "new")  # which makes the file
    assert (real.read_text(), read(link)) == ("new", b"new")
    write_whole(link, "newer")
    assert (real.read_text(), link.is_symlink()) == ("newer", True)
    assert {path.name for path in tmp_path.rglob("*")} == {"real", "aside", "link"}


@OTHERS
def test_what_is_no_file_is_not_replaced(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "one"
    make_other(kind, path)
    before = path.stat()
    with pytest.raises(NotAFileError, match=f"a {kind}, expected a file"):
        write_whole(path, "new")
    with pytest.raises(InputError, match=rf"cannot write .*\(a {kind}, expected a file\)"):
        check_output(path, "ours", force=True)
    assert os.path.samestat(path.stat(), before)
    assert list(tmp_path.iterdir()) == [path]


@posix("named pipes")
def test_what_lies_where_a_file_is_written_aside_is_not_written_to(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".one.partial")
    write_whole(tmp_path / "one", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


# Whose file it is


def test_a_file_of_somebody_else_is_replaced_only_by_force(tmp_path: Path) -> None:
    path = tmp_path / "one"
    check_output(path, "ours")  # there is none yet
    path.touch()
    check_output(path, "ours")  # nothing in it can be lost
    path.write_text("this is ours")
    check_output(path, "ours")
    path.write_text("this is mine")
    with pytest.raises(InputError, match=r"one' exists, and keras-examples did not .* --force"):
        check_output(path, "ours")
    check_output(path, "ours", force=True)
    assert path.read_text() == "this is mine"


@posix("permissions")
def test_a_file_that_cannot_be_read_is_somebody_elses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "one").write_text("this is ours")
    monkeypatch.setattr(files, "_open_at_once", forbidden)
    with pytest.raises(InputError, match="--force"):
        check_output(tmp_path / "one", "ours")


# Nothing else opens files

OPENING = re.compile(
    r"(^|\.)(open|fdopen|read_text|read_bytes|write_text|write_bytes|touch|shutil\.copy\w*"
    r"|save|savez\w*|savefig|savetxt|loadtxt|genfromtxt|fromfile|tofile|memmap|imread|imsave"
    r"|np\.load|load_model|load_weights|save_weights|ZipFile|File|TemporaryFile|NamedTemporaryFile)$"
)
# Calls that open files by themselves, or only look as if they did, and why they may.
ALLOWED = {
    # Of the package itself, and of the system
    "path.read_text(encoding='utf-8')": "the source of a page",
    "resources.files(__package__ or '').joinpath('published.json').read_text('utf-8')": "our own",
    "module.read_text('utf-8')": "the source of a page",
    "file.read_text('utf-8')": "its Chinese text",
    "Path(__file__).with_name(file).read_text(encoding='utf-8')": "what the demo consists of",
    "os.open(os.devnull, os.O_RDWR)": "nothing",
    "os.open(os.devnull, os.O_WRONLY)": "nothing",
    "Path(os.devnull).open('w', encoding='utf-8')": "nothing",
    "os.fdopen(os.dup(1), 'w', encoding='utf-8')": "a pipe to the process that started this one",
    "os.fdopen(0, 'rb', buffering=0, closefd=False)": "a pipe from the process that started it",
    "tempfile.TemporaryFile()": "a new file without a name",
    # Aside, in a folder or under a name that the run itself has made
    "probe.touch()": "written aside",
    "_with_footnote(function(trained), trained).savefig(folder / names[-1])": "written aside",
    "animation.save((_with_footnote(one, trained) for one in frames), folder / names[-2])": "aside",
    "first.save(path, save_all=True, append_images=others, duration=durations, loop=0)": "aside",
    "last.savefig(path.with_suffix('.png'))": "written aside",
    "drawn.savefig(output.plot(figure))": "written aside",
    "trained.model.save(output.path('model.keras'))": "written aside",
    "zipfile.ZipFile(path, 'a')": "written aside",
    "figure.savefig(partial, format='png', metadata={'Software': _MARK})": "written aside",
    "shutil.copyfile(file, partial)": "written aside",
    "runtimes.save(self.model, self.part, kind, made)": "written aside",
    "ZipFile(own, 'w')": "in a temporary folder of its own",
    "h5py.File(own, 'w')": "in memory",
    "h5py.File(weights, 'r')": "in memory",
    "h5py.File(io.BytesIO(weights), 'r')": "in memory",
    "target.open('wb')": "pooch's temporary file",
    "shutil.copy2(target, file.with_name(f'{file.name}.before'))": "a regular file, checked",
    "np.save(place / f'{name}.npy', getattr(data, name))": "in a temporary folder of its own",
    "np.load(place / f'{one}.npy', mmap_mode='r')": "in a temporary folder of its own",
    # What `reading` has opened or checked
    "zipfile.ZipFile(file)": "opened",
    "ZipFile(path)": "checked by `models.contents`",
    "zipfile.ZipFile(stream)": "opened",
    "Image.open(file, formats=_FORMATS)": "opened",
    "archive.open(f'{name}.npy')": "within an archive that is open",
    "model.load_weights(output.folder / 'model.keras')": "checked",
    "keras.saving.load_model(file)": "checked",
    "keras.saving.load_model(path, compile=False, safe_mode=True)": "checked",
    "self._checkpoints.save(epoch + 1, state.read(self._learner), self._history.history, "
    "self._snapshots.taken)": "our own, which writes as is right",
    # In memory
    "np.savez(packed, *arrays)": "in memory",
    "np.savez(content, about=np.array(json.dumps(about)), **arrays)": "in memory",
    "np.load(io.BytesIO(self.all_gather(packed.getvalue())[0]))": "in memory",
    "np.load(io.BytesIO(content[size:]), allow_pickle=False)": "in memory",
    "np.load(io.BytesIO(content), allow_pickle=False)": "in memory",
    "h5py.File(content, 'r')": "in memory",
    "image.savefig(file, format='png')": "in memory",
    "figure.savefig(drawn, format='png', dpi=_DPI)": "in memory",
    "Image.open(drawn, formats=['PNG'])": "in memory",
    "Image.fromarray(image).save(file, format='png')": "in memory",
}


def opening() -> Iterator[tuple[str, str]]:
    """Yields each call that may open a file outside `core/files.py`: where, and the call."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if path == Path(files.__file__):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and OPENING.search(ast.unparse(node.func)):
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", ast.unparse(node)


def test_nothing_else_opens_files() -> None:
    assert [(where, call) for where, call in opening() if call not in ALLOWED] == []


def test_what_is_allowed_to_open_files_still_does() -> None:
    assert set(ALLOWED) - {call for _, call in opening()} == set()
