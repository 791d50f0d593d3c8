"""Compares runs on another machine with the published ones, which the package contains."""

from keras_examples.verification.published import Published, Verdict, load, quick

__all__ = ["Published", "Verdict", "load", "quick"]
