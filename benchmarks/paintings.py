"""Paint the README's paintings: example pictures, default settings, 512 pixels.

    python -m benchmarks.paintings

Each PNG stores its settings: drop it on the Style transfer panel to restore them.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from pathlib import Path

from generative import images
from generative.style_transfer import examples, stylize
from generative.style_transfer.settings import PaintingSettings

FOLDER = Path(__file__).resolve().parent.parent / "docs"
PAIRS = (("chelsea", "oil"), ("coffee", "mosaic"), ("astronaut", "woodcut"))


def main() -> None:
    """Paint and save each picture, and print how long it took."""
    for content, style in PAIRS:
        settings = PaintingSettings(content=content, style=style)
        begun = time.perf_counter()
        steps = stylize(examples.load(content), examples.load(style), **settings.options())
        finished = deque(steps, maxlen=1).pop().image
        path = FOLDER / f"painting-{content}-{style}.png"
        path.write_bytes(images.encode_png(finished, settings.to_text()))
        print(f"{path.name}: {time.perf_counter() - begun:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
