from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from keras_examples import InputError, datasets
from keras_examples.inference.pictures import (
    check_not_empty,
    open_picture,
    prepare_digit,
    prepare_garment,
)
from tests.photos import photograph, reopened


def seven() -> np.ndarray:
    """A seven, in the colours and at the place that MNIST would have it."""
    image = Image.new("L", (280, 280))
    ImageDraw.Draw(image).line([(80, 60), (190, 60), (120, 220)], fill=255, width=24, joint="curve")
    return prepare_digit(image.resize((28, 28), Image.Resampling.BOX))


def similarity(image: np.ndarray, other: np.ndarray) -> float:
    """The correlation of two images, up to a shift by one pixel from rounding."""
    moves = [np.roll(image, (down, right), (0, 1)) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    return max(float(np.corrcoef(move.ravel(), other.ravel())[0, 1]) for move in moves)


def on_paper(ink: np.ndarray, side: int = 280, paper: int = 235, pen: int = 60) -> Image.Image:
    large = Image.fromarray(ink).resize((side, side), Image.Resampling.BICUBIC)
    strength = np.asarray(large, dtype=float) / 255
    return Image.fromarray((paper + (pen - paper) * strength).astype(np.uint8))


# Opening


def corner_marked() -> Image.Image:
    """Wider than high, grey, with a black top left corner."""
    image = Image.new("RGB", (60, 40), (200, 200, 200))
    image.paste((0, 0, 0), (0, 0, 20, 20))
    return image


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_pictures_of_all_usual_kinds_are_opened(kind: str, tmp_path: Path) -> None:
    corner_marked().save(tmp_path / "picture", kind)
    opened = open_picture(tmp_path / "picture")
    assert (opened.mode, opened.size) == ("RGB", (60, 40))
    assert abs(np.asarray(opened)[30, 50].astype(int) - 200).max() < 8


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "I;16", "F", "LA", "RGBA"])
def test_pictures_of_all_colour_modes_are_opened(mode: str, tmp_path: Path) -> None:
    if mode in {"I;16", "F"}:
        values = np.asarray(corner_marked().convert("L")).astype("u2" if mode == "I;16" else "f4")
        picture = Image.fromarray(values * (257 if mode == "I;16" else 1))
    else:
        picture = corner_marked().convert(mode)
    picture.save(tmp_path / "picture.tiff")
    opened = np.asarray(open_picture(tmp_path / "picture.tiff").convert("L")).astype(int)
    assert opened[10, 10] < 20
    assert opened[30:, 30:].mean() > 150


def test_a_file_in_memory_and_a_picture_are_opened_as_well() -> None:
    file = io.BytesIO()
    corner_marked().save(file, "PNG")
    file.seek(0)
    assert open_picture(file).tobytes() == open_picture(corner_marked()).tobytes()


def test_a_picture_is_rotated_as_its_exif_says(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be rotated by 90°, clockwise
    corner_marked().save(tmp_path / "turned.jpg", exif=exif)
    opened = open_picture(tmp_path / "turned.jpg")
    assert opened.size == (40, 60)
    pixel = opened.getpixel((35, 5))
    assert isinstance(pixel, tuple)
    assert max(pixel) < 30


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparent_parts_are_white(mode: str, tmp_path: Path) -> None:
    Image.new("RGBA", (30, 30), (0, 0, 0, 0)).convert(mode).save(tmp_path / "clear.png")
    assert open_picture(tmp_path / "clear.png").getpixel((1, 1)) == (255, 255, 255)


def test_a_transparent_colour_of_a_palette_is_white(tmp_path: Path) -> None:
    Image.new("P", (30, 30), 3).save(tmp_path / "clear.gif", transparency=3)
    assert open_picture(tmp_path / "clear.gif").getpixel((1, 1)) == (255, 255, 255)


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_the_first_frame_of_an_animation_is_taken(kind: str, tmp_path: Path) -> None:
    frames = [Image.new("RGB", (20, 20), (grey, grey, grey)) for grey in (10, 120, 250)]
    frames[0].save(tmp_path / "moving", kind, save_all=True, append_images=frames[1:])
    assert abs(np.asarray(open_picture(tmp_path / "moving")).astype(int) - 10).max() < 10


def test_a_large_picture_is_resized() -> None:
    assert open_picture(Image.new("L", (3000, 1500))).size == (800, 400)


def png_header(width: int, height: int) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 10**6) + b"IDAT" + bytes(100)


