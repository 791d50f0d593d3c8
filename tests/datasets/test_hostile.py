"""Malicious and randomly damaged files: they give the exact data, or one line that names them."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import socket
import struct
import subprocess
import threading
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_examples.core.errors import InputError
from keras_examples.datasets import folder as folders
from keras_examples.datasets import load, mirrors, transfer
from keras_examples.datasets.caches import read_keras_cache
from keras_examples.datasets.decompression import decompress
from keras_examples.datasets.folder import read_file, read_folder
from keras_examples.datasets.idx import header_of
from keras_examples.datasets.published import PUBLISHED, IdxFile
from tests.datasets.conftest import Server, Tiny, make_tiny
from tests.platforms import posix

TINY = make_tiny("mnist", 0)
FILES = st.sampled_from(TINY.files)
MARGIN = 500_000  # bytes that reading takes besides the content
Damage = Callable[[st.DataObject, bytes], bytes]

# Takes far less than a second; a hang or a file that costs minutes would be seen.
SOON = 20


@pytest.fixture
def place(tmp_path: Path, tiny: Tiny) -> Path:
    """The folder of a data set of which all four files are as published."""
    return tiny.write(tmp_path / "data" / "mnist", gzipped=False)


@contextmanager
def put(folder: Path, file: IdxFile, *, gzipped: bool) -> Iterator[Path]:
    """Makes room for one hostile file, and puts the published one back."""
    plain = folder / file.name
    plain.unlink()
    path = folder / f"{file.name}.gz" if gzipped else plain
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
        plain.write_bytes(TINY.contents[file.name])


def check(folder: Path, path: Path) -> bool:
    """Loads a data set with a hostile file; returns whether it was the published one after all."""
    tracemalloc.start()
    try:
        arrays = read_folder(folder, "mnist")
    except InputError as error:
        message = str(error)
        assert message.startswith(f"{path}: ")
        assert len(message.splitlines()) == 1
        assert message.isprintable()
        return False
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        # All four in memory, and what it takes to read one.
        assert peak < sum(file.size for file in TINY.files) + MARGIN
    for found, published in zip(arrays, TINY.arrays, strict=True):
        np.testing.assert_array_equal(found, published)
    return True


# Damage


def cut(data: st.DataObject, content: bytes) -> bytes:
    return content[: data.draw(st.integers(0, len(content) - 1), label="length")]


def flip(data: st.DataObject, content: bytes) -> bytes:
    flipped = bytearray(content)
    for bit in data.draw(st.lists(st.integers(0, 8 * len(content) - 1), min_size=1, max_size=9)):
        flipped[bit // 8] ^= 1 << bit % 8
    return bytes(flipped)


def grow(data: st.DataObject, content: bytes) -> bytes:
    return content + data.draw(st.binary(min_size=1, max_size=100), label="more")


def overwrite(data: st.DataObject, content: bytes) -> bytes:
    other = data.draw(st.binary(min_size=1, max_size=40), label="other")
    start = data.draw(st.integers(0, len(content)), label="start")
    return content[:start] + other + content[start + len(other) :]


def swap(data: st.DataObject, content: bytes) -> bytes:
    """Another published file of the same set, or a part of it behind this one's header."""
    other = TINY.contents[data.draw(FILES, label="other").name]
    return data.draw(st.sampled_from([other, content[:8] + other[8:], other[:8] + content[8:]]))


def lie(data: st.DataObject, content: bytes) -> bytes:
    """A header of any type and shape, up to 255 axes of 4 billion each."""
    kind = data.draw(st.sampled_from([0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E, 0xFF]), label="type")
    length = st.sampled_from([0, 1, 10, 20, 28, 2**31, 2**32 - 1]) | st.integers(0, 2**32 - 1)
    axes = data.draw(
        st.lists(length, max_size=4) | st.integers(5, 255).map(lambda n: [2**32 - 1] * n)
    )
    claimed = data.draw(st.sampled_from([len(axes), 0, 1, 3, 255]), label="axes claimed")
    return struct.pack(f">BBBB{len(axes)}I", 0, 0, kind, claimed, *axes) + content[8:]


DAMAGE = [cut, flip, grow, overwrite, swap, lie]


@given(data=st.data(), file=FILES, gzipped=st.booleans(), how=st.sampled_from(DAMAGE))
def test_damaged_content_is_the_published_data_or_one_line(
    place: Path, data: st.DataObject, file: IdxFile, gzipped: bool, how: Damage
) -> None:
    content = how(data, TINY.contents[file.name])
    with put(place, file, gzipped=gzipped) as path:
        path.write_bytes(gzip.compress(content, 1, mtime=0) if gzipped else content)
        assert check(place, path) == (content == TINY.contents[file.name])


