"""Rules of grader/regrade.py and commands/regrade.py: all new grades come into force together, or none."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from conftest import CASES, WEDNESDAY, Clock, Run, make_folder
from grader import regrade, replay, solution
from grader.grades import Grade
from grader.judging import Judge, judge_by, open_judge
from grader.marking import Marker, StaleGrades, refuse_stale
from submissions.folder import Folder
from submissions.intake import Desk
from submissions.record import chain

RULES = (CASES / "competition.toml").read_text()
TRUTH = (7, 7, 7, 8, 8, 8)
CORRECTED = "id,label,Usage\n1,7,Public\n2,7,Public\n3,1,Public\n4,8,Private\n5,8,Private\n6,8,Private\n"


def file(*labels: int) -> bytes:
    return b"id,label\n" + b"".join(b"%d,%d\n" % (row, label) for row, label in enumerate(labels, start=1))


SENT = {"Ada": file(7, 7, 7, 8, 8, 8), "Bob": file(7, 7, 1, 8, 8, 0), "Cleo": file(0, 0, 1, 8, 0, 0)}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Ada, Bob and Cleo with 1, 2/3 and 0 of the public rows right."""
    made = make_folder(tmp_path / "cases", RULES, TRUTH, public=3)
    for team, data in SENT.items():
        send(made, data, team)
    return made


def judge_of(folder: Folder) -> Judge:
    rules = folder.competition()
    return open_judge(folder.grader, rules, folder.row_ids(rules))


def send(folder: Folder, data: bytes, team: str) -> None:
    rules = folder.competition()
    with folder.open_ledger() as ledger:
        desk = Desk(rules, folder.row_ids(rules), ledger)
        desk.receive(data, team=team, now=WEDNESDAY, judge=Marker(judge_of(folder)).on_arrival)


def in_force(folder: Folder) -> dict[int | None, Grade]:
    with folder.open_ledger() as ledger, ledger.reading() as view:
        chain.verify(view)
        return {entry.submission: Grade.from_json(entry.body) for entry in view.entries("graded")}


def publics(grades: Sequence[Grade]) -> list[float | None]:
    return [grade.public for grade in grades]


def corrected(tmp_path: Path) -> Path:
    path = tmp_path / "corrected.csv"
    path.write_text(CORRECTED)
    return path


def test_a_corrected_label_moves_teams(folder: Folder, run: Run, tmp_path: Path) -> None:
    """`solution replace` shows who moves, puts the new grades in force, and keeps old grades, digest and file."""
    old = (folder.grader / "solution.csv").read_bytes()
    before = in_force(folder)
    code, out, err = run("solution", "replace", corrected(tmp_path), "--because", "row 3", "-C", folder.root)

    assert (code, err) == (0, "")
    assert out == (
        "       rank         public score  team\n"
        "      2 → 1      0.6667 → 1.0000  Bob\n"
        "      1 → 2      1.0000 → 0.6667  Ada\n"
        "      3 → 3      0.0000 → 0.3333  Cleo\n"
        "3 teams move on the public board\n"
        "3 submissions graded again, 3 with another grade, 0 with another private score\n"
        "in force: 3 new grades; podium publish writes the board\n"
    )
    after = in_force(folder)
    assert publics(list(after.values())) == [2 / 3, 1, 1 / 3]
    assert (folder.grader / "solution.csv").read_text() == CORRECTED
    digest = hashlib.sha256(old).hexdigest()
    assert (folder.grader / f"solution-{digest[:12]}.csv").read_bytes() == old
    with folder.open_ledger() as ledger, ledger.reading() as view:
        assert len(list(view.entries("graded"))) == 6
        [entry] = view.entries("regraded")
    assert entry.body["because"] == "row 3"
    assert [one["solution"] for one in entry.body["from"]] == [digest] == [before[1].solution]
    assert [one["solution"] for one in entry.body["to"]] == [hashlib.sha256(CORRECTED.encode()).hexdigest()]


def test_a_dry_run_records_nothing(folder: Folder, run: Run, tmp_path: Path) -> None:
    """`--dry-run` shows the same moves and leaves ledger and solution as they were."""
    before = in_force(folder), (folder.grader / "solution.csv").read_bytes()
    code, out, _ = run("solution", "replace", corrected(tmp_path), "--dry-run", "-C", folder.root)

    assert code == 0
    assert "      2 → 1      0.6667 → 1.0000  Bob\n" in out
    assert out.endswith("to put it in force: the same with --because TEXT instead of --dry-run\n")
    assert (in_force(folder), (folder.grader / "solution.csv").read_bytes()) == before


def test_a_reason_is_asked_for(folder: Folder, run: Run) -> None:
    """Without --because nothing is graded again."""
    code, _, err = run("regrade", "-C", folder.root)

    assert code == 2
    assert "--because TEXT is needed: the reason goes into the ledger; or --dry-run, to look first" in err


