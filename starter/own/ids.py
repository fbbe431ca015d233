"""The row ids of an organiser's tables: each there, each once, and the same in test rows and solution."""

from starter.own.faults import FaultLog
from starter.own.table import Table
from submissions.reading.cells import without_zero_decimals
from submissions.shown import shown

Places = dict[str, int]


def read(table: Table, column: str, log: FaultLog) -> Places:
    """The place of each row id; what is wrong with them goes into the log."""
    places: Places = {}
    repeated = []
    texts = table.column(column).tolist()
    for place, text in enumerate(texts):
        if places.setdefault(text, place) != place and text.strip():
            repeated.append(place)

    def earlier(place: int) -> str:
        return f"row id {shown(texts[place])} was already given on line {table.lines[places[texts[place]]]}"

    _note_odd(table, texts, log)
    log.add_rows("repeated-id", table.path, table.lines, repeated, earlier)
    return places


def note_unmatched(test: Table, solution: Table, places: tuple[Places, Places], log: FaultLog) -> None:
    """Say which row ids are in one of the two files only.

    Args:
        test: the test rows.
        solution: their labels.
        places: the row ids of the two, as `read` gave them.
        log: hears of the faults.
    """
    tested, solved = places
    lost = [place for text, place in tested.items() if text not in solved and text.strip()]
    strange = [place for text, place in solved.items() if text not in tested and text.strip()]
    names = {place: text for text, place in tested.items()}
    other = {place: text for text, place in solved.items()}
    log.add_rows(
        "no-label",
        test.path,
        test.lines,
        lost,
        lambda place: (
            f"row id {shown(names[place])} is not in {shown(solution.path.name)}{_hint(names[place], solved)}"
        ),
    )
    log.add_rows(
        "no-test-row",
        solution.path,
        solution.lines,
        strange,
        lambda place: f"row id {shown(other[place])} is not in {shown(test.path.name)}{_hint(other[place], tested)}",
    )


def _note_odd(table: Table, texts: list[str], log: FaultLog) -> None:
    blank = [place for place, text in enumerate(texts) if not text.strip()]
    log.add_rows("blank-id", table.path, table.lines, blank, lambda _: "the row id is blank")
    odd = [
        place for place, text in enumerate(texts) if text.strip() and (text != text.strip() or not text.isprintable())
    ]
    log.add_rows(
        "odd-id", table.path, table.lines, odd, lambda place: f"row id {shown(texts[place])} {_oddity(texts[place])}"
    )


def _oddity(text: str) -> str:
    return "has spaces around it" if text != text.strip() else "holds a character that cannot be shown"


def _hint(text: str, known: Places) -> str:
    if (whole := without_zero_decimals(text)) in known:
        return f", but {shown(whole or '')} is: it was written as a float"
    if f"{text}.0" in known:
        return f", but {shown(text + '.0')} is: it was written as a float"
    return ""
