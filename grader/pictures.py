"""Test images as small PNG files, written without a library: https://www.w3.org/TR/png-3/."""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

SIDE = 64  # pixels, at most
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _DEPTH = 0, 8


def png(pixels: NDArray[np.uint8], most: int) -> bytes:
    """A grey picture of pixels (height, width), in which `most` is white; sides over 64 pixels are made smaller."""
    small = _shrunk(np.asarray(pixels, dtype=np.float64))
    grey = np.clip(np.rint(small * 255 / max(most, 1)), 0, 255).astype(np.uint8)
    height, width = grey.shape
    lines = np.column_stack([np.zeros(height, np.uint8), grey]).tobytes()  # each behind the number of its filter, none
    head = struct.pack(">IIBBBBB", width, height, _DEPTH, _GREY, 0, 0, 0)
    return _SIGNATURE + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(lines, 9)) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _shrunk(pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    """The means of square blocks, as small as will do; what fills no whole block at the far edges is left out."""
    size = -(-max(pixels.shape) // SIDE)
    height, width = (max(side // size, 1) for side in pixels.shape)
    blocks = pixels[: height * size, : width * size]
    means: NDArray[np.float64] = blocks.reshape(height, -1, width, blocks.shape[1] // width).mean(axis=(1, 3))
    return means
