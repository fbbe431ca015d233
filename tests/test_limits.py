"""submissions/web/limits.py: how often one may ask."""

from contextlib import ExitStack

import pytest

from submissions.web.limits import UPLOADS, Limits
from submissions.web.problems import Problem


def test_a_team_sends_so_many_files_at_a_time_and_no_more() -> None:
    """One more is told to wait a second; others' are taken, and so is the next when one has arrived."""
    limits = Limits()
    with ExitStack() as arriving:
        for _ in range(UPLOADS):
            arriving.enter_context(limits.uploading("Ada"))
        with pytest.raises(Problem) as refused, limits.uploading("Ada"):
            pass
        with limits.uploading("Bob"):
            pass
    with limits.uploading("Ada"):
        pass

    assert (refused.value.status, refused.value.headers) == (429, {"Retry-After": "1"})
    assert refused.value.detail == "too many requests: try again in 1 second"


def test_a_file_that_breaks_off_has_arrived() -> None:
    """What goes wrong while a file arrives frees its place."""
    limits = Limits()
    for _ in range(UPLOADS + 1):
        with pytest.raises(OSError, match="cut"), limits.uploading("Ada"):
            raise OSError("cut")
