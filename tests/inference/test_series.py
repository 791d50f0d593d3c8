from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from keras_examples import InputError
from keras_examples.inference.series import read_series


@pytest.mark.parametrize(
    "text",
    [
        "1\n2.5\n-3e0\n",
        "value\n1\n2.5\n-3\n",
        "\ufeff1\r\n\r\n2.5\r\n-3",
        "1,\n2.5,\n-3,\n",
        '"1"\n2.5\n-3',
    ],
)
def test_a_series_is_read_with_or_without_a_header(text: str, tmp_path: Path) -> None:
    (tmp_path / "series.csv").write_text(text, encoding="utf-8", newline="")
    np.testing.assert_array_equal(read_series(tmp_path / "series.csv"), [1, 2.5, -3])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_series_is_read_as_excel_and_powershell_save_it(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "series.csv").write_text("数值\r\n1\r\n2.5\r\n", encoding=encoding, newline="")
    np.testing.assert_array_equal(read_series(tmp_path / "series.csv"), [1, 2.5])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"1\n2\nthree\n", "line 3: got 'three', expected one number per line"),
        (b"value\n1\n\nnan\n", "line 4: got 'nan'"),
        (b"1\ninf\n", "line 2: got 'inf'"),
        (b"1\n1e99\n", "line 2: got '1e99'"),
        (b"1\n2,3\n", "line 2: got '2,3'"),
        (b"t,value\n1,2\n", "line 2: got '1,2'"),
        (b"1\n" + b"2" * 200_000, "line 2: got '2222"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is not a text file"),
    ],
)
def test_a_line_that_is_not_a_number_is_named(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "series.csv").write_bytes(content)
    with pytest.raises(InputError, match=said):
        read_series(tmp_path / "series.csv")


def test_a_series_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere.csv", "a\0b"):
        with pytest.raises(InputError, match="cannot read"):
            read_series(path)
