"""Proof that the ledger's past is as it was written: the chain of its entries, and the digests of its files."""

from collections.abc import Mapping
from typing import Any

from submissions import teams
from submissions.entries import BEFORE_THE_FIRST, LedgerError, chained
from submissions.errors import OrganiserError
from submissions.ledger import View


class BrokenChain(OrganiserError):
    """The ledger is not as it was written; names the first entry that does not hold."""


def verify(view: View, *, holds: str | None = None) -> int:
    """The number of entries, all of which hold.

    A chain cut off at its end is a shorter chain: only a digest from a later receipt shows it, so `holds` asks
    that this digest be one of the chain's.

    Raises:
        BrokenChain: with the first entry that does not hold, and why.
    """
    if damage := view.damage():
        raise BrokenChain(f"the database file is damaged: {damage}")
    previous, count, received, digests = BEFORE_THE_FIRST, 0, 0, set[str]()
    owners: dict[str, str] = {}
    for count, row in enumerate(view.rows(), start=1):
        if reason := _fault(row, count, previous) or _file_fault(row, view) or _number_fault(row, received):
            raise BrokenChain(f"entry {row['seq']} ({row['kind']}, {row['at']}): {reason}")
        if row["kind"] == "received":
            received += 1
            owners.setdefault(teams.look(row["team"]), row["team"])
        previous = row["digest"]
        digests.add(previous)
    if view.looks() != owners:
        raise BrokenChain("the list of team names does not follow from the entries")
    if holds is not None and holds not in digests:
        raise BrokenChain(f"no entry has the digest {holds}: entries are missing, or it is another ledger's")
    return count


def _fault(row: Mapping[str, Any], seq: int, previous: str) -> str | None:
    if row["seq"] != seq:
        return f"entry {seq} is missing"
    if any(not isinstance(row[name], str) for name in ("kind", "at", "body", "previous", "digest")):
        return "a column does not hold text"
    if row["previous"] != previous:
        return "the digest of the entry before is not the one it was chained to"
    if row["digest"] != chained(row):
        return "its content does not have its digest"
    return None


def _file_fault(row: Mapping[str, Any], view: View) -> str | None:
    if row["file"] is None:
        return None
    try:
        view.file(row["file"])
    except LedgerError as error:
        return str(error).removesuffix(": run podium verify")
    return None


def _number_fault(row: Mapping[str, Any], received: int) -> str | None:
    number = row["submission"]
    if row["kind"] == "received" and number != received + 1:
        return f"receives submission {number}, not {received + 1}"
    if row["kind"] == "graded" and number not in range(1, received + 1):
        return f"grades submission {number}, which was not received before it"
    return None
