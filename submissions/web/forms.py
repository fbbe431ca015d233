"""Forms: who may have sent one, and what is in it."""

from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from submissions.shown import harmless
from submissions.web import sessions
from submissions.web.files import form_of
from submissions.web.problems import Problem

_MOST_FIELDS = 1_000  # as many boxes as 64 KB can tick
_LONGEST_SHOWN = 60


async def sent(request: Request) -> FormData:
    """The fields of a form that a page of this desk has sent.

    Raises:
        Problem: 403, another site's page may have sent it; 400, it cannot be read.
    """
    _demand_same_site(request)
    form = await form_of(request, _MOST_FIELDS)
    if not sessions.is_own(request, form.get("csrf")):
        await form.close()
        raise _foreign()
    return form


def field(form: FormData, name: str) -> str:
    """The text of a field; nothing where it is not there."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


async def file(form: FormData) -> tuple[bytes, str]:
    """The bytes of the form's file, and its name fit to be shown; the form is closed.

    Raises:
        Problem: no file was chosen.
    """
    chosen = form.get("file")
    try:
        if not isinstance(chosen, UploadFile) or not chosen.filename:
            raise Problem(422, "no-file", "No file was chosen", "choose the CSV with your predictions first")
        name = harmless(chosen.filename)
        return await chosen.read(), name if len(name) <= _LONGEST_SHOWN else f"{name[: _LONGEST_SHOWN - 1]}…"
    finally:
        await form.close()


def _demand_same_site(request: Request) -> None:
    """Nothing, if the browser says that its own page sent this, or says nothing.

    Sec-Fetch-Site is what browsers say and no page can change (W3C, Fetch Metadata). Older ones send an Origin, which
    is compared with the host that they asked for, and with the desk's own address: a proxy may have changed the host.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        is_own = site in {"same-origin", "none"}
    else:
        origin = request.headers.get("origin")
        address = urlsplit(request.app.state.reception.rules.desk).netloc
        is_own = origin is None or urlsplit(origin).netloc in {request.headers.get("host"), address} - {"", None}
    if not is_own:
        raise _foreign()


def _foreign() -> Problem:
    detail = "the form is too old, or was not sent from a page of this desk: open the page anew, and send it again"
    return Problem(403, "foreign-form", "This form cannot be taken", detail)
