"""Refuses uploads that are too large or too many before anything of them is stored."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

LARGEST_BODY = 12_000_000  # bytes: the largest file, and the form around it
MOST_UPLOADS = 30  # of all visitors together
PER_SECONDS = 60.0


class Limits:
    """ASGI middleware that refuses requests that are too large or too many.

    Args:
        app: The page's server, an ASGI application.
    """

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self._app = app
        self._uploads: deque[float] = deque(maxlen=MOST_UPLOADS)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Passes a request on, or answers it with 413 or 429."""
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        if refusal is None:
            await self._app(scope, receive, send)
            return
        status, reason = refusal
        headers = [(b"content-type", b"text/plain; charset=utf-8")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": reason})

    def _refusal(self, scope: Any) -> tuple[int, bytes] | None:
        if scope["method"] != "POST":
            return None
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"")
        if not length.isdigit() or int(length) > LARGEST_BODY:
            return 413, "Too large. 太大。".encode()
        if scope["path"].endswith("/upload"):
            now = time.monotonic()
            if len(self._uploads) == MOST_UPLOADS and now - self._uploads[0] < PER_SECONDS:
                later = "Too many uploads; try again in a minute. 上传太频繁；请一分钟后再试。"
                return 429, later.encode()
            self._uploads.append(now)
        return None


def middleware() -> list[Any]:
    """Returns the limits as an argument of FastAPI."""
    from starlette.middleware import Middleware

    return [Middleware(Limits)]
