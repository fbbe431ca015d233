"""Rules of submissions/competition.py and submissions/rules.py."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from conftest import CASES
from submissions import competition as competitions
from submissions import rules_text
from submissions.competition import Competition
from submissions.rules import InvalidCompetition
from submissions.rules_text import Draft

SECOND = timedelta(seconds=1)
TEXT = (CASES / "competition.toml").read_text()


@pytest.mark.parametrize(
    "deadline",
    [
        "2026-12-07T23:59:59-12:00",
        "2026-12-07T23:59:59+14:00",
        "2026-12-07T23:59:59Z",
        "2026-12-07T23:59:59+05:30",
    ],
)
@pytest.mark.parametrize("grace", [0, 90])
def test_deadline_second_is_in_time(competition: Competition, deadline: str, grace: int) -> None:
    """A file that arrives in the very second of the deadline counts; one second later it does not."""
    rules = replace(competition, deadline=datetime.fromisoformat(deadline), grace_seconds=grace)
    last = rules.deadline + timedelta(seconds=grace)

    assert rules.is_open(last - SECOND)
    assert rules.is_open(last)
    assert rules.is_open(last + timedelta(microseconds=999_999))
    assert not rules.is_open(last + SECOND)


def test_deadline_is_one_instant_for_everybody(competition: Competition) -> None:
    """The end of 7 December at UTC-12 is noon of the 8th in UTC, and two in the morning of the 9th at UTC+14."""
    noon = datetime(2026, 12, 8, 11, 59, 59, tzinfo=UTC)

    for zone in ("Etc/GMT+12", "Etc/GMT-14", "America/New_York", "UTC"):
        assert competition.is_open(noon.astimezone(ZoneInfo(zone)))
        assert not competition.is_open((noon + SECOND).astimezone(ZoneInfo(zone)))


def test_deadline_in_the_hour_that_comes_twice(competition: Competition) -> None:
    """Where summer time ends, a file from the second 02:30 is an hour later than a deadline at the first."""
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=0)
    second = datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=1)
    rules = replace(competition, opens=datetime(2026, 10, 1, tzinfo=UTC), deadline=first)

    assert rules.is_open(first)
    assert not rules.is_open(second)


def test_deadline_across_the_hour_that_is_left_out(competition: Competition) -> None:
    """Where summer time begins, grace counts seconds that pass, not those a wall clock shows."""
    berlin = ZoneInfo("Europe/Berlin")
    deadline = datetime(2027, 3, 28, 1, 59, 59, tzinfo=berlin)
    rules = replace(competition, deadline=deadline, grace_seconds=60)

    assert rules.is_open(datetime(2027, 3, 28, 3, 0, 59, tzinfo=berlin))
    assert not rules.is_open(datetime(2027, 3, 28, 3, 1, 0, tzinfo=berlin))


def test_nothing_is_open_before_the_opening(competition: Competition) -> None:
    """The competition opens at its moment, not before."""
    assert not competition.is_open(competition.opens - SECOND)
    assert competition.is_open(competition.opens)
    assert [competition.phase(competition.opens + at) for at in (-SECOND, SECOND, timedelta(days=99))] == [
        "upcoming",
        "open",
        "closed",
    ]


def test_the_freeze_is_hours_before_the_deadline() -> None:
    """The freeze lies whole hours that pass before the deadline, grace left out; with none given there is none."""
    deadline = "deadline = 2026-12-07T23:59:59-12:00"
    rules = competitions.parse(TEXT.replace(deadline, f"{deadline}\ngrace_seconds = 90\nfreeze_hours = 387"))
    berlin = datetime(2027, 3, 28, 12, tzinfo=ZoneInfo("Europe/Berlin"))

    assert competitions.parse(TEXT).freezes_at is None
    assert rules.freezes_at == datetime(2026, 11, 22, 8, 59, 59, tzinfo=UTC)
    assert replace(rules, deadline=berlin, freeze_hours=24).freezes_at == datetime(2027, 3, 27, 10, tzinfo=UTC)


def test_a_moment_without_an_offset_is_never_compared(competition: Competition) -> None:
    """A naive moment is our own mistake, and raises."""
    with pytest.raises(ValueError, match="without an offset"):
        competition.is_open(datetime(2026, 12, 1))  # noqa: DTZ001


def test_every_fault_is_told_at_once() -> None:
    """One reading of a broken file names each fault, with its line, and guesses at unknown keys."""
    broken = (
        TEXT.replace("deadline =", "dead_line =")
        .replace("opens = 2026-11-22T00:00:00Z", "opens = 2026-11-22T00:00:00")
        .replace('columns = ["label"]', 'columns = "label"')
        .replace("max_bytes = 1000", "max_bytes = 0")
        .replace("public_share = 0.5", "public_share = 50")
        .replace("[scoring]", "[prizes]\nfirst = 1\n\n[scoring]")
    )

    with pytest.raises(InvalidCompetition) as caught:
        competitions.parse(broken)

    assert str(caught.value).splitlines() == [
        "competition.toml line 7: [schedule] opens: has no offset from UTC: write 2026-11-22T00:00:00Z, "
        "or +01:00 and the like behind it",
        "competition.toml line 8: [schedule] dead_line: unknown key 'dead_line', did you mean 'deadline'?",
        'competition.toml line 12: [submission] columns: must be a list of texts, such as ["0", "1"], not \'label\'',
        "competition.toml line 15: [submission] max_bytes: must be a whole number from 1 to 1,000,000,000, not 0",
        "competition.toml line 18: [prizes]: unknown section 'prizes'; known are competition, schedule, submission, "
        "scoring, kit, board, desk",
        "competition.toml line 23: [scoring] public_share: must be a share between 0 and 1, such as 0.3, not 50",
        "competition.toml [schedule] deadline: is missing",
    ]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('slug = "cases"', 'slug = "A b"', "must be small letters, digits and single hyphens"),
        ('title = "The cases"', 'title = " "', "must be a text that is not blank"),
        ('title = "The cases"', 'title = "a\\u202eb"', "holds a character that cannot be shown"),
        ("2026-12-07T23:59:59-12:00", "2026-12-07", "must be a date-time with an offset"),
        ("2026-12-07T23:59:59-12:00", '"2026-12-07"', "must be a date-time with an offset"),
        ("2026-12-07T23:59:59-12:00", "2026-11-01T00:00:00Z", "must be later than 'opens'"),
        ('columns = ["label"]', 'columns = ["id"]', "holds the id_column 'id'"),
        ('columns = ["label"]', "columns = []", "must name at least one prediction column"),
        ('columns = ["label"]', 'columns = ["a", "Usage"]', "'Usage' is the solution's own column"),
        (
            'kind = "label"',
            'kind = "numbers"',
            "must be 'label' or 'number' or 'probability' or 'ranking', not 'numbers'",
        ),
        (
            'kind = "label"',
            'kind = "probability"',
            "[submission] columns: kind 'probability' needs a column for each label, or one where there are two",
        ),
        (
            "public_share = 0.5",
            "public_share = 0.5\n[kit]\nlabel_column = 'x'",
            "[kit] label_column: is for kind 'probability': delete the key",
        ),
        ("public_share = 0.5", "public_share = 0.5\nk = 0", "[scoring] k: must be a whole number from 1 to 100, not 0"),
        ('kind = "label"', 'kind = "number"', "[submission] labels: kind 'number' has none: delete the key"),
        ("public_share = 0.5", "public_share = 0.5\nquoted = [3]", "[scoring] quoted: each must be like { name ="),
        (
            "public_share = 0.5",
            "public_share = 0.5\n[kit]\nzip_address = 'kit.zip'",
            "[kit] zip_address: must be a web address such as 'https://example.org/kit.zip', not 'kit.zip'",
        ),
        (
            "public_share = 0.5",
            "public_share = 0.5\n[kit]\nlabel_names = ['a']",
            "[kit] label_names: holds 1 names for 10 labels: give one for each, or none",
        ),
        (
            "public_share = 0.5",
            "public_share = 0.5\n[board]\naddress = 'board'",
            "line 22: [board] address: must be a web address such as 'https://example.org/fashion-mnist/', not 'board'",
        ),
        (
            "public_share = 0.5",
            "public_share = 0.5\n[board]\naddress = 'https://example.org/?a'",
            "[board] address: must be the address of a folder, without '?' and '#', not 'https://example.org/?a'",
        ),
        (
            "public_share = 0.5",
            "public_share = 0.5\n[board.groups]\nTartu = ['ada', 'bob']\nOxford = ['cy', 'bob']",
            "line 21: [board] groups: 'bob' is given twice: a team is in one group",
        ),
        (
            "public_share = 0.5",
            "public_share = 0.5\n[board.groups]\nTartu = 'ada'",
            "[board] groups: 'Tartu' must hold a list of team names, such as [\"team a\", \"team b\"], not 'ada'",
        ),
        (
            "public_share = 0.5",
            "public_share = 0.5\n[board.groups]\nTartu = ['baseline']",
            "[board] groups: 'Tartu': team 'baseline': is a reserved word, or looks like one",
        ),
        (
            "public_share = 0.5",
            "public_share = 0.5\n[board]\ngroups = ['Tartu']",
            '[board] groups: must be a table of groups, such as { Tartu = ["team a", "team b"] }, not [\'Tartu\']',
        ),
        ('"8", "9"]', '"8", "8"]', "'8' is given twice"),
        ('"8", "9"]', '"8", " 9"]', "' 9' has spaces around it"),
        ('"8", "9"]', '"8", 9]', "must be a list of texts"),
        ("daily_limit = 5", "daily_limit = true", "must be a whole number from 0 to 1,000,000, not True"),
        (
            "deadline = 2026-12-07T23:59:59-12:00",
            "deadline = 2026-12-07T23:59:59-12:00\nfreeze_hours = 396",
            "line 9: [schedule] freeze_hours: the board would be frozen before the competition opens: give fewer",
        ),
        (
            "deadline = 2026-12-07T23:59:59-12:00",
            "deadline = 2026-12-07T23:59:59-12:00\nfreeze_hours = -1",
            "[schedule] freeze_hours: must be a whole number from 0 to 8,760, not -1",
        ),
        ("2026-12-07T23:59:59-12:00", "9999-12-31T23:59:59-12:00", "must lie in the years 2000 to 2999, not in 9999"),
        ("max_bytes = 1000", "max_bytes = 1" + "0" * 12, "must be a whole number from 1 to 1,000,000,000"),
        ("max_bytes = 1000", "max_bytes = 1" + "0" * 5000, "is not TOML"),
        ("max_bytes = 1000", "max_bytes = " + "[" * 3000, "is not TOML"),
        ('id_column = "id"', 'id_column = "Usage"', "'Usage' is the solution's own column"),
        ("[submission]", "[submission", "is not TOML"),
        ("public_share = 0.5", "public_share = 1.0", "must be a share between 0 and 1"),
    ],
)
def test_a_broken_value_is_named(old: str, new: str, fault: str) -> None:
    """Each key says what it may hold when it holds something else."""
    assert TEXT.count(old) == 1
    with pytest.raises(InvalidCompetition) as caught:
        competitions.parse(TEXT.replace(old, new))

    assert len(caught.value.faults) == 1
    assert fault in caught.value.faults[0]


@pytest.mark.parametrize(
    ("kind", "columns", "labels", "more", "fault"),
    [
        ("ranking", ["a", "b"], ["x", "y"], "", "[submission] columns: kind 'ranking' has one column"),
        (
            "ranking",
            ["a"],
            ["x y", "z"],
            "",
            "[submission] labels: 'x y' holds a space, which separates labels in kind 'ranking'",
        ),
        ("ranking", ["a"], ["x"], "", "[submission] labels: kind 'ranking' needs at least two labels"),
        (
            "probability",
            ["x", "y"],
            ["x", "y"],
            "label_column = 'id'",
            "[kit] label_column: is the id_column: take another name",
        ),
    ],
)
def test_kinds_and_columns_fit(kind: str, columns: list[str], labels: list[str], more: str, fault: str) -> None:
    """A kind of prediction says which columns and labels go with it."""
    text = re.sub(r"(?m)^labels = .*$", f"labels = {labels}", TEXT)
    text = text.replace('columns = ["label"]', f"columns = {columns}").replace('kind = "label"', f'kind = "{kind}"')
    with pytest.raises(InvalidCompetition) as caught:
        competitions.parse(f"{text}\n[kit]\n{more}\n")

    [told] = caught.value.faults
    assert told.partition(": ")[2] == fault


def test_groups_and_address() -> None:
    """Groups may stand in a section of their own; names are read as the desk reads them; an address ends in "/"."""
    text = TEXT + '\n[board]\naddress = "https://example.org/cup"\n[board.groups]\nTartu = ["ada", "bob  b"]\n'
    made = competitions.parse(text)

    assert made.groups == {"Tartu": ("ada", "bob b")}
    assert made.address == "https://example.org/cup/"


def test_the_desks_address() -> None:
    """`[desk] address` says where the web desk stands, and is none of the board's; it may be left out."""
    made = competitions.parse(TEXT + '\n[desk]\naddress = "http://localhost:8000/cup"\n')

    assert (made.desk, made.address) == ("http://localhost:8000/cup/", "")
    assert competitions.parse(TEXT + "\n[desk]\n").desk == ""
    with pytest.raises(InvalidCompetition, match=r"\[desk\] address: must be a web address such as .*, not 'desk'$"):
        competitions.parse(TEXT + "\n[desk]\naddress = 'desk'\n")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A missing competition.toml is a message with its path."""
    with pytest.raises(InvalidCompetition, match="cannot be read: No such file"):
        competitions.load(tmp_path / "competition.toml")


def test_a_new_text_reads_back() -> None:
    """What `podium new` writes is a valid file, whatever the title and labels are."""
    made = competitions.parse(
        rules_text.write(
            Draft(
                slug="cats",
                title='Cats "and" dogs \\ ☃',
                host="Club",
                opens=datetime(2026, 11, 22, tzinfo=UTC),
                deadline=datetime.fromisoformat("2026-12-07T23:59:59-12:00"),
                labels=("Katze", 'H"und'),
                metric="f1_macro",
            )
        )
    )

    assert made.title == 'Cats "and" dogs \\ ☃'
    assert made.labels == ("Katze", 'H"und')
    assert made.deadline == datetime(2026, 12, 8, 11, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "metric", "columns", "label_column", "k"),
    [
        ("probability", "log_loss", ("no", "yes", "maybe"), "answer", 5),
        ("probability", "top_k_accuracy", ("no", "yes", "maybe"), "answer", 2),
        ("ranking", "map_at_k", ("answer",), "label", 2),
    ],
)
def test_a_new_text_of_every_kind_reads_back(
    kind: str, metric: str, columns: tuple[str, ...], label_column: str, k: int
) -> None:
    """With probabilities each label has a column, and the label's own name is kept for the data and the solution."""
    made = competitions.parse(
        rules_text.write(
            Draft(
                slug="answers",
                title="Answers",
                host="Club",
                opens=datetime(2026, 11, 22, tzinfo=UTC),
                deadline=datetime.fromisoformat("2026-12-07T23:59:59-12:00"),
                kind=kind,
                labels=("no", "yes", "maybe"),
                label_column="answer",
                metric=metric,
            )
        )
    )

    assert (made.kind, made.columns, made.label_column, made.k) == (kind, columns, label_column, k)
    assert made.true_columns == ("answer",)
    assert not made.is_plain


@pytest.mark.parametrize(
    ("now", "deadline"),
    [
        ("2026-11-22T10:00:00Z", "2026-12-07T23:59:59-12:00"),
        ("2026-12-08T11:59:58Z", "2026-12-07T23:59:59-12:00"),
        ("2026-12-08T11:59:59Z", "2027-12-07T23:59:59-12:00"),
        ("2027-01-01T00:00:00Z", "2027-12-07T23:59:59-12:00"),
    ],
)
def test_the_next_deadline_is_the_next_7_december(now: str, deadline: str) -> None:
    """The default deadline is the end of the next 7 December, anywhere on Earth."""
    assert rules_text.next_deadline(datetime.fromisoformat(now)) == deadline
