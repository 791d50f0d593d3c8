"""What the tests of the command share."""

import pytest

from tests.stub import Declare, declarer


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Declare:
    """Returns a function that adds an example for one test."""
    return declarer(monkeypatch)
