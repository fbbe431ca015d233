"""Rules of submissions/predictions.py: what is accepted, and how each fault is told."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import CASES, GOOD_FILE
from submissions import competition, predictions, row_ids
from submissions.competition import Competition
from submissions.faults import MENDS, FaultLog, InvalidSubmission
from submissions.reading import careful_path, fast_path, text
from submissions.reading.kinds import kind_of
from submissions.reading.template import Template
from submissions.row_ids import RowIds

EVERY = sorted((CASES / "refused").glob("*.csv"))
REFUSED = [path for path in EVERY if path.stem != "undefined-score"]  # which needs a solution: tests/test_judging.py
ACCEPTED = sorted((CASES / "accepted").glob("*.csv"))
RULES = competition.load(CASES / "competition.toml")
NUMBERS = replace(RULES, kind="number", labels=())
LABELS = ("a", "b", "c")
PROBABILITIES = replace(RULES, kind="probability", labels=LABELS, columns=LABELS)
RANKINGS = replace(RULES, kind="ranking", labels=LABELS, k=3)
SEVERAL = replace(NUMBERS, columns=("x", "y"))
SEVERAL_LABELS = replace(RULES, columns=("x", "y"))
HARD = ["nan", "inf", "1e999", "1e-999", "0x10", "١", "5e-324", "nan(1)", "1e100", "1.0000001e100", "infinity"]
RULES_OF = {
    "ranking": RANKINGS,
    "probability": PROBABILITIES,
    "does-not-sum-to-one": PROBABILITIES,
    "not-a-number": NUMBERS,
    "not-finite": NUMBERS,
    "out-of-range": NUMBERS,
}
ROW_IDS = row_ids.from_sample(CASES / "sample_submission.csv", RULES)


def faults_of(data: bytes, rules: Competition = RULES, ids: RowIds = ROW_IDS) -> list[str]:
    with pytest.raises(InvalidSubmission) as caught:
        predictions.read(data, rules, ids)
    return list(caught.value.faults.lines())


@pytest.mark.parametrize("path", REFUSED, ids=lambda path: path.stem)
def test_refused_file_is_told_its_fault_and_only_it(path: Path) -> None:
    """Each file of tests/cases/refused breaks the rule it is named for, in the words of the .txt beside it."""
    rules = next((rules for part, rules in RULES_OF.items() if part in path.stem), RULES)
    with pytest.raises(InvalidSubmission) as caught:
        predictions.read(predictions.read_bytes(path, rules), rules, ROW_IDS)

    faults = caught.value.faults
    assert "\n".join(faults.lines()) + "\n" == path.with_suffix(".txt").read_text(encoding="utf-8")
    assert len({fault.code for fault in faults.shown}) == 1
    assert path.stem.startswith(faults.shown[0].code)


def test_every_fault_has_a_file_that_breaks_it() -> None:
    """No code of the closed list is without a case, but the one that an organiser's own metric gives."""
    told = {code for code in MENDS if any(path.stem.startswith(code) for path in EVERY)}

    assert told == set(MENDS) - {"refused-by-metric"}


@pytest.mark.parametrize("path", ACCEPTED, ids=lambda path: path.stem)
def test_accepted_without_complaint(path: Path) -> None:
    """A byte-order mark, any line ends, quoting and any order are fine, and mean the same."""
    read = predictions.read(path.read_bytes(), RULES, ROW_IDS)

    assert read.values.tolist() == [[7]] * 6


def test_numbers_are_the_nearest_floats() -> None:
    """Signs, exponents and missing zeros are fine; a number means the float64 nearest to it, on both paths."""
    plain, quoted = (
        b"id,label\n2,-0.5\n1,7\n3,1e3\n4,+7.\n5,.5\n6,0.1\n",
        b'"id",label\n2,-0.5\n1,7\n3,1e3\n4,+7.\n5,.5\n6,0.1\n',
    )
    for data in (plain, quoted):
        values = predictions.read(data, NUMBERS, ROW_IDS).values
        assert values.dtype == np.float64
        assert values.ravel().tolist() == [7.0, -0.5, 1000.0, 7.0, 0.5, 0.1]


