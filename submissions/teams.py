"""Team names: hostile input, made into one spelling or refused."""

import unicodedata

from submissions.errors import Refused
from submissions.shown import shown

LONGEST_GRAPHEMES = 40
MOST_MARKS = 3  # Vietnamese needs two combining marks on a letter; a tower of them runs over other rows.
LONGEST_BYTES = 200  # a team is also a folder in the inbox, and a folder's name has 255 bytes at most

RESERVED = frozenset({"admin", "administrator", "baseline", "host", "organiser", "organizer", "podium", "received"})

# Unicode general categories (UAX #44): controls, formats (zero-width and bidirectional marks), surrogates,
# private use, unassigned, and line and paragraph separators.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


# Ends of the chains in confusables.txt that meet only through a capital: I and l and 1, O and 0.
_ONE_SHAPE = {"i": "1", "l": "1", "o": "0"}


class InvalidTeam(Refused):
    """A team name that cannot be taken, with the reason."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"team {shown(name)}: {reason}")


def parse(name: str) -> str:
    """The one spelling of a team name: NFC, single spaces.

    Raises:
        InvalidTeam: blank, too long, reserved, or with characters that hide, reorder or overflow.
    """
    # Only plain spaces are folded: a tab or a line end is refused, not repaired.
    team = " ".join(part for part in unicodedata.normalize("NFC", name).split(" ") if part)
    if reason := _reason(team):
        raise InvalidTeam(name, reason)
    return team


def look(team: str) -> str:
    """What a reader takes a name for: equal for names that differ only in case, spacing or look-alike characters.

    Look-alikes are those of Unicode's confusables.txt (UTS #39): a Cyrillic U+0430 passes for 'a', and '0' for 'O'.
    """
    folded = _fold(team)
    return "".join(_prototype(character) for character in folded if character.isalnum())


def _reason(team: str) -> str | None:
    import regex

    bad = next((c for c in team if unicodedata.category(c) in _INVISIBLE), None)
    clusters = regex.findall(r"\X", team)
    checks = (
        (not team, "a name cannot be blank"),
        (bad is not None, f"holds the character U+{ord(bad or ' '):04X}, which cannot be seen"),
        (len(clusters) > LONGEST_GRAPHEMES, f"has {len(clusters)} characters; {LONGEST_GRAPHEMES} are allowed"),
        (any(_marks(cluster) > MOST_MARKS for cluster in clusters), f"stacks more than {MOST_MARKS} marks on a letter"),
        (len(team.encode("utf-8", "replace")) > LONGEST_BYTES, f"is longer than {LONGEST_BYTES} bytes"),
        (team.startswith(".") or any(c in team for c in "/\\"), "cannot hold '/' or '\\', or begin with a full stop"),
        (not any(c.isalnum() for c in team), "needs at least one letter or digit"),
        (_fold(team) in RESERVED, "is a reserved word"),
    )
    return next((reason for is_broken, reason in checks if is_broken), None)


def _marks(cluster: str) -> int:
    return sum(unicodedata.category(c) in {"Mn", "Me"} for c in unicodedata.normalize("NFD", cluster))


def _fold(team: str) -> str:
    return unicodedata.normalize("NFKC", team).casefold()


def _prototype(character: str) -> str:
    from confusable_homoglyphs import confusables

    alike = {character}
    for spelling in (character, character.upper()):
        for group in confusables.is_confusable(spelling, greedy=True) or []:
            alike.update(other["c"].casefold() for other in group["homoglyphs"])
    prototype = min(other for other in alike if len(other) == 1 and other.isalnum())
    return _ONE_SHAPE.get(prototype, prototype)
