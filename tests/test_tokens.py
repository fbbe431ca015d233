"""Rules of submissions/membership/tokens.py."""

import hashlib
import hmac
import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import NOW
from submissions.membership import accounts, tokens
from submissions.membership.accounts import UnknownAccount
from submissions.membership.tokens import NotAuthentic, Token, TooManyTokens, UnknownToken
from submissions.record.entries import LedgerError
from submissions.record.ledger import Ledger
from submissions.record.tables import ACCOUNTS, CODES
from submissions.teams import InvalidName

LATER = NOW + timedelta(hours=1)
NOT_VALID = "the token is not valid: it may be misspelt or revoked; make one on your team's page, or ask the organiser"


@pytest.fixture
def ada(ledger: Ledger) -> str:
    return accounts.add_team(ledger, "Ada", now=NOW).team


def team_of(ledger: Ledger, token: str) -> str:
    with ledger.reading() as view:
        return tokens.team_of(view, token)


def tokens_of(ledger: Ledger, team: str) -> list[Token]:
    with ledger.reading() as view:
        return tokens.tokens_of(view, team)


def refusal(ledger: Ledger, token: str) -> str:
    with pytest.raises(NotAuthentic) as caught:
        team_of(ledger, token)
    return str(caught.value)


def test_a_token_speaks_for_its_team_alone(ledger: Ledger, ada: str) -> None:
    """Each team's token names that team; a token is `podium_` and 256 random bits."""
    accounts.add_team(ledger, "Bob", now=NOW)
    first, second = (tokens.issue(ledger, team, name="laptop", now=NOW) for team in (ada, "Bob"))

    assert re.fullmatch(r"podium_[A-Za-z0-9_-]{43}", first)
    assert (team_of(ledger, first), team_of(ledger, second)) == ("Ada", "Bob")


def test_only_the_digest_is_kept(tmp_path: Path) -> None:
    """Nowhere in the ledger's files stands a token; its SHA-256 does."""
    with Ledger.create(tmp_path / "own.db") as ledger:
        accounts.add_team(ledger, "Ada", now=NOW)
        token = tokens.issue(ledger, "Ada", name="laptop", now=NOW)
        kept = b"".join(path.read_bytes() for path in sorted(tmp_path.iterdir()))

    assert token.removeprefix("podium_").encode() not in kept
    assert hashlib.sha256(token.encode()).hexdigest().encode() in kept


def test_a_revoked_token_is_not_valid_at_once(ledger: Ledger, ada: str) -> None:
    """What was good before the revocation is not good after it; the team's other tokens are."""
    gone, kept = (tokens.issue(ledger, ada, name=name, now=NOW) for name in ("old", "new"))
    handle = hashlib.sha256(gone.encode()).hexdigest()[:8]
    assert team_of(ledger, gone) == "Ada"

    revoked = tokens.revoke(ledger, ada, f" {handle.upper()}", now=LATER)

    assert revoked == Token(handle, "old", NOW, None)
    assert refusal(ledger, gone) == NOT_VALID
    assert team_of(ledger, kept) == "Ada"
    assert {(one.name, one.revoked_at) for one in tokens_of(ledger, ada)} == {("old", LATER), ("new", None)}


@pytest.mark.parametrize(
    "token",
    [
        "",
        "podium_",
        "podium_" + "A" * 43,
        "podium_" + "A" * 44,
        "podium_" + "A" * 1_000_000,
        "podium_" + "\0" * 43,
        "podium_" + "\ud800" * 43,
        "podium_" + "٣" * 43,
        "podium_" + "A" * 43 + "\n",
        "' OR 1=1 --",
    ],
)
def test_one_message_for_every_cause(ledger: Ledger, ada: str, token: str) -> None:
    """A token that is malformed, or that nobody has, is refused in the words that a revoked one is."""
    tokens.issue(ledger, ada, name="laptop", now=NOW)

    assert refusal(ledger, token) == NOT_VALID


