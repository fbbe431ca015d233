"""The web desk's pages for people, as a browser without scripts meets them."""

import gzip
import html
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from markupsafe import escape
from starlette.testclient import TestClient
from test_page import HOSTILE
from web import WebDesk, make_desk

from conftest import GOOD_FILE, NOW, good_file
from leaderboard.publish import publish
from submissions import schedule
from submissions.membership import members, tokens
from submissions.record import backup
from submissions.record.ledger import LedgerError
from submissions.teams import InvalidName, InvalidTeam, line, parse
from submissions.web import hardening, sign_in, words
from submissions.web.app import make_app
from submissions.web.reception import Reception
from submissions.web.sign_in_settings import Settings

BAD_FILE = b"id,label\n1,2\n1,99\n2,3\n3,3\n4,3\n5,3\n6,3\n"
PAGES = ["/", "/join", "/submit", "/team", "/team/submissions/1", "/team/submissions/1/withdraw", "/nowhere"]
SHORT = "Short & <i>sweet</i>"
Make = Callable[..., "Visitor"]


class Visitor:
    """A browser without scripts: it keeps cookies, sends forms as pages hold them, and follows no redirect."""

    def __init__(self, desk: WebDesk, client: TestClient) -> None:
        self.desk, self.client = desk, client

    def get(self, path: str, **options: Any) -> Any:
        return self.client.get(path, **options)

    def secret(self, path: str = "/join") -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.get(path).text)
        assert found
        return found[1]

    def post(self, path: str, data: dict[str, Any] | None = None, *, page: str = "/join", **options: Any) -> Any:
        return self.client.post(path, data={"csrf": self.secret(page), **(data or {})}, **options)

    def join(self, team: str = "Ada", name: str = "Countess") -> "Visitor":
        answer = self.post("/join", {"code": self.desk.codes[team], "name": name})
        assert (answer.status_code, answer.headers["location"]) == (303, "/team")
        return self

    def send(self, data: bytes, name: str = "mine.csv", path: str = "/submit") -> Any:
        return self.post(path, page="/submit", files={"file": (name, data)})


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes a desk, and a visitor at it."""
    with ExitStack() as stack:

        def visitor(room: str = "room", **options: Any) -> Visitor:
            desk = make_desk(tmp_path / room, **options)
            stack.callback(desk.close)
            stack.callback(desk.reception.close)
            return Visitor(desk, TestClient(desk.app, headers={"accept": "text/html"}, follow_redirects=False))

        yield visitor


@pytest.fixture
def visitor(make: Make) -> Visitor:
    return make()


def text(answer: Any) -> str:
    """What a page says in its main part: without tags, on single spaces."""
    main = answer.text[answer.text.index("<main") : answer.text.index("</main>")]
    lines = re.sub(r"</?(?:a|b|bdi|code|small|span|time)\b[^>]*>", "", main)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", lines)).split())


class Shape(HTMLParser):
    """The elements of a page, each with the names of its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(name for name, _ in attrs)))


def is_a_name(parse: Callable[[str], str], name: str) -> bool:
    try:
        parse(name)
    except (InvalidTeam, InvalidName):
        return False
    return True


def show_board(visitor: Visitor) -> None:
    desk = visitor.desk
    with desk.ledger.reading() as view:
        publish(desk.session.competition, view.entries(), desk.clock(), desk.folder.leaderboard, desk="./")


def test_join_with_a_code(visitor: Visitor) -> None:
    """A join code and a name make a member, who is signed in."""
    answer = visitor.post("/join", {"code": visitor.desk.codes["Ada"].lower().replace("-", " "), "name": "Countess"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/team")
    with visitor.desk.ledger.reading() as view:
        assert [one.name for one in members.members_of(view, "Ada")] == ["Countess"]
    assert "<bdi>Countess</bdi>, team <bdi>Ada</bdi>" in visitor.get("/team").text


def test_join_leads_to_where_one_wanted_to_go(visitor: Visitor) -> None:
    """Whoever asks for a page of a team is sent to join, and then to that page; to no other site."""
    assert visitor.get("/submit").headers["location"] == "/join?to=submit"
    assert 'name="to" value="submit"' in visitor.get("/join?to=submit").text
    assert 'name="to" value=""' in visitor.get("/join?to=//evil.example").text

    code = visitor.desk.codes["Ada"]
    there = visitor.post("/join", {"code": code, "name": "A", "to": "submit"})
    elsewhere = visitor.post("/join", {"code": code, "name": "A", "to": "//evil.example"})

    assert [there.headers["location"], elsewhere.headers["location"]] == ["/submit", "/team"]


def test_join_with_a_token(visitor: Visitor) -> None:
    """A token of the team lets a person in as its join code does."""
    visitor.post("/join", {"code": visitor.desk.tokens["Grace"], "name": "Admiral"})

    assert "<bdi>Admiral</bdi>, team <bdi>Grace</bdi>" in visitor.get("/team").text


def test_token_binds_the_sign_in(make: Make) -> None:
    """Whoever has signed in elsewhere, and joins with a token, is known by that sign-in from then on."""
    desk = make().desk
    given = {"name": "Admiral", "identity": "https://id.example 1", "email": None, "now": desk.clock()}
    joined = members.join_by_token(desk.ledger, desk.tokens["Grace"], **given)

    with desk.ledger.reading() as view:
        assert members.by_identity(view, "https://id.example 1") == joined


def test_open_code_starts_a_team(visitor: Visitor) -> None:
    """The open code asks for a team's name, and starts that team; what was typed stays in the form."""
    asked = visitor.post("/join", {"code": visitor.desk.open_code, "name": "Alan"})
    done = visitor.post("/join", {"code": visitor.desk.open_code, "name": "Alan", "team": "Enigma"})

    assert asked.status_code == 422
    assert text(asked).startswith("Not yet. This join code starts a new team: give it a name.")
    assert 'value="Alan"' in asked.text
    assert done.status_code == 303
    assert "<h1><bdi>Enigma</bdi></h1>" in visitor.get("/team").text


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            {"code": "0000-0000-0000-0000"},
            "This join code is unknown or no longer valid: look for a slip, or ask for a new one.",
        ),
        (
            {"code": "podium_" + "x" * 43},
            "The token is not valid: it may be misspelt or revoked; "
            "make one on your team's page, or ask the organiser.",
        ),
        ({"name": " "}, "Name ' ': a name cannot be blank."),
        ({"team": "Grace"}, "This join code is of another team than 'Grace': leave the team's name out."),
    ],
)
def test_join_says_what_is_wrong(visitor: Visitor, given: dict[str, str], told: str) -> None:
    """What is wrong is told in one sentence above the form, and nobody is signed in."""
    answer = visitor.post("/join", {"code": visitor.desk.codes["Ada"], "name": "Countess", **given})

    assert answer.status_code == 422
    assert text(answer).startswith(f"Not yet. {told} Join code")
    assert visitor.get("/team").status_code == 303


