"""Rules of submissions/membership: accounts, codes, members and member_list."""

import hashlib
import hmac
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from conftest import NOW, good_file
from submissions import teams
from submissions.errors import Refused
from submissions.intake import Desk
from submissions.membership import accounts, codes, emails, member_list, members
from submissions.membership.accounts import AccountExists, UnknownAccount
from submissions.membership.codes import UnknownCode
from submissions.membership.member_list import Imported, InvalidList
from submissions.membership.members import CannotJoin, Member, UnknownMember
from submissions.membership.tokens import NotAuthentic
from submissions.record.ledger import Ledger
from submissions.record.tables import ACCOUNTS, CODES, MEMBERS
from submissions.record.transaction import Transaction
from submissions.teams import InvalidName, InvalidTeam

LATER = NOW + timedelta(hours=1)
UNKNOWN = "this join code is unknown or no longer valid: look for a slip, or ask for a new one"
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def join(
    ledger: Ledger,
    code: str,
    name: str = "Bob",
    *,
    team: str | None = None,
    identity: str | None = None,
    email: str | None = None,
) -> Member:
    return members.join(ledger, code, team=team, name=name, identity=identity, email=email, now=NOW)


def recorded(ledger: Ledger) -> list[object]:
    """All that says who may come in."""
    with ledger.reading() as view:
        return [row for table in (ACCOUNTS, CODES, MEMBERS) for row in view.connection.execute(sa.select(table))]


def refusal(ledger: Ledger, call: Callable[[], object], kind: type[Refused] = CannotJoin) -> str:
    """The whole message of a refusal that records nothing."""
    before = recorded(ledger)
    with pytest.raises(kind) as caught:
        call()
    assert recorded(ledger) == before
    return str(caught.value)


def names(ledger: Ledger, team: str) -> list[str]:
    with ledger.reading() as view:
        return [one.name for one in members.members_of(view, team)]


@pytest.fixture
def ada(ledger: Ledger) -> str:
    """The join code of the team Ada."""
    return accounts.add_team(ledger, "Ada", now=NOW).code


@pytest.fixture
def open_code(ledger: Ledger) -> str:
    return accounts.new_code(ledger, now=NOW)


# Accounts


def test_a_team_is_added_once(ledger: Ledger) -> None:
    """An account has the one spelling of the name; a second one is told as such, whatever the spelling."""
    added = accounts.add_team(ledger, "  Team   Ada ", now=NOW)

    assert added.team == "Team Ada"
    again = refusal(ledger, lambda: accounts.add_team(ledger, "Team Ada", now=LATER), AccountExists)
    assert again == "team 'Team Ada' has an account; for a new join code: podium team code --team NAME"
    alike = refusal(ledger, lambda: accounts.add_team(ledger, "teamada", now=LATER), InvalidTeam)
    assert alike == "team 'teamada': looks like the team 'Team Ada'; use that spelling, or another name"


def test_a_team_of_the_inbox_gets_its_account_from_the_organiser(desk: Desk, ledger: Ledger) -> None:
    """Who has sent by other doors has its account by `add_team`, in its own spelling, and nobody takes it otherwise."""
    desk.receive(good_file(1), team="Ada", now=NOW)

    alike = refusal(ledger, lambda: accounts.add_team(ledger, "ADA", now=NOW), InvalidTeam)
    assert alike == "team 'ADA': looks like the team 'Ada'; use that spelling, or another name"
    code = accounts.add_team(ledger, "Ada", now=NOW).code
    assert join(ledger, code).team == "Ada"


def test_a_baseline_gets_no_account(desk: Desk, ledger: Ledger) -> None:
    """The name of a baseline is no team's."""
    desk.receive(good_file(1), team="Forest", now=NOW, is_baseline=True)

    told = refusal(ledger, lambda: accounts.add_team(ledger, "Forest", now=NOW), InvalidTeam)
    assert told == "team 'Forest': is the name of a baseline"


