"""A page to be read: one file without scripts, whose policy allows its own style and nothing else."""

from collections.abc import Mapping
from typing import Any

from jinja2 import Template
from markupsafe import Markup

from leaderboard import templating
from leaderboard.page import PAGES, percent
from leaderboard.templating import asset, digest


def template(name: str) -> Template:
    """A file in templates/; it is to be filled with `dress` of its style beside its own facts."""
    return templating.template(name, percent=percent, PAGES=PAGES)


def dress(style: str) -> Mapping[str, Any]:
    """The style of a page, of base.css, paper.css and a file in assets/ of its own, and the policy that allows it."""
    text = asset("base.css") + asset("paper.css") + asset(style)
    policy = f"default-src 'none'; style-src '{digest(text)}'; img-src data:; base-uri 'none'; form-action 'none'"
    # Our own files, not anybody's input.
    return {"style": Markup(text), "policy": Markup(policy)}  # noqa: S704
