"""From a participant's bytes to checked predictions, or to every fault in them."""

from dataclasses import dataclass
from pathlib import Path

from submissions.competition import Competition
from submissions.faults import FaultLog
from submissions.reading import careful_path, fast_path, text
from submissions.reading.cells import Values
from submissions.reading.kinds import kind_of
from submissions.row_ids import RowIds


@dataclass(frozen=True, slots=True)
class Predictions:
    """One prediction for each row id, in the order of the competition's row ids.

    Attributes:
        values: shape (rows, columns); for kind "label" the index of each label in `competition.labels`, int32; for
            kinds "number" and "probability" the number, float64; for kind "ranking" shape (rows, k), indices as of
            labels, the likeliest first, with -1 behind the last.
    """

    values: Values


def read(data: bytes, competition: Competition, row_ids: RowIds) -> Predictions:
    """The predictions in a CSV file, one for each row id.

    A perfect file takes the fast path; on any doubt the careful path reads it again, which alone decides what is
    wrong. Rows are placed by row id, never by position.

    Raises:
        InvalidSubmission: with every fault of the file.
    """
    log = FaultLog()
    text.refuse_unreadable(data, competition.max_bytes, log)
    kind = kind_of(competition)
    values = fast_path.read(data, competition, row_ids, kind)
    if values is None:
        values = careful_path.read(text.decode(data, log), competition, row_ids, kind)
    return Predictions(values)


def read_bytes(path: Path, competition: Competition) -> bytes:
    """The bytes of a file, no more than one above the limit: enough for `read` to see that it is too large."""
    with path.open("rb") as file:
        return file.read(competition.max_bytes + 1)
