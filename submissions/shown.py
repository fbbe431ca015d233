"""Text from outside, made fit to be shown: short, and with nothing in it that a terminal or a reader takes amiss."""

from collections.abc import Sequence

_LONGEST = 40
_LISTED = 5


def shown(text: str) -> str:
    """The text in quotation marks, cut at 40 characters, with controls and bidirectional marks spelled out."""
    return repr(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…")


def harmless(text: str) -> str:
    """The whole text without quotation marks, with whatever cannot be shown spelled out: for names of files."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def shown_list(items: Sequence[str]) -> str:
    """All of a few items; of many the first three and the last: 0, 1, 2 … 9."""
    if len(items) <= _LISTED:
        return ", ".join(items)
    return f"{', '.join(items[:3])} … {items[-1]}"