@given(
    st.lists(
        st.one_of(st.floats().map(repr), st.from_regex(r"[-+0-9.eE_ ]{0,6}", fullmatch=True), st.sampled_from(HARD)),
        min_size=6,
        max_size=6,
    )
)
def test_fast_and_careful_paths_agree_on_numbers(cells: list[str]) -> None:
    """What the fast path takes for a number is the same number to the careful path."""
    data = "id,label\n" + "".join(f"{row},{cell}\n" for row, cell in enumerate(cells, start=1))
    kind = kind_of(NUMBERS)
    fast = fast_path.read(data.encode(), NUMBERS, ROW_IDS, kind)
    if fast is not None:
        np.testing.assert_array_equal(fast, careful_path.read(data, NUMBERS, ROW_IDS, kind))


CELLS_OF = {
    "probability": st.sampled_from(
        ["0", "1", "0.5", ".25", "2.5e-1", "-0", "0.2501", "0.251", "1.001", "nan", " 1", ""]
    ),
    "number": st.one_of(st.floats().map(repr), st.sampled_from(HARD), st.integers(-9, 9).map(str)),
    "label": st.sampled_from([*"0123456789", "10", " 1", "", "é"]),
    "ranking": st.lists(st.sampled_from(["a", "b", "c", "d", "", "a,"]), max_size=4).map(" ".join),
}
# The same with rows that sum to 1, so that the fast path has something to accept.
WHOLE_ROWS = st.permutations(["0.2", "0.3", "0.5"]) | st.permutations(["0", "1.0", "1e-4"]) | st.just([".333"] * 3)


@st.composite
def files_of(draw: st.DrawFn, rules: Competition) -> str:
    """A file of this kind with its columns and rows in any order, mostly whole."""
    names = draw(st.permutations([rules.id_column, *rules.columns]))
    cells = CELLS_OF[rules.kind]
    rows = []
    for row_id in draw(st.permutations(ROW_IDS.texts)):
        values = draw(st.lists(cells, min_size=len(rules.columns), max_size=len(rules.columns)))
        if rules.kind == "probability" and len(rules.columns) > 1 and draw(st.integers(0, 9)):
            values = draw(WHOLE_ROWS)
        given = dict(zip(rules.columns, values, strict=True)) | {rules.id_column: row_id}
        rows.append(",".join(given[name] for name in names))
    return "\n".join([",".join(names), *rows, ""])


ANY_KIND = [PROBABILITIES, RANKINGS, SEVERAL, SEVERAL_LABELS, replace(PROBABILITIES, labels=("a", "b"), columns=("b",))]


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(ANY_KIND).flatmap(lambda rules: files_of(rules).map(lambda text: (rules, text))))
def test_fast_and_careful_paths_agree_on_every_kind(case: tuple[Competition, str]) -> None:
    """Whatever the kind and the order of the columns, what the fast path takes the careful path takes for the same."""
    rules, file = case
    kind = kind_of(rules)
    fast = fast_path.read(file.encode(), rules, ROW_IDS, kind)
    if fast is not None:
        careful = careful_path.read(file, rules, ROW_IDS, kind)
        assert (fast.dtype, fast.shape) == (careful.dtype, careful.shape)
        np.testing.assert_array_equal(fast, careful)


SIX = range(1, 7)


