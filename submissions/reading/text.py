"""From bytes to text: what is no CSV at all, and what it is instead."""

from submissions.faults import FaultLog

BOM = b"\xef\xbb\xbf"
_LOOKED_AT = 512
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def refuse_unreadable(data: bytes, max_bytes: int, log: FaultLog) -> None:
    """Raise InvalidSubmission for bytes that hold no text, or too much or nothing of it."""
    if len(data) > max_bytes:
        raise log.refuse("too-large", None, f"the file is larger than {max_bytes:,} bytes")
    if data.startswith(_UTF16) or _is_every_other_byte_nul(data[:_LOOKED_AT]):
        raise log.refuse("not-utf8", None, "the file is UTF-16, as Excel writes 'Unicode text', not UTF-8")
    if (what := _binary(data)) is not None:
        raise log.refuse("not-text", None, f"the file is {what}, not a CSV")
    if (at := data.find(b"\0")) >= 0:
        raise log.refuse("not-text", _line(data, at), f"byte {at:,} is NUL: the file is not text")
    if not data.removeprefix(BOM).strip():
        raise log.refuse("empty-file", None, "the file is empty")


def decode(data: bytes, log: FaultLog) -> str:
    """The text without its byte-order mark; InvalidSubmission where it is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The codec counts from behind the byte-order mark.
        at = error.start + (len(BOM) if data.startswith(BOM) else 0)
        raise log.refuse("not-utf8", _line(data, at), f"byte 0x{data[at]:02X} is not UTF-8") from None


def _is_every_other_byte_nul(start: bytes) -> bool:
    return len(start) > 1 and (not any(start[1::2]) or not any(start[::2]))


def _line(data: bytes, at: int) -> int:
    before = data[:at].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return before.count(b"\n") + 1


def _binary(data: bytes) -> str | None:
    if data.startswith(b"PK\x03\x04"):
        return _zipped(data)
    start = data[:_LOOKED_AT].lstrip().lower()
    if start.startswith(b"{") and b'"cells"' in data:
        return "a Jupyter notebook"
    return next((what for magic, what in _MAGIC if data.startswith(magic) or start.startswith(magic)), None)


def _zipped(data: bytes) -> str:
    # A zip names its members twice, in front of each and in the directory at the end.
    if b"xl/" in data[:4096] or b"xl/workbook.xml" in data:
        return "an Excel workbook (.xlsx)"
    if b".npy" in data[:256]:
        return "a NumPy archive (.npz)"
    return "a zip archive"


_MAGIC = (
    (b"\xd0\xcf\x11\xe0", "an Excel workbook (.xls)"),
    (b"PAR1", "a Parquet file"),
    (b"\x93NUMPY", "a NumPy array (.npy)"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x80\x04\x95", "a Python pickle"),
    (b"\x80\x05\x95", "a Python pickle"),
    (b"%PDF", "a PDF"),
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
)
