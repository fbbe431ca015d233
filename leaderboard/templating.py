"""Pages from templates, and the digests by which a page's policy allows its own style and script."""

import base64
import hashlib
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from leaderboard import words
from submissions import moments


def template(name: str, **known: Any) -> Template:
    """A file in templates/, which knows `words`, `moments` and these; a name that it does not know is an error."""
    return _environment().get_template(name, globals=known)


@cache
def asset(name: str) -> str:
    """The text of a file in assets/."""
    return resources.files("leaderboard").joinpath("assets", name).read_text("utf-8")


def digest(text: str) -> str:
    """What a policy calls this text: sha256-… in Base64."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def page_of_desk(desk: str, name: str, up: str = "") -> str:
    """The address of one of the web desk's pages; `up` leads to the site's own folder, where "./" begins."""
    return f"{up}{name}" if desk == "./" else f"{desk}{name}"


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
    environment.globals.update(words=words, moments=moments, page_of_desk=page_of_desk)
    return environment
