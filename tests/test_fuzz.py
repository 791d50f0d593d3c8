"""Damaged and odd input for every parser: what it gives is the thing itself, or one clear line."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from keras_examples import run
from keras_examples.core.errors import InputError, RunError
from keras_examples.core.records import read_record
from keras_examples.datasets import folder
from keras_examples.datasets.idx import header_of
from keras_examples.datasets.published import IdxFile
from keras_examples.inference import models
from keras_examples.inference.pictures.opening import open_picture
from keras_examples.inference.series import check_series, read_series
from keras_examples.runner.checkpoints import Checkpoint, CheckpointManager, _pack
from keras_examples.runner.distributed.cluster import read_tf_config
from tests.platforms import posix
from tests.stub import declarer

pytestmark = pytest.mark.slow

Damage = Callable[[bytes, random.Random], bytes]

ODD: list[Any] = [
    *(None, True, False, 0, -1, 1, 2**63, 10**400, 1e308, -0.5, float("nan"), float("inf")),
    *("", "\0", "神经网络", "../../x", "a" * 5000, "-1", "nan", "localhost:1", "\ud800"),
    *([], {}, [[]], [None] * 50, {"": None}, {"a": {"a": {"a": {}}}}, list(range(1000))),
]


def somewhere(value: Any, draw: random.Random) -> Any:
    """Returns a JSON value with an odd value in one place."""
    if not (value and isinstance(value, (dict, list))) or draw.random() < 0.1:
        return draw.choice(ODD)
    key = draw.choice(list(value) if isinstance(value, dict) else range(len(value)))
    changed = dict(value) if isinstance(value, dict) else list(value)
    kind = draw.randrange(6)
    if kind == 0:
        del changed[key]
    elif kind == 1 and isinstance(changed, dict):
        changed[str(draw.choice(ODD))] = changed.pop(key)
    else:
        changed[key] = somewhere(value[key], draw)
    return changed


def odd_json(content: bytes, draw: random.Random) -> bytes:
    value = json.loads(content)
    for _ in range(draw.randint(1, 3)):
        value = somewhere(value, draw)
    nested = draw.randrange(100_000) if draw.random() < 0.02 else 0
    return b"[" * nested + json.dumps(value).encode() + b"]" * nested


def flip(content: bytes, draw: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(draw.choice([1, 1, 3, 30])):
        changed[draw.randrange(len(changed))] = draw.randrange(256)
    return bytes(changed)


def cut(content: bytes, draw: random.Random) -> bytes:
    return content[: draw.randrange(len(content))]


def leave_out(content: bytes, draw: random.Random) -> bytes:
    start, stop = sorted(draw.randrange(len(content)) for _ in range(2))
    return content[:start] + content[stop:]


def put_in(content: bytes, draw: random.Random) -> bytes:
    place = draw.randrange(len(content))
    new = draw.choice([draw.randbytes(draw.randrange(1, 200)), content[:place], b"\0" * 5000])
    return content[:place] + new + content[place:]


def extreme(content: bytes, draw: random.Random) -> bytes:
    """Puts the largest, smallest or negative numbers where sizes and offsets may be."""
    size = draw.choice([1, 2, 4, 8])
    number = draw.choice([0, 1, 2 ** (8 * size - 1), 2 ** (8 * size) - 1])
    place = draw.randrange(min(len(content), draw.choice([40, 400, len(content)])))
    return content[:place] + number.to_bytes(size, "big") + content[place + size :]


DAMAGE: list[Damage] = [flip, cut, leave_out, put_in, extreme]


def member(content: bytes, draw: random.Random) -> bytes:
    """Damages one file within a zip archive, whose checksums are right again."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w") as new:
        victim = draw.choice(old.namelist())
        for name in old.namelist():
            part = old.read(name)
            if name == victim:
                ways = [*DAMAGE, odd_json, odd_json] if name.endswith(".json") else DAMAGE
                part = draw.choice(ways)(part, draw)
            new.writestr(name, part)
    return packed.getvalue()


def signed(damage: Damage) -> Damage:
    """Damages a checkpoint whose digest is right again."""

    def damage_and_sign(content: bytes, draw: random.Random) -> bytes:
        rest = damage(content[32:], draw)
        return hashlib.sha256(rest).digest() + rest

    return damage_and_sign


@dataclass(frozen=True)
class Parser:
    """What reads a kind of file, and what to give it.

    Args:
        whole: Returns whole files of the kind.
        read: Reads one.
        inputs: How many inputs it gets.
        damage: Ways to damage a file.
        name: How the file is called.
    """

    whole: Callable[[], list[bytes]]
    read: Callable[[Path], object]
    inputs: int
    damage: tuple[Damage, ...] = tuple(DAMAGE)
    name: str = "input"


PIXELS = (np.arange(3 * 5 * 4) * 7 % 256).astype(np.uint8).reshape(3, 5, 4)
FILE = IdxFile("images", PIXELS.shape, hashlib.sha256(PIXELS.tobytes()).hexdigest())


def idx() -> list[bytes]:
    content = header_of(PIXELS.shape) + PIXELS.tobytes()
    return [content, gzip.compress(content, mtime=0)]


def pictures() -> list[bytes]:
    drawn = Image.fromarray((np.arange(40 * 30 * 3) % 251).astype(np.uint8).reshape(40, 30, 3))
    files = []
    for kind in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"):
        for mode in ("RGB", "L", "P"):
            file = io.BytesIO()
            drawn.convert("RGB" if (kind, mode) == ("JPEG", "P") else mode).save(file, kind)
            files.append(file.getvalue())
    return files