def test_join_offers_the_sign_in(visitor: Visitor) -> None:
    """Where there is a sign-in, it is offered beside the code; whoever has used it and is nobody yet needs a code."""
    settings = Settings("https://id.example", "desk", "secret", 'Uni & "Sons"')
    assert "Sign in" not in visitor.get("/join").text
    sign_in.set_up(visitor.desk.app, settings)

    assert '<a class="button" href="/sign-in">Sign in with Uni &amp; &#34;Sons&#34;</a>' in visitor.get("/join").text
    assert "secret" not in text(visitor.get("/join"))


def test_a_cookie_of_before_a_restore_is_nobodys(make: Make, tmp_path: Path) -> None:
    """Who came in after the copy was made is not taken for whoever gets the same number after it."""
    eve = make("before")
    backup.back_up(eve.desk.ledger, tmp_path / "copy.db", lambda _: None)
    eve.join(name="Eve")
    assert eve.get("/team").status_code == 200
    bob = make("after")
    bob.desk.ledger.close()
    for path in bob.desk.folder.ledger.parent.glob("ledger.db*"):
        path.unlink()
    backup.restore(tmp_path / "copy.db", bob.desk.folder.ledger, lambda _: lambda _: None)
    restored = bob.desk.folder.open_ledger()
    desk = replace(bob.desk.reception.parts.desk, ledger=restored)
    app = make_app(Reception(replace(bob.desk.reception.parts, desk=desk)))
    member = members.join(restored, eve.desk.codes["Grace"], team=None, name="Bob", identity=None, email=None, now=NOW)
    with TestClient(app, cookies=eve.client.cookies, headers={"accept": "text/html"}, follow_redirects=False) as client:
        page = client.get("/team")

    assert member.member == 1
    assert (page.status_code, page.headers["location"]) == (303, "/join?to=team")
    restored.close()


def test_guessing_is_stopped(visitor: Visitor) -> None:
    """After 30 wrong codes in a minute an address is told to wait; who there has the right one comes in."""
    wrong = {"csrf": visitor.secret(), "code": "wrong", "name": "A"}
    statuses = [visitor.client.post("/join", data=wrong).status_code for _ in range(30)]
    last = visitor.client.post("/join", data=wrong)

    assert statuses == [422] * 30
    assert last.status_code == 429
    assert int(last.headers["retry-after"]) in range(1, 61)
    assert "<h1>Too many requests</h1>" in last.text
    visitor.join()


def test_session_is_renewed_on_joining(visitor: Visitor) -> None:
    """Nothing of the session before is kept: a cookie that somebody planted is worth nothing afterwards."""
    before = visitor.secret()
    visitor.join()

    assert visitor.secret("/submit") != before
    again = visitor.client.post("/leave", data={"csrf": before})
    assert again.status_code == 403


def test_cookie(make: Make) -> None:
    """The cookie cannot be read by scripts nor sent by other sites, lasts 30 days, and is Secure over https."""
    visitor = make()
    plain = visitor.get("/join").headers["set-cookie"]
    safe = TestClient(visitor.desk.app, base_url="https://desk.example").get("/join").headers["set-cookie"]

    name, _, rest = plain.partition("=")
    assert name == "podium-cases"
    assert rest.partition("; ")[2] == "path=/; Max-Age=2592000; httponly; samesite=lax"
    assert safe.partition("; ")[2] == "path=/; Max-Age=2592000; httponly; samesite=lax; secure"


def test_changed_cookie_is_nobody(visitor: Visitor) -> None:
    """A cookie that was not signed with the ledger's key signs nobody in."""
    visitor.join()
    cookie = visitor.client.cookies["podium-cases"]
    visitor.client.cookies.clear()
    visitor.client.cookies.set("podium-cases", cookie[:-2] + ("AA" if cookie[-2:] != "AA" else "BB"))

    assert visitor.get("/team").headers["location"] == "/join?to=team"


