"""The page of the rules: what competition.toml says, in words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from test_page import HOSTILE, Text, digests, seen
from test_standings import CLOSED, COMPETITION, START, Book

from grader import metrics
from leaderboard import leaks, metric_words, rules_page
from leaderboard.standings import Board
from submissions.checks import Quoted

HUMANS = Quoted("Humans <b>", 0.835, "accuracy", "Xiao & others, 2017")


def board(**rules: Any) -> Board:
    book = Book(replace(COMPETITION, **rules))
    book.submit("forest", 0.7, is_baseline=True)
    book.score("ada", 0.9, 0.8)
    return book.board(as_of=START + timedelta(days=1))


def text(**rules: Any) -> str:
    return seen(rules_page.html(board(**rules)))


def test_dates() -> None:
    """Opening and deadline stand in UTC and in the deadline's own offset, with what becomes of a later submission."""
    found = text()

    assert "Opens 22 Nov 2026, 00:00 UTC Deadline 8 Dec 2026, 11:59:59 UTC (7 Dec, 23:59:59 at UTC−12)" in found
    assert "A submission whose last byte arrives in that second is in time, by the organiser’s clock. Later" in found
    assert "Later than that Graded and shown as late, outside the ranking." in found
    assert "frozen" not in found
    times = [facts["datetime"] for tag, facts in Text(rules_page.html(board())).tags if tag == "time"]
    assert times == ["2026-11-22T00:00:00.000000Z", "2026-12-08T11:59:59.000000Z"]


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        ({"grace_seconds": 120}, "So is one up to 2 minutes later."),
        ({"late": "refused"}, "Later than that Refused."),
        (
            {"freeze_hours": 48},
            "Board frozen from 6 Dec 2026, 11:59:59 UTC , 2 days before the deadline. "
            "Later submissions count; what they score is shown at the reveal.",
        ),
        ({"daily_limit": 0}, "Attempts As many as you like."),
        ({"daily_limit": 1}, "Attempts 1 attempt for each team on a UTC day; the next day begins at 00:00 UTC."),
        ({"daily_limit": 5}, "Attempts 5 attempts for each team on a UTC day;"),
        ({"max_bytes": 10_000_000}, "in any order, and a label. At most 10 MB."),
        ({"max_bytes": 1_234}, "At most 1,234 bytes."),
        ({"live": "exact"}, "Shown live The public score of every submission, in full."),
        (
            {"live": "rounded"},
            "Shown live The public score in steps of about half of its standard error, and no finer.",
        ),
        ({"live": "ladder"}, "Shown live Only what is not noise. Every team starts at the organiser’s baseline;"),
        (
            {"live": "rounded"},
            "Order By the score at full precision, on the public board as far as it is shown, not by",
        ),
        ({"final_selections": 1}, "The submission that you select until the deadline; without a selection, your best"),
        ({"final_selections": 3}, "among up to 3 submissions that you select until the deadline; without a selection"),
        ({"source": "Zalando <b>"}, "Data Source Zalando <b>"),
        ({"zip_address": "https://a.org/k.zip"}, "Data Starter kit https://a.org/k.zip"),
        ({"quoted": (HUMANS,)}, "Humans <b> , 0.8350. Source: Xiao & others, 2017."),
        ({"quoted": (replace(HUMANS, metric="f1_macro"),)}, "Humans <b> , 0.835 f1_macro. Source:"),
        ({"labels": ("0", "1"), "label_names": ("cat", "1")}, "Labels 0 cat, 1 Attempts"),
        ({"labels": tuple(map(str, range(31)))}, "Labels 31, from 0 to 30 : those of the kit."),
        ({"columns": ("one", "two")}, "The score is the mean over the 2 columns."),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_each_rule_is_said(rules: dict[str, Any], sentence: str) -> None:
    """What the rules say stands on the page, in words."""
    assert sentence.replace("\N{NO-BREAK SPACE}", " ") in text(**rules).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        (
            {"kind": "number", "labels": (), "metric": "rmse"},
            "header id,label : every row id once, in any order, and a number.",
        ),
        (
            {"kind": "probability", "labels": ("no", "yes"), "metric": "log_loss"},
            "in any order, and the probability of the label yes.",
        ),
        (
            {"kind": "probability", "columns": ("a", "b", "c"), "labels": ("a", "b", "c"), "metric": "log_loss"},
            "header id,a,b,c : every row id once, in any order, and the probability of each label.",
        ),
        (
            {"kind": "ranking", "labels": ("a", "b"), "metric": "map_at_k", "k": 3},
            "and up to 3 labels, the likeliest first, with spaces between them.",
        ),
        (
            {"columns": ("one", "two")},
            "header id,one,two : every row id once, in any order, and a label in each of the",
        ),
    ],
    ids=["number", "two", "probability", "ranking", "columns"],
)
def test_what_is_sent(rules: dict[str, Any], sentence: str) -> None:
    """The file is described for each kind of prediction."""
    assert sentence in text(**rules).replace("\N{NO-BREAK SPACE}", " ")


