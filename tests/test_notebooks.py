"""The notebooks: clean as committed, and valid from top to bottom when a participant runs them."""

import ast
import json
import os
import shutil
import sys
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest
from fake_desk import RECEIPT, fake_desk
from nbclient import NotebookClient

import starter
from commands.creation import Wanted, create
from commands.host import Host, Session
from starter import datasets, notebook
from starter.dataset import Original
from starter.sources import digits, titanic
from submissions.folder import Folder
from submissions.sending import at_hand

NOW = datetime(2026, 11, 22, tzinfo=UTC)
pytestmark = pytest.mark.timeout(900)  # networks are trained
DIGITS = digits.load(None, say=lambda _: None)
FOLDER = Path(starter.__file__).parent / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))
EVERY_NOTEBOOK = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def real(name: str) -> Original | None:
    """The real data set, where PODIUM_DATA names a folder that holds it."""
    named = os.environ.get("PODIUM_DATA")
    return datasets.load(name, data_dir=Path(named), say=lambda _: None) if named else None


@pytest.fixture
def few_clothes() -> Original:
    """The first pictures of Fashion-MNIST; where the real ones are not at hand, pictures of the same kind."""
    full = real("fashion-mnist")
    if full:
        few = replace(
            full.dataset,
            train_features=full.dataset.train_features[:1_500],
            train_labels=full.dataset.train_labels[:1_500],
            test_features=full.dataset.test_features[:300],
            row_ids=full.dataset.row_ids[:300],
        )
        return replace(full, dataset=few, test_labels=full.test_labels[:300])
    small = DIGITS.dataset
    images, tests = (np.kron(x, np.full((1, 3, 3), 15, np.uint8)) for x in (small.train_features, small.test_features))
    wide = ((0, 0), (2, 2), (2, 2))
    padded = replace(
        small, name="fashion-mnist", train_features=np.pad(images, wide), test_features=np.pad(tests, wide)
    )
    return replace(DIGITS, dataset=padded)


@pytest.fixture
def passengers() -> Original:
    """The passengers of the Titanic; where the real ones are not at hand, a table of the same kind."""
    return real("titanic") or titanic.load(None, say=lambda _: None, fetch=strangers, passengers=300, test_rows=100)


def strangers() -> pd.DataFrame:
    random = np.random.default_rng(0)
    number = np.arange(300)
    return pd.DataFrame(
        {
            "pclass": random.integers(1, 4, 300),
            "survived": number % 2,
            "name": [f"Nobody, Mr. No {n}" for n in number],
            "sex": random.choice(["female", "male"], 300),
            "age": np.where(random.random(300) < 0.2, np.nan, random.integers(1, 70, 300)),
            "sibsp": random.integers(0, 3, 300),
            "parch": random.integers(0, 3, 300),
            "ticket": [f"PC {n}" for n in number],
            "fare": random.random(300) * 100,
            "cabin": None,
            "embarked": random.choice(["S", "C", None], 300),
            "home.dest": None,
        }
    )


def make_kit(original: Original, root: Path) -> tuple[Session, Path]:
    """A whole competition on this data, and where its kit is."""
    data = original.dataset
    metric = "accuracy" if data.labels else "rmse"
    wanted = Wanted(data.name, data.title, "Machine Learning Month", NOW, NOW + timedelta(days=9), metric)
    host = Host(lambda: NOW, None)
    create(root, original, wanted, key=b"secret", host=host)
    return Session(Folder(root), host), root / "starter"


def private_score(session: Session, name: str = "submission.csv") -> float:
    """The private score of a file that the notebook wrote, as Podium grades it."""
    grade = session.judge.grade((session.folder.starter / name).read_bytes())
    assert grade.private is not None, grade
    return grade.private


@pytest.fixture(autouse=True)
def _nothing_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (at_hand.SERVER, at_hand.TOKEN):
        monkeypatch.delenv(name, raising=False)


def run(folder: Path, *, until: str | None = None, only: Collection[str] = (), **knobs: int) -> Any:
    """The kit's notebook, run in its folder with these parameters: as far as a cell, or some cells only."""
    book = nbformat.read(folder / "baseline.ipynb", as_version=4)
    place = next(i for i, cell in enumerate(book.cells) if "parameters" in cell.metadata.get("tags", []))
    told = nbformat.v4.new_code_cell("\n".join(f"{name} = {value}" for name, value in knobs.items()))
    book.cells.insert(place + 1, told)
    if until:
        last = next(i for i, cell in enumerate(book.cells) if cell.id == until)
        del book.cells[last + 1 :]
    book.cells = [cell for cell in book.cells if not only or cell.id in only]
    NotebookClient(book, timeout=900, resources={"metadata": {"path": str(folder)}}).execute()
    return book


