from __future__ import annotations

import pytest
from matplotlib import font_manager
from matplotlib.font_manager import FontEntry

from keras_examples.core import InputError
from keras_examples.figures import fonts

WINDOWS = ("Microsoft YaHei", "SimHei", "DengXian", "SimSun")
MACOS = ("PingFang SC", "PingFang HK", "Heiti SC", "Heiti TC", "Hiragino Sans GB", "Songti SC")


def found(monkeypatch: pytest.MonkeyPatch, *installed: str) -> str | None:
    """The Chinese family that is found where these are installed."""
    entries = [FontEntry(name=family) for family in ("DejaVu Sans", *installed)]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", entries)
    return fonts._find.__wrapped__(known_only=True)


@pytest.mark.parametrize("family", [*WINDOWS, *MACOS])
def test_a_chinese_font_of_windows_or_macos_is_found_without_a_word(
    family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found(monkeypatch, family) == family


def test_a_font_for_simplified_characters_is_preferred_to_one_for_traditional_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert found(monkeypatch, *sorted(MACOS)) == "PingFang SC"
    assert found(monkeypatch, "Heiti TC", "PingFang HK", "Hiragino Sans GB") == "Hiragino Sans GB"


def test_a_font_without_serifs_is_preferred(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(monkeypatch, "SimSun", "SimHei") == "SimHei"


def test_where_there_is_no_chinese_font_none_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(monkeypatch) is None


def test_both_messages_name_the_packages_and_how_to_do_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fonts, "chinese", lambda: None)
    fonts.require("en")
    with pytest.raises(InputError) as refused:
        fonts.require("zh")
    packages = ("fonts-wqy-microhei", "google-noto-sans-cjk-fonts", "noto-fonts-cjk")
    for message, leave_out in (
        (refused.value.text.en, "or leave out"),
        (refused.value.text.zh, "或去掉"),
    ):
        assert all(package in message for package in packages)
        assert f"{leave_out} --lang zh" in message
