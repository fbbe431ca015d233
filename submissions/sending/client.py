"""A participant's side of the web desk: send a file, get its receipt. Goes with every kit, in check.pyz."""

import io
import os
import re
import secrets
import stat
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from submissions.errors import OrganiserError, Refused
from submissions.sending import address, answers, at_hand, wire
from submissions.sending.address import Address, WrongAddress
from submissions.sending.answers import Answer, NotTaken
from submissions.sending.wire import DeskUnavailable, Lost, Reply
from submissions.shown import harmless

__all__ = ["Answer", "DeskUnavailable", "NotTaken", "WrongAddress", "send", "submit"]

TIMEOUT = 30.0  # seconds without a sign of the desk
PAUSES = (1.0, 2.0, 4.0, 8.0)  # seconds before each further try
LONGEST_PAUSE = 60.0  # a desk that asks for more is asked again by a person
_TRANSIENT = {502, 503, 504}
_TOKEN = re.compile(r"podium_[!-~]{1,200}")
_KEY = re.compile(r"[!-~]{1,200}")
_TYPES = {b"\x1f\x8b": "application/gzip", b"PK": "application/zip"}


def submit(
    file: str | os.PathLike[str] = "submission.csv", *, server: str | None = None, token: str | None = None
) -> Answer | None:
    """Send a submission from a notebook; prints its receipt, or why there is none. Never ends in an error.

    Args:
        file: where it lies.
        server: where the desk stands; else PODIUM_SERVER says, or the competition.toml of the kit.
        token: the team's; else PODIUM_TOKEN says, as a variable or a secret of Colab, or it is asked for.

    Returns:
        What the desk said, for programs; None if the file was not taken.
    """
    if not isinstance(file, str | os.PathLike):
        _print(f"submit() takes the name of a file, not {type(file).__name__}: write your table as a CSV first")
        return None
    path = Path(file)
    try:
        return _submitted(path, server, token)
    except NotTaken as refused:
        _print(f"{harmless(str(path))}: {refused}" if refused.has_faults else str(refused))
    except (Refused, OrganiserError) as error:
        _print(str(error))
    except OSError as error:
        _print(f"{harmless(str(path))}: {error.strerror or error}; looked in {Path.cwd()}")
    return None


def send(
    file: str | os.PathLike[str] | bytes,
    *,
    server: str,
    token: str,
    key: str | None = None,
    progress: Callable[[int, int], None] | None = None,
    timeout: float = TIMEOUT,
    say: Callable[[str], object] = warnings.warn,
    sleep: Callable[[float], object] = time.sleep,
) -> Answer:
    """Send a file to a desk, and again if the connection is lost or the desk is not there for a moment.

    All tries carry one key, by which the desk knows that they are one (Idempotency-Key).

    Args:
        file: where it lies, or its bytes: a CSV, also as .csv.gz or as a zip with nothing else in it.
        server: the desk's address.
        token: the team's; it is in no message, and never follows a redirect.
        key: a name for this attempt to send, new for each file; made here if it is not given.
        progress: hears how many bytes have gone, of how many; after a lost connection it begins anew.
        timeout: seconds without a sign of the desk after which the connection counts as lost.
        say: hears what may be of interest on the way, a sentence each.
        sleep: waits so many seconds.

    Raises:
        NotTaken: the desk says no.
        WrongAddress: there is no desk at this address.
        DeskUnavailable: it cannot be reached, or can take nothing.
        Refused: token or key is none, or the file was changed meanwhile.
        OSError: the file cannot be read.
    """
    desk = address.read(server)
    if not _TOKEN.fullmatch(token):
        raise Refused("that is no token: a token begins with podium_ and has no blanks; copy all of it")
    if key is not None and not _KEY.fullmatch(key):
        raise Refused("a key has 1 to 200 characters, all of them letters, digits or signs of ASCII")
    if desk.is_readable:
        say(f"{desk.base} is not encrypted: whoever shares the network can read your token")
    with _opened(file) as (body, size):
        start = body.read(2)
        headers = {
            "Authorization": f"Bearer {token}",
            "Idempotency-Key": key or secrets.token_hex(16),
            "Content-Type": _TYPES.get(start, "text/csv"),
            "Accept": "application/json",
            "User-Agent": "podium",
        }

        def post() -> Reply:
            body.seek(0)
            reply = wire.post(
                desk, answers.PATH, headers, body, size, timeout=timeout, progress=progress or (lambda _, __: None)
            )
            return _without(token, reply)

        return _answer(post, desk, say, sleep)


def _answer(
    post: Callable[[], Reply], desk: Address, say: Callable[[str], object], sleep: Callable[[float], object]
) -> Answer:
    """What the first try says that has an answer; between two it waits as long as the desk says, or ever longer."""
    was_sent = False
    for pause in (*PAUSES, None):
        trouble: DeskUnavailable
        try:
            reply = post()
        except Lost as lost:
            trouble, asked = lost, None
            was_sent |= lost.was_sent
        else:
            if reply.status not in _TRANSIENT:
                return answers.read(reply, desk)
            trouble, asked, was_sent = answers.unavailable(reply, desk), reply.wait, True
        wait = pause if asked is None else asked
        if pause is None or wait is None:
            break
        if wait > LONGEST_PAUSE:
            trouble = DeskUnavailable(f"{trouble}; it asks to wait {wait:g} s")
            break
        say(f"{trouble}; trying again in {wait:g} s")
        sleep(wait)
    raise DeskUnavailable(
        f"{trouble}; {answers.SAFE if was_sent else 'nothing was sent: try again later'}"
    ) from trouble


def _without(token: str, reply: Reply) -> Reply:
    """The reply, in which a server that repeats what it was sent gives no token away."""
    headers = {name: value.replace(token, "…") for name, value in reply.headers.items()}
    return Reply(reply.status, headers, reply.body.replace(token.encode(), "…".encode()))


@contextmanager
def _opened(file: str | os.PathLike[str] | bytes) -> Iterator[tuple[BinaryIO, int]]:
    if isinstance(file, bytes):
        yield io.BytesIO(file), len(file)
        return
    path = Path(file)
    with path.open("rb") as body:
        found = os.fstat(body.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise Refused(f"{harmless(str(path))}: is not a file whose size is known: save it as a file first")
        yield body, found.st_size


def _submitted(path: Path, server: str | None, token: str | None) -> Answer | None:
    with path.open("rb"):
        pass  # a file that is not there is told before a token is asked for
    kit = at_hand.kit_of(path)
    where = at_hand.server(server, kit)
    if not where:
        _print(
            f"This kit names no desk on the web: send {harmless(path.name)} to the organiser in the way you were told; "
            "the dates and the rules are in the kit's README.md."
        )
        return None
    if refusal := at_hand.refusal(path, kit, where, _print):
        _print(refusal)
        return None
    found = at_hand.token(token)
    if not found:
        _print(at_hand.no_token(where))
        return None
    answer = send(path, server=where, token=found, say=_print)
    _print(answer.text)
    return answer


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - in a notebook, without podium.py
