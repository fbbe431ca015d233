"""A participant's own look at a file, without labels: `podium check`, and check.pyz in every kit."""

from pathlib import Path

from submissions import predictions
from submissions.competition import Competition
from submissions.faults import Faults, InvalidSubmission
from submissions.row_ids import RowIds
from submissions.shown import harmless


def check(path: Path, competition: Competition, row_ids: RowIds) -> tuple[bool, str]:
    """Whether a file is ready to submit, and what there is to say of it.

    Raises:
        OSError: the file cannot be read.
    """
    try:
        predictions.read(predictions.read_bytes(path, competition), competition, row_ids)
    except InvalidSubmission as invalid:
        return False, refusal(path, invalid.faults)
    return True, f"{harmless(str(path))}: ready to submit ({len(row_ids):,} predictions)"


def refusal(path: Path | None, faults: Faults) -> str:
    """Every fault of a file, a line each, and how to mend each kind of fault; None: the file has no name."""
    count = len(faults.shown) + sum(faults.more.values())
    name = "the file" if path is None else harmless(str(path))
    lines = [f"{name}: refused, {count:,} fault{'s' if count != 1 else ''}"]
    lines += [f"  {line}" for line in faults.lines()]
    mends = faults.mends()
    width = max(map(len, mends))
    lines += ["", "How to mend:", *(f"  {code:{width}}  {mend}" for code, mend in mends.items())]
    return "\n".join(lines)