def test_leave(visitor: Visitor) -> None:
    """Whoever leaves is signed out of this browser, and stays a member."""
    answer = visitor.join().post("/leave", page="/team")

    assert (answer.status_code, answer.headers["location"]) == (303, "/join")
    assert visitor.get("/team").status_code == 303
    with visitor.desk.ledger.reading() as view:
        assert len(members.members_of(view, "Ada")) == 1


def test_removed_member_is_signed_out(visitor: Visitor) -> None:
    """A member whom the organiser removes is out with the next request; a file that he sends is not taken."""
    secret = visitor.join().secret("/submit")
    members.remove_member(visitor.desk.ledger, 1, now=visitor.desk.clock())
    answer = visitor.client.post("/submit", data={"csrf": secret}, files={"file": ("a.csv", GOOD_FILE)})

    assert answer.status_code == 401
    assert text(answer).startswith(
        "Join your team first; if you were signed in, the organiser or the time has ended that."
    )
    assert visitor.get("/team").headers["location"] == "/join?to=team"
    with visitor.desk.ledger.reading() as view:
        assert list(view.entries("received")) == []


@pytest.mark.parametrize(
    "path",
    [
        *("/join", "/leave", "/submit", "/submit/check", "/team/selection", "/team/tokens", "/team/tokens/revoke"),
        "/team/submissions/1/withdraw",
    ],
)
@pytest.mark.parametrize(
    ("csrf", "headers"),
    [
        (None, {}),
        ("wrong", {}),
        ("\u00e9", {}),
        ("own", {"origin": "https://evil.example"}),
        ("own", {"origin": "null"}),
        ("own", {"sec-fetch-site": "cross-site"}),
        ("own", {"sec-fetch-site": "same-site"}),
    ],
)
def test_forms_of_other_sites(visitor: Visitor, path: str, csrf: str | None, headers: dict[str, str]) -> None:
    """No form is taken without this browser's secret, or from another site."""
    visitor.join().send(GOOD_FILE)
    before = entries(visitor)
    secret = {"csrf": visitor.secret("/submit") if csrf == "own" else csrf} if csrf else {}
    files = {"file": ("a.csv", good_file(3))} if path.startswith("/submit") else None
    answer = visitor.client.post(path, data={**secret, "submission": "1", "name": "x"}, files=files, headers=headers)

    assert answer.status_code == 403
    assert text(answer).startswith(
        "The form is too old, or was not sent from a page of this desk: open the page anew, and send it again."
    )
    assert entries(visitor) == before


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "same-origin"}, {"origin": "http://testserver"}, {}])
def test_forms_of_own_pages(visitor: Visitor, headers: dict[str, str]) -> None:
    """What a browser says of its own page's form is believed."""
    secret = visitor.join().secret("/submit")
    answer = visitor.client.post("/leave", data={"csrf": secret}, headers=headers)

    assert answer.status_code == 303


def test_forms_behind_a_proxy_that_changes_the_host(make: Make) -> None:
    """An old browser's Origin may also be the desk's own address in the rules."""
    visitor = make(rules=lambda text: text + '\n[desk]\naddress = "https://desk.example/cases/"\n').join()
    secret = visitor.secret("/submit")

    assert (
        visitor.client.post("/leave", data={"csrf": secret}, headers={"origin": "https://desk.example"}).status_code
        == 303
    )


def entries(visitor: Visitor) -> list[str]:
    with visitor.desk.ledger.reading() as view:
        return [entry.kind for entry in view.entries()]


def test_accepted_file_gets_its_page(visitor: Visitor) -> None:
    """A file that is taken leads to a page of its own, with score, place and receipt, that may be loaded again."""
    visitor.join("Grace").send(good_file(1))
    show_board(visitor)
    answer = visitor.join().send(GOOD_FILE)

    assert (answer.status_code, answer.headers["location"]) == (303, "/team/submissions/2")
    first, second = visitor.get("/team/submissions/2"), visitor.get("/team/submissions/2")
    assert text(first).startswith(
        "1.0000 accuracy on the public rows would stand 1st on the public board "
        "Received in time 25 Nov 2026, 12:00:00 UTC Attempts left today 4 of 5 "
        "Deadline in 12 days 8 Dec 2026, 11:59:59 UTC Submit another file All your submissions "
        "Receipt Keep it: the proof is the digest of the ledger’s entry, and shows later that nothing was changed. "
        "submission 2, team Ada sha256 "
    )
    assert text(first) == text(second)
    assert entries(visitor).count("received") == 2


def test_same_file_again(visitor: Visitor) -> None:
    """The same file leads to the receipt it had, and says that no attempt was used."""
    visitor.join().send(GOOD_FILE)
    answer = visitor.send(GOOD_FILE)

    assert answer.headers["location"] == "/team/submissions/1?again"
    assert text(visitor.get("/team/submissions/1?again")).startswith(
        "The same file as before Your team has sent these very bytes already. This is the receipt they had; "
        "no attempt was used. 1.0000 accuracy"
    )
    assert "Attempts left today 4 of 5" in text(visitor.get("/submit"))


@pytest.mark.parametrize("path", ["/submit", "/submit/check"])
def test_faults_are_listed(visitor: Visitor, path: str) -> None:
    """Every fault stands under how to mend it, with its line; nothing was recorded."""
    answer = visitor.join().send(BAD_FILE, SHORT, path)

    assert answer.status_code == 422
    assert text(answer).startswith(
        f"2 faults in {SHORT} Nothing was recorded, and no attempt was used. Mend these, and send the file again. "
        "Give each row id once duplicate-row-id line 3 row id '1' was already given on line 2 "
        "Write each label as the sample submission does; .astype(int) for numbers, .str.strip() for texts "
        "unknown-label "
        "line 3 label '99' is not one of 0, 1, 2 … 9 Your predictions"
    )
    assert "received" not in entries(visitor)