def test_baselines_are_named() -> None:
    """Baselines stand by name, and where there is none it is said what one would be."""
    assert "Baselines forest : the organiser’s own, outside the ranking whatever they score." in text()
    empty = Book().board(as_of=START)
    assert "Baselines The organiser’s own, if there are any, outside the ranking" in seen(rules_page.html(empty))


def test_frozen_by_hand() -> None:
    """A board that stands still says since when."""
    since = datetime(2026, 11, 22, 20, tzinfo=UTC)
    found = seen(rules_page.html(replace(board(), frozen_at=since)))

    assert "Board frozen since 22 Nov 2026, 20:00 UTC . Later submissions count;" in found
    assert "Frozen since 22 Nov 2026, 20:00 UTC" in found


def test_after_the_reveal_the_final_board_is_linked() -> None:
    """Once the private board is public, page and tabs lead to it."""
    book = Book()
    book.reveal()
    html = rules_page.html(book.board(as_of=CLOSED), beside=["feed.xml", "hall.html"])

    links = [facts["href"] for tag, facts in Text(html).tags if tag == "a"]
    assert links == [
        "#rules",
        "index.html",
        "final.html",
        "rules.html",
        "final.html",
        "index.html",
        "feed.xml",
        "hall.html",
    ]
    assert "Reveal The final ranking is public." in seen(html)


@pytest.mark.parametrize("metric", metrics.METRICS.values(), ids=lambda metric: metric.name)
def test_every_metric_has_its_sentence(metric: Any) -> None:
    """Every metric on offer is explained in a sentence, with its direction."""
    sentence = metric_words.sentence(metric, COMPETITION)

    assert sentence.endswith(".")
    assert "{" not in sentence
    assert metric_words.direction(metric).startswith("Higher" if metric.higher_is_better else "Lower")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("accuracy", "Higher is better; 1 is the best there is."),
        ("rmse", "Lower is better; 0 is the best there is."),
        ("r2", "Higher is better; 1 is the best there is."),
    ],
)
def test_direction(name: str, said: str) -> None:
    """The direction of a metric is said, and where it ends."""
    assert metric_words.direction(metrics.find(name)) == said


def test_own_metric() -> None:
    """The organiser's own metric stands by its title, without an end that nobody knows."""
    found = text(metric="grader/metric.py", metric_title="Cost in euro", higher_is_better=False)

    assert "Cost in euro The organiser’s own metric. Lower is better. Public rows" in found


def test_k_is_filled_in() -> None:
    """The number of labels that count stands in the metric's sentence."""
    rules = replace(COMPETITION, kind="probability", metric="top_k_accuracy", k=3)

    assert metric_words.sentence(metrics.find("top_k_accuracy"), rules) == (
        "The share of the test rows whose true label is among the 3 likeliest ones given."
    )


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 seconds"), (1, "1 second"), (90, "90 seconds"), (60, "1 minute"), (172_800, "2 days")]
)
def test_span(seconds: int, said: str) -> None:
    """A length of time stands in the largest unit that has it whole."""
    assert rules_page.span(seconds).replace("\N{NO-BREAK SPACE}", " ") == said


def test_hostile_texts() -> None:
    """Whatever the organiser or a baseline is called stays text."""
    for name in HOSTILE:
        book = Book(replace(COMPETITION, title=name, host=name, source=name, labels=(name, "1")))
        book.submit(name, 0.5, is_baseline=True)
        parsed = Text(rules_page.html(book.board(as_of=START + timedelta(days=1))))
        assert not {"script", "img", "h3"} & {tag for tag, _ in parsed.tags}
        assert not any(key.startswith("on") or key == "style" for _, facts in parsed.tags for key in facts)


def test_policy_and_leaks() -> None:
    """The page allows its own style and nothing else, has no script, and shows no hidden score."""
    shown = board(quoted=(HUMANS,))
    html = rules_page.html(shown)
    policy = next(a["content"] for _, a in Text(html).tags if a.get("http-equiv") == "Content-Security-Policy")

    assert policy == (
        f"default-src 'none'; style-src {''.join(digests('style', html))}; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )
    assert "<script" not in html
    book = Book(shown.competition)
    book.score("ada", 0.9, 0.8)
    leaks.scan({"rules.html": html}, book.entries, shown)


def test_same_bytes_at_another_time() -> None:
    """The page does not change with the time at which it is made."""
    shown = board()

    assert rules_page.html(shown) == rules_page.html(
        replace(shown, as_of=shown.as_of + timedelta(hours=3), head="f" * 64)
    )
