"""A page in the browser to try out what was trained: digits, garments and sines.

`serve()` is all that the command needs; the page itself is in `page`, and needs the extra `demo`.
"""

from __future__ import annotations

from keras_examples.demo.server import serve

__all__ = ["serve"]
