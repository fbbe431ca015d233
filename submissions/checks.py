"""What a value in `competition.toml` may be: each check takes the raw value and gives the checked one.

A check raises ValueError with a sentence that says what was expected and what was found.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from submissions import moments

MOST_LABELS = 1_000  # a metric counts every pair of them
Check = Callable[[Any], Any]


def text(value: object) -> str:
    """A text that is not blank and can be shown, without spaces around it."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"must be a text that is not blank, not {value!r}")
    if not value.isprintable():
        raise ValueError(f"holds a character that cannot be shown: {value!r}")
    return value.strip()


def lines(value: object) -> str:
    """A text of one or more lines, each of which can be shown."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"must be a text that is not blank, not {value!r}")
    if unshown := next((line for line in value.splitlines() if not line.isprintable()), None):
        raise ValueError(f"holds a character that cannot be shown: {unshown!r}")
    return value.strip()


def slug(value: object) -> str:
    """A short name that can stand in an address and in a file name."""
    if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value):
        raise ValueError(f"must be small letters, digits and single hyphens, such as 'fashion-mnist', not {value!r}")
    return value


def moment(value: object) -> datetime:
    """A date-time with an offset."""
    if isinstance(value, datetime):
        return moments.checked(value)
    shown = value.isoformat() if isinstance(value, date | time) else repr(value)
    raise ValueError(f"must be a date-time with an offset, such as 2026-12-07T23:59:59-12:00, not {shown}")


def texts(value: object) -> tuple[str, ...]:
    """A list of different texts."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f'must be a list of texts, such as ["0", "1"], not {value!r}')
    for item in value:
        if item != text(item):
            raise ValueError(f"{item!r} has spaces around it")
    if len(value) > MOST_LABELS:
        raise ValueError(f"holds {len(value):,} texts; {MOST_LABELS:,} are allowed")
    item, times = Counter(value).most_common(1)[0] if value else ("", 0)
    if times > 1:
        raise ValueError(f"{item!r} is given twice")
    return tuple(value)


def columns(value: object) -> tuple[str, ...]:
    """The names of the prediction columns."""
    names = texts(value)
    if not names:
        raise ValueError("must name at least one prediction column")
    return tuple(map(column, names))


def column(value: object) -> str:
    """The name of a column."""
    name = text(value)
    if name.casefold() == "usage":
        raise ValueError(f"{name!r} is the solution's own column: take another name")
    return name


def whole(lowest: int, highest: int) -> Check:
    """The check of a whole number from `lowest` to `highest`."""

    def check(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
            raise ValueError(f"must be a whole number from {lowest} to {highest:,}, not {value!r}")
        return value

    return check


def share(value: object) -> float:
    """A share between 0 and 1."""
    if isinstance(value, bool) or not isinstance(value, float) or not 0 < value < 1:
        raise ValueError(f"must be a share between 0 and 1, such as 0.3, not {value!r}")
    return value


def one_of(*offered: str) -> Check:
    """The check of a word out of a few."""

    def check(value: object) -> str:
        if value not in offered:
            raise ValueError(f"must be {' or '.join(repr(word) for word in offered)}, not {value!r}")
        return str(value)

    return check


def direction(value: object) -> bool | None:
    """True or false; None where nothing is said."""
    if value is not None and not isinstance(value, bool):
        raise ValueError(f"must be true or false, not {value!r}")
    return value


def table(value: object) -> dict[str, Any]:
    """A table of names and values."""
    if not isinstance(value, dict):
        raise ValueError(f"must be a table, such as {{ beta = 2.0 }}, not {value!r}")
    return dict(value)


def optional(check: Check) -> Check:
    """The same check, which lets the empty text pass."""
    return lambda value: "" if value == "" else check(value)


def web_address(value: object, example: str = "https://example.org/kit.zip") -> str:
    """An address that a browser opens, such as the example."""
    if not isinstance(value, str) or not re.fullmatch(r"https?://[^\s\"'<>\\]+", value):
        raise ValueError(f"must be a web address such as {example!r}, not {value!r}")
    return value


def folder_address(value: object) -> str:
    """The address of a folder on the web, with "/" at its end."""
    address = web_address(value, "https://example.org/fashion-mnist/")
    if "?" in address or "#" in address:
        raise ValueError(f"must be the address of a folder, without '?' and '#', not {value!r}")
    return address.rstrip("/") + "/"


def groups(value: object) -> dict[str, tuple[str, ...]]:
    """The teams of each group, by the group's name; no team is in two."""
    if not isinstance(value, dict):
        raise ValueError(f'must be a table of groups, such as {{ Tartu = ["team a", "team b"] }}, not {value!r}')
    made = {text(group): _members(group, members) for group, members in value.items()}
    if len(made) < len(value):
        raise ValueError("holds two groups of one name")
    team, times = Counter(team for members in made.values() for team in members).most_common(1)[0] if made else ("", 0)
    if times > 1:
        raise ValueError(f"{team!r} is given twice: a team is in one group")
    return made


def _members(group: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(team, str) for team in value):
        raise ValueError(f'{group!r} must hold a list of team names, such as ["team a", "team b"], not {value!r}')
    from submissions import teams

    try:
        return tuple(map(teams.parse, value))
    except teams.InvalidTeam as refused:
        raise ValueError(f"{group!r}: {refused}") from None


@dataclass(frozen=True, slots=True)
class Quoted:
    """A score that somebody else has reported: shown beside the board's baselines, never ranked.

    Attributes:
        metric: what the score is in; it is shown while the competition's metric is the same.
        source: who reported it, and where.
    """

    name: str
    score: float
    metric: str
    source: str


def quoted(value: object) -> tuple[Quoted, ...]:
    """Scores from elsewhere, each with its name, score, metric and source."""
    if not isinstance(value, list):
        raise ValueError(f"must be a list such as [{_QUOTED}], not {value!r}")
    return tuple(_quoted(item) for item in value)


_QUOTED = '{ name = "Human", score = 0.835, metric = "accuracy", source = "…" }'


def _quoted(item: object) -> Quoted:
    if not isinstance(item, Mapping) or item.keys() != {"name", "score", "metric", "source"}:
        raise ValueError(f"each must be like {_QUOTED}, not {item!r}")
    score = item["score"]
    if isinstance(score, bool) or not isinstance(score, int | float) or not math.isfinite(score):
        raise ValueError(f"a score must be a finite number, not {score!r}")
    return Quoted(text(item["name"]), float(score), text(item["metric"]), text(item["source"]))
