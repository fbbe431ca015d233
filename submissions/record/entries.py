"""The entries of the ledger: what one says, and how each is chained to the one before."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from submissions import moments
from submissions.errors import OrganiserError
from submissions.record.tables import ENTRIES

BEFORE_THE_FIRST = "0" * 64


class LedgerError(OrganiserError):
    """The ledger cannot be read or written; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened.

    Attributes:
        seq: its place in the ledger, from 1.
        at: the desk's clock when it was recorded, aware UTC.
        submission: the number of the submission it is about; they are received as 1, 2, 3, …
        file: the SHA-256 of the file that came with it, under which the ledger keeps its bytes.
        previous: the digest of the entry before.
        digest: SHA-256 of all the rest, in hex.
    """

    seq: int
    kind: str
    at: datetime
    team: str | None
    submission: int | None
    body: Mapping[str, Any]
    previous: str
    digest: str
    file: str | None = None


def chained(row: Mapping[str, Any]) -> str:
    """The digest of an entry: SHA-256 of its columns as canonical JSON, the digest of the entry before among them."""
    columns = [row[name] for name in ("seq", "kind", "at", "team", "submission", "file", "body", "previous")]
    return hashlib.sha256(canonical(columns).encode()).hexdigest()


def canonical(value: object) -> str:
    """JSON with sorted keys and no spaces: one text for one value. ValueError for NaN and infinities."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def columns(row: sa.Row[Any]) -> dict[str, Any]:
    """A row of the table by column."""
    return dict(zip(ENTRIES.columns.keys(), row, strict=True))


def to_entry(row: Mapping[str, Any]) -> Entry:
    """The entry that a row holds; LedgerError if it cannot be read."""
    try:
        return Entry(**{**row, "at": moments.read(row["at"]), "body": json.loads(row["body"])})
    except (ValueError, TypeError):
        raise LedgerError(f"entry {row['seq']} of the ledger cannot be read: run podium verify") from None
