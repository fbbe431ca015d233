"""Run every benchmark, print a table and write build/bench.json."""

import json
from pathlib import Path

from benchmarks import attacks, boards, checking, desks, grading, regrading, uncertainty

OUTPUT = Path("build") / "bench.json"


def main() -> None:
    """Measure, print and write."""
    suites = (grading, checking, regrading, uncertainty, attacks, boards, desks)
    figures = [figure for suite in suites for figure in suite.figures()]
    width = max(len(figure.name) for figure in figures)
    print(f"{'figure':{width}}  {'value':>9}  {'wanted':>13}  what")
    for figure in figures:
        print(f"{figure.name:{width}}  {figure.value:9.4g}  {figure.wanted:>13}  {figure.what}")
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps({one.name: round(one.value, 4) for one in figures}, indent=2) + "\n", encoding="utf-8")
    print(f"\nwritten to {OUTPUT}")


if __name__ == "__main__":
    main()
