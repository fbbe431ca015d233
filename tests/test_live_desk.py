"""Rules of grader/release.py and grader/marking.py: what a desk tells of a score under each live policy."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from conftest import CASES, WEDNESDAY, Clock, Run, make_folder
from grader import regrade
from grader.grades import Grade
from grader.judging import open_judge
from grader.marking import Marker
from grader.queue import grade_waiting
from grader.release import NoReference
from leaderboard.standings import Board, gather
from submissions.folder import Folder
from submissions.intake import Desk

ROWS, PUBLIC = 800, 400
TRUTH = np.arange(ROWS) % 2
RULES = (CASES / "competition.toml").read_text().replace("max_bytes = 1000", "").replace("daily_limit = 5", "")
WAITS = (
    "podium: [scoring] live = 'ladder' takes the public score of a baseline, and there is none; podium submit FILE "
    "--baseline takes one in; where teams have scores already, then podium regrade\n"
)


def file(right: int, *, first: int = 0) -> bytes:
    """Predictions of which so many public rows are right, from this one on; the private rows are all right."""
    is_right = np.ones(ROWS, bool)
    is_right[:PUBLIC] = np.roll(np.arange(PUBLIC) < right, first)
    labels = np.where(is_right, TRUTH, 1 - TRUTH)
    return b"id,label\n" + b"".join(b"%d,%d\n" % (row, label) for row, label in enumerate(labels, start=1))


def competition_with(live: str, root: Path) -> Folder:
    return make_folder(root / live, f'{RULES}live = "{live}"\n', list(TRUTH), public=PUBLIC)


class Room:
    """A desk with a marker, over a folder."""

    def __init__(self, folder: Folder) -> None:
        self.folder, self.rules = folder, folder.competition()
        self.row_ids = folder.row_ids(self.rules)
        self.judge = open_judge(folder.grader, self.rules, self.row_ids)
        self.marker = Marker(self.judge)

    def send(self, data: bytes, team: str = "Ada", *, is_baseline: bool = False) -> Grade | None:
        with self.folder.open_ledger() as ledger:
            desk = Desk(self.rules, self.row_ids, ledger)
            receipt = desk.receive(
                data, team=team, now=WEDNESDAY, is_baseline=is_baseline, judge=self.marker.on_arrival
            )
            with ledger.reading() as view:
                grades = list(view.entries("graded", submission=receipt.submission))
        return Grade.from_json(grades[-1].body) if grades else None

    def told(self, files: Sequence[bytes], team: str = "Ada") -> list[float | str | None]:
        """What the team is told of each: a score, or why there is none."""
        grades = [self.send(data, team) for data in files]
        return [grade and (grade.reason or grade.shown) for grade in grades]

    def board(self) -> Board:
        with self.folder.open_ledger() as ledger, ledger.reading() as view:
            return gather(self.rules, list(view.entries()), WEDNESDAY, "public")


@pytest.fixture
def room(tmp_path: Path, request: pytest.FixtureRequest) -> Room:
    """A desk under the policy of the parameter, with a baseline of 0.6."""
    made = Room(competition_with(request.param, tmp_path))
    made.send(file(240), "Start", is_baseline=True)
    return made


@pytest.mark.parametrize("room", ["exact"], indirect=True)
def test_exact_shows_the_public_score(room: Room) -> None:
    """Under `exact` the public score is shown in full, with its Wilson interval."""
    grade = room.send(file(324))

    assert grade is not None
    assert (grade.public, grade.shown, grade.reason) == (0.81, 0.81, "")
    assert grade.interval == pytest.approx((0.7687, 0.8455), abs=1e-4)


@pytest.mark.parametrize("room", ["rounded"], indirect=True)
def test_rounded_shows_steps(room: Room) -> None:
    """Under `rounded` scores are shown in steps of about half a standard error; equal ones share the interval."""
    first, second = room.send(file(319)), room.send(file(321, first=50))

    assert first is not None and second is not None
    assert (first.public, second.public) == (0.7975, 0.8025)
    assert first.shown == second.shown == 0.8
    assert first.interval == second.interval


@pytest.mark.parametrize("room", ["ladder"], indirect=True)
def test_the_ladder_tells_only_what_is_signal(room: Room) -> None:
    """A team starts at the baseline, moves where the paired difference is no noise, and is told nothing else."""
    files = [file(245, first=200), file(330), file(333), file(395)]

    assert room.told(files) == [
        "not distinguishable from the baseline, where every team starts",
        0.82,
        "not distinguishable from your best",
        0.99,
    ]
    assert [(row.team, row.score) for row in room.board().rows] == [("Ada", 0.99), ("Start", 0.6)]


@pytest.mark.parametrize("room", ["ladder"], indirect=True)
def test_who_never_moved_stands_at_the_start(room: Room) -> None:
    """On the ladder a team without a move has the baseline's score as it is released, and shares its rank."""
    room.told([file(241)], "Ada")
    room.told([file(200)], "Bob")

    assert [(row.team, row.rank, row.score) for row in room.board().rows if row.is_team] == [
        ("Ada", 1, 0.6),
        ("Bob", 1, 0.6),
    ]


@pytest.mark.parametrize("room", ["ladder"], indirect=True)
def test_no_team_depends_on_another(room: Room) -> None:
    """Two teams that send the same files are told the same, whatever came between."""
    files = [file(330), file(320), file(395)]
    first = room.told(files, "Ada")
    room.send(file(399), "Bob")

    assert room.told(files, "Cleo") == first


