"""The JavaScript of the pages: its own tests in Node, its types by TypeScript, its size."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "keras_examples" / "demo" / "pages"
TESTS = sorted((ROOT / "tests" / "demo" / "js").glob("*.test.js"))
NODE, NPM = shutil.which("node"), shutil.which("npm")

needs_node = pytest.mark.skipif(NODE is None, reason="needs Node")


@needs_node
@pytest.mark.parametrize("file", TESTS, ids=lambda path: path.name)
def test_the_tests_in_node_pass(file: Path) -> None:
    done = subprocess.run(
        [str(NODE), "--test", "--test-reporter=tap", str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


@pytest.fixture(scope="session")
def typescript(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiler that `package.json` pins, where `npm install` has put it or puts it now."""
    installed = Path("node_modules", "typescript", "bin", "tsc")
    if (ROOT / installed).exists():
        return ROOT / installed
    if NPM is None:
        pytest.skip("needs npm, to install TypeScript")
    folder = tmp_path_factory.mktemp("typescript")
    shutil.copy(ROOT / "package.json", folder)
    command = [NPM, "install", "--no-package-lock", "--no-audit", "--no-fund", "--prefer-offline"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    if done.returncode:
        pytest.skip("needs the registry of npm, or `npm install` before, for TypeScript")
    return folder / installed


@needs_node
def test_the_types_are_right(typescript: Path) -> None:
    done = subprocess.run(
        [str(NODE), str(typescript), "--project", "tests/demo/js"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout


def test_typescript_is_pinned_and_nothing_else_is_needed() -> None:
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    assert list(package["devDependencies"]) == ["typescript"]
    assert package["devDependencies"]["typescript"].replace(".", "").isdigit()
    assert "dependencies" not in package
    assert not (ROOT / "package-lock.json").exists()


def test_the_engine_has_20_kb_at_most() -> None:
    assert (PAGES / "network.js").stat().st_size <= 20_000


def test_no_module_asks_for_anything_elsewhere() -> None:
    for file in PAGES.rglob("*.js"):
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")  # a name
        assert "://" not in text, file.name
