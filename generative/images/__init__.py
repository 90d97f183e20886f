"""Picture files: the only decoder of what users upload, and the encoder of what they download.

input_files            a path or bytes → bytes; names the formats that are not accepted
decoding               bytes → pixels
  hostile_files          refuses files that would keep a decoder busy for minutes
  truncated_files        decodes a file whose end is missing, as far as it goes
  jpeg_markers           a JPEG's scans, and where it is cut off
  colour_management      any colour space → sRGB
  icc_profiles           builds the profile that a PNG's gAMA and cHRM chunks describe
  transparency           flattens onto white or black
encoding               pixels → PNG, JPEG, GIF or a data URI
pixel_arrays           pictures in memory: checks, contact sheets, enlargement
"""

from generative.images.decoding import (
    FORMATS,
    MAX_JPEG_PIXELS,
    MAX_PIXELS,
    MIN_SIDE,
    SUFFIXES,
    DecodedPicture,
    decode,
    read,
    read_in_own_colours,
    read_mask,
    read_note,
)
from generative.images.encoding import (
    JPEG_QUALITY,
    KEPT_AS,
    SUFFIX_OF,
    data_uri,
    encode_gif,
    encode_jpeg,
    encode_png,
    encode_to_keep,
    jpeg_data_uri,
)
from generative.images.input_files import MAX_FILE_BYTES
from generative.images.pixel_arrays import Picture, enlarge, grid, to_uint8

__all__ = [
    "FORMATS",
    "JPEG_QUALITY",
    "KEPT_AS",
    "MAX_FILE_BYTES",
    "MAX_JPEG_PIXELS",
    "MAX_PIXELS",
    "MIN_SIDE",
    "SUFFIXES",
    "SUFFIX_OF",
    "DecodedPicture",
    "Picture",
    "data_uri",
    "decode",
    "encode_gif",
    "encode_jpeg",
    "encode_png",
    "encode_to_keep",
    "enlarge",
    "grid",
    "jpeg_data_uri",
    "read",
    "read_in_own_colours",
    "read_mask",
    "read_note",
    "to_uint8",
]
