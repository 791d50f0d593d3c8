from __future__ import annotations

import errno
import zlib

import pytest

from keras_examples.core import Text
from keras_examples.datasets.failures import SourceError, text_of


@pytest.mark.parametrize(
    ("error", "en", "zh"),
    [
        (SourceError("is empty", "是空的"), "is empty", "是空的"),
        (zlib.error("incorrect header check"), "incorrect header check", "incorrect header check"),
        (ValueError("\x1b[31mred\nplain\n"), "plain", "plain"),
        (KeyError(), "damaged", "已损坏"),
        (OSError("odd"), "odd", "odd"),
        (PermissionError(errno.EACCES, "Denied"), f"[Errno {errno.EACCES}] Denied", "没有权限"),
    ],
)
def test_an_error_of_a_library_is_told_as_it_says_it_unless_we_know_better(
    error: Exception, en: str, zh: str
) -> None:
    assert text_of(error) == Text(en, zh)
