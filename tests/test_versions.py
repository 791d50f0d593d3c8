from __future__ import annotations

from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

PROJECT = Path(__file__).parents[1]
LOWEST = PROJECT / ".ci" / "lowest.txt"
CONSTRAINTS = PROJECT / "constraints.txt"
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
# What the pins of the lowest versions are for: the package, its extras and the tests.
EXTRAS = ("", "demo", "notebook", "tensorboard", "test")


def lines(path: Path) -> list[Requirement]:
    """Returns the lines of a constraints file, without its comments."""
    text = (line.partition("#")[0].strip() for line in path.read_text("utf-8").splitlines())
    return [Requirement(line) for line in text if line]


def named(requirements: list[Requirement], python: str, extra: str = "") -> dict[str, Requirement]:
    """Returns those that hold on a Python, by name; fails where one name holds twice."""
    environment = {"python_version": python, "extra": extra}
    held = [each for each in requirements if not each.marker or each.marker.evaluate(environment)]
    names = [canonicalize_name(each.name) for each in held]
    assert len(set(names)) == len(names), f"named twice: {names}"
    return dict(zip(names, held, strict=True))


def declared(python: str) -> dict[str, Requirement]:
    """Returns what the project requires on a Python for its tests, by name."""
    requirements = [Requirement(line) for line in requires("keras-examples") or ()]
    own = [each for each in requirements if canonicalize_name(each.name) != "keras-examples"]
    return {name: each for extra in EXTRAS for name, each in named(own, python, extra).items()}


def bound(requirement: Requirement) -> Version:
    """Returns a requirement's lower bound, or the version that it is pinned to."""
    (version,) = (each.version for each in requirement.specifier if each.operator in (">=", "=="))
    return Version(version)


@pytest.mark.parametrize("python", PYTHONS)
def test_each_requirement_has_a_pin_on_each_python_that_it_allows(python: str) -> None:
    pins = named(lines(LOWEST), python)
    for name, requirement in declared(python).items():
        assert name in pins, f"{LOWEST}: pin {name} on Python {python}"
        assert requirement.specifier.contains(bound(pins[name]))


def test_the_lowest_pin_of_a_requirement_is_its_lower_bound() -> None:
    pins = [named(lines(LOWEST), python) for python in PYTHONS]
    for name, requirement in declared(PYTHONS[0]).items():
        assert min(bound(each[name]) for each in pins) == bound(requirement), name


def test_published_versions_are_names_and_numbers_that_the_project_allows() -> None:
    published = named(lines(CONSTRAINTS), "3.11")
    for name, pin in published.items():
        assert str(pin) == f"{pin.name}=={bound(pin)}", f"{CONSTRAINTS}: {name}"
    for name, requirement in declared("3.11").items():
        assert requirement.specifier.contains(bound(published[name])), name
