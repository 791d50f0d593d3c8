from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import Any

import pytest

from benchmarks import __main__ as command
from benchmarks import arithmetic, processes, quick, report
from benchmarks.contestants import EXAMPLES
from benchmarks.parts import PARTS, fast, gpu
from tests.platforms import linux, posix

Rows = list[dict[str, Any]]


def pairs(seconds: list[tuple[float, float]], example: str = "mnist-cnn", **more: Any) -> Rows:
    """Returns runs of the plain script and the runner, in turn."""
    return [
        {
            "contestant": who,
            "example": example,
            "flags": [],
            "seconds": spent,
            "epochs": [spent / 2, spent / 2],
            "peak_mib": 700.0,
            "val_accuracy": 0.98,
            **more,
        }
        for pair in seconds
        for who, spent in zip(("plain", "runner"), pair, strict=True)
    ]


def small() -> dict[str, Any]:
    """Returns made-up measurements of all parts but the GPU."""
    trained = pairs([(60.0, 20.0), (90.0, 22.0), (50.0, 25.0)])
    start = {"tensorflow": 4.0, "first_step": 5.0, "imports": 4.2, "data": 0.1, "build": 0.2}
    return {
        "machine": {"processor": "a processor", "cores": "2"},
        "ceiling": {"articles": [300.0, 320.0], "whole": [350.0, 340.0]},
        "articles": trained,
        "whole": pairs([(70.0, 35.0)]),
        "run-all": [
            {
                "jobs": jobs,
                "names": ["all"],
                "seconds": 180.0 / jobs,
                "peak_mib": 900.0 * jobs,
                "examples": {"mnist-cnn": 40.0, "sine-rnn": 2.0},
            }
            for jobs in (1, 2)
        ],
        "rivals": [*trained[:2], *({**run, "contestant": "jax"} for run in trained[:1])],
        "fast": [{**run, "flags": ["--fast"], "val_accuracy": 0.991} for run in trained[1::2]],
        "startup": [
            {"example": "sine-rnn", **start, "compile": 0.5, "whole": 7.0},
            {"modules": {"alone": {"tensorflow": 3.0, "numpy": 0.5}, "besides": {"tqdm": 0.02}}},
        ],
        "sweeps": [
            {**run, "sweep": what, "value": value}
            for what, values in {
                "epochs": (1, 2),
                "batch-size": (32, 64),
                "samples": (7500,),
            }.items()
            for value in values
            for run in trained
        ],
    }


