"""Finds a font with Chinese characters, which matplotlib's own fonts lack."""

from __future__ import annotations

import sys
from functools import cache

from keras_examples.core import InputError

# In order of preference: families that come with Linux, Windows and macOS, or as packages, under
# the names that matplotlib gives them. Of a file with several families it may know only the first.
CHINESE_FAMILIES = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Noto Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Microsoft YaHei",
    "DengXian",
    "SimHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "Heiti SC",
    "STHeiti",
    "Arial Unicode MS",
    "PingFang HK",  # the first family of the file with PingFang SC
    "Heiti TC",  # the first family of the file with Heiti SC
    "Noto Sans CJK JP",  # matplotlib's name for Noto's file with all of CJK
    "Droid Sans Fallback",
    "Songti SC",
    "SimSun",
    "AR PL UMing CN",
)


def chinese() -> str | None:
    """Returns the name of an installed font family with Chinese characters, or None."""
    return _find(known_only=True) or _find(known_only=False)


def require(lang: str) -> None:
    """Checks that figures can be labelled in a language.

    Args:
        lang: `"en"`, which needs nothing, or `"zh"`.

    Raises:
        InputError: There is no font for it; the message says which packages contain one.
    """
    if lang == "zh" and chinese() is None:
        raise InputError(
            f"no Chinese font found on this machine ({sys.platform}) for Chinese figures; install "
            "fonts-wqy-microhei or fonts-noto-cjk (Debian, Ubuntu), google-noto-sans-cjk-fonts "
            "(Fedora) or noto-fonts-cjk (Arch), or leave out --lang zh.",
            f"本机（{sys.platform}）没有可用于绘图的中文字体；请安装 fonts-wqy-microhei 或 "
            "fonts-noto-cjk（Debian、Ubuntu）、google-noto-sans-cjk-fonts（Fedora）或 "
            "noto-fonts-cjk（Arch），或去掉 --lang zh。",
        )


@cache
def _find(*, known_only: bool) -> str | None:
    from matplotlib import font_manager

    if not known_only:
        # matplotlib caches a list of fonts at its first use, without those installed since.
        known = {entry.fname for entry in font_manager.fontManager.ttflist}
        for path in font_manager.findSystemFonts():
            if path not in known:
                _add(path)
    installed = {entry.name for entry in font_manager.fontManager.ttflist}
    return next((family for family in CHINESE_FAMILIES if family in installed), None)


def _add(path: str) -> None:
    from matplotlib import font_manager

    try:
        font_manager.fontManager.addfont(path)
    except (OSError, RuntimeError):  # a damaged font, or a format that matplotlib cannot read
        return
