"""The pages of the documentation and the scripts beside them, for the tests of both."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [page.relative_to(DOCS).as_posix() for page in sorted(DOCS.rglob("*.md"))]


def read(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def chapter_pages(lang: str = "en") -> list[str]:
    folder = {"en": "course", "zh": "zh/course"}[lang]
    return [page for page in PAGES if re.fullmatch(rf"{folder}/\d-\w+\.md", page)]


def without_blocks(text: str) -> str:
    """A page without what its blocks of code say."""
    return re.sub(r"^( *`{3,}).*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)


def without_code(text: str) -> str:
    """A page without what stands in code."""
    return re.sub(r"`[^`\n]+`", "", without_blocks(text))


def script(name: str) -> ModuleType:
    """A script of the docs, as a module."""
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    assert spec
    assert spec.loader
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
