"""What is packaged and published, and that the workflows name nothing that is gone."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import keras_examples

ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
each_workflow = pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)


def project() -> dict[str, Any]:
    """The table `project` of pyproject.toml."""
    tomllib = pytest.importorskip("tomllib", reason="needs Python 3.11")
    content = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return dict(content["project"])


def parsed(workflow: Path) -> dict[str, Any]:
    yaml = pytest.importorskip("yaml", reason="needs PyYAML: pip install '.[docs]'")
    # A version such as 3.10 must not be read as a number, nor `on` as a truth value.
    return dict(yaml.load(workflow.read_text(encoding="utf-8"), yaml.BaseLoader))


def steps(workflow: Path) -> Iterator[dict[str, Any]]:
    for job in parsed(workflow)["jobs"].values():
        yield from job.get("steps", [])


def commands(workflow: Path) -> str:
    return "\n".join(step.get("run", "") for step in steps(workflow))


def pythons(node: Any) -> Iterator[str]:
    """The versions of Python that a workflow names, in its matrices or in its steps."""
    if isinstance(node, list):
        for entry in node:
            yield from pythons(entry)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in ("python", "python-version"):
                yield from [value] if isinstance(value, str) else value
            else:
                yield from pythons(value)


# The version


def test_the_command_prints_the_version_without_loading_tensorflow() -> None:
    program = (
        "import atexit, sys; from keras_examples import cli; "
        "atexit.register(lambda: print('tensorflow' in sys.modules)); cli.main(['--version'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"keras-examples {keras_examples.__version__}\nFalse\n"


def test_the_version_is_written_in_one_place() -> None:
    assert "version" not in project()
    assert "version" in project()["dynamic"]
    packaged = [ROOT / "pyproject.toml", *ROOT.glob("keras_examples/**/*.py")]
    version = keras_examples.__version__
    found = [path for path in packaged if f'"{version}"' in path.read_text(encoding="utf-8")]
    assert found == [ROOT / "keras_examples/__init__.py"]


def test_the_changelog_begins_with_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[(.+?)\] - (.+)$", changelog, re.MULTILINE)
    latest, when = versions[0]
    assert latest == keras_examples.__version__
    assert when == "Unreleased" or re.fullmatch(r"\d{4}-\d\d-\d\d", when)


def test_what_the_page_for_contributors_leads_to_is_there() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    targets = re.findall(r"\]\((.+?)\)", page)
    assert targets
    assert [target for target in targets if not (ROOT / target).is_file()] == []


# The workflows


def test_every_python_that_is_declared_is_tested_and_no_other() -> None:
    declared = project()
    minors = [
        line.rpartition(" ")[2]
        for line in declared["classifiers"]
        if re.fullmatch(r"Programming Language :: Python :: 3\.\d+", line)
    ]
    least, end = re.findall(r"3\.(\d+)", declared["requires-python"])
    assert minors == [f"3.{minor}" for minor in range(int(least), int(end))]
    jobs = parsed(ROOT / ".github/workflows/ci.yml")["jobs"]
    assert jobs["test"]["strategy"]["matrix"]["python"] == minors
    assert jobs["lowest"]["strategy"]["matrix"]["python"] == minors
    for workflow in WORKFLOWS:
        named = {one for one in pythons(parsed(workflow)) if not one.startswith("$")}
        assert named <= set(minors)


@each_workflow
def test_what_a_workflow_runs_or_reads_is_there(workflow: Path) -> None:
    text = commands(workflow)
    named = re.findall(r"(?<![\w./-])(?:\.ci|benchmarks|docs|tests)/[\w./-]+", text)
    named += re.findall(r"(?<=-c )\S+\.txt|\bCHANGELOG\.md\b", text)
    for step in steps(workflow):
        named += step.get("with", {}).get("cache-dependency-path", "").split()
    called = [job.get("uses", "") for job in parsed(workflow)["jobs"].values()]
    named += [name for name in called if name.startswith("./")]
    assert [name for name in named if not (ROOT / name).is_file()] == []


@each_workflow
def test_the_extras_that_a_workflow_installs_are_declared(workflow: Path) -> None:
    extras = re.findall(r"\.\[([\w,]+)\]", commands(workflow))
    wanted = {name for found in extras for name in found.split(",")}
    assert wanted <= set(project()["optional-dependencies"])


@each_workflow
def test_a_workflow_may_only_read_unless_a_job_says_otherwise(workflow: Path) -> None:
    assert parsed(workflow)["permissions"] == {"contents": "read"}


@each_workflow
def test_every_job_of_a_workflow_ends_within_an_hour(workflow: Path) -> None:
    for name, job in parsed(workflow)["jobs"].items():
        assert "uses" in job or 0 < int(job["timeout-minutes"]) <= 60, name


def test_the_hooks_before_a_commit_run_what_the_extra_dev_installs() -> None:
    yaml = pytest.importorskip("yaml", reason="needs PyYAML: pip install '.[docs]'")
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    hooks = [hook for repo in yaml.safe_load(text)["repos"] for hook in repo["hooks"]]
    assert {hook["language"] for hook in hooks} == {"system"}
    declared = " ".join(project()["optional-dependencies"]["dev"])
    for hook in hooks:
        program, *words = hook["entry"].split()
        assert program == "python" or f"{program}>=" in declared
        assert all((ROOT / word).is_file() for word in words if "/" in word)
