"""Sign-in with GitHub, which speaks OAuth 2.0 and has an interface of its own for who somebody is.

Source: https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
"""

from datetime import datetime

import httpx2
from authlib.integrations.httpx_client import AsyncOAuth2Client

from submissions.web.providers import Begun, Odd, Person, address, client, fetched, table, talk, text
from submissions.web.sign_in_settings import Settings


class GitHub:
    """GitHub.

    Args:
        settings: what GitHub knows the desk by.
        site: where people sign in; identities begin with it.
        api: where programs ask.
    """

    def __init__(
        self, settings: Settings, site: str = "https://github.com", api: str = "https://api.github.com"
    ) -> None:
        self.settings, self.title = settings, settings.title
        self._tls = httpx2.create_ssl_context()
        self._site, self._api = site, api

    async def address(self, begun: Begun) -> str:
        """Where the browser goes to sign in."""
        async with self._client(begun) as asking:
            return address(asking, f"{self._site}/login/oauth/authorize", begun)

    async def person(self, begun: Begun, code: str, now: datetime) -> Person:
        """Whose account it is, by its number: a name there can be given up, and taken by somebody else."""
        del now
        async with talk(self.settings), self._client(begun) as asking:
            door = f"{self._site}/login/oauth/access_token"
            await asking.fetch_token(door, code=code, code_verifier=begun.verifier)
            user = table(await fetched(asking, f"{self._api}/user", is_own=True))
            number = user.get("id")
            if isinstance(number, bool) or not isinstance(number, int) or number < 1:
                raise Odd("the account has no number")
            email = await self._email(asking)
        return Person(f"{self._site} {number}", email, text(user.get("name")) or text(user.get("login")))

    async def _email(self, asking: AsyncOAuth2Client) -> str | None:
        """The primary address, if it is verified."""
        listed = await fetched(asking, f"{self._api}/user/emails", is_own=True)
        if not isinstance(listed, list):
            raise Odd("the answer is no list of addresses")
        for one in map(table, listed):
            if one.get("primary") is True and one.get("verified") is True:
                return text(one.get("email")) or None
        return None

    def _client(self, begun: Begun) -> AsyncOAuth2Client:
        return client(self.settings, begun, self._tls, scope="user:email", method="client_secret_post")
