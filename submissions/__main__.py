"""`python check.pyz submission.csv`: the check as it goes with every kit, for who has not installed Podium.

With --submit it also sends the file to a web desk, by `client`, which the program holds beside the check.
"""

import sys
from pathlib import Path

from submissions import checking
from submissions.errors import OrganiserError, Refused
from submissions.folder import Folder, NoCompetition, find

READY, FAULTY, USAGE, BROKEN_KIT = 0, 1, 2, 3
_USAGE = """\
usage: python {name} submission.csv
       python {name} submission.csv --submit [--server URL]
says what is wrong with the file, if anything is; with --submit sends it to the web desk, if nothing is"""


def main(program: str, arguments: list[str]) -> int:
    """Check the file that is named, by the rules beside the program, and send it if told to.

    Prints, and gives the exit code.
    """
    match arguments:
        case [name] if not name.startswith("-"):
            return _run(Path(program), Path(name))
        case [name, "--submit"] | ["--submit", name] if not name.startswith("-"):
            return _run(Path(program), Path(name), is_sent=True)
        case [name, "--submit", "--server", server] | ["--submit", "--server", server, name] if name[:1] != "-":
            return _run(Path(program), Path(name), is_sent=True, server=server)
        case _:
            _say(_USAGE.format(name=Path(program).name))
            return USAGE


def _run(program: Path, path: Path, *, is_sent: bool = False, server: str | None = None) -> int:
    try:
        folder = find(program.parent)
        if is_sent:
            return _send(path, folder, server)
        competition = folder.competition()
        is_ready, text = checking.check(path, competition, folder.row_ids(competition))
    except NoCompetition:
        _say(f"{program.name} must lie beside competition.toml: leave it in the unpacked kit")
        return BROKEN_KIT
    except OSError as error:
        _say(f"{path}: {error.strerror}; looked in {Path.cwd()}")
        return USAGE
    except (OrganiserError, Refused) as error:
        _say(str(error))
        return FAULTY if is_sent and isinstance(error, Refused) else BROKEN_KIT
    _say(text)
    return READY if is_ready else FAULTY


def _send(path: Path, folder: Folder, given: str | None) -> int:
    from submissions.sending import at_hand, client

    server = at_hand.server(given, folder)
    if refusal := at_hand.refusal(path, folder, server, _say):
        _say(refusal)
        return FAULTY
    if not server:
        _say("This kit names no web desk: name it with --server, or send the file to the organiser as you were told.")
        return USAGE
    if not (token := at_hand.token()):
        _say(at_hand.no_token(server))
        return USAGE
    try:
        answer = client.send(path, server=server, token=token, say=_say)
    except client.NotTaken as refused:
        _say(f"{path}: {refused}" if refused.has_faults else str(refused))
        return FAULTY
    _say(answer.text)
    return {"graded": READY, "refused": FAULTY}.get(answer.verdict, BROKEN_KIT)


def _say(text: str) -> None:
    # A terminal of another age takes no "…": better a "?" than a traceback.
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding))  # noqa: T201 - a program of its own, without podium.py


if __name__ == "__main__":
    sys.exit(main(sys.argv[0], sys.argv[1:]))