@given(data=st.data(), file=FILES, how=st.sampled_from([cut, flip, grow, overwrite]))
def test_a_damaged_gzip_file_is_the_published_data_or_one_line(
    place: Path, data: st.DataObject, file: IdxFile, how: Damage
) -> None:
    whole = gzip.compress(TINY.contents[file.name], 1, mtime=0)
    with put(place, file, gzipped=True) as path:
        path.write_bytes(how(data, whole))
        check(place, path)


def named(content: bytes, name: bytes) -> bytes:
    """A gzip stream with all the optional parts of its header."""
    deflater = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = deflater.compress(content) + deflater.flush()
    extra = struct.pack("<H", len(name)) + name
    start = b"\x1f\x8b\x08\x1c" + bytes(6) + extra + name + b"\0" + name + b"\0"
    return start + body + struct.pack("<II", zlib.crc32(content), len(content))


@given(data=st.data(), file=FILES, padding=st.integers(0, 2000), name=st.binary(max_size=300))
def test_a_gzip_file_in_several_parts_is_read_as_one(
    place: Path, data: st.DataObject, file: IdxFile, padding: int, name: bytes
) -> None:
    content = TINY.contents[file.name]
    ends = sorted(data.draw(st.lists(st.integers(0, len(content)), max_size=4), label="ends"))
    parts = [content[start:end] for start, end in zip([0, *ends], [*ends, None], strict=True)]
    name = name.replace(b"\0", b"")
    with put(place, file, gzipped=True) as path:
        path.write_bytes(b"".join(named(part, name) + bytes(padding) for part in parts))
        assert check(place, path)


@given(
    file=FILES,
    size=st.integers(10_000, 3_000_000),
    byte=st.integers(0, 255),
    level=st.integers(1, 9),
    parts=st.integers(1, 3),
    start=st.sampled_from([b"", TINY.contents[TINY.files[0].name], header_of((2**32 - 1,))]),
)
def test_a_gzip_bomb_costs_no_more_memory_than_the_published_file(
    place: Path, file: IdxFile, size: int, byte: int, level: int, parts: int, start: bytes
) -> None:
    bomb = gzip.compress(start + bytes([byte]) * size, level)
    # A bomb within a bomb is just a wrong file.
    for content in (bomb * parts, gzip.compress(bomb)):
        with put(place, file, gzipped=True) as path:
            path.write_bytes(content)
            assert not check(place, path)


@pytest.mark.parametrize("gzipped", [True, False])
@pytest.mark.parametrize("index", range(4))
def test_reading_takes_no_more_memory_than_the_published_size(
    tmp_path: Path, index: int, gzipped: bool
) -> None:
    file = PUBLISHED["mnist"][index]
    path = tmp_path / ("file.gz" if gzipped else "file")
    # Zeros decompress a thousandfold: the content of a few bytes must not pile up either.
    content = header_of(file.shape) + bytes(file.size)
    path.write_bytes(gzip.compress(content, 1) if gzipped else content[:-20])
    tracemalloc.start()
    try:
        with pytest.raises(InputError):
            read_file(path, file)
        assert tracemalloc.get_traced_memory()[1] < file.size + MARGIN
    finally:
        tracemalloc.stop()


