"""Rules of commands/decisions.py and commands/own_submissions.py: what is printed of selections and corrections."""

import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from conftest import CASES, Clock, Run, good_file
from conftest import WEDNESDAY as NOW
from grader.grades import Grade
from submissions.folder import Folder
from submissions.intake import Desk
from submissions.record import chain
from submissions.record.ledger import Ledger

AFTER = datetime(2026, 12, 8, 12, tzinfo=UTC)
DEADLINE = "2026-12-08 11:59:59 UTC (2026-12-07 23:59:59-12:00)"
NEXT = "the board shows it after: podium publish (podium serve does that by itself)"


class Competing:
    """A competition's folder, into which submissions are put with any grade."""

    def __init__(self, root: Path) -> None:
        self.folder = Folder(root)
        for room in ("starter", "submissions", "grader", "leaderboard"):
            (root / room).mkdir(parents=True)
        shutil.copy(CASES / "competition.toml", self.folder.rules)
        shutil.copy(CASES / "sample_submission.csv", self.folder.sample)
        Ledger.create(self.folder.ledger).close()
        self.sent = 0

    def send(
        self,
        team: str,
        shown: float | None = None,
        private: float | None = None,
        *,
        at: datetime | None = None,
        is_baseline: bool = False,
        **facts: Any,
    ) -> None:
        """One more submission, a minute after the one before; without a score and facts it waits for its grade."""
        rules, at = self.folder.competition(), at or NOW + timedelta(minutes=self.sent)
        with self.folder.open_ledger() as ledger:
            desk = Desk(rules, self.folder.row_ids(rules), ledger)
            number = desk.receive(good_file(self.sent), team=team, now=at, is_baseline=is_baseline).submission
            if shown is not None or facts:
                grade = {"verdict": "graded", "metric": "accuracy", "solution": "s" * 64, "public": shown, **facts}
                body = Grade(**{**grade, "shown": shown, "private": private}).to_json()
                with ledger.writing() as transaction:
                    transaction.append("graded", at, body, team=team, submission=number)
        self.sent += 1

    def verify(self) -> int:
        with self.folder.open_ledger() as ledger, ledger.reading() as view:
            return chain.verify(view)


@pytest.fixture
def competing(tmp_path: Path) -> Competing:
    return Competing(tmp_path / "cases")


@pytest.fixture
def cases(run: Run, competing: Competing, clock: Clock) -> Run:
    """Runs a command in the competition, an hour after its first submission."""
    clock.now = NOW + timedelta(hours=1)
    return lambda *arguments: run(*arguments, "-C", competing.folder.root)


def standings(competing: Competing, name: str = "leaderboard") -> list[tuple[str, str, float | None]]:
    rows = json.loads((competing.folder.leaderboard / f"{name}.json").read_text())["standings"]
    return [(row["team"], row["state"], row["score"]) for row in rows]


def test_the_list_says_what_counts_and_by_which_rule(cases: Run, competing: Competing) -> None:
    """Without a number every submission of the team is told, with what the private board looks at; no private score."""
    competing.send("Ada", 0.5, 0.123456)
    competing.send("Bob", 0.9, 0.9)
    competing.send("Ada", 0.75, 0.123457)
    competing.send("Ada", 0.25, 0.123458)
    competing.send("Ada")

    code, out, err = cases("select", "--team", "Ada")

    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "team Ada",
        "submission  received                 public  state",
        "         1  2026-11-25 12:00:00 UTC  0.5000  in time, counts",
        "         3  2026-11-25 12:02:00 UTC  0.7500  in time, counts",
        "         4  2026-11-25 12:03:00 UTC  0.2500  in time",
        "         5  2026-11-25 12:04:00 UTC       –  in time, waits for its grade",
        "private board: the best of submissions 1 and 3, its best on the public board",
        f"to select up to 2, until {DEADLINE}: podium select --team Ada NUMBER",
    ]


