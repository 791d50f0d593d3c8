"""What another machine finds is compared with what was published."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from keras_examples import Run, cli, verification
from keras_examples.core import catalogue
from keras_examples.verification import Published

SHOWN = {
    "seed": 0,
    "metrics": {"val_accuracy": 0.98, "loss": None},
    "weights_sha256": "a" * 64,
    "data": {"sha256": "d" * 64},
    "seconds": {"total": 12.0},
    "versions": {"keras": "3.15.1"},
    "processor": "one",
    "instructions": ["AVX2"],
    "cores": 2,
    "gpus": 0,
    "settings": {},
}


def record(**changed: Any) -> dict[str, Any]:
    return {**SHOWN, **changed}


def metrics(accuracy: float) -> dict[str, Mapping[str, float | None]]:
    return {"metrics": {"val_accuracy": accuracy, "loss": None}}


def published() -> Published:
    others = (0.97, 0.975, 0.985, 0.99)
    return Published.of(
        [SHOWN, *(record(seed=n, **metrics(v)) for n, v in enumerate(others, start=1))]
    )


def verdicts(found: Mapping[str, Any]) -> dict[str, bool | None]:
    return {line.what.en: line.agrees for line in published().compare(found)}


def test_on_the_same_machine_the_weights_have_to_be_the_same_to_the_bit() -> None:
    assert verdicts(record()) == {"weights": True}
    assert verdicts(record(weights_sha256="b" * 64)) == {"weights": False}


@pytest.mark.parametrize(
    "other",
    [
        {"processor": "two"},
        {"instructions": ["AVX2", "AVX512F"]},
        {"versions": {"keras": "3.12.0"}},
        {"cores": 4},
    ],
)
def test_elsewhere_the_metrics_have_to_be_within_the_spread(other: dict[str, Any]) -> None:
    near = record(weights_sha256="b" * 64, **other, **metrics(0.95))
    assert verdicts(near) == {"val_accuracy": True, "loss": True}
    far = record(weights_sha256="b" * 64, **other, **metrics(0.93))
    assert verdicts(far) == {"val_accuracy": False, "loss": True}


def test_a_number_where_there_was_none_differs_and_so_does_none_where_there_was_one() -> None:
    found = record(cores=4, metrics={"val_accuracy": None, "loss": 1.0})
    assert verdicts(found) == {"val_accuracy": False, "loss": False}


def test_other_data_are_named_as_what_differs() -> None:
    assert verdicts(record(data={"sha256": "e" * 64})) == {"data": False}


def test_one_run_that_no_seed_changes_has_to_be_the_same_but_for_rounding() -> None:
    alone = Published.of([SHOWN])
    for accuracy, agrees in ((0.9801, True), (0.99, False)):
        line, _ = alone.compare(record(cores=4, **metrics(accuracy)))
        assert line.agrees is agrees


def test_where_one_seed_of_a_training_is_published_other_machines_are_not_judged() -> None:
    alone = Published.of([record(optimizer="Adam")])
    found = record(cores=4, weights_sha256="b" * 64, **metrics(0.5))
    assert {line.what.en: line.agrees for line in alone.compare(found)}["val_accuracy"] is None
    (line,) = alone.compare(record(weights_sha256="b" * 64))  # here it has to be the same
    assert line.agrees is False


def test_the_range_is_given_in_both_languages() -> None:
    found = record(cores=4, **metrics(0.95))
    line, _ = published().compare(found)
    assert line.published.en == "0.98 (0.9402 to 1.02)"
    assert line.published.zh == "0.98（0.9402 到 1.02）"


def test_a_run_is_typical_within_one_standard_deviation() -> None:
    assert published().spread("val_accuracy") == pytest.approx((0.98, 0.0079), abs=1e-4)
    assert published().is_typical("val_accuracy")
    turned = Published.of([record(seed=4, **metrics(0.99)), *([SHOWN] * 4)])
    assert not turned.is_typical("val_accuracy")


def test_the_package_has_a_published_run_of_every_example() -> None:
    runs = verification.load()
    assert list(runs) == catalogue.names()
    for name, run in runs.items():
        seeds = len(run.seeds)
        assert seeds == (5 if catalogue.load(name).epochs else 1), name
        assert list(run.seeds) == list(range(seeds)), name
        assert all(len(values) == seeds for values in run.metrics.values()), name


def test_the_quick_ones_took_at_most_a_minute() -> None:
    runs = {"one": published(), "other": Published.of([record(seconds={"total": 61.0})])}
    assert verification.quick(runs) == ["one"]


def test_the_command_prints_line_by_line_and_ends_with_1_if_one_differs(
    quick_run: Callable[..., Run],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    names = ("three-layer-network", "backpropagation-through-time")
    records = {
        name: json.loads((quick_run(name).folder / "run.json").read_text()) for name in names
    }
    runs = {name: Published.of([record]) for name, record in records.items()}
    changed = {**records["backpropagation-through-time"], "weights_sha256": "0" * 64}
    runs["backpropagation-through-time"] = Published.of([changed])
    monkeypatch.setattr(verification, "load", lambda: runs)
    assert cli.main(["verify", *names, "--jobs", "1"]) == 1
    printed = capfd.readouterr()
    lines = {line.split()[0]: line for line in printed.out.splitlines()}
    assert "weights" in lines["three-layer-network"]
    assert lines["three-layer-network"].endswith("agrees")
    assert lines["backpropagation-through-time"].endswith("DIFFERS")
    (message,) = [line for line in printed.err.splitlines() if "not as published" in line]
    assert "backpropagation-through-time. Look at the data" in message


def test_names_that_nothing_is_published_of_are_refused(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(verification, "load", lambda: {"sine-rnn": published()})
    assert cli.main(["verify", "mnist-cnn"]) == 2
    assert "no run of mnist-cnn is published" in capfd.readouterr().err
    assert cli.main(["verify", "no-such"]) == 2
    assert "unknown example 'no-such'" in capfd.readouterr().err


@pytest.mark.real
@pytest.mark.slow
def test_the_sine_is_what_was_published(capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["verify", "sine-rnn", "perceptron"]) == 0
    assert "DIFFERS" not in capfd.readouterr().out