def test_nothing_is_recorded_where_nothing_changes(folder: Folder, run: Run) -> None:
    """A regrade by the same solution and metric adds no entry."""
    before = in_force(folder)
    out = run("regrade", "--because", "to be sure", "-C", folder.root)[1]

    assert out == "3 submissions graded again: every grade is as it was, and nothing was recorded\n"
    assert in_force(folder) == before
    with folder.open_ledger() as ledger, ledger.reading() as view:
        assert view.last("regraded") is None


def test_ignored_rows_do_not_count(folder: Folder, run: Run, tmp_path: Path) -> None:
    """A row whose Usage becomes Ignored is scored for nobody."""
    path = tmp_path / "ignored.csv"
    path.write_text(CORRECTED.replace("3,1,Public", "3,1,Ignored").replace("6,8,Private", "6,8,Ignored"))
    run("solution", "replace", path, "--because", "two rows are blurred", "-C", folder.root)

    assert publics(list(in_force(folder).values())) == [1, 1, 0]


def test_a_bad_solution_changes_nothing(folder: Folder, run: Run, tmp_path: Path) -> None:
    """A file that is no solution of this competition is told with its line, and no label."""
    path = tmp_path / "bad.csv"
    path.write_text(CORRECTED.replace("5,8", "5,cat"))
    before = in_force(folder)
    code, _, err = run("solution", "replace", path, "--because", "row 5", "-C", folder.root)

    assert (code, err) == (
        3,
        f"podium: {path} line 5: the label is not one of the competition's labels\n".replace("5:", "6:"),
    )
    assert in_force(folder) == before


def test_another_metric_regrades(folder: Folder, run: Run) -> None:
    """After the rules name another metric, a regrade gives every submission its score by that."""
    folder.rules.write_text(RULES.replace('metric = "accuracy"', 'metric = "f1_macro"'))
    code, out, _ = run("regrade", "--because", "rare labels count", "-C", folder.root)

    assert code == 0
    assert "2 → 2      0.6667 → 0.4000  Bob\n" in out
    assert {grade.metric for grade in in_force(folder).values()} == {"f1_macro"}


def test_until_the_regrade_the_desk_grades_nothing_new(folder: Folder, run: Run, tmp_path: Path) -> None:
    """A solution that was edited by hand is noticed: what arrives is received, and no board mixes two solutions."""
    (folder.grader / "solution.csv").write_text(CORRECTED)
    path = tmp_path / "dora.csv"
    path.write_bytes(SENT["Ada"])
    code, out, err = run("submit", path, "--team", "Dora", "-C", folder.root)

    assert (code, "waits for its grade" in out, "podium regrade --because TEXT" in err) == (3, True, True)
    assert sorted(in_force(folder)) == [1, 2, 3]
    run("regrade", "--because", "row 3", "-C", folder.root)
    assert publics(list(in_force(folder).values())) == [2 / 3, 1, 1 / 3, 2 / 3]


def test_an_interrupted_regrade_leaves_the_old_grades(folder: Folder, tmp_path: Path) -> None:
    """If anything fails before the commit, neither grades nor solution have changed."""
    rules = folder.competition()
    rows = folder.row_ids(rules)
    old = (folder.grader / "solution.csv").read_bytes()
    before = in_force(folder)
    data = CORRECTED.encode()
    judge = judge_by(folder.grader, rules, rows, solution.parse(tmp_path, data, rules, rows))

    def put_and_fail() -> None:
        put()
        raise KeyboardInterrupt

    with (
        folder.open_ledger() as ledger,
        pytest.raises(KeyboardInterrupt),
        solution.replacing(folder.grader, data) as put,
    ):
        made = regrade.plan(ledger, folder.ledger, judge)
        regrade.record(ledger, judge, made, because="row 3", now=WEDNESDAY, last=put_and_fail)

    assert in_force(folder) == before
    assert (folder.grader / "solution.csv").read_bytes() == old


def test_what_comes_meanwhile_is_graded_too(folder: Folder) -> None:
    """A submission that arrives between the grading and its recording gets its grade by the new solution."""
    (folder.grader / "solution.csv").write_text(CORRECTED)
    judge = judge_of(folder)
    with folder.open_ledger() as ledger:
        made = regrade.plan(ledger, folder.ledger, judge)
    send(folder, file(7, 7, 1, 8, 8, 8), "Dora")
    with folder.open_ledger() as ledger:
        regrade.record(ledger, judge, made, because="row 3", now=WEDNESDAY)
        with ledger.reading() as view:
            refuse_stale(view, judge)
            assert not list(view.ungraded())

    assert publics(list(in_force(folder).values())) == [2 / 3, 1, 1 / 3, 1]


