"""Follows `docs/development/adding.md` to the letter, in a copy of the repository."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/development/adding.md").read_text(encoding="utf-8")
_BLOCK = re.compile(
    r'^(?P<fence>`{3,})(?P<kind>\w+)(?: title="(?P<path>[^"]+)")?\n(?P<text>.*?)^(?P=fence)$',
    re.MULTILINE | re.DOTALL,
)
# The tests of the new example, and those of the overviews and of the layout, but for the slow ones
# that have nothing to do with it.
CHOSEN = (
    "parabola or (test_docs or test_languages or test_readmes or test_catalogue or test_layout)"
    " and not (site or training or public or outside or once)"
)


class Block(NamedTuple):
    """A block of the page: a file, a change of one, or commands."""

    kind: str
    path: str | None
    text: str


def blocks() -> list[Block]:
    return [Block(*found.group("kind", "path", "text")) for found in _BLOCK.finditer(PAGE)]


def commands() -> list[str]:
    return [line for block in blocks() if block.kind == "sh" for line in block.text.splitlines()]


def tracked() -> Iterator[str]:
    """The files of the repository, those included that are not committed yet."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs a git checkout")
    yield from (name for name in listed.stdout.decode().split("\0") if (ROOT / name).is_file())


def about_examples(tests: Path) -> list[str]:
    """The tests of the new example, and those that look at every example or at the overviews."""
    return [
        str(file)
        for file in sorted(tests.rglob("test_*.py"))
        if file.stem in ("test_parabola", "test_languages", "test_readmes", "test_layout")
        or (file.name != "test_adding.py" and "catalogue." in file.read_text(encoding="utf-8"))
    ]


def apply(block: Block, file: Path) -> None:
    """Writes a file, changes the lines of one, or puts a section before the summary of a page."""
    if not file.exists():
        file.write_text(block.text, encoding="utf-8", newline="\n")
        return
    text = file.read_text(encoding="utf-8")
    if block.kind == "markdown":
        before, summary, rest = re.split(r"^(## .*\{ #summary \}\n)", text, flags=re.MULTILINE)
        page = before + block.text + summary + rest
        file.write_text(page, encoding="utf-8", newline="\n")
        return
    old, new = (
        "".join(line[1:] for line in block.text.splitlines(True) if line[0] == sign)
        for sign in "-+"
    )
    assert text.count(old) == 1, f"{block.path} has no line {old}"
    file.write_text(text.replace(old, new), encoding="utf-8", newline="\n")


def run(command: str, folder: Path) -> None:
    program, *words = shlex.split(command)
    search = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    found = shutil.which(program, path=search)
    assert found, f"no program {program}"
    environment = {**os.environ, "PYTHONPATH": str(folder), "PATH": search}
    environment.pop("KERAS_EXAMPLES_DATA", None)
    done = subprocess.run(
        [found, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-6000:]}\n{done.stderr[-3000:]}"


@pytest.mark.slow
def test_whoever_follows_the_page_to_the_letter_has_an_example_and_all_tests_pass(
    tmp_path: Path,
) -> None:
    for name in tracked():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    for block in blocks():
        if block.path:
            apply(block, tmp_path / block.path)
    *steps, suite = commands()
    for command in steps:
        run(command, tmp_path)
    assert suite == "python -m pytest"
    files = shlex.join(about_examples(tmp_path / "tests"))
    run(f"{suite} -q -k {shlex.quote(CHOSEN)} {files}", tmp_path)


def test_the_page_has_a_file_for_each_thing_that_an_example_consists_of() -> None:
    assert [block.path for block in blocks() if block.path] == [
        "keras_examples/parabola.py",
        "keras_examples/figures/parabola.py",
        "keras_examples/core/catalogue.py",
        "tests/examples/test_parabola.py",
        "docs/course/2-activations.md",
        "docs/zh/course/2-activations.md",
        "keras_examples/notebook/zh/parabola.md",
    ]