def test_many_faults_are_counted(make: Make) -> None:
    """Of each kind the first 20 are listed, and how many more there are."""
    visitor = make(rules=lambda text: text.replace("max_bytes = 1000", "max_bytes = 10_000")).join()
    answer = visitor.send(b"id,label\n" + b"".join(b"%d,7\n" % row for row in range(1, 1007)))

    assert text(answer).startswith("1,000 faults in mine.csv ")
    assert answer.text.count("<li><b>line") == 20
    assert "… and 980 more" in text(answer)


def test_one_fault_is_one(visitor: Visitor) -> None:
    """One fault is spoken of as one."""
    answer = visitor.join().send(GOOD_FILE.replace(b"6,7", b"6,x"))

    assert text(answer).startswith("1\N{NO-BREAK SPACE}fault in mine.csv".replace("\N{NO-BREAK SPACE}", " "))
    assert "Mend it, and send the file again." in text(answer)


def test_check_only(visitor: Visitor) -> None:
    """A sound file that is only checked is told so, and nothing is recorded."""
    answer = visitor.join().send(GOOD_FILE, path="/submit/check")

    assert answer.status_code == 200
    assert text(answer).startswith(
        "Ready to submit mine.csv has 6 predictions and no fault. It was only checked: choose it again, and submit it."
    )
    assert "received" not in entries(visitor)


def test_for_scripts(visitor: Visitor) -> None:
    """A script asks in the same way, and is answered in JSON: the page to go to, or problem details."""
    visitor.client.headers["accept"] = "application/json"
    visitor.join()
    checked = visitor.send(GOOD_FILE, path="/submit/check")
    faulty = visitor.send(BAD_FILE, path="/submit/check")
    sent = visitor.send(GOOD_FILE)
    nothing = visitor.post("/submit", page="/submit")

    assert checked.json() == {"is_ready": True, "rows": 6, "text": "ready to submit (6 predictions)"}
    assert (faulty.status_code, faulty.headers["content-type"]) == (422, "application/problem+json")
    assert [fault["line"] for fault in faulty.json()["faults"]] == [3, 3]
    assert (sent.status_code, sent.json()) == (201, {"submission": 1, "address": "/team/submissions/1"})
    assert nothing.json()["type"] == "urn:podium:problem:no-file"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"PK\x03\x04nonsense", "Refused The zip cannot be read (BadZipFile): pack it again."),
        (gzip.compress(GOOD_FILE)[:-5], "Refused The gzip file is cut off: send it again."),
    ],
)
def test_broken_archives(visitor: Visitor, data: bytes, told: str) -> None:
    """A packed file that cannot be read is told so above the form."""
    answer = visitor.join().send(data)

    assert answer.status_code == 422
    assert text(answer).startswith(f"{told} Nothing was recorded, and no attempt was used.")


def test_no_file(visitor: Visitor) -> None:
    """A form without a file is asked for one."""
    answer = visitor.join().send(b"", "")

    assert answer.status_code == 422
    assert text(answer).startswith("No file was chosen Choose the CSV with your predictions first. Your predictions")


def test_no_attempt_left(visitor: Visitor) -> None:
    """With the attempts of the day used up, the page says when the next opens, and offers checks only."""
    visitor.join()
    for label in range(5):
        assert visitor.send(good_file(label)).status_code == 303
    late = visitor.send(good_file(6))

    assert late.status_code == 429
    assert late.headers["retry-after"] == "43200"
    told = "Team 'Ada' has used its 5 attempts of the day; the next opens at 2026-11-26 00:00:00 UTC."
    closed = (
        "No attempt is left today The next opens at 26 Nov 2026, 00:00:00 UTC, in 12 hours. "
        "Until then you can check files, which costs nothing. Your predictions"
    )
    assert text(late).startswith(f"No attempts left {told} Nothing was recorded, and no attempt was used. {closed}")
    assert 'id="submit"' not in late.text
    assert "Attempts left today none the next opens in 12 hours, 26 Nov 2026, 00:00:00 UTC" in text(
        visitor.get("/team")
    )
    assert "Submit another file" not in visitor.get("/team/submissions/5").text
    visitor.desk.clock.now += timedelta(hours=12)
    assert "Submit another file" in visitor.get("/team/submissions/5").text


def test_before_the_opening(visitor: Visitor) -> None:
    """Before the opening the pages say when it is, and a file is not taken."""
    visitor.desk.clock.now = visitor.desk.reception.rules.opens - timedelta(hours=3)
    visitor.join()

    told = "Not open yet Files are taken from 22 Nov 2026, 00:00:00 UTC on, in 3 hours."
    assert text(visitor.get("/submit")).startswith(f"{told} Until then you can check yours. Your predictions")
    assert text(visitor.get("/team")).startswith(told)
    answer = visitor.send(GOOD_FILE)
    assert answer.status_code == 403
    assert text(answer).startswith(
        "The competition is closed The competition is not open yet: it opens at 2026-11-22 00:00:00 UTC; "
        "the file was received at 2026-11-21 21:00:00 UTC."
    )


