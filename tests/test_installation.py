"""The page on installing says of every command of the README how it reads on each system."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = pytest.mark.parametrize("page", ["docs/installation.md", "docs/zh/installation.md"])
IN_POWERSHELL = {"python3": "py", ".venv/bin/": ".venv\\Scripts\\", " && ": "; "}


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def in_powershell(command: str) -> str:
    for here, there in IN_POWERSHELL.items():
        command = command.replace(here, there)
    return command


@PAGES
def test_it_has_each_command_of_the_readme_for_powershell(page: str) -> None:
    blocks = re.findall(r"^```\n(.*?)^```$", read("README.md"), re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if ".venv" in line]
    assert lines
    for line in lines:
        assert f"| `{line}` | `{in_powershell(line)}` |" in read(page)


@PAGES
def test_it_names_no_package_index(page: str) -> None:
    assert "ADDRESS" in read(page)
    assert "://" not in read(page)


@PAGES
def test_it_names_the_packages_that_the_message_about_fonts_names(page: str) -> None:
    message = read("keras_examples/figures/fonts.py")
    named = re.findall(
        r"fonts-wqy-microhei|fonts-noto-cjk|google-noto-[\w-]+|noto-fonts-cjk", message
    )
    assert len(set(named)) == 4
    assert all(name in read(page) for name in named)


@PAGES
def test_what_it_installs_is_the_repository_or_a_file_of_it(page: str) -> None:
    for line in re.findall(r"pip (?:install|wheel) [^`\n]*", read(page)):
        assert re.search(r"(?: |'|\")\.|--find-links wheels", line), line
