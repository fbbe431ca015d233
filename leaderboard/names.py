"""Names outside of a page: in XML, in a picture, in a chat's Markdown, where no element keeps them apart."""

import hashlib
import re
import unicodedata

_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_ISOLATE, _END_ISOLATE = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"


def team_id(team: str) -> str:
    """The row's id on every page: "t-" and the first 12 hex digits of the name's SHA-256."""
    return "t-" + hashlib.sha256(team.encode()).hexdigest()[:12]


def visible(text: str) -> str:
    """The text alone on its line: what hides, breaks or reorders it is U+FFFD, and so is what XML forbids."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def plain(text: str) -> str:
    """The visible text in a line with others.

    If it runs from right to left it is set apart (UAX #9, isolates), so that the figure behind it stays there.
    """
    seen = visible(text)
    is_mixed = any(unicodedata.bidirectional(c) in _RIGHT_TO_LEFT for c in seen)
    return f"{_ISOLATE}{seen}{_END_ISOLATE}" if is_mixed else seen


def markdown(text: str) -> str:
    """The plain text, to be shown as it is by what reads Markdown: no emphasis, link, mention or emoji.

    Every ASCII punctuation mark is escaped, as CommonMark allows (section 2.4); Discord takes that for any mark.
    """
    return _PUNCTUATION.sub(r"\\\g<0>", plain(text))
