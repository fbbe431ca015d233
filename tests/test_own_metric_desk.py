"""The organiser's own metric at the desk: whatever it does, the desk goes on and the participant learns no label."""

from pathlib import Path

import pytest

from conftest import CASES, Clock, Run, make_folder
from grader import own
from grader.own_metric.process import Limits
from leaderboard.standings import gather
from submissions.folder import Folder

RULES = (
    (CASES / "competition.toml")
    .read_text()
    .replace('metric = "accuracy"', 'metric = "grader/metric.py"\nmetric_title = "Profit"\nhigher_is_better = true')
)
DIRECTION = "higher_is_better = true"
TRUTH = (7, 7, 8, 7, 8, 9)
HEAD = """
class ParticipantVisibleError(Exception):
    pass

def score(solution, submission, row_id_column_name, beta=1.0):
"""
HITS = "    return beta * float((solution['label'] == submission['label']).sum())\n"
FAILS = "score       none: the grader failed; the organiser is told, and no attempt was used\n"


def made_with(body: str, root: Path, rules: str = RULES) -> Folder:
    folder = make_folder(root / "own", rules, TRUTH, public=3)
    (folder.grader / "metric.py").write_text(HEAD + body)
    return folder


def sent(run: Run, folder: Folder, team: str = "Ada") -> tuple[int, str, str]:
    """What the desk says to a file that is right on the rows 1 and 2, and 4."""
    path = folder.root.parent / "submission.csv"
    path.write_text("id,label\n" + "".join(f"{row},7\n" for row in range(1, 7)))
    return run("submit", path, "--team", team, "-C", folder.root)


def test_it_grades_and_ranks(run: Run, clock: Clock, tmp_path: Path) -> None:
    """Its score is on the receipt and the board under the title of the rules, on each share by itself."""
    folder = made_with(HITS, tmp_path, f"{RULES}[scoring.options]\nbeta = 2.5\n")
    code, out, err = sent(run, folder)

    assert (code, err) == (0, "")
    assert "score       5.0000 Profit on the public rows\n" in out
    with folder.open_ledger() as ledger, ledger.reading() as view:
        entries = list(view.entries())
    assert (entries[-1].body["public"], entries[-1].body["private"]) == (5.0, 2.5)
    board = gather(folder.competition(), entries, clock.now, "public")
    assert [(row.team, row.score, row.interval) for row in board.rows] == [("Ada", 5.0, None)]
    assert run("lint", "-C", folder.root)[1].count("metric-") == 0


