from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from keras_examples import InputError, RunError, gallery

RECORD: dict[str, Any] = {
    "example": "sine-rnn",
    "title": {"en": "Recurrent network on a sine", "zh": "循环神经网络"},
    "status": "complete",
    "command": "keras-examples run sine-rnn --seed 7",
    "config": {"epochs": 100, "batch_size": 16, "learning_rate": 0.001, "seed": 7},
    "seed": 7,
    "data": {"name": "sine", "source": "computed"},
    "metrics": {"loss": 0.000123456, "final_loss": 0.25},
    "parameters": 101770,
    "seconds": {"total": 12.4},
    "cores": 2,
    "processor": "Some CPU",
    "weights_sha256": "0123456789abcdef" * 4,
    "figures": ["sine-rnn-forecast.png", "sine-rnn-loss.png"],
}


class Folders:
    def __init__(self, root: Path) -> None:
        self.plots, self.runs = root / "plots", root / "runs"
        self.plots.mkdir()

    def record(self, name: str = "sine-rnn", **changes: Any) -> None:
        record = {**RECORD, "example": name, **changes}
        (self.runs / name).mkdir(parents=True, exist_ok=True)
        path = self.runs / name / "run.json"
        path.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
        for figure in record["figures"]:
            (self.plots / figure).touch()

    def write(self) -> str:
        page = gallery.write(self.plots, self.runs)
        assert page == self.plots / "README.md"
        return page.read_text(encoding="utf-8")


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path)


def test_the_page_has_each_figure_with_metrics_seed_and_command(folders: Folders) -> None:
    folders.record()
    page = folders.write()
    for part in (
        "## Recurrent network on a sine · 循环神经网络",
        "```\nkeras-examples run sine-rnn --seed 7\n```",
        "| Seed | 7 |",
        "| loss | 0.0001235 |",
        "| final_loss | 0.25 |",
        "| Parameters | 101,770 |",
        "| Seconds | 12 (2 cores, Some CPU) |",
        "`0123456789abcdef…`",
        "![sine-rnn-forecast](sine-rnn-forecast.png)",
        "![sine-rnn-loss](sine-rnn-loss.png)",
    ):
        assert part in page


def test_a_record_of_before_there_was_a_config_gives_the_same_page(folders: Folders) -> None:
    folders.record()
    page = folders.write()
    before = {**RECORD, "hyperparameters": {"epochs": 100}, "asked": {"seed": 7}}
    del before["config"]
    (folders.runs / "sine-rnn" / "run.json").write_text(json.dumps(before), encoding="utf-8")
    assert folders.write() == page


def test_examples_stand_in_the_order_of_the_course(folders: Folders) -> None:
    from keras_examples.core import catalogue

    chosen = ["sine-rnn", "mnist-cnn", "fashion-mnist-ffn"]
    for name in chosen:
        folders.record(name, title={"en": name, "zh": ""}, figures=[f"{name}-loss.png"])
    page = folders.write()
    places = [page.index(f"## {name}") for name in catalogue.names() if name in chosen]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("folder", "mnist (real data)"),
        ("download", "mnist (real data)"),
        ("stand-in", "mnist (STAND-IN, drawn by code)"),
        ("computed", "mnist (computed)"),
    ],
)
def test_the_page_says_what_was_learned_from(folders: Folders, source: str, words: str) -> None:
    folders.record(data={"name": "mnist", "source": source})
    assert f"| Data | {words} |" in folders.write()


def test_an_interrupted_run_is_called_one_and_a_complete_one_is_not(folders: Folders) -> None:
    folders.record()
    assert "Status" not in folders.write()
    folders.record(status="interrupted")
    assert "| Status | interrupted |" in folders.write()


def test_a_metric_that_was_no_number_is_left_out(folders: Folders) -> None:
    folders.record(metrics={"loss": None, "accuracy": 0.5})
    page = folders.write()
    assert "| loss |" not in page
    assert "| accuracy | 0.5 |" in page


def test_a_run_that_diverged_does_not_appear(folders: Folders) -> None:
    folders.record()
    folders.record("mnist-cnn/diverged", figures=[])
    assert folders.write().count("\n### ") == 1


def test_without_any_record_it_says_what_to_run(folders: Folders) -> None:
    with pytest.raises(InputError, match="run `keras-examples run all` first"):
        folders.write()
    assert not list(folders.plots.iterdir())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"{}",
        json.dumps({**RECORD, "seconds": 3}).encode(),
        json.dumps({**RECORD, "metrics": {"loss": "low"}}).encode(),
        json.dumps({**RECORD, "figures": [3]}).encode(),
        *(
            json.dumps({key: RECORD[key] for key in RECORD if key != left_out}).encode()
            for left_out in RECORD
            if left_out not in ("example", "config")  # which the page does not show
        ),
    ],
)
def test_a_broken_record_is_named_and_the_earlier_page_stays(
    folders: Folders, content: bytes
) -> None:
    folders.record()
    earlier = folders.write()
    path = folders.runs / "sine-rnn" / "run.json"
    path.write_bytes(content)
    with pytest.raises(
        InputError, match=r"run\.json' is not the record.*`keras-examples run sine-rnn`"
    ):
        folders.write()
    assert (folders.plots / "README.md").read_text(encoding="utf-8") == earlier


def test_a_missing_figure_is_named_and_the_earlier_page_stays(folders: Folders) -> None:
    folders.record()
    earlier = folders.write()
    (folders.plots / "sine-rnn-loss.png").unlink()
    with pytest.raises(InputError, match=r"sine-rnn-loss\.png is in the record of sine-rnn"):
        folders.write()
    assert (folders.plots / "README.md").read_text(encoding="utf-8") == earlier


def test_a_full_disk_leaves_the_earlier_page(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, *_: object, **__: object) -> None:
        self.write_text("half")
        raise OSError(28, "No space left on device")

    folders.record()
    earlier = folders.write()
    before = set(folders.plots.iterdir())
    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", full)
        with pytest.raises(RunError, match=r"cannot write .*README\.md': No space left"):
            folders.write()
    assert (folders.plots / "README.md").read_text(encoding="utf-8") == earlier
    assert set(folders.plots.iterdir()) == before


def test_a_plots_folder_that_is_a_file_is_one_line(folders: Folders) -> None:
    folders.record(figures=[])
    folders.plots.rmdir()
    folders.plots.touch()
    with pytest.raises(RunError, match=r"cannot write .*--plots"):
        folders.write()


def test_a_page_of_somebody_else_is_replaced_only_by_force(folders: Folders) -> None:
    folders.record()
    page = folders.write()
    readme = folders.plots / "README.md"
    assert folders.write() == page
    readme.write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"README\.md' exists, and .*--force"):
        folders.write()
    assert readme.read_text(encoding="utf-8") == "mine"
    gallery.write(folders.plots, folders.runs, force=True)
    assert readme.read_text(encoding="utf-8") == page
