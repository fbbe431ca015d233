"""A page that is one file: its style and its script stand in it, and its policy allows these two and nothing else."""

import unicodedata
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from leaderboard.templating import asset, digest, template

_ROOM = 22  # Latin letters of a team's name that fit on one line of a stage
_POLICY = (
    "default-src 'none'; script-src '{script}'; style-src '{style}'; img-src data:; base-uri 'none'; "
    "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)


def fill(name: str, styles: Sequence[str], script: str, **facts: Any) -> str:
    """The template with these facts, and `style`, `script` and `policy` for its head.

    Args:
        name: of a file in templates/.
        styles: files in assets/, joined in this order.
        script: a file in assets/.
        facts: what the template asks for.
    """
    style = "".join(map(asset, styles))
    code = asset(script)
    policy = _POLICY.format(script=digest(code), style=digest(style))
    # Our own files, not anybody's input: they are what the digests are of.
    own = {"style": Markup(style), "script": Markup(code), "policy": Markup(policy)}  # noqa: S704
    return template(name, is_long=is_long).render({**facts, **own})


def is_long(name: str) -> bool:
    """Whether a name needs two lines where a stage gives it one."""
    return sum(_width(sign) for sign in name) > _ROOM


def _width(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in {"W", "F"} else 1
