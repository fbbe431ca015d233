"""The rules of who may import whom, read from the imports themselves."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STAGES = ("starter", "submissions", "grader", "leaderboard")
MAY_IMPORT = {
    "submissions": set[str](),
    "starter": {"submissions"},
    "grader": {"submissions"},
    "leaderboard": {"submissions", "grader"},
    "commands": {*STAGES},
    "podium": {*STAGES, "commands"},
}
LABELS = "grader.solution"
HEAVY = {"pyarrow", "sqlalchemy", "pandas", "sklearn", "tensorflow", "keras", "jinja2", "rich", "scipy"}


def imported(source: str) -> Iterator[str]:
    """Every module that a text imports, wherever in it: `from a import b` gives a.b, of which a part may be a name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def violations(module: str, source: str) -> list[str]:
    """The imports in a module's text that the design forbids."""
    stage = module.partition(".")[0]
    found = []
    for name in imported(source):
        other = name.partition(".")[0]
        is_foreign = other != stage and other in {*MAY_IMPORT} and other not in MAY_IMPORT[stage]
        opens_labels = stage != "grader" and (name == LABELS or name.startswith(LABELS + "."))
        if is_foreign or opens_labels:
            found.append(name)
    return found


def modules() -> Iterator[tuple[str, Path]]:
    for stage in (*STAGES, "commands"):
        for path in (ROOT / stage).rglob("*.py"):
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts), path
    yield "podium", ROOT / "podium.py"


@pytest.mark.parametrize(
    ("module", "path"), sorted(modules()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_stage_imports_only_what_it_may(module: str, path: Path) -> None:
    """Data flows one way: starter -> submissions <- grader <- leaderboard; the labels stay in grader."""
    assert violations(module, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("submissions.intake", "from grader import judging"),
        ("submissions.intake", "def f():\n    import grader.judging"),
        ("starter.kit", "from grader.metrics import METRICS"),
        ("starter.kit", "import leaderboard.page"),
        ("grader.judging", "from leaderboard import page"),
        ("leaderboard.page", "from grader import solution"),
        ("leaderboard.page", "from grader.solution import load"),
        ("leaderboard.page", "import starter.kit"),
        ("commands.desk", "import grader.solution"),
        ("podium", "from grader.solution import Solution"),
        ("submissions.record.ledger", "import podium"),
    ],
)
def test_a_planted_violation_is_found(module: str, source: str) -> None:
    """The rule above can fail: each forbidden import is seen, wherever it stands."""
    assert violations(module, source)


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_says_in_one_sentence_what_it_is(name: str) -> None:
    """A stage's __init__ is a docstring, and imports nothing."""
    tree = ast.parse((ROOT / name / "__init__.py").read_text(encoding="utf-8"))

    assert len(tree.body) == 1
    assert ast.get_docstring(tree)


def test_checking_a_file_loads_nothing_heavy() -> None:
    """What `podium check` imports, it and all that it imports of ours, holds none of the heavy libraries."""
    paths = dict(modules())
    waiting, seen = ["podium", "commands.checking"], set[str]()
    while waiting:
        module = waiting.pop()
        seen.add(module)
        tree = ast.parse(paths[module].read_text(encoding="utf-8"))
        top = "\n".join(ast.unparse(node) for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom))
        for name in imported(top):
            assert name.partition(".")[0] not in HEAVY, f"{module} imports {name}"
            waiting += [m for m in (name, name.rpartition(".")[0]) if m in paths and m not in seen]
    assert "submissions.reading.careful_path" in seen
