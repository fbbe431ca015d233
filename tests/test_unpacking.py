"""submissions/unpacking.py: what comes packed."""

import contextlib
import gzip
import io
import tracemalloc
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from submissions.unpacking import CannotUnpack, unpack

CSV = b"id,label\n1,7\n"
MOST = 1_000


def zipped(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return buffer.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(CannotUnpack) as caught:
        unpack(data, MOST)
    return str(caught.value)


@given(st.binary(max_size=MOST))
def test_a_packed_file_is_what_was_packed(data: bytes) -> None:
    """Gzip and zip give back the bytes that went in."""
    assert unpack(gzip.compress(data), MOST) == data
    assert unpack(zipped(("a.csv", data)), MOST) == data


def test_plain_bytes_stay() -> None:
    """What is not packed comes back as it came, the empty file among it."""
    assert unpack(CSV, MOST) == CSV
    assert unpack(b"", MOST) == b""


def test_several_gzip_members_are_one_file() -> None:
    """A gzip file may be several, one behind the other, with zeros at the end (RFC 1952)."""
    assert unpack(gzip.compress(CSV[:5]) + gzip.compress(CSV[5:]) + b"\0\0", MOST) == CSV


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: zipped(("a.csv", data))], ids=["gzip", "zip"])
def test_a_bomb_is_unpacked_no_further_than_the_limit(pack) -> None:  # noqa: ANN001
    """A hundred megabytes of zeros take no more memory than the limit, and are seen to be too many."""
    bomb = pack(bytes(100_000_000))
    tracemalloc.start()
    unpacked = unpack(bomb, MOST)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(unpacked) == MOST + 1
    assert peak < 2_000_000


def test_a_gzip_of_very_many_members_is_refused() -> None:
    """Each member costs a copy of the rest: there are no more than a hundred."""
    assert refusal(gzip.compress(b"") * 101) == "the gzip file is more than 100 in one: pack it again"


def test_a_broken_gzip_is_told() -> None:
    """Cut off, damaged, or with other bytes behind it."""
    whole = gzip.compress(CSV)
    assert refusal(whole[:-4]) == "the gzip file is cut off: send it again"
    assert refusal(whole + b"x") == "there are other bytes behind the gzip file: pack it again"
    damaged = whole[:12] + bytes([whole[12] ^ 0xFF]) + whole[13:]
    assert refusal(damaged).startswith("the gzip file c")


def test_a_zip_holds_one_csv() -> None:
    """None, two, or one beside something else are refused; what macOS adds is passed over."""
    end = "put one CSV into it, and nothing else"
    assert refusal(zipped()) == f"the zip holds 0 files, of which 0 end in .csv: {end}"
    assert refusal(zipped(("a.csv", CSV), ("b.CSV", CSV))) == f"the zip holds 2 files, of which 2 end in .csv: {end}"
    assert refusal(zipped(("a.csv", CSV), ("b.txt", b""))) == f"the zip holds 2 files, of which 1 end in .csv: {end}"
    assert refusal(zipped(("a.xlsx", CSV))) == f"the zip holds 1 files, of which 0 end in .csv: {end}"
    mac = zipped(("data/", b""), ("data/a.csv", CSV), ("__MACOSX/data/._a.csv", b"x"), ("data/.DS_Store", b"x"))
    assert unpack(mac, MOST) == CSV


def test_a_path_in_a_zip_leads_nowhere(tmp_path, monkeypatch) -> None:  # noqa: ANN001
    """A member's name is no path: nothing is written, wherever it points."""
    monkeypatch.chdir(tmp_path)
    for name in ("../../evil.csv", "/etc/evil.csv", "C:\\evil.csv", "a\0b.csv"):
        assert unpack(zipped((name.replace("\0", "_"), CSV)), MOST) == CSV
    assert list(tmp_path.iterdir()) == []


def test_a_zip_that_cannot_be_read_is_told() -> None:
    """Damaged, encrypted, of a rare method, or with a list of files without end."""
    whole = zipped(("a.csv", CSV * 20))
    assert refusal(whole[:-30]) == "the zip cannot be read (BadZipFile): pack it again"
    flagged = bytearray(whole)
    flagged[whole.index(b"PK\x01\x02") + 8] |= 1
    flagged[6] |= 1
    assert refusal(bytes(flagged)) == "the zip is encrypted: pack it without a password"
    rare = zipped(("a.csv", CSV), method=zipfile.ZIP_LZMA)
    assert refusal(rare) == "the zip is packed by another method than deflate: pack it again"
    many = zipped(*((f"{number}.csv", b"") for number in range(2_000)))
    assert refusal(many) == "the zip holds too many files: put one CSV into it, and nothing else"
    assert refusal(zipped(*((f"{number}.csv", b"") for number in range(101)))) == (
        "the zip holds 101 files: put one CSV into it, and nothing else"
    )


@given(st.binary(max_size=300), st.sampled_from([b"\x1f\x8b", b"PK\x03\x04", b"PK\x05\x06"]))
def test_no_bytes_end_in_another_error(data: bytes, start: bytes) -> None:
    """Whatever follows a packer's first bytes is unpacked or refused."""
    with contextlib.suppress(CannotUnpack):
        assert len(unpack(start + data, MOST)) <= MOST + 1
