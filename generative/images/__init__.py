"""Pictures as files: the only reader of what users send, and the writer of what they get.

sources    a source → bytes; what a foreign file is
decoding   a file → pixels
  jpeg, pieces, incomplete   what there is of it
  colour, icc, ground        what its numbers mean
encoding   pixels → PNG, JPEG, GIF or a data URI
pixels     what a picture is in memory; sheets and enlargements
"""

from generative.images.decoding import (
    FORMATS,
    MAX_JPEG_PIXELS,
    MAX_PIXELS,
    MIN_SIDE,
    Opened,
    decode,
    read,
    read_mask,
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
from generative.images.sources import MAX_FILE_BYTES

__all__ = [
    "FORMATS",
    "MAX_FILE_BYTES",
    "MAX_JPEG_PIXELS",
    "MAX_PIXELS",
    "MIN_SIDE",
    "Opened",
    "Picture",
    "data_uri",
    "decode",
    "encode_gif",
    "encode_jpeg",
    "encode_png",
    "enlarge",
    "grid",
    "jpeg_data_uri",
    "read",
    "read_mask",
    "read_note",
]