def said(book: Any, cell_id: str) -> str:
    """What a cell printed."""
    [cell] = [cell for cell in book.cells if cell.id == cell_id]
    return "".join(output.get("text", "") for output in cell.outputs)


def parameters(path: Path) -> dict[str, object]:
    """What the parameters cell of a notebook sets."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    [cell] = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
    assigned = [node for node in ast.parse("".join(cell["source"])).body if isinstance(node, ast.Assign)]
    return {ast.unparse(node.targets[0]): ast.literal_eval(node.value) for node in assigned}


@EVERY_NOTEBOOK
def test_a_notebook_is_committed_clean(path: Path) -> None:
    """No outputs, no counts, valid nbformat, and stable cell ids: a change shows as a change."""
    book = nbformat.read(path, as_version=4)
    nbformat.validate(book)

    code = [cell for cell in book.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    assert len({cell.id for cell in book.cells}) == len(book.cells)
    text = path.read_text("utf-8")
    assert text == json.dumps(json.loads(text), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


@EVERY_NOTEBOOK
def test_cells_are_short(path: Path) -> None:
    """One idea a cell: none is longer than a screen, none is wider than a page."""
    book = nbformat.read(path, as_version=4)
    sources = [cell.source.splitlines() for cell in book.cells if cell.cell_type == "code"]

    assert max(len(lines) for lines in sources) <= 18
    assert max(len(line) for lines in sources for line in lines) <= 100


@EVERY_NOTEBOOK
def test_a_notebook_needs_nothing_of_podium(path: Path) -> None:
    """A participant runs it with Keras, numpy, pandas and matplotlib alone, and what lies beside it in the kit.

    `submissions` is in check.pyz.
    """
    book = nbformat.read(path, as_version=4)
    beside = {helper.stem for helper in FOLDER.glob("*.py")}
    texts = [*(helper.read_text("utf-8") for helper in FOLDER.glob("*.py"))]
    texts.append("\n".join(cell.source for cell in book.cells if cell.cell_type == "code"))
    imported = {name.partition(".")[0] for text in texts for name in imports(text)}

    assert imported - {*sys.stdlib_module_names} <= {"keras", "matplotlib", "numpy", "pandas", "submissions", *beside}


def imports(text: str) -> Iterator[str]:
    """The modules that a text imports."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@EVERY_NOTEBOOK
def test_every_kit_brings_what_its_notebook_imports(path: Path) -> None:
    """Each notebook belongs to a data set, whose kit holds the helper code that the notebook imports."""
    [helpers] = [rest for name, *rest in notebook.NOTEBOOKS.values() if name == path.name][:1]
    book = nbformat.read(path, as_version=4)
    code = "\n".join(cell.source for cell in book.cells if cell.cell_type == "code")

    ours = {f"{name}.py" for name in imports(code)} & {helper.name for helper in FOLDER.glob("*.py")}
    assert ours == set(helpers)


def test_all_notebooks_find_their_data_alike() -> None:
    """The cells that find, fetch or unpack the kit, that check and that send, differ in one file's name only."""
    for cell_id in ("find-data", "folder", "check", "submit"):
        texts = set()
        for path in PATHS:
            [source] = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.id == cell_id]
            texts.add(source.replace("train_images.npz", "train.csv"))
        assert len(texts) == 1, cell_id


def test_digits_from_top_to_bottom(tmp_path: Path) -> None:
    """The digits' notebook knows 96 of 100, and ends with Podium's own check."""
    session, folder = make_kit(DIGITS, tmp_path / "digits")

    book = run(folder)

    assert private_score(session) >= 0.96
    assert said(book, "check") == "submission.csv: ready to submit (500 predictions)\n\n"
    assert said(book, "submit") == (
        "This kit names no desk on the web: send submission.csv to the organiser in the way you were told; the dates "
        "and the rules are in the kit's README.md.\n"
    )


