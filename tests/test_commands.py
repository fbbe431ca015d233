"""Rules of podium.py and commands/: what is printed, what the exit codes are, and that no traceback is seen."""

import errno
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import podium
from commands.host import Host
from conftest import WEDNESDAY as NOW
from conftest import Clock, Run
from submissions.folder import Folder

AFTER = datetime(2026, 12, 8, 12, 0, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A digits competition as `podium new` makes it; tests work on copies."""
    root = tmp_path_factory.mktemp("made") / "digits"
    with pytest.raises(SystemExit) as ended:
        podium.main(["new", str(root), "--dataset", "digits"], Host(Clock(), None))
    assert not ended.value.code
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "digits"))


def submission(root: Path, change: Callable[[list[bytes]], None] | None = None) -> Path:
    """The sample submission as a file of its own, with its lines changed."""
    lines = Folder(root).sample.read_bytes().splitlines(keepends=True)
    if change:
        change(lines)
    path = root.parent / "submission.csv"
    path.write_bytes(b"".join(lines))
    return path


def one_twice_another_missing(lines: list[bytes]) -> None:
    lines[3] = lines[2]


def faults(root: Path) -> list[str]:
    """What is told of `one_twice_another_missing`."""
    first, second = Folder(root).row_ids(Folder(root).competition()).texts[1:3]
    return [
        f"line 4: row id '{first}' was already given on line 3 [duplicate-row-id]",
        f"row id '{second}' is missing (line 4 of the sample submission) [missing-row-id]",
    ]


def test_new_makes_the_four_rooms(made: Path) -> None:
    """A new competition has two public rooms and two private ones, and its rules read back."""
    folder = Folder(made)

    assert folder.competition().deadline == datetime.fromisoformat("2026-12-07T23:59:59-12:00")
    assert folder.sample.is_file()
    assert (made / "grader" / "solution.csv").is_file()
    assert (made / ".gitignore").read_text().splitlines()[1:] == ["/submissions/", "/grader/"]
    assert [(made / room).stat().st_mode & 0o777 for room in ("submissions", "grader")] == [0o700, 0o700]
    assert [path.name for path in made.parent.iterdir()] == ["digits"]


def test_new_refuses_a_folder_that_is_not_empty(run: Run, root: Path) -> None:
    """What is there is never written over."""
    code, out, err = run("new", root, "--dataset", "digits")

    assert (code, out) == (2, "")
    assert err.splitlines()[0] == f"podium: {root} is not empty: name a folder that is empty or not there yet"


@pytest.mark.parametrize(
    ("deadline", "message"),
    [
        ("2026-12-07T23:59:59", "has no offset from UTC: write 2026-12-07T23:59:59Z, or +01:00 and the like behind it"),
        ("soon", "'soon' is no date-time; write it like 2026-12-07T23:59:59-12:00"),
        ("2026-11-01T00:00:00Z", "--deadline 2026-11-01T00:00:00+00:00 has passed"),
    ],
)
def test_new_demands_a_deadline_to_come_with_an_offset(run: Run, tmp_path: Path, deadline: str, message: str) -> None:
    """A deadline names one instant, and it lies ahead."""
    code, _, err = run("new", tmp_path / "x", "--deadline", deadline)

    assert code == 2
    assert message in err
    assert not (tmp_path / "x").exists()


def test_check_says_ready(run: Run, root: Path) -> None:
    """A perfect file is ready to submit."""
    path = submission(root)

    assert run("check", path, "-C", root) == (0, f"{path}: ready to submit (500 predictions)\n", "")


def test_check_needs_only_the_kit(run: Run, root: Path, tmp_path: Path) -> None:
    """A participant checks inside the unpacked kit, which has no labels."""
    shutil.unpack_archive(next((root / "starter").glob("*.zip")), tmp_path / "kit")
    [kit] = (tmp_path / "kit").iterdir()

    assert run("check", kit / "sample_submission.csv", "-C", kit)[0] == 0


def test_check_tells_every_fault(run: Run, root: Path) -> None:
    """The whole answer to a file with two faults."""
    path = submission(root, one_twice_another_missing)
    code, out, _ = run("check", path, "-C", root)

    assert code == 1
    assert out.splitlines() == [
        f"{path}: refused, 2 faults",
        *(f"  {fault}" for fault in faults(root)),
        "",
        "How to mend:",
        "  duplicate-row-id  give each row id once",
        "  missing-row-id    give a prediction for every row id of the sample submission",
    ]


def test_submit_prints_the_receipt(run: Run, root: Path) -> None:
    """The whole receipt: what, when, in time, attempts left, proof and public score; and no private one."""
    code, out, err = run("submit", submission(root), "--team", "Ada", "-C", root)
    lines = dict(line.split(maxsplit=1) for line in out.splitlines())

    assert (code, err) == (0, "")
    assert list(lines) == ["submission", "sha256", "received", "deadline", "attempts", "proof", "score"]
    assert lines["submission"] == "1, team Ada"
    assert lines["received"] == "2026-11-25 12:00:00 UTC, in time"
    assert lines["deadline"] == "2026-12-08 11:59:59 UTC (2026-12-07 23:59:59-12:00)"
    assert lines["attempts"] == "4 of 5 left on that UTC day"
    assert lines["score"].endswith(" accuracy on the public rows")
    assert run("verify", "-C", root, "--holds", lines["proof"])[0] == 0


def test_submit_refuses_faults_and_records_nothing(run: Run, root: Path) -> None:
    """A refused file is told its faults, exits with 1, and is no attempt."""
    code, out, _ = run("submit", submission(root, one_twice_another_missing), "--team", "Ada", "-C", root)

    assert code == 1
    assert [line.strip() for line in out.splitlines()[1:3]] == faults(root)
    assert json.loads(run("status", "--json", "-C", root)[1])["submissions"]["graded"] == 0


def test_a_late_submission_is_told_so(run: Run, root: Path, clock: Clock) -> None:
    """One second after the deadline a file is graded and outside the ranking."""
    clock.now = AFTER
    code, out, _ = run("submit", submission(root), "--team", "Ada", "-C", root)

    assert code == 0
    assert "received    2026-12-08 12:00:00 UTC, LATE: graded, outside the ranking" in out


def test_the_inbox_from_end_to_end(run: Run, root: Path) -> None:
    """`run` takes the good file, tells the faults of the bad one and leaves it, and writes the board."""
    for team, change in (("Ada", None), ("Bob", one_twice_another_missing)):
        place = root / "submissions" / "inbox" / team
        place.mkdir()
        submission(root, change).rename(place / "mine.csv")
    code, out, _ = run("run", "-C", root)

    assert code == 1
    assert "Ada/mine.csv: received as submission 1" in out
    assert [line.strip() for line in out.splitlines() if line.startswith(("  line", "  row"))] == faults(root)
    assert "submission 1, team Ada: public" in out
    assert (root / "submissions" / "inbox" / "Bob" / "mine.csv").exists()
    assert "Ada" in (root / "leaderboard" / "index.html").read_text()
    assert run("receive", "-C", root)[0] == 1
    assert run("grade", "-C", root) == (0, "", "")


def test_publish_is_a_function_of_the_moment(run: Run, root: Path, tmp_path: Path) -> None:
    """The same --as-of twice gives the same bytes, whatever came in between."""
    run("submit", submission(root), "--team", "Ada", "-C", root)
    moment = ("publish", "-C", root, "--as-of", "2026-11-25T12:00:00Z")
    assert run(*moment)[0] == 0
    first = shutil.copytree(root / "leaderboard", tmp_path / "first")
    run("publish", "-C", root, "--as-of", "2026-11-24T00:00:00Z")
    assert run(*moment)[0] == 0

    assert subprocess.run(["diff", "-r", first, root / "leaderboard"], check=False, capture_output=True).stdout == b""


def test_a_future_board_is_refused(run: Run, root: Path) -> None:
    """A board shows what has happened."""
    code, _, err = run("publish", "-C", root, "--as-of", "2027-01-01T00:00:00Z")

    assert code == 2
    assert "lies in the future" in err


def test_reveal_waits_for_the_deadline_and_the_grades(run: Run, root: Path, clock: Clock) -> None:
    """The private board is shown after the deadline, when everything is graded; and not before."""
    place = root / "submissions" / "inbox" / "Ada"
    place.mkdir()
    submission(root).rename(place / "mine.csv")
    run("receive", "-C", root)
    assert run("reveal", "-C", root)[2].startswith("podium: the private board is shown after the deadline, 2026-12-08")
    clock.now = AFTER
    code, _, err = run("reveal", "-C", root)
    assert (code, err) == (1, "podium: not every submission has its grade (1 wait): run podium grade first\n")

    run("grade", "-C", root)
    run("publish", "-C", root)
    assert not (root / "leaderboard" / "final.html").exists()
    code, out, _ = run("reveal", "-C", root)
    assert code == 0
    assert out.splitlines()[-1] == f"the private board is public: {root / 'leaderboard' / 'final.html'}"
    assert (root / "leaderboard" / "final.html").exists()


def test_status(run: Run, root: Path) -> None:
    """What stands, for people and for programs."""
    run("submit", submission(root), "--team", "Ada", "-C", root)
    facts = json.loads(run("status", "--json", "-C", root)[1])

    assert facts["phase"] == "open"
    assert facts["submissions"] == {"graded": 1, "refused": 0, "grader_error": 0, "waiting": 0}
    assert facts["leader"]["team"] == "Ada"
    assert facts["seconds_left"] == (datetime(2026, 12, 8, 11, 59, 59, tzinfo=UTC) - NOW).total_seconds()
    assert "leader       Ada, public " in run("status", "-C", root)[1]


def test_a_vouched_file(run: Run, root: Path, clock: Clock) -> None:
    """The organiser vouches for a moment with a reason, or not at all."""
    clock.now = AFTER
    late = ("submit", submission(root), "--team", "Ada", "-C", root)
    assert run(*late, "--vouch", "2026-12-01T00:00:00Z")[0] == 2
    code, out, _ = run(*late, "--vouch", "2026-12-01T00:00:00Z", "--because", "e-mailed")

    assert code == 0
    assert "received    2026-12-01 00:00:00 UTC, in time" in out
    assert "vouched     e-mailed" in out


def broken_rules(root: Path) -> None:
    rules = root / "competition.toml"
    rules.write_text(rules.read_text().replace("deadline =", "dead_line ="))


def unknown_metric(root: Path) -> None:
    rules = root / "competition.toml"
    rules.write_text(rules.read_text().replace('"accuracy"', '"acuracy"'))


def damaged_ledger(root: Path) -> None:
    (root / "submissions" / "ledger.db").write_bytes(b"\0" * 4096)


def newer_ledger(root: Path) -> None:
    with sqlite3.connect(root / "submissions" / "ledger.db") as connection:
        connection.execute("PRAGMA user_version = 3")
    connection.close()


@pytest.mark.parametrize(
    ("damage", "command", "message"),
    [
        (broken_rules, "submit", "unknown key 'dead_line', did you mean 'deadline'?"),
        (unknown_metric, "status", "unknown metric 'acuracy', did you mean 'accuracy'?"),
        (lambda root: shutil.rmtree(root / "submissions" / "inbox"), "receive", "inbox is missing: make the folder"),
        (lambda root: (root / "starter" / "sample_submission.csv").unlink(), "submit", "needs a sample submission"),
        (lambda root: (root / "submissions" / "ledger.db").unlink(), "submit", "ledger.db is missing"),
        (lambda root: (root / "submissions" / "ledger.db").unlink(), "status", "ledger.db is missing"),
        (damaged_ledger, "submit", "ledger"),
        (damaged_ledger, "verify", "ledger"),
        (newer_ledger, "run", "has layout 3; this podium reads layout 2"),
    ],
)
def test_what_the_organiser_must_mend_is_one_message(
    run: Run, root: Path, damage: Callable[[Path], None], command: str, message: str
) -> None:
    """A broken competition is one clear message and exit code 3."""
    file = submission(root)
    damage(root)
    more = (file, "--team", "Ada") if command == "submit" else ()
    code, _, err = run(command, *more, "-C", root)

    assert code == 3
    assert message in err
    assert err.startswith("podium: ")


def test_outside_of_a_competition(run: Run, tmp_path: Path) -> None:
    """Where there is no competition.toml up to the root, the mend is -C."""
    code, _, err = run("status", "-C", tmp_path)

    assert code == 3
    assert err == f"podium: no competition.toml in {tmp_path} or above it: name the competition's folder with -C DIR\n"


def test_an_unwritable_board_is_a_message(run: Run, root: Path) -> None:
    """A site that cannot be written names the place; the ledger has what was received."""
    shutil.rmtree(root / "leaderboard")
    (root / "leaderboard").write_text("a file where a folder should be")
    run("submit", submission(root), "--team", "Ada", "-C", root)
    code, _, err = run("publish", "-C", root)

    assert code == 3
    assert str(root / "leaderboard") in err
    assert run("verify", "-C", root)[0] == 0


def test_a_full_disk_is_a_message(run: Run, root: Path, clock: Clock) -> None:
    """What the system refuses is told in its own words, with the place."""

    def full() -> datetime:
        raise OSError(errno.ENOSPC, "No space left on device", str(root))

    clock.__class__.__call__, usual = lambda _self: full(), clock.__class__.__call__  # type: ignore[method-assign]
    try:
        code, _, err = run("status", "-C", root)
    finally:
        clock.__class__.__call__ = usual  # type: ignore[method-assign]

    assert (code, err) == (3, f"podium: {root}: No space left on device\n")


def test_ctrl_c_is_a_message(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An interrupted command says that nothing is lost, and exits as shells expect."""

    def interrupted() -> datetime:
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as ended:
        podium.main(["status", "-C", str(root)], Host(interrupted, None))

    assert ended.value.code == 130
    assert capsys.readouterr().err == (
        "\npodium: interrupted; what has a receipt is kept, and the next run carries on\n"
    )


def test_our_own_mistake_is_a_message_and_debug_shows_where(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Even what nobody foresaw is one message; --debug shows the traceback."""

    def broken() -> datetime:
        raise ZeroDivisionError("unforeseen")

    for arguments, is_shown in ((["status"], False), (["--debug", "status"], True)):
        with pytest.raises(SystemExit) as ended:
            podium.main([*arguments, "-C", str(root)], Host(broken, None))
        err = capsys.readouterr().err
        assert ended.value.code == 3
        assert ("Traceback" in err) == is_shown
        assert "podium failed: ZeroDivisionError: unforeseen; podium --debug … shows where" in err


def test_usage_errors(run: Run) -> None:
    """What the command line does not know is exit code 2, with where to read on."""
    assert run("chek") == (2, "", "podium: No such command 'chek'.\ntry: podium --help\n")
    code, _, err = run("check")
    assert (code, err) == (2, "podium: Missing argument 'FILE'.\ntry: podium check --help\n")


@pytest.mark.parametrize("name", podium.COMMANDS)
def test_every_command_has_help_with_an_example(run: Run, name: str) -> None:
    """--help of each command says what it does and shows how it is called."""
    code, out, _ = run(name, "--help")

    assert code == 0
    assert f"Example: podium {name}" in out


def test_a_reader_that_stops_early_is_no_error(root: Path) -> None:
    """`podium status | head -1` ends quietly."""
    command = [sys.executable, "-c", "import podium; podium.main()", "status", "-C", str(root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


def test_a_grader_error_costs_nothing_and_is_seen_by_the_organiser(
    run: Run, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash in the metric is kept, shown without its text to the sender, and costs no attempt."""
    from grader import metrics

    def fail(*_: object) -> float:
        raise RuntimeError("the true label of row 3 is 8")

    monkeypatch.setitem(metrics.METRICS, "accuracy", replace(metrics.find("accuracy"), confusion=None, whole=fail))
    code, out, err = run("submit", submission(root), "--team", "Ada", "-C", root)

    assert code == 3
    assert "score       none: the grader failed; the organiser is told, and no attempt was used" in out
    assert "attempts    5 of 5 left" in out
    assert "true label" not in out + err
    monkeypatch.undo()
    assert json.loads(run("status", "--json", "-C", root)[1])["submissions"]["grader_error"] == 1
    assert "public" in run("grade", "--retry", "-C", root)[1]


def test_the_daily_limit_is_told_with_the_next_moment(run: Run, root: Path, clock: Clock) -> None:
    """The attempt after the last is refused with exit code 1, and told when the next opens."""
    for second in range(6):
        clock.now = NOW + timedelta(seconds=second)

        def relabel(lines: list[bytes], label: int = second) -> None:
            lines[1] = lines[1].split(b",")[0] + b",%d\n" % label

        code, out, err = run("submit", submission(root, relabel), "--team", "Ada", "-C", root)

    assert (code, out) == (1, "")
    assert err == ("podium: team 'Ada' has used its 5 attempts of the day; the next opens at 2026-11-26 00:00:00 UTC\n")


def test_a_broken_grader_does_not_cost_the_arrival(run: Run, root: Path) -> None:
    """Without a solution the file is received all the same; the organiser is told, and grades later."""
    solution = root / "grader" / "solution.csv"
    kept = solution.read_bytes()
    solution.unlink()
    code, out, err = run("submit", submission(root), "--team", "Ada", "-C", root)

    assert code == 3
    assert "received    2026-11-25 12:00:00 UTC, in time" in out
    assert "score       waits for its grade; the organiser must see to the grader" in out
    assert err == f"podium: {solution} is missing: put a copy of the solution there\n"
    solution.write_bytes(kept)
    assert run("grade", "-C", root)[1].startswith("submission 1, team Ada: public")


def test_a_file_name_cannot_forge_a_line(run: Run, root: Path) -> None:
    """What a terminal would obey in a file's name is spelled out."""
    place = root / "submissions" / "inbox" / "Bob"
    place.mkdir()
    (place / "x\x1b[2J\nAda.csv").write_text("nonsense")
    out = run("receive", "-C", root)[1]

    assert out.startswith("Bob/x\\x1b[2J\\nAda.csv: refused, ")


def test_the_split_that_was_made_is_the_split_of_the_rules(run: Run, root: Path) -> None:
    """A public_share that is not the solution's is told: the page would say what is not so."""
    rules = root / "competition.toml"
    rules.write_text(rules.read_text().replace("public_share = 0.3", "public_share = 0.9"))
    lines = Folder(root).sample.read_bytes()
    (root.parent / "x.csv").write_bytes(lines)
    code, _, err = run("submit", root.parent / "x.csv", "--team", "Ada", "-C", root)

    assert code == 3
    assert "public_share: is 0.9, but the solution's split has 0.3 public" in err


def test_a_watching_desk_tells_what_is_news(run: Run, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`run --watch` takes what comes, tells it once, outlives trouble, and ends at Ctrl-C."""
    place = root / "submissions" / "inbox" / "Ada"
    ledger = root / "submissions" / "ledger.db"
    good = submission(root)
    rules = root / "competition.toml"

    def comes_a_good_file() -> None:
        place.mkdir()
        shutil.copy(good, place / "good.csv")

    def comes_a_bad_file() -> None:
        (place / "bad.csv").write_text("nonsense")

    def nothing() -> None:
        pass

    def ends() -> None:
        raise KeyboardInterrupt

    looks = iter(
        [
            comes_a_good_file,
            comes_a_bad_file,
            nothing,
            lambda: ledger.rename(root / "away.db"),
            nothing,
            lambda: (root / "away.db").rename(ledger),
            nothing,
            lambda: broken_rules(root),
            lambda: rules.write_text(rules.read_text().replace("dead_line", "deadline").replace("= 5", "= 9")),
            nothing,
            ends,
        ]
    )
    monkeypatch.setattr("commands.watching.time.sleep", lambda _seconds: next(looks)())
    code, out, err = run("run", "--watch", "-C", root)

    assert code == 0
    assert out.endswith("ended; what has a receipt is kept\n")
    assert out.count("competition.toml was edited, and holds from now on") == 1
    assert "unknown key 'dead_line'" in err
    assert out.count("Ada/good.csv: received as submission 1") == 1
    assert out.count("submission 1, team Ada: public") == 1
    assert out.count("Ada/bad.csv: refused") == 2  # once under the old rules, once under the new ones
    assert err.count("ledger.db is missing") == 3  # one trouble, in each of the three steps, told once
    assert "Ada" in (root / "leaderboard" / "index.html").read_text()


def test_in_a_kit_there_is_no_desk(run: Run, root: Path, tmp_path: Path) -> None:
    """Who asks a kit for what only the organiser's folder can do is told where to turn."""
    shutil.unpack_archive(next((root / "starter").glob("*.zip")), tmp_path / "kit")
    [kit] = (tmp_path / "kit").iterdir()
    code, _, err = run("submit", kit / "sample_submission.csv", "--team", "Ada", "-C", kit)

    assert code == 1
    assert err == (
        f"podium: {kit} is a starter kit, without a desk: send the file to the organiser, or name the web desk with "
        "--server\n"
    )


def test_the_same_file_again_is_told_as_such(run: Run, root: Path, clock: Clock) -> None:
    """A file that was received before gets its receipt again, and nothing is used up."""
    run("submit", submission(root), "--team", "Ada", "-C", root)
    clock.now = NOW + timedelta(minutes=1)
    code, out, _ = run("submit", submission(root), "--team", "Ada", "-C", root)

    assert code == 0
    assert out.startswith("submission  1, team Ada (the same file as before: nothing was used up)\n")
    assert "attempts" not in out


def test_new_takes_a_title_and_a_metric(run: Run, tmp_path: Path) -> None:
    """What the organiser decides at the start stands in the rules, in the kit and on the first, empty board."""
    wanted = ("--dataset", "digits", "--title", "Ziffern für alle", "--metric", "f1_macro")
    assert run("new", tmp_path / "x", *wanted)[0] == 0

    assert Folder(tmp_path / "x").competition().metric == "f1_macro"
    assert "Ziffern für alle" in (tmp_path / "x" / "starter" / "README.md").read_text(encoding="utf-8")
    assert "Ziffern für alle" in (tmp_path / "x" / "leaderboard" / "index.html").read_text(encoding="utf-8")
    code, _, err = run("new", tmp_path / "y", "--metric", "acuracy")
    assert (code, "did you mean 'accuracy'?" in err, (tmp_path / "y").exists()) == (3, True, False)


def test_grades_of_another_metric_are_told_and_hold_up_the_reveal(run: Run, root: Path, clock: Clock) -> None:
    """After the metric was changed nobody drops from the final board without a word."""
    run("submit", submission(root), "--team", "Ada", "-C", root)
    rules = root / "competition.toml"
    rules.write_text(rules.read_text().replace('metric = "accuracy"', 'metric = "f1_macro"'))
    clock.now = AFTER
    told = (
        "the solution, its split or the scoring was changed after submissions had been graded; nothing more is graded "
        "until: podium regrade --because TEXT\n"
    )
    assert run("reveal", "-C", root) == (3, "", f"podium: {told}")
    assert run("grade", "-C", root) == (3, "", f"podium: {told}")
    assert f"grader       {told}" in run("status", "-C", root)[1]

    code, out, err = run("regrade", "--because", "fairer to rare digits", "-C", root)
    assert (code, err) == (0, "")
    assert out.endswith("in force: 1 new grades; podium publish writes the board\n")
    assert run("reveal", "-C", root)[0] == 0
