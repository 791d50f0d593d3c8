from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from keras_examples import InputError, RunError
from keras_examples.runner.output import Output
from tests.platforms import linux, posix


@pytest.fixture
def earlier(tmp_path: Path) -> dict[Path, str]:
    """An earlier run's files, with their content."""
    files = {
        tmp_path / "plots" / "line-fit.png": "old figure",
        tmp_path / "runs" / "line" / "history.csv": "old history",
        tmp_path / "runs" / "line" / "run.json": "old record",
    }
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return files


def output(folder: Path) -> Output:
    return Output("line", folder / "plots", folder / "runs")


def write_all(new: Output) -> None:
    new.plot("line-fit.png").write_text("new figure")
    new.path("history.csv").write_text("new history")
    new.path("model.keras").write_text("new model")
    new.path("run.json").write_text("new record")


def found(folder: Path) -> dict[Path, str]:
    return {
        path: path.read_text()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(".lock")
    }


def test_committed_files_replace_those_of_the_same_name(
    tmp_path: Path, earlier: dict[Path, str]
) -> None:
    with output(tmp_path) as new:
        write_all(new)
        new.commit()
    assert sorted(found(tmp_path).values()) == [
        "new figure",
        "new history",
        "new model",
        "new record",
    ]


def test_nothing_changes_without_a_commit(tmp_path: Path, earlier: dict[Path, str]) -> None:
    with output(tmp_path) as new:
        write_all(new)
    assert found(tmp_path) == earlier


def test_an_exception_leaves_earlier_files_alone(tmp_path: Path, earlier: dict[Path, str]) -> None:
    with suppress(ZeroDivisionError), output(tmp_path) as new:
        write_all(new)
        _ = 1 / 0
    assert found(tmp_path) == earlier


def test_what_a_killed_run_left_is_not_committed(tmp_path: Path) -> None:
    killed = output(tmp_path)
    killed.path("history.csv").write_text("half")
    killed._locks.close()  # as the system does for a process that dies
    with output(tmp_path) as new:
        new.path("run.json").write_text("whole")
        new.commit()
    assert list(found(tmp_path).values()) == ["whole"]


