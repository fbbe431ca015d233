"""Rules of what an organiser does before the launch: own data, `podium kit`, `podium lint`, `podium baselines`."""

import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import podium
from commands.creation import how_many_rows
from commands.data import slug
from commands.host import Host
from conftest import WEDNESDAY, Run
from starter import notebook_run
from starter.dataset import Dataset, Original
from submissions.folder import Folder
from submissions.record.ledger import Ledger


def houses(count: int = 400) -> pd.DataFrame:
    """Rows with a number to predict, from a number and a word."""
    chance = np.random.default_rng(1)
    rows = pd.DataFrame(
        {
            "key": [f"H{number:04}" for number in chance.permutation(count)],
            "size": chance.integers(30, 200, count),
            "city": chance.choice(["Ulm", "Graz", "Bern"], count),
            "agent": chance.choice(["x", "y"], count),
        }
    )
    price = rows["size"] * 3_000 + (rows["city"] == "Bern") * 100_000 + chance.normal(0, 20_000, count)
    return rows.assign(price=price.round(2))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    houses().to_csv(tmp_path / "houses.csv", index=False)
    return tmp_path / "houses.csv"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A competition on houses as `podium new` makes it; tests work on copies."""
    folder = tmp_path_factory.mktemp("made")
    houses().to_csv(folder / "houses.csv", index=False)
    options = ["--data", str(folder / "houses.csv"), "--label-column", "price", "--id-column", "key"]
    with pytest.raises(SystemExit) as ended:
        podium.main(["new", str(folder / "Our Houses"), *options], Host(lambda: WEDNESDAY, None))
    assert not ended.value.code
    return folder / "Our Houses"


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "Our Houses"))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_own_numbers_go_from_new_to_a_board(root: Path, run: Run) -> None:
    """One table of an organiser's becomes a competition of regression, whose baselines stand on its board by error."""
    rules = Folder(root).competition()
    assert (rules.slug, rules.kind, rules.metric, rules.columns) == ("our-houses", "number", "rmse", ("price",))

    code, said, _ = run("baselines", "-C", root, "--no-notebook")

    assert code == 0
    board = json.loads((root / "leaderboard" / "leaderboard.json").read_text())
    assert not board["metric"]["higher_is_better"]
    names = [row["team"] for row in board["standings"]]
    assert names[0] in {"Ridge regression", "Random forest"}  # which of them depends on the key of the split
    assert names[-1] == "The median for every row"
    assert [row["score"] for row in board["standings"]] == sorted(row["score"] for row in board["standings"])
    assert all(name in said for name in names)


def test_own_labels_with_parts_go_from_new_to_a_board(tmp_path: Path, run: Run) -> None:
    """Three tables of an organiser's, split by hand, keep their row ids and their Usage."""
    rows = houses(300).drop(columns="agent")
    rows["price"] = pd.cut(rows["price"], 3, labels=["low", "middle", "high"])
    rows[:200].to_csv(tmp_path / "train.csv", index=False)
    rows[200:].drop(columns="price").to_csv(tmp_path / "test.csv", index=False)
    usage = np.where(np.arange(100) % 4 == 0, "Public", "Private")
    rows.loc[200:, ["key", "price"]].assign(Usage=usage).to_csv(tmp_path / "solution.csv", index=False)
    parts = [item for name in ("train", "test", "solution") for item in (f"--{name}", tmp_path / f"{name}.csv")]

    code, said, errors = run("new", tmp_path / "cup", *parts, "--id-column", "key", "--label-column", "price")

    assert (code, errors) == (0, "")
    rules = Folder(tmp_path / "cup").competition()
    assert rules.labels == ("high", "low", "middle")
    assert rules.public_share == 0.25
    test = pd.read_csv(tmp_path / "cup" / "starter" / "test.csv")
    assert {*test["key"]} == {*rows["key"][200:]}
    assert "100 test rows" in said
    assert run("baselines", "-C", tmp_path / "cup", "--no-notebook")[0] == 0
    assert run("lint", "-C", tmp_path / "cup") == (0, "0 errors, 0 warnings, 0 notes\n", "")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--label-column", "price"], "--label-column is for your own data: add --data rows.csv"),
        (["--data", "CSV"], "--label-column is missing: which column is to be predicted?"),
        (
            ["--data", "CSV", "--label-column", "price", "--dataset", "digits"],
            "--dataset names one of our data sets: leave it out where you bring your own data",
        ),
        (
            ["--data", "CSV", "--label-column", "price", "--test", "CSV"],
            "give --data, which is split for you, or --train, --test and --solution",
        ),
        (
            ["--train", "CSV", "--label-column", "price"],
            "--train, --test, --solution and --id-column belong together: give all of them",
        ),
        (
            ["--data", "CSV", "--label-column", "price", "--allow", "boats", "--because", "x"],
            "--allow boats: there is no such code; there are ",
        ),
        (
            ["--data", "CSV", "--label-column", "price", "--allow", "outcome-column"],
            "--allow needs --because TEXT: the reason goes into the ledger",
        ),
    ],
)
def test_options_that_do_not_fit_are_told(
    tmp_path: Path, table: Path, run: Run, options: list[str], message: str
) -> None:
    """Options that contradict each other are a usage error that says which to give, and nothing is made."""
    code, _, errors = run("new", tmp_path / "x", *(str(table) if option == "CSV" else option for option in options))

    assert code == 2
    assert errors.startswith(f"podium: {message}")
    assert not (tmp_path / "x").exists()


