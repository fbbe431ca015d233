"""Standings: who stands where, and why."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import metrics
from grader.grades import Grade
from grader.metric import Metric
from leaderboard.standings import Board, BoardName, Standing, gather
from submissions.checks import Quoted
from submissions.competition import Competition
from submissions.decided import Selection
from submissions.receipts import Receipt
from submissions.record.entries import BEFORE_THE_FIRST, Entry
from submissions.rules import InvalidCompetition

START = datetime(2026, 11, 22, tzinfo=UTC)
COMPETITION = Competition(
    slug="fashion-mnist",
    title="Fashion-MNIST: what is in the picture?",
    host="Machine Learning Month",
    opens=START,
    deadline=datetime(2026, 12, 7, 23, 59, 59, tzinfo=timezone(-timedelta(hours=12))),
    grace_seconds=0,
    late="unranked",
    id_column="id",
    columns=("label",),
    kind="label",
    labels=("0", "1"),
    max_bytes=10_000_000,
    daily_limit=0,
    final_selections=2,
    metric="accuracy",
    public_share=0.3,
)
CLOSED = datetime(2026, 12, 9, tzinfo=UTC)


@dataclass
class Book:
    """Ledger entries as the desk and the grader write them; each submission arrives an hour after the one before."""

    competition: Competition = COMPETITION
    entries: list[Entry] = field(default_factory=list)

    @property
    def next_at(self) -> datetime:
        return START + timedelta(hours=len(self.entries) + 1)

    def add(
        self,
        kind: str,
        body: dict[str, Any],
        at: datetime,
        team: str | None = None,
        submission: int | None = None,
        file: str | None = None,
    ) -> int:
        seq = len(self.entries) + 1
        entry = Entry(
            seq=seq,
            kind=kind,
            at=at,
            team=team,
            submission=submission or seq,
            file=file,
            body=body,
            previous=self.entries[-1].digest if self.entries else BEFORE_THE_FIRST,
            digest=hashlib.sha256(f"{seq} {kind} {team}".encode()).hexdigest(),
        )
        self.entries.append(entry)
        return seq

    def receive(self, team: str, at: datetime | None = None, *, is_baseline: bool = False) -> int:
        at = at or self.next_at
        in_time = self.competition.is_open(at)
        receipt = Receipt(0, team, "d" * 64, 9, at, in_time, None, "submit", is_baseline=is_baseline)
        return self.add("received", receipt.to_json(), at, team, file=receipt.digest)

    def grade(self, submission: int, public: float | None, private: float | None = None, **facts: Any) -> int:
        received = self.entries[submission - 1]
        verdict = facts.get("verdict", "graded" if public is not None else "grader_error")
        metric = facts.get("metric", self.competition.metric)
        grade = Grade(
            verdict,
            metric,
            "s" * 64,
            public=public,
            private=public if private is None else private,
            shown=facts.get("shown", public),
        )
        return self.add("graded", grade.to_json(), received.at, received.team, submission)

    def submit(
        self,
        team: str,
        public: float | None,
        private: float | None = None,
        at: datetime | None = None,
        *,
        is_baseline: bool = False,
    ) -> int:
        return self.grade(self.receive(team, at, is_baseline=is_baseline), public, private)

    def decide(self, kind: str, team: str, submission: int | None = None, **body: Any) -> int:
        return self.add(kind, body, self.next_at, team, submission)

    def select(self, team: str, *submissions: int) -> int:
        body = Selection(submissions, self.next_at).to_json()
        return self.decide("selected", team, None, **body)

    def score(self, team: str, public: float, private: float, shown: float | None = None, **facts: Any) -> int:
        """The number of one more submission with these scores."""
        number = self.receive(team, **facts)
        self.grade(number, public, private, shown=public if shown is None else shown)
        return number

    def reveal(self, at: datetime = CLOSED) -> int:
        return self.add("revealed", {}, at)

    def board(self, board: BoardName = "public", as_of: datetime = CLOSED) -> Board:
        return gather(self.competition, self.entries, as_of, board)


def ranks(board: Board) -> list[tuple[str, int | None]]:
    return [(row.team, row.rank) for row in board.rows]


def row(board: Board, team: str) -> Standing:
    return next(row for row in board.rows if row.team == team)


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
def lower(monkeypatch: pytest.MonkeyPatch) -> Book:
    """A competition whose metric is an error: 0 is the best."""
    metric = Metric("error", "Error", "label", higher_is_better=False, range=(0, 1), whole=lambda *_: 0.0)
    monkeypatch.setitem(metrics.METRICS, "error", metric)
    return Book(replace(COMPETITION, metric="error"))


def test_whole_board(book: Book) -> None:
    """A board says of each team what counts and since when, and of itself what it has seen."""
    book.submit("ada", 0.8)
    book.submit("ada", 0.9)

    assert book.board() == Board(
        competition=COMPETITION,
        board="public",
        as_of=CLOSED,
        phase="closed",
        is_revealed=False,
        metric=metrics.find("accuracy"),
        rows=(
            Standing(
                team="ada",
                team_id="t-" + hashlib.sha256(b"ada").hexdigest()[:12],
                rank=1,
                is_tied=False,
                score=0.9,
                submissions=2,
                last_at=START + timedelta(hours=3),
                counted_at=START + timedelta(hours=3),
                state="ranked",
                submission=3,
            ),
        ),
        teams=1,
        submissions=2,
        head=book.entries[-1].digest,
    )


def test_empty_board(book: Book) -> None:
    """Before anything is recorded there is a board without rows and without a head."""
    board = book.board(as_of=START - timedelta(days=1))

    assert (board.rows, board.teams, board.submissions, board.head, board.phase) == ((), 0, 0, "", "upcoming")


def test_best_submission_counts(book: Book) -> None:
    """The best public score counts, not the last; a worse one moves only the last arrival."""
    book.submit("ada", 0.9)
    book.submit("ada", 0.7)

    ada = row(book.board(), "ada")

    assert (ada.score, ada.counted_at, ada.last_at) == (0.9, START + timedelta(hours=1), START + timedelta(hours=3))


def test_standard_competition_ranks(book: Book) -> None:
    """Ranks are 1, 2, 2, 4; equal scores share a rank, and among them the earlier arrival stands first."""
    book.submit("last", 0.5)
    book.submit("second", 0.8)
    book.submit("as good", 0.8)
    book.submit("first", 0.9)

    board = book.board()

    assert ranks(board) == [("first", 1), ("second", 2), ("as good", 2), ("last", 4)]
    assert [row.is_tied for row in board.rows] == [False, True, True, False]


def test_tie_goes_by_arrival_of_what_counts(book: Book) -> None:
    """Among equal scores the arrival of the submission that counts decides, not the last or the first one."""
    book.submit("slow", 0.1)
    book.submit("quick", 0.8)
    book.submit("slow", 0.8)
    book.submit("quick", 0.8)

    assert ranks(book.board()) == [("quick", 1), ("slow", 1)]


def test_tie_in_one_moment_goes_by_ledger(book: Book) -> None:
    """Equal scores that arrived in the same moment stand in the order of the ledger."""
    for team in ("b", "a", "c"):
        book.submit(team, 0.8, at=START)

    assert ranks(book.board()) == [("b", 1), ("a", 1), ("c", 1)]


def test_full_precision(book: Book) -> None:
    """Scores are ranked at full precision: the least difference is no tie."""
    book.submit("ada", 0.1 + 0.2)
    book.submit("bob", 0.3)

    assert ranks(book.board()) == [("ada", 1), ("bob", 2)]


def test_zero_is_a_score(book: Book) -> None:
    """0.0 is a score and is ranked."""
    book.submit("ada", 0.0)

    assert (row(book.board(), "ada").score, row(book.board(), "ada").rank) == (0.0, 1)


@pytest.mark.parametrize(
    "grade",
    [
        {"public": None},
        {"public": None, "verdict": "refused"},
        {"public": float("nan")},
        {"public": 0.9, "private": float("nan")},
        {"public": float("inf")},
        {"public": 0.9, "metric": "f1_macro"},
    ],
    ids=["grader_error", "refused", "nan", "private nan", "infinite", "another metric"],
)
def test_no_score_no_rank(book: Book, grade: dict[str, Any]) -> None:
    """Without a finite score of this competition's metric there is no rank; the team stands last and is not dropped."""
    book.grade(book.receive("unlucky"), **grade)
    book.submit("ada", 0.0)

    board = book.board()

    assert ranks(board) == [("ada", 1), ("unlucky", None)]
    assert (board.rows[1].state, board.rows[1].score, board.rows[1].counted_at) == ("unscored", None, None)