def test_the_list_names_every_state(cases: Run, competing: Competing, clock: Clock) -> None:
    """Late, refused, failed, graded by another metric, withdrawn, selected, and what the live policy says instead."""
    competing.send("Ada & Co", verdict="refused")
    competing.send("Ada & Co", verdict="grader_error", error="the label of row 3 is 8")
    competing.send("Ada & Co", 0.9, 0.9, metric="f1_macro")
    competing.send("Ada & Co", 0.5, 0.5)
    competing.send("Ada & Co", 0.5, 0.6, reason="not distinguishable from your best")
    assert cases("select", "--team", "Ada & Co", "4", "5")[0] == 0
    assert cases("withdraw", "4", "--because", "so")[0] == 0
    competing.send("Ada & Co", 0.9, 0.9, at=AFTER)
    clock.now = AFTER

    assert cases("select", "--team", "Ada & Co")[1].splitlines() == [
        "team Ada & Co",
        "submission  received                 public  state",
        "         1  2026-11-25 12:00:00 UTC       –  in time, refused",
        "         2  2026-11-25 12:01:00 UTC       –  in time, grader error",
        "         3  2026-11-25 12:02:00 UTC       –  in time, graded by another metric",
        "         4  2026-11-25 12:03:00 UTC  0.5000  in time, selected, withdrawn",
        "         5  2026-11-25 12:04:00 UTC       –  in time, not distinguishable from your best, selected, counts",
        "         6  2026-12-08 12:00:00 UTC  0.9000  late",
        "private board: submission 5, which the team has selected",
        f"selections were taken until {DEADLINE}",
    ]


@pytest.mark.parametrize(
    ("commands", "rule"),
    [
        ([], "the best of submissions 1 and 2, its best on the public board"),
        ([("select", "--team", "Ada", "3")], "submission 3, which the team has selected"),
        ([("select", "--team", "Ada", "1", "3")], "the best of submissions 1 and 3, which the team has selected"),
        (
            [("select", "--team", "Ada", "3"), ("withdraw", "3", "--because", "so")],
            "the best of submissions 1 and 2, its best on the public board; nothing of its selection counts",
        ),
        (
            [("select", "--team", "Ada", "3"), ("select", "--team", "Ada", "--none")],
            "the best of submissions 1 and 2, its best on the public board",
        ),
        (
            [("withdraw", str(number), "--because", "so") for number in (1, 2, 3)],
            "submission 4, late and outside the ranking",
        ),
        (
            [("withdraw", str(number), "--because", "so") for number in (1, 2, 3, 4)],
            "nothing, for no submission has a score that counts",
        ),
        ([("disqualify", "Ada", "--because", "so")], "nothing, for the team is disqualified"),
    ],
    ids=["best", "one", "two", "emptied", "taken-back", "late", "none", "disqualified"],
)
def test_the_rule_follows_what_was_decided(
    cases: Run, competing: Competing, commands: list[tuple[str, ...]], rule: str
) -> None:
    """What the private board looks at, and by which rule, is told as it is after each decision."""
    for shown in (0.9, 0.8, 0.7):
        competing.send("Ada", shown, shown)
    competing.send("Ada", 0.9, 0.9, at=AFTER)
    for command in commands:
        assert cases(*command)[0] == 0

    lines = cases("select", "--team", "Ada")[1].splitlines()

    assert lines[-2] == f"private board: {rule}"
    told = [line.split()[0] for line in lines[2:6] if line.endswith("counts")]
    assert told == re.findall(r"\d", rule)


def test_a_baseline_is_listed_and_not_selected_for(cases: Run, competing: Competing) -> None:
    """Its submissions are told by number, so that one can be withdrawn; nobody chooses among them."""
    competing.send("Forest", 0.5, 0.5, is_baseline=True)

    assert cases("select", "--team", "Forest")[1].splitlines() == [
        "baseline Forest",
        "submission  received                 public  state",
        "         1  2026-11-25 12:00:00 UTC  0.5000  baseline, counts",
        "private board: submission 1, its best on the public board",
    ]
    told = (
        "'Forest' is a baseline, and outside the ranking: nobody selects for it, and it is withdrawn, not disqualified"
    )
    assert cases("select", "--team", "Forest", "1") == (1, "", f"podium: {told}\n")
    assert cases("disqualify", "Forest", "--because", "so") == (1, "", f"podium: {told}\n")


