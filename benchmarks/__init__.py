"""Measures the runner beside a plain script, PyTorch and JAX; start by `python -m benchmarks`."""
