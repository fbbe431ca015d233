"""What comes packed: a gzip file, or a zip with one CSV in it, unpacked no further than a limit."""

import io
import struct
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import IO

from submissions.errors import Refused

_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_WINDOW = 16 + zlib.MAX_WBITS  # zlib's mark for gzip
_MOST_MEMBERS = 100
_LISTED, _MOST_LISTED = b"PK\x01\x02", 1_000  # a file in a zip's list of its files (PKWARE's APPNOTE, 4.3.12)
_DIRECTORY_END = b"PK\x05\x06"
_CLUTTER = ("__MACOSX/", ".DS_Store")  # what macOS puts beside the file
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What zipfile raises of a damaged zip: not all of it is BadZipFile.
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, LookupError, OSError, RuntimeError, ValueError)


class CannotUnpack(Refused):
    """A packed file that holds no one CSV, or cannot be read."""


def unpack(data: bytes, most: int) -> bytes:
    """The bytes of the file in a gzip or a zip, known by its first bytes; others are given back as they came.

    At most `most` + 1 bytes are unpacked, whatever the file says of its size: enough to see that it is too large.

    Raises:
        CannotUnpack: it is broken, encrypted, or not a zip with one CSV.
    """
    if data.startswith(_GZIP):
        return _gunzip(data, most)
    if data.startswith((_ZIP, _DIRECTORY_END)):
        return _unzip(data, most)
    return data


def _gunzip(data: bytes, most: int) -> bytes:
    # A gzip file may be several, one behind the other (RFC 1952, 2.2).
    unpacked, rest, members = bytearray(), data, 0
    try:
        while rest.startswith(_GZIP) and len(unpacked) <= most:
            members += 1
            if members > _MOST_MEMBERS:
                raise CannotUnpack(f"the gzip file is more than {_MOST_MEMBERS} in one: pack it again")
            one = zlib.decompressobj(_WINDOW)
            unpacked += one.decompress(rest, most + 1 - len(unpacked))
            if not one.eof and len(unpacked) <= most:
                raise CannotUnpack("the gzip file is cut off: send it again")
            rest = one.unused_data.lstrip(b"\0")
    except zlib.error as error:
        raise CannotUnpack(f"the gzip file cannot be read ({error}): pack it again") from None
    if rest and len(unpacked) <= most:
        raise CannotUnpack("there are other bytes behind the gzip file: pack it again")
    return bytes(unpacked)


def _unzip(data: bytes, most: int) -> bytes:
    # Counted, not believed: what a zip says of its list can be said so that zipfile reads another one.
    if data.count(_LISTED) > _MOST_LISTED:
        raise CannotUnpack("the zip holds too many files: put one CSV into it, and nothing else")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            member = _only_csv(archive)
            with archive.open(member) as file:
                return _read(file, most)
    except _BROKEN as error:
        raise CannotUnpack(f"the zip cannot be read ({type(error).__name__}): pack it again") from None


def _only_csv(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    members = archive.infolist()
    if len(members) > _MOST_MEMBERS:
        raise CannotUnpack(f"the zip holds {len(members):,} files: put one CSV into it, and nothing else")
    # A member's name is looked at for its ending only, and never used as a path.
    files = [one for one in members if not one.is_dir() and not _is_clutter(one.filename)]
    tables = [one for one in files if one.filename.lower().endswith(".csv")]
    if len(tables) != 1 or len(files) != 1:
        raise CannotUnpack(
            f"the zip holds {len(files)} files, of which {len(tables)} end in .csv: "
            "put one CSV into it, and nothing else"
        )
    if tables[0].flag_bits & 1:
        raise CannotUnpack("the zip is encrypted: pack it without a password")
    if tables[0].compress_type not in _METHODS:
        raise CannotUnpack("the zip is packed by another method than deflate: pack it again")
    return tables[0]


def _is_clutter(name: str) -> bool:
    return name.startswith(_CLUTTER) or PurePosixPath(name).name in _CLUTTER


def _read(file: IO[bytes], most: int) -> bytes:
    return file.read(most + 1)
