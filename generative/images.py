"""User pictures: file to array, array to PNG, and any photo to the form of a data set.

`decode` trusts neither the name of a file nor its header: the content decides, and the size is
refused before a pixel is unpacked. `prepare` repeats on a photo what the makers of MNIST and
Fashion-MNIST did with theirs, so that a model meets pictures like those that it was trained on.
"""

from __future__ import annotations

import base64
import io
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps, PngImagePlugin, UnidentifiedImageError

from generative.data import DATASETS
from generative.errors import InputError
from generative.validation import SIDE, Images, Range, check_choice

Picture = NDArray[np.uint8] | NDArray[np.float32]
"""(height, width), (height, width, 1) or (height, width, 3); uint8, or float32 in [0, 1]."""

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 25_000_000
MIN_SIDE = 8

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")

COLUMNS = Range(1, 100, whole=True)
GAP = Range(0, 100, whole=True)
BACKGROUND = Range(0, 1)
FACTOR = Range(1, 64, whole=True)
DURATION = Range(20, 1000, whole=True)
FRAMES = Range(1, 600, whole=True)

_NOTE = "generative-playground"
"""Name of the text chunk that holds a note."""

_QUALITY = 88

_ACCEPTED = "PNG, JPEG, WebP, BMP or GIF"
_FOREIGN = {
    b"<svg": "an SVG drawing",
    b"%!PS": "an EPS drawing",
    b"\xc5\xd0\xd3\xc6": "an EPS drawing",
    b"%PDF": "a PDF document",
    b"II*\0": "a TIFF picture",
    b"MM\0*": "a TIFF picture",
    b"ftypheic": "a HEIC photo",
    b"ftypmif1": "a HEIC photo",
    b"ftypavif": "an AVIF picture",
}
_SIGNATURES = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"GIF8")


# --- From a file to pixels ------------------------------------------------------------------


def decode(source: str | os.PathLike[str] | bytes | None) -> NDArray[np.uint8]:
    """Return the pixels of a picture file as a browser would show them on a white page.

    Turned as its EXIF orientation says, in sRGB, transparency laid on white, 16 bits scaled to
    8; of an animation the first frame.

    Args:
        source: a file, or its bytes: PNG, JPEG, WebP, BMP or GIF, whatever its name says, of at
            most `MAX_FILE_BYTES`, at most `MAX_PIXELS` and at least `MIN_SIDE` pixels a side.

    Returns:
        (height, width, 3) uint8.

    Raises:
        InputError: no picture, unreadable, of another format, damaged, too large or too small.
    """
    data = _read(source)
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check_size(*image.size)
            image.load()
            return np.array(_to_srgb(_flatten(_turn(image))), dtype=np.uint8)
    except InputError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large() from None
    except UnidentifiedImageError:
        raise InputError(_name_the_problem(data)) from None
    except Exception:  # Pillow's decoders let almost any error out of a damaged file.
        raise InputError(_DAMAGED) from None


_DAMAGED = (
    "The picture is damaged or incomplete: expected a whole "
    f"{_ACCEPTED} file, so save or send it again."
)


def _read(source: object) -> bytes:
    if source is None:
        raise InputError("There is no picture yet: choose, drop or draw one first.")
    data = source if isinstance(source, bytes) else _read_file(source)
    if not data:
        raise InputError(f"The file is empty: expected a {_ACCEPTED} picture, so choose another.")
    if len(data) > MAX_FILE_BYTES:
        raise InputError(
            f"The file is too large: expected at most {MAX_FILE_BYTES // 2**20} MB, so make the "
            "picture smaller or save it as JPEG."
        )
    return data


def _read_file(source: object) -> bytes:
    """Return the file's content, cut off one byte past the limit."""
    try:
        if isinstance(source, str | os.PathLike) and Path(source).is_file():
            with open(source, "rb") as file:
                return file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError, TypeError):
        pass  # The system's own message would show the path.
    raise InputError(f"The file could not be read: choose the {_ACCEPTED} picture again.")


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise _too_large()
    if min(width, height) < MIN_SIDE:
        raise InputError(
            f"The picture is too small: expected at least {MIN_SIDE} by {MIN_SIDE} pixels, "
            f"received {width} by {height}, so choose a larger one."
        )


def _too_large() -> InputError:
    return InputError(
        f"The picture is too large: expected at most {MAX_PIXELS // 10**6} megapixels, "
        "so make it smaller first."
    )


