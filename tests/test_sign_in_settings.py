"""The rules of how an organiser sets up the sign-in."""

from pathlib import Path

import pytest
from web import make_desk

import podium
from commands.host import Host
from conftest import NOW
from submissions.web import sign_in_settings
from submissions.web.sign_in_settings import GITHUB, InvalidSettings, Settings

FULL = {
    "PODIUM_SIGN_IN": "https://id.example.org/realm",
    "PODIUM_SIGN_IN_ID": "desk-1",
    "PODIUM_SIGN_IN_SECRET": "hush",
}


def message(**changed: str) -> str:
    with pytest.raises(InvalidSettings) as caught:
        sign_in_settings.read(FULL | changed)
    return str(caught.value)


def test_nothing_set_is_no_sign_in() -> None:
    """Whoever sets nothing, or sets it to nothing, has a desk with join codes only."""
    assert sign_in_settings.read({}) is None
    assert sign_in_settings.read(dict.fromkeys(FULL, " ")) is None


def test_a_provider_is_called_what_its_machine_is_called() -> None:
    """Without a title, the button says the machine's name."""
    expected = Settings("https://id.example.org/realm", "desk-1", "hush", "id.example.org")

    assert sign_in_settings.read(FULL) == expected


def test_a_title_is_what_the_organiser_says() -> None:
    """With one, the button says that."""
    found = sign_in_settings.read(FULL | {"PODIUM_SIGN_IN_TITLE": " the university "})

    assert found is not None
    assert found.title == "the university"


@pytest.mark.parametrize("word", ["github", "GitHub", " github\n"])
def test_github_is_a_word(word: str) -> None:
    """GitHub needs no address."""
    assert sign_in_settings.read(FULL | {"PODIUM_SIGN_IN": word}) == Settings(GITHUB, "desk-1", "hush", "GitHub")


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        (("PODIUM_SIGN_IN",), "PODIUM_SIGN_IN missing"),
        (("PODIUM_SIGN_IN_SECRET",), "PODIUM_SIGN_IN_SECRET missing"),
        (("PODIUM_SIGN_IN_ID", "PODIUM_SIGN_IN_SECRET"), "PODIUM_SIGN_IN_ID and PODIUM_SIGN_IN_SECRET missing"),
    ],
)
def test_half_a_sign_in_is_an_error(missing: tuple[str, ...], told: str) -> None:
    """What is missing is named; a desk does not start with a sign-in that cannot work."""
    end = "set PODIUM_SIGN_IN, PODIUM_SIGN_IN_ID and PODIUM_SIGN_IN_SECRET, or none of them"

    assert message(**dict.fromkeys(missing, "")) == f"the sign-in is half set: {told}; {end}"


def test_a_title_alone_is_half_a_sign_in() -> None:
    """A title of nothing is a slip."""
    with pytest.raises(InvalidSettings, match="half set"):
        sign_in_settings.read({"PODIUM_SIGN_IN_TITLE": "the university"})


@pytest.mark.parametrize(
    "address",
    [
        "http://id.example.org",
        "id.example.org",
        "https://",
        "https://id.example.org/?realm=1",
        "https://id.example.org/#here",
        "https://ada:pw@id.example.org",
        "https://id.example.org:port",
        "https://[::1",
        "ftp://localhost",
        "gitlab",
    ],
)
def test_an_address_is_one_that_a_secret_may_be_sent_to(address: str) -> None:
    """It is https, and names a provider and nothing else."""
    told = f"PODIUM_SIGN_IN is {address!r}: write github, or the provider's https address, such as"

    assert message(PODIUM_SIGN_IN=address) == f"{told} https://accounts.example.org"


@pytest.mark.parametrize("address", ["http://localhost:9400", "http://127.0.0.1:9400", "http://[::1]:9400"])
def test_a_provider_on_this_machine_needs_no_tls(address: str) -> None:
    """To try it out, a provider may stand on the same machine."""
    found = sign_in_settings.read(FULL | {"PODIUM_SIGN_IN": address})

    assert found is not None
    assert found.issuer == address


def test_a_title_can_be_shown() -> None:
    """A title is one line of sensible length."""
    told = message(PODIUM_SIGN_IN_TITLE="a" * 41)

    assert told.startswith("PODIUM_SIGN_IN_TITLE: ")
    assert "41 characters; 40 are allowed" in told


def test_a_secret_is_not_shown() -> None:
    """Where settings are printed, the secret is left out."""
    assert "hush" not in repr(sign_in_settings.read(FULL))


def test_a_desk_does_not_start_with_half_a_sign_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The organiser reads at once what is missing, and not the first participant."""
    desk = make_desk(tmp_path)
    desk.close()
    host = Host(lambda: NOW, None, sign_in={"PODIUM_SIGN_IN": "github"})
    with pytest.raises(SystemExit) as ended:
        podium.main(["serve", "-C", str(desk.folder.root)], host)

    assert ended.value.code == 3
    assert capsys.readouterr().err == (
        "podium: the sign-in is half set: PODIUM_SIGN_IN_ID and PODIUM_SIGN_IN_SECRET missing; "
        "set PODIUM_SIGN_IN, PODIUM_SIGN_IN_ID and PODIUM_SIGN_IN_SECRET, or none of them\n"
    )