def test_nobody_sends_under_an_accounts_look(desk: Desk, ledger: Ledger, ada: str) -> None:
    """A submission by any door is refused if its team looks like another that has an account, and only then."""
    assert ada
    told = "team 'ada': looks like the team 'Ada'; use that spelling, or another name"
    with pytest.raises(InvalidTeam) as caught:
        desk.receive(good_file(1), team="ada", now=NOW)
    assert str(caught.value) == told
    assert desk.receive(good_file(1), team="Ada", now=NOW).submission == 1
    with ledger.reading() as view:
        accounts.refuse_lookalike(view, "Ada", teams.look("Ada"))
        accounts.refuse_lookalike(view, "Eve", teams.look("Eve"), is_baseline=True)
        with pytest.raises(InvalidTeam) as taken:
            accounts.refuse_lookalike(view, "Ada", teams.look("Ada"), is_baseline=True)
    assert str(taken.value) == "team 'Ada': is a team's name"


def test_accounts_are_listed_with_what_they_have(ledger: Ledger, ada: str) -> None:
    """By name, with the members and tokens that are in force."""
    accounts.add_team(ledger, "Zoë", now=LATER)
    join(ledger, ada, "Bob")
    members.remove_member(ledger, join(ledger, ada, "Eve").member, now=NOW)
    accounts.revoke_code(ledger, team="Ada", now=NOW)

    with ledger.reading() as view:
        listed = accounts.accounts_of(view)

    assert [(one.team, one.made_at, one.members, one.tokens, one.has_code) for one in listed] == [
        ("Ada", NOW, 1, 0, False),
        ("Zoë", LATER, 0, 0, True),
    ]


# Join codes


def test_a_code_is_readable(ada: str) -> None:
    """Sixteen characters of Crockford's base 32 in four groups."""
    groups = ada.split("-")

    assert [len(group) for group in groups] == [4, 4, 4, 4]
    assert set("".join(groups)) <= set(ALPHABET)


def test_a_code_is_kept_as_a_digest(tmp_path: Path) -> None:
    """Nowhere in the ledger's files stands a code, with or without hyphens; its SHA-256 does."""
    with Ledger.create(tmp_path / "own.db") as ledger:
        made = [accounts.add_team(ledger, "Ada", now=NOW).code, accounts.new_code(ledger, now=NOW)]
        kept = b"".join(path.read_bytes() for path in sorted(tmp_path.iterdir()))

    for code in (one.replace("-", "") for one in made):
        assert hashlib.sha256(code.encode()).hexdigest().encode() in kept
        assert all(code[start : start + 8].encode() not in kept for start in (0, 4, 8))
    assert all(code.encode() not in kept for code in made)


CODE = st.text(ALPHABET, min_size=16, max_size=16)


@given(CODE, st.data())
def test_a_code_is_taken_as_people_type_it(code: str, data: st.DataObject) -> None:
    """In any case, with any blanks and hyphens, with O for 0 and I or L for 1, it is the same code."""
    shapes = {"0": "0Oo", "1": "1IiLl"}
    typed = ""
    for letter in code:
        typed += data.draw(st.text(" -\t\u2011\u2013\u00a0", max_size=2))
        typed += data.draw(st.sampled_from(shapes.get(letter, letter + letter.lower())))

    assert codes.normalised(typed) == code


@given(st.text(max_size=120))
def test_any_text_is_a_code_or_refused(text: str) -> None:
    """No text makes the reading fail; what is read is a code, and reads as itself."""
    try:
        code = codes.normalised(text)
    except UnknownCode:
        return
    assert codes.normalised(code) == code
    assert len(code) == 16
    assert set(code) <= set(ALPHABET)


