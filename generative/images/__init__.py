"""Pictures as files: the only reader of what users send, and the writer of what they get.

decoding   a file → pixels
encoding   pixels → PNG, JPEG, GIF or a data URI
pixels     what a picture is in memory; sheets and enlargements
"""

from generative.images.decoding import (
    FORMATS,
    MAX_FILE_BYTES,
    MAX_PIXELS,
    MIN_SIDE,
    decode,
    read_note,
)
from generative.images.encoding import (
    data_uri,
    encode_gif,
    encode_jpeg,
    encode_png,
    jpeg_data_uri,
)
from generative.images.pixels import Picture, enlarge, grid

__all__ = [
    "FORMATS",
    "MAX_FILE_BYTES",
    "MAX_PIXELS",
    "MIN_SIDE",
    "Picture",
    "data_uri",
    "decode",
    "encode_gif",
    "encode_jpeg",
    "encode_png",
    "enlarge",
    "grid",
    "jpeg_data_uri",
    "read_note",
]