@pytest.mark.slow
def test_a_notebook_writes_the_same_file_twice(tmp_path: Path) -> None:
    """On one machine the same seed gives the same predictions, byte for byte."""
    _, folder = make_kit(DIGITS, tmp_path / "digits")
    run(folder)
    first = (folder / "submission.csv").read_bytes()
    run(folder)

    assert (folder / "submission.csv").read_bytes() == first


def test_the_last_cell_sends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the kit names a desk, the last cell hands the file in; without a token it says so, and asks nobody."""
    session, folder = make_kit(DIGITS, tmp_path / "digits")
    shutil.copy(folder / "sample_submission.csv", folder / "submission.csv")
    rules = session.folder.rules.read_text()
    with fake_desk() as desk:
        session.folder.rules.write_text(f'{rules.partition("[desk]")[0]}[desk]\naddress = "{desk.base}"\n')
        book = run(folder, only=("find-data", "folder", "submit"))
        assert said(book, "submit") == at_hand.no_token(f"{desk.base}/") + "\n"
        monkeypatch.setenv("PODIUM_TOKEN", "podium_secret")
        book = run(folder, only=("find-data", "folder", "submit"))

        assert said(book, "submit") == RECEIPT + "\n"
        assert [request.body for request in desk.requests] == [(folder / "submission.csv").read_bytes()]


def test_clothes_from_top_to_bottom(few_clothes: Original, tmp_path: Path) -> None:
    """The notebook learns from as few rows as it is told to, and both of its networks say something."""
    session, folder = make_kit(few_clothes, tmp_path / "clothes")

    book = run(folder, DENSE_EPOCHS=3, CONV_EPOCHS=2, MAX_TRAIN_ROWS=1_000)

    assert private_score(session) > 0.5
    assert private_score(session, "submission_dense.csv") > 0.6
    assert f"ready to submit ({len(few_clothes.test_labels)} predictions)" in said(book, "check")


def test_titanic_from_top_to_bottom(passengers: Original, tmp_path: Path) -> None:
    """The Titanic's notebook runs on the real passengers, and on any with the same columns."""
    session, folder = make_kit(passengers, tmp_path / "titanic")

    book = run(folder, EPOCHS=4, FINAL_EPOCHS=80, NETWORKS=2)

    count = len(passengers.test_labels)
    assert f"ready to submit ({count} predictions)" in said(book, "check")
    assert private_score(session) > (0.77 if count == 418 else 0.3)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("titanic", {"submission.csv": 0.79}),
        ("fashion-mnist", {"submission_dense.csv": 0.88, "submission.csv": 0.915}),
    ],
)
def test_on_all_rows_a_notebook_scores_what_it_promises(name: str, wanted: dict[str, float], tmp_path: Path) -> None:
    """On the whole of the real data, as it is handed out, each network of a notebook reaches its private score."""
    original = real(name)
    if original is None:
        pytest.skip("PODIUM_DATA names no folder with the real data")
    session, folder = make_kit(original, tmp_path / name)

    run(folder)

    assert {file: private_score(session, file) >= score for file, score in wanted.items()} == dict.fromkeys(
        wanted, True
    )


def test_a_lonely_notebook_unpacks_the_zip(tmp_path: Path) -> None:
    """Next to nothing but the kit's zip, as in Colab, the notebook unpacks it and finds its data."""
    _, folder = make_kit(DIGITS, tmp_path / "made")
    colab = tmp_path / "colab"
    colab.mkdir()
    for name in ("baseline.ipynb", "digits-kit.zip"):
        shutil.copy(folder / name, colab)

    book = run(colab, until="folder")

    assert said(book, "folder") == "The data is in digits\n"
    assert (colab / "digits" / "test_images.npz").is_file()


def test_a_notebook_fetches_the_kit(tmp_path: Path) -> None:
    """Next to nothing at all, the notebook fetches the zip from the address that podium kit wrote into it."""
    _, folder = make_kit(DIGITS, tmp_path / "made")
    address = (folder / "digits-kit.zip").as_uri()
    book = nbformat.read(folder / "baseline.ipynb", as_version=4)
    [cell] = [cell for cell in book.cells if cell.id == "find-data"]
    cell.source = cell.source.replace('KIT = ""', f"KIT = {address!r}")
    (tmp_path / "colab").mkdir()
    nbformat.write(book, tmp_path / "colab" / "baseline.ipynb")

    run(tmp_path / "colab", until="folder")

    assert (tmp_path / "colab" / "digits" / "test_images.npz").is_file()
