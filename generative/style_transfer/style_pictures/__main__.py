"""Write the pictures that come with the program.

python -m generative.style_transfer.style_pictures
"""

from __future__ import annotations

import io

from PIL import Image

from generative.files import write_atomically
from generative.style_transfer.style_pictures import FOLDER, STYLES, make, path

QUALITY = 90
"""Of JPEG, colours as sharp as light: the texture is what these pictures are for."""


def main() -> None:
    """Paint every picture and write it, printing what was written."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in STYLES:
        content = encode(name)
        write_atomically(path(name), content)
        print(f"{path(name).name}: {len(content) / 1000:.0f} kB")


def encode(name: str) -> bytes:
    """Return a picture as the bytes of its JPEG file."""
    file = io.BytesIO()
    Image.fromarray(make(name)).save(file, "JPEG", quality=QUALITY, subsampling="4:4:4")
    return file.getvalue()


if __name__ == "__main__":
    main()