def saved(kind: str) -> bytes:
    file = io.BytesIO()
    photograph(seven(), np.random.default_rng(0)).save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a readable picture"),
        (b"not a picture at all\n", "is not a readable picture"),
        (b"%PDF-1.7\n%%EOF\n", "is not a readable picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "is not a readable picture"),
        (png_header(100_000, 100_000), "pixels, expected at most 60,000,000"),
        (png_header(9_000, 9_000), "9,000×9,000 pixels, expected at most 60,000,000"),
        (png_header(20, 20), "is damaged"),
        (saved("PNG")[:3000], "is damaged"),
        (saved("JPEG")[:3000], "is damaged"),
        (saved("WEBP")[:500], "is "),
        (saved("GIF")[:500], "is "),
    ],
    ids=[
        *("empty", "text", "pdf", "eps", "bomb", "huge", "header only"),
        *("half a png", "half a jpeg", "half a webp", "half a gif"),
    ],
)
def test_what_is_not_a_picture_is_refused_in_one_line(
    content: bytes, message: str, tmp_path: Path
) -> None:
    (tmp_path / "seven.png").write_bytes(content)
    with pytest.raises(InputError, match=message) as refused:
        open_picture(tmp_path / "seven.png")
    assert repr(str(tmp_path / "seven.png")) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_is_wrong_is_told_in_chinese_of_a_picture_with_a_name_and_without(
    tmp_path: Path,
) -> None:
    (tmp_path / "seven.png").write_bytes(b"")
    for source, name in (
        (tmp_path / "seven.png", repr(str(tmp_path / "seven.png"))),
        (io.BytesIO(), "这张图片"),
    ):
        with pytest.raises(InputError) as refused:
            open_picture(source)
        assert refused.value.text.zh.startswith(f"{name}：不是能读取的图片，")


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        open_picture(tmp_path)
    with pytest.raises(InputError, match="No such file"):
        open_picture(tmp_path / "nowhere.png")
    with pytest.raises(InputError, match="cannot read"):
        open_picture("a\0b")


# Digits


def test_an_image_of_mnist_stays_as_it_is() -> None:
    assert np.abs(prepare_digit(Image.fromarray(seven())).astype(int) - seven()).mean() < 2


def test_a_digit_is_uint8_and_fits_the_box_of_mnist() -> None:
    image = prepare_digit(on_paper(seven()))
    assert image.shape == (28, 28)
    assert image.dtype == np.uint8
    rows, columns = (np.flatnonzero(image.any(axis=axis)) for axis in (1, 0))
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
    assert image.max() == 255
    mass = image.astype(float)
    centre = np.array([(mass.sum(axis=1 - axis) @ np.arange(28)) for axis in (0, 1)]) / mass.sum()
    assert np.abs(centre - 14).max() <= 0.51


@pytest.mark.parametrize("side", [28, 40, 100, 281, 900])
@pytest.mark.parametrize(("paper", "pen"), [(235, 60), (255, 0), (180, 150), (30, 200), (0, 255)])
def test_dark_on_light_and_light_on_dark_of_any_size_look_the_same(
    side: int, paper: int, pen: int
) -> None:
    assert similarity(prepare_digit(on_paper(seven(), side, paper, pen)), seven()) > 0.93


@pytest.mark.parametrize("corner", [(0, 0), (300, 0), (0, 200), (310, 210), (150, 100)])
def test_a_digit_anywhere_on_the_paper_is_found(corner: tuple[int, int]) -> None:
    sheet = Image.new("L", (440, 340), 235)
    sheet.paste(on_paper(seven(), 130), corner)
    assert similarity(prepare_digit(sheet), seven()) > 0.9


@pytest.mark.parametrize("options", [{}, {"dark": False}, {"lines": True}, {"hard_shadow": True}])
def test_a_photo_with_shadow_grain_and_noise_looks_like_mnist(options: dict[str, bool]) -> None:
    photos = [photograph(seven(), np.random.default_rng(seed), **options) for seed in range(20)]
    found = [similarity(prepare_digit(photo), seven()) for photo in photos]
    assert np.mean(np.array(found) > 0.6) >= 0.85  # the photo is turned, the image is not


