"""Rules of commands/schedule.py, and what other commands print of a moved deadline and of extensions."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from test_decision_commands import AFTER, DEADLINE, Competing, standings

from conftest import CASES, Clock, Run
from conftest import WEDNESDAY as NOW
from submissions import competition as competitions
from submissions import schedule

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
END = competitions.load(CASES / "competition.toml").deadline
ISO, FURTHER = "2026-12-10T11:59:59Z", "2026-12-10 11:59:59 UTC (2026-12-09 23:59:59-12:00)"
NEXT = "the rules page shows it, with the reason, after: podium publish (podium serve does that by itself)"


@pytest.fixture
def competing(tmp_path: Path) -> Competing:
    return Competing(tmp_path / "cases")


@pytest.fixture
def cases(run: Run, competing: Competing, clock: Clock) -> Run:
    """Runs a command in the competition, an hour after its first submission."""
    clock.now = NOW + HOUR
    return lambda *arguments: run(*arguments, "-C", competing.folder.root)


def test_an_extension_is_told(cases: Run, competing: Competing) -> None:
    """Who has time until when, and how long the reveal waits; then that it was ended."""
    competing.send("Ada", 0.5, 0.5)

    assert cases("extend", "Ada", "--until", ISO, "--because", "was ill") == (
        0,
        f"team Ada has time until {FURTHER}\nthe reveal waits until {FURTHER}\n{NEXT}\n",
        "",
    )
    assert cases("extend", "Ada", "--until", "2026-12-07T23:59:59-12:00", "--because", "is well") == (
        0,
        f"team Ada: the extension is ended; the deadline holds, {DEADLINE}\n{NEXT}\n",
        "",
    )
    assert competing.verify() == 4


def test_a_moved_deadline_is_told(cases: Run, competing: Competing) -> None:
    """The new deadline, what becomes of the freeze, and who has more time still."""
    competing.folder.rules.write_text(
        competing.folder.rules.read_text().replace("[submission]", "freeze_hours = 24\n\n[submission]")
    )
    competing.send("Ada", 0.5, 0.5)
    cases("extend", "Ada", "--until", ISO, "--because", "was ill")

    assert cases("deadline", "move", "2026-12-09T11:59:59Z", "--because", "power cut") == (
        0,
        "the deadline is 2026-12-09 11:59:59 UTC (2026-12-08 23:59:59-12:00)\n"
        "the board is frozen from 2026-12-08 11:59:59 UTC\n"
        f"team Ada has time until {FURTHER}\n{NEXT}\n",
        "",
    )
    assert (
        "the board is frozen since 2026-11-25 12:00:00 UTC\n"
        in cases("deadline", "move", "2026-11-26T12:00:00Z", "--because", "enough")[1]
    )


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("extend", "Bob", "--until", ISO, "--because", "x"), 1, "team 'Bob' has sent nothing and has no account"),
        (
            ("extend", "Ada", "--until", ISO, "--because", " "),
            1,
            "a decision needs a reason, which goes into the ledger: nothing was recorded",
        ),
        (
            ("deadline", "move", "2026-11-25T12:00:00Z", "--because", "x"),
            1,
            "2026-11-25 12:00:00 UTC has passed, and what came since has its receipts: "
            "name a moment from now on, 2026-11-25 13:00:00 UTC",
        ),
        (("extend", "Ada", "--until", ISO), 2, "Missing option '--because'.\ntry: podium extend --help"),
        (
            ("deadline", "move", "2026-12-10T11:59:59", "--because", "x"),
            2,
            "Invalid value for 'ISO': '2026-12-10T11:59:59' has no offset from UTC: write 2026-12-10T11:59:59Z, "
            "or +01:00 and the like behind it\ntry: podium deadline move --help",
        ),
    ],
)
def test_what_is_refused(cases: Run, competing: Competing, arguments: tuple[str, ...], code: int, message: str) -> None:
    """A refusal is one message, and nothing is recorded."""
    competing.send("Ada", 0.5, 0.5)

    assert cases(*arguments) == (code, "", f"podium: {message}\n")
    assert competing.verify() == 2


def test_an_edited_file_does_not_win(cases: Run, competing: Competing) -> None:
    """Who edits the deadline in competition.toml after a move is told which one holds, by status and by a move."""
    cases("deadline", "move", ISO, "--because", "power cut")
    rules = competing.folder.rules
    rules.write_text(rules.read_text().replace("2026-12-07T23:59:59-12:00", "2026-12-12T12:00:00Z"))
    note = (
        "competition.toml says 2026-12-12 12:00:00 UTC, but the deadline was moved and is {}: "
        "to change it, run podium deadline move"
    )
    further = "2026-12-10 11:59:59 UTC"

    assert f"deadline     {further}\nnote         {note.format(further)}\n" in cases("status")[1]
    assert json.loads(cases("status", "--json")[1])["note"] == note.format(further)
    assert cases("deadline", "move", "2026-12-11T00:00:00Z", "--because", "again")[1].splitlines() == [
        "the deadline is 2026-12-11 00:00:00 UTC",
        note.format("2026-12-11 00:00:00 UTC"),
        NEXT,
    ]
    assert cases("deadline", "move", "2026-12-12T12:00:00Z", "--because", "as the file has it")[1].splitlines() == [
        "the deadline is 2026-12-12 12:00:00 UTC",
        NEXT,
    ]
    assert "note" not in cases("status")[1]


def test_status_tells_what_is_in_force(cases: Run, competing: Competing) -> None:
    """The moved deadline, the time to it, and every team that has more."""
    competing.send("Ada", 0.5, 0.5)
    cases("deadline", "move", "2026-12-09T11:59:59Z", "--because", "power cut")
    cases("extend", "Ada", "--until", ISO, "--because", "was ill")
    facts = json.loads(cases("status", "--json")[1])

    moved = "2026-12-09 11:59:59 UTC (2026-12-08 23:59:59-12:00)"
    assert (facts["deadline"], facts["extensions"], facts["note"]) == (moved, {"Ada": FURTHER}, "")
    assert facts["seconds_left"] == (END + DAY - NOW - HOUR).total_seconds()
    assert f"deadline     {moved}\nextended     team Ada until {FURTHER}\ntime left    13 days, " in cases("status")[1]


def test_the_receipt_tells_the_end_of_the_team(cases: Run, competing: Competing, clock: Clock, tmp_path: Path) -> None:
    """The extended team is told its own end, and that it is in time; another that it is late."""
    competing.send("Ada", 0.5, 0.5)
    cases("extend", "Ada", "--until", ISO, "--because", "was ill")
    clock.now = END + HOUR
    file = tmp_path / "mine.csv"
    file.write_bytes(b"id,label\n" + b"".join(b"%d,3\n" % row for row in range(1, 7)))

    told = {team: cases("submit", file, "--team", team)[1].splitlines()[2:4] for team in ("Ada", "Bob")}

    assert told == {
        "Ada": ["received    2026-12-08 12:59:59 UTC, in time", f"deadline    {FURTHER}"],
        "Bob": ["received    2026-12-08 12:59:59 UTC, LATE: graded, outside the ranking", f"deadline    {DEADLINE}"],
    }


def test_a_selection_goes_by_the_end_of_the_team(cases: Run, competing: Competing, clock: Clock) -> None:
    """The list and the selection name the team's own end, while it may choose and after it."""
    competing.send("Ada", 0.5, 0.5)
    competing.send("Bob", 0.5, 0.5)
    cases("extend", "Ada", "--until", ISO, "--because", "was ill")
    clock.now = END + HOUR

    assert cases("select", "--team", "Ada")[1].splitlines()[-1] == (
        f"to select up to 2, until {FURTHER}: podium select --team Ada NUMBER"
    )
    assert cases("select", "--team", "Bob")[1].splitlines()[-1] == f"selections were taken until {DEADLINE}"
    assert cases("select", "1", "--team", "Ada")[1].splitlines()[-2:] == [
        f"deadline    {FURTHER}",
        "the private board goes by the last selection before the deadline",
    ]
    clock.now = END + 2 * DAY + HOUR
    assert cases("select", "--team", "Ada")[1].splitlines()[-1] == f"selections were taken until {FURTHER}"


