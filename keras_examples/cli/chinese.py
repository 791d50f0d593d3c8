"""argparse in Chinese: its own words, its mistakes, and lines of wide characters."""

from __future__ import annotations

import argparse
import re
import unicodedata

# The words of the help, each on the line where it stands.
_HEADINGS = (
    (r"^usage: ", "用法："),
    (r"^positional arguments:$", "位置参数："),
    (r"^(options|optional arguments):$", "选项："),
    (r"show this help message and exit$", "显示本帮助并退出"),
)
# What argparse says of a mistake, in all versions of Python.
_MISTAKES = (
    (r"argument (.+?): (.*)", "参数 {0}：{1}"),
    (r"unrecognized arguments: (.*)", "不认识的参数：{0}"),
    (r"the following arguments are required: (.*)", "缺少参数：{0}"),
    (r"one of the arguments (.*) is required", "参数 {0} 必须给出其一"),
    (r"not allowed with argument (.*)", "不能与参数 {0} 同时使用"),
    (r"ignored explicit argument (.*)", "不接受取值 {0}"),
    (r"expected one argument", "需要一个取值"),
    (r"expected at least one argument", "至少需要一个取值"),
    (r"expected (\d+) arguments", "需要 {0} 个取值"),
    (r"ambiguous option: (.*) could match (.*)", "选项 {0} 不明确，可能是 {1}"),
    (r"invalid choice: (.*) \(choose from (.*)\)", "得到 {0}，应为 {1} 之一"),
    (r"invalid \w+ value: (.*)", "取值无效：{0}"),
)
_CLOSING = "，。；：、？！）”》"  # never at the beginning of a line
_OPENING = "（“《"  # never at its end
_WIDE = "[\u2e80-\uffef]"
# A line may be broken after a space, and beside a Chinese character.
_BREAK = re.compile(
    rf"(?<=\s)|(?<={_WIDE})(?<![{_OPENING}])(?![\s{_CLOSING}])"
    rf"|(?<![\s{_OPENING}])(?={_WIDE})(?![{_CLOSING}])"
)


def translate(message: str) -> str:
    """Returns argparse's message about a mistake in Chinese; what it has not said, as it is."""
    for pattern, chinese in _MISTAKES:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return chinese.format(*map(translate, found.groups()))
    return message


def headings(text: str) -> str:
    """Returns a help with argparse's own words in Chinese."""
    for pattern, chinese in _HEADINGS:
        text = re.sub(pattern, chinese, text, flags=re.MULTILINE)
    return text


def columns(text: str) -> int:
    """Returns how many columns of a terminal a text takes."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def padded(text: str, width: int) -> str:
    """Returns a text with spaces up to a number of columns."""
    return text + " " * (width - columns(text))


def wrap(text: str, width: int) -> list[str]:
    """Returns a text as lines of at most so many columns, broken where Chinese may be broken."""
    lines = [""]
    for part in _BREAK.split(" ".join(text.split())):
        if lines[-1] and columns((lines[-1] + part).rstrip()) > width:
            lines.append("")
        lines[-1] += part
    return [line.rstrip() for line in lines]


class HelpFormatter(argparse.HelpFormatter):
    """Breaks lines by the columns that they take."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrap(text, width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(indent + line for line in wrap(text, width - len(indent)))
