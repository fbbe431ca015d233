"""Rules of submissions/decisions.py, submissions/selecting.py, and what the chain says of their entries."""

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import CASES, NOW, good_file
from grader.grades import Grade
from leaderboard.standings import gather
from submissions import competition as competitions
from submissions import decisions
from submissions import row_ids as rows
from submissions.competition import Competition
from submissions.decided import Decisions, Selection
from submissions.decisions import AlreadyDecided, NoReason, NotForBaselines, UnknownSubmission, UnknownTeam
from submissions.errors import Refused
from submissions.intake import Desk
from submissions.quota import Quota
from submissions.record import chain
from submissions.record.chain import BrokenChain
from submissions.record.ledger import Ledger
from submissions.selecting import InvalidSelection, SelectionClosed, choose, select
from submissions.teams import InvalidTeam
from submissions.vouches import InvalidVouch, Vouch

SECOND = timedelta(seconds=1)
AFTER = datetime(2026, 12, 9, tzinfo=UTC)


def send(
    desk: Desk, team: str, *, at: datetime = NOW, verdict: str | None = "graded", is_baseline: bool = False
) -> int:
    """The number of one more submission of this team, with a grade of this verdict; None: it waits for one."""
    with desk.ledger.reading() as view:
        label = len(list(view.entries("received")))
    number = desk.receive(good_file(label % 10, label // 10), team=team, now=at, is_baseline=is_baseline).submission
    if verdict:
        with desk.ledger.writing() as transaction:
            transaction.append("graded", at, {"verdict": verdict}, team=team, submission=number)
    return number


def of(ledger: Ledger) -> Decisions:
    with ledger.reading() as view:
        return Decisions.of(view.entries())


def recorded(ledger: Ledger) -> list[tuple[str, str | None, int | None, Mapping[str, Any]]]:
    """The decisions in the ledger."""
    with ledger.reading() as view:
        return [(one.kind, one.team, one.submission, one.body) for one in view.entries(*decisions.KINDS)]


def refusal(call: Callable[[], object], ledger: Ledger, kind: type[Refused]) -> str:
    """The whole message of a refusal that records nothing."""
    before = recorded(ledger)
    with pytest.raises(kind) as caught:
        call()
    assert recorded(ledger) == before
    return str(caught.value)


def test_a_selection_is_recorded(desk: Desk, competition: Competition) -> None:
    """A team selects up to final_selections of its own; the ledger says which, and when."""
    first, _, third = (send(desk, "ada") for _ in range(3))

    selection = select(desk.ledger, competition, "ada", [third, first], now=NOW)

    assert selection == Selection((first, third), NOW)
    body = {"submissions": [1, 3], "at": "2026-12-01T12:00:00.000000Z", "vouched": None}
    assert recorded(desk.ledger) == [("selected", "ada", None, body)]
    assert of(desk.ledger).selected("ada") == (1, 3)


def test_the_last_selection_counts(desk: Desk, competition: Competition) -> None:
    """A later selection replaces an earlier one, of this team and of no other."""
    for team in ("ada", "bob", "ada"):
        send(desk, team)
    select(desk.ledger, competition, "ada", [1], now=NOW)
    select(desk.ledger, competition, "bob", [2], now=NOW)
    select(desk.ledger, competition, "ada", [3], now=NOW + SECOND)

    assert (of(desk.ledger).selected("ada"), of(desk.ledger).selected("bob")) == ((3,), (2,))


def test_the_same_selection_again_is_the_one_there_is(desk: Desk, competition: Competition) -> None:
    """Whoever saw no answer may ask again: nothing is recorded twice."""
    for _ in range(2):
        send(desk, "ada")
    first = select(desk.ledger, competition, "ada", [1, 2], now=NOW)

    assert select(desk.ledger, competition, "ada", [2, 1], now=NOW + SECOND) == first
    assert len(recorded(desk.ledger)) == 1


def test_a_selection_is_taken_back(desk: Desk, competition: Competition) -> None:
    """A team may select nothing, also where it may select only one: it is recorded once, and what it chose is gone."""
    send(desk, "ada")
    only = replace(competition, final_selections=1)
    select(desk.ledger, only, "ada", [1], now=NOW)

    taken_back = select(desk.ledger, only, "ada", [], now=NOW + SECOND)

    assert taken_back == Selection((), NOW + SECOND)
    assert select(desk.ledger, only, "ada", [], now=NOW + 2 * SECOND) == taken_back
    assert [body["submissions"] for _, _, _, body in recorded(desk.ledger)] == [[1], []]
    assert (of(desk.ledger).selected("ada"), of(desk.ledger).selections) == ((), {})
    assert select(desk.ledger, only, "ada", [1], now=NOW + 3 * SECOND).submissions == (1,)


def test_the_last_choice_is_taken_out(desk: Desk, competition: Competition) -> None:
    """One by one a team may take out all that it chose; where nothing is chosen, nothing is recorded."""
    send(desk, "ada")

    def is_chosen_now(is_chosen: bool) -> tuple[int, ...]:
        return choose(desk.ledger, competition, "ada", 1, is_chosen=is_chosen, now=NOW)

    assert [is_chosen_now(one) for one in (False, True, False, False)] == [(), (1,), (), ()]
    assert [body["submissions"] for _, _, _, body in recorded(desk.ledger)] == [[1], []]


def test_nothing_comes_back_into_a_selection_that_was_taken_back(desk: Desk, competition: Competition) -> None:
    """What was withdrawn, and then selected no more, is restored without being selected."""
    send(desk, "ada")
    select(desk.ledger, competition, "ada", [1], now=NOW)
    decisions.withdraw(desk.ledger, 1, because="so", now=NOW)
    select(desk.ledger, competition, "ada", [], now=NOW)
    decisions.restore(desk.ledger, 1, because="so", now=NOW)

    assert of(desk.ledger).selected("ada") == ()


def test_a_submission_that_waits_for_its_grade_may_be_selected(desk: Desk, competition: Competition) -> None:
    """A grader that is behind takes no choice away."""
    send(desk, "ada", verdict=None)

    assert select(desk.ledger, competition, "ada", [1], now=NOW).submissions == (1,)


def test_the_last_grade_decides_whether_there_is_a_score(desk: Desk, competition: Competition) -> None:
    """A submission that was graded again after the grader had failed may be selected."""
    send(desk, "ada", verdict="grader_error")
    with desk.ledger.writing() as transaction:
        transaction.append("graded", NOW, {"verdict": "graded"}, team="ada", submission=1)

    assert select(desk.ledger, competition, "ada", [1], now=NOW).submissions == (1,)


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ([1, 2, 3], "3 submissions are named; final_selections of the rules is 2"),
        ([1, 1], "submission 1 is named 2 times"),
        ([7], "team 'ada' has no submission 7; it has 1, 2, 3 … 6"),
        ([99], "team 'ada' has no submission 99; it has 1, 2, 3 … 6"),
        ([10**30], f"team 'ada' has no submission {10**30}; it has 1, 2, 3 … 6"),
        ([3], "submission 3 is withdrawn"),
        ([4], "submission 4 has no score: refused"),
        ([5], "submission 5 has no score: grader error"),
        ([6], "submission 6 is not in time: it was received at 2026-12-08 12:00:00 UTC"),
        ([4, 3], "submission 3 is withdrawn; submission 4 has no score: refused"),
    ],
)
def test_a_selection_that_cannot_be_taken(desk: Desk, competition: Competition, named: list[int], reason: str) -> None:
    """Up to final_selections of the team's own, each once, none withdrawn or without a score, in time; all is told."""
    for verdict in ("graded", "graded", "graded", "refused", "grader_error"):
        send(desk, "ada", verdict=verdict)
    send(desk, "ada", at=competition.deadline + SECOND)
    send(desk, "bob")
    decisions.withdraw(desk.ledger, 3, because="a mistake", now=NOW)

    told = refusal(lambda: select(desk.ledger, competition, "ada", named, now=NOW), desk.ledger, InvalidSelection)

    assert told == f"nothing was selected: {reason}"