def prepared(competing: Competing) -> None:
    (competing.folder.grader / "solution.csv").write_text(
        "id,label,Usage\n" + "".join(f"{row},0,{'Public' if row < 4 else 'Private'}\n" for row in range(1, 7))
    )


def sends(cases: Run, tmp_path: Path, team: str, label: int) -> None:
    file = tmp_path / f"{team}-{label}.csv"
    file.write_text("id,label\n" + "".join(f"{row},{label}\n" for row in range(1, 7)))
    assert cases("submit", file, "--team", team)[0] == 0


def test_the_reveal_waits(cases: Run, competing: Competing, clock: Clock, tmp_path: Path) -> None:
    """Neither reveal nor rehearsal while a team may send; the ceremony rehearsed before an extension goes."""
    prepared(competing)
    sends(cases, tmp_path, "Ada", 1)
    clock.now = AFTER
    assert cases("reveal", "--rehearse")[0] == 0
    ceremony = competing.folder.grader / "reveal.html"
    assert ceremony.exists()

    cases("extend", "Ada", "--until", ISO, "--because", "was ill")
    told = f"podium: the private board is shown after the end of the last extension, {FURTHER}\n"
    assert cases("reveal") == cases("reveal", "--rehearse") == (1, "", told)
    cases("publish")
    assert not ceremony.exists()
    assert not (competing.folder.leaderboard / "final.html").exists()

    sends(cases, tmp_path, "Ada", 0)
    clock.now = END + 2 * DAY + HOUR
    assert cases("reveal")[0] == 0
    assert standings(competing, "final") == [("Ada", "ranked", 1.0)]
    refused = (
        1,
        "",
        "podium: the private board is public: nothing that is sent can count any more, and nothing was recorded\n",
    )
    assert cases("extend", "Ada", "--until", "2026-12-20T00:00:00Z", "--because", "x") == refused
    assert cases("deadline", "move", "2026-12-20T00:00:00Z", "--because", "x") == refused


