"""The text of a new competition.toml, with the comments its editor will want."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

_TEXT = """\
[competition]
slug = {slug}
title = {title}
host = {host}

[schedule]
opens = {opens}
deadline = {deadline}   # the last second that counts; always with an offset
grace_seconds = 0
late = "unranked"                      # graded and shown outside the ranking; or "refused"

[submission]
id_column = "id"
columns = ["label"]
kind = "label"
labels = {labels}
max_bytes = 10_000_000
daily_limit = 5                        # attempts per team and UTC day; 0: no limit
final_selections = 2                   # the private board looks at so many of a team's submissions

[scoring]
metric = {metric}                    # or "balanced_accuracy", "f1_macro"
public_share = 0.3                     # the split is made: this stays
"""


def write(
    *, slug: str, title: str, host: str, opens: datetime, deadline: datetime, labels: Sequence[str], metric: str
) -> str:
    """The TOML of a competition with the usual limits; `rules.parse` reads it back."""
    return _TEXT.format(
        slug=_quoted(slug),
        title=_quoted(title),
        host=_quoted(host),
        opens=opens.isoformat(),
        deadline=deadline.isoformat(),
        labels=json.dumps(list(labels), ensure_ascii=False),
        metric=_quoted(metric),
    )


def next_deadline(now: datetime) -> str:
    """The end of the next 7 December, anywhere on Earth (UTC-12), as ISO 8601."""
    utc = now.astimezone(UTC)
    year = utc.year if utc < datetime.fromisoformat(f"{utc.year}-12-07T23:59:59-12:00") else utc.year + 1
    return f"{year}-12-07T23:59:59-12:00"


def _quoted(text: str) -> str:
    # A JSON string is a TOML basic string (TOML 1.0, "String").
    return json.dumps(text, ensure_ascii=False)