def test_a_deadline_that_was_moved_back_makes_more_selectable(desk: Desk, competition: Competition) -> None:
    """In time is what the rules call so now, or called so then."""
    send(desk, "ada", at=competition.deadline + SECOND)
    later = replace(competition, deadline=competition.deadline + timedelta(days=1))

    assert select(desk.ledger, later, "ada", [1], now=competition.deadline + 2 * SECOND).submissions == (1,)


def test_selections_are_taken_until_the_deadline(desk: Desk, competition: Competition) -> None:
    """The deadline's own second is in time by the desk's clock; what comes later, or before the opening, is refused."""
    for _ in range(2):
        send(desk, "ada")
    last = competition.deadline

    assert select(desk.ledger, competition, "ada", [1], now=last).submissions == (1,)
    assert refusal(
        lambda: select(desk.ledger, competition, "ada", [2], now=last + SECOND), desk.ledger, SelectionClosed
    ) == (
        "selections are taken until the deadline, 2026-12-08 11:59:59 UTC (2026-12-07 23:59:59-12:00); "
        "this one was made at 2026-12-08 12:00:00 UTC"
    )
    assert refusal(
        lambda: select(desk.ledger, competition, "ada", [2], now=competition.opens - SECOND),
        desk.ledger,
        SelectionClosed,
    ) == (
        "selections are taken from the opening on, 2026-11-22 00:00:00 UTC; "
        "this one was made at 2026-11-21 23:59:59 UTC"
    )