def test_near_misses_are_refused(ledger: Ledger, ada: str) -> None:
    """A token is good as it was given: not in another case, not its digest, not with anything around it."""
    token = tokens.issue(ledger, ada, name="laptop", now=NOW)

    for other in (token.swapcase(), f"{token} ", f"Bearer {token}", hashlib.sha256(token.encode()).hexdigest()):
        assert refusal(ledger, other) == NOT_VALID


def test_no_account_goes_before_its_tokens(ledger: Ledger, ada: str) -> None:
    """A token of a team without account cannot be: the tables let no account go that has one."""
    token = tokens.issue(ledger, ada, name="laptop", now=NOW)

    with pytest.raises(LedgerError), ledger.writing() as transaction:
        transaction.connection.execute(CODES.delete())
        transaction.connection.execute(ACCOUNTS.delete())

    assert team_of(ledger, token) == ada


def test_digests_are_compared_in_constant_time(ledger: Ledger, ada: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last word on a token is hmac.compare_digest's, over whole digests."""
    token = tokens.issue(ledger, ada, name="laptop", now=NOW)
    digest, asked = hashlib.sha256(token.encode()).hexdigest(), []

    def compare(one: str, other: str) -> bool:
        asked.append((one, other))
        return False

    monkeypatch.setattr(hmac, "compare_digest", compare)

    assert refusal(ledger, token) == NOT_VALID
    assert asked == [(digest, digest)]


def test_twenty_tokens_are_enough(ledger: Ledger, ada: str) -> None:
    """A team has at most 20 tokens in force; one that is revoked makes room."""
    made = [tokens.issue(ledger, ada, name=f"no. {n}", now=NOW) for n in range(20)]
    with pytest.raises(TooManyTokens) as caught:
        tokens.issue(ledger, ada, name="one more", now=NOW)
    assert str(caught.value) == "team 'Ada' has 20 tokens in force: revoke one that is not needed"

    tokens.revoke(ledger, ada, hashlib.sha256(made[3].encode()).hexdigest()[:8], now=LATER)

    assert team_of(ledger, tokens.issue(ledger, ada, name="one more", now=LATER)) == "Ada"
    assert len(tokens_of(ledger, ada)) == 21


def test_who_revokes_what(ledger: Ledger, ada: str) -> None:
    """A handle that the team does not have in force is refused: unknown, revoked before, or another team's."""
    accounts.add_team(ledger, "Bob", now=NOW)
    of_bob = hashlib.sha256(tokens.issue(ledger, "Bob", name="b", now=NOW).encode()).hexdigest()[:8]
    own = hashlib.sha256(tokens.issue(ledger, ada, name="a", now=NOW).encode()).hexdigest()[:8]
    tokens.revoke(ledger, ada, own, now=LATER)

    for handle in (of_bob, own, "%", "", "x" * 10_000):
        with pytest.raises(UnknownToken, match=r"^team 'Ada' has no token '.*' in force$"):
            tokens.revoke(ledger, ada, handle, now=LATER)
    assert [one.revoked_at for one in tokens_of(ledger, "Bob")] == [None]


def test_a_token_needs_a_team_and_a_name(ledger: Ledger, ada: str) -> None:
    """A team without account gets no token; a token's name is one line that can be seen."""
    with pytest.raises(UnknownAccount) as caught:
        tokens.issue(ledger, "ada", name="laptop", now=NOW)
    assert str(caught.value) == "team 'ada' has no account; did you mean 'Ada'?"
    with pytest.raises(InvalidName) as unseen:
        tokens.issue(ledger, ada, name="lap\ntop", now=NOW)
    assert str(unseen.value) == "name 'lap\\ntop': holds the character U+000A, which cannot be seen"
    assert tokens_of(ledger, ada) == []


@given(st.text(max_size=60))
def test_any_text_is_a_token_or_refused(text: str) -> None:
    """No text makes the form's check fail: what has not the form is refused before the ledger is asked."""
    with pytest.raises(NotAuthentic):
        tokens.team_of(None, text)  # type: ignore[arg-type]
