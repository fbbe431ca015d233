"""submissions/web/api.py: what the desk answers to programs."""

import gzip
import io
import json
import logging
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from web import WebDesk, make_desk

from conftest import GOOD_FILE, WEDNESDAY, good_file
from submissions import decisions, moments, schedule
from submissions.membership import tokens
from submissions.record import chain
from submissions.web.logs import JsonLines

DEADLINE = datetime(2026, 12, 8, 11, 59, 59, tzinfo=UTC)
UNAUTHORISED = {
    "type": "urn:podium:problem:unauthorised",
    "title": "Who are you?",
    "status": 401,
    "detail": (
        "the token is not valid: it may be misspelt or revoked; make one on your team's page, or ask the organiser"
    ),
}


class Caller:
    """Programs of the teams of one desk."""

    def __init__(self, desk: WebDesk, client: TestClient) -> None:
        self.desk, self.client = desk, client

    def ask(self, method: str, path: str, team: str | None = "Ada", **options: Any) -> Any:
        """The answer to one request in the name of a team."""
        headers = {"Authorization": f"Bearer {self.desk.tokens[team]}"} if team else {}
        given = options.pop("headers", {})
        return self.client.request(method, path, headers={**headers, **given}, follow_redirects=False, **options)

    def send(self, data: bytes = GOOD_FILE, team: str = "Ada", key: str | None = None) -> Any:
        headers = {} if key is None else {"Idempotency-Key": key}
        return self.ask("POST", "/api/submissions", team, content=data, headers=headers)

    def entries(self, *kinds: str) -> list[Any]:
        with self.desk.ledger.reading() as view:
            chain.verify(view)
            return list(view.entries(*kinds))


@pytest.fixture
def caller(tmp_path: Path) -> Iterator[Caller]:
    made = make_desk(tmp_path)
    with TestClient(made.app) as client:
        yield Caller(made, client)
    made.close()


