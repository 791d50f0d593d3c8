from __future__ import annotations

import runpy
from email.message import Message
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest

from keras_examples.core import address

ROOT = Path(__file__).parent.parent.parent
HOME = "https://example.org/somebody/keras_examples"


def declared(monkeypatch: pytest.MonkeyPatch, *urls: str) -> None:
    """Lets the package declare these addresses."""
    package = Message()
    for url in urls:
        package["Project-URL"] = url
    monkeypatch.setattr(metadata, "metadata", lambda name: package)


def test_the_repository_is_the_one_that_the_package_declares(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    declared(monkeypatch, "Documentation, https://example.org/docs", f"Repository, {HOME}")
    assert address.repository() == HOME


def test_where_none_is_declared_or_nothing_is_installed_there_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    declared(monkeypatch)
    assert address.repository() == ""

    def missing(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "metadata", missing)
    assert address.repository() == ""


def test_the_site_links_the_repository_only_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for needed in ("latex2mathml", "mkdocs"):
        pytest.importorskip(needed, reason=f"needs {needed}: pip install '.[docs]'")
    config = SimpleNamespace(repo_url=None, repo_name=None)
    on_config = runpy.run_path(str(ROOT / "docs/hooks.py"))["on_config"]
    declared(monkeypatch)
    assert on_config(config).repo_url is None
    declared(monkeypatch, f"Repository, {HOME}")
    assert on_config(config).repo_url == HOME
    assert config.repo_name == "somebody/keras_examples"