def test_after_the_deadline_late_files(visitor: Visitor) -> None:
    """Where late files are shown outside the ranking, the pages say so before and after."""
    visitor.join().send(good_file(3))
    visitor.desk.clock.now = visitor.desk.reception.rules.deadline + timedelta(hours=2)

    told = (
        "The deadline has passed It was 8 Dec 2026, 11:59:59 UTC, 2 hours ago. "
        "What you send now is graded and shown as late, outside the ranking."
    )
    assert text(visitor.get("/submit")).startswith(told)
    show_board(visitor)
    place = visitor.send(GOOD_FILE).headers["location"]
    assert text(visitor.get(place)).startswith(
        "Late Late: outside the ranking. 1.0000 accuracy on the public rows Received late"
    )
    team = text(visitor.get("/team"))
    assert team.startswith(
        "The deadline has passed Your selection stands as it is. The private board is shown at the reveal; until then "
        "you can still withdraw a submission. Best public score 0.0000"
    )
    assert "You have selected nothing: the private board looks at your 2 best on the public board." in team
    assert "Save the selection" not in team


def test_after_the_deadline_refused_files(make: Make) -> None:
    """Where late files are refused, the page says so, and offers no button that sends."""
    visitor = make(rules=lambda text: text.replace("[submission]", 'late = "refused"\n[submission]')).join()
    visitor.desk.clock.now = visitor.desk.reception.rules.deadline + timedelta(minutes=5)
    page = visitor.get("/submit")

    assert text(page).startswith(
        "Closed The deadline was 8 Dec 2026, 11:59:59 UTC, 5 minutes ago. No more files are taken."
    )
    assert 'id="submit"' not in page.text
    assert visitor.send(GOOD_FILE).status_code == 403


def test_extension(visitor: Visitor) -> None:
    """A team with an extension sees its own deadline."""
    desk = visitor.join().desk
    until = desk.reception.rules.deadline + timedelta(days=2)
    schedule.extend(desk.ledger, desk.reception.rules, "Ada", until, because="ill", now=desk.clock())

    assert "Your deadline, extended in 14 days 10 Dec 2026, 11:59:59 UTC" in text(visitor.get("/team"))


def test_after_the_reveal(visitor: Visitor) -> None:
    """After the reveal the team's page leads to the final ranking, and nothing can be changed."""
    visitor.join().send(GOOD_FILE)
    visitor.desk.clock.now = visitor.desk.reception.rules.deadline + timedelta(days=1)
    secret = visitor.secret("/team")
    with visitor.desk.ledger.writing() as ledger:
        ledger.append("revealed", visitor.desk.clock(), {})

    page = visitor.get("/team")
    assert text(page).startswith(
        "The competition is over The final ranking is public. Nothing can be selected or withdrawn any more."
    )
    assert 'href="/final.html"' in page.text
    assert "Withdraw" not in text(page).replace("Final Withdraw", "")
    answer = visitor.client.post("/team/submissions/1/withdraw", data={"csrf": secret})
    assert answer.status_code == 403
    assert text(answer).startswith("The private board is public: a team withdraws nothing any more; ask the organiser.")


@pytest.mark.parametrize("late", ["unranked", "refused"])
def test_files_after_the_reveal(make: Make, late: str) -> None:
    """A file is offered to be sent where one is taken, as the rules have it, and shown as late."""
    visitor = make(rules=lambda text: text.replace("[submission]", f'late = "{late}"\n\n[submission]'))
    visitor.join().send(GOOD_FILE)
    visitor.desk.clock.now = visitor.desk.reception.rules.deadline + timedelta(days=1)
    with visitor.desk.ledger.writing() as ledger:
        ledger.append("revealed", visitor.desk.clock(), {})
    page, form, told = visitor.get("/team"), visitor.get("/submit"), visitor.get("/team/submissions/1")
    sent = visitor.send(good_file(1))

    is_taken = late == "unranked"
    assert ("Submit a file" in text(page)) is is_taken
    assert ("Submit another file" in told.text) is is_taken
    assert ('id="submit"' in form.text) is is_taken
    assert ("Attempts left" in form.text) is ("Attempts left" in told.text) is is_taken
    assert text(form).startswith(
        "The competition is over The final ranking is public. "
        + ("What you send now is graded and shown as late" if is_taken else "You can still check a file")
    )
    assert sent.status_code == (303 if is_taken else 403)


def test_team_page_tells_all(visitor: Visitor) -> None:
    """The team's page has its best score and place first, then every submission, the newest on top."""
    visitor.join("Grace").send(good_file(1))
    show_board(visitor)
    visitor.join()
    for data in (good_file(3, 7), GOOD_FILE):
        visitor.send(data)
    told = text(visitor.get("/team"))

    assert told.startswith(
        "Best public score 1.0000 accuracy 1st on the public board Attempts left today 3 of 5 "
        "Deadline in 12 days 8 Dec 2026, 11:59:59 UTC Submit a file Submissions "
        "Tick up to 2 submissions for the private board, until the deadline. "
        "Without a selection your 2 best on the public board count."
    )
    rows = "3 25 Nov 12:00 1.0000 1st Select submission 3 Withdraw submission 3 2 25 Nov 12:00 0.3333 1st Select"
    assert rows in told


def test_own_better_score_is_no_rival(visitor: Visitor) -> None:
    """A score would stand behind other teams only: a team's own best does not push it down."""
    visitor.join().send(GOOD_FILE)
    visitor.join("Grace").send(good_file(1))
    show_board(visitor)
    visitor.join().send(good_file(3, 7))

    assert "would stand 1st" in text(visitor.get("/team/submissions/3"))
    visitor.join("Grace").send(good_file(2))
    assert "would stand 2nd" in text(visitor.get("/team/submissions/4"))


