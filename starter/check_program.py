"""check.pyz: Podium's own check, and what sends a file to a web desk, as one file: nobody needs to install Podium."""

import ast
from collections.abc import Iterator
from importlib import resources

from starter.archives import zipped

FILE = "check.pyz"
_PACKAGE = "submissions"
_MAIN = b'''\
"""python check.pyz submission.csv: what is wrong with the file, if anything is. Needs Python 3.11 and numpy.

With --submit it also sends the file to the web desk.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit("check.pyz needs Python 3.11 or newer; this is Python %d.%d" % sys.version_info[:2])
try:
    import numpy
except ImportError:
    sys.exit("check.pyz needs numpy: pip install numpy")
from submissions.__main__ import main

sys.exit(main(sys.argv[0], sys.argv[1:]))
'''


def build() -> bytes:
    """A zip application (PEP 441) of the modules that check and client import; the same bytes each time."""
    modules = {f"{_PACKAGE}/{name}.py": _source(name) for name in sorted(_needed("__main__", "client"))}
    return zipped({"__main__.py": _MAIN, f"{_PACKAGE}/__init__.py": _source("__init__"), **modules})


def _needed(*start: str) -> set[str]:
    waiting, seen = [*start], set[str]()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += _imported(_source(name))
    return seen


def _imported(source: bytes) -> Iterator[str]:
    """The package's modules that this one imports at its top; what a function imports, a check does without."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.ImportFrom) and node.module == _PACKAGE:
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(f"{_PACKAGE}."):
            yield node.module.removeprefix(f"{_PACKAGE}.")


def _source(name: str) -> bytes:
    return resources.files(_PACKAGE).joinpath(f"{name}.py").read_bytes()