@pytest.mark.parametrize(
    ("rules", "file", "values"),
    [
        (
            PROBABILITIES,
            "c,id,a,b\n" + "".join(f"0.{row},{row},0.2,0.{8 - row}\n" for row in SIX),
            [[0.2, (8 - row) / 10, row / 10] for row in SIX],
        ),
        (
            replace(PROBABILITIES, labels=("no", "yes"), columns=("yes",)),
            "id,yes\n" + "".join(f"{row},0.{row}\n" for row in SIX),
            [[row / 10] for row in SIX],
        ),
        (SEVERAL, "y,x,id\n" + "".join(f"{row},-{row},{row}\n" for row in SIX), [[-row, row] for row in SIX]),
        (SEVERAL_LABELS, "y,id,x\n" + "".join(f"{row},{row},0\n" for row in SIX), [[0, row] for row in SIX]),
        (
            RANKINGS,
            "id,label\n1,a\n2,b a\n3,c b a\n4,a a\n5,c\n6,b c\n",
            [[0, -1, -1], [1, 0, -1], [2, 1, 0], [0, 0, -1], [2, -1, -1], [1, 2, -1]],
        ),
    ],
    ids=["probabilities", "one probability", "numbers", "labels", "rankings"],
)
def test_every_kind_is_read_by_both_paths(rules: Competition, file: str, values: list[list[float]]) -> None:
    """Columns may stand in any order; the fast path takes a perfect file of every kind, and the careful one agrees."""
    fast = fast_path.read(file.encode(), rules, ROW_IDS, kind_of(rules))
    careful = careful_path.read(file, rules, ROW_IDS, kind_of(rules))

    assert fast is not None
    assert fast.tolist() == careful.tolist() == values
    assert predictions.read(file.encode(), rules, ROW_IDS).values.tolist() == values


def test_probabilities_sum_to_one_within_a_thousandth() -> None:
    """0.9990 and 1.0010 are 1, as rounding to three digits gives them; 0.9989 and 1.0011 are not."""
    for last, is_fine in (("0.499", True), ("0.501", True), ("0.4989", False), ("0.5011", False)):
        file = ("id,a,b,c\n" + "".join(f"{row},0.2,0.3,{last}\n" for row in SIX)).encode()
        if is_fine:
            assert predictions.read(file, PROBABILITIES, ROW_IDS).values[0].tolist() == [0.2, 0.3, float(last)]
        else:
            assert len(faults_of(file, PROBABILITIES)) == 6


def test_a_row_with_a_bad_cell_is_not_summed_as_well() -> None:
    """A probability that is none is one fault, and not a wrong sum besides."""
    file = b"id,a,b,c\n" + b"".join(b"%d,0.2,0.3,0.5\n" % row for row in range(1, 6)) + b"6,2,0.3,\n"

    assert faults_of(file, PROBABILITIES) == [
        "line 7: '2' is not a probability from 0 to 1 [out-of-range]",
        "line 7: column 'c' is blank [blank-value]",
    ]


def test_rows_are_placed_by_row_id() -> None:
    """A prediction belongs to its row id, wherever its row stands."""
    read = predictions.read(b"label,id\n6,6\n1,1\n5,5\n2,2\n4,4\n3,3\n", RULES, ROW_IDS)

    assert read.values.ravel().tolist() == [1, 2, 3, 4, 5, 6]


def test_one_row_id_twice_and_another_missing() -> None:
    """The file that graders which sort and compare by position score 1.0: both faults, both lines."""
    assert faults_of(b"id,label\n1,7\n2,7\n3,7\n3,7\n5,7\n6,7\n") == [
        "line 5: row id '3' was already given on line 4 [duplicate-row-id]",
        "row id '4' is missing (line 5 of the sample submission) [missing-row-id]",
    ]


def test_all_faults_of_a_file_are_told_in_line_order() -> None:
    """One reading names everything that is wrong, by line; what is missing comes last."""
    assert faults_of(b"id,label,label\n1,cat,1\n1,3,1\n9,3\n,3,1\n4,,1\n2.0,1,1\n") == [
        "line 1: column 'label' stands 2 times [repeated-column]",
        "line 2: label 'cat' is not one of 0, 1, 2 … 9 [unknown-label]",
        "line 3: row id '1' was already given on line 2 [duplicate-row-id]",
        "line 4: 2 cells, but the header has 3 [field-count]",
        "line 4: row id '9' is not one of the competition's [unknown-row-id]",
        "line 5: the row id in column 'id' is blank [blank-value]",
        "line 6: column 'label' is blank [blank-value]",
        "line 7: row id '2.0' is not one of the competition's; row ids were written as floats: .astype(int) "
        "[unknown-row-id]",
        "row id '3' is missing (line 4 of the sample submission) [missing-row-id]",
        "row id '5' is missing (line 6 of the sample submission) [missing-row-id]",
        "row id '6' is missing (line 7 of the sample submission) [missing-row-id]",
    ]