def test_not_yet_graded(book: Book) -> None:
    """A submission that waits for its grade is counted, and its team is shown."""
    book.receive("ada")

    assert (row(book.board(), "ada").state, book.board().submissions) == ("unscored", 1)


def test_no_score_never_wins_where_lower_is_better(lower: Book) -> None:
    """Where lower is better, the lowest score is first, 0.0 is the best, and no score is still the last."""
    lower.receive("unlucky")
    lower.submit("worse", 0.5)
    lower.submit("better", 0.2)
    lower.submit("better", 0.9)
    lower.submit("perfect", 0.0)

    assert ranks(lower.board()) == [("perfect", 1), ("better", 2), ("worse", 3), ("unlucky", None)]


def test_private_selection_where_lower_is_better(lower: Book) -> None:
    """Where lower is better, the lowest public scores are the best ones for the private board too."""
    lower.submit("ada", 0.1, 0.3)
    lower.submit("ada", 0.2, 0.2)
    lower.submit("ada", 0.9, 0.0)

    assert row(lower.board("private"), "ada").score == 0.2


def test_last_grade_counts(book: Book) -> None:
    """The last grade of a submission counts; a grader's error after a score takes the score away."""
    first, second = book.receive("ada"), book.receive("bob")
    book.grade(first, 0.9)
    book.grade(second, 0.8)
    book.grade(first, 0.7)
    assert ranks(book.board()) == [("bob", 1), ("ada", 2)]

    book.grade(second, None)
    assert ranks(book.board()) == [("ada", 1), ("bob", None)]


