"""check.pyz: Podium's own check, and what sends a file to a web desk, as one file: nobody needs to install Podium."""

import ast
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath

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
    paths = _needed(f"{_PACKAGE}/__main__.py", f"{_PACKAGE}/sending/client.py")
    paths |= {str(PurePosixPath(path).with_name("__init__.py")) for path in paths}
    return zipped({"__main__.py": _MAIN, **{path: _file(path).read_bytes() for path in sorted(paths)}})


def _needed(*start: str) -> set[str]:
    waiting, seen = [*start], set[str]()
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            waiting += _imported(_file(path).read_bytes())
    return seen


def _imported(source: bytes) -> Iterator[str]:
    """The package's modules that this one imports at its top; what a function imports, a check does without."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] == _PACKAGE:
            place = node.module.replace(".", "/")
            names = [place, *(f"{place}/{alias.name}" for alias in node.names)]
            yield from (f"{name}.py" for name in names if _file(f"{name}.py").is_file())


def _file(path: str) -> Traversable:
    return resources.files(_PACKAGE).joinpath(path.removeprefix(f"{_PACKAGE}/"))