@pytest.mark.parametrize("number", range(1, 5))
@pytest.mark.parametrize("trouble", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_commit_that_breaks_at_any_file_is_undone(
    tmp_path: Path,
    earlier: dict[Path, str],
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    trouble: BaseException,
) -> None:
    moved = 0
    replace = Path.replace

    def break_once(self: Path, target: Path) -> Path:
        nonlocal moved
        moved += 1
        if moved == number:
            raise trouble
        return replace(self, target)

    expected = RunError if isinstance(trouble, OSError) else KeyboardInterrupt
    with output(tmp_path) as new:
        write_all(new)
        monkeypatch.setattr(Path, "replace", break_once)
        with pytest.raises(expected):
            new.commit()
    assert moved >= number
    assert found(tmp_path) == earlier


def test_ctrl_c_while_a_commit_is_undone_waits(
    tmp_path: Path, earlier: dict[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = 0
    replace = Path.replace

    def break_and_interrupt(self: Path, target: Path) -> Path:
        nonlocal moved
        moved += 1
        if moved == 3:
            raise OSError(28, "No space left on device")
        if moved > 3:
            signal.raise_signal(signal.SIGINT)
        return replace(self, target)

    with output(tmp_path) as new:
        write_all(new)
        monkeypatch.setattr(Path, "replace", break_and_interrupt)
        with pytest.raises(KeyboardInterrupt):
            new.commit()
    assert moved > 3
    assert found(tmp_path) == earlier


@linux("/dev/shm")
def test_a_file_that_is_linked_to_another_file_system_is_replaced_there(
    tmp_path: Path, earlier: dict[Path, str]
) -> None:
    other = Path("/dev/shm")
    if not os.access(other, os.W_OK) or other.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("needs another file system")
    with tempfile.TemporaryDirectory(dir=other) as elsewhere:
        model = tmp_path / "runs" / "line" / "model.keras"
        model.unlink(missing_ok=True)
        real = Path(elsewhere, "model.keras")
        real.write_text("linked")
        model.symlink_to(real)
        with output(tmp_path) as new:
            write_all(new)
            staged = new.path("model.keras").read_bytes()
            new.commit()
        assert model.is_symlink()
        assert real.read_bytes() == staged
        assert [path.name for path in Path(elsewhere).iterdir()] == ["model.keras"]


@posix("an error for folders alone")
def test_a_folder_where_a_file_belongs_is_an_error_that_names_it(
    tmp_path: Path, earlier: dict[Path, str]
) -> None:
    (tmp_path / "runs" / "line" / "model.keras").mkdir()
    with output(tmp_path) as new:
        write_all(new)
        with pytest.raises(RunError, match=r"model\.keras.*[Dd]irectory"):
            new.commit()
    assert found(tmp_path) == earlier


def test_the_record_is_moved_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moved = []
    replace = Path.replace

    def note(self: Path, target: Path) -> Path:
        moved.append(self.name)
        return replace(self, target)

    with output(tmp_path) as new:
        write_all(new)
        monkeypatch.setattr(Path, "replace", note)
        new.commit()
    assert moved[-1] == "run.json"
    assert len(moved) == 4


@pytest.mark.parametrize("which", ["plots", "runs"])
def test_a_folder_below_a_file_cannot_be_written(tmp_path: Path, which: str) -> None:
    file = tmp_path / "file"
    file.touch()
    places = {"plots": tmp_path / "plots", "runs": tmp_path / "runs", which: file / "below"}
    with pytest.raises(InputError, match=r"cannot write to folder .*below.*--runs, --plots"):
        Output("line", places["plots"], places["runs"])


def test_a_folder_that_is_a_file_is_called_one(tmp_path: Path) -> None:
    (tmp_path / "plots").touch()
    with pytest.raises(InputError, match="there is a file of that name"):
        output(tmp_path)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
def test_a_folder_that_the_system_forbids_is_found_out() -> None:
    with pytest.raises(InputError, match="cannot write to folder '/proc/runs/line'"):
        Output("line", Path("/proc/plots"), Path("/proc/runs"))


@pytest.fixture
def forbidden(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "plots"
    folder.mkdir()
    folder.chmod(0o555)
    yield folder
    folder.chmod(0o755)


@posix("permissions")
@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_folder_without_permission_is_found_out(tmp_path: Path, forbidden: Path) -> None:
    with pytest.raises(InputError, match="Permission denied"):
        output(tmp_path)


def test_no_room_for_the_folder_aside_is_told_before_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mkdir = Path.mkdir

    def full(self: Path, *arguments: object, **options: object) -> None:
        if self.name.endswith(".partial"):
            raise OSError(28, "No space left on device")
        mkdir(self, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(RunError, match=r"cannot write.*No space left"):
        output(tmp_path)
    monkeypatch.undo()
    with output(tmp_path):  # and the folders are free again
        pass


@pytest.mark.parametrize(("shared", "other"), [("plots", "runs"), ("runs", "plots")])
def test_a_second_run_into_either_folder_is_told_so(
    tmp_path: Path, shared: str, other: str
) -> None:
    first = {"plots": tmp_path / "plots", "runs": tmp_path / "runs"}
    second = {shared: first[shared], other: tmp_path / "elsewhere"}
    with Output("line", first["plots"], first["runs"]):
        with pytest.raises(InputError, match="in use by another run of the same example"):
            Output("line", second["plots"], second["runs"])
        with Output("curve", first["plots"], first["runs"]):  # another example is welcome
            pass
    with Output("line", second["plots"], second["runs"]):
        pass


def test_plots_and_runs_may_be_one_folder(tmp_path: Path) -> None:
    with Output("line", tmp_path, tmp_path) as new:
        write_all(new)
        new.commit()
    names = {str(path.relative_to(tmp_path)) for path in found(tmp_path)}
    assert names == {"line-fit.png", "line/history.csv", "line/model.keras", "line/run.json"}


# What others do in the folders meanwhile


@pytest.mark.parametrize("lost", ["plots", "runs", "runs/line", "runs/line/.partial"])
def test_folders_that_were_removed_are_made_anew(tmp_path: Path, lost: str) -> None:
    with output(tmp_path) as new:
        shutil.rmtree(tmp_path / lost)
        with pytest.raises(RunError, match="was removed"):
            new.check()
        new.renew()
        new.check()
        write_all(new)
        new.commit()
        with pytest.raises(InputError, match="in use by another run"):
            output(tmp_path)
    assert len(found(tmp_path)) == 4


def test_folders_that_were_removed_and_are_another_runs_by_now_are_left_alone(
    tmp_path: Path,
) -> None:
    with output(tmp_path) as first:
        shutil.rmtree(tmp_path / "runs")
        shutil.rmtree(tmp_path / "plots")
        with output(tmp_path) as second:
            write_all(second)
            with pytest.raises(RunError, match=r"were removed, and now folder .* is in use"):
                first.renew()
            first.__exit__()
            second.commit()
    assert len(found(tmp_path)) == 4


def test_folders_removed_while_they_are_written_are_told_so(tmp_path: Path) -> None:
    with output(tmp_path) as new:
        write_all(new)
        shutil.rmtree(tmp_path / "plots")
        with pytest.raises(RunError, match="was removed, or something in it, during the run"):
            new.commit()


@posix("named pipes")
@pytest.mark.parametrize("lock", ["runs/line/.lock", "plots/.line.lock"])
def test_a_lock_that_is_no_file_is_told(tmp_path: Path, lock: str) -> None:
    (tmp_path / lock).parent.mkdir(parents=True)
    os.mkfifo(tmp_path / lock)
    with pytest.raises(InputError, match="a named pipe, expected a file"):
        output(tmp_path)


@posix("special files and links")
def test_a_link_stays_and_a_pipe_is_not_replaced(tmp_path: Path) -> None:
    link = tmp_path / "plots" / "line-fit.png"
    link.parent.mkdir()
    link.symlink_to("../real.png")
    with output(tmp_path) as new:
        write_all(new)
        new.commit()
    assert (link.is_symlink(), (tmp_path / "real.png").read_text()) == (True, "new figure")
    link.unlink()
    os.mkfifo(link)
    with output(tmp_path) as new:
        write_all(new)
        with pytest.raises(RunError, match=r"line-fit\.png': a named pipe, expected a file"):
            new.commit()
    assert link.is_fifo()
