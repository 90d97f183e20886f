"""A rose window: panes of coloured glass in rings around a heart, held by lead."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from generative.style_transfer.style_pictures import colours, fields, relief
from generative.style_transfer.style_pictures.canvas import Points

GLASS = colours.palette("c1121f f48c06 ffba08 1b4fd8 0a8f9c 7b2cbf 2d9a4b e85d9b 3fa7ff d00000")
LEAD = colours.palette("15151b")[0]
RINGS = ((0.0, 1), (0.095, 8), (0.175, 16), (0.265, 16), (0.355, 32), (0.45, 32), (0.56, 40))
RINGS_BEYOND = ((0.68, 40), (0.82, 40))
LEAD_WIDTH = 0.011


def paint(size: int, seed: int) -> NDArray[np.uint8]:
    """Return the picture: (size, size, 3) uint8."""
    rng = np.random.default_rng(seed)
    centres, hues = _panes(rng)
    x, y = fields.grid(size)
    wobble = 0.004 * fields.noise(rng, size, 9)
    places = np.stack([x + wobble, y + 0.004 * fields.noise(rng, size, 9)], axis=-1)
    distances, nearest = cKDTree(centres).query(places, k=4)
    pane = nearest[..., 0]
    # The distance to an edge is the distance to the line half-way between two centres.
    apart = np.linalg.norm(centres[nearest[..., 1:]] - centres[pane][..., None, :], axis=-1)
    squares = distances**2
    edge = ((squares[..., 1:] - squares[..., :1]) / (2 * apart)).min(axis=-1)

    streaks = fields.fractal(rng, size, 7, 4)
    swirls = fields.sample(fields.noise(rng, size, 14, 60), x + 0.02 * streaks, y + 0.03 * streaks)
    depth = 0.62 + 0.5 * np.clip(edge / 0.035, 0, 1) + 0.1 * streaks + 0.11 * swirls
    light = np.exp(0.22 * rng.standard_normal(len(centres)))[pane] * depth
    daylight = 1.2 - 0.75 * np.hypot(x - 0.5, y - 0.5)
    glow = np.clip(light * daylight, 0, 2)[..., None]
    # Beyond full saturation glass turns pale rather than brighter.
    glass = hues[pane] * np.minimum(glow, 1) + np.clip(glow - 1, 0, 1) * (1 - hues[pane]) * 0.75
    glass = relief.lit(glass, relief.light(swirls + streaks, 0.003), 0.4)

    lead = np.clip(1 - edge / LEAD_WIDTH, 0, 1)
    round_lead = relief.lit(
        np.broadcast_to(LEAD, (size, size, 3)) * 1.6,
        relief.light(np.sqrt(lead), 0.006, 0.001),
        0.45,
    )
    shadow = 1 - 0.55 * fields.step(-edge, -LEAD_WIDTH, 0.009)
    return colours.to_pixels(
        colours.blend(
            glass * shadow[..., None], round_lead, fields.step(-edge, -0.62 * LEAD_WIDTH, 0.003)
        )
    )


def _panes(rng: Generator) -> tuple[Points, colours.Colours]:
    """Return the centres of the panes and the colour of each."""
    centres, hues = [], []
    for ring, (radius, count) in enumerate((*RINGS, *RINGS_BEYOND)):
        turn = rng.choice([0, 0.5]) * 2 * np.pi / count
        angles = 2 * np.pi * np.arange(count) / count + turn
        # Two colours take turns; outside the rose the panes are laid more freely.
        pair = GLASS[rng.permutation(len(GLASS))[:2]]
        jitter = 0.004 if ring < len(RINGS) - 1 else 0.02
        spot = radius * np.stack([np.cos(angles), np.sin(angles)], axis=-1) + 0.5
        centres.append(spot + jitter * rng.standard_normal(spot.shape))
        hues.append(pair[np.arange(count) % 2])
    everywhere = np.concatenate(hues)
    strays = rng.random(len(everywhere)) < 0.12
    everywhere[strays] = GLASS[rng.integers(0, len(GLASS), strays.sum())]
    return np.concatenate(centres), colours.vary(rng, everywhere, 0.05, 0.04)