def test_unusable_data_makes_nothing(tmp_path: Path, table: Path, run: Run) -> None:
    """Own data with faults is told with all of them, and no folder is left behind."""
    code, _, errors = run("new", tmp_path / "x", "--data", table, "--label-column", "prize")

    assert code == 3
    assert "prize" in errors and "price" in errors
    assert sorted(path.name for path in tmp_path.iterdir()) == ["houses.csv"]


def test_a_leak_stops_the_launch(tmp_path: Path, table: Path, run: Run) -> None:
    """Where the kit would give labels away nothing is made; with a reason it may, and the ledger keeps the reason."""
    rows = houses().assign(euros=lambda frame: frame["price"] * 2 + 1)
    rows.to_csv(table, index=False)
    new = ("new", tmp_path / "x", "--data", table, "--label-column", "price", "--id-column", "key")

    code, _, errors = run(*new)
    assert code == 3
    assert errors.startswith("podium: stopped, and nothing was changed:\nerror ")
    assert "starter/test.csv, column 'euros'" in errors
    assert "if it may stay: --allow " in errors
    assert sorted(path.name for path in tmp_path.iterdir()) == ["houses.csv"]

    codes = errors.partition("if it may stay: ")[2].partition(" --because")[0].split()
    assert run(*new, *codes, "--because", "it is meant so")[0] == 0
    assert run("lint", "-C", tmp_path / "x")[0] == 0
    assert "(allowed: it is meant so)" in run("lint", "-C", tmp_path / "x")[1]
    assert run("kit", "-C", tmp_path / "x")[0] == 0
    with Ledger(tmp_path / "x" / "submissions" / "ledger.db") as ledger, ledger.reading() as view:
        allowed = [(entry.body["where"], entry.body["because"]) for entry in view.entries("allowed")]
    assert ("starter/test.csv, column 'euros'", "it is meant so") in allowed

    rows = pd.read_csv(tmp_path / "x" / "grader" / "solution.csv")
    rows.rename(columns={"price": "other"})[["key", "other"]].to_csv(tmp_path / "x" / "starter" / "more.csv")
    assert run("kit", "-C", tmp_path / "x")[0] == 3  # what is allowed in one place is not in another


