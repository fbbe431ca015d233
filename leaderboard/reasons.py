"""Why a team stands where it stands, in sentences: which submission counts, who is level, who is next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from leaderboard import words
from leaderboard.history import History
from leaderboard.standings import Board, Standing

_NAMED = 2  # of many teams, so many by name


@dataclass(frozen=True, slots=True)
class Place:
    """A team among the others.

    Attributes:
        level: whom it shares its rank with, and itself; none for a team outside the ranking.
        above: those with the next better score; none for the first, and outside the ranking.
    """

    row: Standing
    level: Sequence[Standing] = ()
    above: Sequence[Standing] = ()


def places(board: Board) -> Iterator[Place]:
    """Every team of a board, in its order."""
    above: Sequence[Standing] = ()
    for rank, group in groupby((row for row in board.rows if row.is_team), key=lambda row: row.rank):
        level = tuple(group)
        yield from (Place(row) if rank is None else Place(row, level, above) for row in level)
        above = above if rank is None else level


def sentences(board: Board, place: Place, history: History, before: Place | None = None) -> Iterator[Markup]:
    """The reasons for a team's place on a board.

    The score to pass is one that the board shows, and nothing is reckoned from it: a number of ours could be a hidden
    score by chance, and what a page has no room for decides too.

    Args:
        board: the one that the place is on.
        place: of the team.
        history: of the team, on that board.
        before: on the private board, the team's place on the public one.
    """
    if place.row.rank is None:
        yield _outside(board, place.row, history)
        return
    yield _counted(board, place.row, history)
    if len(place.level) > 1:
        others = _names(place.level, beside=place.row)
        told = Markup(
            "It shares rank {} with {}: their scores are equal. Of equals the earlier submission stands first."
        )
        yield told.format(words.number(place.row.rank), others)
    yield _next(board, place)
    if before and before.row.rank is not None:
        yield _moved(before.row.rank, place.row.rank)


def _counted(board: Board, row: Standing, history: History) -> Markup:
    """Which submission counts, and by which rule."""
    number, many = row.submission, history.considered
    if board.board == "public":
        return Markup("Submission {} counts: of those in time it has the best score shown.").format(number)
    if history.rule == "selected" and many == 1:
        return Markup("Submission {} counts: the team selected it.").format(number)
    best = "the best private score of the"
    if history.rule == "selected":
        return Markup("Submission {} counts: it has {} {} that the team selected.").format(number, best, many)
    has_selected = any(one.is_selected for one in history.sent)
    why = "Nothing that the team selected has a score" if has_selected else "The team has no selection"
    if many == 1:
        return Markup("{}, so that its best on the public board counts: submission {}.").format(why, number)
    told = Markup(
        "{}, so that its {} best on the public board were looked at. Of these, submission {} counts: it has {}"
    )
    return told.format(why, many, number, "the best private score.")


def _next(board: Board, place: Place) -> Markup:
    """Whom it would have to pass, and with which score."""
    own, above = place.row.score, place.above
    assert own is not None
    if not above:
        return Markup("No team has a better score.")
    score = above[0].score
    assert score is not None
    shown = words.score(score, board.metric)
    same = " The two differ in digits that have no room here." if shown == words.score(own, board.metric) else ""
    if board.board == "private" or board.phase != "open" or board.frozen_at:
        return Markup("Next above: {}, with {}.{}").format(_names(above), shown, same)
    side = "above" if board.metric.higher_is_better else "below"
    chance = ", and differ from its own by more than chance explains" if board.competition.live == "ladder" else ""
    told = Markup("To pass {}, next above with {}, a submission must show a score {} {}{}.{}")
    return told.format(_names(above), shown, side, shown, chance, same)


def _outside(board: Board, row: Standing, history: History) -> Markup:
    if row.state == "disqualified":
        return Markup("Outside the ranking: the organiser has disqualified the team.")
    if row.state == "late":
        told = Markup("Outside the ranking: nothing that came in time has a score. Of the late submissions {} is best.")
        return told.format(row.submission)
    is_waiting = any(one.state == "waits" for one in history.sent)
    if is_waiting:
        return Markup("Outside the ranking: no submission has a score yet.")
    can = board.board == "public" and board.phase == "open" and not board.frozen_at
    return Markup("Outside the ranking: no submission has a score.{}").format(
        " Any score gives it a rank." if can else ""
    )


def _moved(public: int, private: int) -> Markup:
    gained = public - private
    way = "the same" if not gained else f"{words.count(abs(gained), 'rank')} {'higher' if gained > 0 else 'lower'}"
    return Markup("On the public board it had rank {}; this is {}.").format(words.number(public), way)


def _names(teams: Sequence[Standing], beside: Standing | None = None) -> Markup:
    """Two names at most, and how many more; `beside`: the one among them that is not meant."""
    # Thousands may be level: no more of them are looked at than are told.
    told = [row for row in teams[: _NAMED + 1] if row is not beside][:_NAMED]
    texts = [Markup("<bdi>{}</bdi>").format(row.team) for row in told]
    if rest := len(teams) - len(told) - (beside is not None):
        texts.append(Markup("{}").format(words.count(rest, "more team")))
    return texts[0] if len(texts) == 1 else Markup("{} and {}").format(Markup(", ").join(texts[:-1]), texts[-1])