def test_a_selection_is_told(cases: Run, competing: Competing, clock: Clock) -> None:
    """What was selected, when, and until when it may change; the same again is told as such."""
    for shown in (0.9, 0.8, 0.7):
        competing.send("Ada", shown, shown)

    assert cases("select", "--team", "Ada", "3", "1") == (
        0,
        "team Ada: selected submissions 1 and 3\n"
        "chosen      2026-11-25 13:00:00 UTC\n"
        f"deadline    {DEADLINE}\n"
        "the private board goes by the last selection before the deadline\n",
        "",
    )
    clock.now += timedelta(minutes=1)
    assert cases("select", "--team", "Ada", "1", "3")[1].splitlines()[:2] == [
        "team Ada: selected submissions 1 and 3 (as before: nothing was recorded)",
        "chosen      2026-11-25 13:00:00 UTC",
    ]
    assert cases("select", "--team", "Ada", "2")[1].splitlines()[0] == "team Ada: selected submission 2"
    assert competing.verify() == 8


def test_a_selection_that_is_taken_back_is_told(cases: Run, competing: Competing, clock: Clock) -> None:
    """That the best ones count; the same again is told as such, and no number goes with it."""
    competing.send("Ada", 0.9, 0.9)
    assert cases("select", "--team", "Ada", "1")[0] == 0

    assert cases("select", "--team", "Ada", "--none") == (
        0,
        "team Ada: selected nothing: its best on the public board count\n"
        "chosen      2026-11-25 13:00:00 UTC\n"
        f"deadline    {DEADLINE}\n"
        "the private board goes by the last selection before the deadline\n",
        "",
    )
    clock.now += timedelta(minutes=1)
    assert cases("select", "--team", "Ada", "--none")[1].splitlines()[:2] == [
        "team Ada: selected nothing: its best on the public board count (as before: nothing was recorded)",
        "chosen      2026-11-25 13:00:00 UTC",
    ]
    assert cases("select", "--team", "Ada", "--none", "1") == (
        2,
        "",
        "podium: --none takes the whole selection back: name no submission with it\ntry: podium select --help\n",
    )
    assert competing.verify() == 4


def test_a_vouched_selection(cases: Run, competing: Competing, clock: Clock) -> None:
    """After the deadline it takes a moment before it, and a reason; and the board is written again."""
    competing.send("Ada", 0.9, 0.9)
    clock.now = AFTER
    late = ("select", "--team", "Ada", "1")
    assert cases(*late) == (
        1,
        "",
        f"podium: selections are taken until the deadline, {DEADLINE}; this one was made at 2026-12-08 12:00:00 UTC\n",
    )
    assert cases(*late, "--vouch", "2026-12-07T12:00:00Z")[0] == 2
    assert cases("select", "--team", "Ada", "--vouch", "2026-12-07T12:00:00Z", "--because", "e-mailed") == (
        2,
        "",
        "podium: --vouch is for a selection: name the submissions that were chosen then, or --none\n"
        "try: podium select --help\n",
    )

    assert cases(*late, "--vouch", "2026-12-07T12:00:00Z", "--because", "e-mailed") == (
        0,
        "team Ada: selected submission 1\n"
        "chosen      2026-12-07 12:00:00 UTC\n"
        "vouched     e-mailed\n"
        f"deadline    {DEADLINE}\n"
        f"{NEXT}\n",
        "",
    )


def test_a_withdrawal_is_told_and_published(cases: Run, competing: Competing) -> None:
    """What changed, and what to run next; the next board is without the submission, and with it after --undo."""
    competing.send("Ada", 0.9, 0.9)
    competing.send("Ada", 0.8, 0.8)

    assert cases("withdraw", "1", "--because", "the wrong file") == (
        0,
        f"submission 1, team Ada: withdrawn\nit counts on no board; the attempt stays used\n{NEXT}\n",
        "",
    )
    assert cases("publish")[0] == 0
    assert standings(competing) == [("Ada", "ranked", 0.8)]
    assert cases("withdraw", "1", "--because", "it was right", "--undo") == (
        0,
        f"submission 1, team Ada: restored\nit counts again\n{NEXT}\n",
        "",
    )
    assert cases("publish")[0] == 0
    assert standings(competing) == [("Ada", "ranked", 0.9)]