def test_lower_may_be_better(run: Run, clock: Clock, tmp_path: Path) -> None:
    """The direction on the board is that of the rules."""
    body = "    return float((solution['label'] != submission['label']).sum())\n"
    folder = made_with(body, tmp_path, RULES.replace("higher_is_better = true", "higher_is_better = false"))
    sent(run, folder, "Ada")
    path = tmp_path / "better.csv"
    path.write_text("id,label\n1,7\n2,7\n3,8\n4,0\n5,0\n6,0\n")
    run("submit", path, "--team", "Bob", "-C", folder.root)
    with folder.open_ledger() as ledger, ledger.reading() as view:
        board = gather(folder.competition(), list(view.entries()), clock.now, "public")

    assert [(row.team, row.score) for row in board.rows] == [("Bob", 0.0), ("Ada", 1.0)]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("    while True: pass\n", "MetricFailed: metric.py on the public rows: took longer than 1 seconds"),
        (
            "    return float(len(bytearray(1 << 40)))\n",
            "metric.py on the public rows: MemoryError (line 6)",
        ),
        ("    raise ValueError(f'labels are {list(solution.label)}')\n", "labels are [7, 7, 8]"),
        ("    return float('nan')\n", "nan"),
        ("    import os; os.abort()\n", "MetricFailed: metric.py on the public rows: ended its process with SIGABRT"),
    ],
    ids=["hang", "memory", "exception", "nan", "crash"],
)
def test_its_failure_is_a_grader_error(
    body: str, told: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No score and no attempt used; why is in the ledger for the organiser, and nowhere in the participant's answer."""
    monkeypatch.setattr(own, "LIMITS", Limits(seconds=1, max_bytes=1 << 28))
    folder = made_with(body, tmp_path)
    code, out, err = sent(run, folder)

    assert (code, err) == (3, "")
    assert FAILS in out
    assert "attempts    5 of 5 left" in out
    with folder.open_ledger() as ledger, ledger.reading() as view:
        graded = view.last("graded")
    assert graded is not None
    assert (graded.body["verdict"], graded.body["public"]) == ("grader_error", None)
    assert told in graded.body["error"]
    assert not any(word in out for word in ("7, 7, 8", "nan", "labels are"))


def test_its_word_to_the_participant_is_told(run: Run, tmp_path: Path) -> None:
    """A ParticipantVisibleError that depends on the file alone is a refusal in the metric's own words."""
    folder = made_with("    raise ParticipantVisibleError('send prices, not labels')\n", tmp_path)
    code, out, _ = sent(run, folder)

    assert code == 1
    assert "score       none: the file was refused\n  send prices, not labels [refused-by-metric]\n" in out
    assert "attempts    5 of 5 left" in out


def test_a_word_that_depends_on_the_labels_is_kept_back(run: Run, tmp_path: Path) -> None:
    """A ParticipantVisibleError with a label in it is not told to the participant."""
    folder = made_with("    raise ParticipantVisibleError(f'row 3 is {solution.label[2]}')\n", tmp_path)
    out = sent(run, folder)[1]

    assert "row 3" not in out
    assert "the metric cannot score this file; its message is kept back" in out


def test_lint_reports_what_is_wrong_with_it(run: Run, tmp_path: Path) -> None:
    """A metric that answers otherwise each time, or is not best on the solution, is an error before the launch."""
    folder = made_with("    import random\n    return random.random()\n", tmp_path)
    code, out, _ = run("lint", "-C", folder.root)
    assert code == 3
    assert "error metric-not-deterministic: grader/metric.py: it gives the sample submission" in out

    (folder.grader / "metric.py").write_text(HEAD + HITS.replace("beta * ", "-beta * "))
    code, out, _ = run("lint", "-C", folder.root)
    assert code == 3
    assert "error metric-not-best: grader/metric.py: on the public rows it gives the solution itself -3" in out


def test_another_metric_asks_for_a_regrade(run: Run, tmp_path: Path) -> None:
    """After an edit of the metric nothing is graded by it until everything is: the board is of one metric."""
    folder = made_with(HITS, tmp_path)
    sent(run, folder)
    (folder.grader / "metric.py").write_text(HEAD + HITS.replace("beta * ", "10 * beta * "))
    code, out, err = sent(run, folder, "Bob")

    assert (code, err.partition(";")[0]) == (
        3,
        "podium: the solution, its split or the scoring was changed after submissions had been graded",
    )
    assert "score       waits for its grade; the organiser must see to the grader\n" in out
    code, out, err = run("regrade", "--because", "in cents", "-C", folder.root)
    assert (code, err) == (0, "")
    assert "in force: 2 new grades; podium publish writes the board\n" in out
    assert "2.0000 → 20.0000  Ada" in out


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            ("higher_is_better = true", ""),
            "[scoring] higher_is_better: is missing: grader/metric.py needs true or false",
        ),
        (
            ("grader/metric.py", "metric.py"),
            "metric: a metric of your own is grader/metric.py, and nowhere else",
        ),
        (("grader/metric.py", "accuracy"), "[scoring] higher_is_better: is for a metric of your own, grader/metric.py"),
        (
            ("higher_is_better = true", "higher_is_better = 1"),
            "[scoring] higher_is_better: must be true or false, not 1",
        ),
        (
            ("public_share", 'live = "ladder"\npublic_share'),
            "live: 'ladder' needs the standard error of a score",
        ),
    ],
)
def test_rules_that_do_not_fit_it_are_told(change: tuple[str, str], told: str, run: Run, tmp_path: Path) -> None:
    """Direction, place and policy of an own metric are checked with the other rules."""
    folder = made_with(HITS, tmp_path)
    folder.rules.write_text(RULES.replace(*change))
    code, _, err = run("status", "-C", folder.root)

    assert code == 3
    assert told in err
