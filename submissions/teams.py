"""Team names: hostile input, made into one spelling or refused."""

import unicodedata
from functools import cache

import regex
from confusable_homoglyphs import confusables

from submissions.errors import Refused
from submissions.shown import shown

LONGEST_GRAPHEMES = 40
MOST_MARKS = 3  # Vietnamese needs two combining marks on a letter; a tower of them runs over other rows.
LONGEST_BYTES = 200  # a team is also a folder in the inbox, and a folder's name has 255 bytes at most

RESERVED = frozenset({"admin", "administrator", "baseline", "host", "organiser", "organizer", "podium", "received"})

# What is not seen: controls, formats (zero-width and bidirectional marks), surrogates, private use, unassigned, every
# separator but the space (general categories, UAX #44), default-ignorable fillers, and the blank Braille pattern.
_HIDDEN = regex.compile(r"[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}")
_SPACING = frozenset(" -_.'’")
# Ends of the chains in confusables.txt that meet only through a capital: I and l and 1, O and 0.
_ONE_SHAPE = {"i": "1", "l": "1", "o": "0"}


class InvalidTeam(Refused):
    """A team name that cannot be taken, with the reason."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"team {shown(name)}: {reason}")


class InvalidName(Refused):
    """A name of a person or a thing that cannot be shown on a line, with the reason."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"name {shown(name)}: {reason}")


def parse(name: str) -> str:
    """The one spelling of a team name: NFC, single spaces.

    Raises:
        InvalidTeam: blank, too long, reserved, or with characters that hide, reorder or overflow.
    """
    team = _spelling(name)
    if reason := _reason(team):
        raise InvalidTeam(name, reason)
    return team


def line(name: str, longest: int) -> str:
    """The one spelling of a name that is no team's, a person's for instance: NFC, single spaces, `longest` code points.

    Raises:
        InvalidName: blank, too long, or with characters that hide, reorder or overflow.
    """
    spelling = _spelling(name)
    checks = (
        (not spelling, "a name cannot be blank"),
        (len(spelling) > longest, f"has {len(spelling)} characters; {longest} are allowed"),
        *_shows(spelling),
    )
    if reason := next((reason for is_broken, reason in checks if is_broken), None):
        raise InvalidName(name, reason)
    return spelling


def look(team: str) -> str:
    """What a reader takes a name for: equal for names that differ only in case, spacing or look-alike characters.

    Look-alikes are those of Unicode's confusables.txt (UTS #39): a Cyrillic U+0430 passes for 'a', and '0' for 'O'.
    """
    folded = _fold(team)
    return "".join(map(_prototype, (c for c in folded if c not in _SPACING))) or folded


def _spelling(name: str) -> str:
    # Only plain spaces are folded: a tab or a line end is refused, not repaired.
    return " ".join(part for part in unicodedata.normalize("NFC", name).split(" ") if part)


def _shows(name: str) -> tuple[tuple[bool, str], tuple[bool, str]]:
    """Whether any of it hides or overflows, each with the reason that is given then."""
    hidden = _HIDDEN.search(name)
    towers = any(_marks(cluster) > MOST_MARKS for cluster in regex.findall(r"\X", name))
    return (
        (hidden is not None, f"holds the character U+{ord(hidden[0]) if hidden else 0:04X}, which cannot be seen"),
        (towers, f"stacks more than {MOST_MARKS} marks on a letter"),
    )


def _reason(team: str) -> str | None:
    graphemes = len(regex.findall(r"\X", team))
    is_hidden, is_tower = _shows(team)
    checks = (
        (not team, "a name cannot be blank"),
        is_hidden,
        (graphemes > LONGEST_GRAPHEMES, f"has {graphemes} characters; {LONGEST_GRAPHEMES} are allowed"),
        is_tower,
        (len(team.encode("utf-8", "replace")) > LONGEST_BYTES, f"is longer than {LONGEST_BYTES} bytes"),
        (team.startswith(".") or any(c in team for c in "/\\"), "cannot hold '/' or '\\', or begin with a full stop"),
        (not any(c.isalnum() for c in team), "needs at least one letter or digit"),
    )
    reason = next((reason for is_broken, reason in checks if is_broken), None)
    return reason or ("is a reserved word, or looks like one" if look(team) in map(look, RESERVED) else None)


def _marks(cluster: str) -> int:
    return sum(unicodedata.category(c) in {"Mn", "Me"} for c in unicodedata.normalize("NFD", cluster))


def _fold(team: str) -> str:
    return unicodedata.normalize("NFKC", team).casefold()


@cache
def _prototype(character: str) -> str:
    alike = {character}
    for spelling in (character, character.upper()):
        for group in confusables.is_confusable(spelling, greedy=True) or []:
            alike.update(other["c"].casefold() for other in group["homoglyphs"])
    prototype = min(other for other in alike if other == character or (len(other) == 1 and other.isalnum()))
    return _ONE_SHAPE.get(prototype, prototype)
