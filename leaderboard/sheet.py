"""A page that is one file: its style and its script stand in it, and its policy allows these two and nothing else."""

import base64
import hashlib
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from leaderboard import words
from submissions import moments

_ROOM = 22  # Latin letters of a team's name that fit on one line of a stage
_POLICY = (
    "default-src 'none'; script-src '{script}'; style-src '{style}'; img-src data:; base-uri 'none'; "
    "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)


def fill(template: str, styles: Sequence[str], script: str, **facts: Any) -> str:
    """The template with these facts, and `style`, `script` and `policy` for its head.

    Args:
        template: a file in templates/.
        styles: files in assets/, joined in this order.
        script: a file in assets/.
        facts: what the template asks for.
    """
    style = "".join(map(asset, styles))
    code = asset(script)
    policy = _POLICY.format(script=_digest(code), style=_digest(style))
    # Our own files, not anybody's input: they are what the digests are of.
    own = {"style": Markup(style), "script": Markup(code), "policy": Markup(policy)}  # noqa: S704
    return _environment().get_template(template).render({**facts, **own})


def is_long(name: str) -> bool:
    """Whether a name needs two lines where a stage gives it one."""
    return sum(_width(sign) for sign in name) > _ROOM


def _width(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in {"W", "F"} else 1


def asset(name: str) -> str:
    """The text of a file in assets/."""
    return resources.files("leaderboard").joinpath("assets", name).read_text("utf-8")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("leaderboard"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(words=words, moments=moments, is_long=is_long)
    return environment
