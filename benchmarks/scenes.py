"""Synthetic photographs of the data sets' pictures: a digit on paper, a garment on a floor.

Every drawing function takes a picture of the data set, (28, 28) in [0, 1], light on black, and a
random generator, and returns the bytes of a picture file. A digit is rewritten along its skeleton
with a pen of some width; a garment is enlarged, negated (as the data set's makers negated theirs)
and dyed. The camera is slightly tilted, and adds shading, blur, noise and JPEG artefacts.

Colours are (r, g, b) in [0, 1]; lengths are pixels of the photo or shares of its height.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage
from skimage.morphology import skeletonize
from skimage.transform import ProjectiveTransform, warp

WIDTH, HEIGHT = 1200, 900

Plane = NDArray[np.float32]
Colours = NDArray[np.float32]
"""(h, w, 3) in [0, 1]."""
Rgb = tuple[float, float, float]
Rng = np.random.Generator
Draw = Callable[[Plane, Rng], bytes]

BLACK: Rgb = (0.08, 0.08, 0.11)
BLUE: Rgb = (0.12, 0.2, 0.55)
RED: Rgb = (0.78, 0.14, 0.15)
GREEN: Rgb = (0.1, 0.45, 0.25)
ORANGE: Rgb = (0.94, 0.58, 0.2)
GRAPHITE: Rgb = (0.42, 0.42, 0.44)
CHALK: Rgb = (0.9, 0.9, 0.87)
WHITE: Rgb = (0.91, 0.91, 0.89)
CREAM: Rgb = (0.97, 0.92, 0.74)
YELLOW: Rgb = (0.96, 0.88, 0.4)
DARK_WOOD: Rgb = (0.36, 0.24, 0.15)
LIGHT_WOOD: Rgb = (0.74, 0.56, 0.37)


@dataclass(frozen=True)
class Kind:
    """A kind of photograph.

    Attributes:
        name: shown in the table.
        draw: makes one.
        goal: how many of 20 the model should recognise.
    """

    name: str
    draw: Draw
    goal: int


# --- The camera ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Camera:
    """How a photo is degraded: `light` scales it, `noise` is a stddev in 8-bit levels."""

    light: float = 1.0
    noise: float = 4.0
    shading: float = 0.3
    tilt: float = 0.03

    def take(self, scene: Colours, rng: Rng) -> bytes:
        """Return the scene as a JPEG file."""
        lit = scene * (self.light * self._falloff(scene.shape, rng))[..., None]
        soft = ndimage.gaussian_filter(lit, (rng.uniform(0.5, 1.3),) * 2 + (0,))
        noisy = 255 * soft + rng.normal(0, self.noise, soft.shape)
        file = io.BytesIO()
        pixels = noisy.clip(0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(file, "JPEG", quality=int(rng.integers(75, 93)))
        return file.getvalue()

    def _falloff(self, shape: tuple[int, ...], rng: Rng) -> Plane:
        """A lamp at one side and a lens's dark corners; the brightest point is 1."""
        y, x = np.meshgrid(
            np.linspace(-1, 1, shape[0]), np.linspace(-1, 1, shape[1]), indexing="ij"
        )
        angle, strength = rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 1) * self.shading
        along = (x * np.cos(angle) + y * np.sin(angle) + 1.4) / 2.8
        falloff: Plane = (1 - strength * along) * (1 - 0.08 * (x**2 + y**2))
        return falloff / falloff.max()


def _view(
    shape: tuple[int, ...], at: NDArray[np.float64], tilt: float, rng: Rng
) -> ProjectiveTransform:
    """The perspective that maps a flat (h, w) thing to the four corners `at`, jittered."""
    height, width = shape[:2]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], float)
    moved = at + rng.uniform(-tilt, tilt, (4, 2)) * HEIGHT
    return ProjectiveTransform.from_estimate(moved, corners)


def _rectangle(
    centre: tuple[float, float], size: tuple[float, float], degrees: float
) -> NDArray[np.float64]:
    """Corners (x, y) of a rotated rectangle, clockwise from the top left."""
    half = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * np.array(size) / 2
    turn = np.deg2rad(degrees)
    rotation = np.array([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))])
    return half @ rotation + np.array(centre)