def page(measured: dict[str, Any], folder: Path) -> str:
    report.write(measured, folder)
    return (folder / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def whole_page(tmp_path_factory: pytest.TempPathFactory) -> str:
    return page(small(), tmp_path_factory.mktemp("page"))


def test_the_page_says_the_main_ratios_first(whole_page: str) -> None:
    summary = whole_page.partition("\nMachine:")[0]
    for line in (
        "faster than the plain script by: mnist-cnn 3.0× (",
        "As whole processes, imports and all: mnist-cnn 2.0×.",
        "`keras-examples run all` takes 180 s with `--jobs 1` and 900 MiB; "
        "90 s with `--jobs 2` and 1800 MiB.",
        "JAX takes mnist-cnn 3.00×.",
        "`--fast` takes the CNN to 99% in 22.0 s, for 3 of 3 seeds.",
    ):
        assert line in summary


def test_a_ratio_is_the_median_of_the_pairs(whole_page: str) -> None:
    # 60 / 20, 90 / 22, 50 / 25; that of the medians would be 60 / 22.
    assert "| 60.00 (50.00–90.00) | 22.00 (20.00–25.00) | 3.0× (2.0–4.1) |" in whole_page


def test_a_share_is_of_the_ceiling_measured_beside_it(whole_page: str) -> None:
    share = arithmetic.FLOPS["mnist-cnn"] * 60000 * 2 / 22.0 / 320e9
    assert f"mnist-cnn 3.0× ({share:.0%} of the ceiling)." in whole_page
    assert "(320 GFLOP/s)" in whole_page


def test_each_section_says_how_to_repeat_it(whole_page: str) -> None:
    _, *sections = re.split(r"^## ", whole_page, flags=re.MULTILINE)
    for name, section in zip(PARTS, sections, strict=True):
        assert f"`python -m benchmarks --part {name}`" in section


@pytest.mark.parametrize("missing", [name for name in PARTS if name != "gpu"])
def test_a_part_that_was_not_measured_is_left_out(missing: str, tmp_path: Path) -> None:
    measured = {**small(), "sweeps": []}
    before = page(measured, tmp_path).count("\n## ")
    del measured[missing]
    assert page(measured, tmp_path).count("\n## ") == before - (missing != "sweeps")


def test_the_page_lists_what_is_imported_besides_tensorflow(whole_page: str) -> None:
    assert "| `tensorflow` | 3000 | 0 |\n| `keras` | 0 | 0 |\n| `numpy` | 500 | 0 |" in whole_page
    assert "| `tqdm` | 0 | 20 |\n| 0 more | 0 | 0 |\n| all | 3500 | 20 |" in whole_page


def test_a_gpu_has_a_section_where_one_was_measured(tmp_path: Path) -> None:
    measured = {**small(), "sweeps": [], "gpu": pairs([(30.0, 10.0)], device="a GPU")}
    assert "## On a GPU\n\na GPU;" in page(measured, tmp_path)
    assert gpu.without() not in page(measured, tmp_path)


def test_the_seconds_to_99_percent_end_with_the_epoch_that_reaches_it() -> None:
    run = {**pairs([(9.0, 9.0)])[1], "epochs": [2.0, 3.0, 4.0], "flags": ["--fast"]}
    run |= {"val_accuracies": [0.97, 0.991, 0.992], "val_accuracy": 0.992}
    assert "in 5.0 s, for 1 of 1 seeds" in fast.summary([run], 1.0)
    run |= {"val_accuracies": [0.97, 0.98, 0.989], "val_accuracy": 0.989}
    assert "none" in fast.summary([run], 1.0)


def test_the_quick_table_computes_the_recipe_from_a_part_of_it() -> None:
    runs = pairs([(7.0, 4.0)], recipe_epochs=5)
    for run, later in zip(runs, (2.0, 1.0), strict=True):
        run |= {"epochs": [run["seconds"] - later, later], "flags": ["--samples", "30000"]}
    # plain: 7 - 2·2 to start, and 5 epochs of 2·2; runner: 4 - 2 and 5·2
    assert "| 23.00 (23.00–23.00) | 12.00 (12.00–12.00) | 1.9×" in quick.report(runs, 300.0)


def test_the_arithmetic_of_every_example_is_known() -> None:
    assert set(arithmetic.FLOPS) == set(arithmetic.SAMPLES) == set(quick.SIZES) == set(EXAMPLES)
    # by hand: forward and for the weights 784·128 each, and all three for 128·10; times two
    assert arithmetic.FLOPS["fashion-mnist-ffn"] == 4 * 784 * 128 + 6 * 128 * 10


def test_what_was_measured_is_kept_when_a_later_part_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: argparse.Namespace) -> Rows:
        raise RuntimeError

    monkeypatch.setattr(processes, "machine", dict)
    monkeypatch.setattr(processes, "ceiling", lambda: 300.0)
    monkeypatch.setattr(PARTS["articles"], "measure", lambda _: pairs([(2.0, 1.0)]))
    monkeypatch.setattr(PARTS["whole"], "measure", fail)
    store = tmp_path / "measured.json"
    with pytest.raises(RuntimeError):
        command.measure(argparse.Namespace(part="all"), store)
    assert json.loads(store.read_text())["articles"] == pairs([(2.0, 1.0)])


@linux("/proc")
def test_memory_is_that_of_all_processes_together() -> None:
    hold = "import time; held = bytearray(60 * 2**20); time.sleep(2)"
    start = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hold!r}])"
    program = (
        "import subprocess, sys; from benchmarks import processes\n"
        "memory = processes.Memory()\n"
        "with memory.watching():\n"
        f"    both = [subprocess.Popen([sys.executable, '-c', {start!r}]) for _ in range(2)]\n"
        "    assert [one.wait() for one in both] == [0, 0]\n"
        "print(memory.peak_mib)"
    )
    # In a process of its own, for that of the tests may have others besides.
    assert 120 < float(processes.python("-c", program).answer) < 220


@posix("wait4")
def test_a_process_that_fails_ends_the_benchmark_with_its_message() -> None:
    with pytest.raises(SystemExit, match="no such thing"):
        processes.python("-c", "raise SystemExit('no such thing')")
    done = processes.python("-c", "print('something'); print(2)")
    assert done.answer == "2"
    assert done.peak_mib > 1