def test_a_thin_pen_is_as_thick_as_the_strokes_of_mnist() -> None:
    paper = Image.new("L", (400, 400), 240)
    ImageDraw.Draw(paper).line([(120, 80), (280, 80), (180, 320)], fill=40, width=4)
    image = prepare_digit(paper.filter(ImageFilter.GaussianBlur(1)))
    lit = (image > 100).sum(axis=1)
    assert 1.9 <= np.median(lit[lit > 0]) <= 4


def test_specks_and_a_table_edge_are_left_out() -> None:
    sheet = Image.new("L", (400, 300), 230)
    sheet.paste(on_paper(seven(), 160, 230), (120, 60))
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((385, 0, 400, 300), fill=40)
    for place in ((20, 30), (350, 280), (40, 250)):
        draw.ellipse((*place, place[0] + 4, place[1] + 4), fill=60)
    assert similarity(prepare_digit(sheet), seven()) > 0.93


@pytest.mark.parametrize(
    "picture",
    [
        Image.new("L", (1, 1), 255),
        Image.new("L", (1, 500), 9),
        Image.new("RGB", (300, 200), "white"),
        Image.new("L", (28, 28)),
        photograph(np.zeros((28, 28), np.uint8), np.random.default_rng(1)),
        photograph(np.zeros((28, 28), np.uint8), np.random.default_rng(2)),
    ],
    ids=["1×1", "a line", "white", "black", "paper", "other paper"],
)
@pytest.mark.parametrize("prepare", [prepare_digit, prepare_garment])
def test_an_empty_picture_is_refused(
    prepare: Callable[[Image.Image], np.ndarray], picture: Image.Image
) -> None:
    with pytest.raises(InputError, match="is empty"):
        prepare(picture)
    with pytest.raises(InputError, match="is empty"):
        check_not_empty(picture)


# Garments


def shirt(background: int, cloth: int) -> Image.Image:
    image = Image.new("L", (300, 400), background)
    draw = ImageDraw.Draw(image)
    draw.rectangle((100, 80, 200, 330), fill=cloth)
    draw.polygon([(100, 80), (50, 200), (80, 220), (100, 160)], fill=cloth)
    draw.polygon([(200, 80), (250, 200), (220, 220), (200, 160)], fill=cloth)
    return image


@pytest.mark.parametrize(("background", "cloth"), [(250, 60), (200, 90), (10, 200), (120, 240)])
def test_a_garment_is_light_on_dark_and_fills_the_image(background: int, cloth: int) -> None:
    image = prepare_garment(shirt(background, cloth))
    assert image.shape == (28, 28)
    assert image.dtype == np.uint8
    rows, columns = (np.flatnonzero((image > 30).any(axis=axis)) for axis in (1, 0))
    assert np.ptp(rows) + 1 >= 27
    assert abs(float(columns.mean()) - 13.5) <= 1
    assert image[14, 14] > 100
    assert image[:, 0].max() < 30


def test_a_pale_garment_is_paler_than_a_dark_one() -> None:
    pale, dark = (prepare_garment(shirt(250, cloth)) for cloth in (190, 40))
    assert pale[14, 14] < dark[14, 14] - 80


def test_a_garment_on_a_background_with_a_shadow_is_found() -> None:
    light = 0.7 + 0.3 * np.linspace(0, 1, 300)
    photo = np.asarray(shirt(240, 50)) * light
    photo = photo + np.random.default_rng(0).normal(0, 4, photo.shape)
    picture = reopened(Image.fromarray(photo.clip(0, 255).astype(np.uint8)), "JPEG")
    assert similarity(prepare_garment(picture), prepare_garment(shirt(240, 50))) > 0.95


@pytest.mark.real
def test_images_of_fashion_mnist_stay_as_they_are() -> None:
    images = datasets.load("fashion-mnist", data="real").x_test[:100]
    apart = [
        np.abs(prepare_garment(Image.fromarray(image)).astype(int) - image).mean()
        for image in images
    ]
    assert np.median(apart) < 8
