"""What Windows and macOS do otherwise, simulated: by what a function of the system does there."""

from __future__ import annotations

import ast
import errno
import functools
import os
import queue
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

import keras_examples
from keras_examples import InputError, RunError
from keras_examples.core import machine
from keras_examples.core.files import portable_name, reason, replace, write_whole
from keras_examples.demo import server
from keras_examples.demo.training import TrainingQueue
from keras_examples.inference.pictures import open_picture
from keras_examples.runner.output import Output
from keras_examples.runner.processes.pool import ProcessPool
from tests.platforms import linux
from tests.runner.conftest import Place
from tests.stub import Declare, declarer

PACKAGE = Path(keras_examples.__file__).parent


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Declare:
    return declarer(monkeypatch)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "place")


# Files that another program has open


def in_use(path: Path, code: int = 32) -> PermissionError:
    """Returns the error that Windows has for a file that another program has open."""
    error = PermissionError(errno.EACCES, "The process cannot access the file", str(path))
    error.winerror = code  # type: ignore[attr-defined]  # of Windows alone
    return error


class Viewer:
    """Another program, which has some files open for a while; time passes only while we wait."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.code = 0.0, 32
        self.closes: dict[Path, float] = {}
        move = Path.replace

        def replace_unless_open(source: Path, target: Path) -> Path:
            for path in (source, target):
                if self.now < self.closes.get(path, 0):
                    raise in_use(path, self.code)
            return move(source, target)

        monkeypatch.setattr(Path, "replace", replace_unless_open)
        clock = SimpleNamespace(monotonic=lambda: self.now, sleep=self._wait)
        monkeypatch.setattr("keras_examples.core.files.time", clock)

    def _wait(self, seconds: float) -> None:
        self.now += seconds

    def open(self, path: Path, seconds: float) -> None:
        """Opens a file for some seconds."""
        self.closes[path] = self.now + seconds


@pytest.fixture
def viewer(monkeypatch: pytest.MonkeyPatch) -> Viewer:
    return Viewer(monkeypatch)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.md"
    path.write_text("before", encoding="utf-8")
    return path


@pytest.mark.parametrize("code", [5, 32])
def test_a_file_that_a_scanner_has_open_is_replaced_a_moment_later(
    viewer: Viewer, page: Path, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    viewer.code = code
    viewer.open(page, 1)
    write_whole(page, "after")
    assert page.read_text(encoding="utf-8") == "after"
    assert capsys.readouterr().err == ""


def test_a_file_that_a_viewer_has_open_is_replaced_when_it_is_closed(
    viewer: Viewer, page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    viewer.open(page, 30)
    write_whole(page, "after")
    assert page.read_text(encoding="utf-8") == "after"
    (line,) = capsys.readouterr().err.splitlines()
    assert line == f"{str(page)!r} may be open in another program; close it there."


def test_a_file_that_stays_open_is_given_up_after_a_minute(viewer: Viewer, page: Path) -> None:
    viewer.open(page, 1000)
    with pytest.raises(PermissionError):
        write_whole(page, "after")
    assert 60 <= viewer.now < 62
    assert page.read_text(encoding="utf-8") == "before"
    assert list(page.parent.iterdir()) == [page]


def test_nobody_waits_for_what_is_not_open_elsewhere(viewer: Viewer, page: Path) -> None:
    folder = page.with_name("folder")
    folder.mkdir()
    viewer.open(folder, 1000)
    with pytest.raises(PermissionError):  # Windows has the same error for a folder
        replace(page, folder)
    with pytest.raises(FileNotFoundError):
        replace(page.with_name("nothing"), page)
    assert viewer.now == 0


@pytest.fixture
def earlier(place: Place) -> dict[str, bytes]:
    return place.write_earlier()


def test_a_figure_that_is_open_in_a_viewer_is_awaited_by_a_run(
    viewer: Viewer, declare: Declare, place: Place, earlier: dict[str, bytes]
) -> None:
    declare(epochs=1)
    viewer.open(place.plots / "line-fit.png", 10)
    place.run()
    changed = {name for name, content in place.files().items() if earlier[name] != content}
    assert changed == set(earlier)


def test_a_file_that_stays_open_is_one_line_and_a_resumed_run_needs_no_training(
    viewer: Viewer, declare: Declare, place: Place, earlier: dict[str, bytes]
) -> None:
    declare(epochs=2)
    figure = place.plots / "line-fit.png"
    viewer.open(figure, 1000)
    with pytest.raises(RunError) as caught:
        place.run()
    assert str(caught.value) == (
        f"cannot move results to {str(figure)!r}: The process cannot access the file: "
        "it may be open in another program; earlier results are intact. Close it and continue with "
        "--resume."
    )
    assert place.files() == earlier
    assert viewer.now < 62  # what was not moved is not put back
    viewer.closes.clear()
    done = place.run(resume=True)
    assert (done.status, done.record["resumed_from_epoch"]) == ("complete", 2)


def test_the_demo_ends_where_an_upload_is_still_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(path: Any, **_: Any) -> None:
        raise in_use(Path(path))

    monkeypatch.setenv("GRADIO_TEMP_DIR", "")
    monkeypatch.setenv("GRADIO_ANALYTICS_ENABLED", "")
    with server._private_gradio():
        uploads = Path(os.environ["GRADIO_TEMP_DIR"])
        (uploads / "photo.jpg").touch()
        monkeypatch.setattr(os, "unlink", forbidden)
    monkeypatch.undo()
    assert uploads.exists()
    shutil.rmtree(uploads)


@linux("/proc")
def test_no_file_is_open_here_while_it_is_moved_or_removed(
    declare: Declare, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    touched: list[Path] = []

    def watch(owner: Any, name: str) -> None:
        act = getattr(owner, name)

        def watched(path: Any, *more: Any, **options: Any) -> Any:
            folder = options.get("dir_fd")
            base = Path(f"/proc/self/fd/{folder}").readlink() if folder is not None else Path.cwd()
            paths = {base / path, *(base / one for one in more)}
            assert not paths & set(open_files())
            touched.extend(paths)
            return act(path, *more, **options)

        monkeypatch.setattr(owner, name, watched)

    for owner, name in ((Path, "replace"), (Path, "unlink"), (os, "unlink"), (os, "remove")):
        watch(owner, name)
    monkeypatch.setattr("keras_examples.runner.training.CHECKPOINT_SECONDS", 0)
    companion = declare(name="other", epochs=3)
    declare(epochs=3, companions={"other": companion})
    place.run()
    place.run(resume=True)
    names = {path.name for path in touched}
    assert {"line-fit.png", "model.keras", "history.csv", "epoch-0000000001.ckpt"} <= names


def open_files() -> Iterator[Path]:
    """Yields the files that this process has open."""
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            yield descriptor.readlink()
        except OSError:  # the one that lists the folder
            continue


# Paths and names


def test_a_path_that_is_too_long_for_windows_is_told_before_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch = Path.touch

    def limited(path: Path, *arguments: Any, **options: Any) -> None:
        if len(str(path)) > 259:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", str(path))
        touch(path, *arguments, **options)

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(Path, "touch", limited)
    folder = tmp_path / ("x" * (210 - len(str(tmp_path))))
    with pytest.raises(InputError) as caught:
        Output("line", tmp_path / "plots", folder)
    assert str(caught.value) == (
        f"cannot write to folder {str(folder / 'line')!r} (its path has 290 characters, which is "
        "too long for Windows); choose writable folders (--runs, --plots)."
    )


def test_a_path_that_is_too_long_for_this_system_is_told_before_training(tmp_path: Path) -> None:
    folder = tmp_path
    while len(str(folder)) < 3900:
        folder = folder / ("long" * 10)
    folder = folder / ("x" * (4039 - len(str(folder))))  # Linux allows 4095 in all
    with pytest.raises(InputError, match=r"cannot write to folder .*x"):
        Output("line", tmp_path / "plots", folder)


def test_what_is_missing_is_called_too_long_only_where_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    missing = FileNotFoundError(errno.ENOENT, "No such file or directory", "Z:/plots")
    monkeypatch.setattr(sys, "platform", "win32")
    assert reason(missing).en == "No such file or directory"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("photo", "photo"),
        ("短靴", "短靴"),
        ("learning_rate=0.01, units=64", "learning_rate=0.01, units=64"),
        ('a:b?c*"d"<e>|f/g\\h', "a_b_c__d__e__f_g_h"),
        ("ends in a dot. .", "ends in a dot"),
        ("a\nb\x7f\udcff", "a_b__"),
    ],
)
def test_a_name_is_one_that_every_system_allows(text: str, name: str) -> None:
    assert portable_name(text) == name


@pytest.mark.parametrize("character", ["a", "长", "😀"])
def test_a_long_name_is_shortened_to_what_every_system_allows(character: str) -> None:
    name = portable_name(character * 300)
    assert set(name) == {character}
    assert 170 < len(name.encode()) <= 180


def test_a_folder_is_told_from_a_picture_where_opening_it_is_forbidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(path: str, *_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", path)

    monkeypatch.setattr("keras_examples.core.files._open_at_once", forbidden)
    with pytest.raises(InputError, match="is a folder; name the picture files in it"):
        open_picture(tmp_path)
    Image.new("L", (9, 9)).save(tmp_path / "one.png")
    with pytest.raises(InputError, match=r"cannot read .*Permission denied"):
        open_picture(tmp_path / "one.png")


# What is written


def calls(*names: str) -> Iterator[tuple[str, str, ast.Call]]:
    """Yields the calls of methods or functions of these names: where, their name, the call."""
    for where, node in all_calls():
        owner, _, name = ast.unparse(node.func).rpartition(".")
        if name in names and owner not in ("os", "Image", "archive"):
            yield where, name, node


@functools.cache
def all_calls() -> list[tuple[str, ast.Call]]:
    return [
        (f"{path.relative_to(PACKAGE)}:{node.lineno}", node)
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    ]


def mode(call: ast.Call) -> str:
    """Returns the mode of a call of `open`."""
    values = [one.value for one in call.args if isinstance(one, ast.Constant)]
    return next((value for value in values if value in ("rb", "wb", "r+b", "w")), "r")


def test_every_text_file_is_read_and_written_in_utf_8_on_every_system() -> None:
    found = [
        where
        for where, name, call in calls("read_text", "write_text", "open", "fdopen")
        if "b" not in mode(call)
        and "utf-8"
        not in "".join(map(ast.unparse, [*call.args, *[k.value for k in call.keywords]]))
    ]
    assert found == []


def test_every_text_file_is_written_with_the_same_ends_of_lines_on_every_system() -> None:
    found = [where for where, _, call in calls("write_text") if not has(call, "newline")]
    found += [
        where
        for where, _, call in calls("open")
        if mode(call) == "w" and "devnull" not in ast.unparse(call) and not has(call, "newline")
    ]
    assert found == []


def has(call: ast.Call, name: str) -> bool:
    return any(keyword.arg == name for keyword in call.keywords)


# Processes, Ctrl-C, ports and the machine

Started = dict[str, Any]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Started]:
    """The options of processes that were to be started."""
    found: list[Started] = []

    def start(_: list[str], **options: Any) -> None:
        found.append(options)
        raise ChildProcessError

    monkeypatch.setattr(subprocess, "Popen", start)
    return found


def start_pool() -> None:
    with ProcessPool(1, []) as pool:
        pool._start()


def start_training() -> None:
    TrainingQueue([])._launch("sine-rnn", "en")


@pytest.mark.parametrize("start", [start_pool, start_training])
@pytest.mark.parametrize(
    ("system", "option"),
    [("win32", {"creationflags": 512}), ("linux", {"start_new_session": True})],
)
def test_ctrl_c_in_the_terminal_does_not_reach_the_processes_that_train(
    start: Callable[[], None],
    system: str,
    option: Started,
    started: list[Started],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 512, raising=False)
    monkeypatch.setattr(sys, "platform", system)
    with pytest.raises(ChildProcessError):
        start()
    assert started[0].items() >= option.items()
    assert len({"creationflags", "start_new_session"} & set(started[0])) == 1


def test_a_comparison_never_waits_in_one_call_which_ctrl_c_could_not_end_on_windows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waited: list[float | None] = []

    def get(_: Any, block: bool = True, timeout: float | None = None) -> Any:
        waited.append(timeout)
        if len(waited) == 3:
            return 0, {"status": "complete"}
        raise queue.Empty

    monkeypatch.setattr(queue.Queue, "get", get)
    assert list(ProcessPool(1, [{}]).replies()) == [(0, {"status": "complete"})]
    assert all(seconds is not None and seconds <= 1 for seconds in waited)


def test_a_port_that_windows_keeps_to_itself_is_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bind = socket.socket.bind

    def kept(probe: socket.socket, address: Any) -> None:
        if address[1] < server.FIRST_PORT + 3:
            raise PermissionError(errno.EACCES, "An attempt was made to access a socket in a way")
        bind(probe, (address[0], 0))

    monkeypatch.setattr(socket.socket, "bind", kept)
    assert server._free_port("127.0.0.1", None) == server.FIRST_PORT + 3
    with pytest.raises(InputError, match=rf"cannot serve on 127\.0\.0\.1 port {server.FIRST_PORT}"):
        server._free_port("127.0.0.1", server.FIRST_PORT)


def test_cores_are_counted_where_a_process_cannot_be_bound_to_some(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 12)
    assert machine.count_cores() == 12


@pytest.mark.parametrize(("processor", "name"), [("arm", "arm"), ("", "x86_64")])
def test_the_processor_has_a_name_where_there_is_no_proc(
    processor: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(path: str, **_: object) -> bytes:
        raise FileNotFoundError(path)

    monkeypatch.setattr(machine, "read", missing)
    monkeypatch.setattr("platform.processor", lambda: processor)
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert machine.processor_name() == name


def test_the_processor_has_a_name_where_proc_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "read", lambda *_, **__: b"processor : 0\nBogoMIPS : 50.00\n")
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    assert machine.processor_name() == "aarch64"
