from __future__ import annotations

import gzip
import io
import socket
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import requests

from keras_examples.core.errors import InputError
from keras_examples.datasets import load, mirrors, transfer
from keras_examples.datasets.published import PUBLISHED
from tests.datasets.conftest import Answer, Server, Tiny, reply

PUBLIC = mirrors.MIRRORS  # before each test has mirrors of its own
SOON = 20  # seconds; to wait for the mirror would take longer


def cut_off(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(gzip.compress(b"")[:10])


def oversize(handler: BaseHTTPRequestHandler) -> None:
    reply(handler, bytes([0x1F, 0x8B, 8, 8]) + b"n" * 300_000)


def bomb(handler: BaseHTTPRequestHandler) -> None:
    reply(handler, gzip.compress(bytes(20_000_000)))


def page(handler: BaseHTTPRequestHandler) -> None:
    reply(handler, b"<!DOCTYPE html>log in", "text/html; charset=utf-8")


def disguised_page(handler: BaseHTTPRequestHandler) -> None:
    reply(handler, b"<!DOCTYPE html>log in")


def other_content(handler: BaseHTTPRequestHandler) -> None:
    size = next(f.size for f in PUBLISHED["mnist"] if f.name in handler.path)
    reply(handler, gzip.compress(bytes(size)))


def too_short(handler: BaseHTTPRequestHandler) -> None:
    reply(handler, gzip.compress(bytes(5)))


def missing(handler: BaseHTTPRequestHandler) -> None:
    handler.send_error(404)


BAD_ANSWERS: list[tuple[Answer, str]] = [
    (missing, "answered 404 Not Found"),
    (page, "answered an HTML page"),
    (disguised_page, "answered with something that is not a gzip file"),
    (cut_off, "closed the connection early"),
    (oversize, "sends more than the"),
    (bomb, "decompresses to more than"),
    (too_short, "of 5 bytes, expected"),
    (other_content, "not the published one"),
]


def left_in(cache: Path) -> list[Path]:
    return [path for path in cache.rglob("*") if path.is_file()]


@pytest.mark.parametrize(("answer", "reason"), BAD_ANSWERS)
def test_a_mirror_that_serves_wrongly_is_passed_over(
    tiny: Tiny,
    tmp_path: Path,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    answer: Answer,
    reason: str,
) -> None:
    server.answers["/bad/"] = answer
    bad, good = f"{server.url}/bad/", server.serve(tiny, "good")
    monkeypatch.setitem(mirrors.MIRRORS, "mnist", (bad,))
    with pytest.raises(InputError, match=reason) as caught:
        load("mnist", data="real")
    assert "\n" not in str(caught.value)
    assert left_in(tmp_path / "cache") == []
    monkeypatch.setitem(mirrors.MIRRORS, "mnist", (bad, good))
    assert load("mnist", data="real").source == "download"
    assert sum(path.startswith("/bad/") for path in server.requested) <= 4


@pytest.mark.usefixtures("short_waits")
def test_a_mirror_that_hangs_is_passed_over(
    tiny: Tiny, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(_: BaseHTTPRequestHandler) -> None:
        server.closing.wait(10)

    server.answers["/bad/"] = hang
    other = server.serve(tiny, "good").replace("127.0.0.1", "localhost")
    monkeypatch.setitem(mirrors.MIRRORS, "mnist", (f"{server.url}/bad/", other))
    start = time.perf_counter()
    assert load("mnist").source == "download"
    assert time.perf_counter() - start < SOON


@pytest.mark.usefixtures("short_waits")
def test_a_mirror_that_drips_is_passed_over(
    tiny: Tiny, tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not server.closing.wait(0.05):
            handler.wfile.write(b"\x1f")

    server.answers["/bad/"] = drip
    monkeypatch.setitem(mirrors.MIRRORS, "mnist", (f"{server.url}/bad/",))
    start = time.perf_counter()
    with pytest.raises(InputError, match=r"did not respond within 0\.8 s"):
        load("mnist", data="real")
    assert time.perf_counter() - start < SOON
    assert left_in(tmp_path / "cache") == []


def test_a_transfer_that_breaks_off_is_tried_again(
    tiny: Tiny, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def once(handler: BaseHTTPRequestHandler) -> None:
        del server.answers["/m/"]
        cut_off(handler)

    mirror = server.serve(tiny, "m")
    server.answers["/m/"] = once
    monkeypatch.setitem(mirrors.MIRRORS, "mnist", (mirror,))
    assert load("mnist").source == "download"
    assert len(server.requested) == 5


def test_a_host_that_refuses_is_tried_once_for_both_sets(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{unused.getsockname()[1]}"
    for name in PUBLISHED:
        monkeypatch.setitem(mirrors.MIRRORS, name, (f"{closed}/{name}/",))
    requested: list[str] = []
    get = requests.get

    def counted(url: str, **options: Any) -> requests.Response:
        requested.append(url)
        return get(url, **options)

    monkeypatch.setattr(requests, "get", counted)
    for name in PUBLISHED:
        assert load(name).source == "stand-in"
    assert len(requested) == 1
    with pytest.raises(InputError, match=r"127\.0\.0\.1 cannot be reached"):
        load("mnist", data="real")
    assert len(requested) == 2


def test_mirrors_are_tried_in_their_order_and_the_users_first(
    tiny: Tiny, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.serve(tiny, "third")
    monkeypatch.setenv("KERAS_EXAMPLES_MIRROR", f"{server.url}/own")
    urls = tuple(f"{server.url}/{name}/" for name in ("second", "third", "fourth"))
    monkeypatch.setitem(mirrors.MIRRORS, "mnist", urls)
    assert load("mnist").source == "download"
    assert [path.split("/")[1] for path in server.requested] == ["own", "second"] + ["third"] * 4
    assert server.requested[0].startswith("/own/mnist/")


@pytest.mark.parametrize("url", ["ftp://example.org/", "example.org/data", "http://", "http://["])
def test_a_users_mirror_that_is_not_a_url_is_refused(
    tiny: Tiny, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("KERAS_EXAMPLES_MIRROR", url)
    with pytest.raises(InputError, match=r"KERAS_EXAMPLES_MIRROR is .* expected a URL"):
        load("mnist")


def test_the_password_of_a_users_mirror_is_not_shown(
    tiny: Tiny, server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own = server.url.replace("http://", "http://user:secret@")
    monkeypatch.setenv("KERAS_EXAMPLES_MIRROR", own)
    with pytest.raises(InputError, match=r"127\.0\.0\.1 answered 404") as caught:
        load("mnist", data="real")
    assert "secret" not in str(caught.value) + capsys.readouterr().err


def test_a_redirect_from_https_to_http_is_refused(
    tiny: Tiny, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = server.serve(tiny, "m")
    send = requests.adapters.HTTPAdapter.send

    def redirect(
        self: requests.adapters.HTTPAdapter, request: requests.PreparedRequest, **options: Any
    ) -> requests.Response:
        if not str(request.url).startswith("https:"):
            return send(self, request, **options)
        response = requests.Response()
        response.status_code = 302
        response.url = str(request.url)
        response.request = request
        response.raw = io.BytesIO()
        response.headers["Location"] = target + urlsplit(response.url).path
        return response

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", redirect)
    monkeypatch.setitem(mirrors.MIRRORS, "mnist", ("https://mirror.test/",))
    with pytest.raises(InputError, match="from https to plain http, which is refused"):
        load("mnist", data="real")
    assert server.requested == []


def test_a_redirect_that_stays_with_http_is_followed(
    tiny: Tiny, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def redirect(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", handler.path.replace("/old/", "/new/"))
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    server.answers["/old/"] = redirect
    server.serve(tiny, "new")
    monkeypatch.setitem(mirrors.MIRRORS, "mnist", (f"{server.url}/old/",))
    assert load("mnist").source == "download"


def test_the_cache_holds_four_files_after_a_download(
    tiny: Tiny, tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(mirrors.MIRRORS, "mnist", (server.serve(tiny, "m"),))
    load("mnist")
    found = {path.name: path.read_bytes() for path in left_in(tmp_path / "cache")}
    assert found == tiny.contents


def test_a_download_without_a_terminal_prints_nothing(
    tiny: Tiny, server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(mirrors.MIRRORS, "mnist", (server.serve(tiny, "m"),))
    load("mnist")
    assert capsys.readouterr() == ("", "")


def test_a_download_to_a_terminal_shows_its_progress(
    tiny: Tiny, server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(mirrors.MIRRORS, "mnist", (server.serve(tiny, "m"),))
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    load("mnist")
    out, err = capsys.readouterr()
    assert out == ""
    assert "train-images-idx3-ubyte" in err


@pytest.mark.usefixtures("tiny")
def test_a_public_mirror_over_plain_http_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def get(url: str, **_: Any) -> Any:
        asked.append(url)
        raise requests.ConnectionError

    monkeypatch.setattr(requests, "get", get)
    plain, safe = "http://plain.example/mnist/", "https://safe.example/mnist/"
    monkeypatch.setitem(mirrors.MIRRORS, "mnist", (plain, safe))
    with pytest.raises(InputError, match=r"plain\.example is over plain http; safe\.example"):
        load("mnist", data="real")
    assert asked
    assert all(url.startswith(safe) for url in asked)


def test_every_published_mirror_can_be_asked() -> None:
    for urls in PUBLIC.values():
        assert len(urls) >= 3
        for url in urls:
            assert not mirrors._is_plain(url)
            assert urljoin(url, "file.gz") == f"{url}file.gz"


def test_waiting_for_blocked_hosts_is_bounded_to_half_a_minute() -> None:
    assert 4 * transfer.OPEN_SECONDS < 30


@pytest.mark.real
@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_the_real_data_comes_whole_from_a_mirror(
    name: str, real_folder: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in (real_folder / name).glob("*.gz"):
        server.files[f"/{name}/{path.name}"] = path.read_bytes()
    monkeypatch.setenv("KERAS_EXAMPLES_MIRROR", server.url)
    downloaded = load(name, data="real")
    assert downloaded.source == "download"
    assert load(name, data="real").source == "cache"
    assert downloaded.digest == load(name, data_dir=real_folder).digest