@pytest.mark.parametrize(
    "typed",
    ["", "-" * 16, "0" * 15, "0" * 17, "U" * 16, "0" * 1_000_000, "\0" * 16, "\ud800" * 16, "\u0131" * 16, "０" * 16],
)
def test_what_is_no_code_is_unknown(ledger: Ledger, ada: str, typed: str) -> None:
    """A text that cannot be a code, and a code that nobody gave out, are refused with one message."""
    assert ada
    assert refusal(ledger, lambda: join(ledger, typed), UnknownCode) == UNKNOWN
    assert refusal(ledger, lambda: join(ledger, "0000-0000-0000-0000"), UnknownCode) == UNKNOWN


def test_who_guesses_keeps_nobody_waiting(ledger: Ledger, ada: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong code or token is refused without the ledger's write lock, which all submissions need."""
    monkeypatch.setattr(Ledger, "writing", None)

    assert ada
    assert refusal(ledger, lambda: join(ledger, "0000-0000-0000-0000"), UnknownCode) == UNKNOWN
    with pytest.raises(NotAuthentic):
        members.join_by_token(ledger, "podium_wrong", name="Eve", identity=None, email=None, now=NOW)


def test_a_code_that_is_revoked_meanwhile_lets_nobody_in(
    ledger: Ledger, ada: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A code that ends between the look at it and the lock holds no longer."""
    writing = Ledger.writing

    def late(ledger: Ledger) -> AbstractContextManager[Transaction]:
        monkeypatch.undo()
        accounts.revoke_code(ledger, team="Ada", now=NOW)
        return writing(ledger)

    monkeypatch.setattr(Ledger, "writing", late)
    with pytest.raises(UnknownCode) as refused:
        join(ledger, ada)

    assert str(refused.value) == UNKNOWN
    assert names(ledger, "Ada") == []


def test_a_new_code_ends_the_one_before(ledger: Ledger, ada: str, open_code: str) -> None:
    """A team has one code in force, and so have all that may start a team; the others' codes stay."""
    newer = accounts.new_code(ledger, team="Ada", now=LATER)

    assert refusal(ledger, lambda: join(ledger, ada), UnknownCode) == UNKNOWN
    assert join(ledger, newer).team == "Ada"
    newest = accounts.new_code(ledger, now=LATER)
    assert refusal(ledger, lambda: join(ledger, open_code, team="New"), UnknownCode) == UNKNOWN
    assert join(ledger, newest, team="New").team == "New"
    assert join(ledger, newer, "Eve").team == "Ada"


def test_a_code_is_revoked(ledger: Ledger, ada: str, open_code: str) -> None:
    """At once, and once; who has joined stays."""
    join(ledger, ada)

    assert accounts.revoke_code(ledger, team="Ada", now=LATER)
    assert not accounts.revoke_code(ledger, team="Ada", now=LATER)
    assert refusal(ledger, lambda: join(ledger, ada, "Eve"), UnknownCode) == UNKNOWN
    assert names(ledger, "Ada") == ["Bob"]
    assert accounts.revoke_code(ledger, now=LATER)
    assert refusal(ledger, lambda: join(ledger, open_code, team="New"), UnknownCode) == UNKNOWN


def test_a_code_is_for_an_account(ledger: Ledger, ada: str) -> None:
    """A team without account has no code to make or to revoke."""
    assert ada
    for change in (accounts.new_code, accounts.revoke_code):
        told = refusal(ledger, lambda change=change: change(ledger, team="Eve", now=NOW), UnknownAccount)
        assert told == "team 'Eve' has no account; to make one: podium team add NAME"
        told = refusal(ledger, lambda change=change: change(ledger, team="ADA", now=NOW), UnknownAccount)
        assert told == "team 'ADA' has no account; did you mean 'Ada'?"


def test_codes_are_compared_in_constant_time(ledger: Ledger, ada: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last word on a code is hmac.compare_digest's, over whole digests."""
    digest, asked = hashlib.sha256(ada.replace("-", "").encode()).hexdigest(), []

    def compare(one: str, other: str) -> bool:
        asked.append((one, other))
        return False

    monkeypatch.setattr(hmac, "compare_digest", compare)

    assert refusal(ledger, lambda: join(ledger, ada), UnknownCode) == UNKNOWN
    assert asked == [(digest, digest)]


# Joining


def test_joining_a_team_by_its_code(ledger: Ledger, ada: str) -> None:
    """The code says which team; whoever names it too must name it so."""
    first = join(ledger, ada.lower().replace("-", " "), "  Zoe\u0308  K ", team=" Ada ")

    assert first == Member(1, "Ada", "Zoë K", NOW)
    assert join(ledger, ada, "Bob") == Member(2, "Ada", "Bob", NOW)
    told = refusal(ledger, lambda: join(ledger, ada, "Eve", team="ada"))
    assert told == "this join code is of another team than 'ada': leave the team's name out"
    with ledger.reading() as view:
        assert members.member(view, 1) == first
        assert members.members_of(view, "Ada") == [first, Member(2, "Ada", "Bob", NOW)]


def test_the_open_code_starts_a_team(ledger: Ledger, open_code: str) -> None:
    """Whoever has it names a new team and is its first member; the next one names another."""
    assert join(ledger, open_code, team="New  Team") == Member(1, "New Team", "Bob", NOW)
    assert join(ledger, open_code, team="Other") == Member(2, "Other", "Bob", NOW)
    told = refusal(ledger, lambda: join(ledger, open_code))
    assert told == "this join code starts a new team: give it a name"


def test_the_open_code_takes_nobodys_name(desk: Desk, ledger: Ledger, open_code: str, ada: str) -> None:
    """Not an account's, not that of a team that sent by another door, not a baseline's, and nothing that looks so.

    The message is one and names none of them: not every one of them need be on the board.
    """
    assert ada
    desk.receive(good_file(1), team="Bob", now=NOW)
    desk.receive(good_file(2), team="Forest", now=NOW, is_baseline=True)

    for team in ("Ada", "ADA", "Bob", "B o b", "Forest", "f0rest"):
        told = refusal(ledger, lambda team=team: join(ledger, open_code, team=team))
        assert told == (
            f"team {team!r} is taken, or looks like one that is: "
            "take another name, or ask that team for its join code or a token"
        )


@pytest.mark.parametrize("team", ["", "podium", "a/b", "a\0b", "a\u202eb", "x" * 41, "\ud800", "e" + "\u0301" * 9])
def test_hostile_teams_are_not_started(ledger: Ledger, open_code: str, team: str) -> None:
    """What no team may be called is not started with the open code."""
    assert refusal(ledger, lambda: join(ledger, open_code, team=team), InvalidTeam)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("", "name '': a name cannot be blank"),
        ("  ", "name '  ': a name cannot be blank"),
        ("a\nb", "name 'a\\nb': holds the character U+000A, which cannot be seen"),
        ("a\0b", "name 'a\\x00b': holds the character U+0000, which cannot be seen"),
        ("a\u202eb", "name 'a\\u202eb': holds the character U+202E, which cannot be seen"),
        ("\ud800", "name '\\ud800': holds the character U+D800, which cannot be seen"),
        ("x" * 81, f"name '{'x' * 39}…': has 81 characters; 80 are allowed"),
        (
            "e" + "\u0301" * 9,
            "name 'e\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301': stacks more than 3 marks on a letter",
        ),
    ],
)
def test_hostile_names_of_people_are_refused(ledger: Ledger, ada: str, name: str, told: str) -> None:
    """A person's name is one line of 1 to 80 characters that can be seen."""
    assert refusal(ledger, lambda: join(ledger, ada, name), InvalidName) == told


@pytest.mark.parametrize("name", ["x" * 80, "李雷", "O'Neill & co.", "<b onclick=x>", "Nguyễn", "-"])
def test_names_of_people_are_taken(ledger: Ledger, ada: str, name: str) -> None:
    """In any script, with any character that can be seen; also what no team may be called."""
    assert join(ledger, ada, name).name == name


def test_the_same_name_again_is_the_same_member(ledger: Ledger, ada: str) -> None:
    """Whoever joins from another browser, without a sign-in, is the member of that name; a sign-in makes it theirs."""
    first = join(ledger, ada)

    assert join(ledger, ada) == first
    assert join(ledger, ada, identity="iss bob", email="bob@x.org") == first
    told = "team 'Ada' has a member 'Bob', who signs in: sign in as before, or add to the name"
    assert refusal(ledger, lambda: join(ledger, ada)) == told
    assert refusal(ledger, lambda: join(ledger, ada, identity="iss eve")) == told
    assert join(ledger, ada, identity="iss bob", email="bob@x.org") == first


def test_a_listed_name_is_kept_for_its_address(ledger: Ledger) -> None:
    """A name that the organiser's list gives an address goes to no sign-in that has another."""
    code = str(member_list.import_members(ledger, b"team,name,email\nAda,Bob,bob@x.org\n", now=NOW)[0].code)

    told = "team 'Ada' has a member 'Bob', who signs in: sign in as before, or add to the name"
    assert refusal(ledger, lambda: join(ledger, code, identity="iss eve", email="eve@x.org")) == told
    assert refusal(ledger, lambda: join(ledger, code, identity="iss eve")) == told
    listed = refusal(ledger, lambda: join(ledger, code, "Robert", identity="iss bob", email="BOB@x.org"))
    assert listed == "you are on the organiser's list, in team 'Ada': sign in, without a code"
    assert join(ledger, code, identity="iss bob", email="bob@x.org").member == 1


def test_a_person_is_in_one_team(ledger: Ledger, ada: str, open_code: str) -> None:
    """Whoever signs in belongs to one team; another sign-in with the same address is the same person."""
    join(ledger, ada, identity="iss bob", email="bob@x.org")

    told = refusal(ledger, lambda: join(ledger, open_code, team="New", identity="iss bob", email="bob@x.org"))
    assert told == "you are a member of team 'Ada' already"
    told = refusal(ledger, lambda: join(ledger, ada, "B", identity="other bob", email="Bob@X.org"))
    assert told == "you are a member of team 'Ada' already by another sign-in: use that one"


def test_an_address_is_kept_beside_a_sign_in_only(ledger: Ledger, ada: str) -> None:
    """What was typed into a form proves nothing: nobody's later sign-in is bound to it."""
    join(ledger, ada, email="victim@x.org")

    assert members.sign_in(ledger, identity="iss v", email="victim@x.org", is_email_verified=True) is None


@pytest.mark.parametrize("identity", ["", "a\0b", "iss " + "x" * 1000, "\ud800"])
def test_an_identity_must_be_kept(ledger: Ledger, ada: str, identity: str) -> None:
    """An identity that no database takes is refused, and nobody's."""
    told = refusal(ledger, lambda: join(ledger, ada, identity=identity))
    assert told == "the sign-in gave no identity that can be kept: tell the organiser"
    assert members.sign_in(ledger, identity=identity, email="a@b.org", is_email_verified=True) is None
    with ledger.reading() as view:
        assert members.by_identity(view, identity) is None


def test_a_team_has_fifty_members(ledger: Ledger, ada: str) -> None:
    """The fifty-first is refused; one that is removed makes room."""
    for number in range(50):
        join(ledger, ada, f"no. {number}")
    told = refusal(ledger, lambda: join(ledger, ada, "one more"))
    assert told == "team 'Ada' has 50 members, and no more are allowed"

    members.remove_member(ledger, 7, now=LATER)

    assert join(ledger, ada, "one more").member == 51


def test_twenty_at_once_start_one_team(ledger: Ledger, open_code: str) -> None:
    """Of twenty that start a team of one name with one code at one moment, one does; the others are told."""
    together = threading.Barrier(20)

    def start(number: int) -> str:
        together.wait()
        try:
            return join(ledger, open_code, f"no. {number}", team="New").team
        except CannotJoin as refused:
            return str(refused)

    with ThreadPoolExecutor(20) as pool:
        told = sorted(pool.map(start, range(20)))

    end = "take another name, or ask that team for its join code or a token"
    taken = f"team 'New' is taken, or looks like one that is: {end}"
    assert told == ["New"] + [taken] * 19
    with ledger.reading() as view:
        assert [(one.team, one.members) for one in accounts.accounts_of(view)] == [("New", 1)]


# Signing in


def test_signing_in_by_identity(ledger: Ledger, ada: str) -> None:
    """Whoever joined with a sign-in is known by it, verified address or not; nobody else is."""
    bob = join(ledger, ada, identity="https://issuer.example bob")

    known = members.sign_in(ledger, identity="https://issuer.example bob", email=None, is_email_verified=False)
    assert known == bob
    assert members.sign_in(ledger, identity="https://other.example bob", email=None, is_email_verified=False) is None


@pytest.mark.parametrize("written", ["bob@x.org", "BOB@X.ORG", " Bob@x.org "])
def test_signing_in_by_a_listed_address(ledger: Ledger, written: str) -> None:
    """A verified address of the list binds the identity to its member, once; the address may then change."""
    member_list.import_members(ledger, b"team,name,email\nAda,Bob,Bob@x.org\n", now=NOW)
    bob = Member(1, "Ada", "Bob", NOW)

    assert members.sign_in(ledger, identity="iss bob", email=written, is_email_verified=False) is None
    assert members.sign_in(ledger, identity="iss bob", email=None, is_email_verified=True) is None
    assert members.sign_in(ledger, identity="iss bob", email=written, is_email_verified=True) == bob
    assert members.sign_in(ledger, identity="iss eve", email=written, is_email_verified=True) is None
    assert members.sign_in(ledger, identity="iss bob", email="new@x.org", is_email_verified=False) == bob


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("Zoe\u0308@x.org", "zoë@x.org"),
        ("ZO\u00cb@X.org", "zoë@x.org"),
        ("a@b", "a@b"),
        ("\u212aai@x.org", None),
        ("a", None),
        ("@b", None),
        ("a@", None),
        ("a b@c", None),
        ("a@b@c", None),
        ("a\0@b", None),
        ("\ud800@b", None),
        ("x" * 250 + "@b.org", None),
    ],
)
def test_addresses_have_one_spelling(written: str, address: str | None) -> None:
    """In lower case, NFC; a letter that only becomes ASCII by it makes no other person's address."""
    assert emails.address(written) == address