def test_a_vouched_selection(desk: Desk, competition: Competition) -> None:
    """After the deadline the organiser may vouch for a moment before it, with a reason that is recorded."""
    send(desk, "ada")
    moment = datetime.fromisoformat("2026-12-05T13:00:00+01:00")

    selection = select(desk.ledger, competition, "ada", [1], now=AFTER, vouch=Vouch(moment, "e-mailed"))

    assert selection == Selection((1,), datetime(2026, 12, 5, 12, tzinfo=UTC), "e-mailed")
    body = {"submissions": [1], "at": "2026-12-05T12:00:00.000000Z", "vouched": "e-mailed"}
    assert recorded(desk.ledger) == [("selected", "ada", None, body)]
    with desk.ledger.reading() as view:
        assert [entry.at for entry in view.entries("selected")] == [AFTER]


def test_what_cannot_be_vouched_for(desk: Desk, competition: Competition) -> None:
    """A moment after the deadline, one to come, or one before a later choice of the team's changes nothing."""
    for _ in range(2):
        send(desk, "ada")
    select(desk.ledger, competition, "ada", [1], now=NOW)

    def vouched(at: datetime, kind: type[Refused]) -> str:
        vouch = Vouch(at, "e-mailed")
        return refusal(lambda: select(desk.ledger, competition, "ada", [2], now=AFTER, vouch=vouch), desk.ledger, kind)

    assert vouched(competition.deadline + SECOND, SelectionClosed) == (
        "selections are taken until the deadline, 2026-12-08 11:59:59 UTC (2026-12-07 23:59:59-12:00); "
        "this one was made at 2026-12-08 12:00:00 UTC"
    )
    assert vouched(AFTER + SECOND, InvalidVouch) == (
        "2026-12-09 00:00:01 UTC is in the future: only a past moment can be vouched for"
    )
    assert vouched(NOW - SECOND, InvalidSelection) == (
        "nothing was selected: team 'ada' chose again after that, at 2026-12-01 12:00:00 UTC"
    )
    select(desk.ledger, competition, "ada", [], now=NOW + 2 * SECOND)
    assert vouched(NOW + SECOND, InvalidSelection) == (
        "nothing was selected: team 'ada' chose again after that, at 2026-12-01 12:00:02 UTC"
    )