def series() -> list[bytes]:
    lines = "\n".join(f"{np.sin(step / 3):.6f}" for step in range(60))
    return [
        f"sin\n{lines}\n".encode(),
        lines.replace("\n", ",\r\n").encode("utf-16"),
        f'"value"\n"{lines}"'.encode("utf-8-sig"),
    ]


def records() -> list[bytes]:
    with pytest.MonkeyPatch.context() as patch:
        declarer(patch)()
        done = run("line", verbose=False)
    return [(done.folder / "run.json").read_bytes()]


def checkpoints() -> list[bytes]:
    state = [np.arange(6, dtype=np.float32).reshape(2, 3), np.array(3), np.zeros(2, np.uint32)]
    checkpoint = Checkpoint(
        {"epochs": 3}, 2, state, {"loss": [1.0, 0.5]}, (np.zeros((2, 2)), np.ones((2, 2)))
    )
    return [_pack(checkpoint)]


def networks() -> list[bytes]:
    import keras

    files = []
    layers = keras.layers
    for network in (
        [keras.Input((4, 1)), layers.SimpleRNN(2), layers.Dense(1)],
        [keras.Input((6, 6, 1)), layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(3)],
    ):
        model = keras.Sequential(network)
        model.compile("adam", "mean_squared_error")
        path = Path("whole.keras").absolute()
        model.save(path)
        files.append(path.read_bytes())
    return files


def clusters() -> list[bytes]:
    workers = ["localhost:1234", "10.0.0.1:80", "[::1]:4321"]
    configs = [
        {"cluster": {"worker": workers}, "task": {"type": "worker", "index": 1}},
        {"cluster": {"chief": workers[:1], "worker": workers[1:]}, "task": {"type": "chief"}},
    ]
    return [json.dumps(config).encode() for config in configs]


def read_idx(path: Path) -> None:
    assert np.array_equal(folder.read_file(path, FILE), PIXELS)


def read_checkpoint(path: Path) -> None:
    if CheckpointManager(path.parent, {}).latest() is None:
        raise RunError("it is damaged, as was said.", "已损坏，如前所述。")


PARSERS = {
    "IDX": Parser(idx, read_idx, 2000),
    "pictures": Parser(pictures, open_picture, 3000),
    "CSV": Parser(series, lambda path: check_series(read_series(path)), 2000),
    "records": Parser(records, read_record, 2000, (*DAMAGE, odd_json, odd_json, odd_json)),
    "checkpoints": Parser(
        checkpoints,
        read_checkpoint,
        1500,
        (*DAMAGE, *map(signed, DAMAGE), signed(member)),
        "epoch-0000000002.ckpt",
    ),
    "models": Parser(networks, models.load, 800, (*DAMAGE, member, member), "model.keras"),
    "TF_CONFIG": Parser(
        clusters,
        lambda path: read_tf_config(path.read_bytes().decode(errors="replace")),
        2000,
        (*DAMAGE, odd_json, odd_json, odd_json),
    ),
}


@pytest.mark.parametrize("kind", PARSERS)
def test_damaged_input_is_read_or_refused_in_one_line(
    kind: str,
    pytestconfig: pytest.Config,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    parser, seed = PARSERS[kind], pytestconfig.getoption("fuzz_seed")
    whole = parser.whole()
    read = 0
    for number in range(parser.inputs):
        draw = random.Random(f"{seed} {kind} {number}")
        content = draw.choice(parser.damage)(draw.choice(whole), draw)
        Path(parser.name).write_bytes(content)
        try:
            parser.read(tmp_path / parser.name)
            read += 1
        except Exception as error:
            refused = isinstance(error, (InputError, RunError)) and "\n" not in str(error).strip()
            if not refused:
                raise AssertionError(f"{kind}, seed {seed}, input {number}") from error
    assert read < parser.inputs
    print(f"{kind}: {parser.inputs} inputs, seed {seed}; {read} were still whole enough to read.")


# Each import of Keras needs a process of its own, which has not imported it before.
IMPORTING = """
import json, os, sys, tempfile
from pathlib import Path
import tensorflow
for given in json.load(sys.stdin):
    child = os.fork()
    if child:
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
        continue
    os.environ["KERAS_HOME"] = home = tempfile.mkdtemp()
    Path(home, "keras.json").write_text(given, encoding="utf-8")
    from keras_examples.core import InputError
    from keras_examples.core.backend import load_keras
    try:
        load_keras()
        code = 0
    except InputError as error:
        code = 1 if chr(10) in str(error) else 2
    except BaseException:
        code = 1
    os._exit(code)
"""
KERAS_JSON = {
    "floatx": "float32",
    "epsilon": 1e-07,
    "backend": "tensorflow",
    "image_data_format": "channels_last",
}


@posix("fork")
def test_damaged_keras_json_is_read_or_refused_in_one_line(pytestconfig: pytest.Config) -> None:
    seed, inputs = pytestconfig.getoption("fuzz_seed"), []
    for number in range(60):
        draw = random.Random(f"{seed} keras.json {number}")
        damage = draw.choice([*DAMAGE, odd_json, odd_json, odd_json])
        content = damage(json.dumps(KERAS_JSON).encode(), draw)
        inputs.append(content.decode(errors="replace"))
    done = subprocess.run(
        [sys.executable, "-c", IMPORTING],
        input=json.dumps(inputs),
        capture_output=True,
        text=True,
        check=True,
    )
    codes = [int(line) for line in done.stdout.splitlines()]
    assert len(codes) == len(inputs)
    wrong = [given for given, code in zip(inputs, codes, strict=True) if code not in (0, 2)]
    assert wrong == [], f"seed {seed}"
    print(f"keras.json: {len(inputs)} inputs, seed {seed}; {codes.count(0)} were read.")