@given(st.text(max_size=30))
def test_any_text_is_an_address_or_none(text: str) -> None:
    """No text makes it fail, and a spelling is its own."""
    spelled = emails.address(text + "@x.org")
    assert spelled is None or emails.address(spelled) == spelled


# Removing


def test_a_removed_member_is_gone(ledger: Ledger, ada: str) -> None:
    """At once, by number, name and sign-in; the sign-in is forgotten, and the number not given again."""
    bob = join(ledger, ada, identity="iss bob", email="bob@x.org")

    assert members.remove_member(ledger, bob.member, now=LATER) == bob
    with ledger.reading() as view:
        assert members.member(view, bob.member) is None
        assert members.by_identity(view, "iss bob") is None
        assert members.members_of(view, "Ada") == []
        assert [(r.email, r.identity) for r in view.connection.execute(sa.select(MEMBERS))] == [(None, None)]
    assert members.sign_in(ledger, identity="iss bob", email="bob@x.org", is_email_verified=True) is None
    assert join(ledger, ada, identity="iss bob", email="bob@x.org").member == bob.member + 1


@pytest.mark.parametrize("number", [-1, 0, 2, 2**31, 2**63, 10**30])
def test_who_is_no_member_is_not_removed(ledger: Ledger, ada: str, number: int) -> None:
    """No number of any size makes it fail."""
    join(ledger, ada)

    told = refusal(ledger, lambda: members.remove_member(ledger, number, now=LATER), UnknownMember)
    assert told == f"there is no member {number}: podium team list TEAM shows the numbers"


