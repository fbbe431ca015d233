"""commands/serving.py: how the desk is started, and how it goes by what is edited."""

import socket
from pathlib import Path

import pytest
from web import WebDesk, make_desk

from commands import serving
from conftest import CASES, GOOD_FILE, Run, make_folder
from grader.judging import Judge, open_judge


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "cup", (CASES / "competition.toml").read_text(), [7] * 6, public=3).root


def test_a_port_that_is_taken_is_told(root: Path, run: Run) -> None:
    """A sentence with the place and the mend, before anything is begun."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, out, err = run("serve", "-C", root, "--port", str(port))

    assert (code, out) == (3, "")
    assert err == (
        f"podium: cannot listen on 127.0.0.1, port {port}: Address already in use; try another --host or --port\n"
    )


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--proxies", "garbage", "'garbage' is no address: write it like 127.0.0.1 or 10.0.0.0/8"),
        ("--prefix", "/a b", "'/a b' is no path: write it like /fashion-mnist"),
    ],
)
def test_an_option_that_cannot_be_is_told(root: Path, run: Run, option: str, value: str, told: str) -> None:
    """A usage error that names the option."""
    code, _, err = run("serve", "-C", root, option, value)

    assert code == 2
    assert err == f"podium: Invalid value for {option}: {told}\ntry: podium serve --help\n"


class Edited:
    """A desk whose rules are edited, and the titles of the competitions whose judges were closed, in order."""

    def __init__(self, desk: WebDesk, monkeypatch: pytest.MonkeyPatch) -> None:
        self.desk, self.closed, close = desk, list[str](), Judge.close

        def noting(judge: Judge) -> None:
            self.closed.append(judge.competition.title)
            close(judge)

        monkeypatch.setattr(Judge, "close", noting)
        monkeypatch.setattr(serving, "stamp", lambda _: "never another")  # only the test says when it was edited
        self.follower = serving._Follower(desk.session, desk.reception)

    def edit(self, text: str) -> list[str]:
        """All that is closed after the rules were edited."""
        self.desk.folder.rules.write_text(text)
        self.follower._renew()
        return list(self.closed)


def test_what_was_in_force_before_the_last_edit_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each edit closes the judge before last: a request may still need the last one. The end closes the others."""
    desk = make_desk(tmp_path)
    text, made = desk.folder.rules.read_text(), Edited(desk, monkeypatch)

    with made.follower:
        told = [made.edit(text.replace("The cases", f"Edit {number}")) for number in (1, 2, 3)]
        assert told == [[], ["The cases"], ["The cases", "Edit 1"]]
        assert made.edit("[competition") == ["The cases", "Edit 1"], "what cannot be read closes nothing"
        assert desk.reception.rules.title == "Edit 3"
    assert made.closed == ["The cases", "Edit 1", "Edit 2", "Edit 3"]
    desk.reception.close()
    desk.close()


def test_a_judge_may_be_closed_twice(tmp_path: Path) -> None:
    """As the first one's is, by the edit after next and by its command; here with a metric of the organiser's own."""
    rules = (CASES / "competition.toml").read_text()
    own = 'metric = "grader/metric.py"\nmetric_title = "Profit"\nhigher_is_better = true'
    folder = make_folder(tmp_path / "own", rules.replace('metric = "accuracy"', own), [7] * 6, public=3)
    (folder.grader / "metric.py").write_text("def score(solution, submission, row_id_column_name):\n    return 1.0\n")
    competition = folder.competition()
    judge = open_judge(folder.grader, competition, folder.row_ids(competition))

    assert judge.grade(GOOD_FILE).public == 1.0
    judge.close()
    judge.close()
