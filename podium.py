"""The command line: parses, calls, prints, exits. A stage loads only when its command runs."""

import os
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import click

from commands.exits import DONE, INTERRUPTED, ORGANISER, REFUSED, USAGE
from commands.host import Host
from submissions.errors import OrganiserError, Refused

COMMANDS = {
    "new": "creation",
    "kit": "kits",
    "lint": "linting",
    "baselines": "baselines",
    "check": "checking",
    "submit": "desk",
    "serve": "serving",
    "receive": "desk",
    "grade": "desk",
    "publish": "board",
    "run": "watching",
    "status": "standing",
    "select": "decisions",
    "withdraw": "decisions",
    "disqualify": "decisions",
    "extend": "schedule",
    "deadline": "schedule",
    "regrade": "regrade",
    "solution": "regrade",
    "verify": "standing",
    "backup": "backup",
    "restore": "backup",
    "team": "team",
    "freeze": "freezing",
    "reveal": "board",
    "announce": "announce",
    "series": "series",
    "demo": "demo",
}

_INTERRUPTED = "interrupted; what has a receipt is kept, and the next run carries on"


class Podium(click.Group):
    """Commands that are imported when they are asked for, in the order an organiser meets them."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """The command of this name; None if there is none."""
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"commands.{COMMANDS[name]}"), name)
        return command


@click.group(cls=Podium, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.version_option(package_name="podium")
@click.pass_context
def podium(context: click.Context, debug: bool) -> None:  # noqa: ARG001 - main looks for --debug itself
    """A prediction competition in one folder.

    \b
    podium new fashion-mnist        make a competition
    podium check submission.csv     find every fault in a file, before it costs an attempt
    podium run -C fashion-mnist     receive, grade and publish
    """
    data, database = os.environ.get("PODIUM_DATA"), os.environ.get("PODIUM_DATABASE")
    context.obj = context.obj or Host(
        clock=lambda: datetime.now(UTC),
        data_dir=Path(data) if data else None,
        database=database or None,
        sign_in={name: value for name, value in os.environ.items() if name.startswith("PODIUM_SIGN_IN")},
    )
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def main(arguments: list[str] | None = None, host: Host | None = None) -> None:
    """Run one command and exit: the one place where an error becomes a message and an exit code."""
    given = (sys.argv[1:] if arguments is None else arguments) or ["--help"]
    try:
        code = podium.main(given, prog_name="podium", standalone_mode=False, obj=host) or DONE
    except Exception as error:  # noqa: BLE001 - no traceback ever reaches a user
        if "--debug" in given:
            import traceback

            traceback.print_exception(error)
        code = _report(error)
    except KeyboardInterrupt:
        code = _say(_INTERRUPTED, INTERRUPTED)
    sys.exit(code)


def _report(error: Exception) -> int:
    if isinstance(error, BrokenPipeError):
        # Whoever read our output has stopped: nothing is left to say, and nobody to say it to.
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
        return DONE
    message, code = _message(error)
    return _say(message, code)


def _message(error: Exception) -> tuple[str, int]:
    match error:
        case click.Abort():
            return _INTERRUPTED, INTERRUPTED
        case click.ClickException():
            context = getattr(error, "ctx", None)
            hint = f"\ntry: {context.command_path} --help" if context else ""
            return error.format_message() + hint, USAGE
        case Refused():
            return str(error), REFUSED
        case OrganiserError():
            return str(error), ORGANISER
        case OSError():
            return f"{error.filename or 'the system'}: {error.strerror or error}", ORGANISER
        case _:
            return f"podium failed: {type(error).__name__}: {error}; podium --debug … shows where", ORGANISER


def _say(message: str, code: int) -> int:
    # A file's name may hold bytes that no terminal takes.
    click.echo(f"podium: {message}".encode("utf-8", "backslashreplace").decode(), err=True)
    return code


if __name__ == "__main__":
    main()