def test_the_reveal_waits_for_the_moved_deadline(cases: Run, clock: Clock) -> None:
    """The deadline of the file has passed, the moved one has not."""
    cases("deadline", "move", ISO, "--because", "power cut")
    clock.now = END + HOUR

    assert cases("reveal") == (1, "", f"podium: the private board is shown after the deadline, {FURTHER}\n")


def test_a_reveal_before_the_deadline_of_the_file(
    cases: Run, competing: Competing, clock: Clock, tmp_path: Path
) -> None:
    """Where the deadline was moved nearer, the reveal is one as soon as that has passed: recorded once, seen by all."""
    prepared(competing)
    sends(cases, tmp_path, "Ada", 0)
    cases("deadline", "move", "2026-11-26T00:00:00Z", "--because", "enough")
    clock.now = NOW + DAY
    assert [cases("reveal")[0] for _ in range(2)] == [0, 0]

    with competing.folder.open_ledger() as ledger, ledger.reading() as view:
        assert len(list(view.entries("revealed"))) == 1
    solution = competing.folder.grader / "solution.csv"
    solution.write_text(solution.read_text().replace("6,0,", "6,1,"))
    assert "1 teams move on the private board" in cases("regrade", "--dry-run")[1]
    assert cases("freeze")[2] == "podium: the private board is public: there is nothing to freeze\n"


def test_the_freeze_goes_by_the_moved_deadline(cases: Run, competing: Competing, clock: Clock, tmp_path: Path) -> None:
    """`podium freeze` knows when the rules freeze the board now."""
    rules = competing.folder.rules
    rules.write_text(rules.read_text().replace("[submission]", "freeze_hours = 24\n\n[submission]"))
    prepared(competing)
    sends(cases, tmp_path, "Ada", 0)
    clock.now = END - HOUR
    assert cases("freeze")[2] == "podium: the board is frozen since 2026-12-07 11:59:59 UTC\n"
    cases("deadline", "move", ISO, "--because", "power cut")

    assert cases("freeze")[1] == "the board is frozen since 2026-12-08 10:59:59 UTC\n"


def test_a_watching_desk_follows_a_move(
    cases: Run, competing: Competing, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`run --watch` takes files and writes the board by the deadline that holds, and closes with it."""
    prepared(competing)
    competing.folder.inbox.mkdir()
    page = competing.folder.leaderboard / "leaderboard.json"
    seen = list[tuple[str, str]]()

    def look() -> None:
        document = json.loads(page.read_text())
        seen.append((document["phase"], document["competition"]["deadline"]))

    def moves() -> None:
        look()
        with competing.folder.open_ledger() as ledger:
            to = END + 2 * DAY
            schedule.move(ledger, competing.folder.competition(), to, because="power cut", now=clock.now)

    def later() -> None:
        look()
        clock.now = END + HOUR

    def after() -> None:
        look()
        clock.now = END + 2 * DAY + HOUR

    def ends() -> None:
        look()
        raise KeyboardInterrupt

    looks: list[Callable[[], None]] = [moves, later, after, ends]
    monkeypatch.setattr("commands.watching.time.sleep", lambda _seconds: looks.pop(0)())
    code, _, err = cases("run", "--watch")

    assert (code, err) == (0, "")
    before, moved = "2026-12-08T11:59:59.000000Z", "2026-12-10T11:59:59.000000Z"
    assert seen == [("open", before), ("open", moved), ("open", moved), ("closed", moved)]
    assert "deadline was moved" in (competing.folder.leaderboard / "rules.html").read_text()


def test_a_kit_made_again_tells_the_moved_deadline(run: Run, tmp_path: Path, clock: Clock) -> None:
    """Whoever fetches the starter kit after a move reads the deadline that holds."""
    clock.now = NOW
    root = tmp_path / "digits"
    new = ("--dataset", "digits", "--deadline", "2026-12-07T23:59:59-12:00")
    assert run("new", root, *new)[0] == 0
    readme = root / "starter" / "README.md"
    first, moved = "8 December 2026, 11:59:59 UTC", "10 December 2026, 11:59:59 UTC"
    assert first in readme.read_text()
    run("deadline", "move", ISO, "--because", "power cut", "-C", root)
    assert run("kit", "-C", root)[0] == 0

    assert first not in readme.read_text()
    assert moved in readme.read_text()
