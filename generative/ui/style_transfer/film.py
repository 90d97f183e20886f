"""A film of a painting as it grows, small enough to be kept beside every painting."""

from __future__ import annotations

import numpy as np

from generative import images
from generative.style_transfer.picture_checks import Pixels
from generative.style_transfer.resizing import resize, shrink

MOST_FRAMES = 48
SIDE = 256
"""Longest side of a frame, pixels: a film of them all is a GIF of about 2 MB."""

MILLISECONDS = 100
HELD = 12
"""Frames for which the finished painting is shown."""


class Film:
    """Pictures of a painting, evenly spaced over its steps: at most `MOST_FRAMES`.

    When there are more, every second one goes, and from then on only half as many are taken.
    """

    def __init__(self) -> None:
        self._frames: list[bytes] = []
        self._every, self._seen = 1, 0

    def __len__(self) -> int:
        return len(self._frames)

    def add(self, picture: Pixels) -> None:
        """Take in the picture after a step; early ones may be of a smaller size."""
        if self._seen % self._every == 0:
            self._frames.append(images.encode_jpeg(shrink(picture, SIDE)))
            if len(self._frames) > MOST_FRAMES:
                self._frames, self._every = self._frames[::2], 2 * self._every
        self._seen += 1

    def to_gif(self, last: Pixels) -> bytes:
        """Return the film as the bytes of a GIF that ends with, and lingers on, a picture."""
        end = shrink(last, SIDE)
        shown = [resize(images.decode(frame), *end.shape[:2]) for frame in self._frames]
        return images.encode_gif(np.stack([*shown, *[end] * HELD]), MILLISECONDS)
