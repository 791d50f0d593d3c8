"""Bounds of builders hold wherever a builder is called."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Annotated, Any

import pytest

from keras_examples import InputError, run
from keras_examples.compare import compare
from keras_examples.core import Bounds, Size, builder, catalogue
from keras_examples.core.bounds import bounds_of
from keras_examples.runner import overrides


@builder
def build(
    *, units: Size = 4, share: Annotated[float, Bounds(above=0.5, most=1)] = 0.8, **more: Any
) -> int:
    """Builds something."""
    return units


def test_a_value_within_its_bounds_is_taken() -> None:
    assert build(units=1, share=1) == 1
    assert build(units=4096, share=0.51, more=-1) == 4096


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"units": 0}, "units: got 0, expected a number at least 1 and at most 4,096."),
        ({"units": 4097}, "units: got 4097, expected a number at least 1 and at most 4,096."),
        ({"units": 10**400}, "expected a number at least 1 and at most 4,096."),
        ({"share": 0.5}, "share: got 0.5, expected a number above 0.5 and at most 1."),
        ({"share": 1.5}, "share: got 1.5, expected a number above 0.5 and at most 1."),
        ({"share": float("nan")}, "share: got nan, expected a number above 0.5 and at most 1."),
    ],
)
def test_a_value_out_of_bounds_is_refused_with_the_bounds(
    options: dict[str, Any], told: str
) -> None:
    with pytest.raises(InputError, match=re.escape(told)):
        build(**options)


def test_each_of_several_values_is_within_the_bounds() -> None:
    @builder
    def stack(*units: Size) -> int:
        return sum(units)

    assert stack(1, 2) == 3
    with pytest.raises(InputError, match="units: got 0"):
        stack(1, 0)


def test_a_choice_is_one_of_the_choices() -> None:
    choice = Bounds(choices=("valid", "same"))
    choice.check("padding", "same")
    with pytest.raises(InputError, match="padding: got 'full', expected one of valid, same"):
        choice.check("padding", "full")


def test_a_builder_keeps_its_name_and_signature() -> None:
    assert (build.__name__, build.__doc__) == ("build", "Builds something.")
    assert list(inspect.signature(build).parameters) == ["units", "share", "more"]


# On the examples


def beyond(bounds: Bounds) -> Iterator[object]:
    """Yields values that bounds exclude."""
    if bounds.choices:
        yield "none of them"
    if bounds.least is not None:
        yield bounds.least - 1
    if bounds.above is not None:
        yield bounds.above
        yield bounds.above - 1
    if bounds.most is not None:
        yield bounds.most + 1


DECLARED = [
    (name, argument, value)
    for name in catalogue.names()
    for argument, bounds in bounds_of(catalogue.load(name).build_model).items()
    for value in beyond(bounds)
]


@pytest.mark.parametrize(("name", "argument", "value"), DECLARED)
def test_no_bound_of_an_example_can_be_passed(name: str, argument: str, value: Any) -> None:
    example = catalogue.load(name)
    told = rf"^{argument}: got .*, expected "
    with pytest.raises(InputError, match=told):
        example.build_model(**{argument: value})
    if argument in example.hyperparameters:
        with pytest.raises(InputError, match=told):
            overrides.parse(example, {argument: value})


@pytest.mark.parametrize("name", catalogue.names())
def test_every_size_and_learning_rate_has_bounds_which_its_default_keeps(name: str) -> None:
    build_model = catalogue.load(name).build_model
    parameters = inspect.signature(build_model, eval_str=True).parameters
    bounds = bounds_of(build_model)
    for argument, parameter in parameters.items():
        base = getattr(parameter.annotation, "__origin__", parameter.annotation)
        if base in (int, float):
            bounds[argument].check(argument, parameter.default)


def test_a_run_and_a_comparison_out_of_bounds_are_refused_and_leave_nothing_behind(
    tmp_path: Any,
) -> None:
    folders = {"plots": tmp_path / "plots", "runs": tmp_path / "runs"}
    with pytest.raises(InputError, match="units: got 1000000, expected"):
        run("sine-rnn", hyperparameters={"units": 1_000_000}, **folders)
    with pytest.raises(InputError, match=r"learning_rate: got -1\.0, expected a number above 0"):
        run("sine-rnn", hyperparameters={"learning_rate": "-1"}, **folders)
    with pytest.raises(InputError, match="units: got 1000000, expected"):
        compare("sine-rnn", {"units": [4, 1_000_000]}, **folders)
    assert list(tmp_path.iterdir()) == []
