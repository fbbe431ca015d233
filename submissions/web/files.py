"""The file that a request brings: as the body itself, or as the field `file` of a form."""

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect

from submissions.web import problems

FIELD = "file"
_MOST_FIELDS = 10


async def sent_file(request: Request) -> bytes:
    """The bytes of the one file.

    What a client says of its type is not believed: the bytes tell (see `unpacking`), and curl calls all data a form.

    Raises:
        Problem: there is no file, or the request cannot be read.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.headers.get("content-encoding", "identity") != "identity":
        raise problems.unknown_coding()
    if kind != "multipart/form-data":
        try:
            return await request.body()
        except ClientDisconnect:
            raise _cut() from None
    form = await form_of(request, _MOST_FIELDS)
    try:
        return await file_of(form)
    finally:
        await form.close()


async def form_of(request: Request, fields: int) -> FormData:
    """The fields of a form, at most so many, to be closed by the caller; Problem if it cannot be read."""
    try:
        return await request.form(max_files=1, max_fields=fields)
    except ClientDisconnect:
        raise _cut() from None
    except (MultiPartException, HTTPException) as error:  # the latter within an application
        said = error.message if isinstance(error, MultiPartException) else error.detail
        raise problems.unreadable(f"the form cannot be read: {said}") from None
    except OSError:  # a large file lies on disk meanwhile
        raise problems.unavailable("the desk has no room for this file; nothing was recorded: try again") from None


async def file_of(form: FormData) -> bytes:
    """The bytes of a form's file; Problem if it has none."""
    file = form.get(FIELD)
    if not isinstance(file, UploadFile):
        raise problems.unreadable(f"the form has no file in its field {FIELD!r}")
    return await file.read()


def _cut() -> problems.Problem:
    return problems.unreadable("the connection was cut before the last byte; nothing was recorded")
