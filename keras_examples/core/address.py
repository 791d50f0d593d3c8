"""The address of the project's repository, which stands in `pyproject.toml` and nowhere else."""

from __future__ import annotations

from importlib import metadata


def repository() -> str:
    """Returns the address, `Repository` in `[project.urls]`, or nothing where there is none.

    Whatever needs it is made from it: the line that installs from there, the link of the site.
    Without it that is left out, for another project may have our name elsewhere.
    """
    try:
        urls = metadata.metadata("keras-examples").get_all("Project-URL") or []
    except metadata.PackageNotFoundError:  # a clone that is not installed
        return ""
    named = dict(entry.split(", ", 1) for entry in urls)
    return str(named.get("Repository", ""))