def test_baselines_stand_without_rank(book: Book) -> None:
    """A baseline stands where its score puts it, has no rank, pushes nobody, and is counted nowhere."""
    book.submit("random forest", 0.8, is_baseline=True)
    book.submit("ada", 0.9)
    book.submit("bob", 0.8)
    book.submit("cyd", 0.7)

    board = book.board()

    assert ranks(board) == [("ada", 1), ("bob", 2), ("random forest", None), ("cyd", 3)]
    assert (board.rows[2].state, board.teams, board.submissions) == ("baseline", 3, 3)


def test_baseline_is_never_late(book: Book) -> None:
    """A baseline made after the deadline, or before the opening, is a baseline all the same."""
    book.submit("late", 0.8, at=CLOSED, is_baseline=True)
    book.submit("early", 0.7, at=START - timedelta(days=1), is_baseline=True)

    assert [(row.team, row.state) for row in book.board().rows] == [("late", "baseline"), ("early", "baseline")]


def test_late_team_is_outside_the_ranking(book: Book) -> None:
    """A team scored only after the deadline is shown with its score, after ranked and baseline rows, without a rank."""
    book.receive("unlucky")
    book.submit("tardy", 1.0, at=COMPETITION.deadline + timedelta(seconds=1))
    book.submit("in time", 0.2, at=COMPETITION.deadline)
    book.submit("majority", 0.1, is_baseline=True)

    board = book.board()

    assert [(row.team, row.rank, row.score, row.state) for row in board.rows] == [
        ("in time", 1, 0.2, "ranked"),
        ("majority", None, 0.1, "baseline"),
        ("tardy", None, 1.0, "late"),
        ("unlucky", None, None, "unscored"),
    ]