@pytest.mark.parametrize("room", ["ladder"], indirect=True)
def test_a_later_baseline_changes_nothing(room: Room) -> None:
    """The start is the best of the baselines graded before the first team: it stays where it is."""
    before = room.told([file(250)], "Ada")
    room.send(file(390), "Later", is_baseline=True)

    assert Room(room.folder).told([file(250)], "Bob") == before
    assert Room(room.folder).told([file(330)], "Cleo") == [0.82]


@pytest.mark.parametrize("live", ["rounded", "ladder"])
def test_without_a_baseline_a_submission_waits(live: str, tmp_path: Path) -> None:
    """A policy that takes a baseline grades no team before there is one; what was received is graded then."""
    room = Room(competition_with(live, tmp_path))
    assert room.send(file(330)) is None

    with room.folder.open_ledger() as ledger:
        with pytest.raises(NoReference, match="takes the public score of a baseline, and there is none"):
            list(grade_waiting(ledger, room.marker, lambda: WEDNESDAY))
        room.send(file(240), "Start", is_baseline=True)
        [(entry, grade)] = grade_waiting(ledger, room.marker, lambda: WEDNESDAY)

    assert (entry.team, grade.shown) == ("Ada", 0.82)


@pytest.mark.parametrize("room", ["exact", "rounded", "ladder"], indirect=True)
def test_a_regrade_tells_the_same(room: Room) -> None:
    """Graded again by the same solution, every submission is told what it was told."""
    for team in ("Ada", "Bob"):
        room.told([file(330), file(320, first=9), file(333), file(395)], team)
    with room.folder.open_ledger() as ledger:
        made = regrade.plan(ledger, room.folder.ledger, room.judge)

    assert len(made.after) == 9
    assert not made.is_needed


@pytest.mark.parametrize("room", ["ladder"], indirect=True)
def test_no_command_tells_more(room: Room, run: Run, clock: Clock, tmp_path: Path) -> None:
    """Neither the receipt nor any public file holds a public score of which the ladder shows less."""
    clock.now = WEDNESDAY
    path = tmp_path / "submission.csv"
    printed = []
    for data in (file(329), file(331)):
        path.write_bytes(data)
        code, out, err = run("submit", path, "--team", "Ada", "-C", room.folder.root)
        assert (code, err) == (0, "")
        printed.append(out)
    assert run("publish", "-C", room.folder.root)[0] == 0
    outputs = [*printed, *(path.read_text() for path in room.folder.leaderboard.rglob("*.*"))]

    assert "score       0.8200 accuracy on the public rows\n" in printed[0]
    assert "score       not distinguishable from your best\n" in printed[1]
    assert not [text for text in outputs if "0.8225" in text or "0.8275" in text]


def test_the_desk_says_what_it_waits_for(run: Run, clock: Clock, tmp_path: Path) -> None:
    """Where no baseline is there, the receipt is given, and the organiser is told what to do."""
    clock.now = WEDNESDAY
    root = competition_with("ladder", tmp_path).root
    (tmp_path / "submission.csv").write_bytes(file(330))
    code, out, err = run("submit", tmp_path / "submission.csv", "--team", "Ada", "-C", root)

    assert (code, err) == (3, WAITS)
    assert "score       waits for its grade; the organiser must see to the grader\n" in out
    assert "takes the public score of a baseline, and there is none" in run("status", "-C", root)[1]


def test_a_policy_can_be_begun_later(run: Run, tmp_path: Path) -> None:
    """After the rules turn to the ladder, a regrade takes the best baseline there is, and tells every team anew."""
    room = Room(competition_with("exact", tmp_path))
    assert room.told([file(330)]) == [0.825]
    room.folder.rules.write_text(room.folder.rules.read_text().replace('live = "exact"', 'live = "ladder"'))
    code, _, err = run("regrade", "--because", "too many accounts", "-C", room.folder.root)
    assert (code, "takes the public score of a baseline, and there is none" in err) == (3, True)

    room.folder.rules.write_text(room.folder.rules.read_text().replace('live = "ladder"', 'live = "exact"'))
    room.send(file(240), "Start", is_baseline=True)
    room.folder.rules.write_text(room.folder.rules.read_text().replace('live = "exact"', 'live = "ladder"'))
    assert run("regrade", "--because", "too many accounts", "-C", room.folder.root)[0] == 0
    later = Room(room.folder)

    assert {row.team: row.score for row in later.board().rows} == {"Ada": 0.82, "Start": 0.6}
    assert later.told([file(333), file(395)]) == ["not distinguishable from your best", 0.99]


def test_what_waits_keeps_nothing_from_being_published(run: Run, clock: Clock, tmp_path: Path) -> None:
    """`run` receives, publishes, and then says what keeps it from grading."""
    clock.now = WEDNESDAY
    folder = competition_with("ladder", tmp_path)
    (folder.inbox / "Ada").mkdir(parents=True)
    (folder.inbox / "Ada" / "submission.csv").write_bytes(file(330))
    code, out, err = run("run", "-C", folder.root)

    assert (code, err) == (3, WAITS)
    assert "received as submission 1" in out
    assert "Ada" in (folder.leaderboard / "index.html").read_text()
