"""The grade of one submission."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from submissions.faults import Faults

Verdict = Literal["graded", "refused", "grader_error"]


@dataclass(frozen=True, slots=True)
class Grade:
    """What the grader says of one submission.

    Attributes:
        verdict: "graded"; "refused": the file breaks a rule (the participant's fault); "grader_error" (ours).
        metric: the metric's name.
        solution: the digest of the solution it was graded against, in hex.
        scoring: the digest of what else the score depends on, in hex (see `judging`).
        public, private: the scores at full precision; None unless graded.
        shown: what the submission counts as on the live board: as much of the public score as the rules reveal.
        reason: what the team is told instead of a score; "" where it is told `shown`.
        interval: the 95 % interval that stands beside `shown`, and follows from it; None: there is none.
        standard_error: of the public score; of baselines only, for a team's says more than its shown score.
        faults: every fault of a refused file.
        error: what went wrong in a grader_error; for the organiser only.
    """

    verdict: Verdict
    metric: str
    solution: str
    scoring: str = ""
    public: float | None = None
    private: float | None = None
    shown: float | None = None
    reason: str = ""
    interval: tuple[float, float] | None = None
    standard_error: float | None = None
    faults: Faults | None = None
    error: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The grade as JSON values; floats keep every digit, and `from_json` takes them back."""
        return {
            "verdict": self.verdict,
            "metric": self.metric,
            "solution": self.solution,
            "scoring": self.scoring,
            "public": self.public,
            "private": self.private,
            "shown": self.shown,
            "reason": self.reason,
            "interval": list(self.interval) if self.interval else None,
            "standard_error": self.standard_error,
            "faults": self.faults.to_json() if self.faults else None,
            "error": self.error,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Grade":
        """The grade that `to_json` wrote."""
        faults, interval = values["faults"], values.get("interval")
        read = {
            "faults": Faults.from_json(faults) if faults else None,
            "interval": (interval[0], interval[1]) if interval else None,
        }
        return cls(**{**values, **read})
