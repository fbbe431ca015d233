"""The notebooks: clean as committed, and valid from top to bottom when a participant runs them."""

import ast
import importlib.util
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest
from nbclient import NotebookClient

import starter
from starter import datasets, kit, networks
from starter.baselines import predictions_csv
from starter.dataset import Dataset, row_ids, shuffled
from starter.networks import Network
from starter.sources import digits, titanic
from submissions import competition as competitions
from submissions import predictions, rules_text
from submissions.competition import Competition
from submissions.row_ids import RowIds

FOLDER = Path(starter.__file__).parent / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))
EVERY_NOTEBOOK = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def real(name: str) -> Dataset | None:
    """The real data set, where PODIUM_DATA names a folder that holds it."""
    named = os.environ.get("PODIUM_DATA")
    return datasets.load(name, data_dir=Path(named), say=lambda _: None) if named else None


@pytest.fixture
def few_clothes() -> Dataset:
    """The first pictures of Fashion-MNIST; where the real ones are not at hand, pictures of the same kind."""
    full = real("fashion-mnist")
    if full:
        return replace(
            full,
            train_features=full.train_features[:1_500],
            train_labels=full.train_labels[:1_500],
            test_features=full.test_features[:300],
            test_labels=full.test_labels[:300],
        )
    small = digits.load(None, say=lambda _: None)
    images, tests = (np.kron(x, np.full((1, 3, 3), 15, np.uint8)) for x in (small.train_features, small.test_features))
    wide = ((0, 0), (2, 2), (2, 2))
    return replace(small, name="fashion-mnist", train_features=np.pad(images, wide), test_features=np.pad(tests, wide))


@pytest.fixture
def passengers() -> Dataset:
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


def make_kit(data: Dataset, root: Path) -> tuple[Competition, Path]:
    """A competition's folder with its rules and its kit: the rules, and where the kit is."""
    text = rules_text.write(
        slug=data.name,
        title=data.title,
        host="Machine Learning Month",
        opens=datetime(2026, 11, 22, tzinfo=UTC),
        deadline=datetime(2026, 12, 7, tzinfo=UTC),
        labels=data.labels,
        metric="accuracy",
    )
    rules = competitions.parse(text)
    kit.write(data, rules, root / "starter", text.encode())
    (root / "competition.toml").write_text(text, encoding="utf-8")
    return rules, root / "starter"


def run(folder: Path, *, until: str | None = None, **knobs: int) -> Any:
    """The kit's notebook, run in its folder with these parameters, as far as a cell."""
    book = nbformat.read(folder / "baseline.ipynb", as_version=4)
    place = next(i for i, cell in enumerate(book.cells) if "parameters" in cell.metadata.get("tags", []))
    told = nbformat.v4.new_code_cell("\n".join(f"{name} = {value}" for name, value in knobs.items()))
    book.cells.insert(place + 1, told)
    if until:
        last = next(i for i, cell in enumerate(book.cells) if cell.id == until)
        del book.cells[last + 1 :]
    NotebookClient(book, timeout=200, resources={"metadata": {"path": str(folder)}}).execute()
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
    """A participant runs it with Keras, pandas and matplotlib alone; Podium is used only where it is installed."""
    book = nbformat.read(path, as_version=4)
    code = "\n".join(cell.source for cell in book.cells if cell.cell_type == "code")
    imported = {
        alias.name.partition(".")[0]
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Import)
        for alias in node.names
    }

    assert imported == {"importlib", "keras", "matplotlib", "numpy", "os", "pandas", "subprocess", "sys", "zipfile"}


@pytest.mark.parametrize(
    ("stem", "network"), [("images", networks.NOTEBOOK_IMAGES), ("titanic", networks.NOTEBOOK_TABLES)]
)
def test_notebook_and_baseline_train_equally_long(stem: str, network: Network) -> None:
    """The baseline on the board stands for the notebook as it is handed out."""
    assert parameters(FOLDER / f"{stem}.ipynb") == {"EPOCHS": network.epochs, "MAX_TRAIN_ROWS": None, "SEED": 1}


def test_digits_from_top_to_bottom(tmp_path: Path) -> None:
    """The digits' kit gives a valid submission, the very one that the baseline's network makes from the same seed."""
    data = shuffled(digits.load(None, say=lambda _: None), b"secret")
    rules, folder = make_kit(data, tmp_path)

    book = run(folder, EPOCHS=2)

    sent = (folder / "submission.csv").read_bytes()
    codes = predictions.read(sent, rules, RowIds(row_ids(data))).values.ravel()
    assert (codes == data.test_labels).mean() > 0.85
    baseline = replace(networks.NOTEBOOK_IMAGES, epochs=2).fit_predict(data, seed=1)
    assert sent.split() == predictions_csv(baseline, data, rules).split()
    assert "eady to submit" in said(book, "check")