@pytest.mark.parametrize(
    ("name", "kind", "told"),
    [
        ("Ada", UnknownTeam, "team 'Ada' has sent nothing; did you mean 'ada'?"),
        ("\u0430da", UnknownTeam, "team '\u0430da' has sent nothing; did you mean 'ada'?"),
        ("add", UnknownTeam, "team 'add' has sent nothing; did you mean 'ada'?"),
        ("zebra", UnknownTeam, "team 'zebra' has sent nothing"),
        ("host", InvalidTeam, "team 'host': is a reserved word, or looks like one"),
        (" ", InvalidTeam, "team ' ': a name cannot be blank"),
    ],
    ids=["case", "look-alike", "typo", "nobody", "reserved", "blank"],
)
def test_an_unknown_team_gets_a_guess(
    desk: Desk, competition: Competition, name: str, kind: type[Refused], told: str
) -> None:
    """A name that nobody has is refused, with whom it may mean; so are names that no team can have."""
    send(desk, "ada")
    calls: list[Callable[[], object]] = [
        lambda: select(desk.ledger, competition, name, [1], now=NOW),
        lambda: decisions.withdraw(desk.ledger, 1, because="so", now=NOW, team=name),
        lambda: decisions.restore(desk.ledger, 1, because="so", now=NOW, team=name),
        lambda: decisions.disqualify(desk.ledger, name, because="so", now=NOW),
        lambda: decisions.reinstate(desk.ledger, name, because="so", now=NOW),
    ]

    assert [refusal(call, desk.ledger, kind) for call in calls] == [told] * 5


def test_a_name_is_taken_as_the_desk_takes_it(desk: Desk, competition: Competition) -> None:
    """Spaces are folded as on arrival, so that a team is named as it submits."""
    send(desk, "Ada Lovelace")

    assert decisions.disqualify(desk.ledger, " Ada  Lovelace ", because="so", now=NOW) == "Ada Lovelace"
    select(desk.ledger, competition, "Ada  Lovelace", [1], now=NOW)
    assert of(desk.ledger).selected("Ada Lovelace") == (1,)


def test_a_withdrawal_and_its_end(desk: Desk) -> None:
    """A submission is withdrawn, and restored, with a reason; the last word counts, and nothing is edited."""
    send(desk, "ada")

    receipt = decisions.withdraw(desk.ledger, 1, because=" the wrong\n file ", now=NOW)
    assert (receipt.submission, receipt.team, of(desk.ledger).withdrawn) == (1, "ada", {1})
    decisions.restore(desk.ledger, 1, because="it was right", now=NOW)
    assert of(desk.ledger).withdrawn == frozenset()
    decisions.withdraw(desk.ledger, 1, because="it was not", now=NOW)
    assert of(desk.ledger).withdrawn == {1}
    assert recorded(desk.ledger) == [
        ("withdrawn", "ada", 1, {"because": "the wrong file"}),
        ("restored", "ada", 1, {"because": "it was right"}),
        ("withdrawn", "ada", 1, {"because": "it was not"}),
    ]


def test_a_withdrawal_falls_out_of_a_selection(desk: Desk, competition: Competition) -> None:
    """What is withdrawn is selected no more; with nothing left there is no selection; restored is as before."""
    for _ in range(2):
        send(desk, "ada")
    select(desk.ledger, competition, "ada", [1, 2], now=NOW)

    decisions.withdraw(desk.ledger, 1, because="so", now=NOW)
    assert of(desk.ledger).selected("ada") == (2,)
    decisions.withdraw(desk.ledger, 2, because="so", now=NOW)
    assert of(desk.ledger).selected("ada") == ()
    decisions.restore(desk.ledger, 1, because="so", now=NOW)
    assert of(desk.ledger).selected("ada") == (1,)


def test_a_withdrawal_gives_no_attempt_back(desk: Desk, competition: Competition) -> None:
    """An attempt that was used stays used."""
    for _ in range(2):
        send(desk, "ada")
    decisions.withdraw(desk.ledger, 1, because="so", now=NOW)

    with desk.ledger.reading() as view:
        assert Quota(competition.daily_limit).left(view, "ada", NOW) == 3