def test_late_submission_changes_no_rank(book: Book) -> None:
    """A ranked team's late submission counts for nothing, on either board."""
    book.submit("ada", 0.5, 0.4)
    book.submit("bob", 0.6, 0.5)
    book.submit("ada", 0.9, 0.9, at=COMPETITION.deadline + timedelta(seconds=1))

    assert ranks(book.board()) == ranks(book.board("private")) == [("bob", 1), ("ada", 2)]


def test_receipt_says_what_is_in_time(book: Book) -> None:
    """In time is what the receipt says: a deadline that is edited later makes no submission late."""
    book.submit("ada", 0.5, at=START + timedelta(days=2))
    book.competition = replace(COMPETITION, deadline=START + timedelta(days=1))

    assert row(book.board(), "ada").state == "ranked"


def test_private_board_takes_the_best_public_ones(book: Book) -> None:
    """The private score of a team is the best among its final_selections best public submissions."""
    book.submit("ada", 0.9, 0.5)
    book.submit("ada", 0.8, 0.6)
    book.submit("ada", 0.7, 0.9)

    ada = row(book.board("private"), "ada")

    assert (ada.score, ada.counted_at) == (0.6, START + timedelta(hours=3))


def test_private_board_takes_the_earlier_of_equals(book: Book) -> None:
    """Of submissions with the same public score the earlier ones are taken."""
    for private in (0.1, 0.2, 0.9):
        book.submit("ada", 0.8, private)

    assert row(book.board("private"), "ada").score == 0.2


def test_private_board_takes_what_the_team_selected(book: Book) -> None:
    """A selection overrides the best public ones, whatever it costs the team; the public board does not know of it."""
    book.score("ada", 0.9, 0.9)
    second, third = book.score("ada", 0.5, 0.3), book.score("ada", 0.4, 0.4)
    book.select("ada", second, third)

    assert (row(book.board("private"), "ada").score, row(book.board(), "ada").score) == (0.4, 0.9)


def test_a_selection_of_one_is_a_selection(book: Book) -> None:
    """Who selects fewer than final_selections is not given the best public ones beside."""
    book.score("ada", 0.9, 0.9)
    book.select("ada", book.score("ada", 0.5, 0.3))

    assert row(book.board("private"), "ada").score == 0.3


def test_the_last_selection_of_a_team_counts(book: Book) -> None:
    """A selection replaces the one before, and says nothing of another team."""
    first, second = book.score("ada", 0.9, 0.5), book.score("ada", 0.1, 0.6)
    book.score("bob", 0.9, 0.7)
    book.select("ada", second)
    book.select("ada", first)

    assert [(one.team, one.score) for one in book.board("private").rows] == [("bob", 0.7), ("ada", 0.5)]


def test_what_has_no_score_falls_out_of_a_selection(book: Book) -> None:
    """A selected submission on which the grader fails falls out; if none is left, the team's best ones count."""
    _, second, third = (book.score("ada", public, public) for public in (0.9, 0.5, 0.4))
    book.select("ada", second, third)
    book.grade(second, None)
    assert row(book.board("private"), "ada").score == 0.4

    book.grade(third, None)
    assert row(book.board("private"), "ada").score == 0.9


def test_a_withdrawn_submission_counts_on_no_board(book: Book) -> None:
    """What is withdrawn is no candidate, and still counted among the submissions; restored it is as before."""
    best = book.score("ada", 0.9, 0.8)
    book.score("ada", 0.5, 0.4)
    book.decide("withdrawn", "ada", best, because="so")
    for board, score in (("public", 0.5), ("private", 0.4)):
        ada = row(book.board(board), "ada")
        assert (ada.score, ada.submissions, ada.counted_at) == (score, 2, START + timedelta(hours=3))

    book.decide("restored", "ada", best, because="so")
    assert (row(book.board(), "ada").score, row(book.board("private"), "ada").score) == (0.9, 0.8)