# The organiser's list


def take(ledger: Ledger, text: str) -> list[Imported]:
    return member_list.import_members(ledger, text.encode(), now=NOW)


def faults(ledger: Ledger, data: str | bytes) -> list[str]:
    """The faults of a list, of which nothing is recorded."""
    given_data = data.encode() if isinstance(data, str) else data
    told = refusal(ledger, lambda: member_list.import_members(ledger, given_data, now=NOW), InvalidList)
    first, *others = told.splitlines()
    assert first == "the list has faults, and nothing was recorded"
    return others


def test_a_list_is_taken(ledger: Ledger) -> None:
    """Teams get an account and a code, members their numbers in the list's order; an address is for who has one."""
    added = take(
        ledger, "\ufeffName,Team,EMail\r\nBob,Ada,BOB@x.org\r\n\r\n Zoe\u0308 ,Ada,\r\nEve,Team 2,eve@x.org\r\n"
    )

    codes_given = {one.team: str(one.code) for one in added}
    assert [(one.team, one.name, one.email) for one in added] == [
        ("Ada", "Bob", "bob@x.org"),
        ("Ada", "Zoë", None),
        ("Team 2", "Eve", "eve@x.org"),
    ]
    assert len({one.code for one in added}) == 2
    assert join(ledger, codes_given["Ada"], "Zoë").member == 2
    assert join(ledger, codes_given["Team 2"], "New").member == 4
    eve = members.sign_in(ledger, identity="iss eve", email="eve@x.org", is_email_verified=True)
    assert eve == Member(3, "Team 2", "Eve", NOW)


