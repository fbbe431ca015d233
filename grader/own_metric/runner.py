"""The metric over one set of hidden labels: a worker that is started when it is needed, and anew when it is lost."""

from collections.abc import Mapping
from dataclasses import asdict
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from grader.own_metric import process
from grader.own_metric.hidden import Hidden
from grader.own_metric.process import Limits, Worker, WorkerLost
from submissions.reading.cells import Values
from submissions.shown import harmless

_LONGEST = 1_000


class MetricFailed(Exception):
    """The metric gave no score; says why, for the organiser only: its text may hold hidden labels."""


class Spoken(Exception):
    """The metric's own words to the participant, as they are."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(text)


class Runner:
    """Runs a metric's text over hidden labels. It is for one thread at a time."""

    def __init__(self, path: Path, source: str, hidden: Hidden, options: Mapping[str, Any], limits: Limits) -> None:
        self._path, self._source, self._hidden = path, source, hidden
        self._options, self._limits = options, limits
        self._worker: Worker | None = None
        self._calls = 0

    def run(self, values: Values, share: str) -> float:
        """The score of a submission's values on a share.

        Raises:
            Spoken: the metric raised a ParticipantVisibleError.
            MetricFailed: it gave no score.
        """
        answer = self._answered(values, share)
        if answer["kind"] == "score":
            return float(answer["score"])
        if answer["kind"] == "shown":
            raise Spoken(answer["text"])
        if answer["kind"] == "spoilt":
            self.close()
        raise self._failed(share, answer["text"])

    def close(self) -> None:
        """End the worker, if there is one; the next run starts another."""
        worker, self._worker = self._worker, None
        if worker:
            worker.close()

    def _answered(self, values: Values, share: str) -> dict[str, Any]:
        """The worker's answer; one that came with output is a failure."""
        data = self._hidden.submission.fit(values)[self._hidden.shares[share]]
        try:
            worker = self._ready()
            answer = self._asked(worker, {"share": share, "width": data.shape[1]}, data.tobytes())
        except WorkerLost as lost:
            told = f"{lost}{_quoted(self._worker)}"
            self.close()
            raise self._failed(share, told) from None
        except BaseException:  # an interrupt: the worker's next answer would be to this question
            self.close()
            raise
        if printed := _quoted(worker):  # and its buffers may hold more
            return {"kind": "spoilt", "text": f"{answer.get('text') or 'a metric may print nothing'}{printed}"}
        return answer

    def _asked(self, worker: Worker, question: Mapping[str, Any], data: bytes) -> dict[str, Any]:
        self._calls += 1
        answer = worker.ask({**question, "number": self._calls}, data)
        if answer.get("number") != self._calls or not _is_answer(answer):
            raise WorkerLost("answered something else than it was asked")
        return answer

    def _ready(self) -> Worker:
        """A worker that has loaded the metric."""
        if self._worker and not self._worker.is_running:
            self.close()  # it ended between two calls, which is nobody's failure
        if not self._worker:
            self._worker = Worker(self._limits)
            loaded = self._worker.start(*self._first_message())
            if loaded.get("kind") != "loaded":
                raise WorkerLost(f"cannot be loaded: {loaded.get('text')}")
        return self._worker

    def _first_message(self) -> tuple[dict[str, Any], bytes]:
        hidden = self._hidden
        values = hidden.solution.fit(hidden.values)
        places = [np.ascontiguousarray(places, dtype=np.int64) for places in hidden.shares.values()]
        header = {
            "path": str(self._path),
            "source": self._source,
            "options": dict(self._options),
            "id_column": hidden.id_column,
            "row_ids": list(hidden.row_ids),
            "solution": asdict(hidden.solution),
            "submission": asdict(hidden.submission),
            "width": values.shape[1],
            "shares": {share: len(places) for share, places in hidden.shares.items()},
            "is_address_space_limited": process.IS_ADDRESS_SPACE_LIMITED,
            **asdict(self._limits),
        }
        return header, b"".join([values.tobytes(), *(place.tobytes() for place in places)])

    def _failed(self, share: str, told: str) -> MetricFailed:
        return MetricFailed(harmless(f"{self._path.name} on the {share} rows: {told}")[:_LONGEST])


def _is_answer(answer: Mapping[str, Any]) -> bool:
    kind, score, text = (answer.get(key) for key in ("kind", "score", "text"))
    if kind == "score":
        return isinstance(score, float) and isfinite(score)
    return kind in {"shown", "failed", "spoilt"} and isinstance(text, str)


def _quoted(worker: Worker | None) -> str:
    printed = worker.printed() if worker else ""
    return f"; it printed: {printed}" if printed else ""
