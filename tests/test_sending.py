"""`podium submit --server`, and check.pyz --submit: the same receipt, the same faults and exit codes as at the desk."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import numpy as np
import pytest
from fake_desk import FAULTS, RECEIPT, TAKEN, FakeDesk, Reaction, fake_desk, hangs_up, problem, says, taken

from commands import sending
from conftest import CASES, GOOD_FILE, Run
from starter import check_program
from submissions.sending import at_hand

TOKEN = "podium_wholly-secret-0123456789"
BAD_FILE = GOOD_FILE.replace(b"1,7", b"1,x")


@pytest.fixture(autouse=True)
def _nothing_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PODIUM_TOKEN", "PODIUM_SERVER"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def desk() -> Iterator[FakeDesk]:
    with fake_desk() as made:
        yield made


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file in a folder of no competition, which is where we are."""
    path = tmp_path / "elsewhere" / "submission.csv"
    path.parent.mkdir()
    path.write_bytes(GOOD_FILE)
    monkeypatch.chdir(path.parent)
    return path


@pytest.fixture
def kit(tmp_path: Path, desk: FakeDesk) -> Path:
    """An unpacked kit that names the desk, with a submission in it."""
    folder = tmp_path / "kit"
    folder.mkdir()
    rules = (CASES / "competition.toml").read_text()
    (folder / "competition.toml").write_text(f'{rules}\n[desk]\naddress = "{desk.base}/"\n')
    (folder / "sample_submission.csv").write_bytes((CASES / "sample_submission.csv").read_bytes())
    (folder / "submission.csv").write_bytes(GOOD_FILE)
    (folder / "check.pyz").write_bytes(check_program.build())
    return folder