def test_options_of_scoring_are_part_of_what_was_graded_by(folder: Folder) -> None:
    """Another k, or another live policy, gives other grades: the desk asks for a regrade."""
    judge = judge_of(folder)
    with folder.open_ledger() as ledger, ledger.reading() as view:
        refuse_stale(view, judge)
        for change in ({"k": 3}, {"live": "rounded"}):
            rules = replace(judge.competition, **change)
            with pytest.raises(StaleGrades):
                refuse_stale(view, judge_by(folder.grader, rules, judge.row_ids, judge.solution))


def test_the_new_board_is_published(folder: Folder, run: Run, clock: Clock, tmp_path: Path) -> None:
    """After a regrade `publish` writes the new ranks."""
    run("publish", "-C", folder.root)
    clock.now = WEDNESDAY
    run("solution", "replace", corrected(tmp_path), "--because", "row 3", "-C", folder.root)
    run("publish", "-C", folder.root)

    assert (folder.leaderboard / "leaderboard.csv").read_text().splitlines()[1].startswith("1,false,Bob,")


def test_files_of_a_lost_matrix_are_read_again(folder: Folder) -> None:
    """The matrix of predictions is a copy: without it the files give the same grades."""
    judge = judge_of(folder)
    with folder.open_ledger() as ledger:
        held = regrade.plan(ledger, folder.ledger, judge)
        work = replay.Work(judge, None, folder.ledger, is_held=False)
        with ledger.reading() as view:
            read = dict(work(regrade._by_team(view)))

    assert read == held.after


def test_a_cluster_grades_the_same(folder: Folder) -> None:
    """On a Dask cluster of two workers, which read the ledger themselves, every grade is the same."""
    distributed = pytest.importorskip("distributed")
    judge = judge_of(folder)
    with folder.open_ledger() as ledger:
        here = regrade.plan(ledger, folder.ledger, judge)
        with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
            there = regrade.plan(ledger, folder.ledger, judge, cluster=cluster.scheduler_address)

    assert there == here


def test_a_watching_desk_follows(folder: Folder, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """`run --watch` goes on by the new solution once everything was graded by it, and need not be started again."""

    def corrects() -> None:
        (folder.grader / "solution.csv").write_text(CORRECTED)
        judge = judge_of(folder)
        with folder.open_ledger() as ledger:
            made = regrade.plan(ledger, folder.ledger, judge)
            regrade.record(ledger, judge, made, because="row 3", now=WEDNESDAY)

    def sends() -> None:
        (folder.inbox / "Dora").mkdir()
        (folder.inbox / "Dora" / "submission.csv").write_bytes(SENT["Ada"])

    def ends() -> None:
        raise KeyboardInterrupt

    folder.inbox.mkdir()
    looks = iter([corrects, sends, ends])
    monkeypatch.setattr("commands.watching.time.sleep", lambda _seconds: next(looks)())
    code, out, err = run("run", "--watch", "-C", folder.root)

    assert (code, err) == (0, "")
    assert out.count("the solution or the metric was edited, and holds from now on\n") == 1
    assert in_force(folder)[4].public == 2 / 3


def test_a_metric_that_fails_takes_no_score_away(tmp_path: Path, run: Run) -> None:
    """Where the grader fails on what has a score, nothing is recorded, and why is told."""
    rules = RULES.replace('metric = "accuracy"', 'metric = "grader/metric.py"\nhigher_is_better = true')
    made = make_folder(tmp_path / "own", rules, TRUTH, public=3)
    metric = made.grader / "metric.py"
    head = "def score(solution, submission, row_id_column_name):\n"
    metric.write_text(f"{head}    return float((solution.label == submission.label).mean())\n")
    (tmp_path / "ada.csv").write_bytes(SENT["Ada"])
    run("submit", tmp_path / "ada.csv", "--team", "Ada", "-C", made.root)
    before = in_force(made)
    metric.write_text(f"{head}    raise ValueError('typo')\n")
    code, _, err = run("regrade", "--because", "another metric", "-C", made.root)

    assert (code, in_force(made)) == (3, before)
    assert err.startswith("podium: submission 1 has a score, and now the grader fails on it: MetricFailed: metric.py")
    assert err.endswith("; nothing was recorded: mend the metric, and run it again\n")


def test_after_the_reveal_the_final_moves_are_shown(folder: Folder, run: Run, clock: Clock, tmp_path: Path) -> None:
    """A corrected private label moves teams on the final board, and that is shown as well."""
    clock.now = folder.competition().deadline + timedelta(hours=1)
    run("reveal", "-C", folder.root)
    path = tmp_path / "private.csv"
    path.write_text((folder.grader / "solution.csv").read_text().replace("6,8,Private", "6,0,Private"))
    out = run("solution", "replace", path, "--because", "row 6", "-C", folder.root)[1]

    assert "0 teams move on the public board\n" in out
    assert "      2 → 1      0.6667 → 1.0000  Bob\n" in out
    assert "3 teams move on the private board\n" in out
    assert "3 with another private score\n" in out