def _name_the_problem(data: bytes) -> str:
    if data.startswith(_SIGNATURES):
        return _DAMAGED
    head = data[:1024]
    names = (name for signature, name in _FOREIGN.items() if signature in head)
    found = next(names, "not a picture")
    return f"The file is {found}: expected {_ACCEPTED}, so save it in one of these formats."


def _turn(image: Image.Image) -> Image.Image:
    """Apply the EXIF orientation; broken EXIF data is no reason to refuse the picture."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # Like the decoders, the EXIF reader lets almost any error out.
        return image


def _flatten(image: Image.Image) -> Image.Image:
    """Return an 8-bit picture without transparency, laid on white."""
    if image.mode.startswith("I"):
        return _narrow(image)
    if not image.has_transparency_data:
        return image if image.mode == "CMYK" else image.convert("RGB")
    colours = image.convert("RGBA")
    white = Image.new("RGBA", colours.size, "white")
    flat = Image.alpha_composite(white, colours).convert("RGB")
    flat.info["icc_profile"] = image.info.get("icc_profile")
    return flat


def _narrow(image: Image.Image) -> Image.Image:
    """Scale 16-bit grey to 8 bits: Pillow's own conversion would clip it to white."""
    levels = np.asarray(image, dtype=np.int64)
    grey = np.where(levels == image.info.get("transparency", -1), 65535, levels)
    return Image.fromarray(np.rint(grey / 257).clip(0, 255).astype(np.uint8)).convert("RGB")


def _to_srgb(image: Image.Image) -> Image.Image:
    """Convert from the embedded colour profile, if there is a usable one: phones use Display P3."""
    profile = image.info.get("icc_profile")
    if not profile:
        return image.convert("RGB")
    try:
        source, target = (
            ImageCms.getOpenProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
        )
        converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        converted = None
    return converted or image.convert("RGB")


# --- From pixels to a file ------------------------------------------------------------------


def encode_png(picture: Picture, note: str | None = None) -> bytes:
    """Return `picture` as the bytes of a PNG file, grey or RGB.

    Args:
        picture: (h, w), (h, w, 1) or (h, w, 3); uint8, or float32 in [0, 1].
        note: text to keep inside the file; `read_note` reads it.

    Raises:
        InputError: another type, dtype or shape, a NaN, or a value outside [0, 1].
    """
    about = PngImagePlugin.PngInfo()
    if note is not None:
        about.add_itxt(_NOTE, note)
    file = io.BytesIO()
    _to_image(picture).save(file, "PNG", pnginfo=about)
    return file.getvalue()


def encode_jpeg(picture: Picture) -> bytes:
    """Return `picture` as the bytes of a JPEG file, for pictures that are soon replaced.

    Args:
        picture: as for `encode_png`.

    Raises:
        InputError: as `encode_png`.
    """
    file = io.BytesIO()
    _to_image(picture).save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()


def read_note(source: str | os.PathLike[str] | bytes | None) -> str:
    """Return the text that `encode_png` kept inside a PNG file.

    Raises:
        InputError: no file, not a PNG, damaged, or one without such a text.
    """
    data = _read(source)
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
            _check_size(*image.size)
            image.load()
            note = image.info.get(_NOTE)
    except InputError:
        raise
    except Exception:  # As in `decode`.
        note = None
    if note is None:
        raise InputError(
            "The file holds no settings: expected a PNG that was downloaded here, as it was saved."
        )
    return str(note)


def encode_gif(frames: Picture, milliseconds: int) -> bytes:
    """Return frames as the bytes of an animated GIF that repeats for ever.

    Neighbours that look the same are stored as one frame that is shown for longer. GIF counts in
    hundredths of a second, rounded down here, and has at most 256 colours a frame.

    Args:
        frames: (n, h, w), (n, h, w, 1) or (n, h, w, 3); uint8, or float32 in [0, 1]; n in `FRAMES`.
        milliseconds: that every frame is shown; a whole number in `DURATION`.

    Raises:
        InputError: wrong frames or duration.
    """
    shown = DURATION.check_whole("duration of a frame", milliseconds)
    tiles = _to_uint8(_check_pixels(frames, "(n, h, w), (n, h, w, 1) or (n, h, w, 3)", 3))
    FRAMES.check("number of frames", len(tiles))
    first, *others = (Image.fromarray(t[..., 0] if t.shape[2:] == (1,) else t) for t in tiles)
    file = io.BytesIO()
    first.save(file, "GIF", save_all=True, append_images=others, duration=shown, loop=0)
    return file.getvalue()