def test_a_withdrawn_selection_is_none(book: Book) -> None:
    """What is withdrawn falls out of a selection; if nothing is left, the best public ones count again."""
    book.score("ada", 0.9, 0.9)
    second, third = book.score("ada", 0.5, 0.5), book.score("ada", 0.4, 0.6)
    book.select("ada", second, third)

    told = []
    for kind, number in (("withdrawn", third), ("withdrawn", second), ("restored", third)):
        book.decide(kind, "ada", number, because="so")
        told.append(row(book.board("private"), "ada").score)
    assert told == [0.5, 0.9, 0.6]


def test_a_team_with_nothing_left_is_not_dropped(book: Book) -> None:
    """A team of which all is withdrawn has no score, or that of a late submission; and it keeps its row."""
    for team in ("ada", "bob"):
        book.decide("withdrawn", team, book.score(team, 0.9, 0.9), because="so")
    book.score("bob", 0.3, 0.3, at=CLOSED)

    assert [(one.team, one.score, one.state) for one in book.board(as_of=CLOSED + timedelta(days=1)).rows] == [
        ("bob", 0.3, "late"),
        ("ada", None, "unscored"),
    ]


def test_a_baseline_can_be_withdrawn(book: Book) -> None:
    """A withdrawn baseline stands without a score, and is still a baseline."""
    number = book.score("Forest", 0.9, 0.9, is_baseline=True)
    book.decide("withdrawn", "Forest", number, because="it was trained on the test rows")

    assert [(one.score, one.state) for one in book.board().rows] == [(None, "baseline")]


@pytest.mark.parametrize("board", ["public", "private"])
def test_a_disqualified_team_stands_below_all_others(book: Book, board: BoardName) -> None:
    """It has no rank, no score and nothing that counts; it is in nobody's way, and never dropped."""
    for team, score in (("ada", 0.9), ("bob", 0.8), ("cyd", 0.8)):
        book.score(team, score, score)
    book.receive("unlucky")
    book.decide("disqualified", "ada", because="so")
    book.decide("disqualified", "bob", because="so")
    last_at = book.entries[0].at

    shown = book.board(board)

    assert [(one.team, one.rank, one.is_tied, one.state) for one in shown.rows] == [
        ("cyd", 1, False, "ranked"),
        ("unlucky", None, False, "unscored"),
        ("ada", None, False, "disqualified"),
        ("bob", None, False, "disqualified"),
    ]
    ada = row(shown, "ada")
    assert (ada.score, ada.submission, ada.counted_at, ada.submissions, ada.last_at) == (None, None, None, 1, last_at)
    assert (shown.teams, shown.submissions) == (4, 4)


def test_a_reinstated_team_stands_where_it_stood(book: Book) -> None:
    """The last word counts, and what a disqualified team sends and selects is kept."""
    book.decide("disqualified", "ada", book.score("ada", 0.2, 0.2), because="so")
    book.select("ada", book.score("ada", 0.5, 0.5))
    book.score("ada", 0.6, 0.9)
    book.decide("reinstated", "ada", because="so")

    assert (row(book.board(), "ada").score, row(book.board("private"), "ada").score) == (0.6, 0.5)


def test_a_decision_is_seen_when_it_is_recorded(book: Book) -> None:
    """A board of an earlier moment knows of no decision that came later."""
    number = book.score("ada", 0.9, 0.9)
    before = book.entries[-1].at
    book.decide("withdrawn", "ada", number, because="so")
    book.decide("disqualified", "ada", because="so")

    assert row(book.board(as_of=before), "ada").state == "ranked"
    assert row(book.board(), "ada").state == "disqualified"


