"""How long a participant waits for `podium check`, against what merely importing pandas takes."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.figures import Figure, ratio
from benchmarks.grading import RULES

ROWS = 10_000


def figures() -> Iterator[Figure]:
    """The wall time of the whole command over that of `python -c "import pandas"`."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = "".join(f"{row},{row % 10}\n" for row in range(ROWS))
        (folder / "competition.toml").write_text(RULES, encoding="utf-8")
        (folder / "sample_submission.csv").write_text("id,label\n" + rows, encoding="utf-8")
        check = [Path(sys.executable).with_name("podium"), "check", folder / "sample_submission.csv", "-C", folder]
        run = partial(subprocess.run, check=True, stdout=subprocess.DEVNULL)
        value = ratio(partial(run, check), partial(run, [sys.executable, "-c", "import pandas"]), pairs=9)
    yield Figure(
        "check_vs_import_pandas", value, "<= 1.0", f"podium check of {ROWS:,} rows over python -c 'import pandas'"
    )