def desk_with(root: Path, old: str, new: str, **options: Any) -> WebDesk:
    """A desk whose rules differ in one place."""

    def rules(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return make_desk(root, rules=rules, **options)


def problem(answer: Any) -> dict[str, Any]:
    """The problem that an answer tells, which says of itself what HTTP says."""
    told = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["status"] == answer.status_code
    assert isinstance(told, dict)
    return told


def expected(number: int, proof: str, **other: Any) -> dict[str, Any]:
    """The answer to the good file of Ada's, at noon of Wednesday."""
    left = other.get("attempts_left", 4)
    text = (
        f"submission  {number}, team Ada\n"
        "sha256      5aeebb9898d087e46668f2f50c4f899ab712ba952b0621eacb49ffe5d310af14\n"
        "received    2026-11-25 12:00:00 UTC, in time\n"
        "deadline    2026-12-08 11:59:59 UTC (2026-12-07 23:59:59-12:00)\n"
        f"attempts    {left} of 5 left on that UTC day\n"
        f"proof       {proof}\n"
        "score       1.0000 accuracy on the public rows"
    )
    receipt = {
        "submission": number,
        "team": "Ada",
        "sha256": "5aeebb9898d087e46668f2f50c4f899ab712ba952b0621eacb49ffe5d310af14",
        "size": 33,
        "received_at": "2026-11-25T12:00:00.000000Z",
        "in_time": True,
        "deadline": "2026-12-08T11:59:59.000000Z",
        "attempts_left": left,
        "next_attempt_at": None,
        "proof": proof,
        "is_known": False,
        "verdict": "graded",
        "public_score": 1.0,
        "shown": "1.0000 accuracy",
        "reason": "",
        "would_rank": 1,
        "is_selected": False,
        "is_withdrawn": False,
        "text": text,
    }
    return {**receipt, **other}


def without_rank(told: Mapping[str, Any]) -> dict[str, Any]:
    """An answer without the rank, which goes by the published board: there is none here."""
    return {**told, "would_rank": None}


def test_a_file_gets_its_receipt_and_score(caller: Caller) -> None:
    """201, with all that `podium submit` prints, once the ledger holds it."""
    answer = caller.send()

    [received] = caller.entries("received")
    assert answer.status_code == 201
    assert without_rank(answer.json()) == without_rank(expected(1, received.digest))


def test_the_same_file_gets_the_same_receipt(caller: Caller) -> None:
    """200, the receipt that it had, and nothing used up; another team's is its own."""
    first, again, other = caller.send(), caller.send(), caller.send(team="Grace")

    assert again.status_code == 200
    told = again.json()
    assert told["is_known"] is True
    same = {name for name in told if name not in {"is_known", "text"}}
    assert {name: told[name] for name in same} == {name: first.json()[name] for name in same}
    assert told["text"].splitlines()[0] == "submission  1, team Ada (the same file as before: nothing was used up)"
    assert (other.status_code, other.json()["submission"]) == (201, 2)
    assert caller.ask("GET", "/api/submissions").json()["attempts_left"] == 4


def test_the_same_file_is_told_of_as_it_is_now(caller: Caller) -> None:
    """Selected, withdrawn, and with the next attempt open: as GET says, whatever was so when it came."""
    for label in range(5):
        caller.send(good_file(label))
    assert caller.send(good_file(4)).json()["next_attempt_at"] == "2026-11-26T00:00:00.000000Z"
    caller.ask("POST", "/api/submissions/5/select")
    assert caller.send(good_file(4)).json()["is_selected"] is True
    caller.ask("DELETE", "/api/submissions/5")
    caller.desk.clock.now += timedelta(days=1)
    again = caller.send(good_file(4)).json()

    assert (again["is_selected"], again["is_withdrawn"], again["next_attempt_at"]) == (False, True, None)
    told = caller.ask("GET", "/api/submissions/5").json()
    assert {**again, "is_known": False, "text": told["text"]} == told


def test_a_new_submission_says_where_it_is(caller: Caller) -> None:
    """Location, as RFC 9110 (10.2.2) has it; a file that is known made nothing new."""
    assert caller.send().headers["location"] == "/api/submissions/1"
    assert caller.ask("GET", "/api/submissions/1").status_code == 200
    assert "location" not in caller.send().headers


@pytest.mark.parametrize("path", ["/api/competition", "/api/submissions", "/api/submissions/1", "/api/openapi.json"])
def test_head_says_what_get_would(caller: Caller, path: str) -> None:
    """The same headers, and no body (RFC 9110, 9.3.2)."""
    caller.send()
    head, get = caller.ask("HEAD", path), caller.ask("GET", path)

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"] == str(len(get.content))


def test_head_makes_nothing(caller: Caller) -> None:
    """Where there is no GET there is no HEAD."""
    assert caller.ask("HEAD", "/api/check").status_code == 405


def zipped(name: str, data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, data)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "sending",
    [
        {"content": GOOD_FILE},
        {"content": GOOD_FILE, "headers": {"Content-Type": "image/png"}},
        {"content": GOOD_FILE, "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        {"content": gzip.compress(GOOD_FILE), "headers": {"Content-Type": "application/gzip"}},
        {"content": zipped("x/submission.csv", GOOD_FILE), "headers": {"Content-Type": "application/zip"}},
        {"content": gzip.compress(GOOD_FILE), "headers": {"Content-Type": "text/csv"}},
        {"files": {"file": ("submission.csv", GOOD_FILE)}},
        {"files": {"file": ("../../x\u202e.csv.gz", gzip.compress(GOOD_FILE), "text/html")}},
        {"files": {"file": ("a.zip", zipped("a.csv", GOOD_FILE))}, "data": {"comment": "mine"}},
        {"content": iter([GOOD_FILE[:5], GOOD_FILE[5:]])},
    ],
    ids=[
        "csv",
        "wrong-type",
        "as-curl-has-it",
        "gzip",
        "zip",
        "gzip-as-csv",
        "form",
        "form-gzip",
        "form-zip",
        "chunked",
    ],
)
def test_every_way_of_sending_gives_one_receipt(caller: Caller, sending: dict[str, Any]) -> None:
    """Raw, packed, in a form, in pieces: the bytes tell what it is, and the receipt is of the unpacked file."""
    answer = caller.ask("POST", "/api/submissions", **sending)

    assert answer.status_code == 201, answer.text
    [received] = caller.entries("received")
    assert without_rank(answer.json()) == without_rank(expected(1, received.digest))
    with caller.desk.ledger.reading() as view:
        assert view.file(received.file) == GOOD_FILE


@pytest.mark.parametrize(
    ("sending", "detail"),
    [
        ({"files": {"upload": ("a.csv", GOOD_FILE)}}, "the form has no file in its field 'file'"),
        (
            {"files": [("file", ("a.csv", b"1")), ("file", ("b.csv", b"2"))]},
            "the form cannot be read: Too many files. Maximum number of files is 1.",
        ),
        (
            {"content": b"x", "headers": {"Content-Type": "multipart/form-data"}},
            "the form cannot be read: Missing boundary in multipart.",
        ),
        (
            {"content": b"--b\r\n\r\n", "headers": {"Content-Type": "multipart/form-data; boundary=b"}},
            'the form cannot be read: The Content-Disposition header field "name" must be provided.',
        ),
    ],
    ids=["other-field", "two-files", "no-boundary", "cut-off"],
)
def test_what_is_no_file_is_told(caller: Caller, sending: dict[str, Any], detail: str) -> None:
    """400, with what to send instead; nothing is recorded."""
    for path in ("/api/submissions", "/api/check"):
        assert problem(caller.ask("POST", path, **sending)) == {
            "type": "urn:podium:problem:unreadable",
            "title": "The request cannot be read",
            "status": 400,
            "detail": detail,
        }
    assert caller.entries() == []


def test_a_content_encoding_is_not_taken(caller: Caller) -> None:
    """415, with how to send it packed; nothing is recorded."""
    for path in ("/api/submissions", "/api/check"):
        content = {"content": gzip.compress(GOOD_FILE), "headers": {"Content-Encoding": "gzip"}}
        answer = caller.ask("POST", path, **content)
        assert answer.headers["accept-encoding"] == "identity"
        assert problem(answer) == {
            "type": "urn:podium:problem:unknown-coding",
            "title": "Packed in an unknown way",
            "status": 415,
            "detail": (
                "the desk takes no Content-Encoding: send the CSV, or a .csv.gz or .zip, as the body itself, or as the "
                "field 'file' of multipart/form-data"
            ),
        }
    assert caller.entries() == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/submissions"),
        ("GET", "/api/submissions"),
        ("GET", "/api/submissions/1"),
        ("POST", "/api/submissions/1/select"),
        ("DELETE", "/api/submissions/1/select"),
        ("DELETE", "/api/submissions/1"),
        ("POST", "/api/check"),
    ],
)
def test_who_has_no_token_learns_nothing(caller: Caller, method: str, path: str) -> None:
    """401 without a token, with another scheme's, with one that is malformed, unknown or revoked."""
    caller.send()
    revoked = tokens.issue(caller.desk.ledger, "Ada", name="lost", now=WEDNESDAY)
    [handle] = [one.handle for one in _tokens(caller) if one.name == "lost"]
    tokens.revoke(caller.desk.ledger, "Ada", handle, now=WEDNESDAY)
    unknown = f"podium_{'A' * 43}"
    given = [f"Bearer {token}" for token in (revoked, unknown, "podium_", "", "x" * 5000, f"{unknown}\u00b2")]

    for credentials in given:
        answer = caller.ask(method, path, None, headers={"Authorization": credentials.encode("latin-1")})
        assert problem(answer) == UNAUTHORISED
        assert answer.headers["www-authenticate"] == "Bearer"
    for headers in ({}, {"Authorization": f"Basic {caller.desk.tokens['Ada']}"}, {"Authorization": "Bearer"}):
        answer = caller.ask(method, path, None, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    assert problem(caller.ask(method, path, None))["detail"] == (
        "this needs a token: send the header Authorization: Bearer podium_…"
    )
    assert len(caller.entries("received", "selected", "withdrawn")) == 1


def _tokens(caller: Caller) -> list[tokens.Token]:
    with caller.desk.ledger.reading() as view:
        return tokens.tokens_of(view, "Ada")


def test_faults_are_all_told(caller: Caller) -> None:
    """422, with each fault, its line and its mend, and as `podium check` prints it; nothing is recorded."""
    faulty = b"id,label\n1,7\n1,8\n3,cat\n4,7\n5,7\n"
    for path in ("/api/submissions", "/api/check"):
        answer = caller.ask("POST", path, content=faulty)
        told = problem(answer)
        assert {fault["code"]: fault["line"] for fault in told["faults"]} == {
            "duplicate-row-id": 3,
            "unknown-label": 4,
            "missing-row-id": None,
        }
        assert set(told["mends"]) == {"duplicate-row-id", "unknown-label", "missing-row-id"}
        assert (told["type"], told["title"], told["status"]) == (
            "urn:podium:problem:invalid-submission",
            "The file has faults",
            422,
        )
        count = len(told["faults"]) + sum(told["more"].values())
        assert told["detail"] == f"the file has {count} faults; nothing was recorded, and no attempt was used"
        assert "label 'cat' is not one of" in told["text"]
    assert caller.entries() == []


def test_a_file_that_cannot_be_unpacked_is_told(caller: Caller) -> None:
    """422, in a sentence."""
    assert problem(caller.send(gzip.compress(GOOD_FILE)[:-4])) == {
        "type": "urn:podium:problem:refused",
        "title": "Refused",
        "status": 422,
        "detail": "the gzip file is cut off: send it again",
    }


def test_a_check_costs_nothing(caller: Caller) -> None:
    """200 for a sound file, however often, before the opening and after the deadline; nothing is recorded."""
    for now in (WEDNESDAY - timedelta(days=30), WEDNESDAY, DEADLINE + timedelta(days=1)):
        caller.desk.clock.now = now
        for _ in range(6):
            answer = caller.ask("POST", "/api/check", content=GOOD_FILE)
            assert answer.status_code == 200
            assert answer.json() == {"is_ready": True, "rows": 6, "text": "ready to submit (6 predictions)"}
    assert caller.entries() == []


@pytest.mark.parametrize("path", ["/api/submissions", "/api/check"])
def test_a_file_that_is_too_large_is_not_read(caller: Caller, path: str) -> None:
    """413 by what it says of its length, or as soon as too much has come; a form adds a little to a file."""
    told = {
        "type": "urn:podium:problem:too-large",
        "title": "Too large",
        "status": 413,
        "detail": "the file is larger than the 1,000 bytes that the rules allow (max_bytes)",
        "max_bytes": 1_000,
    }
    pieces = (b"x" * 10_000 for _ in range(1_000))
    for sending in ({"content": b"x" * 70_000}, {"content": pieces}, {"files": {"file": ("a", b"x" * 70_000)}}):
        answer = caller.ask("POST", path, **sending)
        assert problem(answer) == told
        assert answer.headers["connection"] == "close"
    assert caller.entries() == []


def test_a_file_a_little_too_large_is_a_fault(caller: Caller) -> None:
    """What a form could be is read, and the file in it refused by the rules; unpacked files as well."""
    large = GOOD_FILE + b"\n" * 1_000
    for data in (large, gzip.compress(bytes(10_000_000))):
        told = problem(caller.send(data))
        assert (told["status"], [fault["code"] for fault in told["faults"]]) == (422, ["too-large"])


def test_after_the_deadline_a_file_is_late(caller: Caller) -> None:
    """Where late is "unranked", a late file is taken, and told to be late."""
    caller.desk.clock.now = DEADLINE + timedelta(seconds=1)
    late = caller.send()
    caller.desk.clock.now = DEADLINE + timedelta(milliseconds=999)
    last = caller.send(good_file(3))

    assert (late.status_code, late.json()["in_time"]) == (201, False)
    assert "received    2026-12-08 12:00:00 UTC, LATE: graded, outside the ranking" in late.json()["text"]
    assert (last.status_code, last.json()["in_time"]) == (201, True)


def test_a_late_file_is_refused_where_the_rules_say_so(tmp_path: Path) -> None:
    """403 closed, by the desk's clock, with how much too late; before the opening without it."""
    desk = desk_with(tmp_path, "[submission]", 'late = "refused"\n\n[submission]')
    with TestClient(desk.app) as client:
        caller = Caller(desk, client)
        known = caller.send()
        desk.clock.now = DEADLINE + timedelta(seconds=61, milliseconds=5)
        assert problem(caller.send(good_file(3))) == {
            "type": "urn:podium:problem:closed",
            "title": "The competition is closed",
            "status": 403,
            "detail": (
                "the competition is closed: the deadline was 2026-12-08 11:59:59 UTC (2026-12-07 23:59:59-12:00); "
                "the file was received at 2026-12-08 12:01:00 UTC"
            ),
            "deadline": "2026-12-08T11:59:59.000000Z",
            "received_at": "2026-12-08T12:01:00.005000Z",
            "late_by_seconds": 61.005,
        }
        # What was received stays received.
        assert (caller.send().status_code, caller.send().json()["proof"]) == (200, known.json()["proof"])
        desk.clock.now = datetime(2026, 11, 21, tzinfo=UTC)
        told = problem(caller.send(good_file(3)))
        assert (told["type"], told["late_by_seconds"]) == ("urn:podium:problem:closed", None)
        assert told["detail"].startswith("the competition is not open yet: it opens at 2026-11-22 00:00:00 UTC; ")
        assert len(caller.entries("received")) == 1
    desk.close()


def test_an_extension_is_the_teams_own(tmp_path: Path) -> None:
    """The team with more time sends and selects until its own end; another team is late; a move is for all."""
    desk = desk_with(tmp_path, "[submission]", 'late = "refused"\n\n[submission]')
    rules, until = desk.reception.rules, DEADLINE + timedelta(days=1)
    with TestClient(desk.app) as client:
        caller = Caller(desk, client)
        schedule.extend(desk.ledger, rules, "Ada", until, because="ill", now=WEDNESDAY)
        desk.clock.now = until
        mine, other = caller.send(), caller.send(team="Grace")
        assert (mine.status_code, mine.json()["deadline"], mine.json()["in_time"]) == (201, moments.write(until), True)
        assert (other.status_code, other.json()["late_by_seconds"]) == (403, 86_400.0)
        assert caller.ask("POST", "/api/submissions/1/select").json() == {"selected": [1]}
        schedule.move(desk.ledger, rules, until + timedelta(hours=1), because="the server was down", now=desk.clock.now)
        assert caller.send(team="Grace").status_code == 201
        competition = caller.ask("GET", "/api/competition", None).json()
        assert competition["deadline"] == moments.write(until + timedelta(hours=1))
    desk.close()


def test_attempts_are_counted_by_utc_days(caller: Caller) -> None:
    """429 when the attempts are used, with when the next opens; a check and a known file are still free."""
    caller.desk.clock.now = datetime(2026, 11, 25, 23, 59, 30, tzinfo=UTC)
    left = [caller.send(good_file(label)).json()["attempts_left"] for label in range(5)]
    answer = caller.send(good_file(5))

    assert left == [4, 3, 2, 1, 0]
    assert problem(answer) == {
        "type": "urn:podium:problem:attempts-used",
        "title": "No attempts left",
        "status": 429,
        "detail": "team 'Ada' has used its 5 attempts of the day; the next opens at 2026-11-26 00:00:00 UTC",
        "limit": 5,
        "next_attempt_at": "2026-11-26T00:00:00.000000Z",
    }
    assert answer.headers["retry-after"] == "30"
    assert caller.send(good_file(4)).status_code == 200
    listed = caller.ask("GET", "/api/submissions").json()
    assert (listed["attempts_left"], listed["next_attempt_at"]) == (0, "2026-11-26T00:00:00.000000Z")
    assert listed["submissions"][-1]["next_attempt_at"] == "2026-11-26T00:00:00.000000Z"
    caller.desk.clock.now = datetime(2026, 11, 26, tzinfo=UTC)
    assert caller.send(good_file(5)).json()["attempts_left"] == 4


def test_without_a_limit_attempts_are_not_counted(tmp_path: Path) -> None:
    """Null for attempts left, and for when the next opens."""
    desk = desk_with(tmp_path, "daily_limit = 5", "daily_limit = 0")
    with TestClient(desk.app) as client:
        told = Caller(desk, client).send().json()
    desk.close()
    assert (told["attempts_left"], told["next_attempt_at"]) == (None, None)


def test_a_team_that_asks_too_often_waits(caller: Caller) -> None:
    """429 slow-down with Retry-After after 300 requests in a minute; another team goes on."""
    statuses = [caller.ask("GET", "/api/submissions").status_code for _ in range(300)]
    answer = caller.ask("GET", "/api/submissions")

    assert set(statuses) == {200}
    assert problem(answer)["type"] == "urn:podium:problem:slow-down"
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert caller.ask("GET", "/api/submissions", "Grace").status_code == 200


def test_who_guesses_tokens_waits_and_nobody_else(caller: Caller) -> None:
    """429 for wrong tokens after 30 in a minute; a right one of the same address is served."""
    wrong = {"headers": {"Authorization": f"Bearer podium_{'B' * 43}"}}
    statuses = [caller.ask("GET", "/api/submissions", None, **wrong).status_code for _ in range(31)]

    assert statuses == [401] * 30 + [429]
    assert caller.ask("GET", "/api/submissions").status_code == 200


def test_a_key_names_one_file(caller: Caller) -> None:
    """The same key with the same file is the same attempt; with another file 422; another team's key is its own."""
    assert [caller.send(key="one").status_code, caller.send(key="one").status_code] == [201, 200]
    assert problem(caller.send(good_file(3), key="one")) == {
        "type": "urn:podium:problem:key-reused",
        "title": "Another file under the same key",
        "status": 422,
        "detail": "this Idempotency-Key came with another file before; give each file a key of its own",
    }
    assert caller.send(good_file(3), team="Grace", key="one").status_code == 201
    assert caller.send(good_file(3), key="two").status_code == 201
    # Also where the file was known before the key.
    assert caller.send(good_file(3), key="three").status_code == 200
    assert caller.send(good_file(4), key="three").json()["type"] == "urn:podium:problem:key-reused"


def test_a_key_of_a_refused_file_is_free(caller: Caller) -> None:
    """Nothing was recorded of it, the key neither: the mended file may come under the same."""
    assert caller.send(b"id,label\n", key="one").status_code == 422
    assert caller.send(key="one").status_code == 201


@pytest.mark.parametrize("key", ["k" * 200, "'; DROP TABLE keys; --", "{}[]%00", "\xe9\xff", "../..", "a\tb"])
def test_a_hostile_key_is_a_key(caller: Caller, key: str) -> None:
    """Any text up to 200 characters names an attempt."""
    headers = {"Idempotency-Key": key.encode("latin-1")}
    sent = [caller.ask("POST", "/api/submissions", content=GOOD_FILE, headers=headers).status_code for _ in range(2)]
    other = caller.ask("POST", "/api/submissions", content=good_file(3), headers=headers)

    assert sent == [201, 200]
    assert other.json()["type"] == "urn:podium:problem:key-reused"


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_a_key_has_a_length(caller: Caller, key: str) -> None:
    """None, or a very long one, is told, and nothing recorded."""
    told = problem(caller.send(key=key))
    assert (told["status"], told["type"]) == (422, "urn:podium:problem:refused")
    assert told["detail"].startswith("idempotency-key: ")
    assert caller.entries() == []


def test_own_submissions_are_listed(caller: Caller) -> None:
    """All of the team's and none of another's, with what is selected and withdrawn, each also by itself."""
    assert caller.ask("GET", "/api/submissions").json() == {
        "team": "Ada",
        "attempts_left": 5,
        "next_attempt_at": None,
        "final_selections": 2,
        "selected": [],
        "submissions": [],
    }
    caller.send()
    caller.send(team="Grace")
    caller.send(good_file(3))
    caller.ask("POST", "/api/submissions/3/select")
    caller.ask("DELETE", "/api/submissions/1")

    listed = caller.ask("GET", "/api/submissions").json()
    assert (listed["attempts_left"], listed["selected"]) == (3, [3])
    assert [one["submission"] for one in listed["submissions"]] == [1, 3]
    assert [one["is_selected"] for one in listed["submissions"]] == [False, True]
    assert [one["is_withdrawn"] for one in listed["submissions"]] == [True, False]
    for one in listed["submissions"]:
        assert caller.ask("GET", f"/api/submissions/{one['submission']}").json() == one


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/submissions/{}"),
        ("POST", "/api/submissions/{}/select"),
        ("DELETE", "/api/submissions/{}/select"),
        ("DELETE", "/api/submissions/{}"),
    ],
)
def test_another_teams_submission_is_none(caller: Caller, method: str, path: str) -> None:
    """404, the same for another team's as for none at all, and nothing is done."""
    caller.send()
    caller.send(good_file(3), team="Grace")
    answers = {number: caller.ask(method, path.format(number)) for number in (2, 9)}

    for number, answer in answers.items():
        told = problem(answer)
        assert (told["status"], told["type"]) == (404, "urn:podium:problem:not-found")
        assert told["detail"].startswith(f"team 'Ada' has no submission {number}")
        assert "Grace" not in answer.text
    assert caller.entries("selected", "withdrawn") == []