def test_only_what_is_shown_chooses_for_a_team(book: Book) -> None:
    """The public board and the choice for the private one go by the shown score: the whole one would tell a secret."""
    for public, private, shown in ((0.81, 0.1, 0.8), (0.80, 0.2, 0.8), (0.84, 0.9, 0.8), (0.9, 0.3, 0.7)):
        book.score("ada", public, private, shown)

    ada = row(book.board(), "ada")
    assert (ada.score, ada.counted_at) == (0.8, START + timedelta(hours=1))
    assert row(book.board("private"), "ada").score == 0.2


def test_public_board_holds_no_private_score(book: Book) -> None:
    """The public board does not even hold a private score."""
    book.submit("ada", 0.8, 0.123456789)

    assert "0.123456789" not in repr(book.board())


def test_nothing_recorded_later_is_seen(book: Book) -> None:
    """What is recorded after as_of is not seen: no team, no score, no head, no reveal."""
    book.submit("ada", 0.5)
    before = book.entries[-1]
    book.submit("ada", 0.9)
    book.receive("bob")
    book.reveal()

    board = book.board(as_of=before.at)

    assert board == Book(entries=book.entries[:2]).board(as_of=before.at)
    assert (board.head, board.submissions, board.is_revealed) == (before.digest, 1, False)
    assert book.board().is_revealed


def test_vouched_submission_is_seen_when_recorded(book: Book) -> None:
    """A file that arrived earlier than it was recorded is seen from its recording on."""
    arrived, recorded = START + timedelta(hours=1), START + timedelta(hours=9)
    receipt = Receipt(0, "ada", "d" * 64, 9, arrived, True, None, "submit", vouched="sent by e-mail")
    book.add("received", receipt.to_json(), recorded, "ada", file=receipt.digest)

    assert not book.board(as_of=recorded - timedelta(seconds=1)).rows
    assert row(book.board(as_of=recorded), "ada").last_at == arrived


def test_unknown_metric(book: Book) -> None:
    """A metric that is not offered is the organiser's mistake, told by name."""
    book.competition = replace(COMPETITION, metric="acuracy")

    with pytest.raises(InvalidCompetition, match="unknown metric 'acuracy', did you mean 'accuracy'"):
        book.board()


Sent = tuple[str, float | None, float | None, bool]
SCORES = st.sampled_from([0.0, 0.1, 0.1 + 0.2, 0.3, 0.5, 1.0, None])
SUBMISSIONS = st.lists(st.tuples(st.sampled_from("abcdefgh"), SCORES, SCORES, st.booleans()), max_size=30)


def written(submissions: list[Sent], order: Sequence[int] | None = None) -> Book:
    """These submissions, each arriving at its own moment, recorded in this order; teams g and h are baselines."""
    book = Book()
    for place in order or range(len(submissions)):
        team, public, private, is_late = submissions[place]
        at = (CLOSED if is_late else START) + timedelta(minutes=place)
        book.submit(team, public, None if public is None else private, at, is_baseline=team in "gh")
    return book


@pytest.mark.parametrize("board", ["public", "private"])
@given(data=st.data(), submissions=SUBMISSIONS)
def test_order_of_recording_is_nothing(board: BoardName, data: st.DataObject, submissions: list[Sent]) -> None:
    """The order in which unrelated teams are recorded changes no standing: only arrival does."""
    order = data.draw(st.permutations(range(len(submissions))))
    late = CLOSED + timedelta(days=1)

    def unnumbered(book: Book) -> list[Standing]:
        return [replace(row, submission=None) for row in book.board(board, late).rows]

    assert unnumbered(written(submissions)) == unnumbered(written(submissions, order))


@pytest.mark.parametrize("board", ["public", "private"])
@given(submissions=SUBMISSIONS)
def test_nobody_is_lost(board: BoardName, submissions: list[Sent]) -> None:
    """Every team that sent anything has exactly one row, with all its submissions."""
    rows = written(submissions).board(board, CLOSED + timedelta(days=1)).rows

    sent = [team for team, *_ in submissions]
    assert {row.team: row.submissions for row in rows} == {team: sent.count(team) for team in sent}
    assert len(rows) == len(set(sent))