def test_faults_are_bounded() -> None:
    """Twenty of each code are shown, and how many more there are."""
    ids = RowIds([str(number) for number in range(1000)])
    rules = replace(RULES, max_bytes=100_000)
    lines = faults_of(b"id,label\n" + b"".join(b"%d,cat\n" % number for number in range(500)), rules, ids)

    assert len(lines) == 42
    assert lines[0] == "line 2: label 'cat' is not one of 0, 1, 2 … 9 [unknown-label]"
    assert lines[20] == "… and 480 more [unknown-label]"
    assert lines[41] == "… and 480 more [missing-row-id]"


def test_a_cell_is_shown_short_and_harmless() -> None:
    """What a file holds reaches a terminal only cut short and with controls spelled out."""
    hostile = "\x1b[2J\u202e" + "x" * 100
    [line] = faults_of(GOOD_FILE.replace(b"2,7", f"2,{hostile}".encode()))

    assert line == f"line 3: label '\\x1b[2J\\u202e{'x' * 34}…' is not one of 0, 1, 2 … 9 [unknown-label]"


def test_a_huge_header_is_refused_in_one_go() -> None:
    """A header of a hundred thousand names costs no guess for each."""
    rules = replace(RULES, max_bytes=1_000_000)
    lines = faults_of(b",".join(b"a%d" % number for number in range(100_000)) + b"\n", rules)

    assert "… and 99,980 more [unknown-column]" in lines


ROWS_OF_7 = "".join(f"{row},7\n" for row in range(1, 7))
INDEXED = "".join(f"{row - 1},{row},7\n" for row in range(1, 7))


@pytest.mark.parametrize(
    ("tool", "text", "faults"),
    [
        ("R write.csv2", '"id";"label"\n"1";"7"\n', ["separated by semicolons, not by commas [wrong-delimiter]"]),
        ("numpy.savetxt", "id label\n1 7\n", ["separated by spaces, not by commas [wrong-delimiter]"]),
        (
            "R write.csv with row names",
            '"","id","label"\n' + INDEXED,
            ["column '' is an index: write the file with index=False (in R: row.names=FALSE) [unknown-column]"],
        ),
        (
            "pandas Series.to_csv",
            ",label\n" + ROWS_OF_7,
            ["column 'id' is missing; if the first column is it, name it: index_label='id' [missing-column]"],
        ),
        ("a misspelt column", "id,Label\n" + ROWS_OF_7, ["rename 'Label' [missing-column]"]),
        ("pandas header=False with index", INDEXED, ["expected the header id,label [missing-header]"]),
        (
            "pandas, probabilities of ten labels",
            ",".join("0123456789") + "\n" + "0.1," * 9 + "0.1\n",
            ["line 1: the first row is data of 10 cells; expected the header id,label [missing-header]"],
        ),
        (
            "a file that was appended twice",
            ("id,label\n" + ROWS_OF_7) * 2,
            [
                "line 8: row id 'id' is not one of the competition's; the header stands here again [unknown-row-id]",
                "[unknown-label]",
                *["[duplicate-row-id]"] * 6,
            ],
        ),
        ("labels only", "7\n" * 6, ["expected the header id,label [missing-header]"]),
        (
            "numpy.savetxt of floats",
            "1.0e+00,7.0e+00\n",
            ["[missing-header]", "[unknown-row-id]", "[unknown-label]", *["[missing-row-id]"] * 5],
        ),
        (
            "Excel, which wrote sep= first",
            "sep=,\nid,label\n" + ROWS_OF_7,
            ["line 1: the header id,label is on line 2; it must be the first [missing-header]"],
        ),
        (
            "Excel, with a comma at the end of each line",
            "id,label,\n" + ROWS_OF_7.replace("\n", ",\n"),
            ["column 3 has no name: the line ends in a comma [unknown-column]"],
        ),
        (
            "Excel, with an empty row at the end",
            "id,label\n" + ROWS_OF_7 + ",\n",
            ["line 8: every cell is blank: delete the row [blank-value]"],
        ),
        (
            "pandas, where a merge made floats of the row ids",
            "id,label\n" + ROWS_OF_7.replace(",", ".0,"),
            ["; row ids were written as floats: .astype(int) [unknown-row-id]"] * 6,
        ),
        ("Excel's Unicode text without its mark", "id,label\n".encode("utf-16-le").decode("latin1"), ["[not-utf8]"]),
        ("a notebook", '{\n "cells": []\n}', ["the file is a Jupyter notebook, not a CSV [not-text]"]),
        ("a page that was saved", "<!DOCTYPE html>\n<p>1,7", ["the file is a web page, not a CSV [not-text]"]),
    ],
)
def test_what_common_tools_write_is_recognised(tool: str, text: str, faults: list[str]) -> None:
    """A file as a participant's tool writes it by default gets the fault that was made, and no others that follow."""
    told = faults_of(text.encode("latin1"))

    assert len(told) == len(faults), (tool, told)
    for line, fault in zip(told, faults, strict=True):
        assert line.endswith(fault), tool