@pytest.mark.parametrize("number", ["0", "-1", "x", "1.5", "99999999999999999999", "1e3"])
def test_a_number_that_is_none_is_told(caller: Caller, number: str) -> None:
    """422, in a sentence."""
    told = problem(caller.ask("GET", f"/api/submissions/{number}"))
    assert (told["status"], told["type"]) == (422, "urn:podium:problem:refused")
    assert told["detail"].startswith("submission: ")


def test_a_selection_grows_up_to_the_limit(caller: Caller) -> None:
    """What was chosen stays chosen; again is the same; one too many, or a withdrawn one, is refused."""
    for label in range(4):
        caller.send(good_file(label))
    choose = lambda number: caller.ask("POST", f"/api/submissions/{number}/select")  # noqa: E731

    assert [choose(2).json(), choose(1).json(), choose(1).json()] == [
        {"selected": [2]},
        {"selected": [1, 2]},
        {"selected": [1, 2]},
    ]
    assert problem(choose(3))["detail"] == (
        "nothing was selected: 3 submissions are named; final_selections of the rules is 2"
    )
    assert caller.ask("DELETE", "/api/submissions/2/select").json() == {"selected": [1]}
    assert caller.ask("DELETE", "/api/submissions/2/select").json() == {"selected": [1]}
    assert caller.ask("DELETE", "/api/submissions/3").json()["is_withdrawn"] is True
    assert problem(choose(3))["detail"] == "nothing was selected: submission 3 is withdrawn"
    assert len(caller.entries("selected")) == 3