def test_the_same_list_again_adds_what_is_new(ledger: Ledger) -> None:
    """Who is there is passed over and no code is made anew; a new line, and a new address, are taken."""
    first = take(ledger, "team,name\nAda,Bob\nAda,Eve\n")
    assert take(ledger, "team,name\nAda,Bob\nAda,Eve\n") == []

    again = take(ledger, "team,name,email\nAda,Bob,bob@x.org\nAda,Eve,\nAda,Zoë,\nNew,Kim,\n")

    assert again[:2] == [Imported("Ada", "Bob", "bob@x.org", None), Imported("Ada", "Zoë", None, None)]
    assert (again[2].team, again[2].code is not None) == ("New", True)
    assert join(ledger, str(first[0].code), "Eve").member == 2
    corrected = take(ledger, "team,name,email\nAda,Bob,bob@y.org\n")
    assert corrected == [Imported("Ada", "Bob", "bob@y.org", None)]
    bob = members.sign_in(ledger, identity="iss bob", email="bob@y.org", is_email_verified=True)
    assert bob == Member(1, "Ada", "Bob", NOW)


def test_the_removed_stay_removed(ledger: Ledger) -> None:
    """A list brings back nobody whom the organiser removed, also with an address; who came back by a code is kept."""
    code = str(take(ledger, "team,name\nAda,Bob\n")[0].code)
    members.remove_member(ledger, 1, now=LATER)

    assert take(ledger, "team,name,email\nAda,Bob,bob@x.org\n") == []
    assert names(ledger, "Ada") == []
    assert join(ledger, code).member == 2
    assert take(ledger, "team,name,email\nAda,Bob,bob@x.org\n") == [Imported("Ada", "Bob", "bob@x.org", None)]
    assert names(ledger, "Ada") == ["Bob"]


