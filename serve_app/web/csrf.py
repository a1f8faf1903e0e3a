"""The secret that every form carries: another web site can make a browser send a form, but cannot know what is in ours.

It is the third lock, behind `SameSite` cookies and the guard's look at where a request comes from. A random cookie
names the browser; a form's token is that name, signed. Nothing is stored.
"""

import hmac
from hashlib import sha256
from secrets import token_urlsafe

from starlette.requests import Request

COOKIE = "browser"
FIELD = "csrf"
_NAME_MAX = 64


class Csrf:
    """Makes and checks tokens."""

    def __init__(self, key: str) -> None:
        """Sign with a key of our own, derived from `key`."""
        self._key = sha256(f"csrf {key}".encode()).digest()

    def browser(self, request: Request) -> str:
        """The name of the browser that asks; a new one if it has none."""
        name = request.cookies.get(COOKIE, "")
        return name if 0 < len(name) <= _NAME_MAX else token_urlsafe(24)

    def token(self, browser: str) -> str:
        """What forms for this browser carry."""
        return hmac.new(self._key, browser.encode(), sha256).hexdigest()

    def is_ours(self, request: Request, token: str) -> bool:
        """Whether a form came from a page of ours in this very browser.

        A browser that says so is believed, for no page can make it say that: its cookie may be younger than the form,
        where a first visit opens two pages at once.
        """
        if request.headers.get("sec-fetch-site") == "same-origin":
            return True
        name = request.cookies.get(COOKIE, "")
        return bool(name) and hmac.compare_digest(token.encode(), self.token(name).encode())