def test_a_submission_is_withdrawn_once(caller: Caller) -> None:
    """It counts no more, gives no attempt back, falls out of the selection; again is 409."""
    caller.send()
    caller.ask("POST", "/api/submissions/1/select")
    withdrawn = caller.ask("DELETE", "/api/submissions/1")

    assert withdrawn.status_code == 200
    assert (withdrawn.json()["is_withdrawn"], withdrawn.json()["is_selected"]) == (True, False)
    assert problem(caller.ask("DELETE", "/api/submissions/1")) == {
        "type": "urn:podium:problem:already",
        "title": "So already",
        "status": 409,
        "detail": "submission 1, team 'Ada', is withdrawn already: nothing was recorded",
    }
    assert caller.ask("GET", "/api/submissions").json()["attempts_left"] == 4
    assert len(caller.entries("withdrawn")) == 1


def test_who_sent_nothing_has_nothing_to_withdraw(caller: Caller) -> None:
    """404, and no other team is named."""
    caller.send(team="Grace")
    answer = caller.ask("DELETE", "/api/submissions/1")
    assert problem(answer)["status"] == 404
    assert "Grace" not in answer.text


def test_after_the_deadline_nothing_is_selected(caller: Caller) -> None:
    """403 closed; a submission may be withdrawn until the reveal, and not after it."""
    caller.send()
    caller.send(good_file(3))
    caller.desk.clock.now = DEADLINE + timedelta(seconds=1)
    assert problem(caller.ask("POST", "/api/submissions/1/select")) == {
        "type": "urn:podium:problem:closed",
        "title": "The competition is closed",
        "status": 403,
        "detail": (
            "selections are taken until the deadline, 2026-12-08 11:59:59 UTC (2026-12-07 23:59:59-12:00); "
            "this one was made at 2026-12-08 12:00:00 UTC"
        ),
    }
    assert caller.ask("DELETE", "/api/submissions/1").status_code == 200
    with caller.desk.ledger.writing() as ledger:
        ledger.append("revealed", caller.desk.clock.now, {})
    assert problem(caller.ask("DELETE", "/api/submissions/2")) == {
        "type": "urn:podium:problem:closed",
        "title": "The competition is closed",
        "status": 403,
        "detail": "the private board is public: a team withdraws nothing any more; ask the organiser",
    }