def test_a_team_withdraws_only_its_own(desk: Desk) -> None:
    """Where a team asks, the submission must be its own; another's is not there for it."""
    for team in ("ada", "bob"):
        send(desk, team)

    assert refusal(
        lambda: decisions.withdraw(desk.ledger, 2, because="so", now=NOW, team="ada"), desk.ledger, UnknownSubmission
    ) == ("team 'ada' has no submission 2; it has 1")
    assert decisions.withdraw(desk.ledger, 1, because="so", now=NOW, team="ada").team == "ada"


@pytest.mark.parametrize("number", [-1, 0, 2, 10**30])
def test_a_submission_that_is_not_there(desk: Desk, number: int) -> None:
    """A number that no submission has is told, with the last one there is."""
    for last in ("none was received yet", "the last is 1"):
        told = refusal(
            lambda: decisions.withdraw(desk.ledger, number, because="so", now=NOW), desk.ledger, UnknownSubmission
        )
        assert told == f"there is no submission {number}; {last}"
        if last == "none was received yet":
            send(desk, "ada")


def test_what_is_so_already_is_told(desk: Desk) -> None:
    """To withdraw twice, to restore what counts, to disqualify twice or to reinstate who takes part is a mistake."""
    ledger = desk.ledger
    send(desk, "ada")

    assert refusal(lambda: decisions.restore(ledger, 1, because="so", now=NOW), ledger, AlreadyDecided) == (
        "submission 1, team 'ada', is not withdrawn: nothing was recorded"
    )
    assert refusal(lambda: decisions.reinstate(ledger, "ada", because="so", now=NOW), ledger, AlreadyDecided) == (
        "team 'ada' is not disqualified: nothing was recorded"
    )
    decisions.withdraw(ledger, 1, because="so", now=NOW)
    decisions.disqualify(ledger, "ada", because="so", now=NOW)
    assert refusal(lambda: decisions.withdraw(ledger, 1, because="so", now=NOW), ledger, AlreadyDecided) == (
        "submission 1, team 'ada', is withdrawn already: nothing was recorded"
    )
    assert refusal(lambda: decisions.disqualify(ledger, "ada", because="so", now=NOW), ledger, AlreadyDecided) == (
        "team 'ada' is disqualified already: nothing was recorded"
    )


def test_a_decision_needs_a_reason(desk: Desk) -> None:
    """A blank reason is none."""
    send(desk, "ada")
    calls: list[Callable[[], object]] = [
        lambda: decisions.withdraw(desk.ledger, 1, because=" \t", now=NOW),
        lambda: decisions.disqualify(desk.ledger, "ada", because="", now=NOW),
    ]

    assert {refusal(call, desk.ledger, NoReason) for call in calls} == {
        "a decision needs a reason, which goes into the ledger: nothing was recorded"
    }


def test_a_disqualification_and_its_end(desk: Desk) -> None:
    """A team is disqualified, and reinstated, with a reason; no other team is."""
    for team in ("ada", "bob"):
        send(desk, team)

    decisions.disqualify(desk.ledger, "ada", because="shared its file", now=NOW)
    assert of(desk.ledger).disqualified == {"ada"}
    decisions.reinstate(desk.ledger, "ada", because="it had not", now=NOW)
    assert of(desk.ledger).disqualified == frozenset()
    assert recorded(desk.ledger) == [
        ("disqualified", "ada", None, {"because": "shared its file"}),
        ("reinstated", "ada", None, {"because": "it had not"}),
    ]


def test_baselines_are_the_organisers(desk: Desk, competition: Competition) -> None:
    """Nobody selects for a baseline or disqualifies it; it can be withdrawn."""
    send(desk, "Forest", is_baseline=True)
    calls: list[Callable[[], object]] = [
        lambda: select(desk.ledger, competition, "Forest", [1], now=NOW),
        lambda: decisions.disqualify(desk.ledger, "Forest", because="so", now=NOW),
        lambda: decisions.reinstate(desk.ledger, "Forest", because="so", now=NOW),
    ]

    assert {refusal(call, desk.ledger, NotForBaselines) for call in calls} == {
        "'Forest' is a baseline, and outside the ranking: nobody selects for it, and it is withdrawn, not disqualified"
    }
    decisions.withdraw(desk.ledger, 1, because="trained on test rows", now=NOW)
    assert of(desk.ledger).withdrawn == {1}


