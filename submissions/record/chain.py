"""Proof that the ledger's past is as it was written: the chain of its entries, and the digests of its files."""

import json
from collections.abc import Mapping
from typing import Any

from submissions import teams
from submissions.errors import OrganiserError
from submissions.record.entries import BEFORE_THE_FIRST, LedgerError, chained
from submissions.record.view import View


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
    previous, count, digests = BEFORE_THE_FIRST, 0, set[str]()
    owners, senders = dict[str, str](), dict[int, str]()
    for count, row in enumerate(view.rows(), start=1):
        if reason := _fault(row, count, previous) or _file_fault(row, view) or _number_fault(row, senders):
            raise BrokenChain(f"entry {row['seq']} ({row['kind']}, {row['at']}): {reason}")
        if row["kind"] == "received":
            senders[row["submission"]] = row["team"]
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


def _number_fault(row: Mapping[str, Any], senders: Mapping[int, str]) -> str | None:
    """Whether an entry contradicts what was `received` before it; `senders`: the team of each submission until then."""
    number, team = row["submission"], row["team"]
    match row["kind"]:
        case "received" if number != len(senders) + 1:
            return f"receives submission {number}, not {len(senders) + 1}"
        case "graded" if number not in senders:
            return f"grades submission {number}, which was not received before it"
        case "withdrawn" | "restored" if number not in senders or senders[number] != team:
            return f"is about submission {number}, which was not received from its team before it"
        case "disqualified" | "reinstated" if team not in senders.values():
            return "is about a team from which nothing was received before it"
        case "selected":
            return _selection_fault(row, senders)
    return None


def _selection_fault(row: Mapping[str, Any], senders: Mapping[int, str]) -> str | None:
    try:
        named = [(number, senders.get(number)) for number in json.loads(row["body"])["submissions"]]
    except (ValueError, TypeError, KeyError):
        return "names no submissions"
    foreign = next((number for number, sender in named if sender is None or sender != row["team"]), None)
    return None if foreign is None else f"selects submission {foreign}, which was not received from its team before it"