def test_a_disqualified_team_is_still_served(caller: Caller) -> None:
    """What it sends is kept, and told as any other: the board leaves it out."""
    caller.send()
    decisions.disqualify(caller.desk.ledger, "Ada", because="two accounts", now=WEDNESDAY)
    assert caller.send(good_file(3)).status_code == 201


def test_the_competition_is_public(caller: Caller) -> None:
    """The rules that hold, and the desk's clock, for anybody."""
    assert caller.ask("GET", "/api/competition", None).json() == {
        "slug": "cases",
        "title": "The cases",
        "host": "Machine Learning Month",
        "phase": "open",
        "opens": "2026-11-22T00:00:00.000000Z",
        "deadline": "2026-12-08T11:59:59.000000Z",
        "metric": "accuracy",
        "daily_limit": 5,
        "final_selections": 2,
        "max_bytes": 1000,
        "id_column": "id",
        "columns": ["label"],
        "kind": "label",
        "labels": ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
        "now": "2026-11-25T12:00:00.000000Z",
    }


def test_the_leaderboard_is_what_was_published(caller: Caller) -> None:
    """404 until there is one; then its bytes."""
    assert problem(caller.ask("GET", "/api/leaderboard", None))["detail"] == "the board was not published yet"
    site = caller.desk.reception.parts.site
    site.mkdir(parents=True, exist_ok=True)
    (site / "leaderboard.json").write_text('{"rows": []}\n')
    answer = caller.ask("GET", "/api/leaderboard", None, headers={"Range": "bytes=0-3"})
    assert (answer.status_code, answer.content) == (200, b'{"rows": []}\n')
    assert answer.headers["content-type"] == "application/json"