def test_no_place_without_a_board(visitor: Visitor) -> None:
    """Until a board is published nothing is said of a place."""
    place = visitor.join().send(GOOD_FILE).headers["location"]

    assert "would stand" not in text(visitor.get(place))


def test_select(visitor: Visitor) -> None:
    """What is ticked is selected, and no other; the page says what the private board looks at."""
    visitor.join()
    for label in range(3):
        visitor.send(good_file(label))
    first = visitor.post("/team/selection", {"submission": ["1", "3"]}, page="/team")
    assert first.headers["location"] == "/team?saved#submissions"
    assert "Saved. The private board looks at submissions 1, 3." in text(visitor.get("/team?saved"))
    visitor.post("/team/selection", {"submission": ["2"]}, page="/team")

    assert re.findall(r'value="(\d)" checked', visitor.get("/team").text) == ["2"]


@pytest.mark.parametrize(
    ("ticked", "told"),
    [
        (["1", "2", "3"], "Nothing was selected: 3 submissions are named; final_selections of the rules is 2."),
        (["9"], "Nothing was selected: team 'Ada' has no submission 9; it has 1, 2, 3."),
        (["x", "²", "9" * 30], "Nothing was selected: 'x' is no number of a submission."),
        (["1", "9" * 30], f"Nothing was selected: '{'9' * 30}' is no number of a submission."),
    ],
)
def test_select_what_cannot_be(visitor: Visitor, ticked: list[str], told: str) -> None:
    """A selection that cannot be taken changes nothing; the ticks stay as they were sent."""
    visitor.join()
    for label in range(3):
        visitor.send(good_file(label))
    answer = visitor.post("/team/selection", {"submission": ticked}, page="/team")

    assert answer.status_code == 422
    assert f"The selection is as it was. {told}" in text(answer)
    assert re.findall(r'value="(\d)" checked', answer.text) == sorted(
        (one for one in ticked if one in "123"), reverse=True
    )
    assert "selected" not in entries(visitor)


