"""Whether an organiser has edited what grades and deadlines depend on."""

from typing import NamedTuple

from submissions.folder import Folder


class Stamp(NamedTuple):
    """What is another after an edit.

    Attributes:
        hidden: names, times and sizes of the solution and the metric.
    """

    rules: bytes
    hidden: tuple[tuple[str, int, int], ...]


def stamp(folder: Folder) -> Stamp:
    """The stamp of what lies in a competition's folder now.

    Raises:
        OSError: a file is being written, or gone.
    """
    paths = [path for path in folder.grader.iterdir() if path.suffix in {".csv", ".py"}]
    hidden = sorted((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in paths)
    return Stamp(folder.rules.read_bytes(), tuple(hidden))
