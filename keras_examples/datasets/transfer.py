"""Downloads one file over HTTP and decompresses it, with time and size bounded throughout."""

from __future__ import annotations

import queue
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError

from keras_examples.core.console import progress_bar
from keras_examples.datasets.decompression import CHUNK, decompress
from keras_examples.datasets.failures import SourceError, text_of
from keras_examples.datasets.folder import GZIP_SLACK
from keras_examples.datasets.published import IdxFile

CONNECT_SECONDS = 5.0
# Until the response begins, including DNS, every address of the host and redirects.
OPEN_SECONDS = 7.0
# For each further chunk.
READ_SECONDS = 20.0


class MirrorError(SourceError):
    """A mirror does not have the file, and another try would not help."""


class UnreachableError(MirrorError):
    """The mirror's host does not respond at all."""


class BrokenOffError(MirrorError, ValueError):
    """A transfer ended early and may work the next time. Pooch retries after a ValueError."""


def transfer(url: str, file: IdxFile, target: Path) -> None:
    """Downloads a gzipped IDX file and writes its uncompressed content.

    Shows a progress bar on stderr where stderr is a terminal.

    Args:
        url: Where the gzipped file is, `https:` or `http:`.
        file: What it must be. Never are more compressed bytes read than its size and a little,
            nor more uncompressed ones than its size.
        target: The file to write. The caller checks its digest.

    Raises:
        MirrorError: If the response is not such a file, or does not come in time.
    """
    written = 0
    try:
        with progress_bar(file.size, file.name, "B") as progress, target.open("wb") as stream:
            for piece in decompress(_chunks(url, file.size + GZIP_SLACK), file.size + 1):
                written += len(piece)
                if written > file.size:
                    raise MirrorError(
                        f"sends a file that decompresses to more than {file.size} bytes",
                        f"发来的文件解压后超过 {file.size} 字节",
                    )
                stream.write(piece)
                progress.update(len(piece))
    except zlib.error as error:
        why = text_of(error)
        raise MirrorError(
            f"answered with something that is not a gzip file ({why.en})",
            f"发来的不是 gzip 文件（{why.zh}）",
        ) from error
    except EOFError:
        raise _broken_off() from None
    if written < file.size:
        raise MirrorError(
            f"sends a {file.name} of {written} bytes, expected {file.size}",
            f"发来的 {file.name} 有 {written} 字节，应为 {file.size} 字节",
        )


def _broken_off() -> BrokenOffError:
    return BrokenOffError("closed the connection early", "提前断开了连接")


def _chunks(url: str, limit: int) -> Iterator[bytes]:
    """Yields the response of a URL in chunks, each in time.

    The timeouts of requests apply to one address, one redirect, one packet; a host with many
    addresses, or one that drips, outlasts them. So a thread reads, and this waits for it.
    """
    answers: queue.SimpleQueue[bytes | MirrorError | None] = queue.SimpleQueue()
    abandoned = threading.Event()
    threading.Thread(target=_receive, args=(url, limit, answers, abandoned), daemon=True).start()
    seconds, opened = OPEN_SECONDS, False
    try:
        while (answer := _next(answers, seconds, opened=opened)) is not None:
            seconds, opened = READ_SECONDS, True
            yield answer
    finally:
        abandoned.set()


def _next(
    answers: queue.SimpleQueue[bytes | MirrorError | None], seconds: float, *, opened: bool
) -> bytes | None:
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        if opened:
            raise MirrorError(f"stalled for {seconds:g} s", f"停滞了 {seconds:g} 秒") from None
        raise UnreachableError(
            f"did not respond within {seconds:g} s", f"{seconds:g} 秒内没有回应"
        ) from None
    if isinstance(answer, MirrorError):
        raise answer
    return answer


def _receive(
    url: str,
    limit: int,
    answers: queue.SimpleQueue[bytes | MirrorError | None],
    abandoned: threading.Event,
) -> None:
    """Puts the body of a response into a queue, chunk by chunk, and then None or the error."""
    received = 0
    try:
        with _open(url) as response:
            for chunk in response.raw.stream(CHUNK, decode_content=False):
                received += len(chunk)
                if abandoned.is_set():
                    return
                # Here, because with a slow disk an endless response would pile up in the queue.
                if received > limit:
                    raise MirrorError(
                        f"sends more than the {limit} bytes that the file can have",
                        f"发来的超过这个文件可能有的 {limit} 字节",
                    )
                answers.put(chunk)
        answers.put(None)
    except MirrorError as error:
        answers.put(error)
    except (OSError, HTTPError, ValueError) as error:
        if received:
            answers.put(_broken_off())
        else:
            why = _reason(error)
            answers.put(UnreachableError(f"cannot be reached ({why})", f"无法连接（{why}）"))


@contextmanager
def _open(url: str) -> Iterator[requests.Response]:
    with requests.get(
        url,
        stream=True,
        timeout=(CONNECT_SECONDS, READ_SECONDS),
        # The bytes of the file itself, without the server's own compression.
        headers={"Accept-Encoding": "identity"},
        hooks={"response": _check_redirect},
    ) as response:
        if response.status_code != requests.codes.ok:
            status = _status(response.status_code)
            raise MirrorError(f"answered {status}", f"回应了 {status}")
        if "html" in response.headers.get("Content-Type", ""):
            raise MirrorError("answered an HTML page", "回应了一个 HTML 网页")
        yield response


def _check_redirect(response: requests.Response, **_: Any) -> None:
    target = urljoin(response.url, response.headers.get("Location", ""))
    if response.is_redirect:
        # Before it follows, requests would read the whole body into memory.
        response.close()
    if urlsplit(response.url).scheme == "https" != urlsplit(target).scheme:
        response.close()
        raise MirrorError(
            "redirects from https to plain http, which is refused",
            "从 https 重定向到明文 http，已拒绝",
        )


def _status(code: int) -> str:
    """Returns a status with the standard phrase: the mirror's own may be anything."""
    try:
        return f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return str(code)


def _reason(error: Exception) -> str:
    """Returns the name of the cause, which says more than requests' wrapper."""
    cause = getattr(error.args[0], "reason", None) if error.args else None
    return type(cause or error).__name__
