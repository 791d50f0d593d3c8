"""A page in the browser to try the trained networks: digits, garments and sines.

The command calls `serve()`; the page itself is in `page`, and needs the extra `demo`.
"""

from __future__ import annotations

from keras_examples.demo.server import serve

__all__ = ["serve"]
