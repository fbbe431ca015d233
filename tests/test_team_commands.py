"""Rules of commands/team.py: what is printed of those who may come in, and which secret is shown where."""

import csv
import hashlib
import re
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import CASES, Run
from conftest import WEDNESDAY as NOW
from submissions import files
from submissions.folder import Folder
from submissions.membership import accounts, members, tokens
from submissions.membership.members import Member
from submissions.record.ledger import Ledger

CODE = r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}"
AT = "2026-11-25 12:00:00 UTC"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path / "cases")
    for room in ("starter", "submissions", "grader", "leaderboard"):
        (made.root / room).mkdir(parents=True)
    shutil.copy(CASES / "competition.toml", made.rules)
    shutil.copy(CASES / "sample_submission.csv", made.sample)
    Ledger.create(made.ledger).close()
    return made


@pytest.fixture
def team(run: Run, folder: Folder) -> Run:
    """Runs `podium team` in the competition."""
    return lambda *arguments: run("team", *arguments, "-C", folder.root)


@pytest.fixture
def join(folder: Folder) -> Callable[..., Member]:
    def come_in(code: str, name: str, new: str | None = None) -> Member:
        with folder.open_ledger() as ledger:
            return members.join(ledger, code, team=new, name=name, identity=None, email=None, now=NOW)

    return come_in


def code_in(out: str) -> str:
    found = re.search(CODE, out)
    assert found
    return found[0]


def test_adding_a_team(team: Run, join: Callable[..., Member]) -> None:
    """The account's name in its one spelling, and a code that lets in; the second time is refused."""
    code, out, err = team("add", " Team  Ada ")

    assert (code, err) == (0, "")
    made = code_in(out)
    assert out == (
        f"team Team Ada: account made\njoin code {made}  (shown once; keep it)\nwhoever has the code joins this team\n"
    )
    assert join(made, "Bob").team == "Team Ada"
    told = "podium: team 'Team Ada' has an account; for a new join code: podium team code --team NAME\n"
    assert team("add", "Team Ada") == (1, "", told)


def test_codes_are_made_and_revoked(team: Run, join: Callable[..., Member]) -> None:
    """Of a team, or open to new ones; a revoked one is told, and so is that there is none."""
    team("add", "Ada")
    code, out, err = team("code", "--team", "Ada")
    own = code_in(out)
    assert (code, err) == (0, "")
    assert out == f"team Ada: join code {own}  (shown once; keep it)\nany code before it holds no longer\n"
    assert join(own, "Bob").team == "Ada"

    opening = code_in(out := team("code")[1])
    assert out == (
        f"open to new teams: join code {opening}  (shown once; keep it)\nany code before it holds no longer\n"
    )
    assert join(opening, "Eve", "New").team == "New"

    assert team("code", "--revoke") == (0, "open to new teams: join code revoked; who has joined stays\n", "")
    assert team("code", "--revoke") == (0, "open to new teams: there is no join code\n", "")
    assert team("code", "--team", "Ada", "--revoke")[1] == "team Ada: join code revoked; who has joined stays\n"
    told = "podium: team 'Kim' has no account; to make one: podium team add NAME\n"
    assert team("code", "--team", "Kim") == (1, "", told)


def test_tokens_are_made_and_revoked(team: Run, folder: Folder) -> None:
    """A token is shown once and speaks for its team until it is revoked by its handle."""
    team("add", "Ada")
    code, out, err = team("token", "Ada", "--name", "Bob's laptop")
    token = re.findall(r"podium_[\w-]{43}", out)[0]
    handle = hashlib.sha256(token.encode()).hexdigest()[:8]
    assert (code, err) == (0, "")
    assert out == (
        f"team Ada: token {token}  (shown once; keep it)\n"
        "it sends in the team's name: podium submit FILE --server URL, with the token in PODIUM_TOKEN\n"
    )
    with folder.open_ledger() as ledger, ledger.reading() as view:
        assert tokens.team_of(view, token) == "Ada"

    listed = team("list", "Ada")[1]
    assert token not in listed
    assert f"{handle}  Bob's laptop  {AT}  in force\n" in listed
    assert team("token", "Ada", "--revoke", handle) == (0, f"team Ada: token {handle} (Bob's laptop) revoked\n", "")
    assert f"{handle}  Bob's laptop  {AT}  revoked {AT}\n" in team("list", "Ada")[1]
    told = f"podium: team 'Ada' has no token '{handle}' in force\n"
    assert team("token", "Ada", "--revoke", handle) == (1, "", told)


def test_the_list_of_accounts(team: Run, join: Callable[..., Member]) -> None:
    """What each team has; without accounts, how to make one."""
    assert team("list") == (
        0,
        "no accounts yet; to make one: podium team add NAME\nopen join code: none; to make one: podium team code\n",
        "",
    )
    join(code_in(team("add", "Team Ada")[1]), "Bob")
    team("token", "Team Ada")
    team("code")
    join(opening := code_in(team("code")[1]), "Eve", "Zoë")

    code, out, err = team("list")

    assert opening not in out
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "team      members  tokens  join code  since",
        f"Team Ada  1        1       yes        {AT}",
        f"Zoë       1        0       no         {AT}",
        "open join code: in force",
    ]


def test_the_list_of_a_team(team: Run, join: Callable[..., Member]) -> None:
    """Its members with the numbers by which they are removed; no address, no code."""
    made = code_in(team("add", "Ada")[1])
    assert team("list", "Ada")[1].splitlines() == ["team Ada", "no members yet", "no tokens", "join code: in force"]
    join(made, "Bob")
    join(made, "Zoë")
    team("code", "--team", "Ada", "--revoke")

    assert team("list", "Ada")[1].splitlines() == [
        "team Ada",
        "member  name  joined",
        f"1       Bob   {AT}",
        f"2       Zoë   {AT}",
        "no tokens",
        "join code: none",
    ]
    assert team("list", "Bob")[0] == 1