def test_the_kit_follows_the_rules(root: Path, run: Run) -> None:
    """After the rules were edited, lint says that the kit is stale, and podium kit makes it again."""
    edit(root / "competition.toml", "daily_limit = 5", "daily_limit = 3")
    assert run("lint", "-C", root) == (
        0,
        "warning stale-kit: starter/our-houses-kit.zip: holds competition.toml otherwise than the folder; "
        "podium kit makes it again\n0 errors, 1 warning, 0 notes\n",
        "",
    )

    code, said, _ = run("kit", "-C", root)

    assert code == 0
    assert said == (
        f"written: README.md, our-houses-kit.zip\ngive participants {root / 'starter' / 'our-houses-kit.zip'}\n"
    )
    assert "at most 3 a day" in (root / "starter" / "README.md").read_text("utf-8")
    assert run("lint", "-C", root) == (0, "0 errors, 0 warnings, 0 notes\n", "")
    assert run("kit", "-C", root)[1].startswith("written: nothing: the kit was up to date\n")


def test_an_edited_file_is_kept(root: Path, run: Run) -> None:
    """What the organiser has written is never written over, and podium kit says so."""
    (root / "starter" / "README.md").write_text("Welcome!\n", "utf-8")

    code, said, _ = run("kit", "-C", root)

    assert code == 0
    assert said.startswith("README.md: kept as you edited it, whatever the rules say now; delete it, and the next ")
    with zipfile.ZipFile(root / "starter" / "our-houses-kit.zip") as archive:
        assert archive.read("our-houses/README.md") == b"Welcome!\n"


def test_a_leak_stops_the_kit(root: Path, run: Run) -> None:
    """A file with the hidden labels in starter/ stops podium kit, and the old zip stays; taken out, it goes on."""
    shutil.copy(root / "grader" / "solution.csv", root / "starter" / "extra.csv")
    before = (root / "starter" / "our-houses-kit.zip").read_bytes()

    code, _, errors = run("kit", "-C", root)

    assert code == 3
    assert "starter/extra.csv" in errors
    assert (root / "starter" / "our-houses-kit.zip").read_bytes() == before
    (root / "starter" / "extra.csv").unlink()
    assert run("kit", "-C", root)[0] == 0


def test_lint_looks_at_the_sample_and_the_metric(root: Path, run: Run) -> None:
    """A sample submission that is invalid or scores well is an error, and so is a metric that is not defined."""
    solution = pd.read_csv(root / "grader" / "solution.csv").sample(frac=1, random_state=0)
    shifted = solution.assign(price=solution["price"] + np.random.default_rng(0).normal(0, 90_000, len(solution)))
    shifted[["key", "price"]].to_csv(root / "starter" / "sample_submission.csv", index=False)
    code, said, _ = run("lint", "-C", root)
    assert code == 3
    assert "error sample-scores-well: starter/sample_submission.csv: scores " in said

    edit(root / "competition.toml", 'metric = "rmse"', 'metric = "r2"')
    flat = pd.read_csv(root / "grader" / "solution.csv").assign(price=1.0)
    flat.to_csv(root / "grader" / "solution.csv", index=False)
    said = run("lint", "-C", root)[1]
    assert (
        "error undefined-metric: competition.toml, [scoring] metric: r2 is undefined: the true numbers must not be all "
        "the same; choose another metric, or a split in which every share has what it needs\n"
    ) in said


def test_probabilities_go_from_new_to_a_board(tmp_path: Path, run: Run) -> None:
    """A metric of probabilities makes a competition of them, from the sample to a graded file and baselines."""
    root = tmp_path / "digits"
    code, said, errors = run("new", root, "--dataset", "digits", "--metric", "log_loss")

    assert (code, errors) == (0, "note public-labels: the data set: " + errors.partition("data set: ")[2])
    assert said.startswith("note: the kit has no notebook: ours predict one label or number for each row, not a probab")
    rules = Folder(root).competition()
    assert (rules.kind, rules.metric, rules.columns) == ("probability", "log_loss", tuple("0123456789"))
    sample = root / "starter" / "sample_submission.csv"
    assert run("check", sample, "-C", root)[0] == 0
    assert run("lint", "-C", root)[1].splitlines()[1:] == ["0 errors, 0 warnings, 1 note"]
    assert not (root / "starter" / "baseline.ipynb").exists()

    solution = pd.read_csv(root / "grader" / "solution.csv", dtype=str).set_index("id")
    sent = pd.read_csv(sample, dtype={"id": str}, index_col="id")
    for label in sent.columns:
        sent[label] = np.where(solution.loc[sent.index, "label"] == label, 0.91, 0.01)
    sent.to_csv(tmp_path / "mine.csv")
    assert "0.0943 log_loss on the public rows" in run("submit", tmp_path / "mine.csv", "--team", "ada", "-C", root)[1]

    code, said, errors = run("baselines", "-C", root)

    assert code == 0
    assert "left out: the notebook: the kit has none for this kind of prediction\n" in errors
    board = json.loads((root / "leaderboard" / "leaderboard.json").read_text())
    assert [row["team"] for row in board["standings"]] == [
        "ada",
        "Logistic regression",
        "Each label's share of the training rows",
    ]
    assert board["standings"][2]["score"] == pytest.approx(np.log(10), abs=0.01)