def test_withdraw(visitor: Visitor) -> None:
    """A second page asks, and says what it costs; then the submission counts no more."""
    visitor.join().send(GOOD_FILE)
    asked = text(visitor.get("/team/submissions/1/withdraw"))
    answer = visitor.post("/team/submissions/1/withdraw", page="/team")

    assert asked.startswith(
        "It will count on no board. It gives no attempt back, and only the organiser can undo it. "
        "Withdraw submission 1, 1.0000 accuracy Keep it"
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/team#submissions")
    team = text(visitor.get("/team"))
    assert "withdrawn: it counts on no board" in team
    assert "Best public score" not in team
    again = visitor.post("/team/submissions/1/withdraw", page="/team")
    assert again.status_code == 409


def test_others_submissions_are_not_there(visitor: Visitor) -> None:
    """A submission of another team is as one that does not exist."""
    visitor.join("Grace").send(GOOD_FILE)
    visitor.join("Ada")

    for path in ("/team/submissions/1", "/team/submissions/1/withdraw", "/team/submissions/2147483647"):
        answer = visitor.get(path)
        assert answer.status_code == 404
        number = path.split("/")[3]
        assert text(answer).startswith(f"Team 'Ada' has no submission {number}.")
    assert visitor.get("/team/submissions/99999999999").status_code == 422
    assert visitor.post("/team/submissions/1/withdraw", page="/team").status_code == 404


def test_token_is_shown_once(visitor: Visitor) -> None:
    """A new token stands on the page that made it, works, and is on no page after that."""
    answer = visitor.join().post("/team/tokens", {"name": "colab"}, page="/team")
    found = re.search(r"podium_[\w-]{43}", answer.text)

    assert answer.status_code == 201
    assert found
    assert answer.headers["cache-control"] == "no-store"
    bearer = {"authorization": f"Bearer {found[0]}"}
    assert visitor.get("/api/submissions", headers=bearer).json()["team"] == "Ada"
    later = visitor.get("/team")
    assert found[0] not in later.text
    assert "<bdi>colab</bdi>" in later.text


def test_token_is_revoked(visitor: Visitor) -> None:
    """A token that is revoked leaves the page, and lets nobody in."""
    page = visitor.join().get("/team").text
    handle = re.search(r'name="handle" value="(\w{8})"', page)
    assert handle
    answer = visitor.post("/team/tokens/revoke", {"handle": handle[1]}, page="/team")

    assert (answer.status_code, answer.headers["location"]) == (303, "/team#tokens")
    assert handle[1] not in visitor.get("/team").text
    bearer = {"authorization": f"Bearer {visitor.desk.tokens['Ada']}"}
    assert visitor.get("/api/submissions", headers=bearer).status_code == 401


def test_token_of_another_team_stays(visitor: Visitor) -> None:
    """A team revokes none but its own tokens."""
    with visitor.desk.ledger.reading() as view:
        handle = tokens.tokens_of(view, "Grace")[0].handle
    answer = visitor.join().post("/team/tokens/revoke", {"handle": handle}, page="/team")

    assert answer.status_code == 422
    assert text(answer).startswith(f"Team 'Ada' has no token '{handle}' in force.")
    with visitor.desk.ledger.reading() as view:
        assert tokens.team_of(view, visitor.desk.tokens["Grace"]) == "Grace"


def test_token_without_a_name(visitor: Visitor) -> None:
    """A token's name is refused where it stands, and kept in the form."""
    answer = visitor.join().post("/team/tokens", {"name": "a\tb"}, page="/team")

    assert answer.status_code == 422
    assert "Name 'a\\tb': holds the character U+0009, which cannot be seen." in text(answer)


@pytest.mark.parametrize("name", [name for name in HOSTILE if is_a_name(parse, name)])
def test_hostile_teams(make: Make, name: str) -> None:
    """A team's name is text, and adds no element and no attribute."""
    harmless, hostile = make("harmless", teams=("Turing",)), make("hostile", teams=(name,))

    for path in ("/team", "/join", "/submit", "/team/submissions/1"):
        pages = []
        for visitor, team in ((harmless, "Turing"), (hostile, name)):
            if not visitor.client.cookies:
                visitor.join(team).send(GOOD_FILE)
            pages.append(visitor.get(path).text)
        assert Shape(pages[1]).elements == Shape(pages[0]).elements, path
        assert f"<bdi>{escape(parse(name))}</bdi>" in pages[1], path


@pytest.mark.parametrize("name", [name for name in HOSTILE if is_a_name(partial(line, longest=80), name)])
def test_hostile_people_tokens_and_files(make: Make, name: str) -> None:
    """A name of a member, a token or a file is text, and adds no element and no attribute."""
    harmless, hostile = make("harmless").join("Ada", "Turing"), make("hostile").join("Ada", name)
    answers = []
    for visitor, given in ((harmless, "Turing"), (hostile, name)):
        made = visitor.post("/team/tokens", {"name": given}, page="/team")
        wrong = visitor.post("/join", {"code": given, "name": given, "team": given})
        faulty = visitor.send(BAD_FILE, given)
        answers.append([made, wrong, faulty, visitor.get("/team"), visitor.get("/submit")])

    for plain, odd in zip(*answers, strict=True):
        assert Shape(odd.text).elements == Shape(plain.text).elements
        assert f"<bdi>{escape(line(name, 80))}</bdi>" in odd.text


@pytest.mark.parametrize("name", [*HOSTILE, "a" * 300, "../../etc/passwd", "\u202egnp.exe"])
def test_hostile_names_are_refused_as_text(visitor: Visitor, name: str) -> None:
    """What is no name is refused in a page that shows it as text."""
    harmless = visitor.post("/join", {"code": visitor.desk.open_code, "name": "A", "team": "Ada"})
    hostile = visitor.post("/join", {"code": visitor.desk.open_code, "name": "A", "team": f"/{name}"})

    assert harmless.status_code == hostile.status_code == 422
    assert Shape(hostile.text).elements == Shape(harmless.text).elements


def test_every_page_is_hardened(visitor: Visitor) -> None:
    """Each page has the policy, is kept by nobody, runs nothing of its own text, and answers HEAD."""
    visitor.join().send(GOOD_FILE)
    for path in PAGES:
        page, head = visitor.get(path), visitor.client.head(path)
        assert head.status_code == page.status_code, path
        assert head.headers["content-type"] == page.headers["content-type"] == "text/html; charset=utf-8", path
        assert page.headers["content-security-policy"] == hardening.POLICY, path
        assert page.headers["cache-control"] == "no-store", path
        assert page.headers["x-content-type-options"] == "nosniff", path
        assert page.headers["x-frame-options"] == "DENY", path
        assert not re.search(r"<style|\sstyle=|<script>|javascript:", page.text), path
        assert page.text.count("<h1>") == page.text.count("</main>") == 1, path


def test_assets_may_be_kept(visitor: Visitor) -> None:
    """Style and script are kept for good under the digest in their address, and asked about without it."""
    addresses = re.findall(r'(?:href|src)="(/desk\.\w+\?v=\w{16})"', visitor.get("/join").text)
    assert [address.partition("?")[0] for address in addresses] == ["/desk.css", "/desk.js"]

    for address, kind in zip(addresses, ("text/css", "text/javascript"), strict=True):
        asset = visitor.get(address)
        assert asset.headers["content-type"] == f"{kind}; charset=utf-8"
        assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
        bare = address.partition("?")[0]
        assert visitor.get(bare).headers["cache-control"] == "no-cache"
        known = visitor.get(bare, headers={"if-none-match": asset.headers["etag"]})
        assert (known.status_code, known.content) == (304, b"")
    assert "set-cookie" not in visitor.get(addresses[0]).headers


def test_front_page_without_a_board(visitor: Visitor) -> None:
    """Until a board is published, the front page says so; then it is the board, which leads to the desk and back."""
    assert text(visitor.get("/")).startswith("The board is not published yet; it will stand here.")
    visitor.join().send(GOOD_FILE)
    show_board(visitor)
    board = visitor.get("/").text

    assert '<a href="submit">Submit</a>' in board
    assert '<a href="team">Your team</a>' in board
    team = re.search(r'href="(teams/t-\w+\.html)"', board)
    assert team
    assert '<a href="../submit">Submit</a>' in visitor.get(f"/{team[1]}").text
    assert '<a href="submit">Submit</a>' in visitor.get("/rules.html").text
    assert '<a href="/rules.html">Rules</a>' in visitor.get("/team").text


def test_board_that_stands_elsewhere(make: Make, tmp_path: Path) -> None:
    """A board leads to the desk of the rules; without one to none."""
    visitor = make(rules=lambda text: text + '\n[desk]\naddress = "https://desk.example/cases"\n')
    rules = visitor.desk.session.competition
    publish(rules, [], visitor.desk.clock(), tmp_path / "site")

    assert '<a href="https://desk.example/cases/submit">Submit</a>' in (tmp_path / "site/index.html").read_text()
    assert ">Submit</a>" not in (tmp_path / "site/hall.html").read_text()


@pytest.mark.parametrize(
    ("path", "status", "title", "told"),
    [
        ("/nowhere", 404, "Not found", "There is no such page."),
        ("/metrics", 404, "Not found", "There is no such page."),
    ],
)
def test_problems_are_pages(visitor: Visitor, path: str, status: int, title: str, told: str) -> None:
    """What goes wrong is a page for a browser, and problem details for a program."""
    page = visitor.get(path)
    other = visitor.get(path, headers={"accept": "*/*"})

    assert page.status_code == other.status_code == status
    assert f"<h1>{title}</h1>" in page.text
    assert text(page).startswith(told)
    assert other.headers["content-type"] == "application/problem+json"


def test_problems_under_api_are_for_programs(visitor: Visitor) -> None:
    """Under /api a browser, too, gets problem details."""
    answer = visitor.get("/api/submissions")

    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")


def test_too_large_is_a_page(visitor: Visitor) -> None:
    """A file that is too large is told so on a page."""
    answer = visitor.join().send(b"x" * 100_000)

    assert answer.status_code == 413
    assert text(answer).startswith("The file is larger than the 1,000 bytes that the rules allow (max_bytes).")


def test_trouble_is_a_page(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the ledger cannot take a file, a page says that nothing was recorded, and when to try again."""
    secret = visitor.join().secret("/submit")

    async def fail(*_: object, **__: object) -> None:
        raise LedgerError("the disk of /secret/place is full")

    monkeypatch.setattr(visitor.desk.reception, "receive", fail)
    answer = visitor.client.post("/submit", data={"csrf": secret}, files={"file": ("a.csv", GOOD_FILE)})

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert text(answer).startswith(
        "The desk cannot take this at the moment; nothing was recorded, and nothing is lost: try again."
    )
    assert "/secret/place" not in answer.text


def test_failure_is_a_page(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own mistake is a page with all the headers, and nothing of what went wrong inside."""
    visitor.join()

    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("label 7")

    monkeypatch.setattr(visitor.desk.reception, "own", fail)
    client = TestClient(visitor.desk.app, headers={"accept": "text/html"}, raise_server_exceptions=False)
    client.cookies = visitor.client.cookies
    answer = client.get("/team")

    assert answer.status_code == 500
    assert re.match(r"The desk failed; the organiser finds it in the log as [0-9a-f]{8}\.", text(answer))
    assert "label 7" not in answer.text
    assert answer.headers["content-security-policy"] == hardening.POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_prefix(make: Make) -> None:
    """Behind a path prefix every link, form, redirect and cookie stays under it."""
    visitor = make()
    desk = visitor.desk
    client = TestClient(desk.app, root_path="/cases", headers={"accept": "text/html"}, follow_redirects=False)
    there = Visitor(desk, client)
    client.base_url = "http://testserver/cases/"
    first = client.get("join")
    secret = re.search(r'name="csrf" value="([^"]+)"', first.text)
    assert secret
    joined = client.post("join", data={"csrf": secret[1], "code": desk.codes["Ada"], "name": "A"})

    assert "; path=/cases; " in first.headers["set-cookie"]
    assert joined.headers["location"] == "/cases/team"
    for path in ("join", "team", "submit", "nowhere", ""):
        page = client.get(path).text
        links = re.findall(r'(?:href|src|action|formaction)="([^"]+)"', page)
        assert [link for link in links if not link.startswith(("/cases/", "data:", "#"))] == [], path
    assert there.get("submit").status_code == 200
    assert client.get("desk.css").status_code == 200


@pytest.mark.parametrize(
    ("number", "told"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (13, "13th"), (112, "112th"), (1_021, "1,021st")],
)
def test_places(number: int, told: str) -> None:
    """Places are written as they are read."""
    assert words.place(number) == told


def test_distances(visitor: Visitor) -> None:
    """How far a moment is away is told in the largest unit that has two of them."""
    now = visitor.desk.clock()
    steps = [0, 1, 59, 119, 120, 7_199, 7_200, 172_799, 172_800, 86_400 * 30]
    told = [words.until(now + timedelta(seconds=step), now).replace("\N{NO-BREAK SPACE}", " ") for step in steps]

    assert told == [
        *("in 0 seconds", "in 1 second", "in 59 seconds", "in 119 seconds", "in 2 minutes", "in 119 minutes"),
        *("in 2 hours", "in 47 hours", "in 2 days", "in 30 days"),
    ]
    assert words.until(now, now + timedelta(hours=5)) == "5\N{NO-BREAK SPACE}hours ago"


@pytest.mark.parametrize(
    ("most", "told"),
    [(2, "your 2 best on the public board count"), (1, "your best one on the public board counts")],
)
def test_a_selection_is_taken_back(make: Make, most: int, told: str) -> None:
    """Whoever unticks everything and saves reads that the best ones count, and nothing is selected any more."""
    rule = f"daily_limit = 5\nfinal_selections = {most}"
    visitor = make(rules=lambda text: text.replace("daily_limit = 5", rule)).join()
    visitor.send(GOOD_FILE)
    for ticked in (["1"], []):
        answer = visitor.post("/team/selection", {"submission": ticked}, page="/team")
        assert (answer.status_code, answer.headers["location"]) == (303, "/team?saved#submissions")
    page = visitor.get("/team?saved")

    assert f"Saved. Nothing is selected: {told}." in text(page)
    assert f"Without a selection {told}." in text(page)
    assert " checked" not in page.text