def test_an_open_quotation_mark_is_told_whatever_the_size() -> None:
    """A mark that takes in the rest of a large file is told as never closed, with the line it stands on."""
    rules = replace(RULES, max_bytes=1_000_000)

    assert faults_of(b'id,label\n1,"7\n' + b"2,7\n" * 100_000, rules) == [
        "line 2: a quotation mark in the row that begins here is never closed [bad-quoting]"
    ]


@pytest.mark.parametrize(
    ("label", "hint"),
    [
        ("3.0", "; labels were written as floats: .astype(int)"),
        ("3.", "; labels were written as floats: .astype(int)"),
        ("3.000e+00", "; labels were written as floats: .astype(int)"),
        ("0.73", "; a probability was written: send the most likely label"),
        ("True", "; True and False were written: .astype(int)"),
        ("3.5", ""),
        ("nan", ""),
        ("inf", ""),
        ("03", ""),
        ("3 ", "; there are spaces around it"),
    ],
)
def test_a_near_miss_gets_a_hint(label: str, hint: str) -> None:
    """A label that is almost right is told what went wrong with it."""
    [line] = faults_of(GOOD_FILE.replace(b"2,7", f"2,{label}".encode()))

    assert line == f"line 3: label {label!r} is not one of 0, 1, 2 … 9{hint} [unknown-label]"


def test_a_row_id_is_a_text() -> None:
    """'07' and '+7' are not the row id '7', though they are the same number."""
    for other in (b"02", b"+2", b" 2", b"2 ", b"0x2"):
        assert "unknown-row-id" in faults_of(GOOD_FILE.replace(b"2,7", other + b",7"))[0]


def test_row_ids_need_not_be_numbers() -> None:
    """Row ids that are no numbers, or far apart, are found as well."""
    for texts in (["a", "b", "c"], ["1", "5000000000", "-7"], ["01", "1", "1.0"], [str(2**70), "0", "é"]):
        rows = [f"{row_id},{place}" for place, row_id in enumerate(texts)]
        data = "\n".join(["id,label", *reversed(rows)]).encode()
        assert predictions.read(data, RULES, RowIds(texts)).values.ravel().tolist() == [0, 1, 2]