def data_uri(picture: Picture, note: str | None = None) -> str:
    """Return `picture` (as in `encode_png`) as a PNG data URI, for the `src` of an HTML image."""
    return f"data:image/png;base64,{base64.b64encode(encode_png(picture, note)).decode('ascii')}"


def jpeg_data_uri(picture: Picture) -> str:
    """Return `picture` (as in `encode_jpeg`) as a JPEG data URI."""
    return f"data:image/jpeg;base64,{base64.b64encode(encode_jpeg(picture)).decode('ascii')}"


def grid(pictures: Picture, columns: int, gap: int = 2, background: float = 0.5) -> Picture:
    """Tile pictures of one size into one picture, row by row from the top left.

    Args:
        pictures: (n, h, w), (n, h, w, 1) or (n, h, w, 3); uint8, or float32 in [0, 1]; n ≥ 1.
        columns: pictures a row; with fewer pictures than that, the row is as long as they are.
        gap: pixels between neighbours.
        background: of gaps and empty places, from 0 (black) to 1 (white) for either dtype.

    Returns:
        One picture of the same dtype and channels.

    Raises:
        InputError: wrong pictures, or a number out of its range.
    """
    tiles = _check_pixels(pictures, "(n, h, w), (n, h, w, 1) or (n, h, w, 3)", dimensions=3)
    count, height, width = tiles.shape[:3]
    columns, gap = COLUMNS.check_whole("columns", columns), GAP.check_whole("gap", gap)
    columns = min(columns, count)
    rows = -(-count // columns)
    shape = (rows * (height + gap) - gap, columns * (width + gap) - gap, *tiles.shape[3:])
    white = 255 if tiles.dtype == np.uint8 else 1
    sheet = np.full(shape, BACKGROUND.check("background", background) * white, tiles.dtype)
    for index, tile in enumerate(tiles):
        top, left = (height + gap) * (index // columns), (width + gap) * (index % columns)
        sheet[top : top + height, left : left + width] = tile
    return sheet


def enlarge(picture: Picture, factor: int) -> Picture:
    """Return `picture` with every pixel as a square of `factor` by `factor` pixels.

    Args:
        picture: (h, w), (h, w, 1) or (h, w, 3); uint8, or float32 in [0, 1].
        factor: a whole number from 1 to 64.

    Raises:
        InputError: wrong picture, or a factor out of its range.
    """
    times = FACTOR.check_whole("factor", factor)
    return _check_picture(picture).repeat(times, axis=0).repeat(times, axis=1)


def _check_picture(picture: object) -> Picture:
    return _check_pixels(picture, "(h, w), (h, w, 1) or (h, w, 3)", dimensions=2)


def _check_pixels(array: object, expected: str, dimensions: int) -> Picture:
    """Return `array` if it has that many dimensions before the channels, and usable pixels."""
    if not isinstance(array, np.ndarray) or array.dtype not in (np.uint8, np.float32):
        received = array.dtype if isinstance(array, np.ndarray) else type(array).__name__
        raise InputError(
            "Invalid picture. Expected a NumPy array of dtype uint8 or float32. "
            f"Received: {received}."
        )
    sizes, channels = array.shape[:dimensions], array.shape[dimensions:]
    if len(sizes) < dimensions or 0 in sizes or channels not in ((), (1,), (3,)):
        raise InputError(f"Invalid picture. Expected shape {expected}. Received: {array.shape}.")
    # Written so that NaN, which compares as false, is refused too.
    if array.dtype == np.float32 and not (array.min() >= 0 and array.max() <= 1):
        raise InputError(
            "Invalid picture. Expected float32 values from 0 to 1. "
            f"Received: values from {array.min():g} to {array.max():g}."
        )
    return array


def _to_image(picture: Picture) -> Image.Image:
    pixels = _to_uint8(_check_picture(picture))
    return Image.fromarray(pixels[..., 0] if pixels.shape[2:] == (1,) else pixels)


def _to_uint8(picture: Picture) -> NDArray[np.uint8]:
    scale = 1 if picture.dtype == np.uint8 else 255
    return np.rint(picture * scale).astype(np.uint8)


# --- From a photo to the form of a data set -------------------------------------------------

Plane = NDArray[np.float32]
"""One channel: (height, width) float32 in [0, 1]."""

_WORK_SIDE = 512  # pixels: more detail than 28 pixels can use
_BOX = 20  # pixels: MNIST's glyphs fit this square
_THINNEST = 1.5  # pixels: MNIST's finest strokes, in that square
_FAINTEST = 0.08  # contrast below which a picture is blank
_PURE = 0.02  # distance from black or white that still counts as such
_PURE_SHARE = 1 / 3  # of the border, to make black or white the ground
_ROUNDS = 10  # enough for the fit of the ground to settle
_NOISELESS = 0.001  # standard deviation: below any camera's
_SHADOW = 0.25  # of full contrast: what shadows may leave behind
_TOLERANCE = 0.05  # of full contrast: as the makers of Fashion-MNIST trim
_SMALLEST_PART = 0.03  # of the heaviest part; less is a speck
_FULL_FRAME = 0.9  # of a square's side: the garment fills it already
_SHARPENING = 0.5  # strength of the unsharp mask
_LOSSLESS = 0.01  # mean error, when shrinking lost no detail
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601


def prepare(picture: NDArray[np.uint8], dataset: str) -> Images:
    """Bring a photo or drawing of a digit or garment into the form of a data set.

    Works for one thing, on a ground that fills the frame and is lighter or darker than it. A
    picture of the data set itself, enlarged or negated, comes out nearly as it was.

    Args:
        picture: (h, w, 3) uint8, as `decode` returns it.
        dataset: "mnist" or "fashion_mnist".

    Returns:
        (1, 28, 28, 1) float32 in [0, 1], light on black.

    Raises:
        InputError: wrong picture, unknown data set, or a blank picture.
    """
    check_choice("data set", dataset, DATASETS)
    if _check_picture(picture).dtype != np.uint8 or picture.shape[2:] != (3,):
        raise InputError(
            "Invalid picture. Expected shape (h, w, 3) and dtype uint8. "
            f"Received: {picture.shape} and {picture.dtype}."
        )
    colours = _reduce(picture)
    made = _digit(colours) if dataset == "mnist" else _garment(colours)
    return made.reshape(1, SIDE, SIDE, 1)


def _reduce(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return (h, w, 3) in [0, 1], shrunk by a whole factor to at most `_WORK_SIDE` a side.

    A whole factor, because it leaves the pixels of an enlarged picture sharp.
    """
    factor = -(-max(picture.shape) // _WORK_SIDE)
    return np.asarray(Image.fromarray(picture).reduce(factor), np.float32) / np.float32(255)


def _digit(colours: NDArray[np.float32]) -> Plane:
    """Return (28, 28): a digit as in MNIST, white on black.

    The glyph fits a 20 by 20 box with its proportions kept and its grey levels from
    anti-aliasing, and its centre of mass is at the centre (LeCun et al., 1998, section III.A).

    Differs from the paper: strokes that would become thinner than `_THINNEST` pixels are made
    thicker, since a ballpoint line on a large sheet would otherwise vanish.
    """
    ink = _ink(_clean(_most_varied_channel(colours)))
    glyph = _fit(_thicken(_crop(ink, ink > 0)), _BOX)
    return _centre_mass(glyph / glyph.max())


def _most_varied_channel(colours: NDArray[np.float32]) -> Plane:
    """Return red, green or blue, where the ink shows best: yellow on white shows in blue."""
    channel: Plane = colours[..., int(np.argmax(colours.std(axis=(0, 1))))]
    return channel


def _clean(plane: Plane) -> Plane:
    """Median-filter camera noise, at a size that leaves the pixels of a small picture alone."""
    from scipy import ndimage

    filtered: Plane = ndimage.median_filter(plane, size=2 * (max(plane.shape) // 200) + 1)
    return filtered


def _ink(plane: Plane) -> Plane:
    """Return how much ink there is at each pixel: 0 on the ground, 1 in a full stroke."""
    raised = _raised(plane) if _is_light_on_dark(plane) else _raised(1 - plane, lit=True)
    noise, strongest = _spread(raised), raised.max()
    if strongest < max(_FAINTEST, 5 * noise):
        raise _blank()
    full = np.percentile(raised[raised > strongest / 2], 90)
    # A drawing program leaves no noise, and its faint grey is the edge of a stroke; the faint
    # grey of a camera is the rest of a shadow.
    faint = _TOLERANCE if noise < _NOISELESS else _SHADOW
    raised[raised < max(4 * noise, full * faint)] = 0
    return _main_parts(np.clip(raised / full, 0, 1))


def _is_light_on_dark(plane: Plane) -> bool:
    """Say on which side of the ground most of the deviation lies."""
    return bool(np.sum((plane - _ground(plane)) ** 3) > 0)


def _ground(plane: Plane) -> Plane:
    """Return the ground under the whole picture: a quadratic surface through the border.

    A surface, so that a lamp at one side or dark corners do not count as ink; through the border
    as a median is (the least absolute deviation), so that what touches it is passed over. Where
    much of the border is pure black or white, that is the ground: a shirt may fill the rest.
    """
    y, x = np.meshgrid(*(np.linspace(-1, 1, side) for side in plane.shape), indexing="ij")
    terms = np.stack([np.ones_like(x), x, y, x * y, x**2, y**2], axis=-1)
    places, levels = _border(terms), _border(plane)
    for pure in (0, 1):
        if np.mean(np.abs(levels - pure) < _PURE) > _PURE_SHARE:
            return np.full_like(plane, pure)
    surface = np.array([np.median(levels), 0, 0, 0, 0, 0])
    for _ in range(_ROUNDS):  # Reweighted least squares approach the least absolute deviation.
        weights = 1 / np.maximum(np.abs(levels - places @ surface), 1e-3)
        weighted = (places * weights[:, None]).T
        surface = np.linalg.lstsq(weighted @ places, weighted @ levels, rcond=None)[0]
    ground: Plane = np.clip(terms @ surface, 0, 1).astype(np.float32)
    return ground


def _raised(plane: Plane, lit: bool = False) -> Plane:
    """Return how much lighter than the local ground each pixel is.

    The ground is the morphological opening with a square wider than any stroke: it follows
    shading and shadows, even those with a sharp edge. Repeating the outermost pixels lets a
    slope run on past the frame, where it would look like ink.
    """
    from scipy import ndimage

    pad = max(1, min(plane.shape) // 4)
    padded = np.pad(plane, pad, mode="edge")
    ground = ndimage.grey_opening(padded, size=2 * pad + 1, mode="nearest")[pad:-pad, pad:-pad]
    raised: Plane = plane - ground
    if lit:
        raised /= np.maximum(1 - ground, 0.1)
    return raised - np.median(raised)


def _main_parts(weights: Plane) -> Plane:
    """Return `weights` without the specks: parts far lighter in total than the heaviest one."""
    from scipy import ndimage

    labels, count = ndimage.label(weights > 0, structure=np.ones((3, 3)))
    totals = ndimage.sum_labels(weights, labels, np.arange(count + 1))
    kept = totals >= _SMALLEST_PART * totals.max()
    parts: Plane = np.where(kept[labels], weights, 0).astype(np.float32)
    return parts


def _thicken(ink: Plane) -> Plane:
    """Return (padded) ink whose strokes are at least `_THINNEST` pixels wide after shrinking."""
    from scipy import ndimage

    # Across a stroke of width w, the mean distance to the ground is w / 4.
    inside = ndimage.distance_transform_edt(np.pad(ink, 1) > 0.5)
    width = 4 * inside[inside > 0].mean()
    missing = int((_THINNEST * max(ink.shape) / _BOX - width) / 2)
    if missing <= 0:
        return ink
    wider: Plane = ndimage.grey_dilation(np.pad(ink, missing), footprint=_disc(missing))
    return wider


def _disc(radius: int) -> NDArray[np.bool_]:
    y, x = np.ogrid[-radius : radius + 1, -radius : radius + 1]
    disc: NDArray[np.bool_] = x**2 + y**2 <= radius**2
    return disc


def _centre_mass(glyph: Plane) -> Plane:
    """Put `glyph` on a black 28 by 28 ground, centre of mass in the middle to the pixel."""
    total = glyph.sum()
    top = SIDE / 2 - glyph.sum(axis=1) @ np.arange(glyph.shape[0]) / total
    left = SIDE / 2 - glyph.sum(axis=0) @ np.arange(glyph.shape[1]) / total
    return _place(glyph, round(top), round(left))


def _garment(colours: NDArray[np.float32]) -> Plane:
    """Return (28, 28): a garment as in Fashion-MNIST, in negative on black.

    Trimmed, longest edge scaled to 28, sharpened, extended to a square, negated and made grey
    (Xiao et al., 2017, arXiv 1708.07747, figure 1).

    Differs from the paper: scaled by area and not by skipping rows, which needs less sharpening;
    negated only from a light ground; a square picture that is full already is not trimmed.
    """
    ground = np.stack([_ground(channel) for channel in np.moveaxis(colours, -1, 0)], axis=-1)
    cloth = _cloth(np.abs(colours - ground).max(axis=-1))
    shades = np.where(cloth, _from_ground(colours @ _LUMA, ground @ _LUMA, cloth), 0)
    small = _shrink(shades if _fills_frame(cloth) else _crop(shades, cloth))
    return _place(small, (SIDE - small.shape[0]) // 2, (SIDE - small.shape[1]) // 2)


def _cloth(distance: Plane) -> NDArray[np.bool_]:
    """Return where the garment is, holes included, from how far each pixel is from the ground."""
    from scipy import ndimage

    floor = min(max(_TOLERANCE, 3 * _spread(_border(distance))), _SHADOW)
    if distance.max() < max(_FAINTEST, floor):
        raise _blank()
    parts = _main_parts(np.where(distance < floor, 0, distance))
    filled: NDArray[np.bool_] = ndimage.binary_fill_holes(parts > 0)
    return filled


def _from_ground(grey: Plane, ground: Plane, cloth: NDArray[np.bool_]) -> Plane:
    """Stretch grey levels from the ground, which becomes 0, to the end that the cloth is at."""
    if grey[cloth].mean() < ground[cloth].mean():
        grey, ground = 1 - grey, 1 - ground
    stretched: Plane = np.clip((grey - ground) / np.maximum(1 - ground, 0.1), 0, 1)
    return stretched


def _fills_frame(cloth: NDArray[np.bool_]) -> bool:
    height, width = cloth.shape
    longest = max(_crop(cloth, cloth).shape)
    return height == width and bool(longest >= _FULL_FRAME * height)


def _shrink(shades: Plane) -> Plane:
    """Scale the longest edge to 28 and sharpen, unless the picture had no more detail to lose."""
    from scipy import ndimage

    small = _fit(shades, SIDE)
    again = _resize(small, shades.shape, Image.Resampling.NEAREST)
    if np.abs(again - shades).mean() < _LOSSLESS:
        return small
    sharp: Plane = small + _SHARPENING * (small - ndimage.gaussian_filter(small, 1))
    return np.clip(sharp, 0, 1)


def _fit(plane: Plane, longest: int) -> Plane:
    """Scale the longest edge to `longest` pixels, proportions kept, with anti-aliasing."""
    scale = longest / max(plane.shape)
    height, width = (max(1, round(side * scale)) for side in plane.shape)
    # Averaging areas gives back the pixels of an enlarged picture exactly.
    method = Image.Resampling.BOX if scale <= 1 else Image.Resampling.BICUBIC
    return _resize(plane, (height, width), method)


def _resize(plane: Plane, shape: tuple[int, ...], method: Image.Resampling) -> Plane:
    resized = Image.fromarray(plane.astype(np.float32)).resize((shape[1], shape[0]), method)
    return np.clip(np.asarray(resized, np.float32), 0, 1)


def _crop(plane: NDArray[Any], mask: NDArray[np.bool_]) -> NDArray[Any]:
    """Return the smallest rectangle of `plane` that holds all of `mask`."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return plane[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _place(plane: Plane, top: int, left: int) -> Plane:
    """Return black (28, 28) with `plane` on it, moved inward where it would stick out."""
    height, width = plane.shape
    top, left = min(max(top, 0), SIDE - height), min(max(left, 0), SIDE - width)
    ground = np.zeros((SIDE, SIDE), np.float32)
    ground[top : top + height, left : left + width] = plane
    return ground


def _blank() -> InputError:
    return InputError(
        "Nothing stands out in the picture: expected one digit or garment on a plain background, "
        "so choose or draw another."
    )


def _border(array: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the outermost pixels of (h, w, ...) as (n, ...): 1 pixel in 28 on every side."""
    width = max(1, min(array.shape[:2]) // SIDE)
    outer = np.ones(array.shape[:2], bool)
    outer[width:-width, width:-width] = False
    return array[outer]


def _spread(values: NDArray[np.floating]) -> float:
    """Return the standard deviation of the noise, hardly moved by outliers (1.4826 MAD)."""
    return float(1.4826 * np.median(np.abs(values - np.median(values))))
