"""Rules of submissions/teams.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from submissions import teams
from submissions.teams import InvalidTeam


@pytest.mark.parametrize(
    "name", ["Ada", "Zoë", "Nguyễn", "李雷", "فريق", "Team 42", "<b onclick=x>", "=1+1", "O'Neill & co."]
)
def test_names_of_many_kinds_are_taken(name: str) -> None:
    """A name may be in any script, and hold any character that can be seen."""
    assert teams.parse(name) == name


def test_one_spelling() -> None:
    """Composed and decomposed letters are one name, and so are runs of spaces."""
    assert teams.parse("  Zoe\u0308   K ") == "Zoë K"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "a name cannot be blank"),
        ("   ", "a name cannot be blank"),
        ("a\u202eb", "holds the character U+202E, which cannot be seen"),
        ("a\u200bb", "holds the character U+200B, which cannot be seen"),
        ("a\nb", "holds the character U+000A, which cannot be seen"),
        ("a\x00b", "holds the character U+0000, which cannot be seen"),
        ("\ud800", "holds the character U+D800, which cannot be seen"),
        ("x" * 41, "has 41 characters; 40 are allowed"),
        ("e" + "\u0301" * 9, "stacks more than 3 marks on a letter"),
        ("🏳" * 40 + "", "needs at least one letter or digit"),
        ("李" * 40 + "", None),
        ("a/b", "cannot hold '/' or '\\', or begin with a full stop"),
        ("..", "cannot hold '/' or '\\', or begin with a full stop"),
        ("a\\b", "cannot hold '/' or '\\', or begin with a full stop"),
        ("Baseline", "is a reserved word, or looks like one"),
        ("ｐｏｄｉｕｍ", "is a reserved word, or looks like one"),
        ("p0dium", "is a reserved word, or looks like one"),
        ("P\u043edium", "is a reserved word, or looks like one"),
        ("admin.", "is a reserved word, or looks like one"),
        ("ada\u3164", "holds the character U+3164, which cannot be seen"),
        ("\u2800", "holds the character U+2800, which cannot be seen"),
        ("a\u00a0b", "holds the character U+00A0, which cannot be seen"),
        ("a\ufe0fb", "holds the character U+FE0F, which cannot be seen"),
        ("-", "needs at least one letter or digit"),
    ],
)
def test_hostile_names_are_refused(name: str, reason: str | None) -> None:
    """A name that hides, reorders, overflows or impersonates is refused, and told why."""
    if reason is None:
        assert teams.parse(name) == name
        return
    with pytest.raises(InvalidTeam) as caught:
        teams.parse(name)

    assert str(caught.value).endswith(reason)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Ada", "ada"),
        ("Ada", "A d a"),
        ("Ada", "\u0410d\u0430"),
        ("Ada", "A-da"),
        ("Oslo", "0sl0"),
        ("Oslo", "\u041esl\u043e"),
        ("Team I", "Team l"),
        ("Team 1", "Team l"),
        ("Ada", "Ａｄａ"),
    ],
)
def test_look_alikes_look_alike(name: str, other: str) -> None:
    """Names that a reader takes for the same have the same look."""
    assert teams.look(name) == teams.look(other)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Ada", "Eda"),
        ("Team 1", "Team 2"),
        ("李雷", "李磊"),
        ("Zoe", "Zoë"),
        ("राम", "रीमा"),
        ("C", "C++"),
        ("C", "C#"),
    ],
)
def test_different_names_look_different(name: str, other: str) -> None:
    """Names that a reader tells apart have different looks."""
    assert teams.look(name) != teams.look(other)


@given(st.text(max_size=60))
def test_any_text_is_a_name_or_refused(name: str) -> None:
    """No text makes the parser fail, and a parsed name parses to itself."""
    try:
        team = teams.parse(name)
    except InvalidTeam:
        return
    assert teams.parse(team) == team
    assert teams.look(team)