LARGEST = PUBLISHED["mnist"][0]


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(b"") * (LARGEST.size // 20),
        gzip.compress(b"n") * (LARGEST.size // 21),
        b"\x1f\x8b\x08\x08" + bytes(6) + b"n" * LARGEST.size,
        gzip.compress(b"") + bytes(LARGEST.size),
        gzip.compress(b"") + (bytes(20) + gzip.compress(b"")) * 9000,
        b"",
    ],
    ids=["empty parts", "tiny parts", "endless name", "padding", "parts and padding", "empty"],
)
def test_a_gzip_file_made_to_be_slow_is_soon_done(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file.gz").write_bytes(content)
    start = time.perf_counter()
    with pytest.raises(InputError, match=r"file\.gz: "):
        read_file(tmp_path / "file.gz", LARGEST)
    assert time.perf_counter() - start < SOON


def test_a_file_with_a_hole_of_gigabytes_is_not_read(place: Path) -> None:
    file = TINY.files[0]
    for gzipped in (True, False):
        with put(place, file, gzipped=gzipped) as path:
            path.write_bytes(header_of(file.shape))
            os.truncate(path, 1 << 40)
            assert not check(place, path)


def test_a_file_that_grows_while_it_is_read_is_not_followed(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = TINY.files[1]
    with put(place, file, gzipped=False) as path:
        path.write_bytes(TINY.contents[file.name])
        looked = folders.opened

        @contextmanager
        def grow_after(looked_at: Path, size: int) -> Iterator[BinaryIO]:
            with looked(looked_at, size) as stream:
                if looked_at == path:
                    os.truncate(path, 1 << 40)
                yield stream

        monkeypatch.setattr(folders, "opened", grow_after)
        assert not check(place, path)


# Not a file


def make_other(kind: str, path: Path) -> None:
    aside = path.parent.parent / "aside"
    aside.mkdir(exist_ok=True)
    if kind == "directory":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as bound:
            here = Path.cwd()
            os.chdir(path.parent)  # the name of a socket may have no more than 100 bytes
            try:
                bound.bind(path.name)
            finally:
                os.chdir(here)
    elif kind == "link in a circle":
        (aside / path.name).symlink_to(path)
        path.symlink_to(aside / path.name)
    else:
        path.symlink_to({"link to a directory": aside}.get(kind, Path(kind)))


@posix("pipes, devices and links")
@pytest.mark.parametrize("file", TINY.files, ids=lambda file: file.name)
@pytest.mark.parametrize("gzipped", [True, False])
@pytest.mark.parametrize(
    "kind",
    [
        "directory",
        "pipe",
        "socket",
        "link in a circle",
        "link to a directory",
        "/dev/zero",
        "/dev/full",
        "/dev/stdin",
        "/proc/self/mem",
        "/proc/kmsg",
        "/nowhere",
    ],
)
def test_what_is_not_a_file_is_named_and_not_waited_for(
    place: Path, file: IdxFile, gzipped: bool, kind: str
) -> None:
    (place / file.name).unlink()
    path = place / f"{file.name}.gz" if gzipped else place / file.name
    make_other(kind, path)
    assert not check(place, path)


@posix("symbolic links")
@pytest.mark.parametrize("gzipped", [True, False])
def test_a_link_to_the_published_file_is_as_good_as_the_file(
    place: Path, tmp_path: Path, gzipped: bool
) -> None:
    stored = TINY.write(tmp_path / "stored", gzipped=gzipped)
    linked = tmp_path / "linked" / "mnist"
    linked.mkdir(parents=True)
    for path in stored.iterdir():
        (linked / path.name).symlink_to(path)
    assert load("mnist", data_dir=tmp_path / "linked").source == "folder"
    (tmp_path / "whole").mkdir()
    (tmp_path / "whole" / "mnist").symlink_to(stored)
    assert load("mnist", data_dir=tmp_path / "whole").source == "folder"


# Decompression


@given(
    content=st.binary(max_size=300_000),
    chunk=st.integers(1, 5000),
    limit=st.integers(1, 400_000),
)
def test_what_is_decompressed_is_the_start_of_the_content(
    content: bytes, chunk: int, limit: int
) -> None:
    packed = gzip.compress(content, 1)
    chunks = (packed[start : start + chunk] for start in range(0, len(packed), chunk))
    pieces = list(decompress(chunks, limit))
    assert b"".join(pieces) == content[:limit]
    assert max(map(len, pieces), default=0) <= 1 << 16


# Keras's cache


def archive_of(members: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return content.getvalue()


def npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


NPY = dict(
    zip(
        ("x_train.npy", "y_train.npy", "x_test.npy", "y_test.npy"),
        map(npy, TINY.arrays),
        strict=True,
    )
)


def npy_header(text: str) -> bytes:
    header = text.encode("latin1").ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header


def check_npz(path: Path, content: bytes) -> bool:
    from keras_examples.datasets.caches import UnavailableError

    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    tracemalloc.start()
    try:
        arrays = read_keras_cache("mnist")
    except UnavailableError as error:
        said = str(error)
        return not said.isprintable() and pytest.fail(said)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 2 * sum(file.size for file in TINY.files) + 2 * MARGIN
    for found, published in zip(arrays, TINY.arrays, strict=True):
        np.testing.assert_array_equal(found, published)
    return True


@pytest.fixture
def npz(tiny: Tiny, tmp_path: Path) -> Path:
    return tmp_path / "keras" / "datasets" / "mnist.npz"


@given(data=st.data(), how=st.sampled_from([cut, flip, grow, overwrite]), packed=st.booleans())
def test_a_damaged_npz_is_the_published_data_or_passed_over(
    npz: Path, data: st.DataObject, how: Damage, packed: bool
) -> None:
    method = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    check_npz(npz, how(data, archive_of(NPY, method=method)))


@given(
    member=st.sampled_from(sorted(NPY)),
    header=st.text(st.characters(max_codepoint=255), max_size=100)
    | st.sampled_from(
        [
            "{'descr': '|u1', 'fortran_order': False, 'shape': (4000000000, 1000), }",
            "{'descr': '|u1', 'fortran_order': False, 'shape': (4611686018427387904, 8), }",
            "{'descr': '|u1', 'fortran_order': False, 'shape': (-1,), }",
            "{'descr': '|O', 'fortran_order': False, 'shape': (20,), }",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (20,), }",
            "{[]: 1}",
            "((((",
            "'" * 3,
            "{'descr': []}",
            "[" * 100,
            "{'descr': '|u1', 'fortran_order': False, 'shape': (20,), }" + " " * 12_000,
        ]
    ),
)
def test_an_npz_whose_header_lies_is_passed_over(npz: Path, member: str, header: str) -> None:
    content = npy_header(header) + NPY[member][128:]
    assert not check_npz(npz, archive_of({**NPY, member: content}))


def test_an_npz_of_gigabytes_is_passed_over(npz: Path) -> None:
    assert not check_npz(npz, archive_of({**NPY, "x_train.npy": NPY["x_train.npy"] * 900}))
    assert check_npz(npz, archive_of(NPY))
    os.truncate(npz, 1 << 40)
    with pytest.raises(InputError, match=r"mnist\.npz: cannot be read"):
        load("mnist", data="real")


@posix("pipes, devices and links")
@pytest.mark.parametrize("kind", ["directory", "pipe", "/dev/zero", "link in a circle"])
def test_what_is_not_an_npz_is_passed_over_and_not_waited_for(npz: Path, kind: str) -> None:
    npz.parent.mkdir(parents=True)
    make_other(kind, npz)
    with pytest.raises(InputError, match=r"mnist\.npz: cannot be read"):
        load("mnist", data="real")


# Mirrors


def endlessly(start: bytes, again: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(again)

    return answer


def once(content: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(content)


OK = b"HTTP/1.1 200 OK\r\n"
MOVED = b"HTTP/1.1 302 Found\r\n"
FILE = TINY.files[0]
PACKED = gzip.compress(TINY.contents[FILE.name])


@pytest.fixture
def raw_mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Starts mirrors that send bytes as they are; each returns its address."""
    monkeypatch.setattr(transfer, "OPEN_SECONDS", 1.0)
    monkeypatch.setattr(transfer, "READ_SECONDS", 1.0)
    servers: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def start(answer: Callable[[socket.socket], None]) -> str:
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.settimeout(5)
                    try:
                        connection.recv(65536)
                        answer(connection)
                    except OSError:
                        pass

        threads.append(threading.Thread(target=serve, daemon=True))
        threads[-1].start()
        return f"http://127.0.0.1:{server.getsockname()[1]}/file.gz"

    yield start
    for server in servers:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            once(OK + b"Content-Length: %d\r\n\r\n" % (len(PACKED) - 9) + PACKED),
            "closed the connection early",
        ),
        (
            once(OK + b"Content-Length: %d\r\n\r\n" % (len(PACKED) + 9) + PACKED),
            "closed the connection early",
        ),
        (once(OK + b"Content-Length: 5, 6\r\n\r\n" + PACKED), "cannot be reached"),
        (once(OK + b"\r\n" + PACKED + b"more"), "not a gzip file"),
        (endlessly(OK + b"\r\n" + PACKED, bytes(65536)), "sends more than"),
        (endlessly(OK + b"\r\n", gzip.compress(b"")), "not a gzip|sends more"),
        (endlessly(OK + b"X: ", b"x" * 65536), "cannot be reached"),
        (endlessly(OK, b"X: y\r\n" * 100), "cannot be reached"),
        (endlessly(MOVED + b"Location: /\r\n\r\n", b"x" * 65536), "cannot be reached"),
        (once(MOVED + b"Location: /\r\nContent-Length: 0\r\n\r\n"), "cannot be reached"),
        (once(MOVED + b"Location: file:///etc/passwd\r\n\r\n"), "cannot be reached"),
        (once(MOVED + b"Location: http://[\r\n\r\n"), "cannot be reached"),
        (once(MOVED + b"Location: \xff\xfe\r\n\r\n"), "cannot be reached"),
        (once(b"HTTP/1.1 404 \x1b[31m\x85evil\r\n\r\n"), "^answered 404 Not Found$"),
        (once(b"HTTP/1.1 799 no such thing\r\n\r\n"), "^answered 799$"),
        (once(b"\0" * 1000), "cannot be reached"),
        (once(b""), "cannot be reached"),
    ],
)
def test_a_mirror_that_answers_anything_is_refused_in_time_and_in_little_memory(
    tmp_path: Path, raw_mirror: Callable[..., str], answer: Callable[..., None], said: str
) -> None:
    url = raw_mirror(answer)
    start = time.perf_counter()
    tracemalloc.start()
    try:
        with pytest.raises(transfer.MirrorError, match=said) as caught:
            transfer.transfer(url, FILE, tmp_path / "file")
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
    assert str(caught.value).isprintable()
    assert time.perf_counter() - start < SOON


@pytest.mark.parametrize("length", [b"-1", b"many", b""])
def test_a_length_that_means_nothing_does_not_matter(
    tmp_path: Path, raw_mirror: Callable[..., str], length: bytes
) -> None:
    url = raw_mirror(once(OK + b"Content-Length: " + length + b"\r\n\r\n" + PACKED))
    transfer.transfer(url, FILE, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == TINY.contents[FILE.name]


def test_a_slow_disk_does_not_make_an_endless_answer_pile_up(
    tmp_path: Path, raw_mirror: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(chunks: Iterator[bytes], limit: int) -> Iterator[bytes]:
        def slow() -> Iterator[bytes]:
            for chunk in chunks:
                yield chunk
                halt.wait(0.3)

        return decompress(slow(), limit)

    halt = threading.Event()
    monkeypatch.setattr(transfer, "decompress", slowly)
    endless = endlessly(OK + b"\r\n\x1f\x8b\x08\x08" + bytes(6), b"n" * 65536)
    tracemalloc.start()
    try:
        with pytest.raises(transfer.MirrorError, match="sends more than"):
            transfer.transfer(raw_mirror(endless), FILE, tmp_path / "file")
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()


@given(data=st.data(), file=FILES, how=st.sampled_from([cut, flip, grow, overwrite, swap, lie]))
def test_whatever_a_mirror_serves_only_the_published_file_enters_the_cache(
    tiny: Tiny, tmp_path: Path, server: Server, data: st.DataObject, file: IdxFile, how: Damage
) -> None:
    server.serve(tiny, "m")
    path = f"/m/{file.name}.gz"
    if data.draw(st.booleans(), label="within"):
        server.files[path] = gzip.compress(how(data, TINY.contents[file.name]))
    else:
        server.files[path] = how(data, server.files[path])
    mirrors.forget_failures()
    cache = tmp_path / "cache" / "mnist"
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(mirrors.MIRRORS, "mnist", (f"{server.url}/m/",))
        try:
            whole = load("mnist", data="real").source == "download"
        except InputError:
            whole = False
    left = {path.name: path.read_bytes() for path in cache.iterdir()}
    assert left.items() <= TINY.contents.items()
    assert (left == TINY.contents) == whole
    for stored in cache.iterdir():
        stored.unlink()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 kB in the place of the cache."""
    disk = tmp_path / "cache"
    disk.mkdir()
    mount = shutil.which("mount")
    options = ["-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if not mount or subprocess.run([mount, *options], capture_output=True).returncode:
        pytest.skip("may not mount a file system")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("kilobytes", [0, 4, 8, 12])
def test_a_cache_on_a_full_disk_keeps_what_it_has_and_nothing_half(
    tiny: Tiny,
    small_disk: Path,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    kilobytes: int,
) -> None:
    monkeypatch.setitem(mirrors.MIRRORS, "mnist", (server.serve(tiny, "m"),))
    cache = small_disk / "mnist"
    cache.mkdir()
    (cache / FILE.name).write_bytes(tiny.contents[FILE.name])
    free = shutil.disk_usage(small_disk).free
    (small_disk / "filler").write_bytes(bytes(free - 1024 * kilobytes))
    with pytest.raises(InputError, match=r"No space left on device.*KERAS_EXAMPLES_CACHE"):
        load("mnist", data="real")
    left = {path.name: path.read_bytes() for path in cache.iterdir()}
    assert left.items() <= tiny.contents.items()
    assert FILE.name in left
    (small_disk / "filler").unlink()
    assert load("mnist", data="real").source == "download"  # and there is room again


@pytest.mark.parametrize(
    "url", ["htps://user:secret@mirror.test/", "user:se/cret@mirror.test", "ftp://u:secret@[::1]"]
)
def test_a_password_is_not_shown_in_an_address_that_is_refused(
    tiny: Tiny, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("KERAS_EXAMPLES_MIRROR", url)
    with pytest.raises(InputError, match="expected a URL") as caught:
        load("mnist")
    assert "cret" not in str(caught.value)