def test_rankings_go_from_new_to_a_board(tmp_path: Path, run: Run) -> None:
    """A metric of rankings makes a competition of rankings; what we have no model for is told."""
    root = tmp_path / "digits"
    assert run("new", root, "--dataset", "digits", "--metric", "map_at_k")[0] == 0
    assert run("lint", "-C", root)[1].splitlines()[1:] == ["0 errors, 0 warnings, 1 note"]

    said = run("submit", root / "starter" / "sample_submission.csv", "--team", "ada", "-C", root)[1]
    code, _, errors = run("baselines", "-C", root)

    assert "map_at_k on the public rows" in said
    assert (code, errors) == (
        0,
        "left out: models: none of ours predicts rankings or several columns; podium submit --baseline takes in a file "
        "of your own\nleft out: the notebook: the kit has none for this kind of prediction\n",
    )


def test_several_columns_are_scored_together(root: Path, run: Run) -> None:
    """A second column in the rules, the rows and the solution makes a competition of two numbers."""
    edit(root / "competition.toml", 'columns = ["price"]', 'columns = ["price", "rent"]')
    for name in ("starter/train.csv", "grader/solution.csv"):
        table = pd.read_csv(root / name)
        table.assign(rent=table["price"] / 300).to_csv(root / name, index=False)
    # The sample is what the row ids are read from: it is made of the test rows, as the first kit was.
    ids = pd.read_csv(root / "starter" / "test.csv", usecols=["key"])
    ids.assign(price=0.0, rent=0.0).to_csv(root / "starter" / "sample_submission.csv", index=False)
    (root / "starter" / "baseline.ipynb").unlink()

    code, said, errors = run("kit", "-C", root)

    assert (code, errors) == (0, "")
    assert "README.md" in said
    assert "one number in each of the 2 columns" in (root / "starter" / "README.md").read_text("utf-8")
    assert run("lint", "-C", root)[1] == "0 errors, 0 warnings, 0 notes\n"
    solution = pd.read_csv(root / "grader" / "solution.csv")
    sent = solution.assign(price=solution["price"] + 3, rent=solution["rent"] - 1)[["rent", "key", "price"]]
    sent.to_csv(root / "mine.csv", index=False)
    assert "2.0000 rmse on the public rows" in run("submit", root / "mine.csv", "--team", "ada", "-C", root)[1]


@pytest.mark.parametrize(
    ("metric", "told"),
    [
        ("rmse", "'rmse' takes predictions of kind 'number', not 'label'; for these there are accuracy, "),
        ("log_los", "unknown metric 'log_los', did you mean 'log_loss'?"),
    ],
)
def test_a_metric_that_does_not_fit_the_labels_is_told(tmp_path: Path, run: Run, metric: str, told: str) -> None:
    """Labels can be predicted as labels, probabilities or rankings, not as numbers; nothing is made."""
    code, _, errors = run("new", tmp_path / "x", "--dataset", "digits", "--metric", metric)

    assert code == 3
    assert told in errors
    assert not (tmp_path / "x").exists()


