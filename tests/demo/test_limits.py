from __future__ import annotations

import asyncio
from typing import Any

from keras_examples.demo.limits import LARGEST_BODY, MOST_UPLOADS, Limits


def statuses(requests: list[dict[str, Any]]) -> list[int]:
    """Returns the status for each request; 200 means that it is let through."""
    found: list[int] = []

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            found.append(message["status"])

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})

    async def send_all() -> None:
        limits = Limits(app)
        for request in requests:
            await limits({"type": "http", **request}, None, send)

    asyncio.run(send_all())
    return found


def post(path: str, length: int | None) -> dict[str, Any]:
    headers = [] if length is None else [(b"content-length", str(length).encode())]
    return {"method": "POST", "path": path, "headers": headers}


def test_lets_pages_and_small_posts_through() -> None:
    page = {"method": "GET", "path": "/", "headers": []}
    assert statuses([page, post("/gradio_api/queue/join", 1000)]) == [200, 200]


def test_refuses_a_body_that_is_too_large_or_without_a_length() -> None:
    assert statuses([post("/x", LARGEST_BODY + 1), post("/x", None)]) == [413, 413]


def test_refuses_one_upload_too_many_a_minute() -> None:
    uploads = [post("/gradio_api/upload", 10)] * (MOST_UPLOADS + 1)
    assert statuses(uploads) == [200] * MOST_UPLOADS + [429]
