"""Two tiny published sets, a mirror on this machine, and no way out to another."""

from __future__ import annotations

import gzip
import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from keras_examples.datasets import mirrors, transfer
from keras_examples.datasets.dataset import Arrays
from keras_examples.datasets.idx import header_of
from keras_examples.datasets.published import PUBLISHED, IdxFile


@dataclass
class Tiny:
    """A data set of 20 and 10 images that stands for a published one."""

    arrays: Arrays
    files: tuple[IdxFile, ...]
    contents: dict[str, bytes]

    def write(self, folder: Path, *, gzipped: bool = True) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self.contents.items():
            if gzipped:
                (folder / f"{name}.gz").write_bytes(gzip.compress(content))
            else:
                (folder / name).write_bytes(content)
        return folder


def make_tiny(name: str, seed: int) -> Tiny:
    rng = np.random.default_rng(seed)
    shapes = [(20, 28, 28), (20,), (10, 28, 28), (10,)]
    x_train, y_train, x_test, y_test = (rng.integers(0, 10, shape, np.uint8) for shape in shapes)
    arrays = x_train, y_train, x_test, y_test
    contents = [header_of(array.shape) + array.tobytes() for array in arrays]
    files = tuple(
        IdxFile(file.name, shape, hashlib.sha256(content).hexdigest())
        for file, shape, content in zip(PUBLISHED[name], shapes, contents, strict=True)
    )
    names = [file.name for file in files]
    return Tiny(arrays, files, dict(zip(names, contents, strict=True)))


# Before `alone` takes it away.
REAL_FOLDER = os.environ.get("KERAS_EXAMPLES_DATA")


@pytest.fixture
def real_folder() -> Path:
    if not REAL_FOLDER:
        pytest.skip("KERAS_EXAMPLES_DATA does not name a folder with the real data")
    return Path(REAL_FOLDER).absolute()


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keeps the user's folders and the network out of every test."""
    for name in ("KERAS_EXAMPLES_DATA", "KERAS_EXAMPLES_MIRROR"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("KERAS_EXAMPLES_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(mirrors, "MIRRORS", {"mnist": (), "fashion-mnist": ()})
    monkeypatch.setattr(mirrors, "_failures", {})
    monkeypatch.setattr("time.sleep", lambda _: None)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> Tiny:
    """Puts a tiny set in the place of MNIST, and returns it."""
    made = make_tiny("mnist", 0)
    monkeypatch.setitem(PUBLISHED, "mnist", made.files)
    return made


@pytest.fixture
def tiny_fashion(monkeypatch: pytest.MonkeyPatch) -> Tiny:
    """Puts a tiny set in the place of Fashion-MNIST, and returns it."""
    made = make_tiny("fashion-mnist", 1)
    monkeypatch.setitem(PUBLISHED, "fashion-mnist", made.files)
    return made


Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Server:
    """Serves `files` by path; `answers` by the start of a path comes before it."""

    url: str
    files: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    requested: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def serve(self, tiny: Tiny, prefix: str) -> str:
        for name, content in tiny.contents.items():
            self.files[f"/{prefix}/{name}.gz"] = gzip.compress(content)
        return f"{self.url}/{prefix}/"


def reply(handler: BaseHTTPRequestHandler, body: bytes, kind: str = "application/gzip") -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.requested.append(self.path)
            try:
                for start, answer in made.answers.items():
                    if self.path.startswith(start):
                        return answer(self)
                if self.path not in made.files:
                    return self.send_error(404)
                return reply(self, made.files[self.path])
            except ConnectionError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    made = Server(f"http://127.0.0.1:{httpd.server_port}")
    thread = threading.Thread(target=httpd.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield made
    made.closing.set()
    httpd.shutdown()
    httpd.server_close()
    thread.join()


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "OPEN_SECONDS", 0.8)
    monkeypatch.setattr(transfer, "READ_SECONDS", 0.8)