def test_methods_that_are_not_served_are_told(caller: Caller) -> None:
    """405 with what is served (RFC 9110, section 15.5.6); 404 where there is nothing."""
    for method, path, allowed in (
        ("PUT", "/api/submissions", "GET, POST"),
        ("GET", "/api/check", "POST"),
        ("GET", "/api/submissions/1/select", "DELETE, POST"),
        ("PATCH", "/api/submissions/1", "DELETE, GET"),
        ("POST", "/api/competition", "GET"),
        ("DELETE", "/nothing", "GET, HEAD"),
    ):
        answer = caller.ask(method, path)
        assert problem(answer)["status"] == 405, (method, path)
        assert answer.headers["allow"] == allowed
    for path in ("/api/nothing", "/api", "/api/submissions/", "/api/submissions/1/2"):
        assert problem(caller.ask("GET", path))["status"] == 404


RIGHT = 5  # of 13 private rows: a private score of 5/13 = 0.384615…
HIDDEN = [7] * 13 + [7] * RIGHT + [1] * (13 - RIGHT)
SECRET = ("0.3846", "38461538", "0,3846", "38.46")


@pytest.mark.parametrize("live", ["exact", "rounded", "ladder"])
def test_a_private_score_is_in_no_answer(tmp_path: Path, live: str, caplog: pytest.LogCaptureFixture) -> None:
    """Nor in a line of the log, whatever the live policy; and no policy shows more than the rules reveal."""
    caplog.set_level(logging.DEBUG)
    desk = desk_with(tmp_path, "public_share = 0.5", f'public_share = 0.5\nlive = "{live}"', labels=HIDDEN)
    data = b"id,label\n" + b"".join(b"%d,7\n" % row for row in range(1, 27))
    worse = data.replace(b"\n1,7\n", b"\n1,8\n")
    with TestClient(desk.app) as client:
        caller = Caller(desk, client)
        if live != "exact":  # until there is a baseline
            waiting = caller.send(data.replace(b"\n2,7\n", b"\n2,8\n"))
            assert (waiting.json()["verdict"], waiting.json()["public_score"]) == ("waiting", None)
            desk.reception.parts.desk.receive(
                data.replace(b",7\n", b",1\n"),
                team="Start",
                now=WEDNESDAY,
                is_baseline=True,
                judge=desk.reception.parts.judge,
            )
        answers = [caller.send(data), caller.send(data), caller.send(worse)]
        number = answers[0].json()["submission"]
        answers += [caller.ask("POST", f"/api/submissions/{number}/select")]
        desk.clock.now = DEADLINE + timedelta(days=1)
        with desk.ledger.writing() as ledger:
            ledger.append("revealed", desk.clock.now, {})
        answers += [caller.ask("GET", path) for path in ("/api/submissions", f"/api/submissions/{number}", "/metrics")]
        answers += [caller.ask("GET", path, None) for path in ("/api/competition", "/api/openapi.json", "/healthz")]
        [*_, graded] = [entry for entry in caller.entries("graded") if entry.submission == number]
    desk.close()

    assert graded.body["private"] == RIGHT / 13
    assert (graded.body["public"], answers[0].json()["public_score"]) == (1.0, 1.0)
    formatter = JsonLines()
    said = [answer.text + json.dumps(dict(answer.headers)) for answer in answers]
    said += [formatter.format(record) + str(record.__dict__) for record in caplog.records]
    assert all(secret not in text for text in said for secret in SECRET)
    if live == "ladder":
        assert answers[2].json()["public_score"] is None
        assert answers[2].json()["reason"] == "not distinguishable from your best"
    elif live == "rounded":
        assert answers[2].json()["public_score"] != 12 / 13
        assert "0.923" not in answers[2].text
    else:
        assert answers[2].json()["public_score"] == 12 / 13


def test_the_only_choice_is_taken_back(tmp_path: Path) -> None:
    """Where one submission may be chosen, another takes its place once it was taken back; or none does."""
    desk = desk_with(tmp_path, "daily_limit = 5", "daily_limit = 5\nfinal_selections = 1")
    with TestClient(desk.app) as client:
        caller = Caller(desk, client)
        for label in range(2):
            caller.send(good_file(label))
        steps = [("POST", 1), ("DELETE", 1), ("POST", 2), ("DELETE", 2)]
        answers = [caller.ask(method, f"/api/submissions/{number}/select") for method, number in steps]
        listed = caller.ask("GET", "/api/submissions").json()
        recorded = [entry.body["submissions"] for entry in caller.entries("selected")]
    desk.close()

    assert [(answer.status_code, answer.json()) for answer in answers] == [
        (200, {"selected": selected}) for selected in ([1], [], [2], [])
    ]
    assert (listed["selected"], recorded) == ([], [[1], [], [2], []])
