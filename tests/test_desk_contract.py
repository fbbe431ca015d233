"""The OpenAPI document of the web desk is true: schemathesis asks what it allows, and much that it does not."""

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from limits import parse
from schemathesis import GenerationMode
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send
from web import WebDesk, make_desk

from conftest import GOOD_FILE, good_file
from submissions.web import limits

EXAMPLES = 30  # of each operation, good ones and bad ones
NO_FILES = ["2xx", "400", "401", "403", "404", "409", "422"]  # what OpenAPI calls a file may be no file of ours
OPERATIONS = {
    "/api/submissions": ["get", "post"],
    "/api/submissions/{submission}": ["delete", "get"],
    "/api/submissions/{submission}/select": ["delete", "post"],
    "/api/check": ["post"],
    "/api/competition": ["get"],
    "/api/leaderboard": ["get"],
}
TAKE_NOTHING = {"/api/competition", "/api/leaderboard"}  # so nothing that could be bad


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDesk]:
    """A desk that takes as much as it is sent, with some submissions."""
    made = make_desk(
        tmp_path_factory.mktemp("contract"), rules=lambda text: text.replace("daily_limit = 5", "daily_limit = 0")
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "REQUESTS", parse("1000000/minute"))
        patch.setattr(limits, "GUESSES", parse("1000000/minute"))
        client = TestClient(made.app)
        for team in made.tokens:
            for label in range(3):
                headers = {"Authorization": f"Bearer {made.tokens[team]}"}
                sent = client.post("/api/submissions", content=good_file(label), headers=headers)
                assert sent.status_code == 201
        site = made.reception.parts.site
        site.mkdir(parents=True, exist_ok=True)
        (site / "leaderboard.json").write_text('{"standings": []}\n')
        yield made
    made.reception.close()
    made.close()


@pytest.fixture(scope="module")
def document(desk: WebDesk) -> schemathesis.BaseSchema:
    config = schemathesis.Config.from_dict({"checks": {"positive_data_acceptance": {"expected-statuses": NO_FILES}}})

    async def living(scope: Scope, receive: Receive, send: Send) -> None:
        """The desk, which each of schemathesis' requests would begin and end anew."""
        if scope["type"] == "http":
            await desk.app(scope, receive, send)
            return
        for stage in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{stage}.complete"})

    return schemathesis.openapi.from_asgi("/api/openapi.json", living, config=config)


@pytest.mark.parametrize(
    ("path", "method", "mode"),
    [
        (path, method, mode)
        for path, methods in OPERATIONS.items()
        for method in methods
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
        if mode == GenerationMode.POSITIVE or path not in TAKE_NOTHING
    ],
)
def test_every_answer_is_documented(
    document: schemathesis.BaseSchema, desk: WebDesk, path: str, method: str, mode: GenerationMode
) -> None:
    """Whatever is asked with a token: no failure, a documented status, type and body; and none without the token."""
    operation = document[path][method.upper()]
    headers = {"Authorization": f"Bearer {desk.tokens['Ada']}"}

    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(headers=headers)

    ask()


def test_the_document_names_every_operation(desk: WebDesk) -> None:
    """All that a program may ask for, and nothing of the pages for people."""
    document = TestClient(desk.app).get("/api/openapi.json").json()
    assert {path: sorted(operations) for path, operations in document["paths"].items()} == OPERATIONS


def test_every_file_type_of_the_document_is_taken(desk: WebDesk) -> None:
    """A sound file is taken under each media type that the document names."""
    client = TestClient(desk.app)
    document = client.get("/api/openapi.json").json()
    headers = {"Authorization": f"Bearer {desk.tokens['Grace']}"}
    for path in ("/api/submissions", "/api/check"):
        for kind in document["paths"][path]["post"]["requestBody"]["content"]:
            if kind == "multipart/form-data":
                answer = client.post(path, files={"file": GOOD_FILE}, headers=headers)
            else:
                answer = client.post(path, content=GOOD_FILE, headers={**headers, "Content-Type": kind})
            assert answer.status_code in {200, 201}, (path, kind)