def _lay(thing: Colours, cover: Plane, scene: Colours, view: ProjectiveTransform) -> Colours:
    """Return the scene with a flat thing on it, in the perspective `view`."""
    shape = scene.shape[:2]
    layer = warp(thing, view, output_shape=shape, mode="edge", order=1)
    seen = warp(cover, view, output_shape=shape, mode="constant", order=1)[..., None]
    return (scene + seen * (layer - scene)).astype(np.float32)


# --- Materials -------------------------------------------------------------------------------


def _plain(colour: Rgb, shape: tuple[int, int] = (HEIGHT, WIDTH)) -> Colours:
    return np.broadcast_to(np.float32(colour), (*shape, 3)).copy()


def _texture(shape: tuple[int, int], sigma: tuple[float, float], rng: Rng) -> Plane:
    """Smoothed noise of standard deviation 1, computed small and enlarged for speed."""
    steps = [max(1, int(width / 3)) for width in sigma]
    small = rng.standard_normal(
        [-(-side // step) + 1 for side, step in zip(shape, steps, strict=True)]
    )
    smooth = ndimage.gaussian_filter(small, [w / s for w, s in zip(sigma, steps, strict=True)])
    field = ndimage.zoom(smooth, steps, order=1)[: shape[0], : shape[1]]
    texture: Plane = (field / field.std()).astype(np.float32)
    return texture


def _wood(colour: Rgb, rng: Rng, grain: float = 0.07) -> Colours:
    """Planks with a grain along the longer side."""
    shape = (HEIGHT, WIDTH)
    lines = 0.6 * _texture(shape, (1.5, 120), rng) + 0.4 * _texture(shape, (6, 200), rng)
    planks = np.repeat(rng.normal(0, 0.5, 6), HEIGHT // 6)[:, None]
    return np.clip(_plain(colour) * (1 + grain * (lines + planks))[..., None], 0, 1)


def _stripes(rng: Rng) -> Colours:
    """A bedspread: two or three colours in stripes, and folds."""
    colours = np.float32([rng.uniform(0.55, 0.9, 3), rng.uniform(0.3, 0.7, 3), (0.93, 0.92, 0.9)])
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    turn = np.deg2rad(rng.uniform(-30, 30) + rng.choice([0, 90]))
    along = x * np.cos(turn) + y * np.sin(turn)
    period = rng.uniform(60, 160)
    pattern = colours[rng.permutation(3)[rng.choice([[0, 1, 0, 2], [0, 1, 0, 1]])]]
    band = pattern[((along / period) % 4).astype(int)]
    folds = 1 + 0.05 * _texture((HEIGHT, WIDTH), (60, 60), rng)
    return np.clip(band * folds[..., None], 0, 1)


# --- Digits ----------------------------------------------------------------------------------


def strokes(picture: Plane, height: float, pen: float) -> Plane:
    """Return the ink that a pen `pen` pixels wide leaves along the digit's skeleton: (h, w).

    The digit's longer side is `height` pixels.
    """
    glyph = _trimmed(picture)
    scale = height / max(glyph.shape)
    large = ndimage.zoom(np.pad(glyph, 2), scale, order=3)
    line = skeletonize(ndimage.gaussian_filter(large, scale / 3) > 0.4)
    away = ndimage.distance_transform_edt(~np.pad(line, int(pen)))
    ink: Plane = np.clip(pen / 2 - ndimage.gaussian_filter(away, 1.5) + 0.5, 0, 1)
    return ink.astype(np.float32)


def redrawn(picture: Plane) -> Plane:
    """Return the digit redrawn with a medium pen, in the data set's form: (28, 28).

    Shows whether the skeleton still is the digit, independently of photos and `prepare`.
    """
    ink = _trimmed(strokes(picture, 200, 18))
    scale = 20 / max(ink.shape)
    small = ndimage.zoom(ndimage.gaussian_filter(ink, 0.35 / scale), scale, order=1)
    plane = np.pad(small, [(4, 24 - side) for side in small.shape])
    middle = ndimage.center_of_mass(plane)
    centred: Plane = ndimage.shift(plane, [13.5 - place for place in middle], order=1)
    return np.clip(centred / centred.max(), 0, 1).astype(np.float32)


def _trimmed(picture: Plane, level: float = 0.1) -> Plane:
    rows = np.flatnonzero((picture > level).any(axis=1))
    columns = np.flatnonzero((picture > level).any(axis=0))
    return picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _write(
    paper: Colours,
    picture: Plane,
    rng: Rng,
    colour: Rgb,
    height: float,
    pen: float,
    rough: float = 0.0,
    stray: float = 0.1,
) -> Colours:
    """Return the paper with the digit near its middle.

    Args:
        paper: (h, w, 3).
        picture: the digit.
        rng: draws the position and rotation.
        colour: of the ink.
        height: of the digit, as a share of the paper's height.
        pen: stroke width, as a share of the digit's height.
        rough: how much of the paper's grain stays bare, 0 to 1.
        stray: largest distance from the middle, as a share of the paper's height.
    """
    size = height * paper.shape[0]
    ink = strokes(picture, size, pen * size)
    turned = ndimage.rotate(ink, rng.uniform(-6, 6), order=1)
    if rough:
        grain = _texture(turned.shape, (1.2, 1.2), rng)
        turned = turned * np.clip(1 - rough * np.clip(grain + 0.3, 0, 2), 0.15, 1)
    layer = np.zeros(paper.shape[:2], np.float32)
    top, left = (
        int((whole - part) / 2 + rng.uniform(-stray, stray) * paper.shape[0])
        for whole, part in zip(layer.shape, turned.shape, strict=True)
    )
    _paste(layer, turned, top, left)
    return (paper + layer[..., None] * (np.float32(colour) - paper)).astype(np.float32)


def _paste(layer: Plane, patch: Plane, top: int, left: int) -> None:
    """Paste the part of `patch` that falls inside `layer`."""
    height, width = layer.shape
    rows = slice(max(top, 0), min(top + patch.shape[0], height))
    columns = slice(max(left, 0), min(left + patch.shape[1], width))
    layer[rows, columns] = patch[
        rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
    ]


def _ink(rng: Rng) -> Rgb:
    return (BLACK, BLUE)[rng.integers(2)]


def _seen(paper: Colours, rng: Rng, camera: Camera = Camera()) -> bytes:
    """A photo of a sheet larger than the frame."""
    middle = (WIDTH / 2, HEIGHT / 2)
    at = _rectangle(middle, (WIDTH, HEIGHT), rng.uniform(-5, 5))
    shape = (HEIGHT, WIDTH)
    seen = warp(paper, _view(shape, at, camera.tilt, rng), output_shape=shape, mode="edge")
    return camera.take(seen.astype(np.float32), rng)


def on_paper(
    picture: Plane,
    rng: Rng,
    colour: Rgb | None = None,
    paper: Rgb = WHITE,
    height: tuple[float, float] = (0.35, 0.6),
    pen: tuple[float, float] = (0.025, 0.07),
    rough: float = 0.0,
    stray: float = 0.1,
    camera: Camera = Camera(),
) -> bytes:
    """A digit on plain paper; sizes are drawn uniformly from their ranges."""
    ink = colour or _ink(rng)
    size, width = rng.uniform(*height), rng.uniform(*pen)
    return _seen(_write(_plain(paper), picture, rng, ink, size, width, rough, stray), rng, camera)


def on_lines(picture: Plane, rng: Rng, squared: bool) -> bytes:
    """A digit on squared paper, or on ruled paper with a margin."""
    paper, step = _plain(WHITE), int(rng.uniform(50, 90))
    faint = np.float32((0.68, 0.76, 0.85))
    for width_of_line in range(2):
        paper[width_of_line + step // 2 :: step] = faint
        if squared:
            paper[:, width_of_line + step // 2 :: step] = faint
    return _seen(
        _write(paper, picture, rng, _ink(rng), rng.uniform(0.35, 0.6), rng.uniform(0.035, 0.07)),
        rng,
    )


def on_blackboard(picture: Plane, rng: Rng) -> bytes:
    """White chalk on a wiped blackboard."""
    board = _plain(((0.14, 0.2, 0.17), (0.13, 0.13, 0.14))[rng.integers(2)])
    wiped = np.clip(_texture((HEIGHT, WIDTH), (40, 90), rng), 0, None) * 0.02
    board += wiped[..., None]
    height, pen = rng.uniform(0.35, 0.6), rng.uniform(0.04, 0.08)
    return _seen(_write(board, picture, rng, CHALK, height, pen, rough=0.3), rng)


def on_whiteboard(picture: Plane, rng: Rng) -> bytes:
    """A marker on a glossy whiteboard that reflects the lamp."""
    board = _plain((0.8, 0.82, 0.83))
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    cy, cx = rng.uniform(0.1, 0.9) * HEIGHT, rng.uniform(0.1, 0.9) * WIDTH
    glare = 0.25 * np.exp(-((y - cy) ** 2 + (x - cx) ** 2) / (2 * 140**2))
    colour = (BLACK, BLUE, RED, GREEN)[rng.integers(4)]
    written = _write(board, picture, rng, colour, rng.uniform(0.35, 0.6), rng.uniform(0.06, 0.1))
    return _seen(np.clip(written + glare[..., None], 0, 1).astype(np.float32), rng)


def with_finger(picture: Plane, rng: Rng) -> bytes:
    """A soft, skin-coloured finger over one corner of the lens."""
    paper = _write(
        _plain(WHITE), picture, rng, _ink(rng), rng.uniform(0.3, 0.5), rng.uniform(0.03, 0.07)
    )
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    cy, cx = rng.choice([0, HEIGHT]), rng.choice([0, WIDTH])
    radius = rng.uniform(130, 240)
    away = np.hypot(y - cy, (x - cx) * rng.uniform(0.7, 1.1)) - radius
    cover = (1 / (1 + np.exp(np.clip(away / 9, -50, 50))))[..., None]
    skin = np.float32((0.78, 0.52, 0.42)) * rng.uniform(0.6, 1.05)
    return Camera().take(np.clip(paper + cover * (skin - paper), 0, 1), rng)


def in_shadow(picture: Plane, rng: Rng, darkness: tuple[float, float]) -> bytes:
    """A straight shadow across paper and digit, with an edge a few pixels wide."""
    paper = _write(
        _plain(WHITE), picture, rng, _ink(rng), rng.uniform(0.35, 0.6), rng.uniform(0.03, 0.07)
    )
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    turn = rng.uniform(0, 2 * np.pi)
    off = rng.uniform(-0.3, 0.3) * HEIGHT
    beyond = (x - WIDTH / 2) * np.cos(turn) + (y - HEIGHT / 2) * np.sin(turn) - off
    dark = rng.uniform(*darkness) * np.clip(beyond / rng.uniform(2, 8) + 0.5, 0, 1)
    return _seen((paper * (1 - dark[..., None])).astype(np.float32), rng)


def _on_desk(sheet: Colours, desk: Colours, at: NDArray[np.float64], rng: Rng) -> bytes:
    view = _view(sheet.shape, at, 0.02, rng)
    cover = np.ones(sheet.shape[:2], np.float32)
    # The sheet's own shadow on the desk: a little down and to the right, and soft.
    fallen = _view(sheet.shape, at + 8, 0, rng)
    shadow = warp(cover, fallen, output_shape=desk.shape[:2], mode="constant")
    shaded = desk * (1 - 0.4 * ndimage.gaussian_filter(shadow, 6))[..., None]
    return Camera().take(_lay(sheet, cover, shaded, view), rng)


def sheet_on_desk(picture: Plane, rng: Rng) -> bytes:
    """A whole white sheet on a dark desk."""
    width, height = rng.uniform(560, 860), rng.uniform(480, 700)
    sheet = _plain(WHITE, (int(height), int(width)))
    written = _write(
        sheet, picture, rng, _ink(rng), rng.uniform(0.4, 0.65), rng.uniform(0.025, 0.06)
    )
    middle = (WIDTH / 2 + rng.uniform(-80, 80), HEIGHT / 2 + rng.uniform(-40, 40))
    return _on_desk(
        written, _wood(DARK_WOOD, rng), _rectangle(middle, (width, height), rng.uniform(-8, 8)), rng
    )


def sheet_off_frame(picture: Plane, rng: Rng) -> bytes:
    """A white sheet on a dark desk, cut off by one or two sides of the frame."""
    width, height = rng.uniform(800, 1100), rng.uniform(650, 850)
    sheet = _plain(WHITE, (int(height), int(width)))
    written = _write(
        sheet, picture, rng, _ink(rng), rng.uniform(0.35, 0.5), rng.uniform(0.025, 0.06), stray=0.04
    )
    side = rng.choice([-1, 1], 2) * np.array([1, rng.integers(2)])
    off = side * ((WIDTH - width) / 2 + 60, (HEIGHT - height) / 2 + 60)
    middle = (WIDTH / 2 + off[0], HEIGHT / 2 + off[1])
    return _on_desk(
        written, _wood(DARK_WOOD, rng), _rectangle(middle, (width, height), rng.uniform(-6, 6)), rng
    )


def note_on_desk(picture: Plane, rng: Rng) -> bytes:
    """A square yellow note on a desk, dark or light."""
    side = rng.uniform(380, 620)
    note = _plain(YELLOW, (int(side), int(side)))
    written = _write(
        note, picture, rng, _ink(rng), rng.uniform(0.5, 0.7), rng.uniform(0.03, 0.07), stray=0.04
    )
    middle = (WIDTH / 2 + rng.uniform(-150, 150), HEIGHT / 2 + rng.uniform(-80, 80))
    desk = (DARK_WOOD, LIGHT_WOOD)[rng.integers(2)]
    return _on_desk(
        written, _wood(desk, rng), _rectangle(middle, (side, side), rng.uniform(-12, 12)), rng
    )


def in_box(picture: Plane, rng: Rng) -> bytes:
    """A digit in a printed box, alone or in the middle of a row of three."""
    paper = _plain(WHITE)
    height = int(rng.uniform(380, 620))
    width, line = int(height * rng.uniform(0.75, 1.1)), int(rng.uniform(3, 8))
    top, left = (HEIGHT - height) // 2, (WIDTH - width) // 2
    printed = np.float32((BLACK, (0.25, 0.25, 0.28), (0.7, 0.2, 0.2))[rng.integers(3)])
    beside = int(rng.random() < 0.3)
    first, last = left - beside * width, left + (1 + beside) * width
    for edge in (top, top + height - line):
        paper[edge : edge + line, max(first, 0) : last + line] = printed
    for edge in range(max(first, first % width), last + 1, width):
        paper[top : top + height, edge : edge + line] = printed
    size = rng.uniform(0.55, 0.8) * min(height, width) / HEIGHT
    return _seen(
        _write(paper, picture, rng, _ink(rng), size, rng.uniform(0.04, 0.08), stray=0.03), rng
    )


def tiny(picture: Plane, rng: Rng) -> bytes:
    """The data set's own picture in black on white, at its own size."""
    return _png(Image.fromarray(255 - _levels(picture)))


def on_nothing(picture: Plane, rng: Rng) -> bytes:
    """White strokes on a transparent background, as drawing programs save them."""
    ink = strokes(picture, 180, rng.uniform(12, 26))
    side = max(280, *ink.shape)
    layer = np.zeros((side, side), np.float32)
    _paste(layer, ink, (side - ink.shape[0]) // 2, (side - ink.shape[1]) // 2)
    image = Image.new("RGBA", (side, side), "white")
    image.putalpha(Image.fromarray(_levels(layer)))
    return _png(image)


def _levels(plane: Plane) -> NDArray[np.uint8]:
    return np.rint(255 * plane).astype(np.uint8)


def _png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


DIGITS = (
    Kind("plain paper", on_paper, 18),
    Kind("squared paper", partial(on_lines, squared=True), 18),
    Kind("ruled paper", partial(on_lines, squared=False), 18),
    Kind("pencil", partial(on_paper, colour=GRAPHITE, rough=0.35), 18),
    Kind("red pen", partial(on_paper, colour=RED), 18),
    Kind("chalk", on_blackboard, 18),
    Kind("whiteboard", on_whiteboard, 18),
    Kind("dim photo", partial(on_paper, camera=Camera(light=0.3, noise=7)), 18),
    Kind("finger in the corner", with_finger, 18),
    Kind("filling the frame", partial(on_paper, height=(0.75, 0.85), stray=0.02), 18),
    Kind("far away", partial(on_paper, height=(0.1, 0.16), pen=(0.06, 0.1), stray=0.2), 18),
    Kind("hard shadow", partial(in_shadow, darkness=(0.25, 0.45)), 19),
    Kind("hard shadow, half as light", partial(in_shadow, darkness=(0.5, 0.5)), 19),
    Kind("sheet on a dark desk", sheet_on_desk, 16),
    Kind("sheet touching the frame", sheet_off_frame, 16),
    Kind("yellow note on a desk", note_on_desk, 16),
    Kind("in a form's box", in_box, 15),
    Kind(
        "orange pen on cream",
        partial(on_paper, colour=ORANGE, paper=CREAM, pen=(0.02, 0.05), camera=Camera(shading=0.6)),
        18,
    ),
    Kind("28×28, black on white", tiny, 19),
    Kind("white on transparent", on_nothing, 20),
)


# --- Garments --------------------------------------------------------------------------------


def _cloth(picture: Plane, height: float) -> tuple[Plane, Plane]:
    """Return a garment's brightness in the shop's photo, and its outline: (h, w) each.

    Light areas belong to the garment if dark ones enclose them.
    """
    glyph = _trimmed(picture, 0.02)
    where = ndimage.binary_fill_holes(glyph > 0.02)
    where = ndimage.binary_opening(np.pad(where, 1), np.ones((2, 2)))[1:-1, 1:-1] | (glyph > 0.3)
    # Extend the colours past the outline, so that enlarging does not mix in the background.
    nearest = ndimage.distance_transform_edt(~where, return_distances=False, return_indices=True)
    scale = height / max(glyph.shape)
    shade = ndimage.zoom(np.pad(1 - glyph[tuple(nearest)], 1, mode="edge"), scale, order=3)
    outline = ndimage.zoom(np.pad(where.astype(np.float32), 1), scale, order=1)
    cover = np.clip((ndimage.gaussian_filter(outline, scale / 3) - 0.5) * scale + 0.5, 0, 1)
    return np.clip(shade, 0, 1), cover.astype(np.float32)


def _dyed(shade: Plane, dye: Rgb) -> Colours:
    """Return the shades dyed: black stays nearly black, white takes the full colour."""
    return (0.04 + 0.92 * shade[..., None] * np.float32(dye)).astype(np.float32)


def garment(
    picture: Plane,
    rng: Rng,
    ground: Callable[[Rng], Colours],
    dye: Callable[[Rng], Rgb],
    height: tuple[float, float] = (0.65, 0.85),
) -> bytes:
    """A garment lying or hanging on a background, with its shadow."""
    scene = ground(rng)
    shade, cover = _cloth(picture, rng.uniform(*height) * HEIGHT)
    weave = 1 + 0.02 * _texture(shade.shape, (1, 1), rng)
    cloth = np.clip(_dyed(shade, dye(rng)) * weave[..., None], 0, 1)
    middle = (WIDTH / 2 + rng.uniform(-60, 60), HEIGHT / 2 + rng.uniform(-15, 15))
    at = _rectangle(middle, (shade.shape[1], shade.shape[0]), rng.uniform(-4, 4))
    fallen = warp(
        cover, _view(cover.shape, at + rng.uniform(2, 6), 0, rng), output_shape=scene.shape[:2]
    )
    shaded = scene * (1 - 0.25 * ndimage.gaussian_filter(fallen, 5))[..., None]
    return Camera().take(_lay(cloth, cover, shaded, _view(cover.shape, at, 0.01, rng)), rng)


def _any_dye(rng: Rng) -> Rgb:
    """No dye, or a faint grey, cold or warm one."""
    return ((1.0, 1.0, 1.0), (0.95, 0.92, 0.88), (0.85, 0.92, 1.0), (1.0, 0.85, 0.8))[
        rng.integers(4)
    ]


def _wall(colour: Rgb, rng: Rng) -> Colours:
    plaster = 1 + 0.015 * _texture((HEIGHT, WIDTH), (2, 2), rng)
    return np.clip(_plain(colour) * plaster[..., None], 0, 1)


_white, _blue, _grass = (
    partial(_wall, colour) for colour in ((0.93, 0.93, 0.92), (0.27, 0.42, 0.66), (0.3, 0.55, 0.3))
)


def _red(rng: Rng) -> Rgb:
    return (0.9, rng.uniform(0.1, 0.3), rng.uniform(0.1, 0.3))


GARMENTS = (
    Kind("white ground", partial(garment, ground=_white, dye=_any_dye), 16),
    Kind("red on green", partial(garment, ground=_grass, dye=_red), 16),
    Kind("blue wall", partial(garment, ground=_blue, dye=_any_dye), 16),
    Kind("wood", partial(garment, ground=partial(_wood, LIGHT_WOOD), dye=_any_dye), 15),
    Kind("striped bed", partial(garment, ground=_stripes, dye=_any_dye), 12),
    Kind("far away", partial(garment, ground=_white, dye=_any_dye, height=(0.14, 0.2)), 16),
)
