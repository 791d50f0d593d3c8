"""What measurements depend on besides the code."""

from __future__ import annotations

import platform
from importlib import metadata


def facts() -> dict[str, str]:
    """Returns the processor, its cores, the system, and the versions of the packages."""
    from keras_examples.core import console

    with console.quiet():
        from keras_examples.runner.record import environment

    found = environment()
    versions = dict(found["versions"])
    for package in ("torch", "jax"):
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return {
        "processor": found["processor"],
        "cores": str(found["cores"]),
        "system": platform.system(),
        **versions,
    }