def test_submit_sends_to_a_web_desk(run: Run, desk: FakeDesk, file: Path) -> None:
    """Outside of any competition, without a team: the token says whose the file is."""
    assert run("submit", file, "--server", desk.base, "--token", TOKEN) == (0, RECEIPT + "\n", "")
    assert desk.requests[0].body == GOOD_FILE
    assert desk.requests[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_the_token_may_be_a_variable(run: Run, desk: FakeDesk, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PODIUM_TOKEN keeps it out of the shell's history."""
    monkeypatch.setenv("PODIUM_TOKEN", TOKEN)

    assert run("submit", file, "--server", desk.base)[0] == 0


def test_the_token_may_be_typed(run: Run, desk: FakeDesk, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal it is asked for, and not shown."""
    asked = {}

    def prompt(text: str, **options: bool) -> str:
        asked[text] = options
        return TOKEN

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(click, "prompt", prompt)

    assert run("submit", file, "--server", desk.base) == (0, RECEIPT + "\n", "")
    assert asked == {"Your team's token": {"hide_input": True, "err": True}}


def test_nobody_waits_for_a_token_that_cannot_be_typed(
    run: Run, desk: FakeDesk, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a script the missing token is a usage error."""
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    code, out, err = run("submit", file, "--server", desk.base)

    assert (code, out) == (2, "")
    assert err == ("podium: no token: put your team's into the variable PODIUM_TOKEN\ntry: podium submit --help\n")


def test_in_a_kit_the_desk_is_known(run: Run, desk: FakeDesk, kit: Path) -> None:
    """The kit's rules say where the desk stands; neither server nor team is named."""
    assert run("submit", kit / "submission.csv", "--token", TOKEN, "-C", kit) == (0, RECEIPT + "\n", "")
    assert len(desk.requests) == 1


def test_the_rules_at_hand_are_asked_first(run: Run, desk: FakeDesk, kit: Path) -> None:
    """A faulty file is told as `podium check` tells it, without a request."""
    (kit / "submission.csv").write_bytes(BAD_FILE)
    checked = run("check", kit / "submission.csv", "-C", kit)

    assert run("submit", kit / "submission.csv", "--token", TOKEN, "-C", kit) == checked
    assert checked[0] == 1
    assert desk.requests == []


@pytest.mark.parametrize(
    ("answer", "code", "out", "err"),
    [
        (says(201, {**TAKEN, "verdict": "refused"}), 1, RECEIPT, ""),
        (says(201, {**TAKEN, "verdict": "grader_error"}), 3, RECEIPT, ""),
        (says(201, {**TAKEN, "verdict": "waiting"}), 3, RECEIPT, ""),
        (problem(422, "invalid-submission", "it has faults", text=FAULTS), 1, "{file}: " + FAULTS, ""),
        (problem(403, "closed", "the competition is closed"), 1, "", "podium: the competition is closed"),
        (
            problem(503, "unavailable", "the desk is being moved", retry_after="99"),
            3,
            "",
            "podium: {desk}: the desk is being moved; it asks to wait 99 s; send the same file again later: it never "
            "counts twice",
        ),
    ],
)
def test_exit_codes_are_those_of_the_desk(
    run: Run, desk: FakeDesk, file: Path, answer: Reaction, code: int, out: str, err: str
) -> None:
    """0 taken, 1 refused, 3 for whoever runs the desk to mend; faults and receipts on standard output."""
    desk.plays(answer)
    places = {"desk": desk.base, "file": file}
    told = (code, *(text.format(**places) + "\n" if text else "" for text in (out, err)))

    assert run("submit", file, "--server", desk.base, "--token", TOKEN) == told


def test_what_happens_on_the_way_is_told(run: Run, desk: FakeDesk, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second try is told on standard error, so that the receipt stands alone."""
    monkeypatch.setattr("submissions.sending.client.PAUSES", (0.0,))
    desk.plays(hangs_up, taken)

    assert run("submit", file, "--server", desk.base, "--token", TOKEN) == (
        0,
        RECEIPT + "\n",
        f"podium: {desk.base}: the connection was lost (closed before the answer was there); trying again in 0 s\n",
    )


def test_progress_goes_back_with_the_file() -> None:
    """A file that is sent anew takes the bar back to its beginning."""
    steps: list[int] = []
    step = sending._steps(steps.append)
    for gone in (10, 20, 10, 20):
        step(gone, 20)

    assert steps == [10, 10, -10, 10]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--team", "Ada"), "--team and a web desk ({desk}) do not go together: the token says whose the file is"),
        (
            ("--baseline",),
            "--baseline and a web desk ({desk}) do not go together: it is for the organiser's own folder",
        ),
        (
            ("--vouch", "2026-12-01T00:00:00Z", "--because", "e-mailed"),
            "--vouch and a web desk ({desk}) do not go together: it is for the organiser's own folder",
        ),
    ],
)
def test_what_is_the_organisers_goes_to_no_web_desk(
    run: Run, desk: FakeDesk, file: Path, more: tuple[str, ...], message: str
) -> None:
    """Options of the organiser's own desk are refused, not ignored."""
    code, _, err = run("submit", file, "--server", desk.base, "--token", TOKEN, *more)

    assert code == 2
    assert err == f"podium: {message.format(desk=desk.base)}\ntry: podium submit --help\n"
    assert desk.requests == []


def test_without_a_desk_anywhere_it_says_so(run: Run, file: Path, kit: Path) -> None:
    """Neither a folder with a desk, nor a web desk: what is missing is named."""
    code, _, err = run("submit", file, "--team", "Ada")
    assert code == 3
    assert err.startswith(f"podium: no competition.toml in {file.parent} or above it")
    code, _, err = run("submit", file, "--server", "https://example.org", "--token", TOKEN, "-C", file.parent)
    assert (code, err.startswith("podium: no competition.toml in ")) == (3, True)

    (kit / "grader").mkdir()
    code, _, err = run("submit", kit / "submission.csv", "-C", kit)
    assert (code, err) == (
        2,
        "podium: name the team with --team, or a web desk with --server\ntry: podium submit --help\n",
    )
    code, _, err = run("submit", kit / "submission.csv", "--team", "Ada", "--token", TOKEN, "-C", kit)
    assert (code, err) == (
        2,
        "podium: --token is for a web desk: name it with --server\ntry: podium submit --help\n",
    )


Check = Callable[..., tuple[int, str, str]]


@pytest.fixture
def check(kit: Path, tmp_path: Path) -> Check:
    """check.pyz in the kit, beside nothing but Python and numpy."""
    lone = tmp_path / "lone"
    lone.mkdir()
    for folder in Path(np.__file__).parents[1].glob("numpy*"):
        (lone / folder.name).symlink_to(folder)

    def run_one(*arguments: str, **environment: str) -> tuple[int, str, str]:
        program = [sys.executable, "-S", "-X", "utf8", "check.pyz", *arguments]
        told = {"PYTHONPATH": str(lone), **environment}
        done = subprocess.run(
            program, cwd=kit, env=told, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout, done.stderr

    return run_one


def test_check_pyz_sends(check: Check, desk: FakeDesk, kit: Path) -> None:
    """Who has not installed Podium sends with what lies in the kit, and gets the same receipt."""
    assert check("submission.csv", "--submit", PODIUM_TOKEN=TOKEN) == (0, RECEIPT + "\n", "")
    assert desk.requests[0].body == GOOD_FILE
    with fake_desk() as other:
        arguments = ("--submit", "--server", other.base, "submission.csv")
        assert check(*arguments, PODIUM_TOKEN=TOKEN) == (0, RECEIPT + "\n", "")
        assert len(other.requests) == 1

    desk.plays(problem(422, "invalid-submission", "it has faults", text=FAULTS))
    assert check("--submit", "submission.csv", PODIUM_TOKEN=TOKEN) == (1, f"submission.csv: {FAULTS}\n", "")
    desk.plays(problem(401, "unauthorised", "no such token"))
    assert check("submission.csv", "--submit", PODIUM_TOKEN=TOKEN) == (
        1,
        f"no such token (your team's page: {desk.base}/team)\n",
        "",
    )
    desk.plays(problem(503, "unavailable", "the desk is being moved", retry_after="99"))
    assert check("submission.csv", "--submit", PODIUM_TOKEN=TOKEN)[0] == 3
    assert check("none.csv", "--submit", PODIUM_TOKEN=TOKEN)[0] == 2
    (kit / "submission.csv").write_bytes(BAD_FILE)
    assert check("submission.csv", "--submit", PODIUM_TOKEN=TOKEN) == check("submission.csv")


def test_check_pyz_says_what_is_missing(check: Check, desk: FakeDesk, kit: Path) -> None:
    """Without a token, or a desk, it says what to do, and asks nobody who cannot answer."""
    assert check("submission.csv", "--submit") == (2, at_hand.no_token(f"{desk.base}/") + "\n", "")
    (kit / "competition.toml").write_bytes((CASES / "competition.toml").read_bytes())
    assert check("submission.csv", "--submit") == (
        2,
        "This kit names no web desk: name it with --server, or send the file to the organiser as you were told.\n",
        "",
    )
    assert check("submission.csv", "--send")[0] == 2
    assert desk.requests == []


def test_check_pyz_is_importable(desk: FakeDesk, kit: Path, tmp_path: Path) -> None:
    """A notebook or a script beside the kit imports `submit` from it, from wherever it runs."""
    (kit / "submission.csv").rename(tmp_path / "mine.csv")
    code = (
        f"import sys; sys.path.insert(0, {str(kit / 'check.pyz')!r})\nfrom submissions.sending.client import submit\n"
    )
    code += "import submissions; assert 'check.pyz' in submissions.__file__; submit('mine.csv')"
    environment = {**os.environ, "PODIUM_TOKEN": TOKEN}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert (done.stdout, done.stderr) == (RECEIPT + "\n", "")
    assert desk.requests[0].body == GOOD_FILE