def test_every_fault_is_named_with_its_line(desk: Desk, ledger: Ledger, ada: str) -> None:
    """All faults of a list are told at once, in the order of its lines, and none of it is taken."""
    join(ledger, ada, "Kim", identity="iss kim", email="kim@x.org")
    desk.receive(good_file(1), team="Forest", now=NOW, is_baseline=True)
    desk.receive(good_file(2), team="Inbox", now=NOW)
    lines = [
        "team,name,email",
        "Good,Bob,bob@x.org",
        "podium,,x",
        "ADA,Bob,",
        '"a\nb",Bob,',
        "Good,Bob,",
        "Good,Eve,BOB@x.org",
        "Ada,Kim,other@x.org",
        "Ada,Lea,KIM@x.org",
        "Forest,Bob,",
        "inbox,Bob,",
        "Good,Bob",
        "Inbox,Bob,b2@x.org",
    ]

    assert faults(ledger, "\n".join(lines)) == [
        "line 3: 'x' is no e-mail address",
        "line 3: name '': a name cannot be blank",
        "line 3: team 'podium': is a reserved word, or looks like one",
        "line 4: team 'ADA': looks like the team 'Ada'; use that spelling, or another name",
        "line 5: team 'a\\nb': holds the character U+000A, which cannot be seen",
        "line 7: 'Bob' of team 'Good' is on line 2 already; tell two people apart by their names",
        "line 8: the address bob@x.org is on line 2 already",
        "line 9: 'Kim' of team 'Ada' has signed in with another address, which stays",
        "line 10: the address kim@x.org is that of the member 'Kim' of team 'Ada'",
        "line 11: team 'Forest': is the name of a baseline",
        "line 12: team 'inbox': looks like the team 'Inbox'; use that spelling, or another name",
        "line 13: has 2 cells; the header has 3",
    ]