@pytest.mark.parametrize("board", ["public", "private"])
@given(submissions=SUBMISSIONS)
def test_ranks_are_one_more_than_the_better(board: BoardName, submissions: list[Sent]) -> None:
    """A rank is one more than the number of ranked teams with a better score, and never decreases down the table."""
    rows = written(submissions).board(board, CLOSED + timedelta(days=1)).rows
    ranked = [row for row in rows if row.state == "ranked"]

    assert [row.rank for row in ranked] == [1 + sum(other.score > row.score for other in ranked) for row in ranked]
    assert [row.rank for row in ranked] == sorted(row.rank for row in ranked)
    assert [row.is_tied for row in ranked] == [sum(o.score == row.score for o in ranked) > 1 for row in ranked]
    assert all(row.rank is None for row in rows if row.state != "ranked")


@given(submissions=SUBMISSIONS, team=st.sampled_from("abcdef"))
def test_worse_submission_changes_no_rank(submissions: list[Sent], team: str) -> None:
    """A submission that is worse than the team's best changes no rank and no order."""
    book = written(submissions)
    before = {row.team: row for row in book.board().rows}
    if team not in before or before[team].state != "ranked":
        return

    book.submit(team, before[team].score - 0.01, at=START + timedelta(days=1))

    assert ranks(book.board()) == [(row.team, row.rank) for row in before.values()]


def test_a_deadline_that_is_moved_back_helps_and_one_that_is_moved_forward_harms_nobody(book: Book) -> None:
    """A submission counts if it is in time by the rules of its arrival or by those of now."""
    before, after = CLOSED - timedelta(days=2), CLOSED + timedelta(days=2)
    book.submit("ada", 0.8, at=CLOSED - timedelta(days=1))
    book.submit("bob", 0.9, at=CLOSED + timedelta(days=1))

    def ranked(deadline: datetime) -> list[str]:
        rules = replace(book.competition, deadline=deadline)
        board = gather(rules, book.entries, after + timedelta(days=9), "public")
        return [row.team for row in board.rows if row.state == "ranked"]

    assert ranked(before) == ["ada"]
    assert ranked(after) == ["bob", "ada"]


def test_a_reveal_holds_for_the_deadline_it_was_made_after(book: Book) -> None:
    """A deadline that is moved behind a reveal hides the private board until it is revealed again."""
    book.submit("ada", 0.8)
    book.reveal()
    revealed_at = book.entries[-1].at
    later = replace(book.competition, deadline=revealed_at + timedelta(days=1))
    long_after = revealed_at + timedelta(days=9)

    assert gather(book.competition, book.entries, long_after, "public").is_revealed
    assert not gather(later, book.entries, revealed_at + timedelta(hours=1), "public").is_revealed
    assert not gather(later, book.entries, long_after, "public").is_revealed


def test_a_quoted_score_stands_where_it_would_and_is_not_ranked() -> None:
    """A score from elsewhere stands among the teams, behind an equal one; it counts as no team and takes no rank."""
    human = Quoted("Humans", 0.8, "accuracy", "a paper")
    other = Quoted("Machines", 0.9, "f1_macro", "another paper")
    book = Book(replace(COMPETITION, quoted=(human, other)))
    for team, score in (("best", 0.9), ("equal", 0.8), ("last", 0.7)):
        book.submit(team, score)
    board = book.board()

    assert [(row.team, row.rank, row.state) for row in board.rows] == [
        ("best", 1, "ranked"),
        ("equal", 2, "ranked"),
        ("Humans", None, "quoted"),
        ("last", 3, "ranked"),
    ]
    assert board.teams == board.submissions == 3


def test_lower_is_better_for_errors() -> None:
    """By an error the smallest score is first, and a score of 0 is the best there can be."""
    book = Book(replace(COMPETITION, kind="number", labels=(), metric="rmse"))
    for team, score in (("two", 2.0), ("none", 0.0), ("one", 1.0)):
        book.submit(team, score)

    assert [row.team for row in book.board().rows] == ["none", "one", "two"]
