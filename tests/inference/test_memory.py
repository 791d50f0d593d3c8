from __future__ import annotations

import pytest

from benchmarks.memory import predict_often
from tests.platforms import linux


@linux("/proc")
@pytest.mark.slow
def test_predictions_with_a_loaded_model_take_no_more_memory_in_time() -> None:
    used = predict_often("loaded once", 300)
    assert used[-1] - used[60] < 20  # MiB; a leak of a picture alone would be 60
