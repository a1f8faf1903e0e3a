"""Sessions: a signed token in a cookie says who is asking. Nothing is stored, so every replica knows everyone.

Verifying a signature takes about as long as all else the API does for a refusal, so what was verified is
remembered, by the whole header: the very same cookies need only their expiry looked at again.
"""

from datetime import timedelta
from typing import Any

import jwt
from bson import ObjectId
from msgspec import Struct
from starlette.requests import Request

from actors.runtime.clock import Clock
from serve_app.refusals import NOT_SIGNED_IN, ApiError

COOKIE = "session"
LIFETIME = timedelta(days=7)
ALGORITHM = "HS256"
LATEST = 2.0**53
"""The last second that a session may name: what is said beyond it may be infinite, or too long for any number."""

_CHECKS = {"require": ["sub", "email", "iat", "exp"], "verify_exp": False, "verify_iat": False}
"""The expiry is compared with the injected clock instead of the library's own."""


KNOWN_MAX = 10_000
"""Verified cookies that are remembered; with one more all are forgotten."""

KNOWN_BYTES_MAX = 1_024
"""How long remembered cookies may be: ours has some 300 bytes, and others may travel with it."""


class Session(Struct, frozen=True):
    """Who is signed in, and until when (seconds since 1970)."""

    user_id: ObjectId
    email: str
    expires_at: float


class Sessions:
    """Writes and reads session cookies."""

    def __init__(self, key: str, clock: Clock, *, secure: bool) -> None:
        """Sign with `key`; `secure` cookies travel over TLS only."""
        self._key = key
        self._clock = clock
        self._known: dict[bytes, Session] = {}
        self._attributes = "; HttpOnly; Path=/; SameSite=Lax" + ("; Secure" if secure else "")

    def opened(self, user_id: ObjectId, email: str) -> str:
        """The `Set-Cookie` that signs this user in."""
        now = self._clock.now()
        claims = {"sub": str(user_id), "email": email, "iat": now, "exp": now + LIFETIME}
        token = jwt.encode(claims, self._key, ALGORITHM)
        return f"{COOKIE}={token}; Max-Age={int(LIFETIME.total_seconds())}{self._attributes}"

    def closed(self) -> str:
        """The `Set-Cookie` that signs whoever it is out."""
        return f"{COOKIE}=; Max-Age=0{self._attributes}"

    def of(self, request: Request) -> Session | None:
        """Who sent `request`; None for nobody, which is also what anything wrong with the cookie means."""
        cookies = b"; ".join(value for name, value in request.scope["headers"] if name == b"cookie")
        session = self._known.get(cookies) or self._verify(cookies, request)
        if session is None or session.expires_at <= self._clock.now().timestamp():
            return None
        return session

    def required(self, request: Request) -> Session:
        """Who sent `request`.

        Raises:
            ApiError: nobody is signed in.
        """
        session = self.of(request)
        if session is None:
            raise ApiError(NOT_SIGNED_IN)
        return session

    def _verify(self, cookies: bytes, request: Request) -> Session | None:
        token = request.cookies.get(COOKIE)
        if not token:
            return None
        try:
            claims = jwt.decode(token, self._key, [ALGORITHM], options=_CHECKS)  # type: ignore[arg-type]
            session = _session(claims)
        except (jwt.InvalidTokenError, ValueError, TypeError):
            return None
        if len(self._known) >= KNOWN_MAX:
            self._known.clear()
        if len(cookies) <= KNOWN_BYTES_MAX:
            self._known[cookies] = session
        return session


def _session(claims: dict[str, Any]) -> Session:
    """The session that verified claims are about.

    Raises:
        TypeError: they are not about anyone, or for no time that there is.
    """
    subject, email, expiry = claims["sub"], claims["email"], claims["exp"]
    if not isinstance(subject, str) or not ObjectId.is_valid(subject) or not isinstance(email, str):
        raise TypeError("not about anyone")
    if not isinstance(expiry, int | float) or not 0 <= expiry <= LATEST:
        raise TypeError("for no time")
    return Session(ObjectId(subject), email, float(expiry))