def test_a_list_fills_no_team_beyond_its_bounds(ledger: Ledger) -> None:
    """The line with the fifty-first member is a fault, and so is each behind it."""
    lines = ["team,name", *(f"Ada,no. {n}" for n in range(52))]

    told = "team 'Ada' would have more than 50 members"
    assert faults(ledger, "\n".join(lines)) == [f"line 52: {told}", f"line 53: {told}"]
    assert len(take(ledger, "\n".join(lines[:51]))) == 50


def test_faults_are_told_up_to_twenty(ledger: Ledger) -> None:
    """Of a list that is wrong all over, twenty faults and how many more there are."""
    told = faults(ledger, "team,name\n" + ",Bob\n" * 30)

    assert told[0] == "line 2: team '': a name cannot be blank"
    assert (len(told), told[-1]) == (21, "and 10 more")


HEADER = "expected team,name or team,name,email, with commas"
UNREAD = "the lines behind it were not looked at"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "line 1: the list is empty; expected the header team,name or team,name,email"),
        (b"\n \n", "line 1: the list is empty; expected the header team,name or team,name,email"),
        (b"team;name\nAda;Bob\n", f"line 1: the header is 'team;name'; {HEADER}"),
        (b"team,name,name\n", f"line 1: the header is 'team,name,name'; {HEADER}"),
        (b"team,name\nAda,Bob\nAda,Zo\xeb\n", "line 3: is not UTF-8: save the list as CSV UTF-8"),
        (b'team,name\nAda,Bob\n"Ada"x,Bob\n', f"line 3: cannot be read: ',' expected after '\"'; {UNREAD}"),
        (b'team,name\n"Ada,Bob\n', f"line 2: cannot be read: unexpected end of data; {UNREAD}"),
        (b"x" * 10_000_001, "line 1: the list has more than 10,000,000 bytes; is it another file?"),
    ],
    ids=["empty", "blank", "semicolons", "twice", "latin-1", "quotes", "open", "large"],
)
def test_what_is_no_list_is_told(ledger: Ledger, data: bytes, told: str) -> None:
    """What cannot be read is a fault with its line as well."""
    assert faults(ledger, data) == [told]


def test_a_list_of_a_header_adds_nothing(ledger: Ledger) -> None:
    """A list without members is a list."""
    assert take(ledger, "team,name\n") == []


@given(st.binary(max_size=200))
def test_any_bytes_are_a_list_or_refused(data: bytes) -> None:
    """No bytes make the reading fail in another way."""
    told: list[tuple[int, str]] = []
    rows = list(member_list._rows(b"team,name,email\n" + data, told))
    assert all(row.team and row.name for row in rows)
    assert all(line >= 2 for line, _ in told)