def test_a_withdrawal_says_what_becomes_of_a_selection(cases: Run, competing: Competing) -> None:
    """What is left of the selection is told; where nothing is, that the best public ones count again."""
    for _ in range(2):
        competing.send("Ada", 0.9, 0.9)
    competing.send("Ada", 0.95, 0.95)
    assert cases("select", "--team", "Ada", "1", "2")[0] == 0

    told = [cases("withdraw", *rest, "--because", "so")[1].splitlines()[2] for rest in (["1"], ["2"], ["2", "--undo"])]

    assert told == [
        "it was selected; of the team's selection submission 2 is left",
        "it was all that the team had selected: its best on the public board count again",
        "the team's selection holds again: submission 2",
    ]


def test_a_disqualification_is_told_and_published(cases: Run, competing: Competing) -> None:
    """What changed, and what to run next; on the page the team stands below all others, with the word for its state."""
    competing.send("Ada", 0.9, 0.9)
    competing.send("Bob", 0.5, 0.5)

    assert cases("disqualify", "Ada", "--because", "shared its file") == (
        0,
        f"team Ada: disqualified; it stands without rank and score\n{NEXT}\n",
        "",
    )
    assert cases("publish")[0] == 0
    assert standings(competing) == [("Bob", "ranked", 0.5), ("Ada", "disqualified", None)]
    page = (competing.folder.leaderboard / "index.html").read_text()
    assert re.search(r'<bdi>Ada</bdi>(</a>)?[^<]*<span class="mark">disqualified</span>', page)
    assert "shared its file" not in page
    assert cases("disqualify", "Ada", "--because", "it had not", "--undo") == (
        0,
        f"team Ada: reinstated; it stands where its scores put it\n{NEXT}\n",
        "",
    )
    assert cases("publish")[0] == 0
    assert standings(competing) == [("Ada", "ranked", 0.9), ("Bob", "ranked", 0.5)]


@pytest.mark.parametrize(
    ("command", "code", "message"),
    [
        (("select", "--team", "Aba", "1"), 1, "team 'Aba' has sent nothing; did you mean 'Ada'?"),
        (("select", "--team", "Aba"), 1, "team 'Aba' has sent nothing; did you mean 'Ada'?"),
        (("select", "--team", "Ada", "2"), 1, "nothing was selected: team 'Ada' has no submission 2; it has 1"),
        (("withdraw", "9", "--because", "so"), 1, "there is no submission 9; the last is 2"),
        (("withdraw", "1", "--because", "so", "--undo"), 1, "submission 1, team 'Ada', is not withdrawn"),
        (("withdraw", "1", "--because", " "), 1, "a decision needs a reason, which goes into the ledger"),
        (("disqualify", "ada", "--because", "so"), 1, "team 'ada' has sent nothing; did you mean 'Ada'?"),
        (("disqualify", "Ada", "--because", "so", "--undo"), 1, "team 'Ada' is not disqualified"),
        (("select", "1"), 2, "Missing option '--team'."),
        (("select", "--team", "Ada", "0"), 2, "Invalid value for '[NUMBER]...': 0 is not in the range x>=1."),
        (("withdraw", "one", "--because", "so"), 2, "Invalid value for 'NUMBER': 'one' is not a valid integer range."),
        (("withdraw", "1"), 2, "Missing option '--because'."),
        (("disqualify", "Ada"), 2, "Missing option '--because'."),
    ],
)
def test_a_mistake_is_one_message_and_changes_nothing(
    cases: Run, competing: Competing, command: tuple[str, ...], code: int, message: str
) -> None:
    """Whatever is wrong is said in one line, and the ledger stays as it was."""
    competing.send("Ada", 0.9, 0.9)
    competing.send("Bob", 0.5, 0.5)

    told = cases(*command)

    assert (told[0], told[1]) == (code, "")
    assert told[2].splitlines()[0].removesuffix(": nothing was recorded") == f"podium: {message}"
    assert competing.verify() == 4
