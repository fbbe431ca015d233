"""The idx format of MNIST and its kin: a gzip'd header with magic number and shape, then the bytes.

Source: Y. LeCun, The MNIST database of handwritten digits, "File formats".
"""

import gzip
import zlib
from math import prod

import numpy as np
import numpy.typing as npt

UNSIGNED_BYTE = 0x08
WORD = 4


def parse(packed: bytes, shape: tuple[int, ...]) -> npt.NDArray[np.uint8]:
    """The array in a gzip'd idx file of unsigned bytes.

    Args:
        packed: the file's bytes.
        shape: what its header must say.

    Raises:
        ValueError: it is not such a file; says what is wrong, and what was expected.
    """
    try:
        content = gzip.decompress(packed)
    except (EOFError, OSError, zlib.error) as error:
        raise ValueError(f"is not a complete gzip file ({error})") from None
    magic, start = bytes([0, 0, UNSIGNED_BYTE, len(shape)]), WORD * (1 + len(shape))
    if content[:WORD] != magic:
        raise ValueError(f"starts with {content[:WORD].hex()}, not with the magic number {magic.hex()}")
    told = tuple(int.from_bytes(content[at : at + WORD], "big") for at in range(WORD, start, WORD))
    if told != shape:
        raise ValueError(f"holds an array of shape {_shown(told)}, not {_shown(shape)}")
    if len(content) - start != prod(shape):
        raise ValueError(f"holds {len(content) - start:,} values, not {prod(shape):,}")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _shown(shape: tuple[int, ...]) -> str:
    return " × ".join(f"{size:,}" for size in shape)