def test_decisions_hold_in_the_chain(desk: Desk, competition: Competition) -> None:
    """What these functions record follows from what was received before it."""
    for _ in range(2):
        send(desk, "ada")
    select(desk.ledger, competition, "ada", [1, 2], now=NOW)
    select(desk.ledger, competition, "ada", [], now=NOW)
    decisions.withdraw(desk.ledger, 1, because="so", now=NOW)
    decisions.restore(desk.ledger, 1, because="so", now=NOW)
    decisions.disqualify(desk.ledger, "ada", because="so", now=NOW)
    decisions.reinstate(desk.ledger, "ada", because="so", now=NOW)

    with desk.ledger.reading() as view:
        assert chain.verify(view) == 10


@pytest.mark.parametrize(
    ("kind", "team", "number", "body", "fault"),
    [
        (
            "selected",
            "ada",
            None,
            {"submissions": [1, 2]},
            "selects submission 2, which was not received from",
        ),
        ("selected", "bob", None, {"submissions": [1]}, "selects submission 1, which was not received from"),
        ("selected", None, None, {"submissions": [9]}, "selects submission 9, which was not received from"),
        ("selected", "ada", None, {"submissions": 1}, "names no submissions"),
        ("selected", "ada", None, {"submissions": [[1]]}, "names no submissions"),
        ("selected", "ada", None, [], "names no submissions"),
        ("withdrawn", "ada", 2, {}, "is about submission 2, which was not received from its team"),
        ("withdrawn", "bob", 1, {}, "is about submission 1, which was not received from its team before it"),
        ("restored", "ada", None, {}, "is about submission None, which was not received from its team before it"),
        ("disqualified", "bob", None, {}, "is about a team from which nothing was received before it"),
        ("reinstated", None, None, {}, "is about a team from which nothing was received before it"),
    ],
)
def test_a_decision_on_nothing_shows(
    desk: Desk, kind: str, team: str | None, number: int | None, body: Any, fault: str
) -> None:
    """A decision must be on what its team had sent before it, whoever wrote the entry."""
    send(desk, "ada", verdict=None)
    with desk.ledger.writing() as transaction:
        transaction.append(kind, NOW, body, team=team, submission=number)

    with desk.ledger.reading() as view, pytest.raises(BrokenChain) as caught:
        chain.verify(view)
    assert str(caught.value).partition("Z): ")[2].startswith(fault)


TEAMS = {"ada": (1, 2, 3, 4), "bob": (5, 6), "Forest": (7,)}
Scores = tuple[float, float]
Call = tuple[str, Any]


@dataclass
class Naive:
    """What the boards should say, by plain rules; `scores`: shown and private, by submission."""

    scores: Mapping[int, Scores]
    selections: dict[str, Sequence[int]] = field(default_factory=dict)
    withdrawn: set[int] = field(default_factory=set)
    disqualified: set[str] = field(default_factory=set)

    def takes(self, call: Call) -> bool:
        """Whether the desk should accept this, which then holds."""
        match call:
            case "select", (team, numbers):
                is_sound = team != "Forest" and len(set(numbers)) == len(numbers) <= 2
                own = [n for n in TEAMS[team] if n in self.scores and n not in self.withdrawn]
                if is_sound and set(numbers) <= set(own):
                    self.selections[team] = numbers
                    return True
                return False
            case ("withdraw" | "restore") as verb, number:
                return _turned(self.withdrawn, number, is_in=verb == "withdraw")
            case verb, team:
                return team != "Forest" and _turned(self.disqualified, team, is_in=verb == "disqualify")

    def rows(self, board: str) -> dict[str, tuple[str, float | None]]:
        """State and score of each team."""
        return {team: self._row(team, board) for team in TEAMS}

    def _row(self, team: str, board: str) -> tuple[str, float | None]:
        if team in self.disqualified:
            return "disqualified", None
        left = [n for n in TEAMS[team] if n in self.scores and n not in self.withdrawn]
        by_shown = sorted(left, key=lambda n: (-self.scores[n][0], n))
        if board == "public":
            found = [self.scores[n][0] for n in by_shown[:1]]
        else:
            chosen = [n for n in self.selections.get(team, ()) if n in left]
            found = [self.scores[n][1] for n in chosen or by_shown[:2]]
        state = "baseline" if team == "Forest" else "ranked" if found else "unscored"
        return state, max(found, default=None)


