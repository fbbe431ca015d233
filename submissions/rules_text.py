"""The text of a new competition.toml, with the comments its editor will want."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from submissions.checks import Quoted

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
freeze_hours = 0                       # so long before the deadline the public board stands still

[submission]
id_column = {id_column}
columns = {columns}
{kind}
max_bytes = 10_000_000
daily_limit = 5                        # attempts per team and UTC day; 0: no limit
final_selections = 2                   # the private board looks at so many of a team's submissions

[scoring]
metric = {metric}                    # or {others}
public_share = {public_share}                     # the split is made: this stays
live = "exact"                         # or "rounded", "ladder": less of the public score is told
{k}{quoted}
[kit]                                  # after a change here: podium kit
dataset = {dataset}
{label_names}{label_column}source = {source}
zip_address = ""                       # where participants fetch the zip, if it is on the web

[board]
address = ""                           # where leaderboard/ stands on the web, for the feed and for previews

[desk]                                 # after a change here: podium kit
address = ""                           # where podium serve stands on the web, for notebooks and podium submit
"""
_OTHERS = {
    "label": '"balanced_accuracy", "f1_macro"',
    "number": '"mae", "r2"',
    "probability": '"brier", "roc_auc"',
    "ranking": "no other: it is the one for rankings",
}
_K, _COMMENT = 5, 39


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a new competition.toml is filled with.

    Attributes:
        kind: of the predictions; nothing: numbers where there are no labels, and labels where there are some.
        label_column: the column of predictions; with probabilities each label has one, and this is what is true.
    """

    slug: str
    title: str
    host: str
    opens: datetime
    deadline: datetime
    metric: str
    kind: str = ""
    labels: Sequence[str] = ()
    id_column: str = "id"
    label_column: str = "label"
    public_share: float = 0.3
    quoted: Sequence[Quoted] = ()
    dataset: str = "own"
    label_names: Sequence[str] = ()
    source: str = ""


def write(draft: Draft) -> str:
    """The TOML of a competition with the usual limits; `rules.parse` reads it back."""
    kind = draft.kind or ("label" if draft.labels else "number")
    has_k = draft.metric in {"top_k_accuracy", "map_at_k"}
    is_probability = kind == "probability"
    return _TEXT.format(
        slug=_toml(draft.slug),
        title=_toml(draft.title),
        host=_toml(draft.host),
        opens=draft.opens.isoformat(),
        deadline=draft.deadline.isoformat(),
        id_column=_toml(draft.id_column),
        columns=_toml(list(draft.labels) if is_probability else [draft.label_column]),
        kind=f"kind = {_toml(kind)}" + (f"\nlabels = {_toml(list(draft.labels))}" if draft.labels else ""),
        metric=_toml(draft.metric),
        others=_OTHERS[kind],
        public_share=draft.public_share,
        k=f"k = {min(_K, len(draft.labels) - 1)}".ljust(_COMMENT) + "# so many labels count\n" if has_k else "",
        quoted=f"quoted = [{', '.join(map(_inline, draft.quoted))}]\n" if draft.quoted else "",
        dataset=_toml(draft.dataset),
        label_names=f"label_names = {_toml(list(draft.label_names))}\n" if draft.label_names else "",
        label_column=f"label_column = {_toml(draft.label_column)}\n" if is_probability else "",
        source=_toml(draft.source),
    )


def next_deadline(now: datetime) -> str:
    """The end of the next 7 December, anywhere on Earth (UTC-12), as ISO 8601."""
    utc = now.astimezone(UTC)
    year = utc.year if utc < datetime.fromisoformat(f"{utc.year}-12-07T23:59:59-12:00") else utc.year + 1
    return f"{year}-12-07T23:59:59-12:00"


def _inline(quoted: Quoted) -> str:
    values = {"name": quoted.name, "score": quoted.score, "metric": quoted.metric, "source": quoted.source}
    return "{ " + ", ".join(f"{key} = {_toml(value)}" for key, value in values.items()) + " }"


def _toml(value: object) -> str:
    # A JSON string is a TOML basic string (TOML 1.0, "String"), but for DEL; numbers and lists are the same in both.
    return json.dumps(value, ensure_ascii=False)
