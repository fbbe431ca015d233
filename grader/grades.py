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
        public, private: the scores at full precision; None unless graded.
        solution: the digest of the solution it was graded against, in hex.
        faults: every fault of a refused file.
        error: what went wrong in a grader_error; for the organiser only.
    """

    verdict: Verdict
    metric: str
    solution: str
    public: float | None = None
    private: float | None = None
    faults: Faults | None = None
    error: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The grade as JSON values; floats keep every digit, and `from_json` takes them back."""
        return {
            "verdict": self.verdict,
            "metric": self.metric,
            "solution": self.solution,
            "public": self.public,
            "private": self.private,
            "faults": self.faults.to_json() if self.faults else None,
            "error": self.error,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Grade":
        """The grade that `to_json` wrote."""
        faults = values["faults"]
        return cls(**{**values, "faults": Faults.from_json(faults) if faults else None})