def test_lint_tells_of_a_share_with_one_label(tmp_path: Path, run: Run) -> None:
    """What a metric needs of a share and does not find is told the organiser, before anybody has sent anything."""
    root = tmp_path / "digits"
    run("new", root, "--dataset", "digits", "--metric", "roc_auc")
    path = root / "grader" / "solution.csv"
    path.write_text(path.read_text().replace(",7,Public", ",1,Public"))

    code, said, _ = run("lint", "-C", root)

    assert code == 3
    assert (
        "error undefined-metric: competition.toml, [scoring] metric: roc_auc is undefined: every label must occur in "
        "the share; choose another metric, or a split in which every share has what it needs\n"
    ) in said


def test_lint_wants_a_notebook(root: Path, run: Run) -> None:
    """A kit without notebook, or with a zip that is none, is told."""
    (root / "starter" / "baseline.ipynb").unlink()
    (root / "starter" / "our-houses-kit.zip").write_bytes(b"PK")

    said = run("lint", "-C", root)[1]

    assert "warning no-notebook: starter/baseline.ipynb: is missing; podium kit makes it again\n" in said
    assert "warning stale-kit: starter/our-houses-kit.zip: is missing, or is not a zip; podium kit makes it " in said


def test_the_notebooks_submissions_become_baselines(root: Path, run: Run) -> None:
    """What the kit's notebook writes stands on the board under its own name, the kit being as it was."""
    path = root / "starter" / "baseline.ipynb"
    path.write_text(path.read_text("utf-8").replace("EPOCHS = 100 ", "EPOCHS = 25 "), "utf-8")
    kit = sorted(path.name for path in (root / "starter").iterdir())

    code, said, _ = run("baselines", "-C", root)

    assert code == 0
    assert "  Notebook\n" in said
    rows = json.loads((root / "leaderboard" / "leaderboard.json").read_text())["standings"]
    scores = {row["team"]: row["score"] for row in rows}
    assert scores["Notebook"] < 0.7 * scores["The median for every row"]
    assert sorted(path.name for path in (root / "starter").iterdir()) == kit


def test_a_notebook_that_fails_is_told(root: Path, run: Run) -> None:
    """An error in the notebook is told with its name, and what was trained before it is on the board already."""
    path = root / "starter" / "baseline.ipynb"
    book = json.loads(path.read_text("utf-8"))
    book["cells"] = [
        {"cell_type": "code", "id": "x", "metadata": {}, "outputs": [], "execution_count": None, "source": "1 / 0"}
    ]
    path.write_text(json.dumps(book), "utf-8")

    code, said, errors = run("baselines", "-C", root)

    assert code == 3
    assert errors == f"podium: {path} ended in ZeroDivisionError: division by zero\n"
    assert "Ridge regression" in said

    book["cells"] = []
    path.write_text(json.dumps(book), "utf-8")
    with pytest.raises(notebook_run.NotebookFailed, match=r"baseline\.ipynb wrote no submission\.csv$"):
        notebook_run.run(root / "starter", lambda _: None)


def test_a_slug_is_made_of_a_name() -> None:
    """What is left of a folder's name is small letters, digits and single hyphens; of nothing, a word."""
    assert [slug(text) for text in ("Our Houses", "a__b-C", "é")] == ["our-houses", "a-b-c", "competition"]


def test_the_number_of_test_rows_is_put_in_proportion() -> None:
    """Who makes a competition is told what its test rows can tell, for labels and for numbers."""
    data = Dataset("own", "X", ("a", "b"), (), pd.DataFrame(), np.array([0]), pd.DataFrame(), ("1",) * 1_234)

    assert how_many_rows(Original(data, np.array([0]))) == (
        "1,234 test rows. Two teams are told apart (paired test, 80 % power, α 0.05) that differ by\n"
        "  0.5 points          with   31,394 rows\n"
        "  1   points          with    7,847 rows\n"
        "  2   points          with    1,960 rows\n"
        "if one of them is right and the other wrong on 10 % of the rows. "
        "With these rows a lead of less than 2.6 points is noise."
    )
    numbers = replace(data, labels=())
    assert how_many_rows(Original(numbers, np.array([0.0]))).splitlines()[2:] == [
        "  1   % of the error  with    7,849 rows",
        "  2   % of the error  with    1,963 rows",
        "if their squared errors correlate by 0.9. With these rows a lead of less than 2.6 % of the error is noise.",
    ]
