"""The organiser's own metric, as the desk sees it: a submission's values become a score, or say why not.

The metric is the organiser's code and is trusted with the hidden labels, but not to work: it runs in a process of its
own (`process.py`), which is ended when it hangs, takes too much memory, crashes or answers nonsense. The process has
the organiser's rights to files and network: this is no jail for hostile code.

The shape of the function is that of Kaggle's metric notebooks: `score(solution, submission, row_id_column_name)`,
an exception named ParticipantVisibleError for the participant, the column `Usage` taken away, one call for each share.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from types import MappingProxyType, TracebackType
from typing import Any

from grader.own_metric import blind, check
from grader.own_metric.hidden import Hidden
from grader.own_metric.process import Limits
from grader.own_metric.runner import MetricFailed, Runner, Spoken
from submissions.reading.cells import Values
from submissions.shown import harmless

LONGEST = 280  # characters that a participant is shown
KEPT_BACK = (
    "the metric cannot score this file; its message is kept back, for it may tell what is hidden: ask the organiser"
)
_USUAL = Limits()
NO_TEXT = "the metric cannot score this file, and does not say why: ask the organiser"


class ShownToParticipant(Exception):
    """The metric refuses a file.

    Attributes:
        text: for the participant: harmless, 280 characters at most, and the same whatever the hidden labels are.
        whole: the metric's own words, for the organiser only.
    """

    def __init__(self, text: str, whole: str) -> None:
        self.text, self.whole = text, whole
        super().__init__(text)


class OwnMetric:
    """A metric file over the hidden labels of a competition; any thread may call it, one call is run at a time.

    A context manager: at its end no process is left.

    Attributes:
        digest: SHA-256 of the file's text as it was read, in hex; later changes of the file are not seen.
        shares: the places of the rows of each share.
    """

    def __init__(
        self,
        path: Path,
        hidden: Hidden,
        *,
        options: Mapping[str, Any] = MappingProxyType({}),
        limits: Limits = _USUAL,
    ) -> None:
        """Read the file and look at it; no process is started before the first score.

        Raises:
            BrokenMetric: the file cannot be a metric that takes these options.
        """
        source = check.read(path, options)
        self.digest = hashlib.sha256(source.encode()).hexdigest()
        self.shares = hidden.shares
        self._lock = Lock()
        self._seeing = Runner(path, source, hidden, options, limits)
        self._blind = Runner(path, source, blind.blind(hidden), options, limits)

    def score(self, values: Values, share: str) -> float:
        """The score of a submission on a share, at full precision.

        Args:
            values: what the submission holds, as its `Columns` say: all rows, in the order of the row ids.
            share: the name of a share: "public", "private".

        Raises:
            ShownToParticipant: the metric raised a ParticipantVisibleError.
            MetricFailed: it gave no score; the text is for the organiser only.
        """
        with self._lock:
            try:
                return self._seeing.run(values, share)
            except Spoken as spoken:
                text = self._shown(spoken.text, values)
                raise ShownToParticipant(text, harmless(spoken.text)) from None

    def restart(self) -> None:
        """Forget all that the metric may have kept between calls."""
        with self._lock:
            self._seeing.close()
            self._blind.close()

    close = restart

    def __enter__(self) -> "OwnMetric":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _shown(self, text: str, values: Values) -> str:
        if self._blind_words(values) != text:
            return KEPT_BACK
        # Cut twice: what is made harmless grows, and a text may be very long.
        told = harmless(text.strip()[: LONGEST + 1])
        return (told if len(told) <= LONGEST else f"{told[: LONGEST - 1]}…") or NO_TEXT

    def _blind_words(self, values: Values) -> str | None:
        """What the metric says of the file where nothing hidden is known; None if it does not speak there."""
        try:
            self._blind.run(values, blind.SHARE)
        except Spoken as spoken:
            return spoken.text
        except MetricFailed:
            return None
        return None
