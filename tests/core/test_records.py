"""Records are read only if they are what a run has written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_examples.core import InputError
from keras_examples.core.records import config_of, read_record
from tests.gallery.test_gallery import RECORD

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
ODD = {
    "nothing": b"",
    "a list": b"[]",
    "null": b"null",
    "a number": b"12",
    "a text": b'"complete"',
    "not JSON": b"{",
    "not UTF-8": b'{"example": "\xff"}',
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "deep within": json.dumps({**RECORD, "more": 0}).encode()[:-2] + b"[" * 100_000 + b"]}",
    "a huge number": b"1" * 10_000,
    "too long": json.dumps({**RECORD, "more": "x" * 1_000_000}).encode(),
    "before there were records": b'{"status": "complete", "asked": 5}',
    "a figure elsewhere": json.dumps({**RECORD, "figures": ["../secret.png"]}).encode(),
    "another status": json.dumps({**RECORD, "status": "Complete"}).encode(),
    "truth for a number": json.dumps({**RECORD, "seed": True}).encode(),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("records")


def test_a_record_reads_back_and_none_is_none(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    assert read_record(path) is None
    path.write_text(json.dumps(RECORD))
    assert read_record(path) == RECORD


@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
def test_what_is_no_record_is_refused_in_one_line(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "sine-rnn" / "run.json"
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"run\.json' is not the record of a run") as refused:
        read_record(path)
    assert "`keras-examples run sine-rnn`" in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_a_folder_is_no_record(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"not the record of a run \(a directory, expected"):
        read_record(tmp_path)


@given(st.data(), JSON)
def test_a_record_of_other_types_is_refused_or_harmless(
    folder: Path, data: st.DataObject, value: Any
) -> None:
    record: dict[str, Any] = json.loads(json.dumps(RECORD))
    place: Any = record
    while isinstance(place, dict) and place:
        key = data.draw(st.sampled_from(sorted(place)))
        if not isinstance(place[key], dict) or data.draw(st.booleans()):
            place[key] = value
            break
        place = place[key]
    path = folder / "run.json"
    path.write_text(json.dumps(record))
    try:
        found = read_record(path)
    except InputError:
        return
    assert found
    assert type(found["seed"]) is int
    assert f"{found['seconds']['total']:.0f} {found['parameters']:,} {found['title']['en']}"
    assert isinstance(dict(config_of(found)), dict)


def test_the_config_of_before_version_0_2_is_found() -> None:
    assert config_of({"asked": {"seed": 1}}) == config_of({"config": {"seed": 1}}) == {"seed": 1}
    assert config_of({"config": 5}) == config_of({}) == {}