CELLS = st.sampled_from(
    ["1", "2", "3", "4", "5", "6", "7", "07", "7.0", "", " ", " 7", "é", "id", "label", "x,y", '"7"']
)
ENDS = st.sampled_from(["\n", "\r\n", "\r", "\n\n", "\n \n", ""])
ROWS = st.lists(st.tuples(st.lists(CELLS, min_size=1, max_size=3).map(",".join), ENDS), max_size=9)
NEAR = st.permutations([f"{row},7" for row in range(1, 7)]).flatmap(
    lambda rows: st.tuples(st.sampled_from(["id,label", '"id",label', "id,label "]), ENDS, ENDS).map(
        lambda parts: (parts[0] + "\n" + (parts[1] or "\n").join(rows) + parts[2]).encode()
    )
)
LOOSE = ROWS.map(lambda rows: ("id,label\n" + "".join(cell + end for cell, end in rows)).encode())
RANDOM = st.binary(max_size=60).map(lambda tail: b"id,label\n" + tail)


# The sample submission with other labels, and with a byte or two of it changed.
FILLED = st.lists(st.sampled_from("0123456789 x,"), min_size=6, max_size=6).map(
    lambda labels: bytearray(
        b"id,label\n" + b"".join(b"%d,%s\n" % (row, c.encode()) for row, c in enumerate(labels, 1))
    )
)
CHANGED = st.tuples(
    FILLED, st.lists(st.tuples(st.integers(0, 32), st.sampled_from(b'17,\n\r "x\xe9')), max_size=2)
).map(lambda parts: bytes(dict(parts[1]).get(at, byte) for at, byte in enumerate(parts[0])))


@settings(max_examples=1500, deadline=None)
@given(st.one_of(NEAR, LOOSE, RANDOM, CHANGED))
def test_fast_and_careful_paths_agree(data: bytes) -> None:
    """What the fast path accepts, the careful path accepts with the same values."""
    kind = kind_of(RULES)
    try:
        text.refuse_unreadable(data, RULES.max_bytes, FaultLog())
    except InvalidSubmission:
        return
    fast = fast_path.read(data, RULES, ROW_IDS, kind)
    if fast is not None:
        careful = careful_path.read(text.decode(data, FaultLog()), RULES, ROW_IDS, kind)
        np.testing.assert_array_equal(fast, careful)


@pytest.mark.parametrize("labels", [("0", "1", ","), ("0", "10"), ("0", "é")])
def test_only_narrow_labels_have_a_template(labels: tuple[str, ...]) -> None:
    """A hole takes one letter or digit; what could pass for something else is read as columns."""
    assert Template.of((CASES / "sample_submission.csv").read_bytes(), replace(RULES, labels=labels)) is None


def test_the_sample_with_other_labels_is_read_as_a_template() -> None:
    """The file that most participants send is read in one comparison, and to the same values."""
    assert ROW_IDS.template is not None and kind_of(RULES).table is not None
    read = ROW_IDS.template.read(b"id,label\n1,9\n2,8\n3,7\n4,6\n5,5\n6,4\n", kind_of(RULES).table)

    assert read is not None
    assert read.ravel().tolist() == [9, 8, 7, 6, 5, 4]


@pytest.mark.parametrize("path", [path for path in ACCEPTED if path.stem != "quoted"], ids=lambda path: path.stem)
def test_the_fast_path_is_taken(path: Path) -> None:
    """An acceptable file without quotation marks or odd blanks does not need the careful path."""
    data = path.read_bytes().replace(b"  \n", b"")

    assert fast_path.read(data, RULES, ROW_IDS, kind_of(RULES)) is not None


@settings(max_examples=300, deadline=None)
@given(st.one_of(LOOSE, RANDOM, st.binary(max_size=200)))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """No bytes make the reader fail: they are predictions, or they have faults from the closed list."""
    try:
        assert predictions.read(data, RULES, ROW_IDS).values.shape == (6, 1)
    except InvalidSubmission as refused:
        assert refused.faults.shown
        assert {fault.code for fault in refused.faults.shown} <= set(MENDS)