def test_clothes_from_top_to_bottom(few_clothes: Dataset, tmp_path: Path) -> None:
    """The same notebook fits pictures of another size, and learns from as few rows as it is told to."""
    rules, folder = make_kit(few_clothes, tmp_path)

    book = run(folder, EPOCHS=3, MAX_TRAIN_ROWS=1_000)

    sent = (folder / "submission.csv").read_bytes()
    codes = predictions.read(sent, rules, RowIds(row_ids(few_clothes))).values.ravel()
    assert (codes == few_clothes.test_labels).mean() > 0.6
    assert "training images: (1000, 28, 28)" in said(book, "load")


def test_titanic_from_top_to_bottom(passengers: Dataset, tmp_path: Path) -> None:
    """Titanic's kit gives a valid submission, the very one that the baseline's network makes from the same seed."""
    data = shuffled(passengers, b"secret")
    rules, folder = make_kit(data, tmp_path)

    book = run(folder, EPOCHS=3)

    sent = (folder / "submission.csv").read_bytes()
    assert len(predictions.read(sent, rules, RowIds(row_ids(data))).values) == len(data.test_features)
    baseline = replace(networks.NOTEBOOK_TABLES, epochs=3).fit_predict(data, seed=1)
    assert sent.split() == predictions_csv(baseline, data, rules).split()
    assert "eady to submit" in said(book, "check")


def test_a_lonely_notebook_unpacks_the_zip(tmp_path: Path) -> None:
    """Next to nothing but the kit's zip, as in Colab, the notebook unpacks it and finds its data."""
    _, folder = make_kit(digits.load(None, say=lambda _: None), tmp_path / "made")
    colab = tmp_path / "colab"
    colab.mkdir()
    for name in ("baseline.ipynb", "digits-kit.zip"):
        shutil.copy(folder / name, colab)

    book = run(colab, until="find-data")

    assert said(book, "find-data") == f"The data is in {(colab / 'digits').resolve()}\n"
    assert (colab / "digits" / "test_images.npz").is_file()


@EVERY_NOTEBOOK
def test_without_its_data_a_notebook_says_what_to_do(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first cell that needs the data names the file and where to put the kit."""
    monkeypatch.chdir(tmp_path)

    with pytest.raises(FileNotFoundError, match=r"is not here: put the kit's zip beside this notebook$"):
        play(path, "find-data", {})


def play(path: Path, cell_id: str, names: dict[str, object]) -> None:
    """One cell of a notebook, with these names known."""
    book = nbformat.read(path, as_version=4)
    [cell] = [cell for cell in book.cells if cell.id == cell_id]
    exec(cell.source, names)


@pytest.fixture
def check_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """The notebook's own check of a file, as on a machine without Podium."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    sample = pd.DataFrame({"id": ["0", "1", "2"], "label": ["0", "1", "0"]})
    known = {"pd": pd, "folder": tmp_path, "sample": sample, "id_column": "id", "label_column": "label"}

    def check(text: str) -> None:
        (tmp_path / "submission.csv").write_text(text)
        play(FOLDER / "images.ipynb", "check", dict(known))

    return check


def test_a_right_file_passes_without_podium(
    check_alone: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Where Podium is not installed, the notebook looks for itself."""
    check_alone("id,label\n2,1\n0,1\n1,0\n")

    assert capsys.readouterr().out == "submission.csv looks right: 3 rows. Ready to submit.\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("number,label\n0,1\n1,1\n2,1\n", "the header must be id,label"),
        ("id,label\n0,1\n1,1\n1,1\n", "each row id must be there once"),
        ("id,label\n0,1\n1,1\n", "each row id must be there once"),
        ("id,label\n0,1\n1,1.0\n2,0\n", "a label does not exist"),
    ],
)
def test_a_wrong_file_is_caught_without_podium(text: str, message: str, check_alone: Callable[[str], None]) -> None:
    """The faults that people meet first are told even where Podium is not installed."""
    with pytest.raises(AssertionError, match=f"^{message}$"):
        check_alone(text)


@EVERY_NOTEBOOK
def test_both_notebooks_check_alike(path: Path) -> None:
    """The cells that find the data, load the tools and check the file are the same but for the file's name."""
    cells = {cell.id: cell.source for cell in nbformat.read(path, as_version=4).cells}
    others = {cell.id: cell.source for cell in nbformat.read(PATHS[0], as_version=4).cells}

    for shared in ("check", "imports", "send"):
        assert cells[shared] == others[shared]
    assert cells["find-data"].replace("train.csv", "train_images.npz") == others["find-data"]
