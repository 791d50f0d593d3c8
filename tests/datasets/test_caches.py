from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras_examples.core.errors import InputError
from keras_examples.datasets import caches, load, mirrors
from keras_examples.datasets.folder import find
from keras_examples.datasets.published import IdxFile
from tests.datasets.conftest import Server, Tiny

NPZ_NAMES = ("x_train", "y_train", "x_test", "y_test")


def write_npz(tiny: Tiny, tmp_path: Path) -> Path:
    path = tmp_path / "keras" / "datasets" / "mnist.npz"
    path.parent.mkdir(parents=True)
    arrays: dict[str, Any] = dict(zip(NPZ_NAMES, tiny.arrays, strict=True))
    np.savez_compressed(path, **arrays)
    return path


def test_the_cache_comes_before_kerass(tiny: Tiny, tmp_path: Path) -> None:
    write_npz(tiny, tmp_path)
    assert load("mnist").source == "keras-cache"
    tiny.write(tmp_path / "cache" / "mnist", gzipped=False)
    assert load("mnist").source == "cache"


def test_the_digest_is_the_same_whatever_the_source(
    tiny: Tiny, tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.write(tmp_path / "data" / "mnist")
    digests = {load("mnist", data_dir=tmp_path / "data").digest}
    monkeypatch.setitem(mirrors.MIRRORS, "mnist", (server.serve(tiny, "m"),))
    for source in ("download", "cache"):
        mnist = load("mnist")
        assert mnist.source == source
        digests.add(mnist.digest)
    monkeypatch.setenv("KERAS_EXAMPLES_CACHE", str(tmp_path / "empty"))
    write_npz(tiny, tmp_path)
    mnist = load("mnist")
    assert mnist.source == "keras-cache"
    assert {*digests, mnist.digest} == {mnist.digest}
    assert len(mnist.digest) == 64


def test_kerass_fashion_mnist_is_used(tiny_fashion: Tiny, tmp_path: Path) -> None:
    tiny_fashion.write(tmp_path / "keras" / "datasets" / "fashion-mnist")
    assert load("fashion-mnist", data="real").source == "keras-cache"


def test_a_wrong_file_of_kerass_is_left_alone_and_passed_over(
    tiny_fashion: Tiny, tmp_path: Path
) -> None:
    folder = tiny_fashion.write(tmp_path / "keras" / "datasets" / "fashion-mnist")
    wrong = folder / "train-labels-idx1-ubyte.gz"
    wrong.write_bytes(b"wrong")
    with pytest.raises(InputError, match=r"keras-cache: .*is not a valid gzip file"):
        load("fashion-mnist", data="real")
    assert wrong.read_bytes() == b"wrong"


def test_why_no_source_has_the_data_is_told_in_chinese_too(
    tiny_fashion: Tiny, tmp_path: Path
) -> None:
    folder = tiny_fashion.write(tmp_path / "keras" / "datasets" / "fashion-mnist")
    (folder / "train-labels-idx1-ubyte.gz").write_bytes(b"wrong")
    with pytest.raises(InputError) as caught:
        load("fashion-mnist", data="real")
    cache, kerass, download, *remedy = caught.value.text.zh.split("；")
    assert cache.startswith("fashion-mnist：没有找到真实数据：缓存：")
    assert "中缺少 train-images-idx3-ubyte、" in cache
    assert kerass.startswith("Keras 的缓存：")
    assert "不是有效的 gzip 文件（" in kerass
    assert download == "下载：没有镜像"
    assert len(remedy) == 1
    assert "KERAS_EXAMPLES_DATA" in remedy[0]


def damage(path: Path, how: str, tiny: Tiny) -> None:
    arrays: dict[str, Any] = dict(zip(NPZ_NAMES, tiny.arrays, strict=True))
    if how == "not a zip file":
        path.write_bytes(b"\x00" * 100)
    elif how == "truncated":
        path.write_bytes(path.read_bytes()[:-100])
    elif how == "pickled":
        np.savez(path, **{**arrays, "y_train": np.array([{}], dtype=object)})
    elif how == "an array missing":
        np.savez(path, x_train=arrays["x_train"])
    elif how == "another type":
        np.savez(path, **{**arrays, "y_train": arrays["y_train"].astype(np.int64)})
    elif how == "other content":
        np.savez(path, **{**arrays, "y_train": arrays["y_train"] + np.uint8(1)})
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("x_train.npy", bytes(10_000_000))


@pytest.mark.parametrize(
    "how",
    [
        "not a zip file",
        "truncated",
        "pickled",
        "an array missing",
        "another type",
        "other content",
        "a bomb",
    ],
)
def test_a_wrong_npz_of_kerass_is_left_alone_and_passed_over(
    tiny: Tiny, tmp_path: Path, how: str
) -> None:
    path = write_npz(tiny, tmp_path)
    damage(path, how, tiny)
    before = path.read_bytes()
    with pytest.raises(InputError, match=r"keras-cache: .*mnist\.npz: cannot be read"):
        load("mnist", data="real")
    assert path.read_bytes() == before


def test_a_wrong_file_in_the_cache_is_fetched_again_and_the_others_are_kept(
    tiny: Tiny, tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tiny.write(tmp_path / "cache" / "mnist", gzipped=False)
    (folder / "t10k-labels-idx1-ubyte").write_bytes(b"wrong")
    monkeypatch.setitem(mirrors.MIRRORS, "mnist", (server.serve(tiny, "m"),))
    assert load("mnist").source == "download"
    assert server.requested == ["/m/t10k-labels-idx1-ubyte.gz"]
    assert load("mnist").source == "cache"


def test_a_wrong_file_in_the_cache_goes_even_when_no_mirror_answers(
    tiny: Tiny, tmp_path: Path
) -> None:
    folder = tiny.write(tmp_path / "cache" / "mnist", gzipped=False)
    (folder / "t10k-labels-idx1-ubyte").write_bytes(b"wrong")
    assert load("mnist").source == "stand-in"
    assert not (folder / "t10k-labels-idx1-ubyte").exists()


def test_a_file_that_another_process_puts_into_the_cache_meanwhile_stays(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tiny.write(tmp_path / "cache" / "mnist", gzipped=False)
    late = folder / "t10k-labels-idx1-ubyte"
    content = late.read_bytes()
    late.unlink()

    def find_too_early(folder: Path, file: IdxFile) -> Path:
        try:
            return find(folder, file)
        finally:
            late.write_bytes(content)

    monkeypatch.setattr(caches, "find", find_too_early)
    (folder / "train-images-idx3-ubyte").unlink()
    assert load("mnist").source == "stand-in"
    assert late.read_bytes() == content


def test_a_user_without_a_home_still_gets_stand_ins(
    tiny: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    def homeless(_: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "expanduser", homeless)
    assert load("mnist").source == "stand-in"


def test_a_directory_in_the_cache_does_not_break_auto(tiny: Tiny, tmp_path: Path) -> None:
    (tmp_path / "cache" / "mnist" / "t10k-labels-idx1-ubyte").mkdir(parents=True)
    assert load("mnist").source == "stand-in"


def test_a_cache_that_cannot_be_written_does_not_break_auto(
    tiny: Tiny, tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    monkeypatch.setitem(mirrors.MIRRORS, "mnist", (server.serve(tiny, "m"),))
    assert load("mnist").source == "stand-in"
    with pytest.raises(InputError, match="name another in KERAS_EXAMPLES_CACHE"):
        load("mnist", data="real")