def _turned(things: set[Any], thing: object, *, is_in: bool) -> bool:
    if (thing in things) == is_in:
        return False
    (things.add if is_in else things.remove)(thing)
    return True


def _does(ledger: Ledger, competition: Competition, call: Call) -> bool:
    verb, about = call
    try:
        if verb == "select":
            select(ledger, competition, *about, now=NOW)
        else:
            getattr(decisions, verb)(ledger, about, because="so", now=NOW)
    except Refused:
        return False
    return True


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger's file with the submissions of TEAMS, without grades."""
    path = tmp_path_factory.mktemp("sent") / "ledger.db"
    rules = competitions.load(CASES / "competition.toml")
    with Ledger.create(path) as ledger:
        desk = Desk(rules, rows.from_sample(CASES / "sample_submission.csv", rules), ledger)
        for team, numbers in TEAMS.items():
            assert [send(desk, team, verdict=None, is_baseline=team == "Forest") for _ in numbers] == list(numbers)
    return path


NUMBERS = st.integers(1, 7)
CALLS = st.one_of(
    st.tuples(st.just("select"), st.tuples(st.sampled_from(sorted(TEAMS)), st.lists(NUMBERS, max_size=3))),
    st.tuples(st.sampled_from(["withdraw", "restore"]), NUMBERS),
    st.tuples(st.sampled_from(["disqualify", "reinstate"]), st.sampled_from(sorted(TEAMS))),
)
SOME = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])


@settings(max_examples=60, deadline=None)
@given(scores=st.dictionaries(NUMBERS, st.tuples(SOME, SOME), min_size=3), calls=st.lists(CALLS, max_size=12))
def test_any_order_of_decisions_gives_the_boards_of_a_naive_model(
    sent: Path, scores: dict[int, Scores], calls: list[Call]
) -> None:
    """Whatever is decided in whatever order: the same is refused, and the same counts, as by plain rules."""
    competition, naive = competitions.load(CASES / "competition.toml"), Naive(scores)
    with tempfile.TemporaryDirectory() as folder, Ledger(Path(shutil.copy(sent, folder))) as ledger:
        with ledger.writing() as transaction:
            for team, numbers in TEAMS.items():
                for number in numbers:
                    shown, private = scores.get(number, (None, None))
                    verdict = "grader_error" if shown is None else "graded"
                    grade = Grade(verdict, "accuracy", "s" * 64, public=shown, private=private, shown=shown)
                    transaction.append("graded", NOW, grade.to_json(), team=team, submission=number)
        assert [_does(ledger, competition, call) for call in calls] == [naive.takes(call) for call in calls]
        with ledger.reading() as view:
            chain.verify(view)
            entries = list(view.entries())
    for board in ("public", "private"):
        told = gather(competition, entries, AFTER, board).rows
        assert {row.team: (row.state, row.score) for row in told} == naive.rows(board)
        ranked = [row for row in told if row.state == "ranked"]
        assert [row.rank for row in ranked] == [1 + sum(o.score > row.score for o in ranked) for row in ranked]
        states = [row.state for row in told if row.state != "baseline"]
        assert states == sorted(states, key=("ranked", "unscored", "disqualified").index)