def test_removing_a_member(team: Run, join: Callable[..., Member], folder: Folder) -> None:
    """The organiser is told what the member may still know; once removed, there is nobody to remove."""
    join(code_in(team("add", "Ada")[1]), "Bob")

    assert team("remove", "1") == (
        0,
        "member 1, Bob, of team Ada: removed\n"
        "the team's join code and tokens, which they may know, are still good: see podium team code and token\n",
        "",
    )
    with folder.open_ledger() as ledger, ledger.reading() as view:
        assert members.member(view, 1) is None
    told = "podium: there is no member 1: podium team list TEAM shows the numbers\n"
    assert team("remove", "1") == (1, "", told)


def test_a_list_is_imported_into_a_file(team: Run, join: Callable[..., Member], tmp_path: Path) -> None:
    """The codes go into a file for its owner only, and not to the screen; no name in it is a formula."""
    listed, kept = tmp_path / "members.csv", tmp_path / "codes.csv"
    listed.write_text('team,name,email\nAda,Bob,bob@x.org\nAda,"=1+1, Kim",\nZoë,Eve,\n', encoding="utf-8")

    code, out, err = team("import", listed, "--codes", kept)

    assert (code, err) == (0, "")
    assert out == (
        "3 members new or with a new e-mail address; 2 new accounts\n"
        f"join codes in {kept}: shown nowhere else; keep it\n"
    )
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    rows = list(csv.reader(kept.read_text(encoding="utf-8").splitlines()))
    assert [row[:3] for row in rows] == [
        ["team", "name", "email"],
        ["Ada", "Bob", "bob@x.org"],
        ["Ada", "'=1+1, Kim", ""],
        ["Zoë", "Eve", ""],
    ]
    assert join(rows[3][3], "Eve").team == "Zoë"


def test_a_list_is_imported_onto_the_screen(team: Run, tmp_path: Path) -> None:
    """Without a file the codes are printed; for a team that has an account, what to do instead."""
    (listed := tmp_path / "members.csv").write_text("team,name\nAda,Bob\n")
    out = team("import", listed)[1]
    made = code_in(out)
    assert out == (
        "1 member new or with a new e-mail address; 1 new account\n"
        f"team,name,email,code\nAda,Bob,,{made}\nthe codes are shown once; keep them\n"
    )

    listed.write_text("team,name\nAda,Bob\nAda,Eve\n")
    assert team("import", listed)[1] == (
        "1 member new or with a new e-mail address; 0 new accounts\n"
        "team,name,email,code\nAda,Eve,,\n"
        "teams that had an account keep the join code they have; for a new one: podium team code --team NAME\n"
    )
    assert team("import", listed)[1] == "0 members new or with a new e-mail address; 0 new accounts\n"


def test_a_faulty_list_leaves_nothing(team: Run, tmp_path: Path, folder: Folder) -> None:
    """Every fault is told, no file of codes is left, and no account made."""
    listed, kept = tmp_path / "members.csv", tmp_path / "codes.csv"
    listed.write_text("team,name\nAda,Bob\n,Eve\npodium,Eve\n")

    assert team("import", listed, "--codes", kept) == (
        1,
        "",
        "podium: the list has faults, and nothing was recorded\n"
        "line 3: team '': a name cannot be blank\n"
        "line 4: team 'podium': is a reserved word, or looks like one\n",
    )
    assert not kept.exists()
    with folder.open_ledger() as ledger, ledger.reading() as view:
        assert accounts.accounts_of(view) == []


def test_codes_are_never_written_over(team: Run, tmp_path: Path, folder: Folder) -> None:
    """A file of codes that is there stays, and nothing is recorded; nor is it where none can be written."""
    (listed := tmp_path / "members.csv").write_text("team,name\nAda,Bob\n")
    (kept := tmp_path / "codes.csv").write_text("earlier codes")

    code, out, err = team("import", listed, "--codes", kept)

    told = f"podium: {kept} is there, and may hold codes that are shown nowhere else: name another"
    assert (code, out, err.splitlines()[0]) == (2, "", told)
    assert kept.read_text() == "earlier codes"
    nowhere = tmp_path / "none" / "codes.csv"
    assert team("import", listed, "--codes", nowhere) == (3, "", f"podium: {nowhere}: No such file or directory\n")
    with folder.open_ledger() as ledger, ledger.reading() as view:
        assert accounts.accounts_of(view) == []


def test_codes_that_cannot_be_written_are_printed(
    team: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, join: Callable[..., Member]
) -> None:
    """Where the disk is full after the list was taken, the codes are not lost."""

    def full(path: Path, *_: object, **__: object) -> bool:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(files, "place", full)
    (listed := tmp_path / "members.csv").write_text("team,name\nAda,Bob\n")
    kept = tmp_path / "codes.csv"

    code, out, err = team("import", listed, "--codes", kept)

    assert (code, err) == (3, f"podium: {kept}: No space left on device\n")
    assert join(code_in(out), "Bob").team == "Ada"


def test_a_kit_has_nobody(run: Run, tmp_path: Path) -> None:
    """In an unpacked kit, without the organiser's rooms, the command is refused."""
    shutil.copy(CASES / "competition.toml", tmp_path)

    code, out, err = run("team", "list", "-C", tmp_path)

    assert (code, out) == (1, "")
    assert err == f"podium: {tmp_path} is a starter kit, without a desk: send the file to the organiser\n"
